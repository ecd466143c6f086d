"""Scalar expressions, and search conditions that are True, False or None (unknown)."""

from __future__ import annotations

import decimal
import functools
import typing as t
import xml.etree.ElementTree as tree
from collections.abc import Callable

from ...powershell.errors import LabGap
from .errors import SqlError, error
from .expression_types import type_of
from .operators import calculate, compare, like, negate, sort_key
from .parser import Node
from .registry import FUNCTIONS
from .scope import Scope
from .types import SqlType, parse_type, type_of_node
from .values import convert

if t.TYPE_CHECKING:
    from .session import SqlSession

AGGREGATES = frozenset({"COUNT", "COUNT_BIG", "MAX", "MIN", "SUM", "AVG"})
#: The first argument is a word, not an expression.
DATEPART_FUNCTIONS = frozenset({"DATEADD", "DATEDIFF", "DATEPART", "DATENAME"})
#: Parsed like functions of tables or methods; evaluated where they stand.
WINDOW_ONLY = frozenset({"ROW_NUMBER", "RANK", "DENSE_RANK"})
Evaluate = Callable[["SqlSession", Node, Scope], t.Any]
COMPARISONS: dict[str, Callable[[int], bool]] = {
    "Equals": lambda order: order == 0,
    "NotEqualToBrackets": lambda order: order != 0,
    "NotEqualToExclamation": lambda order: order != 0,
    "GreaterThan": lambda order: order > 0,
    "LessThan": lambda order: order < 0,
    "GreaterThanOrEqualTo": lambda order: order >= 0,
    "LessThanOrEqualTo": lambda order: order <= 0,
    "NotLessThan": lambda order: order >= 0,
    "NotGreaterThan": lambda order: order <= 0,
}


SCALARS: dict[str, Evaluate] = {}  # ScriptDom class name -> its value
CONDITIONS: dict[str, Evaluate] = {}  # ScriptDom class name -> its truth


def scalar(*kinds: str) -> Callable[[Evaluate], Evaluate]:
    """Register what gives the value of these kinds of expression."""
    return _into(SCALARS, kinds)


def condition(*kinds: str) -> Callable[[Evaluate], Evaluate]:
    """Register what gives the truth of these kinds of search condition."""
    return _into(CONDITIONS, kinds)


def _into(
    registered: dict[str, Evaluate], kinds: tuple[str, ...]
) -> Callable[[Evaluate], Evaluate]:
    def register(run: Evaluate) -> Evaluate:
        for kind in kinds:
            assert kind not in registered, kind
            registered[kind] = run
        return run

    return register


def evaluate(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    """The value of a scalar expression.

    SqlError as the server raises it; LabGap for a kind of expression that the lab does not know.
    """
    run = SCALARS.get(node.kind)
    if run is None:
        raise LabGap(f"T-SQL expression {node.kind}: {node.text}")
    return run(session, node, scope)


def truth(session: SqlSession, node: Node, scope: Scope) -> bool | None:
    """A search condition."""
    run = CONDITIONS.get(node.kind)
    if run is None:
        raise LabGap(f"T-SQL condition {node.kind}: {node.text}")
    return t.cast("bool | None", run(session, node, scope))


# --- scalars


@scalar(
    "IntegerLiteral",
    "NumericLiteral",
    "MoneyLiteral",
    "RealLiteral",
    "BinaryLiteral",
    "StringLiteral",
)
def _literal(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    return _literal_value(node)


@functools.lru_cache(maxsize=16384)
def _literal_value(node: Node) -> t.Any:
    text: str = node.Value
    if node.kind == "IntegerLiteral":
        number = int(text)
        return number if number < 2**31 else decimal.Decimal(number)
    if node.kind in ("NumericLiteral", "MoneyLiteral"):
        return decimal.Decimal(text.lstrip("$"))
    if node.kind == "RealLiteral":
        return float(text)
    if node.kind == "BinaryLiteral":
        digits = text[2:]
        return bytes.fromhex(digits if len(digits) % 2 == 0 else "0" + digits)
    return text


@scalar("NullLiteral")
def _null(session: SqlSession, node: Node, scope: Scope) -> None:
    return None


@scalar("ParenthesisExpression")
def _parenthesis(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    return evaluate(session, node.Expression, scope)


@scalar("VariableReference")
def _variable(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    found = session.variables.get(node.Name.lower())
    if found is None:
        raise error(137, node.Name)
    return found.value


@scalar("GlobalVariableExpression")
def _global(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    run = FUNCTIONS.get(node.Name.upper())
    if run is None:
        raise error(137, node.Name)
    return run(session)


@scalar("ColumnReferenceExpression")
def _column(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    return scope.value(node)


@scalar("UnaryExpression")
def _unary(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    value = evaluate(session, node.Expression, scope)
    if node.UnaryExpressionType == "Negative":
        return negate(value)
    return value if node.UnaryExpressionType == "Positive" or value is None else ~int(value)


@scalar("BinaryExpression")
def _binary(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    return calculate(
        node.BinaryExpressionType,
        evaluate(session, node.FirstExpression, scope),
        evaluate(session, node.SecondExpression, scope),
    )


@scalar("ConvertCall", "CastCall", "TryConvertCall", "TryCastCall")
def _convert(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    to = type_of_node(node.DataType, default_length=30)
    style = (
        evaluate(session, node.Style, scope)
        if node.kind in ("ConvertCall", "TryConvertCall") and node.Style is not None
        else 0
    )
    value = evaluate(session, node.Parameter, scope)
    if node.kind.startswith("Try"):
        try:
            return convert(value, to, style or 0)
        except SqlError:
            return None
    return convert(value, to, style or 0)


@scalar("CoalesceExpression")
def _coalesce(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    for expression in node.Expressions:
        value = evaluate(session, expression, scope)
        if value is not None:
            return value
    return None


@scalar("NullIfExpression")
def _nullif(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    first = evaluate(session, node.FirstExpression, scope)
    return None if compare(first, evaluate(session, node.SecondExpression, scope)) == 0 else first


@scalar("IIfCall")
def _iif(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    return evaluate(
        session,
        node.ThenExpression if truth(session, node.Predicate, scope) else node.ElseExpression,
        scope,
    )


@scalar("SearchedCaseExpression")
def _searched_case(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    for clause in node.WhenClauses:
        if truth(session, clause.WhenExpression, scope):
            return evaluate(session, clause.ThenExpression, scope)
    return (
        evaluate(session, node.ElseExpression, scope) if node.ElseExpression is not None else None
    )


@scalar("SimpleCaseExpression")
def _simple_case(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    subject = evaluate(session, node.InputExpression, scope)
    for clause in node.WhenClauses:
        if compare(subject, evaluate(session, clause.WhenExpression, scope)) == 0:
            return evaluate(session, clause.ThenExpression, scope)
    return (
        evaluate(session, node.ElseExpression, scope) if node.ElseExpression is not None else None
    )


@scalar("FunctionCall")
def _call(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    name = node.FunctionName.Value.upper()
    if id(node) in scope.windows:
        return scope.windows[id(node)]
    target = node.get("CallTarget")
    if target is not None and target.kind == "ExpressionCallTarget":
        return _xml_value(session, node, target, scope)
    if name in AGGREGATES:
        return aggregate(session, node, scope)
    if name in DATEPART_FUNCTIONS:
        return FUNCTIONS[name](
            session,
            node.Parameters[0].text.lower(),
            *(evaluate(session, p, scope) for p in node.Parameters[1:]),
        )
    run = FUNCTIONS.get(name)
    if run is None:
        raise error(195, node.FunctionName.Value)
    arguments = [evaluate(session, p, scope) for p in node.Parameters]
    if name == "ISNULL" and len(node.Parameters) == 2 and arguments[0] is None:
        kind = type_of(
            session, node.Parameters[0], scope
        )  # ISNULL gives the type of its first argument
        return convert(arguments[1], parse_type(kind)) if kind else arguments[1]
    try:
        return run(session, *arguments)
    except TypeError as trouble:
        if "positional argument" in str(trouble):
            raise error(174, name.lower(), "another number of") from None
        raise


def _xml_value(session: SqlSession, node: Node, target: Node, scope: Scope) -> t.Any:
    """``(SELECT ...

    FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)')``: the text of the fragment.
    """
    if node.FunctionName.Value != "value" or node.Parameters[0].Value not in (
        ".",
        "text()[1]",
        "./text()[1]",
    ):
        raise LabGap(f"XML method {node.text}")
    fragment = evaluate(session, target.Expression, scope)
    if fragment is None:
        return None
    return convert(
        "".join(tree.fromstring(f"<r>{fragment}</r>").itertext()),
        parse_type(node.Parameters[1].Value),
    )


@scalar("LeftFunctionCall", "RightFunctionCall")
def _left_right(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    name = "LEFT" if node.kind == "LeftFunctionCall" else "RIGHT"
    return FUNCTIONS[name](session, *(evaluate(session, p, scope) for p in node.Parameters))


@scalar("ParameterlessCall")
def _parameterless(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    names = {
        "CurrentTimestamp": "GETDATE",
        "SystemUser": "SYSTEM_USER",
        "CurrentUser": "USER_NAME",
        "SessionUser": "USER_NAME",
        "User": "USER_NAME",
    }
    return FUNCTIONS[names[node.ParameterlessCallType]](session)


def aggregate(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    """COUNT, MAX ... over ``scope.group``."""
    name = node.FunctionName.Value.upper()
    if scope.group is None:
        raise LabGap(f"aggregate outside of a grouped query: {node.text}")
    argument = node.Parameters[0]
    if argument.kind == "ColumnReferenceExpression" and argument.ColumnType == "Wildcard":
        return len(scope.group)
    every = [evaluate(session, argument, row) for row in scope.group]
    values = [value for value in every if value is not None]
    if node.UniqueRowFilter == "Distinct":
        values = list({sort_key(v): v for v in values}.values())
    if name in ("COUNT", "COUNT_BIG"):
        return len(values)
    if not values:
        return None
    if name in ("MAX", "MIN"):
        return (max if name == "MAX" else min)(values, key=sort_key)
    total = values[0]
    for value in values[1:]:
        total = calculate("Add", total, value)
    return total if name == "SUM" else calculate("Divide", total, len(values))


# --- conditions


@condition("BooleanComparisonExpression")
def _comparison(session: SqlSession, node: Node, scope: Scope) -> bool | None:
    order = compare(
        evaluate(session, node.FirstExpression, scope),
        evaluate(session, node.SecondExpression, scope),
    )
    return None if order is None else COMPARISONS[node.ComparisonType](order)


@condition("BooleanBinaryExpression")
def _both(session: SqlSession, node: Node, scope: Scope) -> bool | None:
    first = truth(session, node.FirstExpression, scope)
    is_and = node.BinaryExpressionType == "And"
    if first is (not is_and):
        return first
    second = truth(session, node.SecondExpression, scope)
    if second is (not is_and):
        return second
    return None if first is None or second is None else is_and


@condition("BooleanParenthesisExpression")
def _condition_in_parentheses(session: SqlSession, node: Node, scope: Scope) -> bool | None:
    return truth(session, node.Expression, scope)


@condition("BooleanNotExpression")
def _not(session: SqlSession, node: Node, scope: Scope) -> bool | None:
    return _negated(True, truth(session, node.Expression, scope))


def _negated(negated: bool, value: bool | None) -> bool | None:
    return value if value is None or not negated else not value


@condition("BooleanIsNullExpression")
def _is_null(session: SqlSession, node: Node, scope: Scope) -> bool:
    return (evaluate(session, node.Expression, scope) is None) is not node.IsNot


@condition("LikePredicate")
def _like(session: SqlSession, node: Node, scope: Scope) -> bool | None:
    value = evaluate(session, node.FirstExpression, scope)
    pattern = evaluate(session, node.SecondExpression, scope)
    escape = (
        evaluate(session, node.EscapeExpression, scope)
        if node.EscapeExpression is not None
        else None
    )
    if value is None or pattern is None:
        return None
    text = SqlType("nvarchar", -1)
    return _negated(node.NotDefined, like(convert(value, text), convert(pattern, text), escape))


@condition("BooleanTernaryExpression")
def _between(session: SqlSession, node: Node, scope: Scope) -> bool | None:
    value = evaluate(session, node.FirstExpression, scope)
    low = compare(value, evaluate(session, node.SecondExpression, scope))
    high = compare(value, evaluate(session, node.ThirdExpression, scope))
    return _negated(node.TernaryExpressionType == "NotBetween", _inside(low, high))


def _inside(low: int | None, high: int | None) -> bool | None:
    """How a value compares with both ends; NULL at one end still leaves it outside of the other."""
    if low is not None and low < 0:
        return False
    if high is not None and high > 0:
        return False
    return None if low is None or high is None else True
