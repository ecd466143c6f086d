"""A slice of the crash matrix of an outage (./run drills has all of it): struck at a write, run
again, the estate is that of an undisturbed run.
"""

from __future__ import annotations

import functools

import pytest

from crash.cells import baseline, cell
from crash.operations import BUILT, OPERATIONS
from crash.strikes import KILLED, RUN_AGAIN
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
@pytest.mark.parametrize("kind", KILLED)
def test_a_real_kill_leaves_the_state_that_is_kept_and_the_next_run_finishes(undisturbed, kind):
    lab, run = undisturbed
    operation = OPERATIONS["mirror_failover"]
    assert cell(lab, operation, 2, kind, run(operation.name)) == []


@pytest.mark.campaign
@pytest.mark.parametrize("kind", RUN_AGAIN)
@pytest.mark.parametrize("name", ["failover", "planned", "failback", "mirror_failover"])
def test_a_batch_that_runs_again_is_finished_by_the_next_run(undisturbed, name, kind):
    lab, run = undisturbed
    clean = run(name)
    batches = sorted(clean.batches)
    middle = batches[len(batches) // 2]
    assert cell(lab, OPERATIONS[name], middle, kind, clean) == []
