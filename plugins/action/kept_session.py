# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""The runspaces that wait between the tasks of this run."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ..plugin_utils._action.base import Owner, Result, found, run_folder
from ..plugin_utils._action.many_hosts import ManyHostsAction
from ..plugin_utils._domain.calls import lync


class KeptSessionOptions(t.TypedDict):
    """``hosts``: names of the inventory; none for the task's own host."""

    state: str
    hosts: list[str]


class ActionModule(ManyHostsAction):
    _requires_connection = True
    ARGUMENT_SPEC = {
        "state": {"type": "str", "choices": ["absent", "present"], "default": "absent"},
        "hosts": {"type": "list", "elements": "str", "default": []},
    }
    _begins = False

    def owner(self) -> Owner | None:
        """Nobody starts one to tell it that nothing is to be held."""
        return super().owner() if self._begins else found(run_folder())

    def act(self, options: KeptSessionOptions) -> Result:
        hosts = options["hosts"]
        if options["state"] == "present":
            return {"changed": False, "begun": self._prepare(hosts or [self.target])}
        if not hosts:
            return {"changed": False, "closed": self.session().close()}
        closed = self.on_each(hosts, 10, lambda name, session: session.close())
        return {"changed": False, "closed": _on_any(closed)}

    def _prepare(self, hosts: list[str]) -> bool:
        """By a call that is cheap and needs Lync's module, which is imported for it. What is wrong
        with a host is told by the task that needs it.
        """
        self._begins = True
        call = lync.chat_services()
        return _on_any(self.on_each(hosts, None, lambda name, session: session.prepare(call)))


def _on_any(done: Mapping[str, object]) -> bool:
    return any(what is True for what in done.values())
