"""./run bench outage: what an outage costs users, with the settings that users have.

A failover with two hosts hanging and with a whole data centre, a planned switchover, a failback and
a mirror failover; each beside a bare program that sends the same commands to the same estate. A
chat client writes all the time: when it is served again, and for how long it was not, is what it
saw. --write puts the table into docs/operating.md.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import datetime as dt
import pathlib
import threading
import time
import typing as t
import uuid
from collections.abc import Callable, Iterator, Sequence

from dev.bench import shown
from dev.bench.build_costs import bare, measured
from support import dirt, labs
from support.outage import ANSWERS

#: Seconds between two messages of the client.
_PAUSE = 0.2
#: What hangs, as faults of the lab.
TWO_HANG = (
    ("host", "host=sql-n1.contoso.example", "mode=hang"),
    ("host", "host=sql-n2.contoso.example", "mode=hang"),
)
EIGHT_HANG = (("site", "site=north", "mode=hang"),)


@dataclasses.dataclass(frozen=True)
class Kind:
    """An estate. ``up``: arguments of ``chatlab up``. ``dirty``: it was lived in for years."""

    name: str
    estate: str = "default"
    up: tuple[str, ...] = ()
    dirty: bool = False


@dataclasses.dataclass(frozen=True)
class Operation:
    """A run of a playbook. ``goes_on``: where the one before it ended, else at the built estate."""

    name: str
    playbook: str
    arguments: tuple[str, ...] = ()
    faults: tuple[tuple[str, ...], ...] = ()
    goes_on: bool = False


@dataclasses.dataclass(frozen=True)
class Row:
    """What one operation cost; seconds. ``served``: to the first message after the last gap.

    ``gap``: in which nobody could write, as the client saw it. ``left``: runspaces and processes.
    """

    kind: str
    operation: str
    seconds: float
    served: float | None
    gap: float
    first_move: float
    requests: int
    bare_requests: int
    bare_seconds: float
    left: tuple[int, int]


KINDS = (
    Kind("Lync 2013"),
    Kind("Skype for Business 2015", up=("--product", "SkypeForBusiness")),
    Kind("Lync 2013, lived in", estate=dirt.ESTATE, dirty=True),
)
OPERATIONS = (
    Operation("failover, 2 hosts hang", "failover", faults=TWO_HANG),
    Operation("failover, 8 hosts hang", "failover", faults=EIGHT_HANG),
    Operation("planned switchover", "failover", ("-e", "failover_mode=planned")),
    Operation("failback", "failback", goes_on=True),
    Operation("mirror failover", "mirror_failover"),
)


class Client:
    """Writes a message every fifth of a second, and remembers when one was acknowledged."""

    def __init__(self, lab: labs.Lab) -> None:
        self._lab = lab
        self._ended = threading.Event()
        self._served: list[float] = []

    def write(self) -> None:
        """Until it is told to end."""
        while not self._ended.wait(_PAUSE):
            with contextlib.suppress(labs.LabError):
                if self._lab.chatlab("chat", "post", "1")["acknowledged"]:
                    self._served.append(time.monotonic())

    def end(self) -> None:
        """After the message that is under way."""
        self._ended.set()

    def gap(self, since: float, until: float) -> tuple[float, float | None]:
        """The longest time without a served message, in seconds, and when it ended after
        ``since``; None when it did not end.
        """
        times = [since, *(at for at in self._served if since < at < until), until]
        longest = max(range(1, len(times)), key=lambda number: times[number] - times[number - 1])
        length = times[longest] - times[longest - 1]
        ended = None if longest == len(times) - 1 else times[longest] - since
        return length, ended


@contextlib.contextmanager
def writing(lab: labs.Lab) -> Iterator[Client]:
    """A client that writes while the block runs."""
    client = Client(lab)
    thread = threading.Thread(target=client.write, daemon=True)
    thread.start()
    try:
        yield client
    finally:
        client.end()
        thread.join(10)


def built(lab: labs.Lab, kind: Kind) -> None:
    """The estate before any outage, as a checkpoint."""
    if lab.play("site").rc:
        raise SystemExit("the build failed")
    lab.chatlab("chat", "post", "5")
    lab.chatlab("clock", "advance", "40m")
    if kind.dirty:
        dirt.soil(lab, (*dirt.NORTH, *dirt.SOUTH))
    lab.chatlab("checkpoint", "built")


def one(lab: labs.Lab, kind: Kind, operation: Operation) -> Row:
    """Carry the operation out, and send the same commands with the bare program."""
    if not operation.goes_on:
        lab.chatlab("revert", "built")
    lab.chatlab("checkpoint", "start")
    _break(lab, operation)
    since = int(lab.chatlab("journal")[-1]["number"])
    mark = uuid.uuid4().hex
    began_at = dt.datetime.fromisoformat(lab.chatlab("clock")["now"])
    with writing(lab) as client:
        began = time.monotonic()
        found = measured(lab, lambda: _play(lab, operation, mark))
        time.sleep(2 * _PAUSE)
        gap, served = client.gap(began, time.monotonic())
    left = (int(found.total.get("shells", 0)), _processes(mark))
    journal = list(lab.chatlab("journal", "--since", str(since)))
    lab.chatlab("checkpoint", "after")
    lab.chatlab("revert", "start")
    _break(lab, operation)
    floor = measured(lab, lambda: bare(lab, journal))
    lab.chatlab("revert", "after")
    lab.chatlab("fault", "clear")
    return Row(
        kind=kind.name,
        operation=operation.name,
        seconds=found.seconds,
        served=served,
        gap=gap,
        first_move=_first_move(journal, began_at),
        requests=found.total["requests"],
        bare_requests=floor.total["requests"],
        bare_seconds=floor.seconds,
        left=left,
    )


def _break(lab: labs.Lab, operation: Operation) -> None:
    for fault in operation.faults:
        lab.chatlab("fault", "add", *fault)


def _play(lab: labs.Lab, operation: Operation, mark: str) -> None:
    """SystemExit with the end of its output when it fails."""
    run = lab.play(
        operation.playbook,
        *ANSWERS,
        *operation.arguments,
        environment={"PCHAT_BENCH_RUN": mark},
        timeout=1800,
    )
    if run.rc:
        raise SystemExit(run.output[-3000:])


def _processes(mark: str) -> int:
    """Processes that still have the run's mark in their environment."""
    found = 0
    for file in pathlib.Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            found += mark.encode() in file.read_bytes()
    return found


def _first_move(journal: Sequence[dict[str, t.Any]], began: dt.datetime) -> float:
    """Seconds from the start of the run to its first write, by the lab's clock, which runs with
    real time.
    """
    first = next(entry for entry in journal if entry["write"])
    return (dt.datetime.fromisoformat(first["at"]) - began).total_seconds()


def rows_of(kind: Kind, tell: Callable[[Row], None]) -> list[Row]:
    """A row for each operation on an estate of this kind."""
    found = []
    with labs.running(kind.estate, up=kind.up, inventory=dirt.INVENTORY) as lab:
        built(lab, kind)
        for operation in OPERATIONS:
            found.append(one(lab, kind, operation))
            tell(found[-1])
    return found


COLUMNS = (
    "Estate",
    "Operation",
    "Nobody could write",
    "First client served",
    "First move",
    "Done",
    "Requests",
    "of the bare program",
    "Bare program",
    "Left open",
)


def cells(row: Row) -> list[str]:
    """A row in words."""
    ratio = row.requests / max(row.bare_requests, 1)
    return [
        row.kind,
        row.operation,
        f"{row.gap:.1f} s",
        "-" if row.served is None else f"{row.served:.1f} s",
        f"{row.first_move:.1f} s",
        f"{row.seconds:.1f} s",
        str(row.requests),
        f"{row.bare_requests} ({ratio:.1f} x)",
        f"{row.bare_seconds:.1f} s",
        f"{row.left[0]} runspaces, {row.left[1]} processes",
    ]


def table(rows: Sequence[Row]) -> str:
    """In Markdown, with the date and the machine below it."""
    lines = [cells(row) for row in rows]
    return f"{shown.markdown(COLUMNS, lines)}\n{shown.measured_by('./run bench outage')}"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="./run bench outage", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one estate only, the first")
    parser.add_argument("--write", action="store_true", help="put the table into the guide")
    options = parser.parse_args(arguments)
    kinds = KINDS[:1] if options.quick else KINDS
    rows: list[Row] = []
    for kind in kinds:
        rows += rows_of(kind, lambda row: print(" | ".join(cells(row)), flush=True))
    text = table(rows)
    print("\n" + text)
    if options.write:
        shown.write("outage", text)
    return 0
