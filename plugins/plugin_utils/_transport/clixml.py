"""CLIXML to plain values.

pypsrp's own deserializer leaves collections of unknown .NET types as raw XML text and DateTime,
Decimal and Version as strings of the wire, and cannot tell ``$null`` from an empty text; this
reader handles whatever MS-PSRP 2.2.5 allows, because it goes by the shape of the XML (LST, DCT,
Props, MS). The one type that it knows is the row of T-SQL. FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import base64
import datetime as dt
import re
import typing as t
import xml.etree.ElementTree as ET

_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
#: A row of T-SQL. Below a .NET object everything that is neither primitive nor collection becomes
#: its text, and the text of System.DBNull is empty: NULL and the empty text arrive alike.
_ROW = "System.Data.DataRow"
#: Older engines send these beside the columns of a row.
_ROW_JUNK = frozenset({"RowError", "RowState", "Table", "ItemArray", "HasErrors"})
#: What people make of a hashtable; its text is its properties once more.
_CUSTOM = "System.Management.Automation.PSCustomObject"
_COLLECTIONS = ("LST", "IE", "QUE", "STK")
#: Children of an object that are not its value.
_OF_AN_OBJECT = ("TN", "TNRef", "ToString", "Props", "MS")
#: Deeper than anything that a server sends (it stops after a few levels by itself).
_DEEPEST = 60


class Unreadable(ValueError):
    """What arrived is no CLIXML. The text says what was wrong, never what was in it."""


def decoded(xml: str) -> t.Any:
    """The body of one PIPELINE_OUTPUT message -> None, bool, int, float, str, list or dict.

    An empty body is ``$null``: PowerShell sends it so. Raises Unreadable.
    """
    if not xml:
        return None
    try:
        return _Reader().read(ET.fromstring(xml))
    except (ET.ParseError, ValueError, KeyError) as error:
        raise Unreadable(
            f"an object in the answer cannot be read ({type(error).__name__})"
        ) from error


def record(xml: str) -> dict[str, t.Any]:
    """One output as property or column names -> plain values; a bare value becomes ``{"value":
    ...}``.
    """
    value = decoded(xml)
    return value if isinstance(value, dict) else {"value": value}


class _Reader:
    """Reads one CLIXML root; RefIds are local to it."""

    def __init__(self) -> None:
        self._depth = 0
        self._objects: dict[str, t.Any] = {}
        self._types: dict[str, list[str]] = {}

    def read(self, element: ET.Element) -> t.Any:
        """The value of one element, whatever is in it."""
        tag = element.tag.rsplit("}", 1)[-1]
        if tag == "Ref":
            return self._objects.get(element.attrib["RefId"])
        if tag == "Obj":
            return self._object(element)
        return _PRIMITIVES.get(tag, _unescape)(element.text or "")

    def _object(self, element: ET.Element) -> t.Any:
        types = self._type_names(element)
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ValueError("nested too deeply")
        value = self._value(element, types)
        self._depth -= 1
        if "RefId" in element.attrib:
            self._objects[element.attrib["RefId"]] = value
        return value

    def _type_names(self, element: ET.Element) -> list[str]:
        names = _child(element, "TN")
        if names is not None:
            found = [(e.text or "").removeprefix("Deserialized.") for e in names]
            self._types[names.attrib.get("RefId", "")] = found
            return found
        reference = _child(element, "TNRef")
        return self._types.get(reference.attrib["RefId"], []) if reference is not None else []

    def _value(self, element: ET.Element, types: list[str]) -> t.Any:
        if types and types[0] == "System.DBNull":
            return None
        to_string = _child(element, "ToString")
        text = None if to_string is None else _unescape(to_string.text or "")
        if "System.Enum" in types:
            return text
        if types and types[0] == _ROW:
            return self._row(element)
        # read in any case: what follows may refer to an object that stands in them
        properties = self._properties(element)
        for child in element:
            if child.tag.rsplit("}", 1)[-1] not in _OF_AN_OBJECT:
                return self._held(child)
        if not properties:
            return text
        if text is not None and types and not types[0].startswith(_CUSTOM):
            properties.setdefault("_text", text)
        return properties

    def _held(self, child: ET.Element) -> t.Any:
        """A collection, or a primitive in a wrapper (e.g. with added note properties)."""
        kind = child.tag.rsplit("}", 1)[-1]
        if kind in _COLLECTIONS:
            return [self.read(item) for item in child]
        if kind == "DCT":
            return self._dictionary(child)
        return self.read(child)

    def _properties(self, element: ET.Element) -> dict[str, t.Any]:
        properties: dict[str, t.Any] = {}
        for group in ("Props", "MS"):
            found = _child(element, group)
            for entry in () if found is None else found:
                properties[_unescape(entry.attrib.get("N", ""))] = self.read(entry)
        return properties

    def _row(self, element: ET.Element) -> dict[str, t.Any]:
        """The columns. An empty text is NULL: a query in which the two differ says so itself."""
        columns: dict[str, t.Any] = {}
        for name, value in self._properties(element).items():
            columns[name] = None if value == "" else value
        if columns.keys() >= _ROW_JUNK:
            return {name: value for name, value in columns.items() if name not in _ROW_JUNK}
        return columns

    def _dictionary(self, element: ET.Element) -> dict[str, t.Any]:
        out = {}
        for entry in element:
            pair = {child.attrib.get("N"): self.read(child) for child in entry}
            out[str(pair.get("Key"))] = pair.get("Value")
        return out


def _child(element: ET.Element, name: str) -> ET.Element | None:
    return next((e for e in element if e.tag.rsplit("}", 1)[-1] == name), None)


def _unescape(text: str) -> str:
    """``_x000A_`` is a UTF-16 code unit; surrogate pairs come as two of them."""
    if "_x" not in text:
        return text
    raw = _ESCAPED.sub(lambda move: chr(int(move[1], 16)), text)
    return raw.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def iso_utc(text: str) -> str:
    """A CLIXML date (seven digits of fraction, zone or none) as ISO 8601 to the second; with a zone
    it becomes UTC and ends in Z.
    """
    trimmed = re.sub(r"\.\d+", "", text)
    try:
        when = dt.datetime.fromisoformat(trimmed.replace("Z", "+00:00"))
    except ValueError:
        return text
    if when.tzinfo is None:
        return when.isoformat()
    # The name UTC is not in Python 3.10.
    return when.astimezone(dt.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")  # noqa: UP017


def _decimal(text: str) -> int | float:
    return int(text) if re.fullmatch(r"-?\d+", text) else float(text)


def _boolean(text: str) -> bool:
    return text.strip().lower() == "true"


def _bytes(text: str) -> str:
    return "0x" + base64.b64decode(text).hex().upper()


def _character(text: str) -> str:
    return chr(int(text))


def _nothing(_text: str) -> None:
    return None


_INTEGERS = ("By", "SB", "U16", "I16", "U32", "I32", "U64", "I64")
#: How the text of a primitive is read, by the name of its element; all others are texts.
_PRIMITIVES: dict[str, t.Callable[[str], t.Any]] = {
    **dict.fromkeys(_INTEGERS, int),
    "B": _boolean,
    "Nil": _nothing,
    "Sg": float,
    "Db": float,
    "D": _decimal,
    "G": str.lower,
    "DT": iso_utc,
    "C": _character,
    "BA": _bytes,
    "SS": _nothing,  # nothing of ours asks for a secure string
}
