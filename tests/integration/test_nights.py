"""A slice of the nights (./run nights has as many as anybody wants): a story whose end is known."""

from __future__ import annotations

from crash.operations import BUILT
from nights.night import Night


def test_a_night_in_which_a_living_primary_is_to_be_left_ends_in_a_healthy_morning(built_lab):
    built_lab.chatlab("checkpoint", BUILT)
    result = Night(built_lab, 703).pass_()
    assert result.problems == (), "\n".join(result.trace)
    assert result.ends == "Healthy"
    assert any("primary_alive" in line for line in result.trace)
