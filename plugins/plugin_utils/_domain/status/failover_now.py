"""What a failover would do and lose, if the primary site were gone this minute. FOR INTERNAL
COLLECTION USE ONLY.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from ..._engine.errors import Refused
from ..documents.status import FailoverNow, MoveStatus
from ..outage.estate import Estate
from ..outage.loss import Loss, loss_of
from ..outage.moves import Move
from ..outage.options import Options
from ..outage.plan import unfold
from .findings import ONLY_THERE


def failover_now(estate: Estate, active_failed_over: Iterable[str]) -> FailoverNow:
    """As if the primary pair were gone this minute, the central store too if it does not answer
    now, and every loss accepted.

    ``active_failed_over``: FQDNs of the chat servers that would become active.
    """
    if estate.recovered:
        return _impossible(
            "failed_over",
            f"The backup copy is in use already. {ONLY_THERE}",
            Loss(minutes=None, sentence=ONLY_THERE),
        )
    gone = _without_primary_pair(estate)
    options = Options(
        mode="disaster",
        id="0" * 32,
        now=estate.now or "",
        data_loss="accept",
        move_cms=True,
        active_failed_over=tuple(map(str.lower, active_failed_over)),
    )
    loss = loss_of(gone)
    try:
        moves = unfold(gone, options).moves
    except Refused as refusal:
        return _impossible(refusal.code, str(refusal), loss)
    return {
        "possible": True,
        "code": None,
        "why": None,
        "loss": loss.as_dict(),
        "moves": [_move(move) for move in moves],
    }


def _without_primary_pair(estate: Estate) -> Estate:
    copies = dict(estate.copies)
    for copy in estate.primary_pair:
        copies[copy.slot] = dataclasses.replace(copy, answers=False, why="as if it were gone")
    return dataclasses.replace(estate, copies=copies, seen_from=(), intent=None)


def _impossible(code: str, why: str, loss: Loss) -> FailoverNow:
    return {"possible": False, "code": code, "why": why, "loss": loss.as_dict(), "moves": []}


def _move(move: Move) -> MoveStatus:
    return {"name": move.name, "host": move.host, "why": move.why, "one_way": move.one_way}
