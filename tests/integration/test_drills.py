"""A slice of the crash matrix of an outage (./run drills has all of it): struck at a write, run
again, the estate is that of an undisturbed run.
"""

from __future__ import annotations

import functools

import pytest

from crash.cells import baseline, cell
from crash.operations import BUILT, OPERATIONS
from crash.strikes import RUN_AGAIN


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
    ("name", "number", "kind"),
    [
        ("mirror_failover", 2, "connection lost after"),
        ("mirror_failover", 2, "half-way"),
        # the tail is saved and nobody knows it
        pytest.param("planned", 5, "killed after", marks=pytest.mark.campaign),
        pytest.param("failback", 9, "killed after", marks=pytest.mark.campaign),
        *(
            pytest.param(name, number, kind, marks=pytest.mark.campaign)
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
