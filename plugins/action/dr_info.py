# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
"""See plugins/modules/dr_info.py. One task looks at all hosts at the same time."""
from __future__ import annotations

import concurrent.futures
import datetime as dt

from ..plugin_utils._action import PChatAction, plain
from ..plugin_utils._domain.dr import look
from ..plugin_utils._engine.errors import PChatError, Unreachable
from ..plugin_utils._transport.others import endpoint_of_host, impatient

#: More at the same time gain nothing: an estate of a stretched pool has about twenty hosts.
MOST_AT_ONCE = 32


class ActionModule(PChatAction):
    _requires_connection = False
    ARGUMENT_SPEC = {
        "estate": {"type": "dict", "required": True},
        "databases": {"type": "list", "elements": "str", "default": ["mgc"]},
        "log_share": {"type": "str", "required": True},
        "copy_folder": {"type": "str", "required": True},
        "answer_within": {"type": "int", "default": 15},
    }

    def act(self, options):
        estate = options["estate"]
        endpoints = {name: self._endpoint(name) for name in estate["hosts"]}
        sessions = {name: self._session(name, endpoint, options) for name, endpoint in endpoints.items()}   # templating is not for threads
        with concurrent.futures.ThreadPoolExecutor(max_workers=min(MOST_AT_ONCE, max(len(endpoints), 1))) as pool:
            running = {name: pool.submit(self._look, name, sessions[name], options, endpoints) for name in endpoints}
            hosts = {name: future.result() for name, future in running.items()}
        now = dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        silent = sorted(name for name, seen in hosts.items() if not seen["answers"])
        return {"changed": False, "document": {"estate": estate, "now": now, "hosts": hosts}, "silent": silent}

    def _endpoint(self, name):
        """An endpoint, or the error that the host's variables lead to."""
        try:
            return endpoint_of_host(self._vars["hostvars"][name], self._play_context, str(plain(self._connection.transport)))
        except PChatError as error:
            return error

    def _session(self, name, endpoint, options):
        if isinstance(endpoint, PChatError):
            return endpoint
        return self.session(options["estate"]["instance"][name], endpoint=impatient(endpoint, options["answer_within"]))

    @staticmethod
    def _look(name, opened, options, endpoints):
        seen = {"answers": False, "why": None, "sql": None, "pool": None, "chat": None, "sees": {}}
        if isinstance(opened, PChatError):
            return {**seen, "why": str(opened)}
        estate = options["estate"]
        slot = next((s for s, host in estate["sql"].items() if host == name), None)
        instance = estate["instance"][name]
        try:
            with opened as session:
                if slot is not None:
                    seen["sql"] = look.read_sql(session, estate["fqdn"][name], instance, options["databases"])
                    if slot == "backup":
                        seen["sql"]["intent"] = look.read_intent(session, estate["pool"])
                        seen["sql"]["logs"] = look.read_logs(session, "mgc", options["log_share"], options["copy_folder"], seen["sql"])
                if name in estate["management"]:
                    seen["pool"] = look.read_pool_state(session, estate["pool"])
                    if estate["site"][name] == "backup":
                        seen["sees"] = look.read_sees(session, _primary_site(estate, endpoints))
                if name in estate["servers"]["primary"] + estate["servers"]["backup"]:
                    seen["chat"] = look.read_chat(session)
                if slot is None and seen["pool"] is None and seen["chat"] is None:
                    look.read_alive(session)
                seen["answers"] = True
        except Unreachable as error:
            seen["why"] = str(error)
        except PChatError as error:
            seen.update(why=str(error), sql=None)
        return seen


def _primary_site(estate, endpoints):
    """The SQL Servers of the primary pair, by the port on which this controller would manage them."""
    names = [estate["sql"][slot] for slot in ("primary", "mirror") if estate["sql"][slot]]
    return {n: (estate["fqdn"][n], int(endpoints[n].wsman["port"])) for n in names if not isinstance(endpoints[n], PChatError)}
