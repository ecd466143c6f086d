"""Get-NetTCPConnection (NetTCPIP, Windows Server 2012), Test-NetConnection (2012 R2) and
Test-Connection (Microsoft.PowerShell.Management).
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable

from ..powershell.errors import CmdletError, LabGap
from ..powershell.objects import PSObject, enum
from ..powershell.registry import Invocation, Parameter, cmdlet, signature
from ..sqlserver.server.endpoints import mirroring_ports
from ..world.firewall import lets_in
from ..world.machine import Machine
from ..world.world import World
from .common import MANAGEMENT, since, strings
from .listeners import listening_ports

_STATES = (
    "Closed",
    "Listen",
    "SynSent",
    "SynReceived",
    "Established",
    "FinWait1",
    "FinWait2",
    "CloseWait",
    "Closing",
    "LastAck",
    "TimeWait",
    "DeleteTCB",
    "Bound",
)
_COMMON_PORTS = {"HTTP": 80, "RDP": 3389, "SMB": 445, "WINRM": 5985}
#: Real seconds until Windows gives up a connection that nobody answers (a first try and two more,
#: 3 + 6 + 12), and until a ping that nobody answers ends (Ping.Send, default time-out).
_GIVES_UP = 21.0
_PING_ENDS = 5.0


@cmdlet(
    "Get-NetTCPConnection",
    signature(
        "Default: LocalPort State",
        types={"LocalPort": strings("LocalPort"), "State": strings("State", values=_STATES)},
    ),
    module="NetTCPIP",
    on=since(windows="6.2"),
)
def get_net_tcp_connection(call: Invocation) -> Iterable[t.Any]:
    ports = [_port(text) for text in call.params.get("LocalPort") or ()]
    states = call.params.get("State")
    found = [
        number
        for number in sorted(listening_ports(call.machine))
        if (not ports or number in ports) and (states is None or "Listen" in states)
    ]
    for number in ports:
        if number not in found:
            call.errors.append(
                CmdletError(
                    "No MSFT_NetTCPConnection objects found with property 'LocalPort' equal to "
                    f"'{number}'.  Verify the "
                    "value of the property and retry.",
                    "CmdletizationQuery_NotFound_LocalPort",
                    "ObjectNotFound",
                    "Microsoft.PowerShell.Cmdletization.Cim.CimJobException",
                    number,
                )
            )
    base = "Microsoft.Management.Infrastructure.CimInstance"
    for number in found:
        yield PSObject(
            [
                f"{base}#ROOT/StandardCimv2/MSFT_NetTCPConnection",
                f"{base}#MSFT_NetTCPConnection",
                base,
                "System.Object",
            ],
            {
                "State": enum(
                    "Microsoft.PowerShell.Cmdletization.GeneratedTypes.NetTCPConnection.State",
                    "Listen",
                    2,
                ),
                "AppliedSetting": None,
                "LocalAddress": "0.0.0.0",
                "LocalPort": number,
                "RemoteAddress": "0.0.0.0",
                "RemotePort": 0,
                "OwningProcess": 4 if number in (445, 5985, 5986) else 1000 + number,
                "PSComputerName": call.machine.name,
            },
            "MSFT_NetTCPConnection",
        )


_PING = {
    "ComputerName": strings(
        "ComputerName", 0, aliases=("CN", "IPAddress", "__SERVER", "Server", "Destination")
    ),
    "Count": Parameter("Count", "int"),
    "BufferSize": Parameter("BufferSize", "int", ("Size", "Bytes", "BS")),
    "Delay": Parameter("Delay", "int"),
}
_PORT = {
    "ComputerName": Parameter("ComputerName", "string", ("RemoteAddress", "cn"), 0),
    "Port": Parameter("Port", "int", ("RemotePort",)),
    "CommonTCPPort": Parameter("CommonTCPPort", "string", position=1, values=tuple(_COMMON_PORTS)),
    "InformationLevel": Parameter("InformationLevel", "string", values=("Quiet", "Detailed")),
}


@cmdlet(
    "Test-Connection",
    signature(
        "Default: [ComputerName]! Count BufferSize Delay",
        "Quiet: [ComputerName]! Count BufferSize Delay Quiet?",
        types=_PING,
    ),
    module=MANAGEMENT,
)
def test_connection(call: Invocation) -> Iterable[t.Any]:
    for name in call.params["ComputerName"]:
        target = _target(call, name)
        answers = target is not None and call.world.network.reachable(
            call.machine.fqdn, target.fqdn
        )
        if call.switch("Quiet"):
            yield answers
        elif not answers or target is None:
            why = "Error due to lack of resources" if target else "No such host is known"
            call.errors.append(
                CmdletError(
                    f"Testing connection to computer '{name}' failed: {why}",
                    "TestConnectionException",
                    "ResourceUnavailable",
                    "System.Net.NetworkInformation.PingException",
                    name,
                )
            )
        else:
            for _unused in range(4 if call.params.get("Count") is None else call.params["Count"]):
                base = "System.Management.ManagementObject"
                yield PSObject(
                    [f"{base}#root\\cimv2\\Win32_PingStatus", base, "System.Object"],
                    {
                        "Address": name,
                        "ProtocolAddress": target.address,
                        "IPV4Address": target.address,
                        "StatusCode": 0,
                        "ResponseTime": 1,
                        "BufferSize": call.params.get("BufferSize") or 32,
                        "PSComputerName": call.machine.name,
                    },
                )


def _lasts(world: World, machine: Machine, given: t.Mapping[str, t.Any]) -> float:
    """A test of a port pings as well when it fails."""
    target = _machine(world, machine, str(given.get("computername") or ""))
    port = given.get("port")
    if target is None or port is None:
        return 0.0
    pings, connects = _answers(world, machine, target, int(port))
    if connects:
        return 0.0
    return _GIVES_UP if pings else _GIVES_UP + _PING_ENDS


@cmdlet(
    "Test-NetConnection",
    signature(
        "ICMP: [ComputerName] InformationLevel",
        "CommonTCPPort: [ComputerName] CommonTCPPort! InformationLevel",
        "RemotePort: [ComputerName] Port! InformationLevel",
        types=_PORT,
    ),
    module="NetTCPIP",
    on=since(windows="6.3"),
    lasts=_lasts,
)
def test_net_connection(call: Invocation) -> Iterable[t.Any]:
    name = call.params.get("ComputerName")
    if name is None:
        raise LabGap("Test-NetConnection without -ComputerName asks a server of Microsoft")
    port = call.params.get("Port") or _COMMON_PORTS.get(call.params.get("CommonTCPPort") or "")
    target = _target(call, name)
    pings, connects = _answers(call.world, call.machine, target, port)
    if target is None:
        call.warnings.append(f"Name resolution of {name} failed")
    elif port is not None and not connects:
        call.warnings.append(f"TCP connect to {name}:{port} failed")
    if call.params.get("InformationLevel") == "Quiet":
        return [connects if port is not None else pings]
    result: dict[str, t.Any] = {
        "ComputerName": name,
        "RemoteAddress": target.address if target else None,
        "NameResolutionSucceeded": target is not None,
        "InterfaceAlias": "Ethernet",
        "SourceAddress": call.machine.address,
        "PingSucceeded": pings,
    }
    if port is not None:
        result.update(RemotePort=port, TcpTestSucceeded=connects)
    return [
        PSObject(["TestNetConnectionResult", "System.Object"], result, "TestNetConnectionResult")
    ]


def _answers(
    world: World, source: Machine, target: Machine | None, port: int | None
) -> tuple[bool, bool]:
    """Whether it answers a ping, and a connection to the port."""
    if target is None or not world.network.reachable(source.fqdn, target.fqdn):
        return False, False
    return True, _accepts(target, port, source)


def _accepts(target: Machine, port: int | None, source: Machine) -> bool:
    """Whether something listens at the port, and the firewall lets the connection pass."""
    if port is None or port not in listening_ports(target):
        return False
    if target is source or port not in mirroring_ports(target):
        return True
    return lets_in(target, port, source.address)


def _target(call: Invocation, name: str) -> Machine | None:
    return _machine(call.world, call.machine, name)


def _machine(world: World, source: Machine, name: str) -> Machine | None:
    """The one that this name, or address, is of; seen from another one."""
    if name.lower() in ("localhost", "127.0.0.1", "."):
        return source
    try:
        return world.machine(name)
    except KeyError:
        return next((m for m in world.machines.values() if m.address == name), None)


def _port(text: str) -> int:
    if not text.isdigit() or not 0 <= int(text) <= 65535:
        raise CmdletError(
            "Cannot process argument transformation on parameter 'LocalPort'. "
            f'Cannot convert value "{text}" to type "System.UInt16[]".',
            "ParameterArgumentTransformationError",
            "InvalidData",
            "System.Management.Automation.ParameterBindingException",
            text,
        )
    return int(text)
