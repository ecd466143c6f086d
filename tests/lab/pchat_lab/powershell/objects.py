"""What cmdlets return, without any wire format: ``serialise`` turns it into CLIXML."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import typing as t
import uuid


class Int64(int):
    """System.Int64; a plain int is System.Int32."""


class Int16(int):
    """System.Int16."""


class Byte(int):
    """System.Byte."""


class UInt32(int):
    """System.UInt32."""


class UInt64(int):
    """System.UInt64."""


class Char(int):
    """System.Char, as the number of its UTF-16 code unit."""


class Single(float):
    """System.Single; a plain float is System.Double."""


class Version(str):
    """System.Version."""


class Uri(str):
    """System.Uri."""


class Xml(str):
    """System.Xml.XmlDocument."""


class DBNull:
    """SQL NULL as PowerShell sees it: not $null, but an object that prints as ''."""


DBNULL = DBNull()

#: Values that have a tag of their own in CLIXML. Everything else is a PSObject, a list or a dict.
Primitive = (
    None
    | bool
    | int
    | float
    | str
    | bytes
    | dt.datetime
    | dt.timedelta
    | uuid.UUID
    | decimal.Decimal
)

#: The last type name of an object that has nothing but note properties.
CUSTOM_OBJECT = "System.Management.Automation.PSCustomObject"


@dataclasses.dataclass
class PSObject:
    """An object with a .NET type: ``type_names`` from most to least derived, ``to_string`` as
    .ToString().

    ``properties`` are those of the .NET object, and the note properties of a custom object.
    ``notes`` are what PowerShell adds to a .NET object (note, alias and script properties).
    ``base`` is a primitive that the object is: the number of an enum's member, or the value that a
    wrapper without type names adds ``notes`` to.
    """

    type_names: list[str]
    properties: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    to_string: str | None = None
    notes: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    base: Primitive = None

    @property
    def members(self) -> dict[str, t.Any]:
        """All its properties, whoever gave them to it."""
        return {**self.properties, **self.notes}

    @property
    def is_custom(self) -> bool:
        return CUSTOM_OBJECT in self.type_names


class Collection(list[t.Any]):
    """A list of another type than Object[].

    ``kind`` is the tag of its elements: LST, IE (only enumerable), STK, QUE.
    """

    def __init__(
        self,
        items: t.Iterable[t.Any],
        *type_names: str,
        kind: str = "LST",
        properties: dict[str, t.Any] | None = None,
    ) -> None:
        super().__init__(items)
        self.type_names = list(type_names)
        self.kind = kind
        self.properties = properties or {}


class Table(dict[str, t.Any]):
    """A dictionary of another type than Hashtable."""

    def __init__(self, entries: t.Mapping[str, t.Any], *type_names: str) -> None:
        super().__init__(entries)
        self.type_names = list(type_names)


def enum(type_name: str, name: str, value: int) -> PSObject:
    """A .NET enum member."""
    return PSObject(
        [type_name, "System.Enum", "System.ValueType", "System.Object"], {}, name, base=value
    )


def noted(value: Primitive, notes: dict[str, t.Any]) -> PSObject:
    """A primitive with note properties."""
    return PSObject([], notes=notes, base=value)


def custom(properties: dict[str, t.Any], *type_names: str) -> PSObject:
    """A custom object; ``type_names`` stand before its own."""
    return PSObject([*type_names, CUSTOM_OBJECT, "System.Object"], properties)


def unwrapped(value: t.Any) -> t.Any:
    """The primitive in a wrapper, as a parameter of the next cmdlet takes it."""
    return value.base if isinstance(value, PSObject) and not value.type_names else value
