"""What a lab does in one go, and which cells of the matrix that decides.

Nothing is run twice. After a kill the next run finds the state of the estate and nothing else: a
run keeps no file on the controller that a later one reads (the record of operations is read by
people), and runspaces of a dead client own no database. So one undisturbed run of which the lab
keeps the state after every write stands for the kills at all of them, and each state needs one run
from there to the end; "killed after n" and "killed before n + 1" are the same state. Real kills
beside them compare what they leave with the state that was kept.

Strikes after which a run goes on are carried out many in one run: when it ends as it should, each
of them did no harm. When anything is wrong, nothing is decided by it: it is done again in halves,
and a cell with which it goes wrong is carried out alone, and judged by that.
"""

from __future__ import annotations

import abc
import dataclasses
import subprocess
import typing as t
from collections import Counter
from collections.abc import Iterable, Sequence

from support import labs

from .cells import (
    Baseline,
    Entry,
    Place,
    begun,
    cell,
    changes_nothing,
    ends_as_it_should,
    finished,
    number_of_state,
    state_left_by,
    writes,
)
from .operations import Operation, whole_estate
from .strikes import KILLED, NotReached, strike_many

#: Writes of one group are so far apart. After a strike the engine looks again before it writes the
#: next time: were that write struck as well, its own second look could hide what the first one
#: left. So neighbours are never in one group, and between two strikes lies at least one write that
#: nobody touched, on what the strike before left.
STRIDE = 3
#: What a campaign takes as "this failed", and goes on.
FAILURES = (NotReached, labs.LabError, RuntimeError, EOFError, subprocess.TimeoutExpired)


class Cell(t.NamedTuple):
    """``write``: its number in an undisturbed run, counted from 1."""

    operation: str
    write: int
    kind: str


Verdicts = dict[Cell, list[str]]
"""What is wrong with each cell that is decided."""


class Work(t.Protocol):
    """Some cells, and what decides them."""

    @property
    def cells(self) -> Sequence[Cell]:
        """Those that may be decided."""

    def carry_out(self, lab: labs.Lab, operation: Operation, clean: Baseline) -> Verdicts:
        """From the operation's checkpoint. What is left out is to be carried out by ``apart``."""

    def apart(self, left: Sequence[Cell]) -> Sequence[Work]:
        """What decides those that this did not."""


class Decisive(abc.ABC):
    """One verdict for all of its cells, whatever happens."""

    @property
    @abc.abstractmethod
    def cells(self) -> Sequence[Cell]:
        """Those that are decided."""

    @abc.abstractmethod
    def _problems(self, lab: labs.Lab, operation: Operation, clean: Baseline) -> list[str]:
        """What is wrong with them."""

    def carry_out(self, lab: labs.Lab, operation: Operation, clean: Baseline) -> Verdicts:
        """From the operation's checkpoint."""
        try:
            problems = self._problems(lab, operation, clean)
        except FAILURES as error:
            problems = [str(error)[-600:]]
        return dict.fromkeys(self.cells, problems)

    def apart(self, left: Sequence[Cell]) -> Sequence[Work]:
        """Nothing is left to be decided."""
        assert not left
        return ()


@dataclasses.dataclass(frozen=True)
class Alone(Decisive):
    """A strike of its own, with a real kill if it is one; the next run finishes.

    ``same``: cells that the same state decides, since what a kill leaves was compared with it.
    """

    cell: Cell
    same: tuple[Cell, ...] = ()
    thrice: bool = False

    def __str__(self) -> str:
        return f"{self.cell.kind} {self.cell.write}"

    @property
    def cells(self) -> Sequence[Cell]:
        return (self.cell, *self.same)

    def _problems(self, lab: labs.Lab, operation: Operation, clean: Baseline) -> list[str]:
        return cell(lab, operation, self.cell.write, self.cell.kind, clean, self.thrice)


@dataclasses.dataclass(frozen=True)
class FromState(Decisive):
    """A run from the state that the n-th write left, in which a kill leaves the estate.

    ``decided``: the cells of that state.
    """

    write: int
    decided: tuple[Cell, ...]
    thrice: bool = False

    @property
    def cells(self) -> Sequence[Cell]:
        return self.decided

    def __str__(self) -> str:
        return f"from the state after write {self.write}"

    def _problems(self, lab: labs.Lab, operation: Operation, clean: Baseline) -> list[str]:
        since = begun(lab, operation)
        lab.chatlab("revert", state_left_by(operation, self.write))
        return finished(lab, operation, clean, since, thrice=self.thrice)


@dataclasses.dataclass(frozen=True)
class Group:
    """One run with many strikes of one kind, after which it goes on."""

    kind: str
    cells: tuple[Cell, ...]

    def __str__(self) -> str:
        return f"{self.kind} {', '.join(str(cell.write) for cell in self.cells)}"

    def carry_out(self, lab: labs.Lab, operation: Operation, clean: Baseline) -> Verdicts:
        try:
            passed = self._passed(lab, operation, clean)
        except FAILURES:
            return {}
        return {one: [] for one in self.cells if one.write in passed}

    def apart(self, left: Sequence[Cell]) -> Sequence[Work]:
        """Where something went wrong, one half at a time, down to the cell with which it does.

        A strike that no run came to, because another one ended it, needs a run of its own.
        """
        if len(left) < len(self.cells) or len(left) == 1:
            return alone(left)
        half = len(left) // 2
        return [Group(self.kind, tuple(part)) for part in (left[:half], left[half:])]

    def _passed(self, lab: labs.Lab, operation: Operation, clean: Baseline) -> set[int]:
        """Numbers of the writes that were struck, if the runs end as they should.

        A write is known by what it says: where a strike ended a run, the next one counts anew.
        """
        since = begun(lab, operation)
        numbers: list[int] = []
        which: list[tuple[str, ...]] = []
        for one in self.cells:
            numbers.append(one.write)
            which.append(_fields(clean.places, one.write))
        runs = strike_many(lab, which, self.kind, operation.playbook, operation.arguments)
        if runs[-1].rc or ends_as_it_should(lab, operation, clean, since, runs):
            return set()
        passed = _struck(clean.places, numbers, writes(lab, since.journal))
        # From the estate of the undisturbed run it was seen that the next one changes nothing.
        if whole_estate(lab) != clean.whole and changes_nothing(lab, operation):
            return set()
        return passed


def _fields(places: Sequence[Place], number: int) -> tuple[str, ...]:
    """What tells the lab which write that is: what it says, and the how manieth that says so."""
    place = places[number - 1]
    same = places[:number].count(place)
    return f"number={same}", f"host={place.host}", f"pattern={place.pattern}"


def _struck(places: Sequence[Place], numbers: Iterable[int], entries: Iterable[Entry]) -> set[int]:
    """Those of the writes that were struck; a strike is believed when it stands in the journal."""
    struck = [entry for entry in entries if _is_struck(entry)]
    hit: Counter[Place] = Counter()
    for place in {places[number - 1] for number in numbers}:
        hit[place] = sum(place.holds(entry) for entry in struck)
    found = set()
    for number in numbers:
        place = places[number - 1]
        hit[place] -= 1
        if hit[place] >= 0:
            found.add(number)
    return found


def _is_struck(entry: Entry) -> bool:
    return entry["outcome"] == "lost" or "run_again" in entry["notes"]


def laid_out(
    operation: Operation, clean: Baseline, cells: Iterable[Cell], real_kills: bool, thrice: bool
) -> list[Work]:
    """What decides these cells of the operation. ``real_kills``: every kill is a real one."""
    kills: list[Cell] = []
    goes_on: list[Cell] = []
    for one in cells:
        (kills if one.kind in KILLED else goes_on).append(one)
    if thrice:
        return [*alone(goes_on, thrice), *_kills(operation, clean, kills, real_kills, thrice)]
    return [*_groups(goes_on), *_kills(operation, clean, kills, real_kills, thrice)]


def alone(cells: Iterable[Cell], thrice: bool = False) -> list[Work]:
    """Each of them by a strike of its own."""
    found: list[Work] = []
    for one in cells:
        found.append(Alone(one, thrice=thrice))
    return found


def _groups(cells: list[Cell]) -> list[Work]:
    found: dict[tuple[str, int], list[Cell]] = {}
    for one in cells:
        found.setdefault((one.kind, one.write % STRIDE), []).append(one)
    return [Group(kind, tuple(group)) for (kind, _rest), group in found.items()]


def _kills(
    operation: Operation, clean: Baseline, cells: list[Cell], real_kills: bool, thrice: bool
) -> list[Work]:
    """The states in their order; those at the ends and in the middle by real kills."""
    by_state: dict[int, list[Cell]] = {}
    for one in cells:
        by_state.setdefault(number_of_state(one.write, one.kind), []).append(one)
    numbers = sorted(by_state)
    proven = {*numbers[:1], *numbers[len(numbers) // 2 :][:1], *numbers[-1:]}
    found: list[Work] = []
    for number in numbers:
        same = by_state[number]
        if real_kills or number not in clean.states:
            found += alone(same, thrice)
        elif number in proven:
            found.append(Alone(same[0], tuple(same[1:]), thrice))
        else:
            found.append(FromState(number, tuple(same), thrice))
    return found
