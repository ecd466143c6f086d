# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Deletes the runspaces that wait between the tasks of this run."""

from __future__ import annotations

import typing as t

from ..plugin_utils._action.base import Owner, Result, found, run_folder
from ..plugin_utils._action.many_hosts import ManyHostsAction


class KeptSessionOptions(t.TypedDict):
    """``hosts``: names of the inventory; none for the task's own host."""

    state: str
    hosts: list[str]


class ActionModule(ManyHostsAction):
    _requires_connection = True
    ARGUMENT_SPEC = {
        "state": {"type": "str", "choices": ["absent"], "default": "absent"},
        "hosts": {"type": "list", "elements": "str", "default": []},
    }

    def owner(self) -> Owner | None:
        return found(run_folder())

    def act(self, options: KeptSessionOptions) -> Result:
        if not options["hosts"]:
            return {"changed": False, "closed": self.session().close()}
        closed = self.on_each(options["hosts"], 10, lambda name, session: session.close())
        return {"changed": False, "closed": any(found is True for found in closed.values())}
