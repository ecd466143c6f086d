"""The SQL type of an expression, as far as it can be told without its value."""
from __future__ import annotations

import typing as t

from .expressions import names_of
from .parser import Node
from .registry import FUNCTION_TYPES
from .scope import Scope
from .types import type_of_node

if t.TYPE_CHECKING:
    from .session import SqlSession


def type_of(session: SqlSession, node: Node, scope: Scope) -> str:
    """The SQL type of an expression as text, '' where only the value can tell."""
    kind = node.kind
    if kind == "ParenthesisExpression":
        return type_of(session, node.Expression, scope)
    if kind in ("ConvertCall", "CastCall", "TryConvertCall", "TryCastCall"):
        return str(type_of_node(node.DataType, default_length=30))
    if kind == "ColumnReferenceExpression" and node.ColumnType == "Regular":
        return scope.column(names_of(node)).type
    if kind == "VariableReference":
        found = session.variables.get(node.Name.lower())
        return str(found.type) if found else ""
    if kind == "ScalarSubquery":
        from .bind import columns_of
        return columns_of(session, node.QueryExpression, scope)[0].type
    if kind == "FunctionCall":
        return _type_of_call(session, node, scope)
    branches: tuple[Node, ...] = ()
    if kind == "CoalesceExpression":
        branches = node.Expressions
    elif kind in ("SearchedCaseExpression", "SimpleCaseExpression"):
        branches = (*(clause.ThenExpression for clause in node.WhenClauses), *([node.ElseExpression] if node.ElseExpression is not None else []))
    elif kind == "NullIfExpression":
        branches = (node.FirstExpression,)
    elif kind == "IIfCall":
        branches = (node.ThenExpression, node.ElseExpression)
    found_types = {type_of(session, branch, scope) for branch in branches if branch.kind != "NullLiteral"}
    return found_types.pop() if len(found_types) == 1 else ""


def _type_of_call(session: SqlSession, node: Node, scope: Scope) -> str:
    name = node.FunctionName.Value.upper()
    if name in ("MAX", "MIN", "SUM", "ISNULL") and node.Parameters and node.get("CallTarget") is None:
        return type_of(session, node.Parameters[0], scope)
    return {"COUNT": "int", "COUNT_BIG": "bigint", "ROW_NUMBER": "bigint", "RANK": "bigint", "DENSE_RANK": "bigint"}.get(name) or FUNCTION_TYPES.get(
        name, ""
    )
