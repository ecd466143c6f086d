"""The moves of a failover and a failback, and what each is predicted to change.

FOR INTERNAL COLLECTION USE ONLY.

A move is data: the role has one file of tasks for each name, and the planner unfolds a plan by
predicting effects, move by move.
"""

from __future__ import annotations

import dataclasses

from ..documents.plan import MoveArgs, MoveDocument

#: Whatever puts a copy to work, stops it or replaces it. The estate is looked at again right before
#: each of them and after it.
ONE_WAY = frozenset(
    {
        "recover_database",
        "back_up_tail",
        "restore_on_primary",
        "restore_tail",
        "reopen_primary",
        "force_service",
        "retire_old_copy",
    }
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Move:
    """``host``: the inventory host that it is asked of, None for one that several hosts take part
    in. ``args``: for its file of tasks.
    """

    name: str
    why: str
    host: str | None = None
    args: MoveArgs = dataclasses.field(default_factory=MoveArgs)

    @property
    def one_way(self) -> bool:
        """No plan leads back."""
        return self.name in ONE_WAY

    @property
    def key(self) -> tuple[str, str | None]:
        """What makes it the same move after another look: minutes and LSNs in the sentences may
        differ.
        """
        return self.name, self.host

    def as_dict(self) -> MoveDocument:
        """As plain values."""
        return {
            "name": self.name,
            "host": self.host,
            "why": self.why,
            "one_way": self.one_way,
            "args": {**self.args},
        }
