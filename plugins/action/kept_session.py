# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Deletes the runspace that waits between the tasks of this run."""
from __future__ import annotations

from ..plugin_utils._action import PChatAction


class ActionModule(PChatAction):
    ARGUMENT_SPEC = {"state": {"type": "str", "choices": ["absent"], "default": "absent"}}

    def act(self, options):
        return {"changed": False, "closed": self.session().close()}
