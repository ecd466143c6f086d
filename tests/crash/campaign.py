"""Many cells of the crash matrix, on several labs at once; what passed is kept."""
from __future__ import annotations

import json
import pathlib
import subprocess
import threading
import time
from collections import Counter, deque
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from support import labs

from . import strikes
from .cells import Baseline, baseline, cell
from .operations import Operation

Cell = tuple[str, int, str]                                  # operation, number of the write that is struck, kind


class Campaign:
    """``chosen``: which writes of each operation, as a slice of them. ``record``: path of a file of JSON lines; empty: nothing is kept."""

    def __init__(self, operations: Sequence[Operation], kinds: Sequence[str], chosen: slice, thrice: bool, record: str) -> None:
        self.operations, self.kinds, self.chosen, self.thrice = operations, kinds, chosen, thrice
        self._record = pathlib.Path(record) if record else None
        lines = self._record.read_text(encoding="utf-8").splitlines() if self._record and self._record.exists() else []
        self._known: set[Cell] = {(c["operation"], c["write"], c["kind"]) for c in map(json.loads, lines)}
        self._open: dict[str, deque[Cell]] = {}
        self._counts: Counter[tuple[str, str, str]] = Counter()
        self._lock = threading.Lock()
        self._stopping = threading.Event()

    @property
    def passed(self) -> int:
        return sum(n for (_operation, _kind, verdict), n in self._counts.items() if verdict != "failed")

    @property
    def failed(self) -> int:
        return sum(n for (_operation, _kind, verdict), n in self._counts.items() if verdict == "failed")

    def table(self) -> str:
        rows = [(o.name, kind, *(self._counts[o.name, kind, verdict] for verdict in ("ok", "known", "failed"))) for o in self.operations for kind in self.kinds]
        return "\n".join(f"{name:17} {kind:22} {ok:4} ok {known:4} passed before {failed:4} failed" for name, kind, ok, known, failed in rows)

    def run(self, jobs: int) -> None:
        """One lab for each job; an exception of one ends the campaign when the others have no more cells. Ctrl-C drops the cells in hand, whose
        playbooks it stops as well, and stops the labs."""
        with ThreadPoolExecutor(jobs) as workers:
            futures = [workers.submit(self._work) for _unused in range(jobs)]
            try:
                for future in futures:
                    future.result()
            except KeyboardInterrupt:
                self._stopping.set()
                print("Stopping; cells that are not through do not count.", flush=True)

    def _work(self) -> None:
        with labs.running("default") as lab:
            built = lab.play("site")
            if built.rc:
                raise RuntimeError(f"the build failed:\n{built.output[-3000:]}")
            lab.chatlab("checkpoint", "built")
            for operation in self.operations:
                if self._open.get(operation.name, True) and not self._stopping.is_set():           # not begun by anybody, or not at its end
                    lab.chatlab("revert", "built")
                    self._strike_all(lab, operation, baseline(lab, operation))

    def _strike_all(self, lab: labs.Lab, operation: Operation, clean: Baseline) -> None:
        self._spread(operation, clean)
        while (taken := self._take(operation)) is not None:
            started = time.monotonic()
            _name, number, kind = taken
            try:
                problems = cell(lab, operation, number, kind, clean, self.thrice)
            except (strikes.NotReached, labs.LabError, RuntimeError, subprocess.TimeoutExpired) as error:
                problems = [str(error)[-600:]]
            what = clean.calls[number - 1].rpartition("ELSE BEGIN ")[2][:60]
            self._judge(taken, problems, f"({time.monotonic() - started:.0f} s)  {what}")

    def _spread(self, operation: Operation, clean: Baseline) -> None:
        """The first worker that knows how many writes there are lays out the cells for all."""
        with self._lock:
            if operation.name in self._open:
                return
            numbers = range(1, clean.writes + 1)[self.chosen]
            cells = [(operation.name, number, kind) for number in numbers for kind in self.kinds if clean.can_be_struck(number, kind)]
            self._open[operation.name] = deque(c for c in cells if c not in self._known)
            for name, _number, kind in (c for c in cells if c in self._known):
                self._counts[name, kind, "known"] += 1
            print(f"{operation.name}: {clean.writes} writes undisturbed; {len(numbers)} are struck in up to {len(self.kinds)} ways.", flush=True)

    def _take(self, operation: Operation) -> Cell | None:
        with self._lock:
            cells = self._open[operation.name]
            return cells.popleft() if cells and not self._stopping.is_set() else None

    def _judge(self, struck: Cell, problems: list[str], note: str) -> None:
        name, number, kind = struck
        with self._lock:
            if self._stopping.is_set():
                return
            self._counts[name, kind, "failed" if problems else "ok"] += 1
            print(f"  {name:15} write {number:3} {kind:22} {'FAILED ' + ' | '.join(problems) if problems else 'ok'}  {note}", flush=True)
            if self._record and not problems:
                with self._record.open("a", encoding="utf-8") as file:
                    file.write(json.dumps({"operation": name, "write": number, "kind": kind}) + "\n")
