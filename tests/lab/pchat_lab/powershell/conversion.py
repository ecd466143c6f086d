"""Values as a parameter takes them: conversions to its type, and the errors when there is none."""

from __future__ import annotations

import re
import typing as t

from .errors import CmdletError
from .objects import Int64, Single, Uri, Version, Xml
from .registry import Parameter, Signature
from .type_names import AUTOMATION

#: The lab's names of types -> .NET's.
_DOTNET = {
    "string": "System.String",
    "string[]": "System.String[]",
    "int": "System.Int32",
    "int64": "System.Int64",
    "bool": "System.Boolean",
    "switch": f"{AUTOMATION}.SwitchParameter",
    "object": "System.Object",
    "hashtable": "System.Collections.Hashtable",
    "securestring": "System.Security.SecureString",
    "credential": f"{AUTOMATION}.PSCredential",
    "xml": "System.Xml.XmlDocument",
    "listmodifier": f"{AUTOMATION}.PSListModifier`1[System.String]",
}


#: Types whose parameters take $null and nothing although they are mandatory: they are what says
#: "nothing".
_TAKES_NULL = frozenset({"object", "listmodifier", "switch"})


def bound_value(signature: Signature, parameter: Parameter, value: t.Any) -> t.Any:
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


#: What the conversion to a type fails with, and what that exception says beside its text.
_INNER: dict[str, tuple[str, dict[str, t.Any]]] = {
    "int": ("System.FormatException", {}),
    "int64": ("System.FormatException", {}),
    "listmodifier": (f"{AUTOMATION}.PSArgumentException", {"ParamName": "hash"}),
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
    return f"{AUTOMATION}.PSObject"


def _type_of(parameter: Parameter) -> str:
    return parameter.dotnet or _DOTNET[parameter.type]


def _shown(value: t.Any) -> str:
    if isinstance(value, list):
        return "System.Object[]"
    return "System.Collections.Hashtable" if isinstance(value, dict) else str(value)


def _unsuitable(parameter: Parameter, value: t.Any, why: str) -> CmdletError:
    error = binding_error(
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
    error = binding_error(
        f"Cannot bind parameter '{parameter.name}'. {failure}",
        "CannotConvertArgumentNoMessage",
        parameter.name,
        parameter,
        value,
    )
    error.cause = CmdletError(failure, exception=f"{AUTOMATION}.PSInvalidCastException")
    if why:
        exception, details = _INNER.get(parameter.type, (f"{AUTOMATION}.RuntimeException", {}))
        error.cause.cause = CmdletError(why, exception=exception, details=details)
    return error


def _invalid(parameter: Parameter, message: str, error_id: str) -> CmdletError:
    error = binding_error(message, error_id, parameter.name, parameter)
    error.category = "InvalidData"
    error.exception = f"{AUTOMATION}.ParameterBindingValidationException"
    return error


def binding_error(
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
        "CommandInvocation": f"{AUTOMATION}.InvocationInfo",
    }
    return CmdletError(
        message,
        error_id,
        "InvalidArgument",
        f"{AUTOMATION}.ParameterBindingException",
        None,
        details,
    )
