"""One cell of the crash matrix: an operation, the number of the write that is struck, and how."""

from __future__ import annotations

import re
import typing as t

from support import labs
from support.outage import announced, codes, covered, differences, ledger

from .operations import Operation
from .strikes import RUN_AGAIN, strike

Entry = dict[str, t.Any]
"""A line of the lab's journal."""


class Baseline(t.NamedTuple):
    """What an undisturbed run of the operation takes and leaves."""

    writes: int
    estate: t.Any
    calls: tuple[str, ...]
    batches: frozenset[int]
    """Numbers of the writes that are T-SQL."""

    def can_be_struck(self, number: int, kind: str) -> bool:
        """Only Invoke-Sqlcmd executes anything twice."""
        return kind not in RUN_AGAIN or number in self.batches


def baseline(lab: labs.Lab, operation: Operation) -> Baseline:
    """Run it undisturbed from the operation's checkpoint, on which the lab stands.

    Every cell begins at the checkpoint that is taken here.

    Raises RuntimeError when the undisturbed run fails.
    """
    operation.before(lab)
    lab.chatlab("checkpoint", operation.name)
    since = mark(lab)
    run = lab.play(operation.playbook, *operation.arguments)
    if run.rc:
        raise RuntimeError(f"The undisturbed {operation.name} failed:\n{run.output[-3000:]}")
    return taken(lab, operation, since)


def taken(lab: labs.Lab, operation: Operation, since: int) -> Baseline:
    """The same of an undisturbed run that has just ended, whose writes come after the journal's
    entry number ``since``.
    """
    found = writes(lab, since)
    batches = [n for n, entry in enumerate(found, start=1) if "Query" in entry["parameters"]]
    return Baseline(
        writes=len(found),
        estate=operation.estate(lab),
        calls=tuple(call_of(entry) for entry in found),
        batches=frozenset(batches),
    )


def cell(
    lab: labs.Lab,
    operation: Operation,
    number: int,
    kind: str,
    clean: Baseline,
    thrice: bool = True,
) -> list[str]:
    """What is wrong with it; empty when nothing is.

    ``thrice``: a third run must change nothing. A long campaign can do without it where every run
    ends by planning again.
    """
    lab.chatlab("revert", operation.name)
    known = set(ledger(lab).lost)
    since = mark(lab)
    struck = strike(lab, number, kind, operation.playbook, operation.arguments)
    problems: list[str] = []
    if struck is not None and not struck.rc and operation.estate(lab) != clean.estate:
        problems.append("the struck run said that all went well, and left another estate")
    again = lab.play(operation.playbook, *operation.arguments)
    if again.rc:
        return [*problems, f"the next run failed: {_failures(again)}"]
    different = differences(clean.estate, operation.estate(lab))
    if different:
        problems.append("another estate: " + "; ".join(different[:4]))
    if thrice or not operation.plans_again:
        problems += _third_run(lab, operation)
    done = _done(lab, since, kind)
    problems += out_of_order(done)
    problems += repeated(operation, done)
    problems += _lost(lab, operation, struck, again, known)
    if ledger(lab).impossible or lab.chatlab("journal", "--impossible"):
        problems.append("the lab saw what must never be")
    return problems


def _failures(run: labs.Run) -> t.Any:
    """Tasks that failed, with what they said; without any, the end of what was printed."""
    failed = []
    for line in run.failures():
        failed.append(f"{line['task']} on {line['on']}: {line['result'].get('msg')}")
    return failed or run.output[-1500:]


def _third_run(lab: labs.Lab, operation: Operation) -> list[str]:
    third = lab.play(operation.playbook, *operation.arguments)
    if third.rc == 0 and third.changed == 0:
        return []
    steps = [step[:3] for step in third.steps()]
    return [f"a third run changed {third.changed}: {steps} {codes(third)}"]


def _lost(
    lab: labs.Lab, operation: Operation, struck: labs.Run | None, again: labs.Run, known: set[int]
) -> list[str]:
    """Messages that are gone beyond those that were lost before and those that were announced."""
    lost = set(ledger(lab).lost) - known
    if operation.may_lose:
        lost -= covered(lab, first_loss(lab, struck, again))
    return [f"lost beyond what was announced: {sorted(lost)}"] if lost else []


def writes(lab: labs.Lab, since: int) -> list[Entry]:
    """Journal entries of the writes after entry number ``since``."""
    return [entry for entry in lab.chatlab("journal", "--since", str(since)) if entry["write"]]


def mark(lab: labs.Lab) -> int:
    """The number of the newest journal entry."""
    journal = lab.chatlab("journal")
    return int(journal[-1]["number"]) if journal else 0


def _done(lab: labs.Lab, since: int, kind: str) -> list[Entry]:
    """Writes that the servers did; "lost": the server did it, and nobody got the answer."""
    outcomes = ("ok",) if kind.endswith("before") else ("ok", "lost")
    return [entry for entry in writes(lab, since) if entry["outcome"] in outcomes]


def first_loss(lab: labs.Lab, struck: labs.Run | None, again: labs.Run) -> dict[str, t.Any] | None:
    """What the first of the runs that said something announced.

    A run that was killed told nobody here; once the copy is recovered the next one has nothing
    more to announce, and the position at which the copy was recovered says what was lost.
    """
    for run in (struck, again):
        told = announced(run) if run is not None else None
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
