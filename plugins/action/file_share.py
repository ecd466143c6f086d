# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/file_share.py."""

from __future__ import annotations

from ..plugin_utils._action.one_resource import ResourceAction
from ..plugin_utils._domain.resources.windows import file_share


class ActionModule(ResourceAction):
    RESOURCE = file_share.FileShare
    ARGUMENT_SPEC = file_share.FILE_SHARE_SPEC
