"""Which servers of a pool accept clients. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from ...._engine.errors import Refused
from ...._engine.model import ArgumentSpec, Resource, Session, Step
from ...calls import lync
from ...documents.pool import PoolFacts, PublishedPool
from ...estate.estate_info import MAX_ACTIVE, MAX_SERVERS
from ._pool import POOL_OPTION, PoolOptions, pool_scope, read_pool, require_pool

ACTIVE_SERVERS_SPEC: ArgumentSpec = {
    **POOL_OPTION,
    "servers": {"type": "list", "elements": "str", "required": True},
    "utc_offsets": {"type": "dict", "default": {}},
    "next_hop_utc_offset": {"type": "int"},
}


class ActiveServersOptions(PoolOptions):
    """Offsets are minutes ahead of UTC, by server; ``next_hop_utc_offset`` None: nobody knows."""

    servers: list[str]
    utc_offsets: dict[str, int]
    next_hop_utc_offset: int | None


class ActiveServers(Resource[ActiveServersOptions, PoolFacts]):
    """Exactly these servers accept clients.

    An empty list is allowed: nobody does (failover and failback).
    """

    def __init__(self, options: ActiveServersOptions, host: str) -> None:
        self.pool = options["pool"]
        self.scope = pool_scope(options["pool"])
        self.wanted = sorted({server.lower() for server in options["servers"]})
        if len(self.wanted) > MAX_ACTIVE:
            raise Refused(
                f"{len(self.wanted)} servers are to be active; a pool has at most {MAX_ACTIVE} at a"
                " time. Take some from the list.",
                code="too_many_active",
                servers=self.wanted,
            )
        strange = self._in_another_zone(options)
        if strange:
            raise Refused(
                f"{', '.join(strange)} stand in another time zone than the pool's next hop; active"
                " servers must be in the same one.",
                code="time_zone",
                servers=strange,
            )

    def _in_another_zone(self, options: ActiveServersOptions) -> list[str]:
        hop = options["next_hop_utc_offset"]
        if hop is None:
            return []
        offsets = {server.lower(): int(told) for server, told in options["utc_offsets"].items()}
        return [server for server in self.wanted if offsets.get(server, hop) != hop]

    def read(self, session: Session) -> PoolFacts:
        services, states = session.read(lync.chat_services(), lync.pool_states())
        return read_pool(self.pool, services, states)

    def plan(self, current: PoolFacts) -> list[Step[PoolFacts]]:
        pool = require_pool(current, self.pool)
        self._require_members(pool)
        active = pool["active"]
        if self.wanted == active:
            return []
        accept = "accepts" if len(active) < 2 else "accept"
        return [
            Step(
                name="set_active_servers",
                why=f"{', '.join(active) or 'no server'} {accept} clients now.",
                sets={"active": self.wanted},
                calls=(lync.set_active_servers(pool["identity"], self.wanted),),
            )
        ]

    def _require_members(self, pool: PublishedPool) -> None:
        members = pool["members"]
        if len(members) > MAX_SERVERS:
            raise Refused(
                f"The pool has {len(members)} servers; at most {MAX_SERVERS} are supported.",
                code="too_many_servers",
            )
        strangers = sorted(set(self.wanted) - set(members))
        if not strangers:
            return
        are = "is" if len(strangers) == 1 else "are"
        raise Refused(
            f"{', '.join(strangers)} {are} not among the"
            f" servers of {self.pool}: {', '.join(members)}. Add the machine in"
            " Topology Builder, or correct the list.",
            code="not_a_member",
            strangers=strangers,
        )
