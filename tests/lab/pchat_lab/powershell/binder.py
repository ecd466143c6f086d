"""Parameter binding as PowerShell does it: names may be abbreviated, sets must fit, types are
converted, nothing is ignored.

Error ids, categories and texts: ParameterBinderBase, CmdletParameterBinderController and
ParameterBinderStrings (System.Management.Automation), and what PowerShell 7.6 answered.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping

from .errors import CmdletError
from .objects import Int64, Single, Uri, Version, Xml
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
_AUTOMATION = "System.Management.Automation"
#: The lab's names of types -> .NET's.
_DOTNET = {
    "string": "System.String",
    "string[]": "System.String[]",
    "int": "System.Int32",
    "int64": "System.Int64",
    "bool": "System.Boolean",
    "switch": f"{_AUTOMATION}.SwitchParameter",
    "object": "System.Object",
    "hashtable": "System.Collections.Hashtable",
    "securestring": "System.Security.SecureString",
    "credential": f"{_AUTOMATION}.PSCredential",
    "xml": "System.Xml.XmlDocument",
    "listmodifier": f"{_AUTOMATION}.PSListModifier`1[System.String]",
}
#: Types whose parameters take $null and nothing although they are mandatory: they are what says
#: "nothing".
_TAKES_NULL = frozenset({"object", "listmodifier", "switch"})


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
            raise _error(
                f"Cannot bind parameter because parameter '{parameter.name}' is specified more "
                "than once. To provide multiple values to "
                "parameters that can accept multiple values, use the array syntax. For example, "
                '"-parameter value1,value2,value3".',
                "ParameterAlreadyBound",
                parameter.name,
            )
        bound[parameter.name] = _bound(signature, parameter, value)
    places = sorted(
        (p for p in parameters.values() if p.position is not None and p.name not in bound),
        key=lambda parameter: parameter.position or 0,
    )
    for value in loose:
        if not places:
            raise _error(
                f"A positional parameter cannot be found that accepts argument '{value}'.",
                "PositionalParameterNotFound",
                str(value),
                given=value,
            )
        parameter = places.pop(0)
        bound[parameter.name] = _bound(signature, parameter, value)
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


def common_parameters(signature: Signature) -> dict[str, Parameter]:
    """What a cmdlet takes besides its own parameters."""
    found: dict[str, Parameter] = {}
    for name, kind in COMMON.items():
        found[name] = Parameter(
            name, kind, (_ALIASES[name],), values=ACTIONS if name.endswith("Action") else ()
        )
    if signature.should_process:
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
    names = (parameter.name, *parameter.aliases)
    return any(name.lower().startswith(prefix) for name in names)


def _named(parameters: Mapping[str, Parameter], given: str, value: t.Any) -> Parameter:
    low = given.lower()
    for parameter in parameters.values():
        if low in (parameter.name.lower(), *(a.lower() for a in parameter.aliases)):
            return parameter
    found = [each for each in parameters.values() if _begins(each, low)]
    own = [p for p in found if p.name not in COMMON]
    found = own or found  # a cmdlet's own parameters come before the common ones
    if len(found) == 1:
        return found[0]
    if found:
        names = " ".join(f"-{p.name}" for p in found)
        raise _error(
            f"Parameter cannot be processed because the parameter name '{given}' is ambiguous. "
            f"Possible matches include: {names}.",
            "AmbiguousParameter",
            given,
            given=value,
        )
    raise _error(
        f"A parameter cannot be found that matches parameter name '{given}'.",
        "NamedParameterNotFound",
        given,
        given=value,
    )


def _fit_a_set(signature: Signature, given: set[str], piped: bool) -> None:
    fitting = [s for s in signature.sets if given <= s.members]
    if not fitting:
        raise _error(
            "Parameter set cannot be resolved using the specified named parameters.",
            "AmbiguousParameterSet",
            None,
        )
    by_pipe = {p.name for p in signature.parameters.values() if p.pipeline} if piped else set()
    lacking: list[frozenset[str]] = [s.required - given - by_pipe for s in fitting]
    if all(lacking):
        fewest: frozenset[str] = min(lacking, key=len)
        names = " ".join(sorted(fewest))
        raise _error(
            f"Cannot process command because of one or more missing mandatory parameters: {names}.",
            "MissingMandatoryParameter",
            f" {names}",
        )


# --- values


def _bound(signature: Signature, parameter: Parameter, value: t.Any) -> t.Any:
    """The value as the parameter takes it: converted, and neither null nor empty where it is
    mandatory.
    """
    made = convert(parameter, value)
    if parameter.type not in _TAKES_NULL and any(
        parameter.name in one.required for one in signature.sets
    ):
        _not_empty(parameter, made)
    return made


def _not_empty(parameter: Parameter, value: t.Any) -> None:
    name = parameter.name
    if value is None:
        raise _invalid(
            parameter,
            f"Cannot bind argument to parameter '{name}' because it is null.",
            "ParameterArgumentValidationErrorNullNotAllowed",
        )
    if value == "":
        raise _invalid(
            parameter,
            f"Cannot bind argument to parameter '{name}' because it is an empty string.",
            "ParameterArgumentValidationErrorEmptyStringNotAllowed",
        )
    if value == [] and isinstance(value, list):
        raise _invalid(
            parameter,
            f"Cannot bind argument to parameter '{name}' because it is an empty array.",
            "ParameterArgumentValidationErrorEmptyArrayNotAllowed",
        )
    for item in value if isinstance(value, list) else ():
        _not_empty(parameter, item)


def convert(parameter: Parameter, value: t.Any) -> t.Any:
    """One value to the parameter's type. A list stays a list only where the parameter takes one."""
    try:
        made = _CONVERT[parameter.type](value)
    except _Unsuitable as error:
        raise _unsuitable(parameter, value, str(error)) from error
    except (TypeError, ValueError) as error:
        raise _unconverted(parameter, value, str(error)) from error
    if parameter.values and made is not None:
        made = (
            [_one_of(parameter, v) for v in made]
            if isinstance(made, list)
            else _one_of(parameter, made)
        )
    return made


def _one_of(parameter: Parameter, value: t.Any) -> str:
    """A member of an enum: by its name in any case, the beginning of it, or its number."""
    text = str(value)
    if text.isdigit() and int(text) < len(parameter.values):
        return parameter.values[int(text)]
    exact = [known for known in parameter.values if known.lower() == text.lower()]
    alike = exact or [
        known for known in parameter.values if text and known.lower().startswith(text.lower())
    ]
    if len(alike) == 1:
        return alike[0]
    names = ", ".join(parameter.values)
    if alike:
        why = (
            f"The identifier name {text} cannot be processed due to the enumerator matching "
            f"multiple names. Specify one of the following: {names}"
        )
    else:
        why = (
            f"Unable to match the identifier name {text} to a valid enumerator name. Specify one "
            "of the following enumerator names and try again:"
            f"\r\n{names}"
        )
    raise _unconverted(parameter, value, why)


class _Unsuitable(Exception):
    """A value that the binder does not even try to convert."""


def _text(value: t.Any) -> t.Any:
    if isinstance(value, list) and len(value) == 1:
        return _text(value[0])
    if isinstance(value, list):
        raise _Unsuitable("Specified method is not supported.")
    if isinstance(value, dict):
        return "System.Collections.Hashtable"
    if isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) or value is None else str(value)


def _texts(value: t.Any) -> t.Any:
    if value is None:
        return None
    items = value if isinstance(value, list) else [value]
    return [_text(item) for item in items]


def _number(value: t.Any) -> int:
    if isinstance(value, list) and len(value) == 1:
        return _number(value[0])
    if isinstance(value, list):
        raise _Unsuitable("Specified method is not supported.")
    if isinstance(value, dict) or value is None:
        raise TypeError("Null object cannot be converted to a value type." if value is None else "")
    if isinstance(value, str) and not re.fullmatch(r"\s*[+-]?\d+\s*", value):
        raise ValueError(f"The input string '{value}' was not in a correct format.")
    return int(value)


def _boolean(value: t.Any) -> bool:
    if isinstance(value, (bool, int, float)):
        return bool(value)
    raise _Unsuitable("")  # a text does not become System.Boolean


def _switch(value: t.Any) -> bool:
    return True if value is None else _boolean(value)


def _list_modifier(value: t.Any) -> t.Any:
    """PSListModifier: a list (replace), or a hashtable of Add, Remove or Replace; $null stays."""
    if value is None:
        return None
    if not isinstance(value, dict):
        return {"replace": _texts(value) or []}
    for key in value:
        if key.lower() not in ("add", "remove", "replace"):
            raise ValueError(
                f"The following unknown list modifier was detected: '{key}'. Valid list modifiers "
                "are Add, Remove, and Replace."
            )
    if not value:
        raise ValueError("The list modifier has no entry.")
    return {k.lower(): _texts(v) for k, v in value.items()}


def _table(value: t.Any) -> dict[str, t.Any]:
    if not isinstance(value, dict):
        raise TypeError("")
    return value


def _as_it_is(value: t.Any) -> t.Any:
    return value


_CONVERT: dict[str, t.Callable[[t.Any], t.Any]] = {
    "string": _text,
    "string[]": _texts,
    "int": _number,
    "int64": _number,
    "bool": _boolean,
    "switch": _switch,
    "object": _as_it_is,
    "hashtable": _table,
    "securestring": _as_it_is,
    "credential": _as_it_is,
    "xml": _text,
    "listmodifier": _list_modifier,
}


# --- errors

#: What the conversion to a type fails with, and what that exception says beside its text.
_INNER: dict[str, tuple[str, dict[str, t.Any]]] = {
    "int": ("System.FormatException", {}),
    "int64": ("System.FormatException", {}),
    "listmodifier": (f"{_AUTOMATION}.PSArgumentException", {"ParamName": "hash"}),
}


def dotnet_type(value: t.Any) -> str | None:
    """The full name of a value's type, as the texts of binding errors have it.

    Lists and dictionaries come over the wire in a PSObject.
    """
    if value is None:
        return None
    for kind, name in (
        (bool, "Boolean"),
        (Int64, "Int64"),
        (int, "Int32"),
        (Single, "Single"),
        (float, "Double"),
        (Version, "Version"),
        (Uri, "Uri"),
        (Xml, "Xml.XmlDocument"),
        (str, "String"),
        (bytes, "Byte[]"),
    ):
        if isinstance(value, kind):
            return f"System.{name}"
    return f"{_AUTOMATION}.PSObject"


def _type_of(parameter: Parameter) -> str:
    return parameter.dotnet or _DOTNET[parameter.type]


def _shown(value: t.Any) -> str:
    if isinstance(value, list):
        return "System.Object[]"
    return "System.Collections.Hashtable" if isinstance(value, dict) else str(value)


def _unsuitable(parameter: Parameter, value: t.Any, why: str) -> CmdletError:
    error = _error(
        f"Cannot convert '{dotnet_type(value) or 'null'}' to the type '{_type_of(parameter)}' "
        f"required by parameter '{parameter.name}'. {why}",
        "CannotConvertArgument",
        parameter.name,
        parameter,
        value,
    )
    if why:
        error.cause = CmdletError(why, exception="System.NotSupportedException")
    return error


def _unconverted(parameter: Parameter, value: t.Any, why: str) -> CmdletError:
    if value is None:
        failure = f'Cannot convert null to type "{_type_of(parameter)}".'
    else:
        failure = f'Cannot convert value "{_shown(value)}" to type "{_type_of(parameter)}".' + (
            f' Error: "{why}"' if why else ""
        )
    error = _error(
        f"Cannot bind parameter '{parameter.name}'. {failure}",
        "CannotConvertArgumentNoMessage",
        parameter.name,
        parameter,
        value,
    )
    error.cause = CmdletError(failure, exception=f"{_AUTOMATION}.PSInvalidCastException")
    if why:
        exception, details = _INNER.get(parameter.type, (f"{_AUTOMATION}.RuntimeException", {}))
        error.cause.cause = CmdletError(why, exception=exception, details=details)
    return error


def _invalid(parameter: Parameter, message: str, error_id: str) -> CmdletError:
    error = _error(message, error_id, parameter.name, parameter)
    error.category = "InvalidData"
    error.exception = f"{_AUTOMATION}.ParameterBindingValidationException"
    return error


def _error(
    message: str,
    error_id: str,
    name: str | None,
    parameter: Parameter | None = None,
    given: t.Any = None,
) -> CmdletError:
    """A ParameterBindingException with what it says of the parameter and the argument."""
    details = {
        "ParameterName": name,
        "ParameterType": _type_of(parameter) if parameter is not None else None,
        "TypeSpecified": dotnet_type(given),
        "ErrorId": error_id,
        "Line": Int64(0),
        "Offset": Int64(0),
        "CommandInvocation": f"{_AUTOMATION}.InvocationInfo",
    }
    return CmdletError(
        message,
        error_id,
        "InvalidArgument",
        f"{_AUTOMATION}.ParameterBindingException",
        None,
        details,
    )
