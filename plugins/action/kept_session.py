# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Deletes the runspaces that wait between the tasks of this run."""
from __future__ import annotations

import concurrent.futures

from ..plugin_utils._action import PChatAction
from ..plugin_utils._engine.errors import PChatError
from ..plugin_utils._transport.others import endpoint_of_host, impatient


class ActionModule(PChatAction):
    ARGUMENT_SPEC = {
        "state": {"type": "str", "choices": ["absent"], "default": "absent"},
        "hosts": {"type": "list", "elements": "str", "default": []},
    }

    def act(self, options):
        if not options["hosts"]:
            return {"changed": False, "closed": self.session().close()}
        with concurrent.futures.ThreadPoolExecutor(max_workers=16) as pool:
            return {"changed": False, "closed": any(list(pool.map(self._close, self._endpoints(options["hosts"]))))}

    def _endpoints(self, names):
        """Hosts that cannot be connected to have no runspace of ours."""
        found = []
        for name in names:
            try:
                found.append(endpoint_of_host(self._vars["hostvars"][name], self._play_context, str(self._connection.transport)))
            except PChatError:
                continue
        return found

    def _close(self, endpoint):
        return self.session(endpoint=impatient(endpoint, 10)).close()
