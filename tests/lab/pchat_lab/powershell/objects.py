"""What cmdlets return, without any wire format: the wire package turns it into CLIXML."""
from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import typing as t
import uuid

#: Values that have a CLIXML primitive of their own. Everything else is a PSObject, a list or a dict (Hashtable).
Primitive = None | bool | int | float | str | bytes | dt.datetime | uuid.UUID | decimal.Decimal


@dataclasses.dataclass
class PSObject:
    """An object with a .NET type: ``type_names`` from most to least derived, ``properties`` in order, ``to_string`` as .ToString()."""

    type_names: list[str]
    properties: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    to_string: str | None = None


@dataclasses.dataclass
class Int64:
    """An integer that .NET holds as Int64 (a plain int is Int32 on the wire)."""

    value: int


@dataclasses.dataclass
class Xml:
    """An XmlDocument."""

    text: str


class DBNull:
    """SQL NULL as PowerShell sees it: not $null, but an object that prints as ''."""


DBNULL = DBNull()


def enum(type_name: str, name: str, value: int) -> PSObject:
    """A .NET enum member as remoting sends it."""
    return PSObject([type_name, "System.Enum", "System.ValueType", "System.Object"], {"value__": value}, name)
