"""What to say, and to do, about a cmdlet that a session does not have.

FOR INTERNAL COLLECTION USE ONLY.

Reasons are many (not installed, an execution policy that does not let its module load, a restricted
endpoint that hides it), and what PowerShell says is the same: "not recognized".
"""

from __future__ import annotations

import re
import typing as t

from ..._engine.errors import CmdletMissing


class Module(t.NamedTuple):
    """``names``: a pattern of its cmdlets. ``mend``: what brings it onto the host."""

    name: str
    names: str
    mend: str


_ALWAYS = "It is part of PowerShell: only an endpoint can hide it."
#: Reference pages of the cmdlets; the modules of Windows came with the versions that are named.
MODULES: tuple[Module, ...] = (
    Module(
        "Lync or SkypeForBusiness",
        r"\w+-Cs\w+",
        "Install the administrative tools of Lync Server or Skype for Business Server (its setup)"
        " on it.",
    ),
    Module(
        "SQLPS or SqlServer",
        "Invoke-Sqlcmd",
        "Install SQL Server's management tools, or run `Install-Module SqlServer` on it; SQLPS"
        " needs an execution policy that lets scripts run (`Set-ExecutionPolicy RemoteSigned`).",
    ),
    Module(
        "CimCmdlets",
        "Get-CimInstance",
        "It is part of PowerShell 3: install the Windows Management Framework.",
    ),
    Module("SmbShare", r"\w+-Smb\w+", "It is part of Windows Server 2012 and later."),
    Module("NetSecurity", r"\w+-NetFirewallRule", "It is part of Windows Server 2012 and later."),
    Module(
        "NetTCPIP",
        "Get-NetTCPConnection|Test-NetConnection",
        "It is part of Windows Server 2012 and later, Test-NetConnection of 2012 R2.",
    ),
    Module(
        "Microsoft.PowerShell.Management",
        r"(?:Start|Stop)-Service|New-Item|Set-Content|Test-Path",
        _ALWAYS,
    ),
    Module("Microsoft.PowerShell.Utility", "Write-Output", _ALWAYS),
    Module("Microsoft.PowerShell.Core", "Get-Command", _ALWAYS),
)


def module_of(cmdlet: str) -> Module:
    """KeyError for a cmdlet that the collection does not call."""
    for module in MODULES:
        if re.fullmatch(module.names, cmdlet, re.IGNORECASE):
            return module
    raise KeyError(cmdlet)


def sentence(cmdlet: str, host: str) -> str:
    """For a person: what is missing where, and the command that tells why."""
    module = module_of(cmdlet)
    return (
        f"{host} has no cmdlet {cmdlet} (module {module.name}) in this session, so nothing was"
        f" asked with it. Run `Get-Command -Name {cmdlet}` in an ordinary session there. If it is"
        " found, the endpoint hides it: register the files of extensions/jea again. If not:"
        f" {module.mend}"
    )


def named(error: CmdletMissing, host: str) -> CmdletMissing:
    """The same error, with the module, the host and what mends it.

    ``details``: name, module, host besides those that it has.
    """
    name = str(error.details.get("name") or "")
    try:
        module = module_of(name)
    except KeyError:
        return error
    details = {**error.details, "name": name, "module": module.name}
    asked = str(error.details.get("asked") or name)
    chosen = ""
    if "\\" in asked:
        chosen = (
            f" It was asked for as {asked} (pchat_sql_module), which a restricted endpoint never"
            " finds: leave that variable empty there."
        )
    return CmdletMissing(sentence(name, host) + chosen, **details)
