"""A slice of the crash matrix of the build (./run drills has all of it): struck at a write, run
again, the estate is the same.
"""

from __future__ import annotations

import pytest

from crash.cells import baseline, cell
from crash.operations import BARE, BUILD
from support import labs


@pytest.fixture(scope="module")
def undisturbed():
    with labs.running("default") as lab:
        lab.chatlab("checkpoint", BARE)
        clean = baseline(lab, BUILD)
        assert clean.writes > 50
        yield lab, clean


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (47, "killed before"),
        pytest.param(3, "killed after", marks=pytest.mark.campaign),
    ],
)
def test_a_killed_build_is_finished_by_the_next_run(undisturbed, number, kind):
    lab, clean = undisturbed
    assert cell(lab, BUILD, number, kind, clean) == []
