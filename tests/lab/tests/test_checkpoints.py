"""A world that was put aside is taken up again as it was, and goes its own way afterwards."""

from __future__ import annotations

import pytest

from pchat_lab.control.checkpoints import Checkpoints, OtherEstateError
from pchat_lab.control.lab import LabProcess
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


def written(world):
    """One write, told to whoever looks on; the journal keeps it."""
    told = {"at": world.clock.now(), "user": "u", "runspace": "r", "pipeline": "p"}
    entry = world.journal.add(
        **told, host="sql-n1.contoso.example", name="x", parameters={}, write=True
    )
    world.written(entry)


def test_each_write_leaves_a_state_to_which_the_estate_can_be_taken_back(tmp_path):
    one = lab(tmp_path / "one", "127.81")
    written(one.world)
    one.keep_states("run")
    written(one.world)
    one.world.power_off(one.world.machine("sql-n1"))
    written(one.world)
    assert one.kept_states() == [0, 1, 2]
    written(one.world)
    assert one.checkpoints.names() == ["run 0", "run 1", "run 2"]
    found = []
    for number in (0, 1, 2):
        state = one.checkpoints.world(f"run {number}")
        found.append((state.machine("sql-n1").up, len(state.journal.writes())))
    assert found == [(True, 1), (True, 2), (False, 3)]


def test_the_states_of_another_run_take_the_place_of_those_that_were_kept(tmp_path):
    one = lab(tmp_path / "one", "127.81")
    one.keep_states("first")
    one.checkpoints.take("begin", one.world)
    one.revert("begin")
    written(one.world)
    assert one.checkpoints.names() == ["begin", "first 0"]  # it is another world
    one.keep_states("second")
    written(one.world)
    assert one.checkpoints.names() == ["begin", "second 0", "second 1"]


def test_an_unknown_name_is_refused():
    with pytest.raises(KeyError):
        Checkpoints().world("nix")


OPTIONS = {
    "estate": "default",
    "product": None,
    "tools": None,
    "ports": False,
    "open_cost": 0,
    "import_cost": 0,
    "frozen_clock": True,
    "keytab": "",
}


def lab(folder, net, **options):
    folder.mkdir()
    return LabProcess(folder, {**OPTIONS, "net": net, **options})


def test_a_file_carries_an_estate_to_another_lab_which_stays_where_it_listens(tmp_path):
    one = lab(tmp_path / "one", "127.81")
    other = lab(tmp_path / "other", "127.82")
    one.world.power_off(one.world.machine("sql-n1"))
    one.world.clock.advance(3600)
    one.checkpoints.take("off", one.world)
    one.checkpoints.write("off", tmp_path / "file")
    other.checkpoints.read("off", tmp_path / "file")
    other.revert("off")
    assert describe(other.world) == describe(one.world) | {
        "machines": {
            name: {**told, "address": told["address"].replace("127.81", "127.82")}
            for name, told in describe(one.world)["machines"].items()
        }
    }
    assert {address.rpartition(".")[0] for address, _port in other.wire.endpoints} == {
        "127.82.1",
        "127.82.2",
    }
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["file"]


def test_a_file_of_another_estate_is_refused_and_changes_nothing(tmp_path):
    one = lab(tmp_path / "one", "127.81")
    other = lab(tmp_path / "other", "127.82", estate="low_bandwidth")
    one.checkpoints.take("begin", one.world)
    one.checkpoints.write("begin", tmp_path / "file")
    before = other.world
    other.checkpoints.read("begin", tmp_path / "file")
    with pytest.raises(OtherEstateError, match=r"of the estate .* and this lab is"):
        other.revert("begin")
    assert other.world is before


def test_a_file_that_is_no_checkpoint_is_refused(tmp_path):
    (tmp_path / "file").write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    with pytest.raises(ValueError, match="no lab with this version of Python wrote it"):
        Checkpoints().read("x", tmp_path / "file")
