"""What a batch gives: result sets, messages, errors; and the variables that it works with."""

from __future__ import annotations

import dataclasses
import typing as t

from .errors import SqlError

if t.TYPE_CHECKING:
    from .types import SqlType


@dataclasses.dataclass(frozen=True)
class Column:
    """A column of a result set; ``type`` is the SQL type's text, '' when only the values tell."""

    name: str
    type: str = ""


def columns_from(text: str) -> list[Column]:
    """``name type, name type``; a comma inside a type is written as a dot: ``numeric(25.0)``."""
    found = []
    for word in text.split(","):
        name, _space, kind = word.strip().partition(" ")
        found.append(Column(name, kind.strip().replace(".", ",")))
    return found


@dataclasses.dataclass
class ResultSet:
    """Values: None, bool (bit), int, Decimal, float, str, naive datetime, UUID, bytes."""

    columns: list[Column]
    rows: list[list[t.Any]]

    def dicts(self) -> list[dict[str, t.Any]]:
        names = [column.name for column in self.columns]
        return [dict(zip(names, row, strict=True)) for row in self.rows]


@dataclasses.dataclass(frozen=True)
class Message:
    """Something said at severity 10 or below: PRINT, RAISERROR, progress of BACKUP, information."""

    text: str
    number: int = 0
    severity: int = 0
    state: int = 1


Event = ResultSet | Message | SqlError


@dataclasses.dataclass
class BatchResult:
    """What one batch gave, in order.

    ``errors``: severity 11 and above that no CATCH took. ``events``: everything in the order it
    happened.
    """

    result_sets: list[ResultSet] = dataclasses.field(default_factory=list)
    messages: list[Message] = dataclasses.field(default_factory=list)
    errors: list[SqlError] = dataclasses.field(default_factory=list)
    events: list[Event] = dataclasses.field(default_factory=list)

    def rows(self) -> list[dict[str, t.Any]]:
        """The rows of all result sets."""
        found: list[dict[str, t.Any]] = []
        for result in self.result_sets:
            found += result.dicts()
        return found

    def check(self) -> BatchResult:
        """Raise the first error, if there is one."""
        if self.errors:
            raise self.errors[0]
        return self


@dataclasses.dataclass
class Variable:
    type: SqlType
    value: t.Any
