"""Date functions of T-SQL (DATEADD, DATEDIFF, DATEPART ... reference pages)."""

from __future__ import annotations

import calendar
import datetime as dt
import typing as t

from .errors import SqlError
from .registry import function
from .types import SqlType
from .values import convert, datetime_ticks

if t.TYPE_CHECKING:
    from .session import SqlSession

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
_SECONDS = {
    "day": 86400,
    "dayofyear": 86400,
    "weekday": 86400,
    "week": 604800,
    "hour": 3600,
    "minute": 60,
    "second": 1,
}


def _date(value: t.Any) -> dt.datetime:
    return t.cast(dt.datetime, convert(value, SqlType("datetime2")))


def _part(name: str) -> str:
    if name not in _PARTS:
        raise SqlError(155, f"'{name}' is not a recognized datepart option.", 15)
    return _PARTS[name]


def _months(value: dt.datetime, count: int) -> dt.datetime:
    index = value.year * 12 + value.month - 1 + count
    year, month = divmod(index, 12)
    return value.replace(
        year=year, month=month + 1, day=min(value.day, calendar.monthrange(year, month + 1)[1])
    )


@function("DATEADD", returns="datetime")
def dateadd(session: SqlSession, part: str, number: t.Any, value: t.Any) -> dt.datetime | None:
    if number is None or value is None:
        return None
    start = _date(value)
    count = int(number)
    kind = _part(part)
    try:
        if kind in ("year", "quarter", "month"):
            return _months(start, count * {"year": 12, "quarter": 3, "month": 1}[kind])
        if kind in ("millisecond", "microsecond"):
            return datetime_ticks(
                start + dt.timedelta(microseconds=count * (1000 if kind == "millisecond" else 1))
            )
        return start + dt.timedelta(seconds=count * _SECONDS[kind])
    except (OverflowError, ValueError):
        raise SqlError(517, "Adding a value to a 'datetime' column caused an overflow.") from None


@function("DATEDIFF", returns="int")
def datediff(session: SqlSession, part: str, first: t.Any, second: t.Any) -> int | None:
    """Boundaries crossed, not time passed. SqlError 535 when the number does not fit an int."""
    if first is None or second is None:
        return None
    a = _date(first)
    b = _date(second)
    kind = _part(part)
    if kind in ("year", "quarter", "month"):
        months = (b.year - a.year) * 12 + b.month - a.month
        return {
            "year": b.year - a.year,
            "quarter": b.year * 4 + (b.month - 1) // 3 - a.year * 4 - (a.month - 1) // 3,
            "month": months,
        }[kind]
    base = dt.datetime(1899, 12, 31)  # a Sunday: weeks are counted from it
    if kind in ("millisecond", "microsecond"):
        unit = 1000 if kind == "millisecond" else 1
        span = dt.timedelta(microseconds=unit)
        difference = (b - base) // span - (a - base) // span
    else:
        span = dt.timedelta(seconds=_SECONDS[kind])
        difference = (b - base) // span - (a - base) // span
    if abs(difference) >= 2**31:
        raise SqlError(
            535,
            "The datediff function resulted in an overflow. The number of dateparts separating two "
            "date/time instances is too large. "
            "Try to use datediff with a less precise datepart.",
        )
    return difference


@function("DATEPART", returns="int")
def datepart(session: SqlSession, part: str, value: t.Any) -> int | None:
    if value is None:
        return None
    when = _date(value)
    kind = _part(part)
    special = {
        "quarter": (when.month - 1) // 3 + 1,
        "dayofyear": when.timetuple().tm_yday,
        "weekday": when.isoweekday() % 7 + 1,
        "week": (when.timetuple().tm_yday + dt.datetime(when.year, 1, 1).isoweekday() % 7 - 1) // 7
        + 1,
        "millisecond": when.microsecond // 1000,
        "microsecond": when.microsecond,
    }
    return special[kind] if kind in special else int(getattr(when, kind))


@function("DATENAME")
def datename(session: SqlSession, part: str, value: t.Any) -> str | None:
    if value is None:
        return None
    if _part(part) == "month":
        return _date(value).strftime("%B")
    return (
        _date(value).strftime("%A")
        if _part(part) == "weekday"
        else str(datepart(session, part, value))
    )


for _unit in ("YEAR", "MONTH", "DAY"):

    @function(_unit, returns="int")
    def _of_date(session: SqlSession, value: t.Any, unit: str = _unit.lower()) -> int | None:
        return None if value is None else int(getattr(_date(value), unit))
