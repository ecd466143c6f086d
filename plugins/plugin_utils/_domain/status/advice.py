"""What to run in a situation, asked of the planner that would carry it out: what it would refuse is
told as refused. FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Mapping, Sequence

from ..._engine.errors import PChatError
from ..outage.estate import Estate
from ..outage.options import Options
from ..outage.plan import unfold


@dataclasses.dataclass(frozen=True)
class Candidate:
    """A playbook, and what the planner is told when it is run with ``variables``."""

    playbook: str
    variables: Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    options: Mapping[str, t.Any] = dataclasses.field(default_factory=dict)

    @property
    def command(self) -> str:
        return command(self.playbook, self.variables)


@dataclasses.dataclass(frozen=True)
class Advice:
    """``refused``: the sentence with which the playbook would refuse as things are; None when it
    would act, or has nothing to do.
    """

    playbook: str
    variables: Mapping[str, t.Any]
    refused: str | None

    def as_dict(self) -> dict[str, t.Any]:
        return {
            "playbook": self.playbook,
            "variables": dict(self.variables),
            "refused": self.refused,
            "command": command(self.playbook, self.variables),
        }


SITE = Candidate("site")
SEED_AGAIN = Candidate("site", {"log_shipping_primary_accept_foreign_log_backups": True})
FAILOVER = Candidate("failover")
PLANNED = Candidate("failover", {"failover_mode": "planned"}, {"mode": "planned"})
FAILOVER_INSTEAD = Candidate(
    "failover", {"failover_override_intent": True}, {"override_intent": True}
)
FAILBACK = Candidate("failback")
FAILBACK_INSTEAD = Candidate(
    "failback", {"failback_override_intent": True}, {"override_intent": True}
)
TO_THE_MIRROR = Candidate("mirror_failover")
TO_THE_PRIMARY = Candidate("mirror_failover", {"mirror_failover_to": "primary"}, {"to": "primary"})
#: Situation -> what leads out of it; of the candidates in a row the first that is not refused.
#: None: no playbook of ours does.
WAYS: Mapping[str, Sequence[Sequence[Candidate]]] = {
    "Unknown": (),
    "NotPublished": (),
    "SplitBrain": (),
    "TwoPrincipals": (),
    "StrayCopy": (),
    "FailbackCallable": ((FAILBACK,), (FAILOVER_INSTEAD,)),
    "PrimarySeeded": ((FAILBACK,), (FAILOVER_INSTEAD,)),
    "BackupRecovered": ((FAILOVER,),),
    "FailedOverUnprotected": ((FAILOVER,), (FAILBACK,)),
    "FailedOver": ((FAILBACK,),),
    "Unprotected": ((SITE,),),
    "TailTaken": ((PLANNED, FAILOVER, FAILBACK),),
    "FailbackEnding": ((FAILBACK,),),
    "FailoverCallable": ((FAILOVER, PLANNED), (FAILBACK_INSTEAD, FAILBACK)),
    "PrimaryRefuses": (),
    "PrimaryLost": ((FAILOVER,),),
    "MirrorRemedy": ((TO_THE_MIRROR, TO_THE_PRIMARY),),
    "PrimaryDown": ((FAILOVER,),),
    "Unlinked": ((SITE,),),
    "ChainBroken": ((SEED_AGAIN,),),
    "StoreLost": (),
    "MirrorLost": ((SITE,),),
    "Fenced": ((SITE,),),
    "Degraded": (),
    "Healthy": (),
}


def advice(
    estate: Estate,
    situation: str,
    active_failed_over: Sequence[str],
    active_normal: Sequence[str],
    store: str = "",
) -> list[Advice]:
    """What leads out of the situation.

    ``store``: FQDN of the SQL Server to which a central store that is lost would be moved.
    """
    chosen = {
        "active_failed_over": tuple(active_failed_over),
        "active_normal": tuple(active_normal),
    }
    return [_first(estate, row, chosen, store) for row in WAYS.get(situation, ())]


def would_act(estate: Estate, candidate: Candidate) -> bool:
    """Whether the playbook, run like this, would not refuse."""
    return _asked(estate, candidate, {}, "").refused is None


def _first(
    estate: Estate, row: Sequence[Candidate], chosen: Mapping[str, t.Any], store: str
) -> Advice:
    asked = [_asked(estate, candidate, chosen, store) for candidate in row]
    return next((found for found in asked if found.refused is None), asked[0])


def _asked(estate: Estate, candidate: Candidate, chosen: Mapping[str, t.Any], store: str) -> Advice:
    if candidate.playbook == SITE.playbook:
        return Advice("site", candidate.variables, _site_refuses(estate))
    variables = dict(candidate.variables)
    moves_store = estate.store != "central" and candidate.playbook != "mirror_failover"
    if moves_store:
        variables[f"{candidate.playbook}_cms"] = True
        variables[f"{candidate.playbook}_cms_sql_server"] = store
    options = Options(
        target=candidate.playbook,
        id="0" * 32,
        now=estate.now or "",
        move_cms=moves_store,
        **{**chosen, **candidate.options},
    )
    try:
        unfold(estate, options)
    except PChatError as refusal:
        return Advice(candidate.playbook, candidate.variables, str(refusal))
    return Advice(candidate.playbook, variables, None)


def _site_refuses(estate: Estate) -> str | None:
    """Its preflight wants every host and the central store."""
    if estate.unreachable:
        return (
            f"Every host must answer it, and {', '.join(estate.unreachable)}"
            f" {'does' if len(estate.unreachable) == 1 else 'do'} not."
        )
    if estate.store != "central":
        return (
            "The central management store does not answer:"
            f" {estate.store_why or 'nobody can be asked'}."
        )
    return None


def command(playbook: str, variables: Mapping[str, t.Any]) -> str:
    """``failover.yml -e failover_cms=true``: what comes after ``ansible-playbook -i INVENTORY
    lync.persistent_chat.``
    """
    given = (f"-e {name}={_word(value)}" for name, value in variables.items())
    return " ".join([f"{playbook}.yml", *given])


def _word(value: t.Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
