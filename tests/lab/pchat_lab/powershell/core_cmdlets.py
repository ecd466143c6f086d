"""Cmdlets that every runspace has (Microsoft.PowerShell.Core and Microsoft.PowerShell.Utility)."""

from __future__ import annotations

import fnmatch
import typing as t
from collections.abc import Iterable

from .binder import common_parameters
from .command_info import command_info, proxy_info
from .conversion import dotnet_type
from .errors import CmdletError, LabGap, no_prompt, not_recognized
from .executor import Runspace
from .objects import Byte, PSObject, custom
from .records import CATEGORIES, information_record, progress_record
from .registry import CMDLETS, CmdletInfo, Invocation, Parameter, cmdlet, signature
from .serialise import text_of

if t.TYPE_CHECKING:
    from .executor import Runspace

_OBJECT = "System.Object"
_TEXT = "string"


def _first(name: str, kind: str = _TEXT, **more: t.Any) -> dict[str, Parameter]:
    return {name: Parameter(name, kind, position=0, **more)}


@cmdlet(
    "Write-Output",
    signature(
        "Default: [InputObject]! NoEnumerate?",
        types=_first("InputObject", "object", pipeline=True, dotnet="psobject"),
    ),
)
def write_output(call: Invocation) -> Iterable[t.Any]:
    values = call.inputs if "InputObject" not in call.params else [call.params["InputObject"]]
    for value in values:
        yield from [value] if call.switch("NoEnumerate") else _enumerated(value)


def _enumerated(value: t.Any) -> Iterable[t.Any]:
    """What a cmdlet writes of a list is its elements; a dictionary and a text stay whole."""
    if isinstance(value, bytes):
        return [Byte(one) for one in value]
    return value if isinstance(value, list) else [value]


# --- the other streams


@cmdlet("Write-Warning", signature("Default: [Message]!", types=_first("Message")))
def write_warning(call: Invocation) -> None:
    call.warnings.append(call.params["Message"])


@cmdlet("Write-Verbose", signature("Default: [Message]!", types=_first("Message")))
def write_verbose(call: Invocation) -> None:
    call.verbose.append(call.params["Message"])


@cmdlet("Write-Debug", signature("Default: [Message]!", types=_first("Message")))
def write_debug(call: Invocation) -> None:
    if call.switch("Debug"):
        raise LabGap("Write-Debug -Debug asks in Windows PowerShell")


@cmdlet(
    "Write-Progress",
    signature(
        "Default: [Activity]! [Status] PercentComplete",
        types={"PercentComplete": Parameter("PercentComplete", "int")},
    ),
)
def write_progress(call: Invocation) -> None:
    status = call.params.get("Status") or "Processing"
    call.tell(
        "ProgressRecord",
        progress_record(call.params["Activity"], status, call.params.get("PercentComplete", -1)),
    )


@cmdlet("Write-Host", signature("Default: [Object] NoNewline?", types=_first("Object", "object")))
def write_host(call: Invocation) -> None:
    now = call.world.clock.now()
    call.tell(
        "InformationRecord",
        information_record(
            text_of(call.params.get("Object")),
            "Write-Host",
            call.caller.account.name,
            call.machine.name,
            now,
        ),
    )


@cmdlet(
    "Write-Error",
    signature(
        "Default: [Message]! Category ErrorId TargetObject",
        types={
            **_first("Message"),
            "Category": Parameter("Category", values=tuple(CATEGORIES)),
            "TargetObject": Parameter("TargetObject", "object"),
        },
    ),
)
def write_error(call: Invocation) -> None:
    call.errors.append(
        CmdletError(
            call.params["Message"],
            call.params.get("ErrorId") or "Microsoft.PowerShell.Commands.WriteErrorException",
            call.params.get("Category") or "NotSpecified",
            "Microsoft.PowerShell.Commands.WriteErrorException",
            call.params.get("TargetObject"),
        )
    )


@cmdlet(
    "Read-Host", signature("Default: [Prompt] AsSecureString?", types=_first("Prompt", "object"))
)
def read_host(call: Invocation) -> None:
    raise no_prompt()


# --- pipelines


@cmdlet(
    "Sort-Object",
    signature(
        "Default: [Property] Descending? InputObject",
        types={
            "Property": Parameter("Property", "string[]", position=0),
            "InputObject": Parameter("InputObject", "object", pipeline=True),
        },
    ),
)
def sort_object(call: Invocation) -> Iterable[t.Any]:
    names = call.params.get("Property") or []

    def key(value: t.Any) -> list[str]:
        return [text_of(_property(value, name)).lower() for name in names] or [
            text_of(value).lower()
        ]

    return sorted(call.inputs, key=key, reverse=call.switch("Descending"))


@cmdlet(
    "Select-Object",
    signature(
        "Default: [Property] First Last InputObject",
        types={
            "Property": Parameter("Property", "string[]", position=0),
            "First": Parameter("First", "int"),
            "Last": Parameter("Last", "int"),
            "InputObject": Parameter("InputObject", "object", pipeline=True),
        },
    ),
)
def select_object(call: Invocation) -> Iterable[t.Any]:
    found = list(call.inputs)
    if call.params.get("First") is not None:
        found = found[: call.params["First"]]
    if call.params.get("Last") is not None:
        found = found[-call.params["Last"] :] if call.params["Last"] else []
    names = call.params.get("Property")
    if not names:
        return found
    if any("*" in name for name in names):
        raise LabGap("Select-Object -Property with wildcards")
    return [_selected(value, names) for value in found]


def _selected(value: t.Any, names: list[str]) -> t.Any:
    chosen = {name: _property(value, name) for name in names}
    return custom(chosen, f"Selected.{_type_name(value)}")


def _type_name(value: t.Any) -> str:
    return (
        value.type_names[0]
        if isinstance(value, PSObject) and value.type_names
        else dotnet_type(value) or _OBJECT
    )


def _property(value: t.Any, name: str) -> t.Any:
    if not isinstance(value, PSObject):
        return None
    for known, found in value.members.items():
        if known.lower() == name.lower():
            return found
    return None


# --- variables


@cmdlet(
    "Get-Variable",
    signature(
        "Default: [Name]! ValueOnly?", types={"Name": Parameter("Name", "string[]", position=0)}
    ),
)
def get_variable(call: Invocation) -> Iterable[t.Any]:
    """Those that -OutVariable made; the automatic ones are not simulated.

    Values are lists, which are written whole.
    """
    known = call.runspace.variables if call.runspace is not None else {}
    for name in call.params["Name"]:
        if name.lower() not in known:
            call.errors.append(
                CmdletError(
                    f"Cannot find a variable with the name '{name}'.",
                    "VariableNotFound",
                    "ObjectNotFound",
                    "System.Management.Automation.ItemNotFoundException",
                    name,
                )
            )
        elif not call.switch("ValueOnly"):
            raise LabGap("Get-Variable without -ValueOnly")
        else:
            yield list(known[name.lower()])


# --- commands and modules


@cmdlet(
    "Get-Command",
    signature(
        "Default: [Name] CommandType",
        types={
            "Name": Parameter("Name", "string[]", position=0),
            "CommandType": Parameter(
                "CommandType",
                values=(
                    "Alias",
                    "Function",
                    "Filter",
                    "Cmdlet",
                    "ExternalScript",
                    "Application",
                    "Script",
                    "All",
                ),
            ),
        },
    ),
)
def get_command(call: Invocation) -> Iterable[t.Any]:
    here = call.runspace or Runspace(call.world, call.machine, call.caller, "")
    for name in call.params.get("Name") or ["*"]:
        wild = any(mark in name for mark in "*?[")
        names = (
            sorted(
                info.name
                for info in CMDLETS.values()
                if fnmatch.fnmatchcase(info.name.lower(), name.lower())
            )
            if wild
            else [name]
        )
        for info in filter(None, (_found(here, one) for one in names)):
            names = [*here.parameters(info), *common_parameters(info.signature)]
            if here.restricted is not None and here.restricted.is_proxy(info):
                yield proxy_info(info, names)
            else:
                yield command_info(info, names, _module_on(call, info), _version(call, info))
        if not wild and _found(here, name) is None:
            call.errors.append(not_recognized(name))


def _found(here: Runspace, name: str) -> CmdletInfo | None:
    """Asking for an exact name loads its module (Get-Command reference). assumed: where that fails
    the command is not found, without the cause.
    """
    try:
        return here.find(name)
    except CmdletError:
        return None


def _module_on(call: Invocation, info: CmdletInfo) -> str:
    if info.module == "Lync":
        return next(iter(call.machine.products & {"Lync", "SkypeForBusiness"}), "")
    if info.name in ("Get-Command", "Import-Module", "Get-Module"):
        return "Microsoft.PowerShell.Core"
    return info.home


def _version(call: Invocation, info: CmdletInfo) -> str | None:
    """CommandInfo has it since Windows PowerShell 5.0. assumed: Lync's module is of version 1.0."""
    if int(call.machine.powershell.split(".")[0]) < 5:
        return None
    return info.version or ("3.1.0.0" if info.home.startswith("Microsoft.PowerShell") else "1.0")


@cmdlet(
    "Import-Module",
    signature(
        "Default: [Name]! Force? PassThru?",
        types={"Name": Parameter("Name", "string[]", position=0)},
    ),
)
def import_module(call: Invocation) -> None:
    for name in call.params["Name"]:
        if not _is_there(call, name):
            call.errors.append(
                CmdletError(
                    f"The specified module '{name}' was not loaded because no valid module file "
                    "was found in any module directory.",
                    "Modules_ModuleNotFound",
                    "ResourceUnavailable",
                    "System.IO.FileNotFoundException",
                    name,
                )
            )


@cmdlet(
    "Get-Module",
    signature(
        "Default: [Name] ListAvailable?", types={"Name": Parameter("Name", "string[]", position=0)}
    ),
)
def get_module(call: Invocation) -> Iterable[t.Any]:
    for name in call.params.get("Name") or []:
        if _is_there(call, name):
            yield PSObject(
                ["System.Management.Automation.PSModuleInfo", _OBJECT],
                {"Name": name, "ModuleType": "Manifest"},
                name,
            )
    if not call.params.get("Name"):
        raise LabGap("Get-Module without -Name")


def _is_there(call: Invocation, name: str) -> bool:
    known = {
        one.lower() for one in (*call.machine.products, *call.machine.facts.get("modules", ()))
    }
    return name.lower() in known
