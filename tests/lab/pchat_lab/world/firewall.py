"""Windows Firewall of a machine: which TCP connections its rules let in.

A block rule wins over an allow rule; without either, a port that no setup program opened is closed
(Windows Firewall with Advanced Security: rule precedence).
"""

from __future__ import annotations

import dataclasses
import ipaddress
import typing as t

if t.TYPE_CHECKING:
    from .machine import Machine


@dataclasses.dataclass
class Rule:
    """``ports``, ``remote``: as they were given, ``Any`` for all. ``profile``: Any or Domain, the
    two that count on a member of a domain.
    """

    name: str
    display_name: str
    direction: str = "Inbound"
    action: str = "Allow"
    protocol: str = "Any"
    ports: tuple[str, ...] = ("Any",)
    remote: tuple[str, ...] = ("Any",)
    profile: str = "Any"
    enabled: bool = True

    def is_about(self, port: int, address: str) -> bool:
        """Whether an inbound TCP connection from this address to this port meets the rule."""
        if not self.enabled or self.direction != "Inbound" or self.protocol == "UDP":
            return False
        if self.profile not in ("Any", "Domain"):
            return False
        if not _is_any(self.ports) and not any(_holds(text, port) for text in self.ports):
            return False
        return _is_any(self.remote) or any(_comes_from(text, address) for text in self.remote)


def lets_in(machine: Machine, port: int, address: str) -> bool:
    """Whether the machine lets a connection from this address to this port in, of those that only
    an administrator opens.
    """
    if not machine.firewall:
        return True
    actions = {rule.action for rule in machine.rules.values() if rule.is_about(port, address)}
    return actions == {"Allow"}


def _is_any(texts: tuple[str, ...]) -> bool:
    return any(text.lower() == "any" for text in texts)


def _holds(text: str, port: int) -> bool:
    first, _dash, last = text.partition("-")
    return int(first) <= port <= int(last or first)


def _comes_from(text: str, address: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network(text, strict=False)
