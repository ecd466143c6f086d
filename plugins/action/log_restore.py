# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/log_restore.py."""

from __future__ import annotations

from ..plugin_utils._action.one_resource import ResourceAction
from ..plugin_utils._domain.resources.sqlserver import log_restore


class ActionModule(ResourceAction):
    RESOURCE = log_restore.LogRestore
    ARGUMENT_SPEC = log_restore.LOG_RESTORE_SPEC
