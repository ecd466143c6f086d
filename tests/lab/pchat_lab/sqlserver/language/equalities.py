"""What an equality in a search condition saves: rows that cannot be equal are not looked at.

SQL Server has statistics and a choice of plans for this. Here rows lie in buckets by the value of
the column that is compared; the whole condition is asked of a bucket only, so what it finds is what
it would find among all. Which rows fail to convert (errors 245, 8114) may depend on that, as it
does on the server.
"""

from __future__ import annotations

import decimal
import itertools
import typing as t
import uuid
from collections.abc import Iterator, Sequence

from .expressions import evaluate
from .operators import sort_key
from .parser import Node
from .scope import Relation, Row, Scope

if t.TYPE_CHECKING:
    from .session import SqlSession

_Rows = Sequence[tuple[Row, ...]]


class Index:
    """Rows by a value of theirs. ``values``: of each row, in order."""

    def __init__(self, values: Sequence[t.Any]) -> None:
        self._buckets: dict[str, dict[t.Any, list[int]]] = {}
        #: By family; what has none may be equal to anything.
        self._members: dict[str, list[int]] = {}
        for number, value in enumerate(values):
            if value is None:
                continue
            family, key = _bucket(value)
            self._members.setdefault(family, []).append(number)
            if family:
                self._buckets.setdefault(family, {}).setdefault(key, []).append(number)

    def candidates(self, value: t.Any) -> Sequence[int]:
        """The numbers of the rows that may be equal to a value, in order.

        A value of another family is converted when the two are compared, so its rows are all named.
        """
        if value is None:
            return ()
        family, key = _bucket(value)
        same = self._buckets[family].get(key, ()) if family in self._buckets else ()
        others = [members for name, members in self._members.items() if name != family or not name]
        if not others:
            return same
        return sorted(itertools.chain(same, *others))


def _bucket(value: t.Any) -> tuple[str, t.Any]:
    """The family of a value and its key there: two of one family are equal where their keys are."""
    if isinstance(value, str):
        return "text", sort_key(value)
    if isinstance(value, (int, decimal.Decimal)):
        return "number", value
    if isinstance(value, uuid.UUID):
        return "uniqueidentifier", value
    return "", None


class Equality(t.NamedTuple):
    """A column of the rows that are looked at, and what it is compared with, which is of others."""

    column: Node
    other: Node


def equality_of(condition: Node, scope: Scope, first: int, last: int) -> Equality | None:
    """An equality that has to hold, between a column of the sources from ``first`` to before
    ``last`` of the scope and an expression of none of them.
    """
    for comparison in _required(condition):
        if (
            comparison.kind != "BooleanComparisonExpression"
            or comparison.ComparisonType != "Equals"
        ):
            continue
        one = comparison.FirstExpression
        other = comparison.SecondExpression
        for column, value in ((one, other), (other, one)):
            if not (_is_column(column) and _is_of(column, scope, first, last)):
                continue
            if _is_apart(value, scope, first, last):
                return Equality(column, value)
    return None


def _required(condition: Node) -> Iterator[Node]:
    """The parts of a condition that all have to hold."""
    if condition.kind == "BooleanParenthesisExpression":
        yield from _required(condition.Expression)
    elif condition.kind == "BooleanBinaryExpression" and condition.BinaryExpressionType == "And":
        yield from _required(condition.FirstExpression)
        yield from _required(condition.SecondExpression)
    else:
        yield condition


def _is_column(node: Node) -> bool:
    return node.kind == "ColumnReferenceExpression" and node.ColumnType == "Regular"


def _is_of(column: Node, scope: Scope, first: int, last: int) -> bool:
    place = scope.find(column)
    return place.up == 0 and first <= place.source < last


def _is_apart(value: Node, scope: Scope, first: int, last: int) -> bool:
    """A column, a variable or a literal, and not of these sources."""
    if _is_column(value):
        return not _is_of(value, scope, first, last)
    return value.kind == "VariableReference" or value.kind.endswith("Literal")


def index_of(session: SqlSession, column: Node, scope: Scope, rows: _Rows) -> Index:
    """``rows``: of all sources of the scope."""
    return Index([evaluate(session, column, scope.with_row(row)) for row in rows])


class Lookup:
    """A relation that a statement asks again and again, each time with other values.

    ``likely`` gives the rows that may fulfil a condition, which is the same each time.
    """

    def __init__(self, relation: Relation) -> None:
        self.relation = relation
        self._found: tuple[Equality, Index] | None = None
        self._sought = False

    def likely(
        self, session: SqlSession, condition: Node, scope: Scope
    ) -> Iterator[tuple[Row, ...]]:
        """``scope``: of the relation's sources, in the query around it as it stands now."""
        rows = self.relation.rows
        if not self._sought:
            self._sought = True
            self._found = self._seek(session, condition, scope)
        if self._found is None:
            yield from rows
            return
        equality, index = self._found
        value = evaluate(session, equality.other, scope)
        yield from (rows[number] for number in index.candidates(value))

    def _seek(
        self, session: SqlSession, condition: Node, scope: Scope
    ) -> tuple[Equality, Index] | None:
        equality = equality_of(condition, scope, 0, len(scope.sources))
        if equality is None:
            return None
        return equality, index_of(session, equality.column, scope, self.relation.rows)
