"""What must be true after an operation was struck, whichever way it was, and one cell of the crash
matrix: an operation, the number of the write that is struck, and how.
"""

from __future__ import annotations

import re
import time
import typing as t

from pchat_lab.estate.describe import masked
from pchat_lab.world.journal import command_line
from support import labs
from support.outage import announced, codes, covered, differences, ledger
from support.owners import owners

from .operations import Operation, whole_estate
from .strikes import KILLED, RUN_AGAIN, strike

#: Lab time in which what goes on by itself after a write has settled (a mirror synchronizes): a
#: kill before the next write comes later than the state that was kept of it.
SETTLED = "30s"
#: Seconds in which the process that holds the runspaces of a killed run has ended.
OWNER_ENDS = 30.0


class Entry(t.TypedDict):
    """A line of the lab's journal, what is read of it."""

    number: int
    host: str
    name: str
    parameters: dict[str, t.Any]
    write: bool
    outcome: str
    notes: dict[str, t.Any]


class Place(t.NamedTuple):
    """Where a write goes, and a regular expression of what it says in every run."""

    host: str
    pattern: str

    def holds(self, entry: Entry) -> bool:
        """Whether it is that write, of whichever run."""
        said = command_line(entry["name"], entry["parameters"])
        return entry["host"] == self.host and bool(re.search(self.pattern, said))


class Baseline(t.NamedTuple):
    """What an undisturbed run of the operation takes and leaves."""

    writes: int
    estate: t.Any
    calls: tuple[str, ...]
    batches: frozenset[int]
    """Numbers of the writes that are T-SQL."""
    places: tuple[Place, ...] = ()
    whole: t.Any = None
    """All of the estate. From it the next run was seen to change nothing."""
    states: frozenset[int] = frozenset()
    """Numbers of the writes whose states the lab keeps; 0: before the first."""

    def can_be_struck(self, number: int, kind: str) -> bool:
        """Only Invoke-Sqlcmd executes anything twice."""
        return kind not in RUN_AGAIN or number in self.batches


class Begun(t.NamedTuple):
    """What was so when the operation began: the number of the newest entry of the journal, and the
    messages that were lost already.
    """

    journal: int
    lost: frozenset[int]
    done: tuple[str, ...] = ("ok", "lost")
    """Outcomes in the journal of writes that the servers did; "lost": nobody got the answer."""


def baseline(lab: labs.Lab, operation: Operation) -> Baseline:
    """Run it undisturbed from the operation's checkpoint, on which the lab stands, and once more.

    Every cell begins at the checkpoint that is taken here; the state that each write left is kept.

    Raises RuntimeError when the undisturbed run fails, or the one after it changes anything.
    """
    operation.before(lab)
    lab.chatlab("checkpoint", operation.name)
    lab.chatlab("states", "keep", operation.name)
    since = mark(lab)
    run = lab.play(operation.playbook, *operation.arguments)
    kept = frozenset(lab.chatlab("states", "end")["kept"])
    if run.rc:
        raise RuntimeError(f"The undisturbed {operation.name} failed:\n{run.output[-3000:]}")
    found = taken(lab, operation, since)._replace(states=kept)
    problems = changes_nothing(lab, operation)
    if problems:
        raise RuntimeError(f"After an undisturbed {operation.name}: {problems}")
    return found


def taken(lab: labs.Lab, operation: Operation, since: int) -> Baseline:
    """The same of an undisturbed run that has just ended, whose writes come after the journal's
    entry number ``since``; without states.
    """
    found = writes(lab, since)
    batches = [n for n, entry in enumerate(found, start=1) if "Query" in entry["parameters"]]
    return Baseline(
        writes=len(found),
        estate=operation.estate(lab),
        calls=tuple(call_of(entry) for entry in found),
        batches=frozenset(batches),
        places=tuple(place_of(entry) for entry in found),
        whole=whole_estate(lab),
    )


def state_left_by(operation: Operation, write: int) -> str:
    """The checkpoint that the lab keeps of it."""
    return f"{operation.name} {write}"


def begun(lab: labs.Lab, operation: Operation) -> Begun:
    """Back to where the operation begins."""
    lab.chatlab("revert", operation.name)
    return Begun(mark(lab), frozenset(ledger(lab).lost))


def cell(
    lab: labs.Lab,
    operation: Operation,
    number: int,
    kind: str,
    clean: Baseline,
    thrice: bool = False,
) -> list[str]:
    """What is wrong with it; empty when nothing is.

    ``thrice``: a third run must change nothing. Where the estate is that of an undisturbed run it
    was seen once that the next one changes nothing.
    """
    kept = None
    if kind in KILLED and number_of_state(number, kind) in clean.states:
        lab.chatlab("revert", state_left_by(operation, number_of_state(number, kind)))
        kept = _settled(lab)
    since = begun(lab, operation)
    if kind == "killed before":
        since = since._replace(done=("ok",))
    struck = strike(lab, number, kind, operation.playbook, operation.arguments)
    problems: list[str] = []
    if kept is not None:
        left = differences(kept, _settled(lab))
        if left:
            problems.append("a kill leaves another state than the kept one: " + "; ".join(left[:4]))
    if struck is not None and not struck.rc and operation.estate(lab) != clean.estate:
        problems.append("the struck run said that all went well, and left another estate")
    problems += finished(lab, operation, clean, since, struck, thrice)
    if kind in KILLED:
        problems += _owner_stays(lab)
    return problems


def _settled(lab: labs.Lab) -> t.Any:
    lab.chatlab("clock", "advance", SETTLED)
    return whole_estate(lab)


def number_of_state(number: int, kind: str) -> int:
    """Which kept state a kill at this write leaves: one before it, that of the write before."""
    return number - (kind == "killed before")


def finished(
    lab: labs.Lab,
    operation: Operation,
    clean: Baseline,
    since: Begun,
    struck: labs.Run | None = None,
    thrice: bool = False,
) -> list[str]:
    """The next run must finish what was begun; what is wrong with it.

    ``struck``: the run before it; None when that was killed.
    """
    again = lab.play(operation.playbook, *operation.arguments)
    if again.rc:
        return [f"the next run failed: {_failures(again)}"]
    problems = []
    if thrice:
        problems += changes_nothing(lab, operation)
    runs = [run for run in (struck, again) if run is not None]
    return problems + ends_as_it_should(lab, operation, clean, since, runs)


def ends_as_it_should(
    lab: labs.Lab,
    operation: Operation,
    clean: Baseline,
    since: Begun,
    runs: t.Sequence[labs.Run],
) -> list[str]:
    """What is wrong with the estate that runs left, of which the last one ended well."""
    problems = []
    different = differences(clean.estate, operation.estate(lab))
    if different:
        problems.append("another estate: " + "; ".join(different[:4]))
    done = [entry for entry in writes(lab, since.journal) if entry["outcome"] in since.done]
    problems += out_of_order(done)
    problems += repeated(operation, done)
    problems += _lost(lab, operation, runs, since)
    if ledger(lab).impossible or lab.chatlab("journal", "--impossible"):
        problems.append("the lab saw what must never be")
    return problems


def changes_nothing(lab: labs.Lab, operation: Operation) -> list[str]:
    """What is wrong with one more run of it."""
    more = lab.play(operation.playbook, *operation.arguments)
    if more.rc == 0 and more.changed == 0:
        return []
    steps = [step[:3] for step in more.steps()]
    return [f"one more run changed {more.changed}: {steps} {codes(more)}"]


def _failures(run: labs.Run) -> t.Any:
    """Tasks that failed, with what they said; without any, the end of what was printed."""
    failed = []
    for line in run.failures():
        failed.append(f"{line['task']} on {line['on']}: {line['result'].get('msg')}")
    return failed or run.output[-1500:]


def _owner_stays(lab: labs.Lab) -> list[str]:
    """Runs that a lab's cells do not kill have been imported already: they have other names."""
    ends = time.monotonic() + OWNER_ENDS
    while owners(lab):
        if time.monotonic() > ends:
            return [f"the owner of a killed run lives: {owners(lab)}"]
        time.sleep(0.2)
    return []


def _lost(
    lab: labs.Lab, operation: Operation, runs: t.Sequence[labs.Run], since: Begun
) -> list[str]:
    """Messages that are gone beyond those that were lost before and those that were announced."""
    lost = set(ledger(lab).lost) - since.lost
    if operation.may_lose:
        lost -= covered(lab, first_loss(lab, runs))
    return [f"lost beyond what was announced: {sorted(lost)}"] if lost else []


def writes(lab: labs.Lab, since: int) -> list[Entry]:
    """Journal entries of the writes after entry number ``since``."""
    return [entry for entry in lab.chatlab("journal", "--since", str(since)) if entry["write"]]


def mark(lab: labs.Lab) -> int:
    """The number of the newest journal entry."""
    journal = lab.chatlab("journal")
    return int(journal[-1]["number"]) if journal else 0


def first_loss(lab: labs.Lab, runs: t.Sequence[labs.Run]) -> dict[str, t.Any] | None:
    """What the first of the runs that said something announced.

    A run that was killed told nobody here; once the copy is recovered the next one has nothing
    more to announce, and the position at which the copy was recovered says what was lost.
    """
    for run in runs:
        told = announced(run)
        if told and told["lsn"] is not None:
            return told
    for entry in reversed(lab.chatlab("journal")):
        at = position_of(call_of(entry))
        if at is not None and "WITH RECOVERY" in call_of(entry):
            return {"lsn": str(at), "minutes": None}
    return None


def position_of(batch: str) -> int | None:
    """The redo LSN at which the guard of a batch wants its copy to stand."""
    found = re.search(r"redo_start_lsn\).*? END\) = (\d+)\)", batch)
    return None if found is None else int(found[1])


def call_of(entry: Entry) -> str:
    """The batch of T-SQL, or the name of another cmdlet."""
    return str(entry["parameters"].get("Query") or entry["name"])


#: What differs between two runs: identities, times and positions.
_OF_A_RUN = re.compile(r"<guid>|<time>|<stamp>|\d{3,}")
_ANYTHING = r"[\w{}:.+-]*"


def place_of(entry: Entry) -> Place:
    """A write as another run does it as well."""
    said = masked(command_line(entry["name"], entry["parameters"]))
    parts = [re.escape(part) for part in _OF_A_RUN.split(said)]
    return Place(entry["host"], f"^{_ANYTHING.join(parts)}$")


def out_of_order(done: list[Entry]) -> list[str]:
    """Each log restored by us starts where the copy stood.

    The batch says so, and the positions of one instance only grow.
    """
    at: dict[str, int] = {}
    problems = []
    for entry in done:
        position = position_of(call_of(entry))
        if position is not None and "RESTORE LOG" in call_of(entry):
            if position < at.get(entry["host"], 0):
                problems.append(f"a log was restored out of order on {entry['host']}")
            at[entry["host"]] = position
    return problems


def repeated(operation: Operation, done: list[Entry]) -> list[str]:
    """Statements of ``operation.once`` that did not succeed exactly once."""
    problems = []
    for host, pattern in operation.once:
        count = 0
        for entry in done:
            if entry["host"].startswith(host) and re.search(pattern, call_of(entry)):
                count += 1
        if count != 1:
            problems.append(f"{pattern} on {host} succeeded {count} times")
    return problems
