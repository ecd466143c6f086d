# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""What stands where and how it is protected, out of what was read; connects to nothing."""
from __future__ import annotations

from ..plugin_utils._action import PChatAction
from ..plugin_utils._domain import status


class ActionModule(PChatAction):
    _requires_connection = False
    ARGUMENT_SPEC = status.STATUS_SPEC

    def act(self, options):
        return {"changed": False, **status.describe(options)}
