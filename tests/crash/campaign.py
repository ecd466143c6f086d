"""Many cells of the crash matrix, on several labs at once; what passed is kept."""

from __future__ import annotations

import dataclasses
import json
import pathlib
import subprocess
import threading
import time
import typing as t
from collections import Counter, deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from support import labs

from .cells import Baseline, baseline, cell
from .operations import BARE, Operation, build
from .strikes import NotReached

OK = "ok"
KNOWN = "known"
FAILED = "failed"


class Cell(t.NamedTuple):
    """``write``: its number in an undisturbed run, counted from 1."""

    operation: str
    write: int
    kind: str


@dataclasses.dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a campaign strikes.

    ``chosen``: which writes of each operation, as a slice of them. ``thrice``: a third run in every
    cell.
    ``inventory``: the estate, a folder under inventories/. ``estate``: the file of the lab that
    stands behind it, which has another name where the estate was lived in.
    """

    operations: Sequence[Operation]
    kinds: Sequence[str]
    chosen: slice
    thrice: bool
    inventory: str
    estate: str


class Record:
    """Cells that passed, as JSON lines in a file; without a file nothing is kept."""

    def __init__(self, path: str) -> None:
        self._file = pathlib.Path(path) if path else None
        self.known: set[Cell] = set()
        if self._file and self._file.exists():
            for line in self._file.read_text(encoding="utf-8").splitlines():
                self.known.add(Cell(**json.loads(line)))

    def add(self, passed: Cell) -> None:
        if self._file:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(passed._asdict()) + "\n")


class Campaign:
    """Workers take cells from a list for each operation until there are none left."""

    def __init__(self, wanted: Wanted, record: Record) -> None:
        self.wanted = wanted
        self._record = record
        self._open: dict[str, deque[Cell]] = {}
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._lock = threading.Lock()
        self._stopping = threading.Event()

    @property
    def passed(self) -> int:
        return self._counts.total() - self.failed

    @property
    def failed(self) -> int:
        total = 0
        for (_operation, _kind, verdict), count in self._counts.items():
            if verdict == FAILED:
                total += count
        return total

    def table(self) -> str:
        """A line for each operation and kind."""
        lines = []
        for operation in self.wanted.operations:
            for kind in self.wanted.kinds:
                ok, known, failed = (
                    self._counts[operation.name, kind, verdict] for verdict in (OK, KNOWN, FAILED)
                )
                lines.append(
                    f"{operation.name:17} {kind:22} "
                    f"{ok:4} ok {known:4} passed before {failed:4} failed"
                )
        return "\n".join(lines)

    def run(self, jobs: int) -> None:
        """One lab for each job.

        An exception of one ends the campaign when the others have no more cells.

        Ctrl-C drops the cells in hand, whose playbooks it stops as well, and stops the labs.
        """
        with ThreadPoolExecutor(jobs) as workers:
            futures = [workers.submit(self._work) for _unused in range(jobs)]
            try:
                for future in futures:
                    future.result()
            except KeyboardInterrupt:
                self._stopping.set()
                print("Stopping; cells that are not through do not count.", flush=True)

    def _work(self) -> None:
        with labs.running(self.wanted.estate, inventory=self.wanted.inventory) as lab:
            if all(operation.begins_at == BARE for operation in self.wanted.operations):
                lab.chatlab("checkpoint", BARE)
            else:
                build(lab)
            for operation in self.wanted.operations:
                if self._is_wanted(operation):
                    lab.chatlab("revert", operation.begins_at)
                    self._strike_all(lab, operation, baseline(lab, operation))

    def _is_wanted(self, operation: Operation) -> bool:
        """Not begun by anybody, or not at its end."""
        if self._stopping.is_set():
            return False
        return operation.name not in self._open or bool(self._open[operation.name])

    def _strike_all(self, lab: labs.Lab, operation: Operation, clean: Baseline) -> None:
        self._spread(operation, clean)
        while (taken := self._take(operation)) is not None:
            started = time.monotonic()
            thrice = self.wanted.thrice
            try:
                problems = cell(lab, operation, taken.write, taken.kind, clean, thrice)
            except (NotReached, labs.LabError, RuntimeError, subprocess.TimeoutExpired) as error:
                problems = [str(error)[-600:]]
            seconds = time.monotonic() - started
            what = clean.calls[taken.write - 1].rpartition("ELSE BEGIN ")[2][:60]
            self._judge(taken, problems, f"({seconds:.0f} s)  {what}")

    def _spread(self, operation: Operation, clean: Baseline) -> None:
        """The first worker that knows how many writes there are lays out the cells for all."""
        with self._lock:
            if operation.name in self._open:
                return
            numbers = range(1, clean.writes + 1)[self.wanted.chosen]
            left: deque[Cell] = deque()
            for number in numbers:
                for kind in self.wanted.kinds:
                    one = Cell(operation.name, number, kind)
                    if not clean.can_be_struck(number, kind):
                        continue
                    if one in self._record.known:
                        self._counts[operation.name, kind, KNOWN] += 1
                    else:
                        left.append(one)
            self._open[operation.name] = left
            print(
                f"{operation.name}: {clean.writes} writes undisturbed; "
                f"{len(numbers)} are struck in up to {len(self.wanted.kinds)} ways.",
                flush=True,
            )

    def _take(self, operation: Operation) -> Cell | None:
        with self._lock:
            cells = self._open[operation.name]
            if self._stopping.is_set() or not cells:
                return None
            return cells.popleft()

    def _judge(self, struck: Cell, problems: list[str], note: str) -> None:
        with self._lock:
            if self._stopping.is_set():
                return
            verdict = FAILED if problems else OK
            self._counts[struck.operation, struck.kind, verdict] += 1
            told = "FAILED " + " | ".join(problems) if problems else "ok"
            print(
                f"  {struck.operation:15} write {struck.write:3} {struck.kind:22} {told}  {note}",
                flush=True,
            )
            if not problems:
                self._record.add(struck)
