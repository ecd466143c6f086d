"""What Ansible told of a task, as the callback hands it over. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import dataclasses
import typing as t

from ..documents.plan import LossDocument, MoveDocument, SituationDocument, UnwritableDocument

#: How a line is to be seen; without colours it makes no difference.
Tone = t.Literal["plain", "good", "bad", "change"]


class Line(t.NamedTuple):
    """One line for people, not yet made visible."""

    text: str
    tone: Tone = "plain"


class StepTold(t.TypedDict):
    """A step of a resource, as its task's result has it."""

    name: str
    why: str
    one_way: bool


class FindingTold(t.TypedDict):
    """Something that stands against a build, as ``preflight`` returns it."""

    host: str
    text: str


class OperationFacts(t.TypedDict, total=False):
    """What the role outage remembers with ``set_fact``, as far as it is read here."""

    outage_so_far: t.Any


class Returned(t.TypedDict, total=False):
    """What a task returned, as far as it is read here.

    ``host``: FQDN that was acted on. ``censored``: why everything else was left out.
    ``steps``: of a resource that was, or would be, changed. ``done``, ``failed_step``,
    ``pending``: of a failure half-way; ``done`` of ``operation_record`` are moves. ``findings``: of
    ``preflight``. The rest: of ``dr_plan``, see ``documents/plan.py``.
    """

    host: str
    msg: t.Any
    code: str
    censored: str
    changed: bool
    stderr: str
    lines: list[str]
    steps: list[StepTold]
    done: list[t.Any]
    failed_step: str
    findings: list[FindingTold]
    pending: list[str]
    ansible_facts: OperationFacts
    target: str
    pool: str
    situation: SituationDocument
    moves: list[MoveDocument]
    loss: LossDocument
    left_behind: list[str]
    unwritable: UnwritableDocument | None


@dataclasses.dataclass(frozen=True)
class Begun:
    """A task that begins on a host. ``move``: the one of an outage that it belongs to."""

    id: str
    name: str
    action: str
    move: MoveDocument | None = None


@dataclasses.dataclass(frozen=True)
class Told:
    """A task that ended on a host.

    ``host``: of the play. ``action``: its name in this collection, '' for others.
    ``speaks``: its message is for people whatever came of it (``debug``).
    """

    host: str
    task: str
    action: str
    result: Returned
    speaks: bool = False

    @property
    def where(self) -> str:
        """The host that was acted on."""
        return self.result.get("host") or self.host


@dataclasses.dataclass(frozen=True)
class Recap:
    """How a run ended. ``changed``: how many tasks changed something, or would."""

    hosts: int
    changed: int
    failed: tuple[str, ...]
    silent: tuple[str, ...]


def texts(message: t.Any) -> list[str]:
    """A message of any task, line by line."""
    if not isinstance(message, (list, tuple)):
        return str(message).splitlines()
    lines: list[str] = []
    for item in message:
        lines += texts(item)
    return lines
