"""The SQL type of an expression, as far as it can be told without its value."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

from .parser import Node
from .registry import FUNCTION_TYPES
from .scope import Scope
from .types import type_of_node

if t.TYPE_CHECKING:
    from .session import SqlSession


TypeOf = Callable[["SqlSession", Node, Scope], str]
TYPES: dict[str, TypeOf] = {}  # ScriptDom class name -> the type of its value
_OF_FUNCTIONS = {
    "COUNT": "int",
    "COUNT_BIG": "bigint",
    "ROW_NUMBER": "bigint",
    "RANK": "bigint",
    "DENSE_RANK": "bigint",
}
_OF_FIRST_ARGUMENT = frozenset({"MAX", "MIN", "SUM", "ISNULL"})


def expression_type(*kinds: str) -> Callable[[TypeOf], TypeOf]:
    """Register what tells the type of these kinds of expression."""

    def register(tell: TypeOf) -> TypeOf:
        for kind in kinds:
            assert kind not in TYPES, kind
            TYPES[kind] = tell
        return tell

    return register


def type_of(session: SqlSession, node: Node, scope: Scope) -> str:
    """The SQL type of an expression as text, '' where only the value can tell."""
    tell = TYPES.get(node.kind)
    return tell(session, node, scope) if tell is not None else ""


@expression_type("ParenthesisExpression")
def _parenthesis(session: SqlSession, node: Node, scope: Scope) -> str:
    return type_of(session, node.Expression, scope)


@expression_type("ConvertCall", "CastCall", "TryConvertCall", "TryCastCall")
def _conversion(session: SqlSession, node: Node, scope: Scope) -> str:
    return str(type_of_node(node.DataType, default_length=30))


@expression_type("ColumnReferenceExpression")
def _column(session: SqlSession, node: Node, scope: Scope) -> str:
    if node.ColumnType != "Regular":
        return ""
    return scope.column(node).type


@expression_type("VariableReference")
def _variable(session: SqlSession, node: Node, scope: Scope) -> str:
    found = session.variables.get(node.Name.lower())
    return str(found.type) if found else ""


@expression_type("FunctionCall")
def _call(session: SqlSession, node: Node, scope: Scope) -> str:
    name = node.FunctionName.Value.upper()
    if name in _OF_FIRST_ARGUMENT and node.Parameters and node.get("CallTarget") is None:
        return type_of(session, node.Parameters[0], scope)
    return _OF_FUNCTIONS.get(name) or FUNCTION_TYPES.get(name, "")


@expression_type("CoalesceExpression")
def _coalesce(session: SqlSession, node: Node, scope: Scope) -> str:
    return _common(session, node.Expressions, scope)


@expression_type("SearchedCaseExpression", "SimpleCaseExpression")
def _case(session: SqlSession, node: Node, scope: Scope) -> str:
    branches = [clause.ThenExpression for clause in node.WhenClauses]
    if node.ElseExpression is not None:
        branches.append(node.ElseExpression)
    return _common(session, branches, scope)


@expression_type("NullIfExpression")
def _nullif(session: SqlSession, node: Node, scope: Scope) -> str:
    return _common(session, [node.FirstExpression], scope)


@expression_type("IIfCall")
def _iif(session: SqlSession, node: Node, scope: Scope) -> str:
    return _common(session, [node.ThenExpression, node.ElseExpression], scope)


def _common(session: SqlSession, branches: t.Iterable[Node], scope: Scope) -> str:
    """The one type that all branches have which are not NULL; '' when they differ."""
    found = {type_of(session, branch, scope) for branch in branches if branch.kind != "NullLiteral"}
    return found.pop() if len(found) == 1 else ""
