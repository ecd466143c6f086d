"""CREATE_PIPELINE (MS-PSRP 2.2.2.10) straight from its text, where it is as plain as most are.

psrpcore makes an object of every field, and there are a hundred fields to a command of which the
lab asks three. Whatever is not plain is psrpcore's to read or to refuse.
"""

from __future__ import annotations

import typing as t
from xml.etree import ElementTree

from psrpcore.types import _serializer

from ..powershell.commands import Command
from ..powershell.objects import Collection, Int64

_MESSAGE = {
    "NoInput",
    "ApartmentState",
    "RemoteStreamOptions",
    "AddToHistory",
    "HostInfo",
    "PowerShell",
    "IsNested",
}
_PIPELINE = {"IsNested", "Cmds", "History", "RedirectShellErrorOutputPipe"}
_COMMAND = {
    "Cmd",
    "IsScript",
    "UseLocalScope",
    "MergeMyResult",
    "MergeToResult",
    "MergePreviousResults",
    "Args",
}
#: A client that offers no host to ask (2.2.3.14).
_NO_HOST = {
    "_isHostNull": "true",
    "_isHostUINull": "true",
    "_isHostRawUINull": "true",
    "_useRunspaceHost": "true",
}
_BOOLEANS = {"true": True, "false": False}
_NUMBERS: dict[str, t.Callable[[str], int]] = {"I32": int, "I64": Int64}


class _NotPlainError(Exception):
    """Something that this module does not read."""


def read(body: bytes) -> list[list[Command]] | None:
    """The commands of each statement; None for a message that is not plain."""
    try:
        return _Message(ElementTree.fromstring(body)).statements()
    except (_NotPlainError, ElementTree.ParseError, ValueError):
        return None


class _Message:
    def __init__(self, root: ElementTree.Element) -> None:
        self._root = root
        self._types: dict[str, list[str]] = {}
        for names in root.iter("TN"):
            self._types[names.get("RefId", "")] = [name.text or "" for name in names]

    def statements(self) -> list[list[Command]]:
        message = _properties(self._root, _MESSAGE)
        host = _properties(message["HostInfo"], set(_NO_HOST))
        if {name: field.text for name, field in host.items()} != _NO_HOST:
            raise _NotPlainError
        pipeline = _properties(message["PowerShell"], _PIPELINE)
        several = pipeline.get("ExtraCmds")
        if several is None or several.tag == "Nil":
            return [self._commands(pipeline["Cmds"])]
        found = []
        for statement in _list(several):
            found.append(self._commands(_properties(statement, {"Cmds"})["Cmds"]))
        return [commands for commands in found if commands]

    def _commands(self, cmds: ElementTree.Element) -> list[Command]:
        return [self._command(_properties(field, _COMMAND)) for field in _list(cmds)]

    def _command(self, fields: dict[str, ElementTree.Element]) -> Command:
        arguments = []
        for argument in _list(fields["Args"]):
            pair = _properties(argument, {"N", "V"})
            arguments.append((self._value(pair["N"]), self._value(pair["V"])))
        name = self._value(fields["Cmd"])
        is_script = self._value(fields["IsScript"])
        if not isinstance(name, str) or not isinstance(is_script, bool):
            raise _NotPlainError
        return Command(name, is_script, arguments)

    def _value(self, field: ElementTree.Element) -> t.Any:
        """A text, a truth, a whole number, nothing, or a list of these or of lists of these."""
        if field.tag == "Obj":
            return self._collection(field)
        if len(field):
            raise _NotPlainError
        text = field.text or ""
        if field.tag == "S":
            return _serializer._deserialize_string(text) if "_x" in text else text
        if field.tag == "Nil":
            return None
        if field.tag == "B" and text in _BOOLEANS:
            return _BOOLEANS[text]
        if field.tag in _NUMBERS:
            return _NUMBERS[field.tag](text)
        raise _NotPlainError

    def _collection(self, field: ElementTree.Element) -> Collection:
        parts = {part.tag: part for part in field}
        names = parts.get("TN", parts.get("TNRef"))
        if names is None or len(field) != 2 or "LST" not in parts:
            raise _NotPlainError
        types = self._types.get(names.get("RefId", ""), [])
        if not types:
            raise _NotPlainError
        values = [self._value(item) for item in parts["LST"]]
        return Collection(values, *[f"Deserialized.{name}" for name in types])


def _properties(field: ElementTree.Element, wanted: set[str]) -> dict[str, ElementTree.Element]:
    """The extended properties of an object, of which these must be there."""
    members = field.find("MS")
    if field.tag != "Obj" or members is None:
        raise _NotPlainError
    found = {member.get("N", ""): member for member in members}
    if not wanted <= found.keys() or len(found) != len(members):
        raise _NotPlainError
    return found


def _list(field: ElementTree.Element) -> ElementTree.Element:
    """The items of a list."""
    items = field.find("LST")
    if field.tag != "Obj" or items is None:
        raise _NotPlainError
    return items
