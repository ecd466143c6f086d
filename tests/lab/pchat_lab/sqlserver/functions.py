"""Functions of T-SQL that only look at their arguments."""
from __future__ import annotations

import datetime as dt
import typing as t
import uuid

from .errors import error
from .registry import function
from .types import SqlType
from .values import as_text, compare, convert, datetime_ticks, negate, sort_key

if t.TYPE_CHECKING:
    from .session import SqlSession

_TEXT = SqlType("nvarchar", -1)
_PARTS = {
    "year": "year",
    "yy": "year",
    "yyyy": "year",
    "quarter": "quarter",
    "qq": "quarter",
    "q": "quarter",
    "month": "month",
    "mm": "month",
    "m": "month",
    "dayofyear": "dayofyear",
    "dy": "dayofyear",
    "y": "dayofyear",
    "day": "day",
    "dd": "day",
    "d": "day",
    "week": "week",
    "wk": "week",
    "ww": "week",
    "weekday": "weekday",
    "dw": "weekday",
    "hour": "hour",
    "hh": "hour",
    "minute": "minute",
    "mi": "minute",
    "n": "minute",
    "second": "second",
    "ss": "second",
    "s": "second",
    "millisecond": "millisecond",
    "ms": "millisecond",
    "microsecond": "microsecond",
    "mcs": "microsecond",
}
_SECONDS = {"day": 86400, "dayofyear": 86400, "weekday": 86400, "week": 604800, "hour": 3600, "minute": 60, "second": 1}


def text(value: t.Any) -> str:
    return t.cast(str, convert(value, _TEXT))


def _strings(name: str, work: t.Callable[[str], t.Any]) -> None:
    @function(name)
    def run(session: SqlSession, value: t.Any) -> t.Any:
        return None if value is None else work(text(value))


for _name, _work in (("LEN", lambda s: len(s.rstrip(" "))), ("UPPER", str.upper), ("LOWER", str.lower), ("LTRIM", lambda s: s.lstrip(" ")),
                     ("RTRIM", lambda s: s.rstrip(" ")), ("REVERSE", lambda s: s[::-1])):
    _strings(_name, t.cast("t.Callable[[str], t.Any]", _work))


@function("DATALENGTH")
def datalength(session: SqlSession, value: t.Any) -> int | None:
    if value is None:
        return None
    return len(value) * 2 if isinstance(value, str) else len(convert(value, SqlType("varbinary", -1))) if not isinstance(value, dt.datetime) else 8


@function("ISNULL")
def isnull(session: SqlSession, value: t.Any, other: t.Any) -> t.Any:
    return other if value is None else value


@function("SUBSTRING")
def substring(session: SqlSession, value: t.Any, start: t.Any, length: t.Any) -> t.Any:
    if value is None or start is None or length is None:
        return None
    if length < 0:
        raise error(537)
    whole = value if isinstance(value, bytes) else text(value)
    return whole[max(start - 1, 0):max(start - 1 + length, 0)]


@function("LEFT")
def left(session: SqlSession, value: t.Any, length: t.Any) -> str | None:
    if value is None or length is None:
        return None
    if length < 0:
        raise error(536, "LEFT")
    return text(value)[:length]


@function("RIGHT")
def right(session: SqlSession, value: t.Any, length: t.Any) -> str | None:
    if value is None or length is None:
        return None
    if length < 0:
        raise error(536, "RIGHT")
    return text(value)[-length:] if length else ""


@function("CHARINDEX")
def charindex(session: SqlSession, wanted: t.Any, value: t.Any, start: t.Any = 1) -> int | None:
    if wanted is None or value is None:
        return None
    return text(value).casefold().find(text(wanted).casefold(), max((start or 1) - 1, 0)) + 1 if wanted else 0


@function("PATINDEX")
def patindex(session: SqlSession, pattern: t.Any, value: t.Any) -> int | None:
    from .values import like
    if pattern is None or value is None:
        return None
    whole, core = text(value), text(pattern)
    if not core.startswith("%"):
        return 1 if like(whole, core, None) else 0
    for start in range(len(whole) + 1):
        if like(whole[start:], core[1:], None):
            return start + 1
    return 0


@function("REPLACE")
def replace(session: SqlSession, value: t.Any, old: t.Any, new: t.Any) -> str | None:
    if value is None or old is None or new is None:
        return None
    import re
    replacement = text(new)
    return re.sub(re.escape(text(old)), lambda _: replacement, text(value), flags=re.IGNORECASE) if old else text(value)


@function("STUFF")
def stuff(session: SqlSession, value: t.Any, start: t.Any, length: t.Any, new: t.Any) -> str | None:
    if value is None or start is None or length is None or not 1 <= start <= len(text(value)) or length < 0:
        return None
    whole = text(value)
    return whole[:start - 1] + text(new if new is not None else "") + whole[start - 1 + length:]


@function("REPLICATE")
def replicate(session: SqlSession, value: t.Any, count: t.Any) -> str | None:
    return None if value is None or count is None or count < 0 else text(value) * count


@function("SPACE")
def space(session: SqlSession, count: t.Any) -> str | None:
    return None if count is None or count < 0 else " " * count


@function("QUOTENAME")
def quotename(session: SqlSession, value: t.Any, quote: str = "[") -> str | None:
    """NULL for more than 128 characters."""
    pairs = {"[": "[]", "]": "[]", "'": "''", '"': '""', "(": "()", ")": "()"}
    if value is None or quote not in pairs or len(text(value)) > 128:
        return None
    opening, closing = pairs[quote][0], pairs[quote][1]
    return opening + text(value).replace(closing, closing * 2) + closing


@function("PARSENAME")
def parsename(session: SqlSession, value: t.Any, part: int) -> str | None:
    if value is None or part not in (1, 2, 3, 4):
        return None
    pieces = text(value).split(".")
    return pieces[-part].strip("[]") or None if part <= len(pieces) <= 4 else None


@function("CHAR")
def char(session: SqlSession, code: t.Any) -> str | None:
    return chr(code) if code is not None and 0 <= code <= 255 else None


@function("NCHAR")
def nchar(session: SqlSession, code: t.Any) -> str | None:
    return chr(code) if code is not None and 0 <= code <= 65535 else None


@function("ASCII")
def ascii_(session: SqlSession, value: t.Any) -> int | None:
    return ord(text(value)[0]) if value else None


@function("STR")
def str_(session: SqlSession, value: t.Any, length: int = 10, decimals: int = 0) -> str | None:
    return None if value is None else f"{float(value):.{decimals}f}".rjust(length)


@function("CONCAT")
def concat(session: SqlSession, *values: t.Any) -> str:
    if session.instance.major < 11:
        raise error(195, "CONCAT")
    return "".join(as_text(v) for v in values if v is not None)


@function("ISNUMERIC")
def isnumeric(session: SqlSession, value: t.Any) -> int:
    from .errors import SqlError
    if value is None or isinstance(value, (dt.datetime, uuid.UUID, bytes)):
        return 0
    try:
        convert(value, SqlType("numeric", None, 38, 10))
    except SqlError:
        return 0
    return 1


@function("ISDATE")
def isdate(session: SqlSession, value: t.Any) -> int:
    from .errors import SqlError
    try:
        return int(value is not None and convert(value, SqlType("datetime")) is not None)
    except SqlError:
        return 0


@function("ABS")
def abs_(session: SqlSession, value: t.Any) -> t.Any:
    return negate(value) if value is not None and (compare(value, 0) or 0) < 0 else value


@function("SIGN")
def sign(session: SqlSession, value: t.Any) -> t.Any:
    return compare(value, 0)


@function("CEILING")
def ceiling(session: SqlSession, value: t.Any) -> t.Any:
    import math
    return None if value is None else math.ceil(value)


@function("FLOOR")
def floor(session: SqlSession, value: t.Any) -> t.Any:
    import math
    return None if value is None else math.floor(value)


@function("ROUND")
def round_(session: SqlSession, value: t.Any, digits: int) -> t.Any:
    return None if value is None else round(value, digits)


@function("NEWID", returns="uniqueidentifier")
def newid(session: SqlSession) -> uuid.UUID:
    return uuid.uuid4()


# --- dates

def _date(value: t.Any) -> dt.datetime:
    return t.cast(dt.datetime, convert(value, SqlType("datetime2")))


def _part(name: str) -> str:
    if name not in _PARTS:
        from .errors import SqlError
        raise SqlError(155, f"'{name}' is not a recognized datepart option.", 15)
    return _PARTS[name]


def _months(value: dt.datetime, count: int) -> dt.datetime:
    import calendar
    index = value.year * 12 + value.month - 1 + count
    year, month = divmod(index, 12)
    return value.replace(year=year, month=month + 1, day=min(value.day, calendar.monthrange(year, month + 1)[1]))


@function("DATEADD", returns="datetime")
def dateadd(session: SqlSession, part: str, number: t.Any, value: t.Any) -> dt.datetime | None:
    if number is None or value is None:
        return None
    start, count, kind = _date(value), int(number), _part(part)
    try:
        if kind in ("year", "quarter", "month"):
            return _months(start, count * {"year": 12, "quarter": 3, "month": 1}[kind])
        if kind in ("millisecond", "microsecond"):
            return datetime_ticks(start + dt.timedelta(microseconds=count * (1000 if kind == "millisecond" else 1)))
        return start + dt.timedelta(seconds=count * _SECONDS[kind])
    except (OverflowError, ValueError):
        from .errors import SqlError
        raise SqlError(517, "Adding a value to a 'datetime' column caused an overflow.") from None


@function("DATEDIFF", returns="int")
def datediff(session: SqlSession, part: str, first: t.Any, second: t.Any) -> int | None:
    """Boundaries crossed, not time passed. SqlError 535 when the number does not fit an int."""
    if first is None or second is None:
        return None
    a, b, kind = _date(first), _date(second), _part(part)
    if kind in ("year", "quarter", "month"):
        months = (b.year - a.year) * 12 + b.month - a.month
        return {"year": b.year - a.year, "quarter": b.year * 4 + (b.month - 1) // 3 - a.year * 4 - (a.month - 1) // 3, "month": months}[kind]
    base = dt.datetime(1899, 12, 31)                          # a Sunday: weeks are counted from it
    if kind in ("millisecond", "microsecond"):
        unit = 1000 if kind == "millisecond" else 1
        span = dt.timedelta(microseconds=unit)
        difference = (b - base) // span - (a - base) // span
    else:
        span = dt.timedelta(seconds=_SECONDS[kind])
        difference = (b - base) // span - (a - base) // span
    if abs(difference) >= 2 ** 31:
        from .errors import SqlError
        raise SqlError(535, "The datediff function resulted in an overflow. The number of dateparts separating two date/time instances is too large. "
                            "Try to use datediff with a less precise datepart.")
    return difference


@function("DATEPART", returns="int")
def datepart(session: SqlSession, part: str, value: t.Any) -> int | None:
    if value is None:
        return None
    when, kind = _date(value), _part(part)
    special = {"quarter": (when.month - 1) // 3 + 1, "dayofyear": when.timetuple().tm_yday, "weekday": when.isoweekday() % 7 + 1,
               "week": (when.timetuple().tm_yday + dt.datetime(when.year, 1, 1).isoweekday() % 7 - 1) // 7 + 1,
               "millisecond": when.microsecond // 1000, "microsecond": when.microsecond}
    return special[kind] if kind in special else int(getattr(when, kind))


@function("DATENAME")
def datename(session: SqlSession, part: str, value: t.Any) -> str | None:
    if value is None:
        return None
    if _part(part) == "month":
        return _date(value).strftime("%B")
    return _date(value).strftime("%A") if _part(part) == "weekday" else str(datepart(session, part, value))


for _unit in ("YEAR", "MONTH", "DAY"):
    @function(_unit, returns="int")
    def _of_date(session: SqlSession, value: t.Any, unit: str = _unit.lower()) -> int | None:
        return None if value is None else int(getattr(_date(value), unit))


@function("CHECKSUM")
def checksum(session: SqlSession, *values: t.Any) -> int:
    import zlib
    return zlib.crc32(repr([sort_key(v) for v in values]).encode()) - 2 ** 31
