"""One night: things befall the estate, somebody runs playbooks; in the morning everything is mended
and the way that status tells is gone to its end. Judged by what was acknowledged and printed.
"""

from __future__ import annotations

import dataclasses
import random
import re
import typing as t

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.documents.status import (
    Way,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.status.advice import (
    WAYS,
)
from crash.operations import BUILT
from support import labs
from support.outage import ANSWERS, announced, codes, covered, extra_variables, ledger, moves

from . import events
from .events import Posted, Scene

#: A playbook, and its variables as they are typed.
Order = tuple[str, tuple[str, ...]]
#: Seconds after which a playbook has no end.
LONGEST = 280
#: Nobody may ever read these: a fault of ours that became an answer.
RAW = re.compile(
    r"Traceback|LAB BUG|LAB GAP|Unexpected failure|is undefined|has no attribute"
    r"|\b(?:Index|Key|Type|Attribute|Value|Recursion)Error\b"
)
#: As good as it gets where nothing is broken any more.
SETTLED = ("Healthy", "Degraded")
#: Steps within which the way that status tells must end.
MOST_STEPS = 6
_ACCEPT = "failover_data_loss=accept"
_FORCE = "mirror_failover_force=true"
#: What is typed, and how often, relative to the others.
ORDERS: dict[Order, int] = {
    ("site", ()): 3,
    ("failover", ()): 3,
    ("failover", (_ACCEPT,)): 5,
    ("failover", ("failover_mode=planned",)): 2,
    ("failback", ()): 4,
    ("failback", ("failback_override_intent=true",)): 1,
    ("mirror_failover", ()): 1,
    ("mirror_failover", (_FORCE,)): 1,
    ("status", ()): 1,
}


class Seen(t.TypedDict):
    name: str


class Document(t.TypedDict):
    """What is read here of the document of status."""

    situation: Seen
    advice: list[Way]


@dataclasses.dataclass(frozen=True)
class Result:
    """``problems``: what must not be; ``ends``: the situation at the end, None when unknown."""

    seed: int
    ends: str | None
    problems: tuple[str, ...]
    trace: tuple[str, ...]
    runs: int


class Night:
    """What its seed chooses to befall the estate, and what is typed meanwhile."""

    def __init__(self, lab: labs.Lab, seed: int) -> None:
        self.seed = seed
        self.scene = Scene(lab, random.Random(seed))
        self.problems: list[str] = []
        self.runs = 0
        self._known_lost: set[int] = set()

    def pass_(self) -> Result:
        """From the built estate, a checkpoint of the lab, to the end of the morning."""
        scene = self.scene
        scene.lab.chatlab("revert", BUILT)
        events.chat(scene)
        scene.pass_time(17)
        events.chat(scene)
        for _unused in range(scene.rng.randint(2, 4)):
            for _event in range(scene.rng.randint(1, 5)):
                events.happens(scene)
            (order,) = scene.rng.choices(list(ORDERS), list(ORDERS.values()))
            self._play(*order)
        ends = self._morning()
        for entry in scene.lab.chatlab("journal", "--impossible"):
            self._problem(f"the lab saw what cannot be: {entry}")
        return Result(self.seed, ends, tuple(self.problems), tuple(scene.trace), self.runs)

    def _problem(self, text: str) -> None:
        self.problems.append(text)
        self.scene.say(f"PROBLEM: {text}")

    def _lost(self) -> set[int]:
        return set(ledger(self.scene.lab).lost)

    def _play(self, playbook: str, variables: t.Sequence[str]) -> labs.Run:
        """And judge what it printed and what it lost."""
        arguments = (*ANSWERS, *extra_variables(*variables))
        self.runs += 1
        run = self.scene.lab.play(playbook, *arguments, timeout=LONGEST)
        lost = self._lost() - self._known_lost
        self.scene.say(
            f"{playbook} {' '.join(variables)}: {run.rc}, {' '.join(codes(run))}"
            f" moves: {', '.join(moves(run))}; lost: {sorted(lost)}"
        )
        for line in run.failures():
            self.scene.say(f"    {line['task']} on {line['on']}: {line['result'].get('msg')}")
        raw = RAW.search(run.output)
        if raw is not None:
            around = run.output[max(raw.start() - 200, 0) : raw.end() + 200]
            self._problem(f"{playbook} printed {raw.group()}: {around!r}")
        self._judge(playbook, run, lost)
        return run

    def _judge(self, playbook: str, run: labs.Run, lost: set[int]) -> None:
        """What is lost was announced, and only where some of the primary site was not to be had."""
        self._known_lost |= lost
        loss = announced(run)
        nobody_knew = loss is not None and loss["minutes"] is None
        silently = lost - covered(self.scene.lab, loss)
        if silently and not nobody_knew:
            self._problem(f"{playbook} lost {sorted(silently)}, which it had not announced")
        if lost and not self._something_is_gone():
            self._problem(f"{playbook} lost {sorted(lost)} of an estate that is whole")

    def _something_is_gone(self) -> bool:
        return any(kind in ("host", "site", "link") for kind, *_ in self.scene.faults.values())

    def _morning(self) -> str | None:
        """Everything is mended, and what status tells is done until nothing is left of it."""
        scene = self.scene
        scene.mend_all()
        events.remove_other_jobs(scene)
        scene.pass_time(20)
        for _step in range(MOST_STEPS):
            ends, ways = self._status()
            if ends in SETTLED:
                return self._served(ends)
            if not WAYS.get(ends or "", ()):
                return ends  # a person has to decide, and is told so
            if not ways:
                self._problem(f"{ends}: status tells only what is refused")
                return ends
            self._play(*ways[0])
            scene.pass_time(20)
        self._problem(f"{MOST_STEPS} steps of what status tells lead to {ends}")
        return ends

    def _served(self, ends: str) -> str:
        told: Posted = self.scene.lab.chatlab("chat", "post", "2")
        if told["acknowledged"] != 2:
            self._problem(f"{ends}, and clients are refused: {told['reasons']}")
        return ends

    def _status(self) -> tuple[str | None, list[Order]]:
        """The situation, and what it says to run that would not be refused."""
        run = self._play("status", ())
        for line in run.results:
            document: Document | None = line["result"].get("document")
            if document is not None and "advice" in document:
                ends = document["situation"]["name"]
                ways = [_typed(way) for way in document["advice"] if way["refused"] is None]
                self.scene.say(f"status: {ends}, {ways}")
                return ends, ways
        self._problem("status told nothing")
        return None, []


def _typed(way: Way) -> Order:
    """As an operator would type it."""
    return way["playbook"], tuple(f"{name}={value}" for name, value in way["variables"].items())
