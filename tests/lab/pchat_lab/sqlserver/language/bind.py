"""What a query gives, before it is run: its columns with their types, and every name in it resolved
(208, 207, 209, 4104, 8120 ...).
"""

from __future__ import annotations

import functools
import typing as t

from .errors import error
from .expression_types import expression_type, type_of
from .expressions import AGGREGATES, DATEPART_FUNCTIONS
from .parser import Node, names_of
from .results import Column
from .scope import Scope
from .sources import relation_of

if t.TYPE_CHECKING:
    from .session import SqlSession


def columns_of(session: SqlSession, node: Node, scope: Scope) -> list[Column]:
    """The output columns of a query expression; an unnamed one has the name ''."""
    known = scope.worked_out.columns
    if id(node) not in known:
        known[id(node)] = _columns(session, node, scope)
    return known[id(node)]


def _columns(session: SqlSession, node: Node, scope: Scope) -> list[Column]:
    if node.kind == "QueryParenthesisExpression":
        return columns_of(session, node.QueryExpression, scope)
    if node.kind == "BinaryQueryExpression":
        first = columns_of(session, node.FirstQueryExpression, scope)
        second = columns_of(session, node.SecondQueryExpression, scope)
        if len(first) != len(second):
            raise error(205)
        return [
            Column(a.name, a.type if a.type == b.type else a.type or b.type)
            for a, b in zip(first, second, strict=True)
        ]
    inner = inner_scope(session, node, scope)
    check_names(session, node, inner)
    if node.get("ForClause") is not None and node.ForClause.kind == "XmlForClause":
        return [Column("XML_F52E2B61-18A1-11d1-B105-00805F49916B", "nvarchar(max)")]
    return _plain(session, node, inner)


def plain_columns(session: SqlSession, node: Node, scope: Scope) -> list[Column]:
    """The columns of a query that has been checked, whatever FOR makes of them."""
    return _plain(session, node, inner_scope(session, node, scope))


def _plain(session: SqlSession, node: Node, inner: Scope) -> list[Column]:
    columns: list[Column] = []
    for element in node.SelectElements:
        columns += _element_columns(session, element, inner)
    return columns


@expression_type("ScalarSubquery")
def _type_of_subquery(session: SqlSession, node: Node, scope: Scope) -> str:
    return columns_of(session, node.QueryExpression, scope)[0].type


def inner_scope(session: SqlSession, specification: Node, scope: Scope) -> Scope:
    """The scope of a query's expressions, without rows."""
    sources = relation_of(session, specification.FromClause, scope, read=False).sources
    _check_joins(session, specification.FromClause, Scope(sources, parent=scope, ctes=scope.ctes))
    return scope.child(sources, query=specification)


def _check_joins(session: SqlSession, from_clause: Node | None, scope: Scope) -> None:
    """A condition of a join is checked among all sources, and asked among its own: nothing that is
    worked out here is kept.
    """
    for reference in from_clause.TableReferences if from_clause is not None else ():
        _check_join(session, reference, scope)


def _check_join(session: SqlSession, node: Node, scope: Scope) -> None:
    if node.kind in ("QualifiedJoin", "UnqualifiedJoin"):
        _check_join(session, node.FirstTableReference, scope)
        _check_join(session, node.SecondTableReference, scope)
        if node.kind == "QualifiedJoin":
            check(session, node.SearchCondition, scope)


def _element_columns(session: SqlSession, element: Node, scope: Scope) -> list[Column]:
    if element.kind == "SelectStarExpression":
        wanted = (
            element.Qualifier.Identifiers[-1].Value.lower()
            if element.get("Qualifier") is not None
            else None
        )
        chosen = [source for source in scope.sources if wanted in (None, source.alias)]
        if wanted is not None and not chosen:
            raise error(4104, f"{wanted}.*")
        columns: list[Column] = []
        for source in chosen:
            columns += source.columns.values()
        return columns
    if element.kind == "SelectSetVariable":
        return []
    name = ""
    if element.ColumnName is not None:
        name = element.ColumnName.Value
    elif element.Expression.kind == "ColumnReferenceExpression":
        name = names_of(element.Expression)[-1]
    return [Column(name, type_of(session, element.Expression, scope))]


def check_names(session: SqlSession, node: Node, scope: Scope) -> None:
    """Every name in a QuerySpecification, and the rules of grouping."""
    if node.WhereClause is not None:
        check(session, node.WhereClause.SearchCondition, scope)
        if _has_aggregate(node.WhereClause.SearchCondition):
            raise error(147)
    keys = group_keys(node)
    for key in keys:
        check(session, key, scope)
    grouped = is_grouped(node)
    for element in node.SelectElements:
        if element.kind in ("SelectScalarExpression", "SelectSetVariable"):
            check(session, element.Expression, scope)
            if grouped:
                _check_grouped(element.Expression, keys, scope)
    if node.HavingClause is not None:
        check(session, node.HavingClause.SearchCondition, scope)
    for expression in _ordered_by(node):
        check(session, expression, scope)


def _ordered_by(node: Node) -> t.Iterator[Node]:
    """The expressions of ORDER BY, without those that name a column of the list."""
    if node.OrderByClause is None:
        return
    names = {
        element.ColumnName.Value.lower()
        for element in node.SelectElements
        if element.kind == "SelectScalarExpression" and element.ColumnName is not None
    }
    for part in node.OrderByClause.OrderByElements:
        expression = part.Expression
        if not (
            expression.kind == "ColumnReferenceExpression"
            and names_of(expression)[-1].lower() in names
        ):
            yield expression


def check(session: SqlSession, node: Node, scope: Scope) -> None:
    """Resolve every column of an expression, subqueries included."""
    for part in _resolved(node):
        if part.kind == "ScalarSubquery":
            columns_of(session, part.QueryExpression, scope)
        else:
            scope.find(part)


@functools.lru_cache(maxsize=16384)
def _resolved(node: Node) -> tuple[Node, ...]:
    """What an expression has of columns and subqueries, in reading order."""
    if node.kind == "ColumnReferenceExpression":
        return (node,) if node.ColumnType == "Regular" else ()
    if node.kind == "ScalarSubquery":
        return (node,)
    found: list[Node] = []
    for operand in _operands(node):
        found += _resolved(operand)
    return tuple(found)


def _operands(node: Node) -> t.Iterator[Node]:
    """The nodes right under an expression. The part of a date is none: it only looks like a column
    (DATEADD and its kin).
    """
    of_dates = node.kind == "FunctionCall" and node.FunctionName.Value.upper() in DATEPART_FUNCTIONS
    for name, value in node.fields.items():
        items = value if isinstance(value, tuple) else (value,)
        if of_dates and name == "Parameters":
            items = items[1:]
        yield from (item for item in items if isinstance(item, Node))


@functools.lru_cache(maxsize=16384)
def own_nodes(node: Node) -> tuple[Node, ...]:
    """An expression's nodes without those of its subqueries."""
    found = [node]
    if node.kind == "ScalarSubquery":
        return (node,)
    for value in node.fields.values():
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, Node):
                found += own_nodes(item)
    return tuple(found)


@functools.lru_cache(maxsize=16384)
def _has_aggregate(node: Node) -> bool:
    """Whether an expression has one of its own, not of its subqueries."""
    return any(_is_aggregate(part) for part in own_nodes(node))


def _is_aggregate(node: Node) -> bool:
    return (
        node.kind == "FunctionCall"
        and node.FunctionName.Value.upper() in AGGREGATES
        and node.get("OverClause") is None
    )


def group_keys(node: Node) -> list[Node]:
    """The expressions of GROUP BY."""
    return (
        [part.Expression for part in node.GroupByClause.GroupingSpecifications]
        if node.GroupByClause is not None
        else []
    )


@functools.lru_cache(maxsize=4096)
def is_grouped(node: Node) -> bool:
    """Whether a QuerySpecification makes groups: GROUP BY, HAVING, or an aggregate in its list."""
    if node.GroupByClause is not None or node.HavingClause is not None:
        return True
    for element in node.SelectElements:
        if element.kind == "SelectStarExpression":
            continue
        if _has_aggregate(element.Expression):
            return True
    return False


def _check_grouped(node: Node, keys: list[Node], scope: Scope) -> None:
    if (
        _is_aggregate(node)
        or node.kind == "ScalarSubquery"
        or any(_same(node, key) for key in keys)
    ):
        return
    if node.kind == "ColumnReferenceExpression" and node.ColumnType == "Regular":
        if scope.find(node).up == 0:
            raise error(8120, ".".join(names_of(node)))
        return
    for operand in _operands(node):
        _check_grouped(operand, keys, scope)


def _same(node: Node, key: Node) -> bool:
    if node.kind == key.kind == "ColumnReferenceExpression":
        one = [part.lower() for part in names_of(node)]
        other = [part.lower() for part in names_of(key)]
        if one[-1] != other[-1]:
            return False
        return len(one) == 1 or len(other) == 1 or one[-2] == other[-2]
    return (
        node.kind == key.kind
        and "".join(node.text.split()).lower() == "".join(key.text.split()).lower()
    )
