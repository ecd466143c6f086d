"""A slice of the kill campaign (./run kills has all of it): killed at a write, run again, the estate is the same."""
from __future__ import annotations

import pytest

from crash import strikes
from support import labs


@pytest.fixture(scope="module")
def campaign():
    with labs.running("default") as lab:
        writes, wanted = strikes.clean_build(lab)
        assert writes > 50
        yield lab, wanted


@pytest.mark.parametrize(("number", "when"), [(47, "before"), pytest.param(3, "after", marks=pytest.mark.campaign)])
def test_a_killed_build_is_finished_by_the_next_run(campaign, number, when):
    lab, wanted = campaign
    assert strikes.survives(lab, number, wanted, when) == []
