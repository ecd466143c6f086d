"""Many cells of the crash matrix, on several labs at once; what passed is kept."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import pathlib
import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from support import labs
from support.warm_ansible import WarmAnsible

from .cells import Baseline, baseline
from .operations import BARE, Operation, bare, build
from .work import Cell, Verdicts, Work, laid_out

OK = "ok"
KNOWN = "known"
FAILED = "failed"


@dataclasses.dataclass(frozen=True, kw_only=True)
class Wanted:
    """What a campaign strikes.

    ``chosen``: which writes of each operation, as a slice of them. ``thrice``: a third run in every
    cell. ``real_kills``: each kill is one, none is stood for by a state that was kept.
    ``inventory``: the estate, a folder under inventories/. ``estate``: the file of the lab that
    stands behind it, which has another name where the estate was lived in.
    """

    operations: Sequence[Operation]
    kinds: Sequence[str]
    chosen: slice
    thrice: bool
    real_kills: bool
    inventory: str
    estate: str


class Record:
    """Cells that passed, as JSON lines in a file; without a file nothing is kept."""

    def __init__(self, path: str) -> None:
        self._file = pathlib.Path(path) if path else None
        self.known: set[Cell] = set()
        if self._file and self._file.exists():
            for line in self._file.read_text(encoding="utf-8").splitlines():
                told = json.loads(line)
                self.known.add(Cell(told["operation"], told["write"], told["kind"]))

    def add(self, passed: Cell, by: str) -> None:
        """``by``: what decided it."""
        if self._file:
            with self._file.open("a", encoding="utf-8") as file:
                file.write(json.dumps({**passed._asdict(), "by": by}) + "\n")


class Campaign:
    """Workers take work from a list for each operation until there is none left."""

    def __init__(self, wanted: Wanted, record: Record) -> None:
        self.wanted = wanted
        self._record = record
        self._open: dict[str, deque[Work]] = {}
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._went: Counter[tuple[str, str]] = Counter()
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
        """A line for each operation and kind.

        A state that was kept decides two kinds, so what they went through is counted for both.
        """
        lines = []
        for operation in self.wanted.operations:
            for kind in self.wanted.kinds:
                ok, known, failed = (
                    self._counts[operation.name, kind, verdict] for verdict in (OK, KNOWN, FAILED)
                )
                lines.append(
                    f"{operation.name:17} {kind:22} "
                    f"{ok:4} ok {known:4} passed before {failed:4} failed, "
                    f"struck {self._went[operation.name, kind]} times"
                )
        return "\n".join(lines)

    def run(self, jobs: int) -> None:
        """One lab for each job.

        An exception of one ends the campaign when the others have no more work.

        Ctrl-C drops the work in hand, which counts for nothing, and stops the labs.
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
        with contextlib.ExitStack() as until:
            lab = until.enter_context(
                labs.running(self.wanted.estate, inventory=self.wanted.inventory)
            )
            lab.warm = WarmAnsible(labs.play_environment(pathlib.Path(os.devnull)))
            until.callback(lab.warm.stop)
            if all(operation.begins_at == BARE for operation in self.wanted.operations):
                bare(lab)
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
        while (work := self._take(operation)) is not None:
            started = time.monotonic()
            verdicts = work.carry_out(lab, operation, clean)
            self._judge(operation, work, verdicts, f"({time.monotonic() - started:.0f} s)")

    def _spread(self, operation: Operation, clean: Baseline) -> None:
        """The first worker that knows how many writes there are lays out the work for all."""
        with self._lock:
            if operation.name in self._open:
                return
            cells = self._left(operation, clean)
            work = laid_out(operation, clean, cells, self.wanted.real_kills, self.wanted.thrice)
            self._open[operation.name] = deque(work)
            print(
                f"{operation.name}: {clean.writes} writes undisturbed; {len(cells)} cells are left,"
                f" which take {len(work)} runs or pairs of runs.",
                flush=True,
            )

    def _left(self, operation: Operation, clean: Baseline) -> list[Cell]:
        left = []
        for number in range(1, clean.writes + 1)[self.wanted.chosen]:
            for kind in self.wanted.kinds:
                one = Cell(operation.name, number, kind)
                if not clean.can_be_struck(number, kind):
                    continue
                if one in self._record.known:
                    self._counts[operation.name, kind, KNOWN] += 1
                else:
                    left.append(one)
        return left

    def _take(self, operation: Operation) -> Work | None:
        with self._lock:
            work = self._open[operation.name]
            if self._stopping.is_set() or not work:
                return None
            return work.popleft()

    def _judge(self, operation: Operation, work: Work, verdicts: Verdicts, note: str) -> None:
        """Cells that are not decided are carried out apart, by whoever comes next."""
        with self._lock:
            if self._stopping.is_set():
                return
            for kind in {cell.kind for cell in work.cells}:
                self._went[operation.name, kind] += 1
            for cell, problems in verdicts.items():
                self._counts[cell.operation, cell.kind, FAILED if problems else OK] += 1
                if not problems:
                    self._record.add(cell, str(work))
            left = [cell for cell in work.cells if cell not in verdicts]
            self._open[operation.name].extendleft(work.apart(left))
            print(f"  {operation.name:15} {work}: {_told(verdicts, left)}  {note}", flush=True)


def _told(verdicts: Verdicts, left: Sequence[Cell]) -> str:
    """How it ended, on one line."""
    said = []
    for cell, problems in verdicts.items():
        if problems:
            said.append(f"FAILED {cell.kind} {cell.write}: {' | '.join(problems)}")
    if left:
        said.append(f"to be carried out apart: {', '.join(str(cell.write) for cell in left)}")
    return "; ".join(said) or "ok"
