"""Windows Firewall: which connections its rules let in, and what the cmdlets say of them."""

from __future__ import annotations

import typing as t

import pytest

from pchat_lab.powershell.errors import CmdletError, LabGap
from pchat_lab.world.firewall import Rule, lets_in

Admin = t.Callable[..., t.Any]
NAME = "pchat-mirroring-5022"
OPEN = Rule(NAME, NAME, protocol="TCP", ports=("5022",))


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([], False),
        ([OPEN], True),
        ([Rule("a", "a", protocol="TCP", ports=("5000-6000",), remote=("10.1.0.0/16",))], True),
        ([Rule("a", "a", protocol="TCP", ports=("5022",), remote=("10.2.0.0/16",))], False),
        ([Rule("a", "a", protocol="UDP", ports=("5022",))], False),
        ([Rule("a", "a", protocol="TCP", ports=("5022",), profile="Public")], False),
        ([Rule("a", "a", protocol="TCP", ports=("5022",), enabled=False)], False),
        ([OPEN, Rule("b", "b", action="Block")], False),
    ],
)
def test_a_port_is_closed_until_a_rule_lets_the_connection_in(
    admin: Admin, rules: list[Rule], expected: bool
) -> None:
    machine = admin("sql-n1").world.machine("sql-n1")
    machine.rules = {rule.name: rule for rule in rules}
    assert lets_in(machine, 5022, "10.1.2.3"), "no firewall"
    machine.firewall = True
    assert lets_in(machine, 5022, "10.1.2.3") == expected


def test_a_rule_is_made_found_and_switched(admin: Admin) -> None:
    console = admin("sql-n1")
    made = {"Name": NAME, "DisplayName": "x", "Protocol": "TCP", "LocalPort": ["5022"]}
    console.run("New-NetFirewallRule", **made)
    with pytest.raises(CmdletError, match="already exists"):
        console.run("New-NetFirewallRule", **made)
    console.run("Set-NetFirewallRule", Name=[NAME], Enabled="False")
    (rule,) = console.run("Get-NetFirewallRule", Name=[NAME]).out
    assert rule.properties["Enabled"].to_string == "False"
    assert console.run("Get-NetFirewallRule", Name=["nobody"]).errors
    with pytest.raises(LabGap):
        console.run("Get-NetFirewallRule")


def test_a_rule_for_a_port_names_its_protocol(admin: Admin) -> None:
    with pytest.raises(CmdletError, match="parameter is incorrect"):
        admin("sql-n1").run("New-NetFirewallRule", DisplayName="x", LocalPort=["5022"])
