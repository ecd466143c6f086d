"""Parameter binding as PowerShell does it: names may be abbreviated, sets must fit, types are
converted, nothing is ignored.

Error ids, categories and texts: ParameterBinderBase, CmdletParameterBinderController and
ParameterBinderStrings (System.Management.Automation), and what PowerShell 7.6 answered.
"""

from __future__ import annotations

import functools
import typing as t
from collections.abc import Mapping

from .conversion import binding_error, bound_value
from .registry import CmdletInfo, Parameter, Signature

#: Parameters of every cmdlet, in the order in which Get-Command names them.
COMMON = {
    "Verbose": "switch",
    "Debug": "switch",
    "ErrorAction": "string",
    "WarningAction": "string",
    "InformationAction": "string",
    "ErrorVariable": "string",
    "WarningVariable": "string",
    "InformationVariable": "string",
    "OutVariable": "string",
    "OutBuffer": "int",
    "PipelineVariable": "string",
}
#: In the order of their numbers (System.Management.Automation.ActionPreference).
ACTIONS = ("SilentlyContinue", "Stop", "Continue", "Inquire", "Ignore", "Suspend")
_ALIASES = {
    "Verbose": "vb",
    "Debug": "db",
    "ErrorAction": "ea",
    "WarningAction": "wa",
    "InformationAction": "infa",
    "ErrorVariable": "ev",
    "WarningVariable": "wv",
    "InformationVariable": "iv",
    "OutVariable": "ov",
    "OutBuffer": "ob",
    "PipelineVariable": "pv",
}


def bind(
    info: CmdletInfo,
    named: list[tuple[str | None, t.Any]],
    piped: bool = False,
    own: Mapping[str, Parameter] | None = None,
) -> dict[str, t.Any]:
    """Canonical names -> converted values, common parameters included.

    Raises CmdletError as the real binder would.

    ``own``: the cmdlet's parameters that the endpoint lets through, when it does not let all.
    """
    signature = info.signature
    parameters = all_parameters(info, own)
    bound: dict[str, t.Any] = {}
    loose: list[t.Any] = []
    for given, value in named:
        if given is None:
            loose.append(value)
            continue
        parameter = _named(parameters, given.lstrip("-").rstrip(":"), value)
        if parameter.name in bound:
            raise binding_error(
                f"Cannot bind parameter because parameter '{parameter.name}' is specified more "
                "than once. To provide multiple values to "
                "parameters that can accept multiple values, use the array syntax. For example, "
                '"-parameter value1,value2,value3".',
                "ParameterAlreadyBound",
                parameter.name,
            )
        bound[parameter.name] = bound_value(signature, parameter, value)
    places = sorted(
        (p for p in parameters.values() if p.position is not None and p.name not in bound),
        key=lambda parameter: parameter.position or 0,
    )
    for value in loose:
        if not places:
            raise binding_error(
                f"A positional parameter cannot be found that accepts argument '{value}'.",
                "PositionalParameterNotFound",
                str(value),
                given=value,
            )
        parameter = places.pop(0)
        bound[parameter.name] = bound_value(signature, parameter, value)
    _fit_a_set(signature, {name for name in bound if name in signature.parameters}, piped)
    return bound


def all_parameters(
    info: CmdletInfo, own: Mapping[str, Parameter] | None = None
) -> dict[str, Parameter]:
    """The cmdlet's own (or those of them that the endpoint lets through) and the common ones."""
    return {
        **common_parameters(info.signature),
        **(info.signature.parameters if own is None else own),
    }


def common_parameters(signature: Signature) -> Mapping[str, Parameter]:
    """What a cmdlet takes besides its own parameters."""
    return _common(signature.should_process)


@functools.cache
def _common(should_process: bool) -> Mapping[str, Parameter]:
    found: dict[str, Parameter] = {}
    for name, kind in COMMON.items():
        found[name] = Parameter(
            name, kind, (_ALIASES[name],), values=ACTIONS if name.endswith("Action") else ()
        )
    if should_process:
        found["WhatIf"] = Parameter("WhatIf", "switch", aliases=("wi",))
        found["Confirm"] = Parameter("Confirm", "switch", aliases=("cf",))
    return found


def named(info: CmdletInfo, given: str, own: Mapping[str, Parameter] | None = None) -> Parameter:
    """The parameter that a name, an alias or an abbreviation means.

    CmdletError as the real binder's when it is none, or more than one.
    """
    return _named(all_parameters(info, own), given.lstrip("-").rstrip(":"), None)


def parameter_set(signature: Signature, bound: t.Collection[str]) -> str:
    """The name of the set that a call with these parameters uses."""
    own = {name for name in bound if name in signature.parameters}
    fitting = [one for one in signature.sets if own <= one.members and one.required <= own]
    return fitting[0].name if fitting else ""


def _begins(parameter: Parameter, prefix: str) -> bool:
    """Whether its name or an alias of it begins so; ``prefix`` in lower case."""
    return any(name.startswith(prefix) for name in parameter.names)


def _named(parameters: Mapping[str, Parameter], given: str, value: t.Any) -> Parameter:
    low = given.lower()
    for parameter in parameters.values():
        if low in parameter.names:
            return parameter
    found = [each for each in parameters.values() if _begins(each, low)]
    own = [p for p in found if p.name not in COMMON]
    found = own or found  # a cmdlet's own parameters come before the common ones
    if len(found) == 1:
        return found[0]
    if found:
        names = " ".join(f"-{p.name}" for p in found)
        raise binding_error(
            f"Parameter cannot be processed because the parameter name '{given}' is ambiguous. "
            f"Possible matches include: {names}.",
            "AmbiguousParameter",
            given,
            given=value,
        )
    raise binding_error(
        f"A parameter cannot be found that matches parameter name '{given}'.",
        "NamedParameterNotFound",
        given,
        given=value,
    )


def _fit_a_set(signature: Signature, given: set[str], piped: bool) -> None:
    fitting = [s for s in signature.sets if given <= s.members]
    if not fitting:
        raise binding_error(
            "Parameter set cannot be resolved using the specified named parameters.",
            "AmbiguousParameterSet",
            None,
        )
    by_pipe = {p.name for p in signature.parameters.values() if p.pipeline} if piped else set()
    lacking: list[frozenset[str]] = [s.required - given - by_pipe for s in fitting]
    if all(lacking):
        fewest: frozenset[str] = min(lacking, key=len)
        names = " ".join(sorted(fewest))
        raise binding_error(
            f"Cannot process command because of one or more missing mandatory parameters: {names}.",
            "MissingMandatoryParameter",
            f" {names}",
        )


# --- values


# --- errors
