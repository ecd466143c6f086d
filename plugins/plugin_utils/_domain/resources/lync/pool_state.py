"""Whether a pool uses its primary or its backup store. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from ...._engine.model import Session, Settle, State, Step
from ...calls import lync
from ._pool import POOL_OPTION, pool_scope, read_pool, require_pool

POOL_STATE_SPEC: State = {
    **POOL_OPTION,
    "state": {"type": "str", "choices": ["normal", "failed_over"], "default": "normal"},
    "timeout": {"type": "int", "default": 300},
}


class PoolState:
    """Normal: the pool uses its primary store; FailedOver: its backup store
    (Set-CsPersistentChatState reference).
    """

    def __init__(self, options: State, host: str) -> None:
        self.pool = options["pool"]
        self.scope = pool_scope(options["pool"])
        self.wanted = "Normal" if options["state"] == "normal" else "FailedOver"
        self.timeout = float(options["timeout"])

    def read(self, session: Session) -> State:
        services, states = session.read(lync.chat_services(), lync.pool_states())
        return read_pool(self.pool, services, states)

    def plan(self, current: State) -> list[Step]:
        require_pool(current, self.pool)
        if current["pool_state"] in (self.wanted, None) and (
            current["pool_state"] or self.wanted == "Normal"
        ):
            return []
        use = "primary" if self.wanted == "Normal" else "backup"
        return [
            Step(
                name="set_pool_state",
                why=f"The pool is {current['pool_state']}; it is to use its {use} store.",
                sets={"pool_state": self.wanted},
                calls=(lync.set_pool_state(current["state_identity"], self.wanted),),
                settles=Settle(
                    until=f"the pool is {self.wanted}",
                    holds=lambda state: state["pool_state"] == self.wanted,
                    timeout=self.timeout,
                    seen=lambda state: f"it is {state['pool_state']}",
                ),
            )
        ]
