"""Which servers of a pool accept clients. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from ...._engine.errors import Refused
from ...._engine.model import Resource, Session, State, Step
from ...calls import lync
from ...documents.pool import PoolFacts
from ...estate.estate_info import MAX_ACTIVE, MAX_SERVERS
from ._pool import POOL_OPTION, pool_scope, read_pool, require_pool

ACTIVE_SERVERS_SPEC: State = {
    **POOL_OPTION,
    "servers": {"type": "list", "elements": "str", "required": True},
    "utc_offsets": {"type": "dict", "default": {}},
    "next_hop_utc_offset": {"type": "int"},
}


class ActiveServers(Resource[State, PoolFacts]):
    """Exactly these servers accept clients.

    An empty list is allowed: nobody does (failover and failback).
    """

    def __init__(self, options: State, host: str) -> None:
        self.pool = options["pool"]
        self.scope = pool_scope(options["pool"])
        self.wanted = sorted({s.lower() for s in options["servers"]})
        if len(self.wanted) > MAX_ACTIVE:
            raise Refused(
                f"{len(self.wanted)} servers are to be active; a pool has at most {MAX_ACTIVE} at a"
                " time. Take some from the list.",
                code="too_many_active",
                servers=self.wanted,
            )
        offsets = {k.lower(): int(v) for k, v in options["utc_offsets"].items()}
        hop = options["next_hop_utc_offset"]
        strange = [s for s in self.wanted if hop is not None and s in offsets and offsets[s] != hop]
        if strange:
            raise Refused(
                f"{', '.join(strange)} stand in another time zone than the pool's next hop; active"
                " servers must be in the same one.",
                code="time_zone",
                servers=strange,
            )

    def read(self, session: Session) -> PoolFacts:
        services, states = session.read(lync.chat_services(), lync.pool_states())
        return read_pool(self.pool, services, states)

    def plan(self, current: PoolFacts) -> list[Step[PoolFacts]]:
        pool = require_pool(current, self.pool)
        if len(pool["members"]) > MAX_SERVERS:
            raise Refused(
                f"The pool has {len(pool['members'])} servers; at most {MAX_SERVERS} are"
                " supported.",
                code="too_many_servers",
            )
        strangers = sorted(set(self.wanted) - set(pool["members"]))
        if strangers:
            raise Refused(
                f"{', '.join(strangers)} {'is' if len(strangers) == 1 else 'are'} not among the"
                f" servers of {self.pool}: {', '.join(pool['members'])}. Add the machine in"
                " Topology Builder, or correct the list.",
                code="not_a_member",
                strangers=strangers,
            )
        if self.wanted == pool["active"]:
            return []
        shown = ", ".join(pool["active"]) or "no server"
        return [
            Step(
                name="set_active_servers",
                why=f"{shown} accept{'s' if len(pool['active']) < 2 else ''} clients now.",
                sets={"active": self.wanted},
                calls=(lync.set_active_servers(pool["identity"], self.wanted),),
            )
        ]
