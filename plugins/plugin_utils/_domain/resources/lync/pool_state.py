"""Whether a pool uses its primary or its backup store. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from ...._engine.model import ArgumentSpec, Resource, Session, Settle, Step
from ...calls import lync
from ...documents.pool import PoolFacts
from ._pool import POOL_OPTION, PoolOptions, pool_scope, read_pool, require_pool

POOL_STATE_SPEC: ArgumentSpec = {
    **POOL_OPTION,
    "state": {"type": "str", "choices": ["normal", "failed_over"], "default": "normal"},
    "timeout": {"type": "int", "default": 300},
}


class PoolStateOptions(PoolOptions):
    """``timeout``: seconds."""

    state: str
    timeout: int


class PoolState(Resource[PoolStateOptions, PoolFacts]):
    """Normal: the pool uses its primary store; FailedOver: its backup store
    (Set-CsPersistentChatState reference).
    """

    def __init__(self, options: PoolStateOptions, host: str) -> None:
        self.pool = options["pool"]
        self.scope = pool_scope(options["pool"])
        self.wanted = "Normal" if options["state"] == "normal" else "FailedOver"
        self.timeout = float(options["timeout"])

    def read(self, session: Session) -> PoolFacts:
        services, states = session.read(lync.chat_services(), lync.pool_states())
        return read_pool(self.pool, services, states)

    def plan(self, current: PoolFacts) -> list[Step[PoolFacts]]:
        pool = require_pool(current, self.pool)
        if pool["pool_state"] == self.wanted:
            return []
        store = "primary" if self.wanted == "Normal" else "backup"
        return [
            Step(
                name="set_pool_state",
                why=f"The pool is {pool['pool_state']}; it is to use its {store} store.",
                sets={"pool_state": self.wanted},
                calls=(lync.set_pool_state(pool["state_identity"], self.wanted),),
                settles=Settle(
                    until=f"the pool is {self.wanted}",
                    holds=self._is_wanted,
                    timeout=self.timeout,
                    seen=_what_it_is,
                ),
            )
        ]

    def _is_wanted(self, pool: PoolFacts) -> bool:
        return pool["pool_state"] == self.wanted


def _what_it_is(pool: PoolFacts) -> str:
    return f"it is {pool['pool_state']}"
