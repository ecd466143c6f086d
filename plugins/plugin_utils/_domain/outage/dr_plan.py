"""The plan as a document and as lines for whoever was called at night.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t
import uuid
from collections.abc import Iterator

from ..._engine.errors import Refused
from ..._engine.model import State
from ..estate.estate_info import site_of
from .estate import Estate
from .moves import Move
from .options import Options
from .plan import Plan, unfold
from .situation import classify

DR_PLAN_SPEC: State = {
    "document": {"type": "dict", "required": True},
    "target": {
        "type": "str",
        "choices": ["failover", "failback", "mirror_failover"],
        "required": True,
    },
    "mode": {"type": "str", "choices": ["disaster", "planned"], "default": "disaster"},
    "order": {"type": "str", "choices": ["safe", "documented"], "default": "safe"},
    "id": {"type": "str", "default": ""},
    "operator": {"type": "str", "default": ""},
    "active_failed_over": {"type": "list", "elements": "str", "default": []},
    "active_normal": {"type": "list", "elements": "str", "default": []},
    "max_data_loss": {"type": "int", "default": 30},
    "data_loss": {"type": "str", "choices": ["refuse", "accept"], "default": "refuse"},
    "override_intent": {"type": "bool", "default": False},
    "move_cms": {"type": "bool", "default": False},
    "mirror_backup": {"type": "bool", "default": True},
    "to": {"type": "str", "choices": ["primary", "mirror"], "default": "mirror"},
    "force": {"type": "bool", "default": False},
    "unasked": {"type": "list", "elements": "str", "default": []},
    "agreed": {"type": "dict"},
    "quiet": {"type": "bool", "default": False},
}


def plan_of(chosen: State) -> State:
    """{situation, moves, round, loss, first_one_way, intent, lines}.

    Raises Refused, with ``situation`` and ``lines`` among its details.

    ``round``: the moves up to the next one-way one, or that one alone: after each round the estate
    is looked at again. ``agreed``: the plan that was confirmed; Refused (world_moved) when this one
    passes another door or loses more.
    """
    estate = Estate.of(chosen["document"])
    attempt = chosen["id"] or (
        estate.intent.id
        if estate.intent and estate.intent.target == chosen["target"]
        else uuid.uuid4().hex
    )
    options = Options(
        target=chosen["target"],
        mode=chosen["mode"],
        id=attempt,
        operator=chosen["operator"],
        now=estate.now or "",
        active_failed_over=tuple(s.lower() for s in chosen["active_failed_over"]),
        active_normal=tuple(s.lower() for s in chosen["active_normal"]),
        max_data_loss=chosen["max_data_loss"],
        accept_data_loss=chosen["data_loss"] == "accept",
        # who overrides us while we run is not overridden back
        override_intent=chosen["override_intent"] and not chosen["agreed"],
        move_cms=chosen["move_cms"],
        mirror_backup=chosen["mirror_backup"],
        order=chosen["order"],
        to=chosen["to"],
        force=chosen["force"],
        unasked=frozenset(chosen["unasked"]),
    )
    situation = classify(estate)
    try:
        plan = unfold(estate, options)
        _as_agreed(plan, chosen["agreed"])
    except Refused as refusal:
        refusal.details.update(situation=situation._asdict(), lines=lines_of(estate, refusal))
        raise
    first = plan.first_one_way
    return {
        "situation": situation._asdict(),
        "moves": [m.as_dict() for m in plan.moves],
        "round": [m.as_dict() for m in _round(plan.moves)],
        "loss": plan.loss.as_dict(),
        "first_one_way": first.as_dict() if first else None,
        "id": attempt,
        "intent": estate.intent.as_dict() if estate.intent else None,
        "lines": lines_of(estate, plan),
        "left_behind": _left_behind(estate, options, chosen["document"]),
    }


def lines_of(estate: Estate, found: Plan | Refused) -> list[str]:
    """What a person is shown: the situation, what was seen, and the plan or why there is none."""
    situation = classify(estate)
    seen = [f"{situation.name}: {situation.text}", *_seen(estate)]
    if isinstance(found, Refused):
        return [*seen, f"Refused: {found}"]
    return [*seen, *_planned(found)]


def _round(moves: t.Sequence[Move]) -> t.Sequence[Move]:
    door = next((n for n, m in enumerate(moves) if m.one_way), len(moves))
    return moves[: max(door, 1)]


def _as_agreed(plan: Plan, agreed: State | None) -> None:
    """What was shown and confirmed is a promise: the same doors, and not more loss."""
    if not agreed:
        return
    known = {(m["name"], m["host"]) for m in agreed["moves"]}
    new = [m for m in plan.moves if m.one_way and m.key not in known]
    if new:
        raise Refused(
            f"The estate changed while this ran: {new[0].name} on {new[0].host} is called for by"
            f" now ({new[0].why}), and that was not agreed to. Run again, look at the plan, and"
            " decide.",
            code="plan_changed",
            move=new[0].as_dict(),
        )
    loss = plan.loss
    before = agreed["loss"]
    worse = before["minutes"] is not None and (
        loss.minutes is None or loss.minutes > before["minutes"]
    )
    if worse or (
        loss.minutes != 0
        and loss.lsn is not None
        and before["lsn"] is not None
        and loss.lsn < int(before["lsn"])
    ):
        raise Refused(
            f"The estate changed while this ran: {loss.sentence} That is more than was agreed to"
            f" ({before['sentence']}). Run again, look at the plan, and decide.",
            code="plan_changed",
            loss=loss.as_dict(),
        )


def _seen(estate: Estate) -> Iterator[str]:
    for copy in estate.copies.values():
        if not copy.answers:
            how = "answers, but REFUSES" if copy.refuses else "does not answer"
            yield f"  {copy.slot:14}{copy.host}: {how} ({_short(copy.why)})"
        else:
            mirrored = f", {copy.role.lower()}, {copy.mirroring}" if copy.role else ""
            linked = ", follows the log" if copy.linked else ""
            yield f"  {copy.slot:14}{copy.host}: mgc {copy.state or 'absent'}{mirrored}{linked}"
    silent = [h for h in estate.unreachable if h not in {c.host for c in estate.copies.values()}]
    if silent:
        yield f"  not answering as well: {', '.join(silent)}"
    if estate.blind:
        yield (
            f"  from elsewhere: {'; '.join(estate.blind)} (no Test-NetConnection there), so nobody"
            " but this controller says that the site is gone"
        )
    told = {
        "central": f"central management store answers ({estate.cms})",
        "local": "central management store does NOT answer; this is a replica's last word",
    }
    yield (
        f"  pool          {estate.pool}: {estate.pool_state or 'unknown'}, {_active(estate)}; "
        f"{told.get(estate.store or '', 'no management host answers')}"
    )
    if estate.intent:
        yield (
            f"  going on      {estate.intent.target}, declared by"
            f" {estate.intent.operator or 'somebody'} at {estate.intent.at}"
        )


def _planned(plan: Plan) -> Iterator[str]:
    if not plan.moves:
        yield "Nothing is to be done."
        return
    yield f"Plan, {len(plan.moves)} move{'s' if len(plan.moves) > 1 else ''}:"
    for number, move in enumerate(plan.moves, 1):
        where = f" on {move.host}" if move.host else ""
        mark = "  [ONE-WAY]" if move.one_way else ""
        yield f"  {number:2}. {move.name}{where}{mark}: {move.why}"
    yield f"Data loss: {plan.loss.sentence}"
    first = plan.first_one_way
    yield (
        f"First one-way move: {first.name} on {first.host}."
        if first
        else "No move of it is one-way."
    )


def _left_behind(estate: Estate, options: Options, document: State) -> list[str]:
    if (
        options.target == "failback"
        and estate.store == "central"
        and site_of(document["estate"], estate.cms) == "backup"
    ):
        return [
            f"The central management store is in the backup data centre ({estate.cms})."
            f" {STORE_STAYS}"
        ]
    if options.target != "failover" or not estate.compliance:
        return []
    return [
        "mgccomp (compliance) is not failed over: the pool uses the backup site's own, which"
        f" starts empty; what {estate.primary.host} had collected and not handed to the adapter"
        " stays there."
    ]


def _active(estate: Estate) -> str:
    return (
        "active servers unknown"
        if estate.active is None
        else ", ".join(s.split(".")[0] for s in estate.active) or "no server active"
    )


def _short(text: str | None) -> str:
    line = str(text or "unknown").splitlines()[0]
    return line if len(line) <= 110 else line[:107] + "..."


#: failover.yml moves the central store when it is told to; no playbook brings it back.
STORE_STAYS = (
    "If a failover took it there, no playbook brings it home: Invoke-CsManagementServerFailover on"
    " a Front End Server of the primary data centre does, and a failover finds it where it is."
)
