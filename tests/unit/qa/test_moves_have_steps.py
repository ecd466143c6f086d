"""Every move of the planner has one file of tasks, and the other way round."""

from __future__ import annotations

import pathlib

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage import (
    effects,
    moves,
)

STEPS = pathlib.Path(__file__).parents[3] / "roles" / "outage" / "tasks" / "steps"


def test_the_steps_are_the_moves():
    assert {p.stem for p in STEPS.glob("*.yml")} == set(effects.EFFECTS)


def test_one_way_moves_are_moves():
    assert set(effects.EFFECTS) >= moves.ONE_WAY
