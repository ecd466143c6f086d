"""Commands that every restricted session has by itself, with the parameters that it leaves them
(CommandMetadata.GetRestrictedCommands).
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable

from .errors import LabGap
from .objects import PSObject
from .registry import Invocation, Parameter, cmdlet, signature

_INPUT = {"InputObject": Parameter("InputObject", "object", pipeline=True)}


@cmdlet("Clear-Host", signature("Default:"))
def clear_host(call: Invocation) -> Iterable[t.Any]:
    return []


@cmdlet("Exit-PSSession", signature("Default:"))
def exit_pssession(call: Invocation) -> Iterable[t.Any]:
    return []


@cmdlet("Out-Default", signature("Default: InputObject!", types=_INPUT))
def out_default(call: Invocation) -> Iterable[t.Any]:
    """Over PSRP what it is given goes to the client."""
    return call.inputs or [call.params["InputObject"]]


@cmdlet("Measure-Object", signature("Default: InputObject!", types=_INPUT))
def measure_object(call: Invocation) -> Iterable[t.Any]:
    count = len(call.inputs) if "InputObject" not in call.params else 1
    kind = "Microsoft.PowerShell.Commands.GenericMeasureInfo"
    return [
        PSObject(
            [kind, "Microsoft.PowerShell.Commands.MeasureInfo", "System.Object"],
            {"Count": count},
            kind,
        )
    ]


@cmdlet(
    "Get-FormatData",
    signature(
        "Default: TypeName PowerShellVersion", types={"TypeName": Parameter("TypeName", "string[]")}
    ),
)
def get_format_data(call: Invocation) -> Iterable[t.Any]:
    raise LabGap("Get-FormatData of a restricted session")


@cmdlet("Get-Help", signature("Default: Name Category"))
def get_help(call: Invocation) -> Iterable[t.Any]:
    raise LabGap("Get-Help of a restricted session")
