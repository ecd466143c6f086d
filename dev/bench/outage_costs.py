"""./run bench outage: what a failover costs, and how long it takes to its first move.

When two hosts hang and when a whole data centre does; against a bare program that sends the same
commands.
"""

from __future__ import annotations

import datetime as dt
import typing as t

from dev.bench.build_costs import BARE, HEAD, Row, bare, counts_of, measured
from support import labs
from support.outage import ANSWERS

#: What hangs, by name of the row.
LOST: dict[str, list[list[str]]] = {
    "2 hosts hang": [
        ["host", "host=sql-n1.contoso.example", "mode=hang"],
        ["host", "host=sql-n2.contoso.example", "mode=hang"],
    ],
    "8 hosts hang": [["site", "site=north", "mode=hang"]],
}


def prepared(lab: labs.Lab, faults: list[list[str]]) -> int:
    """The built estate with a lost primary; the number of the newest journal entry."""
    lab.chatlab("reset")
    if lab.play("site").rc:
        raise SystemExit("the build failed")
    lab.chatlab("chat", "post", "5")
    lab.chatlab("clock", "advance", "40m")
    for fault in faults:
        lab.chatlab("fault", "add", *fault)
    return int(lab.chatlab("journal")[-1]["number"])


def failover(lab: labs.Lab) -> None:
    """SystemExit with the end of its output when it fails."""
    run = lab.play("failover", *ANSWERS)
    if run.rc:
        raise SystemExit(run.output[-3000:])


def first_move(lab: labs.Lab, since: int, began: dt.datetime) -> float:
    """Seconds from the start of the run to its first write.

    By the lab's clock, which runs with real time.
    """
    entries = lab.chatlab("journal", "--since", str(since))
    first = next(entry for entry in entries if entry["write"])
    return (dt.datetime.fromisoformat(first["at"]) - began).total_seconds()


def rows(lab: labs.Lab) -> dict[str, Row]:
    """A row for each loss, and that of the bare program."""
    found: dict[str, Row] = {}
    journal: list[dict[str, t.Any]] = []
    for name, faults in LOST.items():
        since = prepared(lab, faults)
        began = dt.datetime.fromisoformat(lab.chatlab("clock")["now"])
        found[f"failover, {name}"] = {
            **measured(lab, lambda: failover(lab)),
            "first_move": first_move(lab, since, began),
        }
        journal = list(lab.chatlab("journal", "--since", str(since)))
    prepared(lab, LOST["8 hosts hang"])
    found[BARE] = measured(lab, lambda: bare(lab, journal))
    return found


def main() -> int:
    with labs.running("default") as lab:
        found = rows(lab)
    floor = found[BARE]["seconds"]
    print(f"\nA failover\n{'':32}{'seconds':>9}{'x bare':>8}{'to 1st move':>13}", end="")
    print(f"{HEAD}{'left open':>11}")
    for name, row in found.items():
        seconds = row["seconds"]
        first = f"{row['first_move']:.1f}" if "first_move" in row else ""
        counts = counts_of(row["total"])
        print(f"{name:32}{seconds:9.1f}{seconds / floor:8.1f}{first:>13}{counts}")
    waits = ANSWERS[-1].partition("=")[2]
    print(
        f"Every look waits {waits} s (and 5 more for an answer that began) for what hangs,"
        " for all hosts at the same time; the bare program does not look at them."
    )
    return 0
