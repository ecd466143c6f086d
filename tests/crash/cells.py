"""One cell of the crash matrix: an operation, the number of the write that is struck, and how."""
from __future__ import annotations

import re
import typing as t

from support import labs
from support.outage import ANSWERS, announced, codes, covered, essence, ledger

from . import strikes
from .operations import Operation

#: killed before the server acts; killed after it acted; the connection cut after it acted, with the run going on to find out; a batch of T-SQL
#: executed twice in whole, or broken off after its first change and then executed in whole, with the run going on as well.
KINDS = ("killed before", "killed after", "connection lost after", *strikes.RUN_AGAIN)
#: Statements that must have succeeded exactly once in a cell, whatever was struck: (begin of the host's name, pattern). Old copies that are
#: stopped on the way home are not among them.
_RECOVERED, _STOPPED = r"RESTORE DATABASE \[mgc\] WITH RECOVERY", r"WITH INIT, FORMAT, NORECOVERY"
_ONCE = {"failover": (("sql-s1", _RECOVERED),), "planned": (("sql-n", _STOPPED), ("sql-s1", _RECOVERED)),
         "failback": (("sql-s1", _STOPPED), ("sql-n1", _RECOVERED)), "mirror_failover": ()}


class Baseline(t.NamedTuple):
    """What an undisturbed run of the operation takes and leaves."""

    writes: int
    estate: t.Any
    calls: tuple[str, ...]
    batches: frozenset[int]                                  # numbers of the writes that are T-SQL

    def can_be_struck(self, number: int, kind: str) -> bool:
        """Only Invoke-Sqlcmd executes anything twice."""
        return kind not in strikes.RUN_AGAIN or number in self.batches


def writes(lab: labs.Lab, since: int) -> list[dict[str, t.Any]]:
    return [entry for entry in lab.chatlab("journal", "--since", str(since)) if entry["write"]]


def mark(lab: labs.Lab) -> int:
    """The number of the newest journal entry."""
    journal = lab.chatlab("journal")
    return int(journal[-1]["number"]) if journal else 0


def baseline(lab: labs.Lab, operation: Operation) -> Baseline:
    """The lab is built; every cell begins at the checkpoint that is taken here. RuntimeError when the undisturbed run fails."""
    operation.before(lab)
    lab.chatlab("checkpoint", operation.name)
    since = mark(lab)
    run = lab.play(operation.playbook, *ANSWERS, *operation.arguments)
    if run.rc:
        raise RuntimeError(f"The undisturbed {operation.name} failed:\n{run.output[-3000:]}")
    found = writes(lab, since)
    batches = frozenset(number for number, entry in enumerate(found, start=1) if "Query" in entry["parameters"])
    return Baseline(len(found), essence(lab), tuple(call_of(entry) for entry in found), batches)


def strike(lab: labs.Lab, operation: Operation, number: int, kind: str) -> labs.Run | None:
    """Run the operation until its n-th write, and end it there. A run that was not ended is returned."""
    if kind in strikes.RUN_AGAIN:
        return strikes.run_again_at(lab, number, kind, operation.playbook, (*ANSWERS, *operation.arguments))
    if kind == "connection lost after":
        fault = lab.chatlab("fault", "add", "write", f"number={number}", "when=after", "action=drop")["id"]
        try:
            run = lab.play(operation.playbook, *ANSWERS, *operation.arguments)
            if not strikes.hanging(lab, fault):
                raise strikes.NotReached(f"the run ended (rc {run.rc}) before write {number}: {codes(run)}")
        finally:
            lab.chatlab("fault", "clear", fault)
    else:
        strikes.killed_at(lab, number, kind.removeprefix("killed "), operation.playbook, arguments=(*ANSWERS, *operation.arguments))
    return None


def cell(lab: labs.Lab, operation: Operation, number: int, kind: str, clean: Baseline, thrice: bool = True) -> list[str]:
    """What is wrong with it; empty when nothing is.

    ``thrice``: a third run must change nothing. Every run ends by planning again, so that a long campaign can do without it.
    """
    lab.chatlab("revert", operation.name)
    known = set(ledger(lab).lost)
    since = mark(lab)
    struck = strike(lab, operation, number, kind)
    problems: list[str] = []
    if struck is not None and not struck.rc and essence(lab) != clean.estate:
        problems.append("the struck run said that all went well, and left another estate")
    again = lab.play(operation.playbook, *ANSWERS, *operation.arguments)
    if again.rc:
        return [f"the next run failed: {[(f['task'], f['result'].get('msg')) for f in again.failures()] or again.output[-1500:]}"]
    if essence(lab) != clean.estate:
        problems.append("another estate: " + "; ".join(strikes.differences(clean.estate, essence(lab))[:4]))
    if thrice:
        third = lab.play(operation.playbook, *ANSWERS, *operation.arguments)
        if third.rc or third.changed:
            problems.append(f"a third run changed {third.changed}: {[s[:3] for s in third.steps()]} {codes(third)}")
    acted = ("ok",) if kind.endswith("before") else ("ok", "lost")               # lost: the server did it, and nobody got the answer
    done = [entry for entry in writes(lab, since) if entry["outcome"] in acted]
    problems += out_of_order(done) + repeated(operation, done)
    lost = set(ledger(lab).lost) - known
    may = covered(lab, first_loss(lab, again)) if operation.may_lose else set()
    if lost - may:
        problems.append(f"lost beyond what was announced: {sorted(lost - may)}")
    if ledger(lab).impossible or lab.chatlab("journal", "--impossible"):
        problems.append("the lab saw what must never be")
    return problems


def first_loss(lab: labs.Lab, again: labs.Run) -> dict[str, t.Any] | None:
    """What the second run announced; once the copy is recovered it has nothing more to announce, and the LSN of the recovery says what was lost."""
    told = announced(again)
    if told and told["lsn"] is not None:
        return told
    for entry in reversed(lab.chatlab("journal")):
        found = re.search(r"MAX\(redo_start_lsn\) = (\d+)", call_of(entry)) if "WITH RECOVERY" in call_of(entry) else None
        if found:
            return {"lsn": found[1], "minutes": None}
    return None


def call_of(entry: dict[str, t.Any]) -> str:
    return str(entry["parameters"].get("Query") or entry["name"])


def out_of_order(done: list[dict[str, t.Any]]) -> list[str]:
    """Each log restored by us starts where the copy stood: the batch says so, and the positions of one instance only grow."""
    at: dict[str, int] = {}
    problems = []
    for entry in done:
        found = re.search(r"MAX\(redo_start_lsn\) = (\d+)\).*RESTORE LOG", call_of(entry))
        if found:
            if int(found[1]) < at.get(entry["host"], 0):
                problems.append(f"a log was restored out of order on {entry['host']}")
            at[entry["host"]] = int(found[1])
    return problems


def repeated(operation: Operation, done: list[dict[str, t.Any]]) -> list[str]:
    counts = {f"{pattern} on {host}": sum(entry["host"].startswith(host) and bool(re.search(pattern, call_of(entry))) for entry in done)
              for host, pattern in _ONCE[operation.name]}
    return [f"{what} succeeded {count} times" for what, count in counts.items() if count != 1]
