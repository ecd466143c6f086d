"""Functions of T-SQL that only look at their arguments."""

from __future__ import annotations

import datetime as dt
import math
import re
import typing as t
import uuid
import zlib

from .errors import SqlError, error
from .operators import compare, like, negate, sort_key
from .registry import function
from .types import SqlType
from .values import as_text, convert

if t.TYPE_CHECKING:
    from .session import SqlSession

_TEXT = SqlType("nvarchar", -1)


def text(value: t.Any) -> str:
    return t.cast(str, convert(value, _TEXT))


def _strings(name: str, work: t.Callable[[str], t.Any]) -> None:
    @function(name)
    def run(session: SqlSession, value: t.Any) -> t.Any:
        return None if value is None else work(text(value))


for _name, _work in (
    ("LEN", lambda value: len(value.rstrip(" "))),
    ("UPPER", str.upper),
    ("LOWER", str.lower),
    ("LTRIM", lambda value: value.lstrip(" ")),
    ("RTRIM", lambda value: value.rstrip(" ")),
    ("REVERSE", lambda value: value[::-1]),
):
    _strings(_name, t.cast("t.Callable[[str], t.Any]", _work))


@function("DATALENGTH")
def datalength(session: SqlSession, value: t.Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, str):
        return len(value) * 2
    if isinstance(value, dt.datetime):
        return 8
    return len(convert(value, SqlType("varbinary", -1)))


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
    return whole[max(start - 1, 0) : max(start - 1 + length, 0)]


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
    return (
        text(value).casefold().find(text(wanted).casefold(), max((start or 1) - 1, 0)) + 1
        if wanted
        else 0
    )


@function("PATINDEX")
def patindex(session: SqlSession, pattern: t.Any, value: t.Any) -> int | None:
    if pattern is None or value is None:
        return None
    whole = text(value)
    core = text(pattern)
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
    replacement = text(new)
    return (
        re.sub(re.escape(text(old)), lambda _: replacement, text(value), flags=re.IGNORECASE)
        if old
        else text(value)
    )


@function("STUFF")
def stuff(session: SqlSession, value: t.Any, start: t.Any, length: t.Any, new: t.Any) -> str | None:
    if (
        value is None
        or start is None
        or length is None
        or not 1 <= start <= len(text(value))
        or length < 0
    ):
        return None
    whole = text(value)
    return whole[: start - 1] + text(new if new is not None else "") + whole[start - 1 + length :]


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
    opening = pairs[quote][0]
    closing = pairs[quote][1]
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
    if value is None or isinstance(value, (dt.datetime, uuid.UUID, bytes)):
        return 0
    try:
        convert(value, SqlType("numeric", None, 38, 10))
    except SqlError:
        return 0
    return 1


@function("ISDATE")
def isdate(session: SqlSession, value: t.Any) -> int:
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
    return None if value is None else math.ceil(value)


@function("FLOOR")
def floor(session: SqlSession, value: t.Any) -> t.Any:
    return None if value is None else math.floor(value)


@function("ROUND")
def round_(session: SqlSession, value: t.Any, digits: int) -> t.Any:
    return None if value is None else round(value, digits)


@function("NEWID", returns="uniqueidentifier")
def newid(session: SqlSession) -> uuid.UUID:
    return uuid.uuid4()


@function("CHECKSUM")
def checksum(session: SqlSession, *values: t.Any) -> int:
    return zlib.crc32(repr([sort_key(v) for v in values]).encode()) - 2**31
