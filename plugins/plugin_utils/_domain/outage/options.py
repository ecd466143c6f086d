"""What the operator of an outage chose. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import dataclasses
import typing as t

from ..documents.look import Look
from ..documents.plan import AgreedPlan, DoneMove


class PlanOptions(t.TypedDict):
    """The options of the module dr_plan, validated; see there."""

    document: Look
    target: str
    mode: str
    order: str
    id: str
    operator: str
    active_failed_over: list[str]
    active_normal: list[str]
    max_data_loss: int
    data_loss: str
    override_intent: bool
    move_cms: bool
    mirror_backup: bool
    to: str
    force: bool
    unasked: list[str]
    agreed: AgreedPlan | None
    done: list[DoneMove]
    quiet: bool


@dataclasses.dataclass(frozen=True)
class Options:
    """What the operator said, under the names of dr_plan's options.

    Minutes for max_data_loss; ``id``: of the intent, should this run declare one; ``now``: by the
    clock of the backup SQL Server, ISO 8601 in UTC.
    """

    target: str = "failover"  # failover | failback | mirror_failover
    mode: str = "disaster"  # disaster | planned; of a failover
    id: str = ""
    operator: str = ""
    now: str = ""
    active_failed_over: tuple[str, ...] = ()
    active_normal: tuple[str, ...] = ()
    max_data_loss: int = 30
    data_loss: str = "refuse"  # refuse | accept
    override_intent: bool = False
    move_cms: bool = False
    mirror_backup: bool = True
    order: str = "service"  # service | documented; of a failover and a failback
    to: str = "mirror"  # primary | mirror; of a mirror failover
    force: bool = False
    # hosts that may be taken for lost although something there answers and refuses
    unasked: frozenset[str] = frozenset()

    @classmethod
    def chosen(cls, said: PlanOptions, attempt: str, now: str | None) -> Options:
        """From the module's options, by the names of the fields.

        ``attempt``: the id to go on under; ``now``: None when no clock could be read.
        """
        known = {field.name for field in dataclasses.fields(cls)}
        own: dict[str, t.Any] = {name: value for name, value in said.items() if name in known}
        own.update(
            id=attempt,
            now=now or "",
            active_failed_over=_lowered(said["active_failed_over"]),
            active_normal=_lowered(said["active_normal"]),
            # who overrides us while we run is not overridden back
            override_intent=said["override_intent"] and not said["agreed"],
            unasked=frozenset(said["unasked"]),
        )
        return cls(**own)


def _lowered(fqdns: list[str]) -> tuple[str, ...]:
    return tuple(fqdn.lower() for fqdn in fqdns)
