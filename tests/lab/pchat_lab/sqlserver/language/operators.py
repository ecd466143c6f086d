"""Comparison, arithmetic and LIKE over SQL values (Data Type Precedence, LIKE reference pages)."""

from __future__ import annotations

import datetime as dt
import decimal
import operator as arithmetic
import re
import typing as t
import uuid
from collections.abc import Callable

from .errors import error
from .types import MAX, SqlType
from .values import Value, convert, datetime_ticks, type_name

_BASE = dt.datetime(1900, 1, 1)
_WIDE = decimal.Context(prec=60)


def sort_key(value: Value) -> tuple[int, t.Any]:
    """For ORDER BY, DISTINCT and GROUP BY: NULL first, strings without regard to case and trailing
    blanks.
    """
    if value is None:
        return (0, 0)
    if isinstance(value, str):
        return (1, value.rstrip(" ").casefold())
    if isinstance(value, uuid.UUID):
        return (1, value.bytes)
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return (1, dt.datetime(value.year, value.month, value.day))
    return (1, value)


def compare(left: Value, right: Value) -> int | None:
    """-1, 0, 1; None when either is NULL.

    The side of lower type precedence is converted (Data Type Precedence reference).
    """
    if left is None or right is None:
        return None
    if type(left) is not type(right):
        left, right = _alike(left, right)
    one = sort_key(left)[1]
    other = sort_key(right)[1]
    return int(one > other) - int(one < other)


def _alike(left: Value, right: Value) -> tuple[Value, Value]:
    a = _family(left)
    b = _family(right)
    if a == b:
        return left, right
    for family in (
        "datetime",
        "date",
        "time",
        "float",
        "numeric",
        "int",
        "uniqueidentifier",
        "varbinary",
    ):
        if family in (a, b):
            if family == "date" and "datetime" in (a, b):
                continue
            to = SqlType(
                {"numeric": "numeric", "int": "int", "varbinary": "varbinary"}.get(family, family),
                MAX if family == "varbinary" else None,
                38 if family == "numeric" else None,
                10 if family == "numeric" else 0,
            )
            if family == "int":
                to = (
                    SqlType("bigint")
                    if any(isinstance(v, int) and abs(v) >= 2**31 for v in (left, right))
                    else to
                )
            return (left if a == family else convert(left, to)), (
                right if b == family else convert(right, to)
            )
    raise error(206, type_name(left), type_name(right))


def _family(value: Value) -> str:
    name = type_name(value)
    return "int" if name == "bit" else name


# --- arithmetic


def calculate(operator: str, left: Value, right: Value) -> Value:
    """BinaryExpressionType names of ScriptDom. NULL in, NULL out."""
    if left is None or right is None:
        return None
    if operator == "Add" and isinstance(left, str) and isinstance(right, str):
        return left + right
    if operator == "Add" and isinstance(left, bytes) and isinstance(right, bytes):
        return left + right
    symbol = {
        "Add": "add",
        "Subtract": "subtract",
        "Multiply": "multiply",
        "Divide": "divide",
        "Modulo": "modulo",
    }.get(operator, operator)
    if isinstance(left, dt.datetime) or isinstance(right, dt.datetime):
        return _date_sum(operator, left, right, symbol)
    a, b = _alike(left, right) if _family(left) != _family(right) else (left, right)
    if isinstance(a, (str, uuid.UUID, bytes, dt.date, dt.time)):
        raise error(402, type_name(left), type_name(right), symbol)
    if isinstance(a, bool) or isinstance(b, bool):
        a = int(a)
        b = int(b)
    if operator in ("Divide", "Modulo") and b == 0:
        raise error(8134)
    if isinstance(a, int) and isinstance(b, int):
        return _integer(operator, a, b)
    if isinstance(a, float):
        return (
            {"Add": a + b, "Subtract": a - b, "Multiply": a * b}.get(operator)
            if operator != "Divide"
            else a / b
        )
    with decimal.localcontext(_WIDE):
        x = decimal.Decimal(a)
        y = decimal.Decimal(b)
        if operator == "Divide":
            return (x / y).quantize(decimal.Decimal("0.000001"))
        return {"Add": x + y, "Subtract": x - y, "Multiply": x * y, "Modulo": x % y}[operator]


_INTEGERS: dict[str, Callable[[int, int], int]] = {
    "Add": arithmetic.add,
    "Subtract": arithmetic.sub,
    "Multiply": arithmetic.mul,
    "BitwiseAnd": arithmetic.and_,
    "BitwiseOr": arithmetic.or_,
    "BitwiseXor": arithmetic.xor,
}


def _integer(operator: str, left: int, right: int) -> int:
    if operator in ("Divide", "Modulo"):
        quotient = abs(left) // abs(right)
        if (left >= 0) != (right >= 0):
            quotient = -quotient
        return quotient if operator == "Divide" else left - quotient * right
    result = _INTEGERS[operator](left, right)
    if max(abs(left), abs(right)) < 2**31 <= abs(result):
        raise error(8115, "expression", "int")
    return result


def _date_sum(operator: str, left: Value, right: Value, symbol: str) -> Value:
    if operator not in ("Add", "Subtract"):
        raise error(402, type_name(left), type_name(right), symbol)
    sign = 1 if operator == "Add" else -1

    def offset(value: Value) -> dt.timedelta:
        if isinstance(value, dt.datetime):
            return value - _BASE
        if isinstance(value, str):
            return t.cast(dt.datetime, convert(value, SqlType("datetime"))) - _BASE
        return dt.timedelta(days=float(value))

    try:
        return datetime_ticks(_BASE + offset(left) + sign * offset(right))
    except OverflowError:
        raise error(8115, "expression", "datetime") from None


def negate(value: Value) -> Value:
    """Unary minus."""
    return None if value is None else -_number(value)


def _number(value: Value) -> t.Any:
    if isinstance(value, str):
        return convert(value, SqlType("int"))
    return int(value) if isinstance(value, bool) else value


def like(value: str, pattern: str, escape: str | None) -> bool:
    """LIKE with %, _, [set], [^set] and ESCAPE; case-insensitive."""
    parts: list[str] = []
    index = 0
    while index < len(pattern):
        char = pattern[index]
        if escape and char == escape and index + 1 < len(pattern):
            index += 1
            parts.append(re.escape(pattern[index]))
        elif char == "%":
            parts.append(".*")
        elif char == "_":
            parts.append(".")
        elif char == "[" and "]" in pattern[index + 1 :]:
            end = pattern.index("]", index + 1)
            inner = pattern[index + 1 : end]
            negated = inner.startswith("^")
            body = re.sub(r"([\\\]\[^])", r"\\\1", inner.removeprefix("^"))
            if not body:
                parts.append("(?!)")
            else:
                parts.append(f"[^{body}]" if negated else f"[{body}]")
            index = end
        else:
            parts.append(re.escape(char))
        index += 1
    return re.fullmatch("".join(parts), value, re.IGNORECASE | re.DOTALL) is not None
