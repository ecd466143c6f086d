"""The plan as a document and as lines for whoever was called at night. FOR INTERNAL COLLECTION USE ONLY."""
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
    "target": {"type": "str", "choices": ["failover", "failback", "mirror_failover"], "required": True},
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


def plan_of(o: State) -> State:
    """{situation, moves, round, loss, first_one_way, intent, lines}. Raises Refused, with ``situation`` and ``lines`` among its details.

    ``round``: the moves up to the next one-way one, or that one alone: after each round the estate is looked at again. ``agreed``: the
    plan that was confirmed; Refused (world_moved) when this one passes another door or loses more.
    """
    estate = Estate.of(o["document"])
    attempt = o["id"] or (estate.intent.id if estate.intent and estate.intent.target == o["target"] else uuid.uuid4().hex)
    options = Options(
        target=o["target"], mode=o["mode"], id=attempt, operator=o["operator"], now=estate.now or "",
        active_failed_over=tuple(s.lower() for s in o["active_failed_over"]), active_normal=tuple(s.lower() for s in o["active_normal"]),
        max_data_loss=o["max_data_loss"], accept_data_loss=o["data_loss"] == "accept",
        override_intent=o["override_intent"] and not o["agreed"],      # who overrides us while we run is not overridden back
        move_cms=o["move_cms"],
        mirror_backup=o["mirror_backup"], order=o["order"], to=o["to"], force=o["force"],
        unasked=frozenset(o["unasked"]))
    situation = classify(estate)
    seen = list(_seen(estate))
    try:
        plan = unfold(estate, options)
        _as_agreed(plan, o["agreed"])
    except Refused as refusal:
        refusal.details.update(situation=situation._asdict(), lines=[f"{situation.name}: {situation.text}", *seen, f"Refused: {refusal}"])
        raise
    first = plan.first_one_way
    lines = [f"{situation.name}: {situation.text}", *seen, *_planned(plan)]
    return {"situation": situation._asdict(), "moves": [m.as_dict() for m in plan.moves], "round": [m.as_dict() for m in _round(plan.moves)],
            "loss": plan.loss.as_dict(), "first_one_way": first.as_dict() if first else None, "id": attempt,
            "intent": estate.intent.as_dict() if estate.intent else None, "lines": lines, "left_behind": _left_behind(estate, options, o["document"])}


def _round(moves: t.Sequence[Move]) -> t.Sequence[Move]:
    door = next((n for n, m in enumerate(moves) if m.one_way), len(moves))
    return moves[:max(door, 1)]


def _as_agreed(plan: Plan, agreed: State | None) -> None:
    """What was shown and confirmed is a promise: the same doors, and not more loss."""
    if not agreed:
        return
    known = {(m["name"], m["host"]) for m in agreed["moves"]}
    new = [m for m in plan.moves if m.one_way and m.key not in known]
    if new:
        raise Refused(f"The estate changed while this ran: {new[0].name} on {new[0].host} is called for by now ({new[0].why}), and that was not agreed to. "
                      "Run again, look at the plan, and decide.", code="plan_changed", move=new[0].as_dict())
    loss, before = plan.loss, agreed["loss"]
    worse = before["minutes"] is not None and (loss.minutes is None or loss.minutes > before["minutes"])
    if worse or (loss.minutes != 0 and loss.lsn is not None and before["lsn"] is not None and loss.lsn < int(before["lsn"])):
        raise Refused(f"The estate changed while this ran: {loss.sentence} That is more than was agreed to ({before['sentence']}). "
                      "Run again, look at the plan, and decide.", code="plan_changed", loss=loss.as_dict())


def _seen(e: Estate) -> Iterator[str]:
    for copy in e.copies.values():
        if not copy.answers:
            how = "answers, but REFUSES" if copy.refuses else "does not answer"
            yield f"  {copy.slot:14}{copy.host}: {how} ({_short(copy.why)})"
        else:
            mirrored = f", {copy.role.lower()}, {copy.mirroring}" if copy.role else ""
            linked = ", follows the log" if copy.linked else ""
            yield f"  {copy.slot:14}{copy.host}: mgc {copy.state or 'absent'}{mirrored}{linked}"
    silent = [h for h in e.unreachable if h not in {c.host for c in e.copies.values()}]
    if silent:
        yield f"  not answering as well: {', '.join(silent)}"
    if e.blind:
        yield f"  from elsewhere: {'; '.join(e.blind)} (no Test-NetConnection there), so nobody but this controller says that the site is gone"
    told = {"central": f"central management store answers ({e.cms})", "local": "central management store does NOT answer; this is a replica's last word"}
    yield f"  pool          {e.pool}: {e.pool_state or 'unknown'}, {_active(e)}; " \
          f"{told.get(e.store or '', 'no management host answers')}"
    if e.intent:
        yield f"  going on      {e.intent.target}, declared by {e.intent.operator or 'somebody'} at {e.intent.at}"


def _planned(plan: Plan) -> Iterator[str]:
    if not plan.moves:
        yield "Nothing is to be done."
        return
    yield f"Plan, {len(plan.moves)} move{'s' if len(plan.moves) > 1 else ''}:"
    for number, move in enumerate(plan.moves, 1):
        yield f"  {number:2}. {move.name}{f' on {move.host}' if move.host else ''}{'  [ONE-WAY]' if move.one_way else ''}: {move.why}"
    yield f"Data loss: {plan.loss.sentence}"
    first = plan.first_one_way
    yield f"First one-way move: {first.name} on {first.host}." if first else "No move of it is one-way."


def _left_behind(e: Estate, o: Options, document: State) -> list[str]:
    if o.target == "failback" and e.store == "central" and site_of(document["estate"], e.cms) == "backup":
        return [f"The central management store is in the backup data centre ({e.cms}). {STORE_STAYS}"]
    if o.target != "failover" or not e.compliance:
        return []
    return [f"mgccomp (compliance) is not failed over: the pool uses the backup site's own, which starts empty; what {e.primary.host} had collected and not "
            "handed to the adapter stays there."]


def _active(e: Estate) -> str:
    return "active servers unknown" if e.active is None else ", ".join(s.split(".")[0] for s in e.active) or "no server active"


def _short(text: str | None) -> str:
    line = str(text or "unknown").splitlines()[0]
    return line if len(line) <= 110 else line[:107] + "..."


#: failover.yml moves the central store when it is told to; no playbook brings it back.
STORE_STAYS = ("If a failover took it there, no playbook brings it home: Invoke-CsManagementServerFailover on a Front End Server of the primary data centre "
               "does, and a failover finds it where it is.")
