# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/host_info.py."""

from __future__ import annotations

from ..plugin_utils._action.one_resource import ResourceAction
from ..plugin_utils._domain.resources.windows import host_info


class ActionModule(ResourceAction):
    RESOURCE = host_info.HostInfo
    ARGUMENT_SPEC = host_info.HOST_INFO_SPEC
