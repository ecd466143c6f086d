"""What is printed in every situation, for every playbook, stands in golden/ and in the guide.

Who means a change of it writes them anew with ``./run plans`` and reads the difference.
"""

from __future__ import annotations

import pytest
from unit.domain.outage import golden

PLANS = golden.plans()


@pytest.mark.parametrize("name", PLANS)
def test_the_plan_is_the_one_that_was_kept(name):
    assert PLANS[name] == golden.path_of(name).read_text(encoding="utf-8")


def test_no_plan_is_kept_that_is_none():
    kept = sorted(golden.FOLDER.rglob("*.txt"))
    assert kept == sorted(golden.path_of(name) for name in PLANS)


@pytest.mark.parametrize("asked", golden.ASKED)
def test_every_playbook_has_something_to_do_somewhere_and_refuses_elsewhere(asked):
    asked_plans = [text for name, text in PLANS.items() if name.endswith(f"/{asked}")]
    assert any("\nPlan, " in text for text in asked_plans)
    assert any("\nRefused: " in text for text in asked_plans)


def test_the_operating_guide_shows_plans_that_are_kept():
    shown = golden.shown_in_guide()
    assert {name: PLANS[name] for name in shown} == shown
    assert {name.partition("/")[2] for name in shown} == set(golden.ASKED)
