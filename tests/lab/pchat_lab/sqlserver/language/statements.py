"""Small statements: SET, PRINT, RAISERROR, THROW, USE, WAITFOR, KILL, transactions."""

from __future__ import annotations

import re
import typing as t

from ...powershell.errors import LabGap
from .bind import check
from .errors import MESSAGES, SqlError, error
from .expressions import evaluate
from .parser import Node
from .registry import statement
from .scope import Scope
from .select import assign
from .tables import define
from .transactions import begin, commit, roll_back
from .types import SqlType
from .values import as_text, convert

if t.TYPE_CHECKING:
    from .session import SqlSession

#: SET options that are kept but mean nothing to the lab.
_SWITCHES = frozenset(
    {
        "NoCount",
        "XactAbort",
        "QuotedIdentifier",
        "AnsiNulls",
        "AnsiWarnings",
        "AnsiPadding",
        "AnsiNullDfltOn",
        "ArithAbort",
        "ConcatNullYieldsNull",
        "NumericRoundAbort",
        "ImplicitTransactions",
        "CursorCloseOnCommit",
    }
)
_MARK = re.compile(r"%(-?)(\d*)(?:\.\d+)?([sdiuxXo%])")


def value_of(session: SqlSession, node: Node) -> t.Any:
    """An expression outside of any query, its names checked first."""
    scope = Scope()
    check(session, node, scope)
    return evaluate(session, node, scope)


@statement("SetVariableStatement", writes=False)
def set_variable_statement(session: SqlSession, node: Node) -> None:
    if node.get("CursorDefinition") is not None:
        raise LabGap("cursors")
    assign(session, node.Variable.Name, node.AssignmentKind, value_of(session, node.Expression))


@statement("DeclareTableVariableStatement", writes=False)
def declare_table(session: SqlSession, node: Node) -> None:
    name = node.Body.VariableName.Value
    session.table_variables[name.lower()] = define(node.Body.Definition, "", name, -1)


@statement("PredicateSetStatement", writes=False)
def set_options(session: SqlSession, node: Node) -> None:
    for option in (word.strip() for word in node.Options.split(",")):
        if option not in _SWITCHES:
            raise LabGap(f"SET {option}")
        session.options[{"NoCount": "NOCOUNT", "XactAbort": "XACT_ABORT"}.get(option, option)] = (
            node.IsOn
        )


@statement("SetCommandStatement", writes=False)
def set_command(session: SqlSession, node: Node) -> None:
    for command in node.Commands:
        if command.CommandType not in (
            "LockTimeout",
            "DateFormat",
            "DateFirst",
            "Language",
            "DeadlockPriority",
            "QueryGovernorCostLimit",
        ):
            raise LabGap(f"SET {command.CommandType}")
        session.options[command.CommandType] = True


@statement("SetTransactionIsolationLevelStatement", writes=False)
def set_isolation(session: SqlSession, node: Node) -> None:
    session.options["isolation"] = True


@statement("PrintStatement", writes=False)
def print_statement(session: SqlSession, node: Node) -> None:
    value = value_of(session, node.Expression)
    session.info("" if value is None else t.cast(str, convert(value, SqlType("nvarchar", 4000))))


@statement("RaiseErrorStatement", writes=False)
def raise_error(session: SqlSession, node: Node) -> None:
    message, severity, state = (
        value_of(session, part)
        for part in (node.FirstParameter, node.SecondParameter, node.ThirdParameter)
    )
    arguments = [value_of(session, part) for part in node.get("OptionalParameters", ())]
    number = 50000
    if isinstance(message, int):
        number = message
        if number < 13000:
            raise error(2732, number)
        text = user_message(session, number)
    else:
        text = as_text(message or "")
    logged = "Log" in (node.get("RaiseErrorOptions") or "")
    if severity > 18 and not (logged and session.is_sysadmin):
        raise error(2754)
    text = format_message(text, arguments)[:2047]
    if logged:
        session.instance.log(f"Error: {number}, Severity: {severity}, State: {state}. {text}")
    if severity <= 10:
        session.info(text, number, max(severity, 0), max(state, 0))
        return
    raise SqlError(number, text, severity, max(0, min(255, state)))


def user_message(session: SqlSession, number: int) -> str:
    """sys.messages text of a number, with its % marks. SqlError 18054 when there is none."""
    known = MESSAGES.get(number)
    if known is None:
        raise SqlError(
            18054,
            f"Error {number}, severity -1, state 1 was raised, but no message with that error "
            "number was found in sys.messages. "
            "If error is larger than 50000, make sure the user-defined message is added using "
            "sp_addmessage.",
        )
    return re.sub(r"\{\d*\}", "%s", known.text)


def format_message(text: str, arguments: list[t.Any]) -> str:
    """RAISERROR's marks %s %d %i %u %x %o with flags and widths; SqlError 2786/2787 for a mark that
    does not fit.
    """
    given = iter(arguments)

    def fill(match: re.Match[str]) -> str:
        left, width, kind = match.groups()
        if kind == "%":
            return "%"
        value = next(given, None)
        if value is None:
            shown = "(null)"
        elif kind == "s":
            if isinstance(value, int):
                raise SqlError(
                    2786,
                    "The data type of substitution parameter 1 does not match the expected type of "
                    "the format specification.",
                )
            shown = as_text(value)
        elif isinstance(value, int):
            shown = {
                "x": f"{value & 0xFFFFFFFF:x}",
                "X": f"{value & 0xFFFFFFFF:X}",
                "o": f"{value:o}",
            }.get(kind, str(int(value)))
        else:
            raise SqlError(
                2786,
                "The data type of substitution parameter 1 does not match the expected type of the "
                "format specification.",
            )
        return shown.ljust(int(width or 0)) if left else shown.rjust(int(width or 0))

    return _MARK.sub(fill, text)


@statement("ThrowStatement", writes=False)
def throw(session: SqlSession, node: Node) -> None:
    if node.ErrorNumber is None:
        if not session.caught:
            raise error(10704)
        raise session.caught[-1]
    number, message, state = (
        value_of(session, part) for part in (node.ErrorNumber, node.Message, node.State)
    )
    if number < 50000:
        raise SqlError(
            35100,
            f"Error number {number} in the THROW statement is outside the valid range. Specify an "
            "error number in the valid range "
            "of 50000 to 2147483647.",
        )
    raise SqlError(number, as_text(message), 16, state)


@statement("UseStatement", writes=False)
def use(session: SqlSession, node: Node) -> None:
    session.use(node.DatabaseName.Value)


@statement("WaitForStatement", writes=False)
def wait_for(session: SqlSession, node: Node) -> None:
    """Only checked: lab time is moved by the lab's clock, never by a batch."""
    if node.WaitForOption not in ("Delay", "Time"):
        raise LabGap(node.text)
    value = value_of(session, node.Parameter)
    if not re.fullmatch(r"\d{1,2}:\d{2}(:\d{2}(\.\d{1,7})?)?", str(value)):
        raise SqlError(148, f"Incorrect time syntax in time string '{value}' used with WAITFOR.")


@statement("KillStatement", writes=True)
def kill(session: SqlSession, node: Node) -> None:
    session.require_sysadmin(
        SqlError(6102, "User does not have permission to use the KILL statement.", 14)
    )
    spid = value_of(session, node.Parameter)
    if spid == session.spid:
        raise error(6104)
    if spid <= 50:
        raise error(6107)
    if not session.instance.kill(spid):
        raise error(6106, spid)


@statement("BeginTransactionStatement", writes=False)
def begin_transaction(session: SqlSession, node: Node) -> None:
    begin(session)


@statement("CommitTransactionStatement", writes=False)
def commit_transaction(session: SqlSession, node: Node) -> None:
    if not session.transactions:
        raise error(3902)
    if session.doomed:
        raise SqlError(
            3930,
            "The current transaction cannot be committed and cannot support operations that write "
            "to the log file. "
            "Roll back the transaction.",
        )
    commit(session)


@statement("RollbackTransactionStatement", writes=False)
def rollback_transaction(session: SqlSession, node: Node) -> None:
    if not session.transactions:
        raise error(3903)
    if node.get("Name") is not None:
        raise LabGap("named transactions and savepoints")
    roll_back(session)


@statement("ReconfigureStatement", writes=False)
def reconfigure(session: SqlSession, node: Node) -> None:
    """sp_configure has done it already (assumed)."""
    session.require_sysadmin()


@statement("CheckpointStatement", writes=False)
def checkpoint(session: SqlSession, node: Node) -> None:
    session.open_database()
