"""The plan as a document. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from ..._engine.errors import Refused
from ..._engine.model import State
from ..documents.declared import Declared
from ..documents.plan import AgreedPlan, LossDocument, PlanDocument, SituationDocument
from ..estate.estate_info import site_of
from .estate import Estate
from .loss import Loss
from .not_gone import in_kept_copies, in_old_copies
from .options import Options, PlanOptions
from .plan import Plan, unfold
from .plan_lines import lines_of
from .refusals import shared as refusals
from .seen import estate_seen
from .situation import classify
from .unwritable import measured

DR_PLAN_SPEC: State = {
    "document": {"type": "dict", "required": True},
    "target": {
        "type": "str",
        "choices": ["failover", "failback", "mirror_failover"],
        "required": True,
    },
    "mode": {"type": "str", "choices": ["disaster", "planned"], "default": "disaster"},
    "order": {"type": "str", "choices": ["service", "documented"], "default": "service"},
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
    "done": {"type": "list", "elements": "dict", "default": []},
    "quiet": {"type": "bool", "default": False},
}


def plan_of(chosen: PlanOptions) -> PlanDocument:
    """The plan from the estate that was looked at to the target.

    ``chosen["agreed"]``: the plan that was confirmed. Raises Refused, with ``target``, ``pool``,
    ``situation`` and ``lines`` among its details: what an operation refuses, and ``plan_changed``
    when this plan passes another door or loses more than that one.
    """
    look = chosen["document"]
    estate = estate_seen(look)
    options = Options.chosen(chosen, _attempt(chosen, estate), estate.now)
    named = classify(estate)
    situation: SituationDocument = {"name": named.name, "text": named.text}
    try:
        plan = unfold(estate, options)
        _as_agreed(plan, chosen["agreed"])
    except Refused as refusal:
        refusal.details.update(
            target=options.target,
            pool=estate.pool,
            situation=situation,
            lines=lines_of(estate, refusal),
        )
        raise
    door = plan.first_one_way
    return {
        "target": options.target,
        "pool": estate.pool,
        "situation": situation,
        "moves": [move.as_dict() for move in plan.moves],
        "round": [move.as_dict() for move in plan.round],
        "loss": plan.loss.as_dict(),
        "first_one_way": door.as_dict() if door else None,
        "id": options.id,
        "intent": estate.intent.as_dict() if estate.intent else None,
        "lines": lines_of(estate, plan),
        "left_behind": [
            *_left_behind(estate, options, look["estate"]),
            *_not_gone(estate, options, plan.loss, chosen["agreed"]),
        ],
        "at": look["now"],
        "unwritable": None if plan.moves else measured(chosen["done"], _was_writable(chosen)),
        "writable": estate.writable,
    }


def _attempt(chosen: PlanOptions, estate: Estate) -> str:
    """The id to go on under: the one given, that of our own declared intent, or a new one."""
    if chosen["id"]:
        return chosen["id"]
    if estate.intent is not None and estate.intent.target == chosen["target"]:
        return estate.intent.id
    return uuid.uuid4().hex


def _was_writable(chosen: PlanOptions) -> bool:
    """Whether clients could write when the plan was confirmed."""
    agreed = chosen["agreed"]
    return bool(agreed and agreed.get("writable"))


def _as_agreed(plan: Plan, agreed: AgreedPlan | None) -> None:
    """What was shown and confirmed is a promise: the same doors, and not more loss."""
    if not agreed:
        return
    known = {(move["name"], move["host"]) for move in agreed["moves"]}
    for move in plan.moves:
        if move.one_way and move.key not in known:
            raise refusals.another_door(move)
    if _loses_more(plan.loss, agreed["loss"]):
        raise refusals.greater_loss(plan.loss, agreed["loss"]["sentence"])


def _loses_more(loss: Loss, agreed: LossDocument) -> bool:
    """In minutes, or from an earlier LSN on."""
    before = agreed["minutes"]
    if before is not None and (loss.minutes is None or loss.minutes > before):
        return True
    if loss.minutes == 0 or loss.lsn is None or agreed["lsn"] is None:
        return False
    return loss.lsn < int(agreed["lsn"])


def _left_behind(estate: Estate, options: Options, declared: Declared) -> list[str]:
    """Sentences on what the operation does not bring along."""
    if options.target == "failback" and _store_stays(estate, declared):
        return [
            f"The central management store is in the backup data centre ({estate.cms})."
            f" {STORE_STAYS}"
        ]
    if options.target != "failover":
        return []
    left = []
    if estate.next_hop_is_silent:
        left.append(NEXT_HOP_IS_SILENT.format(pool=estate.next_hop))
    if estate.compliance:
        left.append(
            "mgccomp (compliance) is not failed over: the pool uses the backup site's own, which"
            f" starts empty; what {estate.primary.host} had collected and not handed to the"
            " adapter stays there."
        )
    return left


def _not_gone(
    estate: Estate, options: Options, loss: Loss, agreed: AgreedPlan | None
) -> Iterator[str]:
    """Where to look for what the operation lost, or kept. At its end nothing more is lost; what was
    agreed to at its begin is told then.
    """
    minutes = agreed["loss"]["minutes"] if agreed else loss.minutes
    if options.target == "failover" and minutes != 0:
        yield in_old_copies(estate)
    kept = in_kept_copies(estate, options.id)
    if options.target == "failback" and kept is not None:
        yield kept


def _store_stays(estate: Estate, declared: Declared) -> bool:
    return estate.store == "central" and site_of(declared, estate.cms) == "backup"


#: Chat servers take clients, and clients find the way to them through that pool alone (disaster
#: recovery of Persistent Chat, Front End pool failover).
NEXT_HOP_IS_SILENT = (
    "The next hop of the pool, {pool}, does not answer: nobody reaches chat while it is down. Fail"
    " its Front End pool over (Invoke-CsPoolFailOver -PoolFqdn {pool} -DisasterMode), or give the"
    " chat pool another next hop in Topology Builder, and publish it."
)
#: failover.yml moves the central store when it is told to; no playbook brings it back.
STORE_STAYS = (
    "If a failover took it there, no playbook brings it home: Invoke-CsManagementServerFailover on"
    " a Front End Server of the primary data centre does, and a failover finds it where it is."
)
