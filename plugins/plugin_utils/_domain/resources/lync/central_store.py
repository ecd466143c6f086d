"""Where the central management store is, and moving it when its data centre is gone.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

from ...._engine.errors import CmdletFailed, CmdletMissing, Refused
from ...._engine.model import LATER, READABLE, Resource, Session, Settle, State, Step
from ...calls import lync
from ...rows import text_of
from ._pool import pool_scope

CENTRAL_STORE_SPEC: State = {
    "sql_server": {"type": "str", "required": True},
    "instance": {"type": "str", "default": ""},
    "timeout": {"type": "int", "default": 600},
    "pool": {"type": "str", "default": ""},
    "identity": {"type": "str", "default": ""},
    "members": {"type": "list", "elements": "str", "default": []},
    "pool_state": {"type": "str", "default": ""},
}


class CentralStore(Resource[State, State]):
    """State: answers, master. The store is moved only when it does not answer: a planned move
    belongs to the Lync administrator.
    """

    def __init__(self, options: State, host: str) -> None:
        self.options = options
        self.scope = f"host/{host}/central_store"
        if not options["sql_server"]:
            raise Refused(
                "sql_server is needed: the FQDN of the SQL Server that is to hold the central"
                " management store (failover_cms_sql_server).",
                code="bad_name",
            )

    def read(self, session: Session) -> State:
        try:
            rows = session.read(lync.central_store_status())[0]
        # says nothing of the store, and a store that answers must not be moved
        except CmdletMissing:
            raise
        except CmdletFailed:
            return {"answers": False, "master": None}
        return {
            "answers": True,
            "master": text_of(rows[0].get("ActiveMasterFqdn")).lower() if rows else None,
        }

    def plan(self, current: State) -> list[Step[State]]:
        if current["answers"]:
            return []
        return [
            Step(
                name="fail_over_store",
                why="The central management store does not answer.",
                sets={"answers": True, "master": LATER},
                calls=(lync.fail_over_store(self.options["sql_server"], self.options["instance"]),),
                settles=Settle(
                    until="the central management store answers",
                    holds=lambda state: bool(state["answers"]),
                    timeout=float(self.options["timeout"]),
                ),
                also=self._then(),
            )
        ]

    def _then(self) -> dict[str, State]:
        """What a check run may plan on afterwards: the pool as the inventory and the replica tell
        it, and a list that nobody knows yet.
        """
        o = self.options
        if not o["pool"]:
            return {}
        scope = pool_scope(o["pool"])
        identity = o["identity"] or LATER
        pool = {
            READABLE: True,
            "published": True,
            "identity": identity,
            "state_identity": identity,
            "members": sorted(m.lower() for m in o["members"]),
            "active": [LATER],
            "pool_state": o["pool_state"] or "Normal",
            "known_pools": [o["pool"].lower()],
        }
        return {scope: pool, f"{scope} replication": {READABLE: True, "replicas": {}}}
