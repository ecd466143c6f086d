# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/content_info.py."""

from __future__ import annotations

from ..plugin_utils._action.one_resource import ResourceAction
from ..plugin_utils._domain.outage import content_info


class ActionModule(ResourceAction):
    RESOURCE = content_info.ContentInfo
    ARGUMENT_SPEC = content_info.CONTENT_INFO_SPEC
