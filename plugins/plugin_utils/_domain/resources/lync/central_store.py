"""Where the central management store is, and moving it when its data centre is gone.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t

from ...._engine.errors import CmdletFailed, CmdletMissing, Refused
from ...._engine.model import (
    LATER,
    READABLE,
    ArgumentSpec,
    Facts,
    Resource,
    Session,
    Settle,
    Step,
)
from ...calls import lync
from ...rows import lower
from ._pool import pool_scope

CENTRAL_STORE_SPEC: ArgumentSpec = {
    "sql_server": {"type": "str", "required": True},
    "instance": {"type": "str", "default": ""},
    "timeout": {"type": "int", "default": 600},
    "pool": {"type": "str", "default": ""},
    "identity": {"type": "str", "default": ""},
    "members": {"type": "list", "elements": "str", "default": []},
    "pool_state": {"type": "str", "default": ""},
}


class CentralStoreOptions(t.TypedDict):
    """``timeout``: seconds. ``pool`` and what follows it: what is known of the pool elsewhere, for
    a check run; empty texts for what is not.
    """

    sql_server: str
    instance: str
    timeout: int
    pool: str
    identity: str
    members: list[str]
    pool_state: str


class CentralStoreFacts(t.TypedDict):
    """``master``: FQDN of the server that holds it, None when it does not answer."""

    answers: bool
    master: str | None


class CentralStore(Resource[CentralStoreOptions, CentralStoreFacts]):
    """The store is moved only when it does not answer: a planned move belongs to the Lync
    administrator.
    """

    def __init__(self, options: CentralStoreOptions, host: str) -> None:
        self.options = options
        self.scope = f"host/{host}/central_store"
        if not options["sql_server"]:
            raise Refused(
                "sql_server is needed: the FQDN of the SQL Server that is to hold the central"
                " management store (failover_cms_sql_server).",
                code="bad_name",
            )

    def read(self, session: Session) -> CentralStoreFacts:
        try:
            rows = session.read(lync.central_store_status())[0]
        # says nothing of the store, and a store that answers must not be moved
        except CmdletMissing:
            raise
        except CmdletFailed:
            return {"answers": False, "master": None}
        return {"answers": True, "master": lower(rows[0], "ActiveMasterFqdn") if rows else None}

    def plan(self, current: CentralStoreFacts) -> list[Step[CentralStoreFacts]]:
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
                    holds=_answers,
                    timeout=float(self.options["timeout"]),
                ),
                also=self._then(),
            )
        ]

    def _then(self) -> dict[str, Facts]:
        """What a check run may plan on afterwards: the pool as the inventory and the replica tell
        it, and a list that nobody knows yet.
        """
        options = self.options
        if not options["pool"]:
            return {}
        scope = pool_scope(options["pool"])
        identity = options["identity"] or LATER
        pool = {
            READABLE: True,
            "published": True,
            "identity": identity,
            "state_identity": identity,
            "members": sorted(member.lower() for member in options["members"]),
            "active": [LATER],
            "pool_state": options["pool_state"] or "Normal",
            "known_pools": [options["pool"].lower()],
        }
        return {scope: pool, f"{scope} replication": {READABLE: True, "replicas": {}}}


def _answers(store: CentralStoreFacts) -> bool:
    return store["answers"]
