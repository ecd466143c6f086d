"""Conversions, comparison and arithmetic of SQL values, with SQL Server's rules and error numbers
(CAST and CONVERT reference).

Values: None, bool (bit), int, Decimal, float, str, naive datetime / date / time, UUID, bytes.
"""

from __future__ import annotations

import datetime as dt
import decimal
import re
import typing as t
import uuid

from .errors import error
from .types import INTEGERS, MAX, SqlType

Value = t.Any
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_BASE = dt.datetime(1900, 1, 1)
_STYLES = {
    101: "%m/%d/%Y",
    102: "%Y.%m.%d",
    103: "%d/%m/%Y",
    104: "%d.%m.%Y",
    105: "%d-%m-%Y",
    108: "%H:%M:%S",
    8: "%H:%M:%S",
    24: "%H:%M:%S",
    110: "%m-%d-%Y",
    111: "%Y/%m/%d",
    112: "%Y%m%d",
    12: "%y%m%d",
    120: "%Y-%m-%d %H:%M:%S",
    20: "%Y-%m-%d %H:%M:%S",
    23: "%Y-%m-%d",
}
_NUMBER = re.compile(r"^[+-]?(\d+\.?\d*|\.\d+)$")
_GUID = re.compile(
    r"^\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?", re.IGNORECASE
)
_WIDE = decimal.Context(prec=60)


#: By what Python holds them in. What derives from another stands before it.
_TYPE_NAMES: dict[type, str] = {
    bool: "bit",
    int: "int",
    decimal.Decimal: "numeric",
    float: "float",
    str: "varchar",
    dt.datetime: "datetime",
    dt.date: "date",
    dt.time: "time",
    uuid.UUID: "uniqueidentifier",
    bytes: "varbinary",
}


def type_name(value: Value) -> str:
    """The SQL type that a value has by itself."""
    known = _TYPE_NAMES.get(type(value))
    if known is not None:
        return known
    for kind, name in _TYPE_NAMES.items():
        if isinstance(value, kind):
            return name
    return "NULL"


def datetime_ticks(value: dt.datetime) -> dt.datetime:
    """Rounded as ``datetime`` stores it: to 1/300 s, shown as .000, .003, .007."""
    start = value.replace(microsecond=0)
    ticks = (value.microsecond * 300 + 500_000) // 1_000_000
    return (
        start + dt.timedelta(milliseconds=(ticks * 10 + 1) // 3)
        if ticks < 300
        else start + dt.timedelta(seconds=1)
    )


def convert(value: Value, to: SqlType, style: int = 0) -> Value:
    """CONVERT. SqlError 206, 220, 241, 245, 281, 8114, 8115, 8169 as the server raises them."""
    if value is None or to.name == "sql_variant":
        return value
    return _CONVERTERS[to.family](value, to, style)


def _to_int(value: Value, to: SqlType, style: int) -> Value:
    if isinstance(value, str):
        text = value.strip()
        if to.name == "bit" and text.lower() in ("true", "false"):
            return text.lower() == "true"
        if text and not re.match(r"^[+-]?\d+$", text):
            if to.name == "bigint":
                raise error(8114, type_name(value), to.name)
            raise error(245, "nvarchar" if not value.isascii() else "varchar", value, to.name)
        number = int(text or 0)
    elif isinstance(value, bytes):
        number = int.from_bytes(value[-8:], "big")
        number -= 2**32 if to.name == "int" and number >= 2**31 else 0
    elif isinstance(value, (uuid.UUID, dt.date, dt.time)) and not isinstance(value, dt.datetime):
        raise error(206, type_name(value), to.name)
    elif isinstance(value, dt.datetime):
        number = round((value - _BASE) / dt.timedelta(days=1))
    else:
        number = int(value)
    if to.name == "bit":
        return bool(number)
    low, high = INTEGERS[to.name]
    if not low <= number <= high:
        raise (
            error(220, to.name, number)
            if to.name in ("tinyint", "smallint")
            else error(8115, "expression", to.name)
        )
    return number


def _to_numeric(value: Value, to: SqlType, style: int) -> decimal.Decimal:
    if isinstance(value, str):
        if not _NUMBER.match(value.strip()):
            raise error(8114, type_name(value), to.name)
        number = decimal.Decimal(value.strip())
    elif isinstance(value, (bool, int, float, decimal.Decimal)):
        number = decimal.Decimal(value)
    else:
        raise error(206, type_name(value), to.name)
    number = number.quantize(
        decimal.Decimal(1).scaleb(-to.scale), rounding=decimal.ROUND_HALF_UP, context=_WIDE
    )
    if to.precision is not None and abs(number) >= decimal.Decimal(10) ** (to.precision - to.scale):
        raise error(8115, type_name(value), to.name)
    return number


def _to_float(value: Value, to: SqlType, style: int) -> float:
    try:
        return float(value)
    except (ValueError, TypeError):
        raise error(8114, type_name(value), to.name) from None


def _to_string(value: Value, to: SqlType, style: int) -> str:
    text = as_text(value, style)
    limit = to.length
    if limit is not None and limit != MAX and len(text) > limit:
        if isinstance(value, uuid.UUID):
            raise error(8115, "uniqueidentifier", to.name)
        if isinstance(value, (bool, int)):
            if to.name.startswith("n"):
                raise error(8115, "expression", to.name)
            return "*"  # the documented marker of an integer that does not fit
        if isinstance(value, (decimal.Decimal, float)):
            raise error(8115, type_name(value), to.name)
        text = text[:limit]
    return (
        text.ljust(limit)
        if to.name in ("char", "nchar") and limit is not None and limit != MAX
        else text
    )


def as_text(value: Value, style: int = 0) -> str:
    """A value as CONVERT to a long enough string type shows it."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, uuid.UUID):
        return str(value).upper()
    if isinstance(value, (dt.datetime, dt.date, dt.time)):
        return _date_text(value, style)
    if isinstance(value, bytes):
        if style == 1:
            return "0x" + value.hex().upper()
        return value.hex().upper() if style == 2 else value.decode("latin-1")
    if isinstance(value, float):
        return f"{value:.6g}"
    return format(value, "f") if isinstance(value, decimal.Decimal) else str(value)


def _date_text(value: dt.datetime | dt.date | dt.time, style: int) -> str:
    if isinstance(value, dt.time):
        return value.isoformat(timespec="microseconds") + "0"
    if not isinstance(value, dt.datetime):
        return (
            value.isoformat()
            if style in (0, 20, 21, 23, 25, 120, 121, 126)
            else dt.datetime(value.year, value.month, value.day).strftime(_STYLES[style])
        )
    if style in _STYLES:
        return value.strftime(_STYLES[style])
    milliseconds = value.microsecond // 1000
    if style in (21, 25, 121):
        return value.strftime("%Y-%m-%d %H:%M:%S.") + f"{milliseconds:03d}"
    if style in (126, 127):  # assumed: no Z for types without a zone under 127
        return value.strftime("%Y-%m-%dT%H:%M:%S") + (
            f".{milliseconds:03d}" if value.microsecond else ""
        )
    if style in (14, 114):
        return value.strftime("%H:%M:%S:") + f"{milliseconds:03d}"
    hour = value.hour % 12 or 12
    half = "AM" if value.hour < 12 else "PM"
    if style in (0, 100):
        return (
            f"{_MONTHS[value.month - 1]} {value.day:2d} {value.year} "
            f"{hour:2d}:{value.minute:02d}{half}"
        )
    if style in (9, 109):
        return (
            f"{_MONTHS[value.month - 1]} {value.day:2d} {value.year} "
            f"{hour:2d}:{value.minute:02d}:{value.second:02d}:{milliseconds:03d}{half}"
        )
    raise error(281, style, "datetime")


def _to_date(value: Value, to: SqlType, style: int) -> dt.datetime | dt.date | dt.time:
    if isinstance(value, str):
        found = _parse_date(value)
    elif isinstance(value, dt.datetime):
        found = value
    elif isinstance(value, dt.date):
        found = dt.datetime(value.year, value.month, value.day)
    elif isinstance(value, dt.time):
        found = dt.datetime.combine(_BASE, value)
    elif isinstance(value, (int, float, decimal.Decimal)) and to.name in (
        "datetime",
        "smalldatetime",
    ):
        found = _BASE + dt.timedelta(days=float(value))
    else:
        raise error(206, type_name(value), to.name)
    if to.name == "date":
        return found.date()
    if to.name == "time":
        return found.time()
    if to.name == "smalldatetime":
        return (found + dt.timedelta(seconds=30)).replace(second=0, microsecond=0)
    return datetime_ticks(found) if to.name == "datetime" else found


def _parse_date(text: str) -> dt.datetime:
    plain = text.strip().rstrip("Z")
    plain = re.sub(r"(\.\d{6})\d+$", r"\1", plain)
    for form in (
        "%Y-%m-%dT%H:%M:%S.%f",
        "%Y-%m-%dT%H:%M:%S",
        "%Y-%m-%d %H:%M:%S.%f",
        "%Y-%m-%d %H:%M:%S",
        "%Y-%m-%d %H:%M",
        "%Y-%m-%d",
        "%Y%m%d",
        "%Y%m%d %H:%M:%S",
        "%Y%m%d %H:%M:%S.%f",
        "%Y%m%d %H:%M",
        "%m/%d/%Y",
        "%m/%d/%Y %H:%M:%S",
    ):
        try:
            return dt.datetime.strptime(plain, form)
        except ValueError:
            continue
    for form in ("%H:%M:%S", "%H:%M:%S.%f", "%H:%M"):
        try:
            return dt.datetime.combine(_BASE, dt.datetime.strptime(plain, form).time())
        except ValueError:
            continue
    if not plain:
        return _BASE
    raise error(241)


def _to_guid(value: Value, to: SqlType, style: int) -> uuid.UUID:
    if isinstance(value, uuid.UUID):
        return value
    if isinstance(value, str):
        match = _GUID.match(value.strip())
        if not match:
            raise error(8169)
        return uuid.UUID(match.group(1))
    if isinstance(value, bytes):
        return uuid.UUID(bytes_le=value[:16].ljust(16, b"\0"))
    raise error(206, type_name(value), to.name)


def _to_binary(value: Value, to: SqlType, style: int) -> bytes:
    if isinstance(value, bytes):
        raw = value
    elif isinstance(value, str):
        if style in (1, 2):
            digits = value[2:] if style == 1 and value[:2].lower() == "0x" else value
            try:
                raw = bytes.fromhex(digits)
            except ValueError:
                raise error(8114, "varchar", "varbinary") from None
        else:
            raw = (
                value.encode("latin-1", "replace") if value.isascii() else value.encode("utf-16-le")
            )
    elif isinstance(value, uuid.UUID):
        raw = value.bytes_le
    elif isinstance(value, (bool, int)):
        width = 1 if isinstance(value, bool) else 4
        if abs(int(value)) >= 2**31:
            width = 8
        raw = int(value).to_bytes(width, "big", signed=True)
    else:
        raise error(206, type_name(value), to.name)
    limit = to.length if to.length not in (None, MAX) else None
    raw = raw[:limit]
    return raw.ljust(limit, b"\0") if to.name == "binary" and limit else raw


_CONVERTERS: dict[str, t.Callable[[Value, SqlType, int], Value]] = {
    "int": _to_int,
    "numeric": _to_numeric,
    "float": _to_float,
    "string": _to_string,
    "date": _to_date,
    "uniqueidentifier": _to_guid,
    "binary": _to_binary,
}
