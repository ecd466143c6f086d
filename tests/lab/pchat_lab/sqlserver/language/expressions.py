"""Scalar expressions and search conditions, with three-valued logic: True, False, None (unknown)."""
from __future__ import annotations

import decimal
import typing as t
import xml.etree.ElementTree as tree
from collections.abc import Callable

from ...powershell.errors import LabGap
from .errors import SqlError, error
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
_COMPARISONS: dict[str, Callable[[int], bool]] = {
    "Equals": lambda c: c == 0, "NotEqualToBrackets": lambda c: c != 0, "NotEqualToExclamation": lambda c: c != 0,
    "GreaterThan": lambda c: c > 0, "LessThan": lambda c: c < 0, "GreaterThanOrEqualTo": lambda c: c >= 0, "LessThanOrEqualTo": lambda c: c <= 0,
    "NotLessThan": lambda c: c >= 0, "NotGreaterThan": lambda c: c <= 0}


def evaluate(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    """The value of a scalar expression. SqlError as the server raises it; LabGap for a kind of expression that the lab does not know."""
    run = _SCALARS.get(node.kind)
    if run is None:
        raise LabGap(f"T-SQL expression {node.kind}: {node.text}")
    return run(session, node, scope)


def truth(session: SqlSession, node: Node, scope: Scope) -> bool | None:
    """A search condition."""
    run = _CONDITIONS.get(node.kind)
    if run is None:
        raise LabGap(f"T-SQL condition {node.kind}: {node.text}")
    return t.cast("bool | None", run(session, node, scope))


def names_of(node: Node) -> list[str]:
    """The parts of a column reference or other multi-part name."""
    return [identifier.Value for identifier in node.MultiPartIdentifier.Identifiers]


# --- scalars

def _literal(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    text: str = node.Value
    if node.kind == "IntegerLiteral":
        number = int(text)
        return number if number < 2 ** 31 else decimal.Decimal(number)
    if node.kind in ("NumericLiteral", "MoneyLiteral"):
        return decimal.Decimal(text.lstrip("$"))
    if node.kind == "RealLiteral":
        return float(text)
    if node.kind == "BinaryLiteral":
        digits = text[2:]
        return bytes.fromhex(digits if len(digits) % 2 == 0 else "0" + digits)
    return text


def _variable(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    found = session.variables.get(node.Name.lower())
    if found is None:
        raise error(137, node.Name)
    return found.value


def _global(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    run = FUNCTIONS.get(node.Name.upper())
    if run is None:
        raise error(137, node.Name)
    return run(session)


def _column(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    return scope.value(names_of(node))


def _unary(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    value = evaluate(session, node.Expression, scope)
    if node.UnaryExpressionType == "Negative":
        return negate(value)
    return value if node.UnaryExpressionType == "Positive" or value is None else ~int(value)


def _binary(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    return calculate(node.BinaryExpressionType, evaluate(session, node.FirstExpression, scope), evaluate(session, node.SecondExpression, scope))


def _convert(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    to = type_of_node(node.DataType, default_length=30)
    style = evaluate(session, node.Style, scope) if node.kind in ("ConvertCall", "TryConvertCall") and node.Style is not None else 0
    value = evaluate(session, node.Parameter, scope)
    if node.kind.startswith("Try"):
        try:
            return convert(value, to, style or 0)
        except SqlError:
            return None
    return convert(value, to, style or 0)


def _coalesce(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    for expression in node.Expressions:
        value = evaluate(session, expression, scope)
        if value is not None:
            return value
    return None


def _nullif(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    first = evaluate(session, node.FirstExpression, scope)
    return None if compare(first, evaluate(session, node.SecondExpression, scope)) == 0 else first


def _iif(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    return evaluate(session, node.ThenExpression if truth(session, node.Predicate, scope) else node.ElseExpression, scope)


def _searched_case(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    for clause in node.WhenClauses:
        if truth(session, clause.WhenExpression, scope):
            return evaluate(session, clause.ThenExpression, scope)
    return evaluate(session, node.ElseExpression, scope) if node.ElseExpression is not None else None


def _simple_case(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    subject = evaluate(session, node.InputExpression, scope)
    for clause in node.WhenClauses:
        if compare(subject, evaluate(session, clause.WhenExpression, scope)) == 0:
            return evaluate(session, clause.ThenExpression, scope)
    return evaluate(session, node.ElseExpression, scope) if node.ElseExpression is not None else None


def _scalar_subquery(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    from .select import query
    result = query(session, node.QueryExpression, scope)
    if len(result.rows) > 1:
        raise error(512)
    return result.rows[0][0] if result.rows else None


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
        return FUNCTIONS[name](session, node.Parameters[0].text.lower(), *(evaluate(session, p, scope) for p in node.Parameters[1:]))
    run = FUNCTIONS.get(name)
    if run is None:
        raise error(195, node.FunctionName.Value)
    arguments = [evaluate(session, p, scope) for p in node.Parameters]
    if name == "ISNULL" and len(node.Parameters) == 2 and arguments[0] is None:
        from .expression_types import type_of
        kind = type_of(session, node.Parameters[0], scope)   # ISNULL gives the type of its first argument
        return convert(arguments[1], parse_type(kind)) if kind else arguments[1]
    try:
        return run(session, *arguments)
    except TypeError as trouble:
        if "positional argument" in str(trouble):
            raise error(174, name.lower(), "another number of") from None
        raise


def _xml_value(session: SqlSession, node: Node, target: Node, scope: Scope) -> t.Any:
    """``(SELECT ... FOR XML PATH(''), TYPE).value('.', 'nvarchar(max)')``: the text of the fragment."""
    if node.FunctionName.Value != "value" or node.Parameters[0].Value not in (".", "text()[1]", "./text()[1]"):
        raise LabGap(f"XML method {node.text}")
    fragment = evaluate(session, target.Expression, scope)
    if fragment is None:
        return None
    return convert("".join(tree.fromstring(f"<r>{fragment}</r>").itertext()), parse_type(node.Parameters[1].Value))


def _left_right(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    name = "LEFT" if node.kind == "LeftFunctionCall" else "RIGHT"
    return FUNCTIONS[name](session, *(evaluate(session, p, scope) for p in node.Parameters))


def _parameterless(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    names = {"CurrentTimestamp": "GETDATE", "SystemUser": "SYSTEM_USER", "CurrentUser": "USER_NAME", "SessionUser": "USER_NAME", "User": "USER_NAME"}
    return FUNCTIONS[names[node.ParameterlessCallType]](session)


def aggregate(session: SqlSession, node: Node, scope: Scope) -> t.Any:
    """COUNT, MAX ... over ``scope.group``."""
    name = node.FunctionName.Value.upper()
    if scope.group is None:
        raise LabGap(f"aggregate outside of a grouped query: {node.text}")
    argument = node.Parameters[0]
    if argument.kind == "ColumnReferenceExpression" and argument.ColumnType == "Wildcard":
        return len(scope.group)
    values = [v for v in (evaluate(session, argument, row) for row in scope.group) if v is not None]
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

def _comparison(session: SqlSession, node: Node, scope: Scope) -> bool | None:
    order = compare(evaluate(session, node.FirstExpression, scope), evaluate(session, node.SecondExpression, scope))
    return None if order is None else _COMPARISONS[node.ComparisonType](order)


def _both(session: SqlSession, node: Node, scope: Scope) -> bool | None:
    first = truth(session, node.FirstExpression, scope)
    is_and = node.BinaryExpressionType == "And"
    if first is (not is_and):
        return first
    second = truth(session, node.SecondExpression, scope)
    if second is (not is_and):
        return second
    return None if first is None or second is None else is_and


def _not(session: SqlSession, node: Node, scope: Scope) -> bool | None:
    return _negated(True, truth(session, node.Expression, scope))


def _negated(negated: bool, value: bool | None) -> bool | None:
    return value if value is None or not negated else not value


def _is_null(session: SqlSession, node: Node, scope: Scope) -> bool:
    return (evaluate(session, node.Expression, scope) is None) is not node.IsNot


def _in(session: SqlSession, node: Node, scope: Scope) -> bool | None:
    from .select import query
    subject = evaluate(session, node.Expression, scope)
    if node.Subquery is not None:
        values: t.Iterable[t.Any] = (row[0] for row in query(session, node.Subquery.QueryExpression, scope).rows)
    else:
        values = (evaluate(session, v, scope) for v in node.Values)
    unknown = False
    for value in values:
        order = compare(subject, value)
        if order == 0:
            return not node.NotDefined
        unknown = unknown or order is None
    return None if unknown else bool(node.NotDefined)


def _like(session: SqlSession, node: Node, scope: Scope) -> bool | None:
    value, pattern = evaluate(session, node.FirstExpression, scope), evaluate(session, node.SecondExpression, scope)
    escape = evaluate(session, node.EscapeExpression, scope) if node.EscapeExpression is not None else None
    if value is None or pattern is None:
        return None
    text = SqlType("nvarchar", -1)
    return _negated(node.NotDefined, like(convert(value, text), convert(pattern, text), escape))


def _between(session: SqlSession, node: Node, scope: Scope) -> bool | None:
    value = evaluate(session, node.FirstExpression, scope)
    low, high = compare(value, evaluate(session, node.SecondExpression, scope)), compare(value, evaluate(session, node.ThirdExpression, scope))
    inside = False if (low is not None and low < 0) or (high is not None and high > 0) else None if low is None or high is None else True
    return _negated(node.TernaryExpressionType == "NotBetween", inside)


def _exists(session: SqlSession, node: Node, scope: Scope) -> bool:
    from .select import query
    return bool(query(session, node.Subquery.QueryExpression, scope).rows)


def _any_all(session: SqlSession, node: Node, scope: Scope) -> bool | None:
    from .select import query
    left = evaluate(session, node.Expression, scope)
    answers = [None if (order := compare(left, row[0])) is None else _COMPARISONS[node.ComparisonType](order)
               for row in query(session, node.Subquery.QueryExpression, scope).rows]
    wanted = node.SubqueryComparisonPredicateType != "All"
    if wanted in answers:
        return bool(wanted)
    return None if None in answers else bool(not wanted)


_SCALARS: dict[str, Evaluate] = {
    **dict.fromkeys(("IntegerLiteral", "NumericLiteral", "MoneyLiteral", "RealLiteral", "BinaryLiteral", "StringLiteral"), _literal),
    "NullLiteral": lambda session, node, scope: None, "VariableReference": _variable, "GlobalVariableExpression": _global,
    "ColumnReferenceExpression": _column, "ParenthesisExpression": lambda session, node, scope: evaluate(session, node.Expression, scope),
    "UnaryExpression": _unary, "BinaryExpression": _binary, "ConvertCall": _convert, "CastCall": _convert, "TryConvertCall": _convert,
    "TryCastCall": _convert, "CoalesceExpression": _coalesce, "NullIfExpression": _nullif, "IIfCall": _iif, "SearchedCaseExpression": _searched_case,
    "SimpleCaseExpression": _simple_case, "ScalarSubquery": _scalar_subquery, "FunctionCall": _call, "LeftFunctionCall": _left_right,
    "RightFunctionCall": _left_right, "ParameterlessCall": _parameterless}
_CONDITIONS: dict[str, Evaluate] = {
    "BooleanComparisonExpression": _comparison, "BooleanBinaryExpression": _both, "BooleanNotExpression": _not, "BooleanIsNullExpression": _is_null,
    "BooleanParenthesisExpression": lambda session, node, scope: truth(session, node.Expression, scope), "InPredicate": _in, "LikePredicate": _like,
    "BooleanTernaryExpression": _between, "ExistsPredicate": _exists, "SubqueryComparisonPredicate": _any_all}
