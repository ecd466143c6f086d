"""Replication of the topology to the servers of a pool. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import typing as t

from ...._engine.model import ArgumentSpec, Resource, Session, Settle, Step
from ...calls import lync
from ...rows import flag, lower
from ._pool import POOL_OPTION, PoolOptions, pool_scope

REPLICATION_SPEC: ArgumentSpec = {
    **POOL_OPTION,
    "servers": {"type": "list", "elements": "str", "required": True},
    "timeout": {"type": "int", "default": 900},
}


class ReplicationOptions(PoolOptions):
    """``servers``: FQDNs. ``timeout``: seconds."""

    servers: list[str]
    timeout: int


class ReplicationFacts(t.TypedDict):
    """``replicas``: FQDN -> whether it is up to date, None for a machine that has no replica."""

    replicas: dict[str, bool | None]


class Replication(Resource[ReplicationOptions, ReplicationFacts]):
    """Waits until the configuration has reached these machines."""

    def __init__(self, options: ReplicationOptions, host: str) -> None:
        self.scope = f"{pool_scope(options['pool'])} replication"
        self.servers = sorted(server.lower() for server in options["servers"])
        self.timeout = float(options["timeout"])

    def read(self, session: Session) -> ReplicationFacts:
        rows = session.read(lync.replication_status())[0]
        found = {lower(row, "ReplicaFqdn"): flag(row, "UpToDate") for row in rows}
        return {"replicas": {server: found.get(server) for server in self.servers}}

    def plan(self, current: ReplicationFacts) -> list[Step[ReplicationFacts]]:
        late = [
            server for server, is_up_to_date in current["replicas"].items() if not is_up_to_date
        ]
        if not late:
            return []
        return [
            Step(
                name="replicate",
                why=f"The configuration has not reached {', '.join(late)}.",
                sets={"replicas": dict.fromkeys(self.servers, True)},
                calls=tuple(map(lync.replicate, late)),
                settles=Settle(
                    until=f"the configuration has reached {', '.join(late)}",
                    holds=_has_reached_all,
                    timeout=self.timeout,
                    seen=_how_many,
                ),
            )
        ]


def _has_reached_all(facts: ReplicationFacts) -> bool:
    return all(facts["replicas"].values())


def _how_many(facts: ReplicationFacts) -> str:
    replicas = facts["replicas"]
    reached = sum(map(bool, replicas.values()))
    return f"{reached} of {len(replicas)} are up to date"
