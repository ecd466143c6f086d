"""Parameter binding as PowerShell does it: names may be abbreviated, sets must fit, types are converted, nothing is ignored.

Error ids and categories: about_Parameters and ParameterBindingException (System.Management.Automation).
"""
from __future__ import annotations

import typing as t
from collections.abc import Mapping

from .errors import CmdletError
from .registry import CmdletInfo, Parameter

COMMON = {"Verbose": "switch", "Debug": "switch", "ErrorAction": "string", "WarningAction": "string", "InformationAction": "string",
          "ErrorVariable": "string", "WarningVariable": "string", "OutVariable": "string", "OutBuffer": "int", "PipelineVariable": "string"}
_ACTIONS = ("SilentlyContinue", "Stop", "Continue", "Inquire", "Ignore", "Suspend")


def bind(info: CmdletInfo, named: list[tuple[str | None, t.Any]], piped: bool = False, own: Mapping[str, Parameter] | None = None) -> dict[str, t.Any]:
    """Canonical names -> converted values, common parameters included. Raises CmdletError as the real binder would.

    ``own``: the cmdlet's parameters that the endpoint lets through, when it does not let all.
    """
    parameters = all_parameters(info, own)
    bound: dict[str, t.Any] = {}
    loose: list[t.Any] = []
    for given, value in named:
        if given is None:
            loose.append(value)
            continue
        parameter = _named(info.name, parameters, given.lstrip("-").rstrip(":"))
        if parameter.name in bound:
            raise _error(info.name, f"Cannot bind parameter because parameter '{parameter.name}' is specified more than once.",
                         "ParameterAlreadyBound")
        bound[parameter.name] = convert(info.name, parameter, value)
    places = sorted((p for p in parameters.values() if p.position is not None and p.name not in bound), key=lambda p: p.position or 0)
    for value in loose:
        if not places:
            raise _error(info.name, f"A positional parameter cannot be found that accepts argument '{value}'.", "PositionalParameterNotFound")
        parameter = places.pop(0)
        bound[parameter.name] = convert(info.name, parameter, value)
    _fit_a_set(info, {n for n in bound if n not in COMMON and n not in ("WhatIf", "Confirm")}, piped)
    return bound


def all_parameters(info: CmdletInfo, own: Mapping[str, Parameter] | None = None) -> dict[str, Parameter]:
    """The cmdlet's own (or those of them that the endpoint lets through) and the common ones."""
    parameters = dict(info.signature.parameters if own is None else own)
    for name, kind in COMMON.items():
        parameters.setdefault(name, Parameter(name, kind, values=_ACTIONS if name.endswith("Action") else ()))
    if info.signature.should_process:
        parameters.setdefault("WhatIf", Parameter("WhatIf", "switch", aliases=("wi",)))
        parameters.setdefault("Confirm", Parameter("Confirm", "switch", aliases=("cf",)))
    return parameters


def named(info: CmdletInfo, given: str, own: Mapping[str, Parameter] | None = None) -> Parameter:
    """The parameter that a name, an alias or an abbreviation means. CmdletError as the real binder's when it is none, or more than one."""
    return _named(info.name, all_parameters(info, own), given.lstrip("-").rstrip(":"))


def _named(cmdlet: str, parameters: Mapping[str, Parameter], given: str) -> Parameter:
    low = given.lower()
    for parameter in parameters.values():
        if low in (parameter.name.lower(), *(a.lower() for a in parameter.aliases)):
            return parameter
    found = [p for p in parameters.values() if p.name.lower().startswith(low)]
    if len(found) == 1:
        return found[0]
    if found:
        names = " ".join(f"-{p.name}" for p in found)
        raise _error(cmdlet, f"Parameter cannot be processed because the parameter name '{given}' is ambiguous. Possible matches include: {names}.",
                     "AmbiguousParameter")
    raise _error(cmdlet, f"A parameter cannot be found that matches parameter name '{given}'.", "NamedParameterNotFound")


def _fit_a_set(info: CmdletInfo, given: set[str], piped: bool) -> None:
    fitting = [s for s in info.signature.sets if given <= s.members]
    if not fitting:
        raise _error(info.name, "Parameter set cannot be resolved using the specified named parameters.", "AmbiguousParameterSet")
    by_pipe = {p.name for p in info.signature.parameters.values() if p.pipeline} if piped else set()
    lacking: list[frozenset[str]] = [s.required - given - by_pipe for s in fitting]
    if all(lacking):
        fewest: frozenset[str] = min(lacking, key=len)
        names = " ".join(sorted(fewest))
        raise _error(info.name, f"Cannot process command because of one or more missing mandatory parameters: {names}.", "MissingMandatoryParameter")


def convert(cmdlet: str, parameter: Parameter, value: t.Any) -> t.Any:
    """One value to the parameter's type. A list stays a list only where the parameter takes one."""
    kind = parameter.type
    try:
        made = _CONVERT[kind](value)
    except (TypeError, ValueError) as error:
        raise _error(cmdlet, f"Cannot process argument transformation on parameter '{parameter.name}'. Cannot convert value \"{value}\" to type "
                             f"\"{kind}\".", "ParameterArgumentTransformationError") from error
    if parameter.values and made is not None:
        made = [_one_of(cmdlet, parameter, v) for v in made] if isinstance(made, list) else _one_of(cmdlet, parameter, made)
    return made


def _one_of(cmdlet: str, parameter: Parameter, value: t.Any) -> str:
    for known in parameter.values:
        if str(value).lower() == known.lower():
            return known
    raise _error(cmdlet, f"Cannot bind parameter '{parameter.name}'. Cannot convert value \"{value}\". Specify one of: "
                         f"{', '.join(parameter.values)}.", "CannotConvertArgumentNoMessage")


def _text(value: t.Any) -> t.Any:
    if isinstance(value, (list, dict)):
        if isinstance(value, list) and len(value) == 1:
            return _text(value[0])
        raise TypeError
    if isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) or value is None else str(value)


def _texts(value: t.Any) -> t.Any:
    return None if value is None else [_text(v) for v in (value if isinstance(value, list) else [value])]


def _number(value: t.Any) -> int:
    if isinstance(value, bool) or value is None:
        raise TypeError
    return int(value)


def _boolean(value: t.Any) -> bool:
    if isinstance(value, (bool, int)):
        return bool(value)
    raise TypeError                                    # a string does not become System.Boolean


def _switch(value: t.Any) -> bool:
    return True if value is None else _boolean(value)


def _list_modifier(value: t.Any) -> t.Any:
    """PSListModifier: $null, a list (replace), or a hashtable of Add, Remove or Replace."""
    if isinstance(value, dict):
        if not value or not {k.lower() for k in value} <= {"add", "remove", "replace"}:
            raise ValueError
        return {k.lower(): _texts(v) for k, v in value.items()}
    return {"replace": _texts(value) or []}


def _table(value: t.Any) -> dict[str, t.Any]:
    if not isinstance(value, dict):
        raise TypeError
    return value


_CONVERT: dict[str, t.Callable[[t.Any], t.Any]] = {
    "string": _text, "string[]": _texts, "int": _number, "int64": _number, "bool": _boolean, "switch": _switch, "object": lambda v: v,
    "hashtable": _table, "securestring": lambda v: v, "credential": lambda v: v, "xml": _text, "listmodifier": _list_modifier}


def _error(cmdlet: str, message: str, error_id: str) -> CmdletError:
    return CmdletError(message, error_id, "InvalidArgument", "System.Management.Automation.ParameterBindingException", cmdlet)
