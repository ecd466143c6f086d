"""Command lines as people type them: commands with parameters, pipes, simple values and variables;
no other language.

about_Parsing (argument mode), about_Quoting_Rules, about_Parameters, about_Arrays,
about_Hash_Tables. What is not known here (operators, subexpressions, script blocks, redirection) is
refused: NotACommandLine.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t
from collections.abc import Mapping

from .binder import COMMON, named
from .errors import CmdletError
from .registry import CmdletInfo, Parameter

#: Each of these opens and closes a single-quoted text, or a double-quoted one.
_SINGLE = "'\u2018\u2019\u201a\u201b"
_DOUBLE = '"\u201c\u201d\u201e'
_CONSTANTS: Mapping[str, t.Any] = {"true": True, "false": False, "null": None}
_NUMBER = re.compile(r"-?(?:0[xX][0-9a-fA-F]+|[0-9]+(?:\.[0-9]+)?)(?![^\s,;|)}])")
_PARAMETER = re.compile(r"-([A-Za-z_?][^\s:,;|(){}'\"$]*)(:?)")
_VARIABLE = re.compile(r"\$(\w+)")
_BARE = re.compile(r"[^\s,;|(){}<>&'\"$`@#][^\s,;|(){}<>&'\"$`]*")
_KEY = re.compile(r"[A-Za-z_]\w*")


class NotACommandLine(ValueError):
    """The text does not parse as PowerShell, or is more than a command line; it says where."""


@dataclasses.dataclass(frozen=True)
class Given:
    """``-Name``, ``-Name:value`` (``attached``), or a value by itself (``name`` None)."""

    name: str | None
    value: t.Any = None
    attached: bool = False


@dataclasses.dataclass(frozen=True)
class Line:
    """One command of a pipeline as it is written."""

    name: str
    given: tuple[Given, ...]


def parse(text: str, variables: Mapping[str, t.Any] | None = None) -> list[list[Line]]:
    """The pipelines in the text, in order.

    ``variables``: lower-case names that are set before; assignments add to them.
    """
    return _Reader(
        text, {name.lower(): value for name, value in (variables or {}).items()}
    ).pipelines()


def arguments(
    info: CmdletInfo, line: Line, own: Mapping[str, Parameter] | None = None
) -> list[tuple[str | None, t.Any]]:
    """As PSRP would carry them: a switch takes no value but by colon, every other parameter the one
    that follows.

    CmdletError as the real binder's for a name that is not known, or a value that is missing.
    """
    taken: list[tuple[str | None, t.Any]] = []
    waiting = list(line.given)
    while waiting:
        given = waiting.pop(0)
        if given.name is None or given.attached:
            taken.append((given.name, given.value))
            continue
        if named(info, given.name, own).type == "switch":
            taken.append((given.name, True))
            continue
        if not waiting or waiting[0].name is not None:
            raise CmdletError(
                f"Missing an argument for parameter '{given.name}'. Specify a parameter of the "
                "right type and try again.",
                "MissingArgument",
                "InvalidArgument",
                "System.Management.Automation.ParameterBindingException",
                info.name,
            )
        taken.append((given.name, waiting.pop(0).value))
    return taken


class _Reader:
    """Reads from left to right; ``at`` is where it stands."""

    def __init__(self, text: str, variables: dict[str, t.Any]) -> None:
        self.text = text
        self.variables = variables
        self.at = 0

    # --- statements
    def pipelines(self) -> list[list[Line]]:
        found: list[list[Line]] = []
        while self._skip(newlines=True, also=";"):
            if self._assignment():
                continue
            found.append(self._pipeline())
        return found

    def _assignment(self) -> bool:
        begins = re.compile(r"\$(\w+)\s*=\s*").match(self.text, self.at)
        if begins is None:
            return False
        self.at = begins.end()
        self.variables[begins[1].lower()] = self._values()
        if self._skip() and self.text[self.at] not in "\n;":
            self._refuse("an assignment takes one value")
        return True

    def _pipeline(self) -> list[Line]:
        commands = [self._command()]
        while self._skip() and self.text[self.at] == "|":
            self.at += 1
            self._skip(newlines=True)
            commands.append(self._command())
        return commands

    def _command(self) -> Line:
        begins = _BARE.match(self.text, self.at)
        if begins is None:
            self._refuse("a command was expected")
        self.at = begins.end()
        given: list[Given] = []
        while self._skip() and self.text[self.at] not in "\n;|":
            given.append(self._given())
        return Line(begins[0], tuple(given))

    def _given(self) -> Given:
        parameter = _PARAMETER.match(self.text, self.at)
        if parameter is None:
            return Given(None, self._values())
        self.at = parameter.end()
        if not parameter[2]:
            return Given(parameter[1])
        self._skip()
        return Given(parameter[1], self._values(), attached=True)

    # --- values
    def _values(self) -> t.Any:
        """One value, or several with commas between them as a list."""
        items = [self._value()]
        while self._skip() and self.text[self.at] == ",":
            self.at += 1
            self._skip(newlines=True)
            items.append(self._value())
        return items if len(items) > 1 else items[0]

    def _value(self) -> t.Any:
        rest = self.text[self.at :]
        if not rest:
            self._refuse("a value is missing")
        if rest[0] in _SINGLE:
            return self._single_quoted()
        if rest[0] in _DOUBLE:
            return self._double_quoted()
        if rest.startswith("@("):
            return self._array()
        if rest.startswith("@{"):
            return self._table()
        if rest[0] == "$":
            return self._variable()
        number = _NUMBER.match(rest)
        if number is not None:
            self.at += number.end()
            return float(number[0]) if "." in number[0] else int(number[0], 0)
        word = _BARE.match(rest)
        if word is None:
            self._refuse("no value begins so")
        self.at += word.end()
        return word[0]

    def _single_quoted(self) -> str:
        text = ""
        self.at = self.at + 1
        while self.at < len(self.text):
            here = self.text[self.at]
            if here not in _SINGLE:
                text = text + here
                self.at = self.at + 1
                continue
            if self.text[self.at + 1 : self.at + 2] not in tuple(_SINGLE):
                self.at += 1
                return text
            text = text + self.text[self.at + 1]
            self.at = self.at + 2
        self._refuse("a text does not end")

    def _double_quoted(self) -> str:
        text = ""
        self.at = self.at + 1
        while self.at < len(self.text):
            here = self.text[self.at]
            if here in _DOUBLE:
                self.at += 1
                return text
            if here == "`" or self.text.startswith("$(", self.at):
                self._refuse("neither escapes nor subexpressions are known here")
            if here == "$" and _VARIABLE.match(self.text, self.at):
                text += str(self._variable())
                continue
            text = text + here
            self.at = self.at + 1
        self._refuse("a text does not end")

    def _variable(self) -> t.Any:
        found = _VARIABLE.match(self.text, self.at)
        name = found[1].lower() if found else ""
        if found is None or name not in {**_CONSTANTS, **self.variables}:
            self._refuse("this variable is not set")
        self.at = found.end()
        return _CONSTANTS[name] if name in _CONSTANTS else self.variables[name]

    def _array(self) -> list[t.Any]:
        self.at += 2
        self._skip(newlines=True)
        if self.text.startswith(")", self.at):
            self.at += 1
            return []
        nested = self.text.startswith(
            ",", self.at
        )  # the comma before a value makes it a list of its own
        if nested:
            self.at += 1
        value = self._values()
        self._skip(newlines=True)
        if not self.text.startswith(")", self.at):
            self._refuse("a list does not end")
        self.at += 1
        if nested:
            return [value]
        return value if isinstance(value, list) else [value]

    def _table(self) -> dict[str, t.Any]:
        self.at += 2
        found: dict[str, t.Any] = {}
        while self._skip(newlines=True, also=";") and self.text[self.at] != "}":
            key = self._key()
            self._skip()
            if not self.text.startswith("=", self.at):
                self._refuse("a key of a hashtable needs =")
            self.at += 1
            self._skip(newlines=True)
            found[key] = self._values()
        if not self.text.startswith("}", self.at):
            self._refuse("a hashtable does not end")
        self.at += 1
        return found

    def _key(self) -> str:
        if self.text[self.at] in _SINGLE:
            return self._single_quoted()
        word = _KEY.match(self.text, self.at)
        if word is None:
            self._refuse("no key of a hashtable begins so")
        self.at = word.end()
        return word[0]

    # --- space
    def _skip(self, newlines: bool = False, also: str = "") -> bool:
        """Past blanks, comments and continued lines. False at the end of the text."""
        pattern = (
            r"(?:[^\S\n]|`\r?\n|(?:(?<=\s)|(?<![\s\S]))#[^\n]*"
            + (r"|\n" if newlines else "")
            + (f"|[{also}]" if also else "")
            + ")*"
        )
        found = re.compile(pattern).match(self.text, self.at)
        self.at = found.end() if found else self.at
        return self.at < len(self.text)

    def _refuse(self, why: str) -> t.NoReturn:
        raise NotACommandLine(f"{why}, at {self.text[self.at : self.at + 30]!r}")


__all__ = ["COMMON", "Given", "Line", "NotACommandLine", "arguments", "parse"]
