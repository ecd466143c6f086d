"""The plan: next_move unfolded on predicted states. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import dataclasses
import itertools
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
    """A bug of the planner: its moves lead nowhere. ``details``: moves (names)."""

    code = "no_progress"


#: What lets clients in once a copy was opened. Nothing of it depends on what the door found out,
#: and clients wait for it, so that it is not worth a look.
SERVICE = frozenset(
    {"set_pool_failed_over", "set_pool_normal", "restart_servers", "set_active_servers"}
)
OPENS_A_COPY = frozenset({"recover_database", "restore_tail", "reopen_primary"})


def _service_of(moves: t.Sequence[Move]) -> int:
    """How many moves behind the first one let clients in to the copy that it opens."""
    if moves[0].name not in OPENS_A_COPY:
        return 0
    following = itertools.takewhile(lambda move: move.name in SERVICE, moves[1:])
    return len(list(following))


@dataclasses.dataclass(frozen=True)
class Plan:
    """What is seen, every move from here to the goal, and what is lost on the way."""

    situation: Situation
    moves: tuple[Move, ...]
    loss: Loss

    @property
    def first_one_way(self) -> Move | None:
        """Up to it everything can be called off; None when all of it can."""
        for move in self.moves:
            if move.one_way:
                return move
        return None

    @property
    def round(self) -> tuple[Move, ...]:
        """What is done before the estate is looked at again: the moves up to the next one-way one,
        or that one, with the service that follows it; or up to the one that gives the role back in
        the backup pair, since a mirror does not tell where its log was backed up last.
        """
        for number, move in enumerate(self.moves):
            if move.one_way:
                return self.moves[: number or 1 + _service_of(self.moves)]
            if move.name == "switch_principal" and move.args["to"] == "backup":
                return self.moves[: number + 1]
        return self.moves


def unfold(estate: Estate, options: Options) -> Plan:
    """Every move from here to the goal.

    Refused when any of them would be: nothing is begun that cannot be ended. Raises NoProgress when
    the moves lead nowhere.
    """
    moves: list[Move] = []
    now = estate
    while (found := NEXT[options.target](now, options)) is not None:
        moves.append(found)
        if len(moves) > MOST_MOVES:
            raise _endless([move.name for move in moves])
        now = effect(now, found)
    return Plan(classify(estate), tuple(moves), _loss_by(moves, estate))


def _endless(names: list[str]) -> NoProgress:
    return NoProgress(
        f"The plan does not end: {', '.join(names[-6:])} ... This is a bug;"
        " please report it with the output of status.yml. Nothing was changed.",
        moves=names,
    )


def _loss_by(moves: t.Sequence[Move], estate: Estate) -> Loss:
    """What these moves would lose."""
    names = {move.name for move in moves}
    if "force_service" in names:
        return Loss(
            minutes=None,
            sentence="What the principal had not sent to its mirror is lost: nothing, if the"
            " session was SYNCHRONIZED when it was lost; nobody can tell from here.",
        )
    if "recover_database" in names:
        return loss_of(estate)
    return Loss(minutes=0, sentence="Nothing is lost by this.")
