"""Strict reading of YAML documents: unknown keys, missing keys and wrong values are errors that say
where.
"""

from __future__ import annotations

import re
import typing as t

import yaml

#: What the types of a shape are called.
WORDS = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    dict: "a mapping",
    list: "a list",
}


class EstateError(ValueError):
    """The estate file cannot be used; the text says where and why."""


#: libyaml's, which is ten times as fast, where PyYAML was built with it.
_Safe: t.Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_Safe):  # type: ignore[misc]
    """YAML without silently repeated keys."""


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[t.Any, t.Any]:
    keys = [loader.construct_object(key) for key, _unused in node.value]
    twice = sorted({str(key) for key in keys if keys.count(key) > 1})
    if twice:
        raise EstateError(f"line {node.start_mark.line + 1}: given twice: {', '.join(twice)}")
    made: dict[t.Any, t.Any] = loader.construct_mapping(node, deep=True)
    return made


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)


_TOO_DEEP = "not a document that anybody wrote by hand: it is nested too deep"


def load(text: str) -> t.Any:
    """Parse a YAML document. EstateError when it is none."""
    try:
        return yaml.load(text, Loader=_Loader)  # a SafeLoader
    except EstateError:
        raise
    except (
        yaml.YAMLError,
        ValueError,
        TypeError,
    ) as error:  # the last two: a date that is none, a key that cannot be one
        if "maximum nesting depth" in str(error):
            raise EstateError(_TOO_DEEP) from error
        raise EstateError(f"not a YAML document: {' '.join(str(error).split())}") from error
    except RecursionError as error:
        raise EstateError(_TOO_DEEP) from error


class Choice:
    """One of these values."""

    def __init__(self, *values: t.Any) -> None:
        self.values = values


class Text:
    """A text that matches a pattern as a whole; ``words`` say what it is."""

    def __init__(self, pattern: str, words: str) -> None:
        self.pattern = re.compile(pattern, re.ASCII)
        self.words = words


class Number:
    """A whole number between two, both included."""

    def __init__(self, least: int, most: int) -> None:
        self.least = least
        self.most = most


class MapOf:
    """A mapping with free keys and values of one shape."""

    def __init__(self, shape: t.Any) -> None:
        self.shape = shape


def check(value: t.Any, shape: t.Any, where: str) -> None:
    """Raise EstateError unless ``value`` has this shape: a type, Choice, MapOf, ``[shape]`` for a
    list, or a dict of shapes by key (``key!`` must be given).
    """
    if isinstance(shape, dict):
        _check_record(value, shape, where)
    elif isinstance(shape, MapOf):
        for key, item in _a(dict, value, where).items():
            check(_a(str, key, where), str, where)
            check(item, shape.shape, f"{where}.{key}")
    elif isinstance(shape, list):
        for number, item in enumerate(_a(list, value, where)):
            check(item, shape[0], f"{where}[{number}]")
    elif isinstance(shape, Choice):
        if not any(value == known and type(value) is type(known) for known in shape.values):
            raise EstateError(
                f"{where}: {_short(value)} is not one of {', '.join(map(str, shape.values))}"
            )
    elif isinstance(shape, Text):
        if shape.pattern.fullmatch(_a(str, value, where)) is None:
            raise EstateError(f"{where}: {_short(value)} is not {shape.words}")
    elif isinstance(shape, Number):
        if not shape.least <= _a(int, value, where) <= shape.most:
            raise EstateError(
                f"{where}: {_short(value)} is not a number from {shape.least} to {shape.most}"
            )
    else:
        _a(shape, value, where)


def _check_record(value: t.Any, shape: dict[str, t.Any], where: str) -> None:
    record = _a(dict, value, where)
    known = {key.rstrip("!"): item for key, item in shape.items()}
    unknown = sorted(str(key) for key in record if key not in known)
    if unknown:
        raise EstateError(
            f"{where}: unknown {', '.join(unknown)} (known: {', '.join(sorted(known))})"
        )
    missing = [
        key.rstrip("!") for key in shape if key.endswith("!") and key.rstrip("!") not in record
    ]
    if missing:
        raise EstateError(f"{where}: {', '.join(missing)} must be given")
    for key, item in record.items():
        check(item, known[key], f"{where}.{key}")


def _a(kind: type, value: t.Any, where: str) -> t.Any:
    fits = isinstance(value, kind) and not (kind in (int, float) and isinstance(value, bool))
    if not fits and not (kind is float and isinstance(value, int) and not isinstance(value, bool)):
        raise EstateError(f"{where}: {_short(value)} is not {WORDS.get(kind, kind.__name__)}")
    return value


def _short(value: t.Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
