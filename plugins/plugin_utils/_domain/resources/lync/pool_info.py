"""What a pool is, read only. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from ...._engine.model import Resource, Session, State, Step
from ...calls import lync
from ...rows import text_of
from ._pool import POOL_OPTION, pool_scope, read_pool, stores_of

POOL_INFO_SPEC: State = dict(POOL_OPTION)


class PoolInfo(Resource[State, State]):
    """State: what pool_state and active_servers know, stores, next hop, file store, replication
    {fqdn: {up_to_date, last_update}}, cms.
    """

    def __init__(self, options: State, host: str) -> None:
        self.pool: str = options["pool"]
        self.scope = f"{pool_scope(self.pool)} info"

    def read(self, session: Session) -> State:
        services, states, replicas, central = session.read(
            lync.chat_services(),
            lync.pool_states(),
            lync.replication_status(),
            lync.central_store_status(),
        )
        replication = {
            text_of(r.get("ReplicaFqdn")).lower(): {
                "up_to_date": bool(r.get("UpToDate")),
                "last_update": r.get("LastUpdateCreation"),
            }
            for r in replicas
        }
        return {
            **read_pool(self.pool, services, states),
            **stores_of(services, self.pool),
            "replication": dict(sorted(replication.items())),
            "cms": text_of(central[0].get("ActiveMasterFqdn")).lower() if central else None,
        }

    def plan(self, current: State) -> list[Step[State]]:
        return []
