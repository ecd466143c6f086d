# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/log_tail_backup.py."""
from __future__ import annotations

from ..plugin_utils._action import ResourceAction
from ..plugin_utils._domain import recovery


class ActionModule(ResourceAction):
    RESOURCE = recovery.LogTailBackup
    ARGUMENT_SPEC = recovery.LOG_TAIL_BACKUP_SPEC
