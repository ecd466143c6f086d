"""Pool state, active servers, and the Windows services as Lync's cmdlets see them."""

from __future__ import annotations

import copy
import typing as t
from collections.abc import Iterable

from ..powershell.errors import CmdletError
from ..powershell.objects import enum
from ..powershell.registry import Invocation, cmdlet
from ..world import services
from ..world.machine import Machine
from .common import lync_object, matches, pool_of_identity
from .signatures import documented

_STATES = {"Normal": 0, "FailedOver": 1}


@cmdlet("Get-CsPersistentChatState", documented("Get-CsPersistentChatState"), module="Lync")
def get_state(call: Invocation) -> Iterable[t.Any]:
    lync = call.world.lync
    if not call.switch("LocalStore"):
        lync.require_store(call.machine, call.caller)
    identity = call.params.get("Identity")
    pools = [pool_of_identity(call, identity)] if identity else list(lync.pools.values())
    for pool in pools:
        if matches(f"Service:PersistentChatServer:{pool.fqdn}", call.params.get("Filter")):
            name = lync.state(pool.fqdn)
            state = enum(
                "Microsoft.Rtc.Management.WritableConfig.Settings.PersistentChat.PoolState",
                name,
                _STATES[name],
            )
            yield lync_object(
                "WritableConfig.Settings.PersistentChat.PersistentChatState",
                {"Identity": f"PersistentChatServer:{pool.fqdn}", "PoolState": state},
            )


@cmdlet(
    "Set-CsPersistentChatState",
    documented("Set-CsPersistentChatState"),
    module="Lync",
    changes=True,
)
def set_state(call: Invocation) -> Iterable[t.Any]:
    lync = call.world.lync
    lync.require_store(call.machine, call.caller)
    lync.require_rights(call.caller)
    pool = pool_of_identity(call, call.params.get("Identity"))
    if "PoolState" in call.params:
        if call.params["PoolState"] == "FailedOver" and "backup" not in pool.stores:
            raise CmdletError(
                f"Pool {pool.fqdn} has no backup store.",
                "InvalidOperation",
                "InvalidOperation",
                target=pool.fqdn,
            )
        lync.change(state=(pool.fqdn, call.params["PoolState"]))
    return ()


@cmdlet(
    "Set-CsPersistentChatActiveServer",
    documented("Set-CsPersistentChatActiveServer"),
    module="Lync",
    changes=True,
)
def set_active(call: Invocation) -> Iterable[t.Any]:
    lync = call.world.lync
    lync.require_store(call.machine, call.caller)
    lync.require_rights(call.caller)
    pool = pool_of_identity(call, call.params.get("Identity"))
    members = [m.lower() for m in pool.machines]
    active = [a.lower() for a in pool.active]
    if call.switch("Swap"):
        wanted = [m for m in members if m not in active]
    else:
        change = call.params["ActiveServers"] or {"replace": []}
        wanted = [a.lower() for a in change["replace"]] if "replace" in change else list(active)
        wanted += [name.lower() for name in change.get("add", [])]
        gone = [name.lower() for name in change.get("remove", [])]
        wanted = [name for name in wanted if name not in gone]
    strangers = sorted(set(wanted) - set(members))
    if strangers:
        raise CmdletError(
            f"{', '.join(strangers)} is not a server of pool {pool.fqdn}.",
            "ServerNotInPool",
            "InvalidArgument",
            target=pool.fqdn,
        )
    if len(set(wanted)) > 4:
        raise CmdletError(
            f"Pool {pool.fqdn} can have at most 4 active servers.",
            "TooManyActiveServers",
            "InvalidArgument",
            target=pool.fqdn,
        )
    topology = copy.deepcopy(lync.settings.topology)
    next(p for p in topology.pools if p.fqdn == pool.fqdn).active = [
        m for m in members if m in wanted
    ]
    lync.change(topology=topology)
    return ()


def _target(call: Invocation) -> Machine:
    name = call.params.get("ComputerName")
    if name is None:
        return call.machine
    call.world.network.require(call.machine.fqdn, call.world.machine(name).fqdn)
    target = call.world.machine(name)
    if target is not call.machine and not call.caller.goes_to("host", target.fqdn):
        raise CmdletError(
            f"Cannot open the Service Control Manager on computer '{name}'. Access is denied.",
            "AccessDenied",
            "PermissionDenied",
        )
    return target


def _services(call: Invocation, machine: Machine) -> list[t.Any]:
    """Lync's own services on a machine; one exact name when asked for."""
    found = [
        s
        for s in machine.services.values()
        if s.display_name.startswith(("Lync Server", "Skype for Business Server"))
    ]
    name = call.params.get("Name")
    if name is None:
        return found
    chosen = [s for s in found if s.name.lower() == name.lower()]
    if not chosen:
        raise CmdletError(
            f'Cannot find any service with service name "{name}".',
            "NoServiceFoundForGivenName",
            "ObjectNotFound",
            target=name,
        )
    return chosen


@cmdlet("Get-CsWindowsService", documented("Get-CsWindowsService"), module="Lync")
def get_windows_service(call: Invocation) -> Iterable[t.Any]:
    for service in _services(call, _target(call)):
        yield lync_object(
            "Deployment.Core.NTService",
            {
                "Status": enum(
                    "System.ServiceProcess.ServiceControllerStatus",
                    service.status,
                    4 if service.status == "Running" else 1,
                ),
                "Name": service.name,
                "DisplayName": service.display_name,
                "RoleName": [service.role] if service.role else [],
                **({} if call.switch("ExcludeActivityLevel") else {"ActivityLevel": None}),
            },
            service.name,
        )


@cmdlet("Start-CsWindowsService", documented("Start-CsWindowsService"), module="Lync", changes=True)
def start_windows_service(call: Invocation) -> Iterable[t.Any]:
    machine = _target(call)
    for service in _services(call, machine):
        try:
            services.start(call.world, machine, service.name)
        except services.ServiceError as error:
            raise CmdletError(
                f"Service {service.name} failed to start. {error.text}",
                "ServiceStartFailed",
                "InvalidOperation",
                target=service.name,
            ) from error
    return ()


@cmdlet("Stop-CsWindowsService", documented("Stop-CsWindowsService"), module="Lync", changes=True)
def stop_windows_service(call: Invocation) -> Iterable[t.Any]:
    machine = _target(call)
    for service in _services(call, machine):
        services.stop(call.world, machine, service.name)
    return ()
