"""The plan: next_move unfolded on predicted states. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Callable

from ..._engine.errors import PChatError
from . import failback, failover, mirror_failover
from .effects import effect
from .estate import Estate
from .loss import Loss, loss_of
from .moves import Move
from .options import Options
from .situation import Situation, classify

#: A failback of two databases takes about twenty; more means that a move's predicted effect is not
#: what the planner looks at.
MOST_MOVES = 60
NEXT: dict[str, Callable[[Estate, Options], Move | None]] = {
    "failover": failover.next_move,
    "failback": failback.next_move,
    "mirror_failover": mirror_failover.next_move,
}


class NoProgress(PChatError):
    """A bug of the planner: its moves lead nowhere."""

    code = "no_progress"


@dataclasses.dataclass(frozen=True)
class Plan:
    situation: Situation
    moves: tuple[Move, ...]
    loss: Loss

    @property
    def first_one_way(self) -> Move | None:
        return next((m for m in self.moves if m.one_way), None)


def unfold(estate: Estate, options: Options) -> Plan:
    """Every move from here to the goal.

    Refused when any of them would be: nothing is begun that cannot be ended.
    """
    moves: list[Move] = []
    now = estate
    while (found := NEXT[options.target](now, options)) is not None:
        moves.append(found)
        if len(moves) > MOST_MOVES:
            raise NoProgress(
                f"The plan does not end: {', '.join(m.name for m in moves[-6:])} ... This is a bug;"
                " please report it with the output of status.yml. Nothing was changed.",
                moves=[m.name for m in moves],
            )
        now = effect(now, found)
    return Plan(classify(estate), tuple(moves), _loss(estate, options, moves))


def _loss(estate: Estate, options: Options, moves: t.Sequence[Move]) -> Loss:
    if any(m.name == "force_service" for m in moves):
        return Loss(
            None,
            None,
            None,
            None,
            (),
            "What the principal had not sent to its mirror is lost: nothing, if the session was"
            " SYNCHRONIZED when it was lost; nobody can tell from here.",
        )
    if not any(m.name == "recover_database" for m in moves):
        return Loss(0, None, None, None, (), "Nothing is lost by this.")
    return loss_of(estate)
