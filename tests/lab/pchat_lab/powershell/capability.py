"""Role capability files (.psrc) and session configuration files (.pssc): PowerShell data files that
say what a restricted endpoint shows.

The reference: about_Role_Capabilities, about_Session_Configuration_Files, New-PSRoleCapabilityFile;
data files hold hashtables, arrays and single-quoted strings only.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t
from collections.abc import Mapping

_TOKEN = re.compile(
    r"\s+|#[^\n]*|(?P<text>'(?:[^']|'')*')|(?P<mark>@\{|@\(|[{}()=;,])|(?P<word>[\w.$]+)"
)
#: Keys of an entry's parameter: New-PSRoleCapabilityFile reference, -VisibleCmdlets.
_RULES = {"Name", "ValidateSet", "ValidatePattern"}


class BadCapability(ValueError):
    """The file is neither a role capability nor a session configuration that this lab knows; the
    text says why.
    """


@dataclasses.dataclass(frozen=True)
class Allowed:
    """A parameter that an entry lists.

    ``values`` and ``pattern``: what may be passed to it; empty: anything.
    """

    name: str
    values: tuple[str, ...] = ()
    pattern: str = ""


@dataclasses.dataclass(frozen=True)
class Entry:
    """A command in VisibleCmdlets or VisibleFunctions.

    ``parameters``: by lower-case name; None for a plain name, which shows it as it is.
    """

    name: str
    parameters: Mapping[str, Allowed] | None


@dataclasses.dataclass(frozen=True)
class Capability:
    """``modules`` in the order of ModulesToImport; ``providers`` in lower case."""

    entries: tuple[Entry, ...]
    modules: tuple[str, ...] = ()
    providers: frozenset[str] = frozenset()


def read_capability(text: str) -> Capability:
    """BadCapability for a file that shows nothing, or that is no data file."""
    data = read_data(text)
    listed = [
        *_as_list(data.get("VisibleCmdlets", [])),
        *_as_list(data.get("VisibleFunctions", [])),
    ]
    if not listed:
        raise BadCapability("the file has no VisibleCmdlets")
    providers = frozenset(name.lower() for name in _as_list(data.get("VisibleProviders", [])))
    return Capability(
        tuple(_entry(one) for one in listed),
        tuple(_as_list(data.get("ModulesToImport", []))),
        providers,
    )


def _entry(found: t.Any) -> Entry:
    if isinstance(found, str):
        if re.search(r"[*?\[\\\\]", found):
            raise BadCapability(
                f"VisibleCmdlets has {found!r}: this lab knows neither wildcards nor names with a "
                "module"
            )
        return Entry(found, None)
    if not isinstance(found, dict) or set(found) - {"Name", "Parameters"} or "Name" not in found:
        raise BadCapability(f"VisibleCmdlets has an entry {found!r}")
    allowed = [_allowed(found["Name"], one) for one in _as_list(found.get("Parameters", []))]
    return Entry(found["Name"], {one.name.lower(): one for one in allowed})


def _allowed(cmdlet: str, found: t.Any) -> Allowed:
    if not isinstance(found, dict) or "Name" not in found or set(found) - _RULES:
        raise BadCapability(
            f"{cmdlet} has a parameter {found!r}; it takes {', '.join(sorted(_RULES))}"
        )
    return Allowed(
        found["Name"],
        tuple(_as_list(found.get("ValidateSet", []))),
        "|".join(_as_list(found.get("ValidatePattern", []))),
    )


def read_data(text: str) -> dict[str, t.Any]:
    """A PowerShell data file as Python values."""
    tokens = _tokens(text)
    value, rest = _value(tokens)
    if rest or not isinstance(value, dict):
        raise BadCapability("the file is more or less than one hashtable")
    return value


def _tokens(text: str) -> list[str]:
    found = []
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise BadCapability(f"unexpected {text[position : position + 20]!r}")
        if match.lastgroup:
            found.append(match[match.lastgroup])
        position = match.end()
    return found


def _value(tokens: list[str]) -> tuple[t.Any, list[str]]:
    """One value, or several with commas between them as a list."""
    one, tokens = _single(tokens)
    if not tokens or tokens[0] != ",":
        return one, tokens
    items = [one]
    while tokens and tokens[0] == ",":
        one, tokens = _single(tokens[1:])
        items.append(one)
    return items, tokens


def _single(tokens: list[str]) -> tuple[t.Any, list[str]]:
    if not tokens:
        raise BadCapability("the file ends too early")
    first = tokens[0]
    rest = tokens[1:]
    if first.startswith("'"):
        return first[1:-1].replace("''", "'"), rest
    if first == "@(":
        if rest[:1] == [")"]:
            return [], rest[1:]
        value, rest = _value(rest)
        if rest[:1] != [")"]:
            raise BadCapability("an array does not end")
        return value if isinstance(value, list) else [value], rest[1:]
    if first == "@{":
        return _table(rest)
    raise BadCapability(f"{first!r} is no value of a data file")


def _table(tokens: list[str]) -> tuple[dict[str, t.Any], list[str]]:
    table: dict[str, t.Any] = {}
    while tokens and tokens[0] != "}":
        if tokens[0] == ";":
            tokens = tokens[1:]
            continue
        if len(tokens) < 3 or tokens[1] != "=":
            raise BadCapability(f"expected a name and =, found {tokens[:2]}")
        key = tokens[0].strip("'")
        table[key], tokens = _value(tokens[2:])
    if not tokens:
        raise BadCapability("a hashtable does not end")
    return table, tokens[1:]


def _as_list(value: t.Any) -> list[t.Any]:
    return value if isinstance(value, list) else [value]
