"""Role capability files (.psrc): a PowerShell data file whose VisibleCmdlets say what a restricted endpoint runs.

The reference: about_Role_Capabilities and New-PSRoleCapabilityFile; data files hold hashtables, arrays and single-quoted strings only.
"""
from __future__ import annotations

import dataclasses
import re
import typing as t
from collections.abc import Mapping

_TOKEN = re.compile(r"\s+|#[^\n]*|(?P<text>'(?:[^']|'')*')|(?P<mark>@\{|@\(|[{}()=;,])|(?P<word>[\w.$]+)")
#: Commands that every session of the type RestrictedRemoteServer has.
PROVIDED = frozenset({"clear-host", "exit-pssession", "get-command", "get-formatdata", "get-help", "measure-object", "out-default", "select-object"})


class BadCapability(ValueError):
    """The file is no role capability; the text says why."""


@dataclasses.dataclass(frozen=True)
class Capability:
    """Lower-case cmdlet -> lower-case parameters that may be passed besides the common ones; None: all."""

    cmdlets: Mapping[str, frozenset[str] | None]

    def shows(self, cmdlet: str) -> bool:
        return cmdlet.lower() in self.cmdlets or cmdlet.lower() in PROVIDED

    def hides(self, cmdlet: str, parameter: str) -> bool:
        allowed = self.cmdlets.get(cmdlet.lower())
        return allowed is not None and parameter.lower() not in allowed


def read_capability(text: str) -> Capability:
    """BadCapability for a file without VisibleCmdlets, or that is no data file."""
    found: dict[str, frozenset[str] | None] = {}
    for entry in _as_list(read_data(text).get("VisibleCmdlets", [])):
        if isinstance(entry, str):
            found[entry.lower()] = None
        elif isinstance(entry, dict) and "Name" in entry:
            parameters = [p["Name"].lower() for p in _as_list(entry.get("Parameters", []))]
            found[entry["Name"].lower()] = frozenset(parameters) if parameters else None
        else:
            raise BadCapability(f"VisibleCmdlets has an entry {entry!r}")
    if not found:
        raise BadCapability("the file has no VisibleCmdlets")
    return Capability(found)


def read_data(text: str) -> dict[str, t.Any]:
    """A PowerShell data file as Python values."""
    tokens = _tokens(text)
    value, rest = _value(tokens)
    if rest or not isinstance(value, dict):
        raise BadCapability("the file is more or less than one hashtable")
    return value


def _tokens(text: str) -> list[str]:
    found, position = [], 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise BadCapability(f"unexpected {text[position:position + 20]!r}")
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
    first, rest = tokens[0], tokens[1:]
    if first.startswith("'"):
        return first[1:-1].replace("''", "'"), rest
    if first == "@(":
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
