"""CLIXML as remoting writes it: the one place that knows what becomes of an object on its way to
the client.

The rules are those of PowerShell's serializer (``serialization.cs``: WriteOneObject and what it
calls), and of PowerShell 7.6, which was asked:

* Remoting serialises one level. The properties of a .NET object use it up: below them whatever is
neither a primitive nor a collection becomes its text. Note properties and collections use nothing
up, so the values in a custom object keep their own properties.
* A primitive keeps its tag everywhere. DBNull is no primitive: at the top and in a note property it
is an object, and in a column of a DataRow, which is a property of a .NET object, an empty text.
* A list, a dictionary, an enumerable stays one at every depth. An object that was written before is
only referred to.
"""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import math
import re
import typing as t
import uuid

from .objects import (
    Byte,
    Char,
    Collection,
    DBNull,
    Int16,
    Int64,
    PSObject,
    Single,
    Table,
    UInt32,
    UInt64,
    Uri,
    Version,
    Xml,
)

#: Levels that remoting serialises.
DEPTH = 1
_TO_ESCAPE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\U00010000-\U0010ffff]|_(?=[xX])")
_ARRAY = ("System.Object[]", "System.Array", "System.Object")
_HASHTABLE = ("System.Collections.Hashtable", "System.Object")
_DBNULL = ("System.DBNull", "System.Object")
#: Types that PowerShell's type data (types.ps1xml) gives a level of their own.
_OWN_LEVEL = frozenset(
    {
        "System.Exception",
        "System.Management.Automation.PSCredential",
        "System.Globalization.CultureInfo",
    }
)


def serialised(value: t.Any) -> str:
    """The CLIXML of one object; the empty text for $null, which a cmdlet that writes it sends
    without any body.
    """
    if value is None:
        return ""
    writer = _Writer()
    writer.write(value, DEPTH)
    return "".join(writer.parts)


def escaped(text: str) -> str:
    """Control characters, halves of surrogate pairs and what looks like an escape become
    ``_xHHHH_``; then XML's own.
    """
    if _TO_ESCAPE.search(text):
        text = _TO_ESCAPE.sub(_as_units, text)
    if "&" in text or "<" in text or ">" in text:
        text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text


def _as_units(match: re.Match[str]) -> str:
    units = match[0].encode("utf-16-be", "surrogatepass")
    return "".join(f"_x{units[at]:02X}{units[at + 1]:02X}_" for at in range(0, len(units), 2))


def text_of(value: t.Any) -> str:
    """``ToString()`` of anything."""
    if value is None or isinstance(value, DBNull):
        return ""
    if isinstance(value, PSObject):
        return _text_of_object(value)
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, (list, tuple)):
        return getattr(value, "type_names", _ARRAY)[0]
    if isinstance(value, dict):
        return getattr(value, "type_names", _HASHTABLE)[0]
    return str(value)


def _text_of_object(value: PSObject) -> str:
    if value.to_string is not None:
        return value.to_string
    if value.is_custom:
        return (
            "@{"
            + "; ".join(f"{name}={text_of(inner)}" for name, inner in value.properties.items())
            + "}"
        )
    return text_of(value.base) if value.base is not None else value.type_names[0]


# --- primitives: their tag, and how the value is written


def _instant(value: dt.datetime) -> str:
    """Kind UTC ends in Z, kind local in its offset, the unspecified kind in nothing."""
    text = value.isoformat()
    if "." in text:
        seconds = text[:19]
        fraction = text[20:26]
        text = f"{seconds}.{fraction.rstrip('0')}{text[26:]}"
    return text[:-6] + "Z" if value.tzinfo is dt.UTC else text


def _span(value: dt.timedelta) -> str:
    """ISO 8601, as XmlConvert writes a TimeSpan."""
    sign = "-" if value < dt.timedelta() else ""
    value = abs(value)
    hours, rest = divmod(value.seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    fraction = f".{value.microseconds:06}".rstrip("0") if value.microseconds else ""
    time = (
        (f"{hours}H" if hours else "")
        + (f"{minutes}M" if minutes else "")
        + (f"{seconds}{fraction}S" if seconds or fraction else "")
    )
    days = f"{value.days}D" if value.days else ""
    if not days and not time:
        return "PT0S"
    return f"{sign}P{days}" + (f"T{time}" if time else "")


def _real(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if value in (float("inf"), float("-inf")):
        return "INF" if value > 0 else "-INF"
    text = repr(float(value))
    return text.removesuffix(".0").replace("e+", "E+").replace("e-", "E-")


def _truth(value: bool) -> str:
    return "true" if value else "false"


def _bytes(value: bytes) -> str:
    return base64.b64encode(value).decode()


_PRIMITIVES: dict[type, tuple[str, t.Callable[[t.Any], str]]] = {
    str: ("S", escaped),
    bool: ("B", _truth),
    int: ("I32", int.__repr__),
    Int64: ("I64", int.__repr__),
    Int16: ("I16", int.__repr__),
    Byte: ("By", int.__repr__),
    UInt32: ("U32", int.__repr__),
    UInt64: ("U64", int.__repr__),
    Char: ("C", int.__repr__),
    float: ("Db", _real),
    Single: ("Sg", _real),
    decimal.Decimal: ("D", lambda value: format(value, "f")),
    bytes: ("BA", _bytes),
    dt.datetime: ("DT", _instant),
    dt.timedelta: ("TS", _span),
    uuid.UUID: ("G", str),
    Version: ("Version", escaped),
    Uri: ("URI", escaped),
    Xml: ("XD", escaped),
}


class _Writer:
    """Writes one message; numbers of objects and of lists of type names are its own."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._types: dict[tuple[str, ...], int] = {}
        self._objects: dict[
            int, tuple[int, t.Any]
        ] = {}  # with the object, so that its id is not given away

    def write(self, value: t.Any, depth: int, name: str | None = None) -> None:
        label = "" if name is None else f' N="{escaped(name).replace(chr(34), "&quot;")}"'
        if value is None:
            self.parts.append(f"<Nil{label} />")
            return
        primitive = _PRIMITIVES.get(type(value))
        if primitive is not None:
            tag, written = primitive
            self.parts.append(f"<{tag}{label}>{written(value)}</{tag}>")
        elif isinstance(value, dt.date):
            self.write(dt.datetime(value.year, value.month, value.day), depth, name)
        elif isinstance(value, DBNull):
            self._object(PSObject(list(_DBNULL), {}, ""), depth, label)
        elif isinstance(value, PSObject):
            self._object(value, depth, label)
        elif isinstance(value, dict):
            self._dictionary(value, depth, label)
        elif isinstance(value, (list, tuple)):
            self._list(value, depth, label)
        else:
            raise TypeError(f"the lab knows no CLIXML for {type(value).__name__}: {value!r}")

    def _refer(self, value: t.Any, label: str) -> bool:
        """Whether the object was written before, and is now referred to."""
        known = self._objects.get(id(value))
        if known is not None:
            self.parts.append(f'<Ref{label} RefId="{known[0]}" />')
        return known is not None

    def _start(self, value: t.Any, label: str, type_names: t.Sequence[str]) -> bool:
        """The opening tag; False when the object was written before."""
        if self._refer(value, label):
            return False
        number = len(self._objects)
        self._objects[id(value)] = (number, value)
        self.parts.append(f'<Obj{label} RefId="{number}">')
        names = tuple(type_names)
        if not names:
            return True
        if names in self._types:
            self.parts.append(f'<TNRef RefId="{self._types[names]}" />')
            return True
        self._types[names] = len(self._types)
        inner = "".join(f"<T>{escaped(one)}</T>" for one in names)
        self.parts.append(f'<TN RefId="{self._types[names]}">{inner}</TN>')
        return True

    def _object(self, value: PSObject, depth: int, label: str) -> None:
        wrapper = not value.type_names
        if depth == 0 and not _OWN_LEVEL.isdisjoint(value.type_names):
            depth = DEPTH
        if depth == 0 and not wrapper:
            if not self._refer(value, label):
                self._as_text(value, label)
            return
        if not self._start(value, label, value.type_names):
            return
        if not value.is_custom and not wrapper:
            text = _text_of_object(value)
            self.parts.append(f"<ToString>{escaped(text)}</ToString>" if text else "<ToString />")
        if value.base is not None:
            self.write(value.base, depth)
        if value.is_custom:
            self._members("MS", value.properties, depth)
        else:
            self._members("Props", value.properties, depth - 1)
        self._members("MS", value.notes, depth)
        self.parts.append("</Obj>")

    def _as_text(self, value: PSObject, label: str) -> None:
        """Where the level is used up: the text, in a wrapper if there are note properties of the
        object's own.
        """
        text = f"<S>{escaped(_text_of_object(value))}</S>"
        if not value.is_custom:
            self.parts.append(f"<S{label}>{text[3:]}")
        elif self._start(value, label, ()):
            self.parts.append(text)
            self._members("MS", value.properties, 0)
            self.parts.append("</Obj>")

    def _members(self, tag: str, values: t.Mapping[str, t.Any], depth: int) -> None:
        if not values:
            return
        self.parts.append(f"<{tag}>")
        for name, value in values.items():
            self.write(value, depth, name)
        self.parts.append(f"</{tag}>")

    def _list(self, value: t.Sequence[t.Any], depth: int, label: str) -> None:
        if not self._start(value, label, getattr(value, "type_names", _ARRAY)):
            return
        tag = value.kind if isinstance(value, Collection) else "LST"
        if value:
            self.parts.append(f"<{tag}>")
            for item in value:
                self.write(item, depth)
            self.parts.append(f"</{tag}>")
        else:
            self.parts.append(f"<{tag} />")
        if depth and isinstance(value, Collection):
            self._members("Props", value.properties, depth - 1)
        self.parts.append("</Obj>")

    def _dictionary(self, value: t.Mapping[str, t.Any], depth: int, label: str) -> None:
        if not self._start(
            value, label, value.type_names if isinstance(value, Table) else _HASHTABLE
        ):
            return
        self.parts.append("<DCT>" if value else "<DCT />")
        for key, item in value.items():
            self.parts.append("<En>")
            self.write(key, depth, "Key")
            self.write(item, depth, "Value")
            self.parts.append("</En>")
        self.parts.append("</DCT></Obj>" if value else "</Obj>")
