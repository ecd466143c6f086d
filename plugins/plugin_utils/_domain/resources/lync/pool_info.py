"""What a pool is, read only. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from collections.abc import Sequence

from ...._engine.model import ArgumentSpec, Record, Resource, Session, Step
from ...calls import lync
from ...documents.pool import PoolInfoFacts, Replica
from ...rows import flag, lower, text_or_none
from ._pool import POOL_OPTION, PoolOptions, pool_scope, read_pool, stores_of

POOL_INFO_SPEC: ArgumentSpec = dict(POOL_OPTION)


class PoolInfo(Resource[PoolOptions, PoolInfoFacts]):
    """What pool_state and active_servers know, and what the pool depends on; nothing is changed."""

    tells_only = True

    def __init__(self, options: PoolOptions, host: str) -> None:
        self.pool = options["pool"]
        self.scope = f"{pool_scope(self.pool)} info"

    def read(self, session: Session) -> PoolInfoFacts:
        services, states, replicas, central = session.read(
            lync.chat_services(),
            lync.pool_states(),
            lync.replication_status(),
            lync.central_store_status(),
        )
        return {
            **read_pool(self.pool, services, states),
            **stores_of(services, self.pool),
            "replication": _replication(replicas),
            "cms": lower(central[0], "ActiveMasterFqdn") if central else None,
        }

    def plan(self, current: PoolInfoFacts) -> list[Step[PoolInfoFacts]]:
        return []


def _replication(rows: Sequence[Record]) -> dict[str, Replica]:
    """Of Get-CsManagementStoreReplicationStatus."""
    replicas: dict[str, Replica] = {}
    for row in rows:
        replicas[lower(row, "ReplicaFqdn")] = {
            "up_to_date": flag(row, "UpToDate"),
            "last_update": text_or_none(row, "LastUpdateCreation"),
        }
    return dict(sorted(replicas.items()))
