"""A run as a person at night wants to see it: what is planned, what is under way, what went wrong,
and how it ended. FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from ..._engine.progress import span
from ..words import plural
from .failures import NO_ANSWER, Failures, word_of
from .operation import Operation
from .told import Begun, Line, Recap, Told, texts

#: Tasks that ask all hosts at the same time, for as long as the slowest one takes.
LOOKS = frozenset({"dr_info", "members_info", "fidelity_info"})
#: Keys of a task that only shows a variable.
_NO_VARIABLE = frozenset({"msg", "changed", "failed", "lines"})
#: Seconds from which on it is said how long a task took.
_WORTH_SAYING = 1.0


class Night:
    """The text of one run. Its methods are told what happens, and give the lines for it.

    ``now``: a clock, in seconds. ``checking``: it is a check run.
    """

    def __init__(self, now: Callable[[], float], checking: bool) -> None:
        self._now = now
        self._checking = checking
        self._began = now()
        self._failures = Failures()
        self._operations: dict[str, Operation] = {}
        self._started: dict[str, float] = {}
        self._looking = ""
        self._said: set[str] = set()

    def begins(self, host: str, task: Begun) -> Iterator[Line]:
        """A task begins on a host."""
        self._started[host] = self._now()
        if task.move is not None and host in self._operations:
            yield from self._of(host, self._operations[host].begins(task.move))
        if task.action in LOOKS and task.id != self._looking:
            self._looking = task.id
            yield Line(f"{_without_role(task.name)} ...")

    def ends_well(self, told: Told) -> Iterator[Line]:
        """A task ended, or an item of its loop, and nothing is wrong."""
        result = told.result
        if "outage_so_far" in result.get("ansible_facts", {}):
            yield from self._remembered(told.host, 0)
        if told.action == "operation_record" and result.get("done"):
            yield from self._remembered(told.host, len(result["done"]))
        if told.action == "dr_plan":
            yield from self._noted(self._operation(told.host).planned(result))
        elif told.action:
            for line in result.get("lines", []):
                yield Line(line)
        if told.action == "plan_files":
            yield Line(str(result.get("msg")), "good")
        if told.speaks:
            yield from self._spoken(told)
        if result.get("changed"):
            yield from self._changed(told)

    def fails(self, told: Told, ignored: bool = False) -> Iterator[Line]:
        """A task failed, or an item of its loop. ``ignored``: the run goes on all the same."""
        if told.action == "dr_plan":
            yield from self._operation(told.host).refused(told.result)
        elif told.action:
            for line in told.result.get("lines", []):
                yield Line(line)
        yield from self._failures.tell(told, word_of(told), ignored)

    def silent(self, told: Told, ignored: bool = False) -> Iterator[Line]:
        """A host did not answer."""
        yield from self._failures.tell(told, NO_ANSWER, ignored)

    def task_over(self) -> Iterator[Line]:
        """Another task comes, or none."""
        yield from self._failures.task_over()

    def over(self, recap: Recap) -> Iterator[Line]:
        """The run is over."""
        yield from self.task_over()
        for operation in self._operations.values():
            yield from operation.over()
        yield Line("")
        yield _ended(recap, self._checking, span(self._now() - self._began))

    def _operation(self, host: str) -> Operation:
        return self._operations.setdefault(host, Operation(self._now, self._checking))

    def _remembered(self, host: str, done: int) -> Iterator[Line]:
        """The role remembers which moves are done; none: it begins."""
        before = self._operations.get(host)
        if before is not None:
            yield from self._of(host, before.did(done))
        if not done:
            if before is not None:
                yield from before.over()
            self._operations[host] = Operation(self._now, self._checking)

    def _of(self, host: str, lines: Iterator[Line]) -> Iterator[Line]:
        """Lines of one of several pools say of which."""
        name = self._operations[host].pool
        for line in lines:
            if len(self._operations) > 1:
                yield Line(f"{name} {line.text}", line.tone)
            else:
                yield line

    def _noted(self, lines: Iterator[Line]) -> Iterator[Line]:
        """Lines whose sentences need not be said again by a task that speaks."""
        for line in lines:
            self._said.add(line.text)
            yield line

    def _spoken(self, told: Told) -> Iterator[Line]:
        """What ``debug`` shows, as far as it was not said already."""
        result = told.result
        if "msg" in result:
            for line in texts(result["msg"]):
                if not any(said.endswith(line) for said in self._said):
                    yield Line(line)
            return
        for name, value in result.items():
            if name not in _NO_VARIABLE and not name.startswith("_"):
                shown = json.dumps(value, indent=2, ensure_ascii=False, default=str)
                yield from map(Line, f"{name}: {shown}".splitlines())

    def _changed(self, told: Told) -> Iterator[Line]:
        """What was done outside of moves, which are told as moves; in a check run all of it."""
        operation = self._operations.get(told.host)
        if operation is not None and operation.goes_on and not self._checking:
            return
        would = "would " if self._checking else ""
        took = self._took(told.host)
        steps = told.result.get("steps", [])
        for step in steps:
            mark = " [ONE-WAY]" if step["one_way"] else ""
            text = f"  {told.where}: {would}{step['name']}{mark}: {step['why']}"
            last = took if step is steps[-1] else ""
            yield Line(text + last, "change")
        if not steps:
            changes = "would change something" if self._checking else "changed something"
            yield Line(f"  {told.where}: {_without_role(told.task)}: {changes}{took}", "change")

    def _took(self, host: str) -> str:
        seconds = self._now() - self._started.get(host, self._now())
        return f" ({span(seconds)})" if seconds >= _WORTH_SAYING else ""


def _ended(recap: Recap, checking: bool, took: str) -> Line:
    """The last line of a run."""
    if recap.failed or recap.silent:
        failed = f"; failed: {', '.join(recap.failed)}" if recap.failed else ""
        silent = f"; no answer: {', '.join(recap.silent)}" if recap.silent else ""
        return Line(f"ENDED WITH FAILURES after {took}{failed}{silent}.", "bad")
    if not recap.hosts:
        return Line("Nothing was done: no host was part of this run.", "bad")
    if checking:
        return Line(f"Checked in {took}: {_tasks(recap.changed)} would change something.", "good")
    if not recap.changed:
        return Line(f"Done in {took}: nothing had to be changed.", "good")
    return Line(f"Done in {took}: {_tasks(recap.changed)} changed something.", "good")


def _without_role(task: str) -> str:
    """Ansible puts the role before the name of its task."""
    return task.rpartition(" : ")[2]


def _tasks(count: int) -> str:
    return plural(count, "task") if count else "no task"
