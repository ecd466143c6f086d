"""The NetSecurity module, which came with Windows Server 2012: rules of Windows Firewall
(NetSecurity reference).
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable

from ..powershell.errors import CmdletError, LabGap
from ..powershell.objects import PSObject, enum
from ..powershell.registry import Invocation, Parameter, cmdlet, signature
from ..world.firewall import Rule
from .cdxml import require_rights, windows_error
from .common import is_wild, matches, since, strings

MODULE = "NetSecurity"
_ON = since(windows="6.2")
_GENERATED = "Microsoft.PowerShell.Cmdletization.GeneratedTypes.NetSecurity."
_ACTIONS = {"NotConfigured": 0, "Allow": 2, "Block": 4}
_SWITCH = {"True": 1, "False": 2}
_DIRECTIONS = {"Inbound": 1, "Outbound": 2}
_PROFILES = {"Any": 0, "Domain": 1, "Private": 2, "Public": 4, "NotApplicable": 65535}
_CHOICES = {
    "Enabled": Parameter("Enabled", "string", values=tuple(_SWITCH)),
    "Action": Parameter("Action", "string", values=tuple(_ACTIONS)),
}
_NEW = {
    **_CHOICES,
    "Direction": Parameter("Direction", "string", values=tuple(_DIRECTIONS)),
    "Profile": Parameter("Profile", "string", values=tuple(_PROFILES)),
    "LocalPort": strings("LocalPort"),
    "RemoteAddress": strings("RemoteAddress"),
}


@cmdlet(
    "Get-NetFirewallRule",
    signature("Default: Name", types={"Name": strings("Name", aliases=("ID", "InstanceID"))}),
    module=MODULE,
    on=_ON,
)
def get_net_firewall_rule(call: Invocation) -> Iterable[t.Any]:
    if not call.params.get("Name"):
        raise LabGap("Get-NetFirewallRule without -Name: the rules of Windows itself are not here")
    return [_object(call, rule) for rule in _named(call)]


@cmdlet(
    "New-NetFirewallRule",
    signature(
        "Default: Name DisplayName! Description Enabled Profile Direction Action Protocol LocalPort"
        " RemoteAddress",
        types=_NEW,
        should_process=True,
    ),
    module=MODULE,
    changes=True,
    on=_ON,
)
def new_net_firewall_rule(call: Invocation) -> Iterable[t.Any]:
    require_rights(call)
    given = {key: value for key, value in call.params.items() if value is not None}
    name = given.get("Name", f"{{{given['DisplayName']}}}")
    if name.lower() in call.machine.rules:
        raise windows_error(183, "Cannot create a file when that file already exists.")
    rule = Rule(
        name,
        given["DisplayName"],
        given.get("Direction", "Inbound"),
        given.get("Action", "Allow"),
        given.get("Protocol", "Any"),
        tuple(given.get("LocalPort", ("Any",))),
        tuple(given.get("RemoteAddress", ("Any",))),
        given.get("Profile", "Any"),
        given.get("Enabled", "True") == "True",
    )
    if rule.ports != ("Any",) and rule.protocol not in ("TCP", "UDP"):
        raise windows_error(87, "The parameter is incorrect.")
    call.machine.rules[name.lower()] = rule
    return [_object(call, rule)]


@cmdlet(
    "Set-NetFirewallRule",
    signature(
        "Default: Name Enabled Action",
        types={**_CHOICES, "Name": strings("Name", aliases=("ID", "InstanceID"))},
        should_process=True,
    ),
    module=MODULE,
    changes=True,
    on=_ON,
)
def set_net_firewall_rule(call: Invocation) -> Iterable[t.Any]:
    require_rights(call)
    for rule in _named(call):
        if call.params.get("Enabled"):
            rule.enabled = call.params["Enabled"] == "True"
        if call.params.get("Action"):
            rule.action = call.params["Action"]
    return []


def _named(call: Invocation) -> list[Rule]:
    """By name; a plain name that no rule has is a non-terminating error."""
    names = call.params.get("Name") or []
    for name in names:
        if not is_wild(name) and name.lower() not in call.machine.rules:
            call.errors.append(
                CmdletError(
                    "No MSFT_NetFirewallRule objects found with property 'InstanceID' equal to "
                    f"'{name}'.  Verify the value of the property and retry.",
                    "CmdletizationQuery_NotFound_InstanceID",
                    "ObjectNotFound",
                    "Microsoft.PowerShell.Cmdletization.Cim.CimJobException",
                    name,
                )
            )
    return [rule for rule in call.machine.rules.values() if matches(rule.name, names)]


def _object(call: Invocation, rule: Rule) -> PSObject:
    base = "Microsoft.Management.Infrastructure.CimInstance"
    enabled = "True" if rule.enabled else "False"
    return PSObject(
        [
            f"{base}#root/standardcimv2/MSFT_NetFirewallRule",
            f"{base}#MSFT_NetFirewallRule",
            base,
            "System.Object",
        ],
        {
            "Name": rule.name,
            "DisplayName": rule.display_name,
            "Enabled": enum(_GENERATED + "Enabled", enabled, _SWITCH[enabled]),
            "Profile": enum(_GENERATED + "Profile", rule.profile, _PROFILES[rule.profile]),
            "Direction": enum(
                _GENERATED + "Direction", rule.direction, _DIRECTIONS[rule.direction]
            ),
            "Action": enum(_GENERATED + "Action", rule.action, _ACTIONS[rule.action]),
            "InstanceID": rule.name,
            "PSComputerName": call.machine.name,
        },
        f'MSFT_NetFirewallRule (InstanceID = "{rule.name}")',
    )
