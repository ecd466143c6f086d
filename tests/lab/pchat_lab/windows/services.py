"""Get-Service, Start-Service, Stop-Service, Restart-Service, Set-Service
(Microsoft.PowerShell.Management reference).
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Iterable

from ..powershell.errors import CmdletError, LabGap
from ..powershell.objects import PSObject, enum
from ..powershell.registry import Invocation, Parameter, cmdlet, signature
from ..world.machine import Machine, WindowsService
from ..world.services import ServiceError, dependants, start, stop
from .common import (
    MANAGEMENT,
    is_administrator,
    is_wild,
    matches,
    names_from_input,
    numbers,
    strings,
)

_STATUS = {"Stopped": 1, "Running": 4}
_START = {"Auto": ("Automatic", 2), "Manual": ("Manual", 3), "Disabled": ("Disabled", 4)}
_COMMAND_ERROR = "Microsoft.PowerShell.Commands.ServiceCommandException"
_SELECT = {
    "Name": strings("Name", 0, pipeline=True, aliases=("ServiceName",)),
    "DisplayName": strings("DisplayName"),
    "InputObject": Parameter("InputObject", "object", pipeline=True),
}


def service_object(machine: Machine, service: WindowsService) -> PSObject:
    """A ServiceController as remoting shows it; StartType came with .NET 4.6.1 and so with
    PowerShell 5.1.
    """
    needs = [machine.services[name.lower()].name for name in service.depends_on]
    running = service.status == "Running"
    properties: dict[str, t.Any] = {
        "CanPauseAndContinue": False,
        "CanShutdown": running,
        "CanStop": running,
        "DisplayName": service.display_name,
        "DependentServices": [s.name for s in dependants(machine, service)],
        "MachineName": ".",
        "ServiceName": service.name,
        "ServicesDependedOn": needs,
        "ServiceHandle": None,
        "Status": enum(
            "System.ServiceProcess.ServiceControllerStatus", service.status, _STATUS[service.status]
        ),
        "ServiceType": enum("System.ServiceProcess.ServiceType", "Win32OwnProcess", 16),
    }
    if numbers(machine.powershell) >= (5, 1):
        properties["StartType"] = enum(
            "System.ServiceProcess.ServiceStartMode", *_START[service.start_mode]
        )
    return PSObject(
        [
            "System.ServiceProcess.ServiceController",
            "System.ComponentModel.Component",
            "System.MarshalByRefObject",
            "System.Object",
        ],
        properties,
        service.name,
        notes={"Name": service.name, "RequiredServices": needs},
    )


@cmdlet(
    "Get-Service",
    signature(
        "Default: [Name] RequiredServices? DependentServices?",
        "DisplayName: DisplayName! RequiredServices? DependentServices?",
        "InputObject: InputObject! RequiredServices? DependentServices?",
        types=_SELECT,
    ),
    module=MANAGEMENT,
)
def get_service(call: Invocation) -> Iterable[t.Any]:
    machine = call.machine
    for service in _selected(call):
        if call.switch("RequiredServices"):
            yield from (
                service_object(machine, machine.services[name.lower()])
                for name in service.depends_on
            )
        elif call.switch("DependentServices"):
            yield from (service_object(machine, other) for other in dependants(machine, service))
        else:
            yield service_object(machine, service)


@cmdlet(
    "Start-Service",
    signature(
        "Default: [Name]! PassThru?",
        "DisplayName: DisplayName! PassThru?",
        "InputObject: InputObject! PassThru?",
        types=_SELECT,
        should_process=True,
    ),
    module=MANAGEMENT,
    changes=True,
)
def start_service(call: Invocation) -> Iterable[t.Any]:
    return _each(call, lambda service: _start(call, service))


@cmdlet(
    "Stop-Service",
    signature(
        "Default: [Name]! Force? PassThru?",
        "DisplayName: DisplayName! Force? PassThru?",
        "InputObject: InputObject! Force? PassThru?",
        types=_SELECT,
        should_process=True,
    ),
    module=MANAGEMENT,
    changes=True,
)
def stop_service(call: Invocation) -> Iterable[t.Any]:
    return _each(call, lambda service: _stop(call, service))


@cmdlet(
    "Restart-Service",
    signature(
        "Default: [Name]! Force? PassThru?",
        "DisplayName: DisplayName! Force? PassThru?",
        "InputObject: InputObject! Force? PassThru?",
        types=_SELECT,
        should_process=True,
    ),
    module=MANAGEMENT,
    changes=True,
)
def restart_service(call: Invocation) -> Iterable[t.Any]:
    def restart(service: WindowsService) -> None:
        running = [s for s in dependants(call.machine, service) if s.status == "Running"]
        _stop(call, service)
        _start(call, service)
        for other in reversed(running):  # those that -Force stopped with it
            _start(call, other)

    return _each(call, restart)


@cmdlet(
    "Set-Service",
    signature(
        "Default: [Name]! DisplayName Description StartupType Status PassThru?",
        types={
            "Name": Parameter("Name", "string", ("ServiceName", "SN"), 0, pipeline=True),
            "DisplayName": Parameter("DisplayName", "string", ("DN",)),
            "StartupType": Parameter(
                "StartupType",
                "string",
                ("StartMode", "SM", "ST"),
                values=("Boot", "System", "Automatic", "Manual", "Disabled"),
            ),
            "Status": Parameter("Status", "string", values=("Running", "Stopped", "Paused")),
        },
        should_process=True,
    ),
    module=MANAGEMENT,
    changes=True,
)
def set_service(call: Invocation) -> Iterable[t.Any]:
    wanted = {
        name: call.params[name]
        for name in ("DisplayName", "Description", "StartupType", "Status")
        if call.params.get(name) is not None
    }
    if wanted.get("StartupType") in ("Boot", "System") or wanted.get("Status") == "Paused":
        raise LabGap(f"Set-Service: no service of this estate can be set to {wanted}")

    def change(service: WindowsService) -> None:
        _require_rights(call, service, "CouldNotSetService", "configured")
        service.display_name = wanted.get("DisplayName", service.display_name)
        service.description = wanted.get("Description", service.description)
        if "StartupType" in wanted:
            service.start_mode = {"Automatic": "Auto"}.get(
                wanted["StartupType"], wanted["StartupType"]
            )
        if wanted.get("Status") == "Running":
            _start(call, service)
        elif wanted.get("Status") == "Stopped":
            _stop(call, service)

    call.params["Name"] = [call.params["Name"]] if "Name" in call.params else None
    return _each(call, change)


def _each(call: Invocation, action: Callable[[WindowsService], None]) -> Iterable[t.Any]:
    """Do it to every selected service; a failure of one is a non-terminating error."""
    out = []
    for service in _selected(call):
        try:
            action(service)
        except CmdletError as error:
            call.errors.append(error)
            continue
        if call.switch("PassThru"):
            out.append(service_object(call.machine, service))
    return out


def _start(call: Invocation, service: WindowsService) -> None:
    _require_rights(call, service, "CouldNotStartService", "started")
    try:
        start(call.world, call.machine, service.name)
    except ServiceError as error:
        raise CmdletError(
            f"Failed to start service '{service.display_name} ({service.name})'. ({error.text})",
            "StartServiceFailed",
            "OpenError",
            _COMMAND_ERROR,
            service.name,
        ) from error


def _stop(call: Invocation, service: WindowsService) -> None:
    _require_rights(call, service, "CouldNotStopService", "stopped")
    needed = [s for s in dependants(call.machine, service) if s.status == "Running"]
    if needed and not call.switch("Force"):
        raise CmdletError(
            f"Cannot stop service '{service.display_name} ({service.name})' because it has "
            "dependent services. It can only be stopped "
            "if the Force flag is set.",
            "ServiceHasDependentServices",
            "InvalidOperation",
            _COMMAND_ERROR,
            service.name,
        )
    stop(call.world, call.machine, service.name, with_dependants=True)


def _require_rights(call: Invocation, service: WindowsService, error_id: str, verb: str) -> None:
    if not is_administrator(call):
        raise CmdletError(
            f"Service '{service.display_name} ({service.name})' cannot be {verb} due to the "
            "following error: "
            f"Cannot open {service.name} service on computer '.'.",
            error_id,
            "OpenError",
            _COMMAND_ERROR,
            service.name,
        )


def _selected(call: Invocation) -> list[WindowsService]:
    """By name, display name or input, sorted by name as Get-Service does; a plain name that nothing
    has is a non-terminating error.
    """
    services = sorted(call.machine.services.values(), key=lambda service: service.name.lower())
    shown: list[str] | None = (
        call.params.get("DisplayName") if isinstance(call.params.get("DisplayName"), list) else None
    )
    names: list[str] | None = call.params.get("Name")
    given = call.params.get("InputObject")
    if given is not None:
        call.inputs = given if isinstance(given, list) else [given]
    if names is None and shown is None and call.inputs:
        names = names_from_input(call, "Name", "ServiceName")
    patterns = shown if shown is not None else names
    if patterns is None:
        return services
    found = [
        s for s in services if matches(s.display_name if shown is not None else s.name, patterns)
    ]
    for pattern in patterns:
        if not is_wild(pattern) and not any(
            matches(s.display_name if shown is not None else s.name, [pattern]) for s in services
        ):
            kind, error_id = (
                ("display name", "NoServiceFoundForGivenDisplayName")
                if shown is not None
                else ("service name", "NoServiceFoundForGivenName")
            )
            call.errors.append(
                CmdletError(
                    f"Cannot find any service with {kind} '{pattern}'.",
                    error_id,
                    "ObjectNotFound",
                    _COMMAND_ERROR,
                    pattern,
                )
            )
    return found
