"""Which TCP ports a machine listens on, and who does."""
from __future__ import annotations

from ..world.machine import Machine

_SERVICES = {"lanmanserver": {445: "System"}, "w3svc": {80: "System", 443: "System"}, "rtcsrv": {5061: "RTCSrv"}, "rtcchat": {5041: "ChannelService", 8011: "ChannelService"}}


def listening_ports(machine: Machine) -> dict[int, str]:
    """Port -> program. ``machine.facts["listeners"]`` (port -> owner) adds programs that are no part of the estate."""
    if not machine.up:
        return {}
    ports: dict[int, str] = {135: "RPC endpoint mapper", 5986 if machine.tls else 5985: "WinRM"}
    for name, owned in _SERVICES.items():
        service = machine.services.get(name)
        if service is not None and service.status == "Running":
            ports.update(owned)
    for instance in machine.instances.values():
        if instance.running:
            ports[instance.port] = instance.engine_service_name
            for endpoint in instance.endpoints.values():
                if getattr(endpoint, "listening", False):
                    ports[endpoint.port] = instance.engine_service_name
    ports.update(machine.facts.get("listeners", {}))
    return ports
