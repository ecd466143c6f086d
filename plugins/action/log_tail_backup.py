# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/log_tail_backup.py."""

from __future__ import annotations

from ..plugin_utils._action.one_resource import ResourceAction
from ..plugin_utils._domain.resources.sqlserver import log_tail_backup


class ActionModule(ResourceAction):
    RESOURCE = log_tail_backup.LogTailBackup
    ARGUMENT_SPEC = log_tail_backup.LOG_TAIL_BACKUP_SPEC
