"""SQL Server data types, as far as T-SQL of administration uses them."""

from __future__ import annotations

import dataclasses
import functools
import typing as t

from .errors import error

if t.TYPE_CHECKING:
    from .parser import Node

INTEGERS = {
    "bit": (0, 1),
    "tinyint": (0, 255),
    "smallint": (-(2**15), 2**15 - 1),
    "int": (-(2**31), 2**31 - 1),
    "bigint": (-(2**63), 2**63 - 1),
}
STRINGS = ("char", "varchar", "nchar", "nvarchar", "text", "ntext", "xml")
DATES = ("datetime", "smalldatetime", "date", "time", "datetime2", "datetimeoffset")
NUMERICS = ("numeric", "decimal", "money", "smallmoney")
FLOATS = ("float", "real")
BINARIES = ("binary", "varbinary", "image", "timestamp", "rowversion")
#: system_type_id of sys.types.
TYPE_IDS = {
    "image": 34,
    "text": 35,
    "uniqueidentifier": 36,
    "date": 40,
    "time": 41,
    "datetime2": 42,
    "datetimeoffset": 43,
    "tinyint": 48,
    "smallint": 52,
    "int": 56,
    "smalldatetime": 58,
    "real": 59,
    "money": 60,
    "datetime": 61,
    "float": 62,
    "sql_variant": 98,
    "ntext": 99,
    "bit": 104,
    "decimal": 106,
    "numeric": 108,
    "smallmoney": 122,
    "bigint": 127,
    "varbinary": 165,
    "varchar": 167,
    "binary": 173,
    "char": 175,
    "timestamp": 189,
    "nvarchar": 231,
    "nchar": 239,
    "xml": 241,
}
MAX = -1


@dataclasses.dataclass(frozen=True)
class SqlType:
    """``length``: characters or bytes, -1 for max, None where the type has none.

    ``scale`` of numerics; ``precision`` likewise.
    """

    name: str
    length: int | None = None
    precision: int | None = None
    scale: int = 0

    @property
    def family(self) -> str:
        """int, string, date, numeric, float, binary, uniqueidentifier, or sql_variant."""
        for family, names in (
            ("int", INTEGERS),
            ("string", STRINGS),
            ("date", DATES),
            ("numeric", NUMERICS),
            ("float", FLOATS),
            ("binary", BINARIES),
        ):
            if self.name in names:
                return family
        return self.name

    def __str__(self) -> str:
        if self.length is not None:
            return f"{self.name}({'max' if self.length == MAX else self.length})"
        return (
            f"{self.name}({self.precision},{self.scale})"
            if self.precision is not None
            else self.name
        )

    @property
    def max_length(self) -> int:
        """sys.columns.max_length: bytes."""
        if self.length is not None:
            return (
                self.length * 2
                if self.name in ("nchar", "nvarchar") and self.length != MAX
                else self.length
            )
        return {
            "bit": 1,
            "tinyint": 1,
            "smallint": 2,
            "int": 4,
            "bigint": 8,
            "uniqueidentifier": 16,
            "datetime": 8,
            "numeric": 13,
            "decimal": 13,
            "sql_variant": 8016,
        }.get(self.name, 8)


@functools.lru_cache(maxsize=512)
def parse_type(text: str) -> SqlType:
    """From text such as ``nvarchar(128)``, ``numeric(25,0)``, ``sysname``."""
    name, _unused, rest = text.strip().lower().partition("(")
    return make(
        name.strip(), [word.strip() for word in rest.rstrip(") ").split(",") if word.strip()]
    )


@functools.lru_cache(maxsize=16384)
def type_of_node(node: Node, *, default_length: int = 1) -> SqlType:
    """From a DataTypeReference.

    ``default_length``: of strings and binaries without one (1 in DECLARE and tables, 30 in CAST and
    CONVERT).
    """
    if node.kind == "XmlDataTypeReference":
        return SqlType("xml", MAX)
    name = (
        "".join(identifier.Value for identifier in node.Name.Identifiers[-1:]).lower()
        if node.get("Name")
        else str(node.SqlDataTypeOption).lower()
    )
    return make(
        name,
        [parameter.text for parameter in node.get("Parameters", ())],
        default_length=default_length,
    )


def _length(parameters: list[str]) -> int:
    return MAX if parameters[0].lower() == "max" else int(parameters[0])


def make(name: str, parameters: list[str], *, default_length: int = 1) -> SqlType:
    """SqlError 243 for a type that does not exist."""
    name = {"integer": "int", "dec": "decimal", "rowversion": "timestamp"}.get(name, name)
    if name == "sysname":
        return SqlType("nvarchar", 128)
    if name in ("char", "varchar", "nchar", "nvarchar", "binary", "varbinary"):
        return SqlType(name, _length(parameters) if parameters else default_length)
    if name in ("text", "ntext", "image", "xml"):
        return SqlType(name, MAX)
    if name in ("numeric", "decimal"):
        return SqlType(
            name,
            None,
            int(parameters[0]) if parameters else 18,
            int(parameters[1]) if len(parameters) > 1 else 0,
        )
    if name in ("money", "smallmoney"):
        return SqlType(name, None, None, 4)
    if name in TYPE_IDS:
        return SqlType(name)
    raise error(243, name)
