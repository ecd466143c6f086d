"""Replication of the topology to the servers of a pool. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from ...._engine.model import Resource, Session, Settle, State, Step
from ...calls import lync
from ...rows import text_of
from ._pool import POOL_OPTION, pool_scope

REPLICATION_SPEC: State = {
    **POOL_OPTION,
    "servers": {"type": "list", "elements": "str", "required": True},
    "timeout": {"type": "int", "default": 900},
}


class Replication(Resource[State, State]):
    """Waits until the configuration has reached these machines: state replicas {fqdn:
    up_to_date}.
    """

    def __init__(self, options: State, host: str) -> None:
        self.scope = f"{pool_scope(options['pool'])} replication"
        self.servers = sorted(s.lower() for s in options["servers"])
        self.timeout = float(options["timeout"])

    def read(self, session: Session) -> State:
        rows = session.read(lync.replication_status())[0]
        found = {text_of(r.get("ReplicaFqdn")).lower(): bool(r.get("UpToDate")) for r in rows}
        return {"replicas": {s: found.get(s) for s in self.servers}}

    def plan(self, current: State) -> list[Step[State]]:
        late = [s for s, up in current["replicas"].items() if not up]
        if not late:
            return []
        return [
            Step(
                name="replicate",
                why=f"The configuration has not reached {', '.join(late)}.",
                sets={"replicas": dict.fromkeys(self.servers, True)},
                calls=tuple(lync.replicate(s) for s in late),
                settles=Settle(
                    until=f"the configuration has reached {', '.join(late)}",
                    holds=lambda state: all(state["replicas"].values()),
                    timeout=self.timeout,
                    seen=lambda state: (
                        f"{sum(map(bool, state['replicas'].values()))} of {len(state['replicas'])}"
                        " are up to date"
                    ),
                ),
            )
        ]
