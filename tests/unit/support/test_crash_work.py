"""What the crash campaign does not run twice is still found: on an estate of six batches, with a
product that lacks a guard, forgets what a killed run left, or takes another way.
"""

from __future__ import annotations

import copy
import itertools
import re
import typing as t

import pytest

from crash.cells import Baseline, Place, baseline
from crash.operations import Operation, whole_estate
from crash.strikes import GOES_ON, KINDS
from crash.work import STRIDE, Alone, Cell, FromState, Group, laid_out
from support import labs

SIX = Operation(name="six", playbook="six", arguments=(), estate=whole_estate)
BATCHES = range(1, 7)
LOST_ANSWER, TWICE, HALF_WAY = GOES_ON


class SmallLab:
    """An estate in which six batches each add their number, and the product that sends them.

    ``unguarded``: a batch that adds its number again when it is executed again. ``forgotten``: a
    batch that a run which begins right behind it takes for the last one. ``gives_up``: a batch
    after whose lost answer the run fails. ``never_ends``: it fails again after that.
    """

    def __init__(
        self, unguarded: int = 0, forgotten: int = 0, gives_up: int = 0, never_ends: bool = False
    ) -> None:
        self.unguarded = unguarded
        self.forgotten = forgotten
        self.gives_up = gives_up
        self.never_ends = never_ends
        self.done: list[int] = []
        self.journal: list[dict[str, t.Any]] = []
        self.faults: dict[str, dict[str, t.Any]] = {}
        self.kept: dict[str, tuple[list[int], list[dict[str, t.Any]]]] = {}
        self.series: str = ""
        self.runs = 0

    # --- what the campaign asks of a lab

    def chatlab(self, command: str, *words: str) -> t.Any:
        answer = getattr(self, f"_{command}")(*words)
        return copy.deepcopy(answer)

    def add_fault(self, kind: str, *fields: str) -> str:
        told = dict(field.split("=", 1) for field in fields)
        name = f"f{len(self.faults)}"
        self.faults[name] = {"id": name, "kind": kind, **told, "seen": 0, "fired": False}
        return name

    def has_fired(self, fault: str) -> bool:
        return fault in self.faults and bool(self.faults[fault]["fired"])

    def play(self, _playbook: str, *_arguments: str) -> labs.Run:
        self.runs += 1
        changed = 0
        already = set(self.done)
        if self.forgotten and max(already, default=0) == self.forgotten:
            return self._ended(0, changed)
        for number in BATCHES:
            if number not in already:
                changed += 1
                if self._send(number) == "drop" and number == self.gives_up:
                    return self._ended(2, changed)
        return self._ended(2 * int(self.never_ends and self.runs > 2), changed)

    @staticmethod
    def _ended(rc: int, changed: int) -> labs.Run:
        recap = f"host : ok=1 changed={changed} unreachable=0 failed={int(rc > 0)}"
        return labs.Run(rc=rc, output=recap, results=[])

    def _send(self, number: int) -> str:
        entry = {
            "number": len(self.journal) + 1,
            "host": "sql",
            "name": "Invoke-Sqlcmd",
            "parameters": {"Query": f"ADD {number}"},
            "write": True,
            "outcome": "ok",
            "notes": {},
        }
        self.journal.append(entry)
        self.done.append(number)
        struck = self._strikes(f"Invoke-Sqlcmd -Query ADD {number}")
        if struck in ("twice", "half_way"):
            entry["notes"] = {"run_again": {}}
            if number == self.unguarded:
                self.done.append(number)
        if struck == "drop":
            entry["outcome"] = "lost"
        if self.series:
            self._checkpoint(f"{self.series} {len(self.done)}")
        return struck

    def _strikes(self, said: str) -> str:
        found = ""
        for fault in self.faults.values():
            if not re.search(fault.get("pattern", ""), said):
                continue
            fault["seen"] += 1
            if fault["seen"] == int(fault["number"]):
                fault["fired"] = True
                found = fault["action"]
        return found

    # --- its commands

    def _checkpoint(self, name: str) -> None:
        self.kept[name] = copy.deepcopy((self.done, self.journal))

    def _revert(self, name: str) -> None:
        self.done, self.journal = copy.deepcopy(self.kept[name])

    def _states(self, what: str, name: str = "") -> t.Any:
        self.series = name if what == "keep" else ""
        if what == "keep":
            self._checkpoint(f"{name} 0")
        return {"kept": [0, *BATCHES]}

    def _journal(self, what: str = "--since", since: str = "0") -> t.Any:
        if what == "--impossible":
            return []
        return [entry for entry in self.journal if entry["number"] > int(since)]

    def _state(self, _fingerprint: str) -> t.Any:
        return {"done": self.done}

    def _chat(self, _verify: str) -> t.Any:
        return {"acknowledged": 0, "present": 0, "refused": 0, "impossible": [], "pools": {}}

    def _fault(self, what: str, which: str = "") -> t.Any:
        if what == "clear":
            del self.faults[which]
        return list(self.faults.values())


def stood(**product: t.Any) -> tuple[labs.Lab, SmallLab, Baseline]:
    """A lab, the same as what it is, and what an undisturbed run takes and leaves there."""
    small = SmallLab(**product)
    lab = t.cast("labs.Lab", small)
    clean = baseline(lab, SIX)
    small.runs = 0
    return lab, small, clean


def cells(*kinds: str) -> list[Cell]:
    """Each batch, struck in each of these ways."""
    return [Cell(SIX.name, number, kind) for number in BATCHES for kind in kinds]


def verdicts(lab: labs.Lab, clean: Baseline, kinds: t.Sequence[str]) -> dict[Cell, list[str]]:
    """What is wrong with each cell; those that a group leaves open are struck apart."""
    found: dict[Cell, list[str]] = {}
    laid = laid_out(SIX, clean, cells(*kinds), real_kills=False, thrice=False)
    todo = [work for work in laid if not isinstance(work, Alone)]  # without the real kills
    while todo:
        work = todo.pop()
        told = work.carry_out(lab, SIX, clean)
        found.update(told)
        todo += work.apart([one for one in work.cells if one not in told])
    return found


def wrong(found: dict[Cell, list[str]]) -> set[tuple[str, int]]:
    """Kind and write of the cells that failed."""
    return {(one.kind, one.write) for one, problems in found.items() if problems}


def test_everything_is_decided_once() -> None:
    _lab, _small, clean = stood()
    work = laid_out(SIX, clean, cells(*KINDS), real_kills=False, thrice=False)
    decided = [one for part in work for one in part.cells]
    assert sorted(decided) == sorted(cells(*KINDS))


def test_neighbours_are_never_struck_in_one_run() -> None:
    _lab, _small, clean = stood()
    work = laid_out(SIX, clean, cells(*GOES_ON), real_kills=False, thrice=False)
    assert len(work) == STRIDE * len(GOES_ON)
    for part in work:
        numbers = [one.write for one in part.cells]
        apart = [later - earlier for earlier, later in itertools.pairwise(numbers)]
        assert apart
        assert min(apart) >= STRIDE


def test_kills_at_both_ends_and_in_the_middle_are_real_ones() -> None:
    _lab, _small, clean = stood()
    work = laid_out(
        SIX, clean, cells("killed before", "killed after"), real_kills=False, thrice=False
    )
    states = [part.write for part in work if isinstance(part, FromState)]
    kills = [part.cells for part in work if isinstance(part, Alone)]
    assert states == [1, 2, 4, 5]
    assert [(kill[0].kind, kill[0].write, len(kill)) for kill in kills] == [
        ("killed before", 1, 1),
        ("killed after", 3, 2),
        ("killed after", 6, 1),
    ]


def test_every_kill_can_be_a_real_one_and_one_whose_state_is_not_kept_is() -> None:
    _lab, _small, clean = stood()
    kills = cells("killed before", "killed after")
    assert len(laid_out(SIX, clean, kills, real_kills=True, thrice=False)) == len(kills)
    without = clean._replace(states=clean.states - {2})
    work = laid_out(SIX, without, kills, real_kills=False, thrice=False)
    alone = {part.cell for part in work if isinstance(part, Alone)}
    assert {Cell("six", 2, "killed after"), Cell("six", 3, "killed before")} <= alone


def test_a_product_without_fault_passes_in_a_run_for_each_state_and_group() -> None:
    lab, small, clean = stood()
    found = verdicts(lab, clean, KINDS)
    assert wrong(found) == set()
    assert small.runs == 4 + STRIDE * len(GOES_ON)


def test_a_missing_guard_is_found_and_only_at_the_batch_that_lacks_it() -> None:
    lab, _small, clean = stood(unguarded=4)
    assert wrong(verdicts(lab, clean, KINDS)) == {(TWICE, 4), (HALF_WAY, 4)}


def test_what_a_run_forgets_that_begins_after_a_kill_is_found() -> None:
    lab, _small, clean = stood(forgotten=4)
    assert wrong(verdicts(lab, clean, KINDS)) == {("killed after", 4), ("killed before", 5)}


def test_a_run_that_a_strike_ends_is_gone_on_with_and_nobody_is_blamed() -> None:
    lab, _small, clean = stood(gives_up=2)
    assert wrong(verdicts(lab, clean, GOES_ON)) == set()


def test_a_run_that_fails_without_a_strike_is_found() -> None:
    lab, _small, clean = stood()
    lab, small, clean = stood(gives_up=2)
    small.never_ends = True
    found = wrong(verdicts(lab, clean, [LOST_ANSWER]))
    assert (LOST_ANSWER, 2) in found


@pytest.mark.parametrize("kind", GOES_ON)
def test_a_strike_that_met_no_write_decides_nothing(kind: str) -> None:
    lab, _small, clean = stood()
    other = clean._replace(places=(Place("sql", "^never said$"),) * len(clean.places))
    group = Group(kind, tuple(cells(kind)[::STRIDE]))
    assert group.carry_out(lab, SIX, other) == {}
    assert len(group.carry_out(lab, SIX, clean)) == 2


def test_a_group_that_goes_wrong_is_halved_and_what_no_run_came_to_is_struck_alone() -> None:
    every = tuple(cells(LOST_ANSWER))
    group = Group(LOST_ANSWER, every)
    assert group.apart(every) == [
        Group(LOST_ANSWER, every[:3]),
        Group(LOST_ANSWER, every[3:]),
    ]
    assert group.apart(every[2:4]) == [Alone(every[2]), Alone(every[3])]
    assert Group(LOST_ANSWER, every[:1]).apart(every[:1]) == [Alone(every[0])]
    assert group.apart(()) == []
