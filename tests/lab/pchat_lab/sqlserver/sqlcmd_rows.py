"""Result sets as Invoke-Sqlcmd gives them out: rows of data with columns of every type."""

from __future__ import annotations

import datetime as dt
import typing as t
from collections.abc import Iterator

from ..powershell.objects import DBNULL, Byte, Int16, Int64, PSObject, Single
from .language.results import ResultSet
from .language.types import parse_type

if t.TYPE_CHECKING:
    pass


_DATA_ROW = ["System.Data.DataRow", "System.Object"]


def data_rows(
    result: ResultSet, max_chars: int, max_bytes: int, null_rowversion: t.Any = DBNULL
) -> Iterator[PSObject]:
    """System.Data.DataRow objects: over remoting they have their columns and nothing else."""
    names = _column_names(result)
    kinds = [parse_type(column.type).name if column.type else "" for column in result.columns]
    for row in result.rows:
        values = [
            null_rowversion
            if value is None and kind == "timestamp"
            else _value(value, kind, max_chars, max_bytes)
            for value, kind in zip(row, kinds, strict=True)
        ]
        properties: dict[str, t.Any] = dict(zip(names, values, strict=True))
        yield PSObject(list(_DATA_ROW), properties, "System.Data.DataRow")


def _column_names(result: ResultSet) -> list[str]:
    """DataTable's rules: Column1 ... for unnamed ones, a number behind a name that is there
    already.
    """
    names: list[str] = []
    for number, column in enumerate(result.columns, start=1):
        name = column.name or f"Column{number}"
        suffix = 0
        while name.lower() in (known.lower() for known in names):
            suffix += 1
            name = f"{column.name or f'Column{number}'}{suffix}"
        names.append(name)
    return names


#: Types of whole numbers whose columns are no Int32.
_NUMBERS: dict[str, t.Callable[[int], int]] = {"bigint": Int64, "smallint": Int16, "tinyint": Byte}


def _value(value: t.Any, kind: str, max_chars: int, max_bytes: int) -> t.Any:
    """As SqlDataReader has it (SQL Server data type mappings); a column that the lab knows no type
    of follows its values.
    """
    if value is None:
        return DBNULL
    if isinstance(value, str):
        return value[:max_chars]
    if isinstance(value, bytes):
        return value[:max_bytes]
    if isinstance(value, int) and not isinstance(value, bool):
        return _NUMBERS.get(kind, int if -(2**31) <= value < 2**31 else Int64)(value)
    if isinstance(value, float) and kind == "real":
        return Single(value)
    if kind == "datetimeoffset" and isinstance(value, dt.datetime):
        return PSObject(
            ["System.DateTimeOffset", "System.ValueType", "System.Object"],
            {},
            value.strftime("%m/%d/%Y %H:%M:%S +00:00"),
        )
    if isinstance(value, dt.time):
        return dt.timedelta(
            hours=value.hour,
            minutes=value.minute,
            seconds=value.second,
            microseconds=value.microsecond,
        )
    return value
