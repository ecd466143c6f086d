"""Which TCP ports a machine listens on, and who does."""

from __future__ import annotations

from ..sqlserver.server import endpoints
from ..world.machine import Machine

#: Ports of the services that matter here (Ports and protocols for internal servers).
_SERVICES = {
    "lanmanserver": {445: "System"},
    "w3svc": {80: "System", 443: "System"},
    "rtcsrv": {5061: "RTCSrv"},
    "rtcchat": {5041: "ChannelService", 8011: "ChannelService"},
}


def listening_ports(machine: Machine) -> dict[int, str]:
    """Port -> program.

    ``machine.facts["listeners"]`` (port -> owner) adds programs that are no part of the estate.
    """
    if not machine.up:
        return {}
    ports: dict[int, str] = {135: "RPC endpoint mapper"}
    if not machine.deaf:
        ports[machine.port] = "WinRM"
    for name, owned in _SERVICES.items():
        service = machine.services.get(name)
        if service is not None and service.status == "Running":
            ports.update(owned)
    return {**endpoints.listening_ports(machine), **ports}
