"""One night: things befall the estate, somebody runs playbooks; in the morning everything is mended
and the way that status tells is gone to its end. Judged by what was acknowledged and printed.
"""

from __future__ import annotations

import dataclasses
import random
import re
import typing as t

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.documents.status import (
    FindingStatus,
    Way,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.status.advice import (
    WAYS,
)
from crash.operations import BUILT
from support import labs
from support.outage import (
    ANSWERS,
    announced,
    codes,
    covered,
    extra_variables,
    ledger,
    moves,
    told_by_status,
)

from . import events
from .events import Posted, Scene
from .hands import HANDS
from .interrupted import Begun

#: A playbook, and its variables as they are typed.
Order = tuple[str, tuple[str, ...]]
#: Seconds after which a playbook has no end.
LONGEST = 280
#: Nobody may ever read these: a fault of ours that became an answer.
RAW = re.compile(
    r"Traceback|LAB BUG|LAB GAP|Unexpected failure|is undefined|has no attribute"
    r"|\b(?:Index|Key|Type|Attribute|Value|Recursion)Error\b"
)
#: What status says where a person has to decide, and is told how.
FOR_A_PERSON = re.compile(r"by hand|Keep its files")
#: The statement with which it says that a database is opened again: on which host, and which.
CLOSED = "database_closed"
OPENED = re.compile(r" on (\S+) is .* run there: (ALTER DATABASE .*)\.$")
#: As good as it gets where nothing is broken any more.
SETTLED = ("Healthy", "Degraded")
#: Steps within which the way that status tells must end.
MOST_STEPS = 6
#: Of the runs of a night, where they are interrupted.
HOW_OFTEN_INTERRUPTED = 0.4
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
    findings: list[FindingStatus]


@dataclasses.dataclass(frozen=True)
class Result:
    """``problems``: what must not be; ``ends``: the situation at the end, None when unknown."""

    seed: int
    ends: str | None
    problems: tuple[str, ...]
    trace: tuple[str, ...]
    runs: int


class Night:
    """What its seed chooses to befall the estate, and what is typed meanwhile.

    ``hands``: other administrators type as well, at the consoles of the pool's own hosts.
    ``interrupted``: runs are killed, or stand still while another one goes through.
    """

    def __init__(
        self, lab: labs.Lab, seed: int, *, hands: bool = False, interrupted: bool = False
    ) -> None:
        self.seed = seed
        self._hands = hands
        self._interrupted = interrupted
        self._events = {**events.EVENTS, **HANDS} if hands else events.EVENTS
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
                events.happens(scene, self._events)
            if self._interrupted and scene.rng.random() < HOW_OFTEN_INTERRUPTED:
                self._play_interrupted(*self._order(), scene.rng.randint(1, 25))
            else:
                self._play(*self._order())
        ends = self._morning()
        for entry in scene.lab.chatlab("journal", "--impossible"):
            self._problem(f"the lab saw what cannot be: {entry}")
        return Result(self.seed, ends, tuple(self.problems), tuple(scene.trace), self.runs)

    def _problem(self, text: str) -> None:
        self.problems.append(text)
        self.scene.say(f"PROBLEM: {text}")

    def _lost(self) -> set[int]:
        return set(ledger(self.scene.lab).lost)

    def _order(self) -> Order:
        (order,) = self.scene.rng.choices(list(ORDERS), list(ORDERS.values()))
        return order

    def _play(self, playbook: str, variables: t.Sequence[str]) -> labs.Run:
        """And judge what it printed and what it lost."""
        arguments = (*ANSWERS, *extra_variables(*variables))
        self.runs += 1
        self._known_lost |= self._lost()  # what others have lost is not this run's
        run = self.scene.lab.play(playbook, *arguments, timeout=LONGEST)
        return self._ended(playbook, variables, run)

    def _play_interrupted(self, playbook: str, variables: t.Sequence[str], number: int) -> None:
        """To its n-th write. Then it is killed, or another run goes through and it wakes up."""
        lab = self.scene.lab
        arguments = (*ANSWERS, *extra_variables(*variables))
        killed = self.scene.rng.random() < 0.5
        other = self._order()
        self._known_lost |= self._lost()
        begun = Begun(lab, lab.command(playbook, *arguments), number)
        if not begun.at_its_write:
            self._ended(playbook, variables, begun.end(LONGEST))
            return
        if killed:
            begun.kill()
            self._ended(f"{playbook}, killed at write {number}", variables, begun.end(1))
            return
        begun.stand_still()
        try:
            self.scene.say(f"{playbook} {' '.join(variables)} stands still at write {number}")
            self._play(*other)
            events.chat(self.scene)
            self._known_lost |= self._lost()
        finally:
            run = begun.wake_up(LONGEST)
        self._ended(f"{playbook}, woken up", variables, run)

    def _ended(self, playbook: str, variables: t.Sequence[str], run: labs.Run) -> labs.Run:
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
        """A part of the primary site; what others have done by hand may have the same effect."""
        kinds = ("host", "site", "link")
        return self._hands or any(kind in kinds for kind, *_ in self.scene.faults.values())

    def _morning(self) -> str | None:
        """Everything is mended, and what status tells is done until nothing is left of it."""
        scene = self.scene
        scene.mend_all()
        events.remove_other_jobs(scene)
        scene.pass_time(20)
        for _step in range(MOST_STEPS):
            ends, ways, is_for_a_person, closed = self._status()
            if self._open(closed):
                continue
            if ends in SETTLED:
                return self._served(ends)
            if not WAYS.get(ends or "", ()) or is_for_a_person:
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

    def _status(self) -> tuple[str | None, list[Order], bool, list[str]]:
        """The situation, what it says to run that would not be refused, whether it says what a
        person is to do before anything is run, and what it says of databases that are closed.
        """
        run = self._play("status", ())
        document: Document | None = told_by_status(run)
        if document is None:
            self._problem("status told nothing")
            return None, [], False, []
        ends = document["situation"]["name"]
        ways = [_typed(way) for way in document["advice"] if way["refused"] is None]
        refusals = [way["refused"] or "" for way in document["advice"]]
        self.scene.say(f"status: {ends}, {ways} {' '.join(refusals)}")
        closed = [found["text"] for found in document["findings"] if found["code"] == CLOSED]
        return ends, ways, any(FOR_A_PERSON.search(text) for text in refusals), closed

    def _open(self, closed: list[str]) -> bool:
        """What somebody closed is opened, with the statements that status tells."""
        told = [OPENED.search(text) for text in closed]
        typed = [self.scene.try_sql(one[1].partition(".")[0], one[2]) for one in told if one]
        return any(result is not None for result in typed)


def _typed(way: Way) -> Order:
    """As an operator would type it."""
    return way["playbook"], tuple(f"{name}={value}" for name, value in way["variables"].items())
