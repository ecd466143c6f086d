"""The plan as lines for whoever was called at night. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from collections.abc import Iterator

from ..._engine.errors import Refused
from ..words import plural, short_names
from .copies import Copy
from .estate import Estate
from .moves import Move
from .plan import Plan
from .situation import classify
from .unwritable import forecast

#: A reason longer than this is cut, so that a line stays a line.
LONGEST_REASON = 110
_CUT = "..."
#: What is known of the central management store, by ``Estate.store``.
_STORES = {
    "central": "central management store answers ({cms})",
    "local": "central management store does NOT answer; this is a replica's last word",
    None: "no management host answers",
}


def lines_of(estate: Estate, found: Plan | Refused) -> list[str]:
    """What a person is shown: the situation, what was seen, and the plan or why there is none."""
    situation = classify(estate)
    lines = [f"{situation.name}: {situation.text}", *_seen(estate)]
    if isinstance(found, Refused):
        return [*lines, f"Refused: {found}"]
    return [*lines, *_planned(found, estate)]


# -- what was seen
def _seen(estate: Estate) -> Iterator[str]:
    for copy in estate.copies.values():
        yield f"  {copy.slot:14}{copy.host}: {_state_of(copy)}"
    of_copies = {copy.host for copy in estate.copies.values()}
    silent = [host for host in estate.unreachable if host not in of_copies]
    if silent:
        yield f"  not answering as well: {', '.join(silent)}"
    if estate.blind:
        yield (
            f"  from elsewhere: {'; '.join(estate.blind)} (no Test-NetConnection there, no"
            " answer of it, or a named instance without pchat_sql_port), so nobody there says"
            " whether SQL Server serves"
        )
    yield f"  pool          {estate.pool}: {_pool_of(estate)}"
    if estate.intent:
        who = estate.intent.operator or "somebody"
        yield f"  going on      {estate.intent.target}, declared by {who} at {estate.intent.at}"


def _state_of(copy: Copy) -> str:
    if not copy.answers:
        how = "answers, but REFUSES" if copy.refuses else "does not answer"
        return f"{how} ({_cut(copy.why)})"
    text = f"mgc {copy.state or 'absent'}"
    if copy.role:
        text += f", {copy.role.lower()}, {copy.mirroring}"
    if copy.linked:
        text += ", follows the log"
    return text


def _cut(text: str | None) -> str:
    line = (text or "unknown").splitlines()[0]
    if len(line) <= LONGEST_REASON:
        return line
    return line[: LONGEST_REASON - len(_CUT)] + _CUT


def _pool_of(estate: Estate) -> str:
    store = _STORES[estate.store].format(cms=estate.cms)
    return f"{estate.pool_state or 'unknown'}, {_active(estate)}; {store}"


def _active(estate: Estate) -> str:
    if estate.active is None:
        return "active servers unknown"
    return short_names(estate.active, none="no server active")


# -- what is to be done
def _planned(plan: Plan, estate: Estate) -> Iterator[str]:
    if not plan.moves:
        yield "Nothing is to be done."
        return
    yield f"Plan, {plural(len(plan.moves), 'move')}:"
    for number, move in enumerate(plan.moves, 1):
        yield f"  {number:2}. {_line_of(move)}"
    yield f"Data loss: {plan.loss.sentence}"
    yield forecast(plan.moves, estate)
    door = plan.first_one_way
    if door is None:
        yield "No move of it is one-way."
    else:
        yield f"First one-way move: {door.name} on {door.host}."


def _line_of(move: Move) -> str:
    where = f" on {move.host}" if move.host else ""
    mark = "  [ONE-WAY]" if move.one_way else ""
    return f"{move.name}{where}{mark}: {move.why}"
