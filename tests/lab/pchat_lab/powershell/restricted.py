"""What a restricted session (RestrictedRemoteServer, no language) shows, and what its proxies let
through.

Measured on a real engine, and read in its source (InitialSessionState: ProcessModulesToImport,
ProcessCommandModifications):

- an entry with parameters becomes a function of the same name, a proxy, when the command is in the
session as it opens. Such an entry loads no module. What does: the plain name of any command of that
module, and ModulesToImport; - a module of ModulesToImport that is not there breaks the pool when it
stands last, and is passed over otherwise; - a listed parameter that the command does not have is
taken for a dynamic one: the proxy shows it, and hands it on to a command that refuses it.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t
from collections.abc import Callable, Iterable, Mapping

from .binder import COMMON, all_parameters, named
from .capability import Allowed, Capability, Entry
from .conversion import convert
from .errors import CmdletError
from .registry import CMDLETS, CmdletInfo, Parameter, Signature

if t.TYPE_CHECKING:
    from ..world.machine import Machine

#: Commands that every such session has by itself, as proxies with few parameters
#: (CommandMetadata.GetRestrictedCommands).
PROVIDED = frozenset(
    {
        "clear-host",
        "exit-pssession",
        "get-command",
        "get-formatdata",
        "get-help",
        "measure-object",
        "out-default",
        "select-object",
    }
)
#: Those of them that the lab has with these few parameters only, so that an endpoint that shows
#: everything does not have them here.
ONLY_HERE = PROVIDED - {"get-command", "select-object"}
_SELECTED = (
    "ModuleName",
    "Namespace",
    "OutputType",
    "Count",
    "HelpUri",
    "Name",
    "CommandType",
    "ResolvedCommandName",
    "DefaultParameterSet",
    "CmdletBinding",
    "Parameters",
)
_BY_THEMSELVES: Mapping[str, Entry] = {
    "select-object": Entry(
        "Select-Object",
        {"property": Allowed("Property", _SELECTED), "inputobject": Allowed("InputObject")},
    )
}
#: What is loaded before anything is imported; "" is what the lab's cmdlets of the core have.
_LOADED = frozenset(
    {
        "",
        "microsoft.powershell.core",
        "microsoft.powershell.utility",
        "microsoft.powershell.security",
    }
)
#: Common parameters that take the name of a variable, which no-language mode has none of.
_VARIABLES = frozenset(
    {
        "errorvariable",
        "outvariable",
        "warningvariable",
        "pipelinevariable",
        "informationvariable",
        "ev",
        "ov",
        "wv",
        "pv",
        "iv",
    }
)
#: Cmdlets that work on the items of a provider, and those parameters of them that only the provider
#: FileSystem adds.
_OF_PROVIDERS: Mapping[str, frozenset[str]] = {
    "test-path": frozenset(),
    "new-item": frozenset(),
    "get-item": frozenset(),
    "remove-item": frozenset(),
    "copy-item": frozenset(),
    "get-childitem": frozenset({"File", "Directory"}),
    "set-content": frozenset({"Encoding"}),
    "get-content": frozenset({"Encoding", "Raw", "Tail"}),
    "get-filehash": frozenset(),
}


class Restricted:
    """One session on one machine.

    ``there``: whether the machine has a cmdlet at all. ``refusal``: why the pool does not open; ""
    when it does.
    """

    def __init__(
        self, capability: Capability, machine: Machine, there: Callable[[CmdletInfo], bool]
    ) -> None:
        self.capability = capability
        self.machine = machine
        self._there = there
        self.loaded: set[str] = set(_LOADED)
        self.refusal = self._import(capability.modules)
        self.plain = {
            entry.name.lower()
            for entry in capability.entries
            if entry.parameters is None and self._load(entry.name)
        }
        listed = {
            entry.name.lower(): entry
            for entry in capability.entries
            if entry.parameters is not None and self._is_loaded(entry.name)
        }
        self.proxies: dict[str, Entry] = {**_BY_THEMSELVES, **listed}

    def shows(self, info: CmdletInfo, module: str = "") -> bool:
        """By its name, or as ``module\\name``, which only reaches a command that stands there as a
        plain name.
        """
        name = info.name.lower()
        if module:
            return name in self.plain and module.lower() in self._modules(info)
        return name in self.plain or name in self.proxies or name in PROVIDED

    def parameters(self, info: CmdletInfo) -> dict[str, Parameter]:
        """Those besides the common ones that a call by the plain name may pass."""
        entry = self.proxies.get(info.name.lower())
        inner = self._inner(info).signature.parameters
        if entry is None:
            return dict(inner)
        own = {name.lower(): parameter for name, parameter in inner.items()}
        listed = (
            own.get(name, Parameter(allowed.name, "object"))
            for name, allowed in (entry.parameters or {}).items()
        )
        return {parameter.name: parameter for parameter in listed}

    def is_proxy(self, info: CmdletInfo) -> bool:
        return info.name.lower() in self.proxies

    def admit(
        self,
        info: CmdletInfo,
        arguments: Iterable[tuple[str | None, t.Any]],
        qualified: bool = False,
    ) -> tuple[CmdletInfo, list[tuple[str | None, t.Any]]]:
        """The command behind, and what its proxy hands on to it.

        CmdletError for what the proxy refuses.
        """
        given = list(arguments)
        for name, _value in given:
            if name is not None and _takes_a_variable(name):
                raise CmdletError(
                    "A variable that cannot be referenced in restricted language mode or a Data "
                    "section is being referenced.",
                    "VariableReferenceNotSupportedInDataSection",
                    "InvalidOperation",
                    "System.Management.Automation.RuntimeException",
                )
        entry = self.proxies.get(info.name.lower())
        if entry is None or qualified:
            return self._inner(info), given
        return self._inner(info), list(self._through(info, entry, given))

    # --- opening
    def _import(self, modules: Iterable[str]) -> str:
        """Only what the last one gives is looked at."""
        refusal = ""
        for module in modules:
            there = module.lower() in _LOADED or any(
                module.lower() in self._modules(info)
                for info in CMDLETS.values()
                if self._there(info)
            )
            refusal = (
                ""
                if there
                else (
                    f"The specified module '{module}' was not loaded because no valid module file "
                    "was found in any module directory."
                )
            )
            if there:
                self.loaded.add(module.lower())
        return refusal

    def _load(self, name: str) -> bool:
        """Whether a command of this plain name is there: its module is loaded then."""
        info = CMDLETS.get(name.lower())
        if info is None or not self._there(info):
            return False
        modules = self._modules(info)
        if not modules:
            return False
        if not self.loaded & set(modules):
            self.loaded.add(modules[0])
        return True

    def _is_loaded(self, name: str) -> bool:
        info = CMDLETS.get(name.lower())
        return (
            info is not None
            and name.lower() not in ONLY_HERE
            and self._there(info)
            and bool(self.loaded & set(self._modules(info)))
        )

    def _modules(self, info: CmdletInfo) -> list[str]:
        """Modules of this machine that bring the cmdlet, in lower case; a snap-in is none, and one
        whose import fails brings nothing.
        """
        if info.sources is not None:
            return [
                source.module.lower()
                for source in info.sources(self.machine)
                if source.loads and source.module.lower() != "sqlservercmdletsnapin100"
            ]
        if info.module == "Lync":
            return [
                name.lower()
                for name in ("Lync", "SkypeForBusiness")
                if name in self.machine.products
            ]
        return [info.module.lower()]

    # --- calling
    def _inner(self, info: CmdletInfo) -> CmdletInfo:
        """The command as this session has it: without the provider FileSystem, its dynamic
        parameters are not there and no path is.
        """
        added = _OF_PROVIDERS.get(info.name.lower())
        if added is None or "filesystem" in self.capability.providers:
            return info
        signature = info.signature
        kept = {
            name: parameter for name, parameter in signature.parameters.items() if name not in added
        }
        sets = tuple(
            dataclasses.replace(one, members=one.members - added) for one in signature.sets
        )
        bare = Signature(kept, sets, signature.should_process, signature.confirms)
        return dataclasses.replace(
            info,
            signature=bare,
            run=_no_path if info.name == "Test-Path" else _no_drive,
            changes=False,
        )

    def _through(
        self, info: CmdletInfo, entry: Entry, given: list[tuple[str | None, t.Any]]
    ) -> Iterable[tuple[str | None, t.Any]]:
        listed = entry.parameters or {}
        doubled = sorted(set(listed) & {name.lower() for name in all_parameters(info, {})})
        if doubled:
            raise CmdletError(
                f"A parameter with the name '{listed[doubled[0]].name}' was defined multiple times "
                "for the command.",
                "ParameterNameAlreadyExistsForCommand",
                "MetadataError",
                "System.Management.Automation.MetadataException",
                info.name,
            )
        own = self.parameters(info)
        by_place = sorted(
            (p for p in own.values() if p.position is not None),
            key=lambda parameter: parameter.position or 0,
        )
        taken = {named(info, name, own).name for name, _value in given if name is not None}
        waiting = [parameter for parameter in by_place if parameter.name not in taken]
        for name, value in given:
            if name is not None:
                parameter = named(info, name, own)
            elif waiting:
                parameter = waiting.pop(0)
            else:
                raise CmdletError(
                    f"A positional parameter cannot be found that accepts argument '{value}'.",
                    "PositionalParameterNotFound",
                    "InvalidArgument",
                    "System.Management.Automation.ParameterBindingException",
                    info.name,
                )
            if parameter.name not in COMMON and parameter.name.lower() in listed:
                _check(info, parameter, listed[parameter.name.lower()], value)
            yield parameter.name, value


def _takes_a_variable(name: str) -> bool:
    """Whether a parameter's name, alias or abbreviation is one of those."""
    low = name.lstrip("-").rstrip(":").lower()
    meant = [common.lower() for common in COMMON if common.lower().startswith(low)]
    return low in _VARIABLES or (len(meant) == 1 and meant[0] in _VARIABLES)


def _check(info: CmdletInfo, parameter: Parameter, allowed: Allowed, value: t.Any) -> None:
    """As a function's binder does: conversion, then the attributes of the parameter, element by
    element.
    """
    try:
        convert(parameter, value)
    except CmdletError as error:
        raise _invalid(
            info,
            error.message,
            "ParameterArgumentTransformationError",
            "System.Management.Automation.ParameterBindingArgumentTransformationException",
        ) from error
    items = value if isinstance(value, list) else [value]
    mandatory = any(parameter.name in one.required for one in info.signature.sets)
    if mandatory and parameter.type in ("string", "string[]"):
        for item in items:
            if item is None or item == "":
                kind = "EmptyString" if item == "" else "Null"
                raise _invalid(
                    info,
                    f"Cannot bind argument to parameter '{parameter.name}' because it is an empty "
                    "string.",
                    f"ParameterArgumentValidationError{kind}NotAllowed",
                )
    for item in items:
        text = "" if item is None else str(item)
        if allowed.values and text.lower() not in {known.lower() for known in allowed.values}:
            raise _invalid(
                info,
                f"Cannot validate argument on parameter '{parameter.name}'. The argument "
                f'"{text}" does not belong to the set '
                f'"{",".join(allowed.values)}" specified by the ValidateSet attribute.',
                "ParameterArgumentValidationError",
            )
        if allowed.pattern and not matches(allowed.pattern, text):
            raise _invalid(
                info,
                f"Cannot validate argument on parameter '{parameter.name}'. The argument "
                f'"{text}" does not match the "'
                f'{allowed.pattern}" pattern.',
                "ParameterArgumentValidationError",
            )


def matches(pattern: str, text: str) -> bool:
    """As the endpoint wraps a ValidatePattern: ``^(...)$``, any case.

    Of .NET's own grammar only ``\\z`` differs from Python's here.
    """
    return re.search(f"^({pattern})$".replace(r"\z", r"\Z"), text, re.IGNORECASE) is not None


def _invalid(
    info: CmdletInfo,
    message: str,
    error_id: str,
    exception: str = "System.Management.Automation.ParameterBindingValidationException",
) -> CmdletError:
    return CmdletError(message, error_id, "InvalidData", exception, info.name)


def _no_path(call: t.Any) -> list[bool]:
    """Test-Path asks the providers that the session has."""
    return [False for _path in call.params.get("LiteralPath") or call.params.get("Path") or ()]


def _no_drive(call: t.Any) -> t.NoReturn:
    path = (call.params.get("LiteralPath") or call.params.get("Path") or [""])[0]
    drive = str(path).partition(":")[0]
    raise CmdletError(
        f"Cannot find drive. A drive with the name '{drive}' does not exist.",
        "DriveNotFound",
        "ObjectNotFound",
        "System.Management.Automation.DriveNotFoundException",
        drive,
    )
