"""A world that was put aside is taken up again as it was, and goes its own way afterwards."""

from __future__ import annotations

import pytest

from pchat_lab.control.checkpoints import Checkpoints
from pchat_lab.estate.build import build
from pchat_lab.estate.describe import describe


@pytest.fixture
def world():
    return build("default", clock_runs=False)


def test_a_checkpoint_is_the_estate_as_it_was(world):
    kept = Checkpoints()
    kept.take("begin", world)
    before = describe(world)
    machine = world.machine("sql-n1")
    world.power_off(machine)
    world.clock.advance(3600)
    again = kept.world("begin")
    assert describe(again) == before != describe(world)
    again.power_off(again.machine("sql-n2"))
    assert describe(kept.world("begin")) == before  # each is a copy of its own


def test_timers_act_on_the_world_that_was_taken_up(world):
    done = []
    service = next(iter(world.machine("sql-n1").instances.values())).agent_service
    world.clock.after(60, lambda: world.stop_service(world.machine("sql-n1"), service))
    world.clock.after(90, lambda: done.append(1))
    kept = Checkpoints()
    kept.take("begin", world)
    again = kept.world("begin")
    again.clock.advance(120)
    assert next(iter(again.machine("sql-n1").instances.values())).agent_service.status == "Stopped"
    assert service.status == "Running"
    assert done == []


def test_time_does_not_pass_for_a_world_that_lies_aside(monkeypatch):
    ticks = [100.0]
    monkeypatch.setattr("time.monotonic", lambda: ticks[0])
    world = build("default")
    kept = Checkpoints()
    kept.take("begin", world)
    ticks[0] += 5000
    again = kept.world("begin")
    again.clock.catch_up()
    assert again.clock.now() == world.clock.now()


def test_an_unknown_name_is_refused():
    with pytest.raises(KeyError):
        Checkpoints().world("nix")
