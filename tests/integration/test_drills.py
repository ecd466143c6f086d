"""A slice of the crash matrix of an outage (./run drills has all of it): struck at a write, run
again, the estate is that of an undisturbed run.
"""

from __future__ import annotations

import functools

import pytest

from crash.cells import baseline, cell
from crash.operations import BUILT, OPERATIONS
from crash.strikes import RUN_AGAIN
from crash.work import Cell, FromState, Group


@pytest.fixture(scope="module")
def undisturbed(built_lab):
    """(lab, what the undisturbed run of an operation takes and leaves)."""
    built_lab.chatlab("checkpoint", BUILT)

    @functools.cache
    def run(name):
        built_lab.chatlab("revert", OPERATIONS[name].begins_at)
        return baseline(built_lab, OPERATIONS[name])

    return built_lab, run


@pytest.mark.parametrize(
    ("kind", "numbers"), [("connection lost after", (1, 4)), ("half-way", (2, 5))]
)
def test_a_run_that_is_struck_again_and_again_ends_as_an_undisturbed_one(
    undisturbed, kind, numbers
):
    lab, run = undisturbed
    cells = tuple(Cell("mirror_failover", number, kind) for number in numbers)
    decided = Group(kind, cells).carry_out(lab, OPERATIONS["mirror_failover"], run(cells[0][0]))
    assert set(decided) == set(cells)
    assert not any(decided.values())


def test_what_a_kill_leaves_is_finished_by_the_next_run(undisturbed):
    lab, run = undisturbed
    clean = run("mirror_failover")
    assert clean.states == {*range(clean.writes + 1)}
    killed = Cell("mirror_failover", 3, "killed after")
    decided = FromState(3, (killed,)).carry_out(lab, OPERATIONS["mirror_failover"], clean)
    assert decided == {killed: []}


@pytest.mark.campaign
@pytest.mark.parametrize(
    ("name", "number", "kind"),
    [
        ("mirror_failover", 2, "killed before"),
        # the tail is saved and nobody knows it
        ("planned", 5, "killed after"),
        ("failback", 9, "killed after"),
        *(
            (name, number, kind)
            for name, number in (
                ("failover", 6),
                ("planned", 4),
                ("failback", 4),
                ("mirror_failover", 2),
            )
            for kind in RUN_AGAIN
        ),
    ],
)
def test_a_struck_run_is_finished_by_the_next_one(undisturbed, name, number, kind):
    lab, run = undisturbed
    clean = run(name)
    assert number <= clean.writes
    assert clean.can_be_struck(number, kind)
    assert cell(lab, OPERATIONS[name], number, kind, clean) == []
