"""Whether a PowerShell command that is printed somewhere parses and binds as it stands.

By the lab's own parser and binder.
"""

from __future__ import annotations

import itertools

from pchat_lab.estate.build import load_cmdlets
from pchat_lab.lync.signatures import documented
from pchat_lab.powershell.binder import bind
from pchat_lab.powershell.command_line import Line, NotACommandLine, arguments, parse
from pchat_lab.powershell.errors import CmdletError
from pchat_lab.powershell.registry import CMDLETS, CmdletInfo, Parameter, signature

load_cmdlets()
_DELEGATION = {
    "PrincipalsAllowedToDelegateToAccount": Parameter(
        "PrincipalsAllowedToDelegateToAccount", "string[]"
    ),
    "Add": Parameter("Add", "hashtable"),
}
_READ_AD = signature(
    "Identity: [Identity]! Properties", types={"Properties": Parameter("Properties", "string[]")}
)
#: Cmdlets that people run and the collection never: from their reference pages, as far as the
#: documents use them.
_BY_HAND = {
    "Enable-PSRemoting": signature("Default: Force? SkipNetworkProfileCheck?", should_process=True),
    "Get-Certificate": signature(
        "Default: Template! DnsName CertStoreLocation SubjectName",
        types={"DnsName": Parameter("DnsName", "string[]")},
        should_process=True,
    ),
    "Test-WSMan": signature("Default: [ComputerName] Authentication Port UseSSL?"),
    "Add-ADGroupMember": signature(
        "Default: [Identity]! [Members]!",
        types={
            "Identity": Parameter("Identity", "string", position=0),
            "Members": Parameter("Members", "string[]", position=1),
        },
        should_process=True,
    ),
    "Set-ADUser": signature(
        "Identity: [Identity]! PrincipalsAllowedToDelegateToAccount",
        types=_DELEGATION,
        should_process=True,
    ),
    "Set-ADComputer": signature(
        "Identity: [Identity]! PrincipalsAllowedToDelegateToAccount Add",
        types=_DELEGATION,
        should_process=True,
    ),
    "Get-ADUser": _READ_AD,
    "Get-ADComputer": _READ_AD,
    "Grant-CsSetupPermission": signature("Default: ComputerOu! Domain Report", should_process=True),
    "Test-CsSetupPermission": signature("Default: ComputerOu! Domain Report"),
    "Set-Service": signature("Default: [Name]! StartupType Status", should_process=True),
    "Set-Item WSMan:": signature("Default: [Path]! [Value]! Force?", should_process=True),
    "Enable-WSManCredSSP": signature("Default: [Role]! DelegateComputer Force?"),
    "Get-WSManCredSSP": signature("Default:"),
    "Register-PSSessionConfiguration": signature(
        "File: [Name]! -Path! Force? ShowSecurityDescriptorUI? NoServiceRestart?",
        should_process=True,
    ),
    "Unregister-PSSessionConfiguration": signature(
        "Default: [Name]! Force? NoServiceRestart?", should_process=True
    ),
    "Test-PSSessionConfigurationFile": signature("Default: [Path]!"),
    "Get-PSSessionConfiguration": signature("Default: [Name] Force?"),
    "Get-Command": signature(
        "Default: [Name] Module", types={"Name": Parameter("Name", "string[]", position=0)}
    ),
    "Install-Module": signature("Default: [Name]! Scope Force?"),
    "Import-Module": signature("Default: [Name]! DisableNameChecking?"),
    "Set-ExecutionPolicy": signature("Default: [ExecutionPolicy]! Scope Force?"),
    "Format-List": signature(
        "Default: [Property]", types={"Property": Parameter("Property", "string[]", position=0)}
    ),
    "Invoke-CsPoolFailOver": signature(
        "Default: PoolFqdn! DisasterMode? Force?", should_process=True
    ),
    # New-Item in the drive WSMan: has parameters of that provider (about_WSMan_Provider).
    "New-Item WSMan:": signature(
        "Listener: Path! Transport! Address! CertificateThumbPrint HostName Port Force?"
    ),
}


def _info_of(line: Line) -> CmdletInfo:
    """KeyError for a cmdlet that neither the lab nor this test knows."""
    key = line.name
    if line.name != "Get-Item" and _path_of(line).lower().startswith("wsman:"):
        key = f"{line.name} WSMan:"
    if key in _BY_HAND:
        return CmdletInfo(line.name, "", _BY_HAND[key], lambda call: None, False)
    known = CMDLETS.get(key.lower())
    return known or CmdletInfo(line.name, "", documented(line.name), lambda call: None, False)


def _path_of(line: Line) -> str:
    """What follows -Path; empty without any."""
    for name, value in itertools.pairwise(line.given):
        if name.name == "Path":
            return str(value.value)
    return ""


def wrong_with(text: str, variables: dict[str, object] | None = None) -> list[str]:
    """What PowerShell would say to the text; nothing: it parses, and every command binds."""
    found: list[str] = []
    try:
        pipelines = parse(text, variables)
    except NotACommandLine as error:
        return [f"{text}: {error}"]
    for pipeline in pipelines:
        for place, line in enumerate(pipeline):
            try:
                info = _info_of(line)
                bind(info, arguments(info, line), piped=place > 0)
            except CmdletError as error:
                found.append(f"{text}: {error.message}")
            except KeyError:
                found.append(f"{text}: the cmdlet {line.name} is not known")
    return found
