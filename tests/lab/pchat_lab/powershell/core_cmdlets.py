"""Cmdlets that every runspace has."""
from __future__ import annotations

import typing as t
from collections.abc import Iterable

from .binder import COMMON
from .errors import CmdletError
from .objects import PSObject
from .registry import CmdletInfo, Invocation, Parameter, cmdlet, signature

if t.TYPE_CHECKING:
    from .executor import Runspace


@cmdlet("Write-Output", signature("Default: [InputObject]! NoEnumerate?", types={"InputObject": Parameter("InputObject", "object", position=0)}))
def write_output(call: Invocation) -> Iterable[t.Any]:
    value = call.params["InputObject"]
    return value if isinstance(value, list) and not call.switch("NoEnumerate") else [value]


@cmdlet("Get-Command", signature("Default: [Name]!", types={"Name": Parameter("Name", "string[]", position=0)}))
def get_command(call: Invocation) -> Iterable[t.Any]:
    from .executor import Runspace
    here = call.runspace or Runspace(call.world, call.machine, call.caller, "")
    for name in call.params["Name"]:
        info = _found(here, name)
        if info is None:
            call.errors.append(CmdletError(f"The term '{name}' is not recognized as the name of a cmdlet, function, script file, or operable "
                                           "program.", "CommandNotFoundException", "ObjectNotFound",
                                           "System.Management.Automation.CommandNotFoundException", name))
            continue
        module = next(iter(call.machine.products & {"Lync", "SkypeForBusiness"}), "") if info.module == "Lync" else info.module
        yield PSObject(["System.Management.Automation.CmdletInfo", "System.Management.Automation.CommandInfo", "System.Object"],
                       {"Name": info.name, "ModuleName": module, **_version(call, info), "CommandType": "Cmdlet", "Definition": _syntax(info),
                        "Parameters": dict.fromkeys([*here.parameters(info), *_common(info)], "System.Management.Automation.ParameterMetadata")}, info.name)


def _found(here: Runspace, name: str) -> CmdletInfo | None:
    """Asking for an exact name loads its module (Get-Command reference). assumed: where that fails the command is not found, without the cause."""
    try:
        return here.find(name)
    except CmdletError:
        return None


def _version(call: Invocation, info: CmdletInfo) -> dict[str, t.Any]:
    """CommandInfo has it since Windows PowerShell 5.0; the lab knows it of cmdlets that differ by it."""
    if not info.version or int(call.machine.powershell.split(".")[0]) < 5:
        return {}
    return {"Version": info.version}


def _common(info: CmdletInfo) -> list[str]:
    """Those that every cmdlet has. Over the wire the values of the dictionary of parameters are but the name of their type."""
    return [*COMMON, *(("WhatIf", "Confirm") if info.signature.should_process else ())]


def _syntax(info: CmdletInfo) -> str:
    """One line for each parameter set, as Get-Command -Syntax prints them."""
    lines = []
    for one in info.signature.sets:
        words = []
        for name in sorted(one.members):
            kind = info.signature.parameters[name].type
            word = f"-{name}" if kind == "switch" else f"-{name} <{kind}>"
            words.append(word if name in one.required else f"[{word}]")
        lines.append(" ".join([info.name, *words, "[<CommonParameters>]"]))
    return "\n".join(lines)
