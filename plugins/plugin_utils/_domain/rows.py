"""What one object of a cmdlet, or one row of T-SQL, says under a name.

FOR INTERNAL COLLECTION USE ONLY.

Nobody promises the types of what a host returns: a property may be missing, null, a text, or an
object that prints as one. Whoever needs a value says here of what kind it has to be, so that it has
a type from then on. A property that is missing and one that is null are the same: nothing.
"""

from __future__ import annotations

from .._engine.errors import AnswersDiffer
from .._engine.model import Record


def text(row: Record, name: str) -> str:
    """The value as text, '' for nothing."""
    return text_of(row.get(name))


def text_or_none(row: Record, name: str) -> str | None:
    """The value as text, None for nothing; an empty text stays one."""
    value = row.get(name)
    return None if value is None else text_of(value)


def lower(row: Record, name: str) -> str:
    """The value as text in lower case, '' for nothing: for names, which compare without case."""
    return text(row, name).lower()


def texts(row: Record, name: str) -> list[str]:
    """The texts of a list; of a single value, which PowerShell gives instead of a list of one; none
    for nothing.
    """
    value = row.get(name)
    if value is None:
        return []
    if isinstance(value, list):
        return [text_of(item) for item in value]
    return [text_of(value)]


def flag(row: Record, name: str) -> bool:
    """Whether the value is true: True, or a number that is not 0. False for nothing."""
    return bool(row.get(name))


def number(row: Record, name: str) -> int:
    """A whole number, also one that was written as text. Raises ``AnswersDiffer`` for anything
    else.
    """
    found = number_or_none(row, name)
    if found is None:
        raise _no_number(row, name)
    return found


def number_or_none(row: Record, name: str) -> int | None:
    """As ``number``, and None for nothing."""
    value = row.get(name)
    if value is None:
        return None
    try:
        return int(value)
    except (TypeError, ValueError):
        raise _no_number(row, name) from None


def text_of(value: object) -> str:
    """A value as text, '' for nothing. An object is what it prints as: identities of Lync's cmdlets
    come as text or as an object.
    """
    if value is None:
        return ""
    if isinstance(value, dict):
        return str(value.get("_text") or value.get("value") or "")
    return str(value)


def _no_number(row: Record, name: str) -> AnswersDiffer:
    return AnswersDiffer(
        f"The host answered {row.get(name)!r} where {name} is a whole number, so the rest of its"
        " answer is not believed either. Run again with -vvvv to see what was asked.",
        expected=f"{name}: a whole number",
        came=f"{name}: {row.get(name)!r}",
    )
