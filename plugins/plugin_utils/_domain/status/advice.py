"""What to run in a situation, asked of the planner that would carry it out: what it would refuse is
told as refused. FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Mapping, Sequence

from ..._engine.errors import PChatError
from ..documents.status import Way
from ..outage.estate import Estate
from ..outage.options import Options
from ..outage.plan import unfold
from . import building


@dataclasses.dataclass(frozen=True)
class Candidate:
    """A playbook, and what the planner is told when it is run with ``variables``."""

    playbook: str
    variables: Mapping[str, t.Any] = dataclasses.field(default_factory=dict)
    options: Mapping[str, t.Any] = dataclasses.field(default_factory=dict)

    @property
    def command(self) -> str:
        """How it is run, as ``command`` writes it."""
        return command(self.playbook, self.variables)


@dataclasses.dataclass(frozen=True)
class Advice:
    """``refused``: the sentence with which the playbook would refuse as things are; None when it
    would act, or has nothing to do.
    """

    playbook: str
    variables: Mapping[str, t.Any]
    refused: str | None

    def as_dict(self) -> Way:
        """As the status document has it."""
        return {
            "playbook": self.playbook,
            "variables": dict(self.variables),
            "refused": self.refused,
            "command": command(self.playbook, self.variables),
        }


@dataclasses.dataclass(frozen=True)
class Choices:
    """What the inventory says of a run. ``store``: FQDN of the SQL Server to which a central store
    that is lost would be moved; the others: FQDNs of chat servers.
    """

    active_failed_over: tuple[str, ...] = ()
    active_normal: tuple[str, ...] = ()
    store: str = ""


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
    "BackupPrincipalLost": (),
    "CopyVanished": (),
    "FailbackCallable": ((FAILBACK,), (FAILOVER_INSTEAD,)),
    "PrimarySeeded": ((FAILBACK,), (FAILOVER_INSTEAD,)),
    "BackupRecovered": ((FAILOVER,),),
    "BackupMirrorAlone": ((FAILBACK,), (FAILOVER,)),
    "FailedOverUnprotected": ((FAILOVER,), (FAILBACK,)),
    "FailoverEnding": ((FAILOVER,), (FAILBACK_INSTEAD,)),
    "BackupSwitched": ((FAILBACK,), (FAILOVER,)),
    "FailedOver": ((FAILBACK,),),
    "MirrorAlone": ((FAILBACK,),),
    "Unprotected": ((SITE,),),
    "TailTaken": ((PLANNED, FAILOVER, FAILBACK),),
    "FailbackEnding": ((FAILBACK,),),
    "FailoverCallable": ((FAILOVER, PLANNED), (FAILBACK_INSTEAD, FAILBACK)),
    "PrimaryRefuses": (),
    "PrimaryUnseen": ((FAILOVER,),),
    "PrimaryLost": ((FAILOVER,),),
    "MirrorRemedy": ((TO_THE_MIRROR, TO_THE_PRIMARY),),
    "PrimaryDown": ((FAILOVER,),),
    "CopyClosed": ((FAILBACK,),),
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
    """What leads out of the situation, one for each row of ``WAYS``.

    ``store``: FQDN of the SQL Server to which a central store that is lost would be moved.
    """
    choices = Choices(tuple(active_failed_over), tuple(active_normal), store)
    return [_first(estate, row, choices) for row in WAYS.get(situation, ())]


def would_act(estate: Estate, candidate: Candidate) -> bool:
    """Whether the playbook, run like this, would not refuse."""
    return _asked(estate, candidate, Choices()).refused is None


def _first(estate: Estate, row: Sequence[Candidate], choices: Choices) -> Advice:
    """The first that is not refused, else the first."""
    asked = [_asked(estate, candidate, choices) for candidate in row]
    for found in asked:
        if found.refused is None:
            return found
    return asked[0]


def _asked(estate: Estate, candidate: Candidate, choices: Choices) -> Advice:
    """What the planner says of this run."""
    if candidate.playbook == SITE.playbook:
        told = {**candidate.variables, **building.variables(estate)}
        return Advice("site", told, building.refusal(estate))
    moves_store = estate.store != "central" and candidate.playbook != "mirror_failover"
    options = Options(
        target=candidate.playbook,
        id="0" * 32,
        now=estate.now or "",
        move_cms=moves_store,
        active_failed_over=choices.active_failed_over,
        active_normal=choices.active_normal,
    )
    try:
        unfold(estate, dataclasses.replace(options, **candidate.options))
    except PChatError as refusal:
        return Advice(candidate.playbook, candidate.variables, str(refusal))
    variables = dict(candidate.variables)
    if moves_store:
        variables[f"{candidate.playbook}_cms"] = True
        variables[f"{candidate.playbook}_cms_sql_server"] = choices.store
    return Advice(candidate.playbook, variables, None)


def command(playbook: str, variables: Mapping[str, t.Any]) -> str:
    """``failover.yml -e failover_cms=true``: what comes after ``ansible-playbook -i INVENTORY
    lync.persistent_chat.``
    """
    given = [f"-e {name}={_word(value)}" for name, value in variables.items()]
    return " ".join([f"{playbook}.yml", *given])


def _word(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
