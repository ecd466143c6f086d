"""Queries: the rows of a SELECT."""

from __future__ import annotations

import functools
import typing as t
from collections.abc import Callable
from xml.sax.saxutils import escape

from ...powershell.errors import LabGap
from .bind import columns_of, group_keys, is_grouped, plain_columns
from .equalities import Lookup
from .errors import error
from .expressions import evaluate, truth
from .operators import calculate, sort_key
from .ordering import Key, in_order
from .over import work_out_windows
from .parser import Node, names_of
from .results import Column, ResultSet
from .scope import Relation, Row, Scope
from .sources import relation_of
from .types import parse_type
from .values import as_text, convert

if t.TYPE_CHECKING:
    from .session import SqlSession

_Item = t.TypeVar("_Item")
_Line = tuple[Scope, list[t.Any]]  # a row with what it was made from


def query(session: SqlSession, node: Node, scope: Scope) -> ResultSet:
    """Columns and rows of a query expression."""
    columns = columns_of(session, node, scope)
    return ResultSet(columns, _rows(session, node, scope, columns))


def with_ctes(session: SqlSession, node: Node, scope: Scope) -> Scope:
    """The scope of a statement: with its common table expressions worked out."""
    clause = node.get("WithCtesAndXmlNamespaces")
    for cte in clause.CommonTableExpressions if clause is not None else ():
        name = cte.ExpressionName.Value
        if any(
            part.kind == "NamedTableReference"
            and part.SchemaObject.BaseIdentifier.Value.lower() == name.lower()
            for part in cte.QueryExpression.walk()
        ):
            raise LabGap("recursive common table expressions")
        result = query(session, cte.QueryExpression, scope)
        given = [identifier.Value for identifier in cte.Columns]
        columns = (
            [Column(new, old.type) for new, old in zip(given, result.columns, strict=True)]
            if given
            else result.columns
        )
        scope.ctes[name.lower()] = (columns, result.rows)
    return scope


@functools.lru_cache(maxsize=4096)
def assigns(node: Node) -> bool:
    """SELECT @a = ...: it sets variables and gives no rows."""
    return node.kind == "QuerySpecification" and any(
        element.kind == "SelectSetVariable" for element in node.SelectElements
    )


def _rows(
    session: SqlSession, node: Node, scope: Scope, columns: list[Column]
) -> list[list[t.Any]]:
    if node.kind == "QueryParenthesisExpression":
        return _rows(session, node.QueryExpression, scope, columns)
    if node.kind == "BinaryQueryExpression":
        return _combined(session, node, scope, columns)
    relation = relation_of(session, node.FromClause, scope)
    inner = scope.child(relation.sources, query=node)
    if node.WhereClause is None:
        lines = [inner.with_row(row) for row in relation.rows]
    else:
        lines = _chosen(session, node.WhereClause.SearchCondition, inner, relation)
    if is_grouped(node):
        lines = _groups(session, node, scope, relation.sources, lines)
    work_out_windows(session, node, lines)
    if assigns(node):
        return [[None] for line in lines if _assign(session, node, line)]
    output: list[_Line] = [(line, _output(session, node, line)) for line in lines]
    if node.UniqueRowFilter == "Distinct":
        output = _distinct(output, lambda line: _identity(line[1]))
    if node.OrderByClause is not None:
        output = _ordered(session, node.OrderByClause, output, columns)
    rows = _limited(session, node, scope, [row for _line, row in output])
    if node.get("ForClause") is None:
        return rows
    return _as_xml(node, rows, plain_columns(session, node, scope))


def _chosen(session: SqlSession, condition: Node, inner: Scope, relation: Relation) -> list[Scope]:
    """The rows that fulfil the condition."""
    lines = [inner.with_row(row) for row in _likely(session, condition, inner, relation)]
    return [line for line in lines if truth(session, condition, line)]


def _likely(
    session: SqlSession, condition: Node, inner: Scope, relation: Relation
) -> t.Iterable[tuple[Row, ...]]:
    """The rows that may. They are indexed by an equality of the condition where a statement asks
    for the second time: its relation is the one that it knows.
    """
    known = inner.worked_out.lookups
    lookup = known.get(id(condition))
    if lookup is None or lookup.relation is not relation:
        known[id(condition)] = Lookup(relation)
        return relation.rows
    return lookup.likely(session, condition, inner)


def _distinct(items: list[_Item], identity: Callable[[_Item], t.Any]) -> list[_Item]:
    """The first of those that are the same, where the last of them stood."""
    kept: dict[t.Any, _Item] = {}
    for item in reversed(items):
        kept[identity(item)] = item
    return list(reversed(kept.values()))


def _identity(row: list[t.Any]) -> tuple[t.Any, ...]:
    """Rows that have the same are duplicates."""
    return tuple(sort_key(value) for value in row)


def _combined(
    session: SqlSession, node: Node, scope: Scope, columns: list[Column]
) -> list[list[t.Any]]:
    first = query(session, node.FirstQueryExpression, scope).rows
    second = query(session, node.SecondQueryExpression, scope).rows
    kind = node.BinaryQueryExpressionType

    if kind == "Union":
        rows = [*first, *second]
    else:
        others = {_identity(row) for row in second}
        rows = [row for row in first if (_identity(row) in others) is (kind == "Intersect")]
    if not (kind == "Union" and node.All):
        rows = _distinct(rows, _identity)
    if node.OrderByClause is None:
        return rows
    lines = [(Scope(), row) for row in rows]
    return [row for _scope, row in _ordered(session, node.OrderByClause, lines, columns)]


def _groups(
    session: SqlSession, node: Node, scope: Scope, sources: list[t.Any], lines: list[Scope]
) -> list[Scope]:
    keys = group_keys(node)
    members: dict[tuple[t.Any, ...], list[Scope]] = {}
    for line in lines:
        members.setdefault(
            tuple(sort_key(evaluate(session, key, line)) for key in keys), []
        ).append(line)
    if not keys and not members:
        members[()] = []
    made = []
    for group in members.values():
        one = scope.child(sources, group[0].row if group else tuple({} for _unused in sources))
        one.group = group
        made.append(one)
    if node.HavingClause is not None:
        made = [one for one in made if truth(session, node.HavingClause.SearchCondition, one)]
    return made


def _assign(session: SqlSession, node: Node, line: Scope) -> bool:
    for element in node.SelectElements:
        if element.kind != "SelectSetVariable":
            raise error(141)
        assign(
            session,
            element.Variable.Name,
            element.AssignmentKind,
            evaluate(session, element.Expression, line),
        )
    return True


def assign(session: SqlSession, name: str, kind: str, value: t.Any) -> None:
    """SET @x = / += ... SqlError 137, or a conversion error."""
    variable = session.variables.get(name.lower())
    if variable is None:
        raise error(137, name)
    operators = {
        "AddEquals": "Add",
        "SubtractEquals": "Subtract",
        "MultiplyEquals": "Multiply",
        "DivideEquals": "Divide",
        "ModEquals": "Modulo",
    }
    if kind != "Equals":
        value = calculate(operators[kind], variable.value, value)
    variable.value = convert(value, variable.type)


def _output(session: SqlSession, node: Node, line: Scope) -> list[t.Any]:
    values: list[t.Any] = []
    for element in node.SelectElements:
        if element.kind == "SelectStarExpression":
            wanted = (
                element.Qualifier.Identifiers[-1].Value.lower()
                if element.get("Qualifier") is not None
                else None
            )
            for number, source in enumerate(line.sources):
                if wanted in (None, source.alias):
                    values += [line.row[number].get(key) for key in source.columns]
        else:
            values.append(evaluate(session, element.Expression, line))
    return values


def _ordered(
    session: SqlSession, clause: Node, output: list[_Line], columns: list[Column]
) -> list[_Line]:
    keys = [_key(session, element, columns) for element in clause.OrderByElements]
    return in_order(output, keys)


def _key(session: SqlSession, element: Node, columns: list[Column]) -> Key[_Line]:
    """By the number of a column, by its name, or by any expression."""
    expression = element.Expression
    descending = element.SortOrder == "Descending"
    place = _place(expression, columns)
    if place is not None:
        return Key(lambda line: line[1][place], descending)
    return Key(lambda line: evaluate(session, expression, line[0]), descending)


def _place(expression: Node, columns: list[Column]) -> int | None:
    if expression.kind == "IntegerLiteral":
        position = int(expression.Value) - 1
        if not 0 <= position < len(columns):
            raise error(108, position + 1)
        return position
    if expression.kind != "ColumnReferenceExpression":
        return None
    parts = names_of(expression)
    names = [column.name.lower() for column in columns]
    if len(parts) == 1 and parts[0].lower() in names:
        return names.index(parts[0].lower())
    return None


def _limited(
    session: SqlSession, node: Node, scope: Scope, rows: list[list[t.Any]]
) -> list[list[t.Any]]:
    if node.TopRowFilter is not None:
        if node.TopRowFilter.Percent or node.TopRowFilter.WithTies:
            raise LabGap("TOP PERCENT and TOP WITH TIES")
        rows = rows[
            : convert(evaluate(session, node.TopRowFilter.Expression, scope), parse_type("bigint"))
        ]
    if node.get("OffsetClause") is not None:
        offset = evaluate(session, node.OffsetClause.OffsetExpression, scope)
        rows = rows[offset:]
        if node.OffsetClause.FetchExpression is not None:
            rows = rows[: evaluate(session, node.OffsetClause.FetchExpression, scope)]
    return rows


def _as_xml(node: Node, rows: list[list[t.Any]], columns: list[Column]) -> list[list[t.Any]]:
    """FOR XML PATH."""
    options = (
        {option.OptionKind: option for option in node.ForClause.Options}
        if node.ForClause.kind == "XmlForClause"
        else {}
    )
    if "Path" not in options or options.keys() - {"Path", "Type"}:
        raise LabGap(f"{node.ForClause.text}")
    tag = options["Path"].Value.Value if options["Path"].Value is not None else "row"
    text = ""
    for row in rows:
        inner = ""
        for column, value in zip(columns, row, strict=True):
            if value is not None:
                shown = escape(as_text(value, 126))
                inner += f"<{column.name}>{shown}</{column.name}>" if column.name else shown
        text += f"<{tag}>{inner}</{tag}>" if tag else inner
    return [[text]] if rows else []
