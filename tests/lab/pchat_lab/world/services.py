"""Starting and stopping Windows services, and whole machines, with everything that follows from it.

Whoever changes a service's status does it here: dependencies, faults, guards and the listeners of
other packages are honoured.
"""

from __future__ import annotations

import typing as t

from .machine import Machine, WindowsService

if t.TYPE_CHECKING:
    from .world import World


class ServiceError(RuntimeError):
    """A service could not be started or stopped.

    ``code`` is Windows' (1051, 1053, 1058, 1060, 1067, 1068).
    """

    def __init__(self, code: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.text = text


def find(machine: Machine, name: str) -> WindowsService:
    """By service name in any case. ServiceError 1060 when there is none."""
    found = machine.services.get(name.lower())
    if found is None:
        raise ServiceError(
            1060, f"The specified service does not exist as an installed service. ({name})"
        )
    return found


def dependants(machine: Machine, service: WindowsService) -> list[WindowsService]:
    """Services that need this one, directly or not, those that nobody needs first."""
    found: list[WindowsService] = []
    for other in machine.services.values():
        if service.name.lower() in (name.lower() for name in other.depends_on):
            found += [s for s in (*dependants(machine, other), other) if s not in found]
    return found


def start(world: World, machine: Machine, name: str) -> bool:
    """Start a service and what it depends on; False when it was running.

    ServiceError 1058 (disabled), 1068 (what it needs does not start), 1067 (it stops again at once,
    with the reason).
    """
    service = find(machine, name)
    if service.status == "Running":
        return False
    if service.start_mode == "Disabled":
        raise ServiceError(
            1058,
            "The service cannot be started, either because it is disabled or because it has no "
            "enabled devices "
            f"associated with it. ({service.name})",
        )
    for needed in service.depends_on:
        try:
            start(world, machine, needed)
        except ServiceError as cause:
            raise ServiceError(
                1068,
                f"The dependency service or group failed to start. ({service.name} needs {needed}: "
                f"{cause.text})",
            ) from cause
    reason = _reason_to_stop(world, machine, service)
    if reason:
        raise ServiceError(1067, f"The process terminated unexpectedly. ({service.name}: {reason})")
    service.status = "Running"
    service.started_at = world.clock.now()
    service.skew_at_start = machine.clock_skew_seconds
    service.starts = service.starts + 1
    _tell(world, machine, service)
    return True


def _reason_to_stop(world: World, machine: Machine, service: WindowsService) -> str | None:
    if service.fails_to_start:
        return "it did not respond in a timely fashion"
    for guard in world.service_guards:
        why = guard(machine, service)
        if why:
            return why
    return None


def stop(world: World, machine: Machine, name: str, *, with_dependants: bool = False) -> bool:
    """Stop a service; False when it was not running.

    ServiceError 1051 when running services need it, unless they are stopped too.
    """
    service = find(machine, name)
    running = [s for s in dependants(machine, service) if s.status == "Running"]
    if running and not with_dependants:
        raise ServiceError(
            1051,
            "A stop control has been sent to a service that other running services are dependent "
            f"on. ({service.name})",
        )
    was_running = service.status == "Running"
    for each in (*running, service):
        if each.status == "Running":
            each.status = "Stopped"
            each.started_at = None
            _tell(world, machine, each)
    return was_running


def power_off(world: World, machine: Machine) -> None:
    """The machine is gone at once, as without electricity. Its disks keep what they hold."""
    if not machine.up:
        return
    machine.up = False
    for service in machine.services.values():
        service.status = "Stopped"
        service.started_at = None
    for instance in machine.instances.values():
        instance.stop()
    for listener in list(world.on_power):
        listener(machine)


def power_on(world: World, machine: Machine) -> list[str]:
    """The machine boots and starts its Auto services; why some of them did not start."""
    if machine.up:
        return []
    machine.up = True
    machine.booted_at = world.clock.now()
    for listener in list(world.on_power):
        listener(machine)
    troubles = []
    for service in list(machine.services.values()):
        if service.start_mode == "Auto":
            try:
                start(world, machine, service.name)
            except ServiceError as trouble:
                troubles.append(trouble.text)
    return troubles


def _tell(world: World, machine: Machine, service: WindowsService) -> None:
    """What follows from a service that has just started or stopped."""
    for instance in machine.instances.values():
        if instance.engine_service is service:
            (instance.start if service.status == "Running" else instance.stop)()
    for listener in list(world.on_service):
        listener(machine, service)
