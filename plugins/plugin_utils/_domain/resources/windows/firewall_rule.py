"""A rule of Windows Firewall that lets connections to a port in. FOR INTERNAL COLLECTION USE
ONLY.
"""

from __future__ import annotations

import ipaddress
import re
import typing as t

from ...._engine.errors import Refused
from ...._engine.model import ArgumentSpec, Resource, Session, Step
from ...calls import windows
from ...rows import lower

FIREWALL_RULE_SPEC: ArgumentSpec = {
    "name": {"type": "str", "required": True},
    "port": {"type": "int", "required": True},
    "remote_addresses": {"type": "list", "elements": "str", "default": []},
}
#: What a name may be made of: Get-NetFirewallRule takes wildcards.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class FirewallRuleOptions(t.TypedDict):
    """``name``: not the one that people are shown. ``remote_addresses``: who may connect,
    addresses and subnets; none for anybody.
    """

    name: str
    port: int
    remote_addresses: list[str]


class FirewallRuleFacts(t.TypedDict):
    """``lets_in`` False: the rule is disabled, or blocks. Its port is not told: a rule is known by
    its name.
    """

    exists: bool
    lets_in: bool


class FirewallRule(Resource[FirewallRuleOptions, FirewallRuleFacts]):
    """A rule is made and enabled; none is ever narrowed or removed."""

    def __init__(self, options: FirewallRuleOptions, host: str) -> None:
        self.name = options["name"]
        self.port = options["port"]
        self.remote = options["remote_addresses"]
        self.scope = f"host/{host}/firewall_rule {self.name}".lower()
        self._require_name()
        self._require_port()
        for address in self.remote:
            _require_address(address)

    def _require_name(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise Refused(
                f"{self.name!r} cannot be the name of a firewall rule here: give letters, digits,"
                " dots, hyphens and underscores, like pchat-mirroring-5022.",
                code="bad_name",
            )

    def _require_port(self) -> None:
        if not 1 <= self.port <= 65535:
            raise Refused(
                f"{self.port} is no TCP port; give one from 1 to 65535, like 5022.",
                code="bad_port",
            )

    def read(self, session: Session) -> FirewallRuleFacts:
        (rules,) = session.read(windows.firewall_rule(self.name))
        if not rules:
            return {"exists": False, "lets_in": False}
        rule = rules[0]
        lets_in = lower(rule, "Enabled") == "true" and lower(rule, "Action") == "allow"
        return {"exists": True, "lets_in": lets_in}

    def plan(self, current: FirewallRuleFacts) -> list[Step[FirewallRuleFacts]]:
        if current["lets_in"]:
            return []
        return [self._enable() if current["exists"] else self._create()]

    def _create(self) -> Step[FirewallRuleFacts]:
        return Step(
            name="create_rule",
            why=f"No rule {self.name} lets connections to port {self.port} in.",
            sets={"exists": True, "lets_in": True},
            calls=(windows.new_firewall_rule(self.name, self.port, self.remote),),
        )

    def _enable(self) -> Step[FirewallRuleFacts]:
        return Step(
            name="enable_rule",
            why=f"The rule {self.name} is there and lets nobody in.",
            sets={"lets_in": True},
            calls=(windows.enable_firewall_rule(self.name),),
        )


def _require_address(text: str) -> None:
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        raise Refused(
            f"{text!r} is no address and no subnet, and the firewall knows no names; give it like"
            " 10.1.2.3 or 10.1.0.0/16.",
            code="bad_address",
        ) from None
