"""Expressions and conditions that hold a query: scalar subqueries, IN, EXISTS, ANY and ALL."""

from __future__ import annotations

import typing as t

from .errors import error
from .expressions import COMPARISONS, condition, evaluate, scalar
from .operators import compare
from .parser import Node
from .scope import Scope
from .select import query

if t.TYPE_CHECKING:
    from .session import SqlSession


@scalar("ScalarSubquery")
def _scalar_subquery(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    result = query(session, node.QueryExpression, scope)
    if len(result.rows) > 1:
        raise error(512)
    return result.rows[0][0] if result.rows else None


@condition("InPredicate")
def _in(session: SqlSession, node: Node, scope: Scope) -> bool | None:
    subject = evaluate(session, node.Expression, scope)
    if node.Subquery is not None:
        values: t.Iterable[t.Any] = (
            row[0] for row in query(session, node.Subquery.QueryExpression, scope).rows
        )
    else:
        values = (evaluate(session, v, scope) for v in node.Values)
    unknown = False
    for value in values:
        order = compare(subject, value)
        if order == 0:
            return not node.NotDefined
        unknown = unknown or order is None
    return None if unknown else bool(node.NotDefined)


@condition("ExistsPredicate")
def _exists(session: SqlSession, node: Node, scope: Scope) -> bool:
    return bool(query(session, node.Subquery.QueryExpression, scope).rows)


@condition("SubqueryComparisonPredicate")
def _any_all(session: SqlSession, node: Node, scope: Scope) -> bool | None:
    left = evaluate(session, node.Expression, scope)
    answers = [
        None
        if (order := compare(left, row[0])) is None
        else COMPARISONS[node.ComparisonType](order)
        for row in query(session, node.Subquery.QueryExpression, scope).rows
    ]
    wanted = node.SubqueryComparisonPredicateType != "All"
    if wanted in answers:
        return bool(wanted)
    return None if None in answers else bool(not wanted)
