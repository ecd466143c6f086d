"""A slice of the crash matrix of an outage (./run drills has all of it): struck at a write, run
again, the estate is that of an undisturbed run.
"""

from __future__ import annotations

import pytest

from crash.cells import baseline, cell
from crash.operations import OPERATIONS, build
from crash.strikes import RUN_AGAIN
from support import labs


@pytest.fixture(scope="module")
def built():
    with labs.running("default") as lab:
        build(lab)
        yield lab


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
def test_a_struck_run_is_finished_by_the_next_one(built, name, number, kind):
    operation = OPERATIONS[name]
    built.chatlab("revert", operation.begins_at)
    clean = baseline(built, operation)
    assert number <= clean.writes
    assert clean.can_be_struck(number, kind)
    assert cell(built, operation, number, kind, clean) == []
