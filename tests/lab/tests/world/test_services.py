"""Windows services and power: dependencies, guards, faults, and who is told."""

from __future__ import annotations

import pytest

from pchat_lab.world.machine import Machine, WindowsService
from pchat_lab.world.services import ServiceError, power_off, power_on, start, stop
from pchat_lab.world.world import World


@pytest.fixture
def machine(small: World) -> Machine:
    found = small.machine("one")
    for service in (
        WindowsService("MSMQ", "Message Queuing", "Running"),
        WindowsService("Chat", "Chat", "Running", depends_on=("MSMQ",)),
        WindowsService("Manual", "Manual", "Running", "Manual"),
        WindowsService("Never", "Never", start_mode="Disabled"),
    ):
        found.services[service.name.lower()] = service
    return found


def test_a_service_that_others_need_is_stopped_only_with_them(
    small: World, machine: Machine
) -> None:
    told: list[tuple[str, str]] = []
    small.on_service.append(lambda m, s: told.append((s.name, s.status)))
    with pytest.raises(ServiceError) as caught:
        stop(small, machine, "msmq")
    assert caught.value.code == 1051
    assert stop(small, machine, "msmq", with_dependants=True)
    assert told == [("Chat", "Stopped"), ("MSMQ", "Stopped")]
    assert not stop(small, machine, "msmq")


def test_starting_starts_what_is_needed_first(small: World, machine: Machine) -> None:
    stop(small, machine, "msmq", with_dependants=True)
    small.clock.advance(5)
    assert start(small, machine, "chat")
    assert not start(small, machine, "chat")
    assert (
        machine.services["msmq"].started_at
        == machine.services["chat"].started_at
        == small.clock.now()
    )


@pytest.mark.parametrize(("name", "code"), [("never", 1058), ("absent", 1060)])
def test_services_that_cannot_be_started(
    small: World, machine: Machine, name: str, code: int
) -> None:
    with pytest.raises(ServiceError) as caught:
        start(small, machine, name)
    assert caught.value.code == code


def test_a_guard_or_a_fault_stops_a_service_from_starting(small: World, machine: Machine) -> None:
    stop(small, machine, "chat")
    small.service_guards.append(lambda m, s: "no pool" if s.name == "Chat" else None)
    with pytest.raises(ServiceError, match="no pool"):
        start(small, machine, "chat")
    small.service_guards.clear()
    machine.services["msmq"].fails_to_start = True
    stop(small, machine, "msmq")
    with pytest.raises(ServiceError) as caught:
        start(small, machine, "chat")
    assert caught.value.code == 1068


def test_after_a_boot_automatic_services_run_and_others_do_not(
    small: World, machine: Machine
) -> None:
    told: list[bool] = []
    small.on_power.append(lambda m: told.append(m.up))
    power_off(small, machine)
    power_off(small, machine)
    assert {s.status for s in machine.services.values()} == {"Stopped"}
    small.clock.advance(30)
    assert power_on(small, machine) == []
    assert told == [False, True]
    assert {s.name: s.status for s in machine.services.values()} == {
        "MSMQ": "Running",
        "Chat": "Running",
        "Manual": "Stopped",
        "Never": "Stopped",
    }
    assert machine.booted_at == small.clock.now()


def test_an_engines_service_is_its_instance(estate: World) -> None:
    machine = estate.machine("sql-n1")
    instance = machine.instances[""]
    assert instance.running
    assert instance.agent_running
    estate.stop_service(machine, instance.engine_service)
    assert not instance.running
    assert instance.agent_service.status == "Stopped"
    estate.start_service(machine, instance.agent_service)
    assert instance.agent_running
