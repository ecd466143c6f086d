"""Running a batch: compile-time checks, control of flow, TRY/CATCH, and which errors end what.

Rules (sql-docs: TRY...CATCH, SET XACT_ABORT, RAISERROR, THROW): an error ends its statement and the
batch goes on, unless XACT_ABORT is on, the error is of a kind that ends the batch (failed
conversions, unresolved names), or a CATCH block takes it. RAISERROR never ends a batch; THROW does.
"""

from __future__ import annotations

import functools
import typing as t

from ...powershell.errors import LabGap
from .bind import check
from .errors import ConnectionFailed, SqlError, error
from .expressions import AGGREGATES, DATEPART_FUNCTIONS, WINDOW_ONLY, evaluate, truth
from .parser import Node, parse
from .registry import FUNCTIONS, STATEMENTS
from .results import Variable
from .scope import Scope
from .select import assign
from .statements import value_of
from .transactions import roll_back
from .types import type_of_node

if t.TYPE_CHECKING:
    from .session import SqlSession

#: End the batch even with XACT_ABORT OFF.
BATCH_ENDING = frozenset({208, 207, 209, 4104, 241, 242, 245, 8169, 195, 137, 1087, 102})
#: Cannot be caught by a TRY of the same level: compile errors and deferred name resolution.
NOT_CATCHABLE = frozenset({102, 137, 195, 207, 208, 209, 1087, 4104})
MAX_LOOPS = 10000
MAX_DEPTH = 32


class EndOfBatch(Exception):
    """Nothing after this runs."""


class Return(Exception):
    def __init__(self, value: int | None) -> None:
        super().__init__()
        self.value = value


class LoopExit(Exception):
    """BREAK."""


class LoopAgain(Exception):
    """CONTINUE."""


def run_batch(session: SqlSession, text: str) -> None:
    """Run the text as one batch of the session; results, messages and errors go to
    ``session.result``.
    """
    try:
        run_text(session, text)
    except EndOfBatch:
        pass
    except Return:
        pass
    except SqlError as failure:
        session.last_error = failure.all()[-1].number
        session.report(failure)
        if session.options["XACT_ABORT"] and session.transactions:
            roll_back(session)


def run_text(session: SqlSession, text: str) -> None:
    """Parse, check and run a text in the session's present variables (EXEC of a string uses it
    too).
    """
    if session.depth > MAX_DEPTH:
        raise SqlError(
            217,
            "Maximum stored procedure, function, trigger, or view nesting level exceeded (limit "
            f"{MAX_DEPTH}).",
        )
    nodes = parse(text, session.instance.major)
    check_batch(nodes, frozenset(session.variables), frozenset(session.table_variables))
    run_statements(session, nodes, session.depth)


# --- before anything runs


@functools.lru_cache(maxsize=2048)
def check_batch(
    nodes: tuple[Node, ...], variables: frozenset[str], table_variables: frozenset[str]
) -> None:
    """Compile-time errors of the whole batch: undeclared variables (137, 1087), twice declared ones
    (134), unknown functions (195). LabGap for statements that the lab does not know.

    ``variables``, ``table_variables``: what is declared already, in lower case. A batch that passed
    is not looked at again.
    """
    declared = set(variables)
    tables = set(table_variables)
    for statement in nodes:
        _check(statement, declared, tables)


def _check(node: Node, declared: set[str], tables: set[str]) -> None:
    if (
        node.kind.endswith("Statement")
        and node.kind not in STATEMENTS
        and node.kind not in _CONTROL
    ):
        raise LabGap(f"T-SQL statement {node.kind}: {node.text[:200]}")
    if node.kind == "DeclareVariableElement":
        name = node.VariableName.Value.lower()
        if node.Value is not None:
            _check(node.Value, declared, tables)
        if name in declared:
            raise error(134, node.VariableName.Value)
        declared.add(name)
        return
    if node.kind == "DeclareTableVariableBody":
        tables.add(node.VariableName.Value.lower())
        return
    if node.kind == "VariableTableReference":
        if node.Variable.Name.lower() not in tables:
            raise error(1087, node.Variable.Name)
        return
    if node.kind == "VariableReference" and node.Name.lower() not in declared:
        raise error(137, node.Name)
    if node.kind == "GlobalVariableExpression" and node.Name.upper() not in FUNCTIONS:
        raise error(137, node.Name)
    if node.kind == "FunctionCall" and node.get("CallTarget") is None:
        _check_function(node)
    if (
        node.kind == "ExecuteParameter"
    ):  # the name on the left of = is the procedure's, not a variable
        if node.ParameterValue is not None:
            _check(node.ParameterValue, declared, tables)
        return
    for value in node.fields.values():
        for item in value if isinstance(value, tuple) else (value,):
            if isinstance(item, Node):
                _check(item, declared, tables)


def _check_function(node: Node) -> None:
    name = node.FunctionName.Value.upper()
    if name not in FUNCTIONS and name not in AGGREGATES | DATEPART_FUNCTIONS | WINDOW_ONLY:
        raise error(195, node.FunctionName.Value)


# --- running


def run_statements(session: SqlSession, nodes: t.Iterable[Node], level: int) -> None:
    """One after the other. EndOfBatch when the session was killed or the client wants no more."""
    for node in nodes:
        if session.killed:
            raise EndOfBatch
        if session.is_broken_off:
            _break_off(session)
        run_statement(session, node, level)


def run_statement(session: SqlSession, node: Node, level: int) -> None:
    """One statement.

    An SqlError that goes on up is on its way to a CATCH; everything else was dealt with here.
    """
    control = _CONTROL.get(node.kind)
    if control is not None:
        control(session, node, level)
        return
    run, writes = STATEMENTS[node.kind]
    session.statement += 1
    try:
        if writes:
            session.wrote = True
        run(session, node)
    except ConnectionFailed as lost:
        _failed(session, node, SqlError(lost.number, lost.message))
    except SqlError as failure:
        _failed(session, node, failure)
    else:
        session.last_error = 0


def _failed(session: SqlSession, node: Node, failure: SqlError) -> None:
    for one in failure.all():
        one.line = one.line or node.line
        one.statement = session.statement
        one.fetching = node.kind == "SelectStatement"
    session.last_error = failure.all()[-1].number
    if node.kind == "ThrowStatement" or failure.severity >= 20:
        session.doomed = bool(session.transactions)
        if not session.in_try or failure.severity >= 20:
            _abort(session, failure)
        raise failure
    if session.in_try:
        session.doomed = bool(session.transactions) and (
            session.options["XACT_ABORT"] or failure.number in BATCH_ENDING
        )
        raise failure
    said = node.kind == "RaiseErrorStatement" or failure.procedure is not None
    if (session.options["XACT_ABORT"] and not said) or failure.number in BATCH_ENDING:
        _abort(session, failure)
    session.report(failure)
    if session.stops_at_errors:
        _break_off(session)


def _break_off(session: SqlSession) -> t.NoReturn:
    """An attention: with XACT_ABORT the open transaction is rolled back, without it stays (SET
    XACT_ABORT).
    """
    if session.transactions and session.options["XACT_ABORT"]:
        roll_back(session)
    raise EndOfBatch


def _abort(session: SqlSession, failure: SqlError) -> t.NoReturn:
    if session.transactions:
        roll_back(session)
    session.report(failure)
    raise EndOfBatch


# --- control of flow


def _begin_end(session: SqlSession, node: Node, level: int) -> None:
    run_statements(session, node.StatementList.Statements, level)


def _condition(session: SqlSession, node: Node) -> bool:
    session.statement += 1
    try:
        scope = Scope()
        check(session, node.Predicate, scope)
        answer = truth(session, node.Predicate, scope)
    except SqlError as failure:
        _failed(session, node, failure)
        raise EndOfBatch from None  # an unanswerable IF cannot go on in either branch
    session.last_error = 0
    return answer is True


def _if(session: SqlSession, node: Node, level: int) -> None:
    if _condition(session, node):
        run_statement(session, node.ThenStatement, level)
    elif node.ElseStatement is not None:
        run_statement(session, node.ElseStatement, level)


def _while(session: SqlSession, node: Node, level: int) -> None:
    for _unused in range(MAX_LOOPS):
        if not _condition(session, node):
            return
        try:
            run_statement(session, node.Statement, level)
        except LoopExit:
            return
        except LoopAgain:
            continue
    raise LabGap(f"a WHILE that went round {MAX_LOOPS} times: {node.text[:200]}")


def _raise_loop(exception: type[Exception]) -> t.Callable[[SqlSession, Node, int], None]:
    def run(session: SqlSession, node: Node, level: int) -> None:
        raise exception

    return run


def _try_catch(session: SqlSession, node: Node, level: int) -> None:
    session.in_try += 1
    try:
        try:
            run_statements(session, node.TryStatements.Statements, level)
            return
        finally:
            session.in_try -= 1
    except SqlError as failure:
        if (
            any(one.number in NOT_CATCHABLE for one in failure.all())
            and getattr(failure, "level", level) == level
        ):
            if session.in_try:
                raise
            _abort(session, failure)
        session.caught.append(failure)
    try:
        run_statements(session, node.CatchStatements.Statements, level)
    finally:
        session.caught.pop()


def _return(session: SqlSession, node: Node, level: int) -> None:
    value = evaluate(session, node.Expression, Scope()) if node.Expression is not None else None
    if value is not None and level == 0:
        raise error(178)
    raise Return(value)


def _declare(session: SqlSession, node: Node, level: int) -> None:
    for declaration in node.Declarations:
        kind = type_of_node(declaration.DataType)
        session.variables[declaration.VariableName.Value.lower()] = Variable(kind, None)
        if declaration.Value is not None:
            _initialise(session, declaration)


def _initialise(session: SqlSession, declaration: Node) -> None:
    """The initial value of a DECLARE, as a statement of its own."""
    try:
        value = value_of(session, declaration.Value)
        assign(session, declaration.VariableName.Value, "Equals", value)
    except SqlError as failure:
        _failed(session, declaration, failure)
    else:
        session.last_error = 0


_CONTROL: dict[str, t.Callable[[SqlSession, Node, int], None]] = {
    "BeginEndBlockStatement": _begin_end,
    "IfStatement": _if,
    "WhileStatement": _while,
    "BreakStatement": _raise_loop(LoopExit),
    "ContinueStatement": _raise_loop(LoopAgain),
    "TryCatchStatement": _try_catch,
    "ReturnStatement": _return,
    "DeclareVariableStatement": _declare,
}
