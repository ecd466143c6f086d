"""What Get-Command tells of a command: its parameters, its sets, its syntax."""

from __future__ import annotations

import typing as t

from .objects import Collection, PSObject, Table, Version
from .registry import CmdletInfo, Signature
from .type_names import AUTOMATION, STRING


def definition(info: CmdletInfo) -> str:
    """One line for each parameter set, as CommandInfo.Definition has them."""
    return "".join(f"\r\n{info.name} {syntax}\r\n" for syntax in syntaxes(info.signature))


def syntaxes(signature: Signature) -> list[str]:
    """The lines that Get-Command -Syntax prints."""
    return [_syntax(signature, one.members, one.required) for one in signature.sets]


def _syntax(signature: Signature, members: frozenset[str], required: frozenset[str]) -> str:
    inside = [signature.parameters[name] for name in signature.parameters if name in members]
    by_place = sorted(
        (p for p in inside if p.position is not None), key=lambda parameter: parameter.position or 0
    )
    words = []
    for parameter in [*by_place, *(p for p in inside if p.position is None)]:
        label = f"[-{parameter.name}]" if parameter.position is not None else f"-{parameter.name}"
        word = (
            label
            if parameter.type == "switch"
            else f"{label} <{parameter.dotnet or parameter.type}>"
        )
        words.append(word if parameter.name in required else f"[{word}]")
    if signature.should_process:
        words += ["[-WhatIf]", "[-Confirm]"]
    return " ".join([*words, "[<CommonParameters>]"])


def proxy_info(info: CmdletInfo, parameters: t.Iterable[str]) -> PSObject:
    """The FunctionInfo of a restricted endpoint's proxy: of no module, with the parameters that the
    endpoint lists, whether the cmdlet has them or not.
    """
    made = command_info(info, parameters, "", None)
    made.type_names[0] = f"{AUTOMATION}.FunctionInfo"
    for name in ("HelpFile", "PSSnapIn", "ImplementingType"):
        del made.properties[name]
    made.properties.update(CommandType="Function", Module=None, Options="None")
    return made


def command_info(
    info: CmdletInfo, parameters: t.Iterable[str], module: str, version: str | None
) -> PSObject:
    """A CmdletInfo.

    ``parameters``: the names of all that a call here may use; ``version``: of the module, None
    where PowerShell does not tell it.
    """
    signature = info.signature
    verb, _dash, noun = info.name.partition("-")
    metadata = f"{AUTOMATION}.ParameterMetadata"
    assembly = f"{AUTOMATION}, Version=3.0.0.0, Culture=neutral, PublicKeyToken=31bf3856ad364e35"
    named = {name: PSObject([metadata, "System.Object"], {}, metadata) for name in parameters}
    dictionary = f"System.Collections.Generic.Dictionary`2[{STRING},[{metadata}, {assembly}]]"
    collection = "System.Collections.ObjectModel.ReadOnlyCollection`1[[{0}, " + assembly + "]]"
    sets = [
        PSObject([f"{AUTOMATION}.CommandParameterSetInfo", "System.Object"], {}, one)
        for one in syntaxes(signature)
    ]
    default = signature.sets[0].name if len(signature.sets) > 1 else None
    return PSObject(
        [f"{AUTOMATION}.CmdletInfo", f"{AUTOMATION}.CommandInfo", "System.Object"],
        {
            "Verb": verb,
            "Noun": noun,
            "HelpFile": f"{module}.dll-Help.xml",
            "PSSnapIn": None,
            **({} if version is None else {"Version": Version(version)}),
            "ImplementingType": info.implementing_type,
            "Definition": definition(info),
            "DefaultParameterSet": default,
            "OutputType": Collection(
                [], collection.format(f"{AUTOMATION}.PSTypeName"), "System.Object"
            ),
            "Options": "ReadOnly",
            "Name": info.name,
            "CommandType": "Cmdlet",
            "Source": module,
            "Visibility": "Public",
            "ModuleName": module,
            "Module": module,
            "RemotingCapability": "PowerShell" if info.module else "None",
            "Parameters": Table(named, dictionary, "System.Object"),
            "ParameterSets": Collection(
                sets, collection.format(f"{AUTOMATION}.CommandParameterSetInfo"), "System.Object"
            ),
        },
        info.name,
        notes={"Namespace": module, "HelpUri": "", "DLL": f"{module}.dll"},
    )
