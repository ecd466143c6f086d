"""Every batch proves its end, and a batch that changes something ends at its first failure: by its
syntax tree.
"""

from __future__ import annotations

import importlib.util
import typing as t

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.fidelity import used
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import (
    PROOF_OF_END,
    Cmdlet,
    Sql,
)
from pchat_lab.sqlserver.language.parser import Node, parse
from pchat_lab.sqlserver.language.registry import PROCEDURES, STATEMENTS
from pchat_lab.sqlserver.load import load_all

needs_parser = pytest.mark.skipif(
    importlib.util.find_spec("pythonnet") is None,
    reason="Microsoft's parser needs .NET: dev/requirements/lab.txt",
)
MADE = [(name, call) for name, made in used.calls().items() for call in made]
BATCHES = [(name, call) for name, call in MADE if isinstance(call, Sql)]
WRITES = [(name, call) for name, call in BATCHES if call.changes]
#: What cannot fail in a way that matters, or is itself a part of the tests between the steps.
HARMLESS = {
    "PredicateSetStatement",
    "DeclareVariableStatement",
    "SetVariableStatement",
    "ReturnStatement",
}


def ids(made: list[tuple[str, t.Any]]) -> list[str]:
    return [f"{name}-{number}" for number, (name, _call) in enumerate(made)]


def changes(text: str) -> bool:
    """What the lab's SQL Server would take for a change: a statement or a procedure that writes."""
    load_all()
    for statement in parse(text):
        for node in statement.walk():
            if (
                node.kind in STATEMENTS
                and node.kind != "ExecuteStatement"
                and STATEMENTS[node.kind][1]
            ):
                return True
            if node.kind == "RestoreStatement":
                return node.Kind in ("Database", "TransactionLog")
            if node.kind == "ExecutableProcedureReference":
                name = node.ProcedureReference.ProcedureReference.Name.text.split(".")[-1]
                if PROCEDURES[name.lower()].writes:
                    return True
    return False


@needs_parser
@pytest.mark.parametrize(("name", "call"), BATCHES, ids=ids(BATCHES))
def test_a_batch_says_whether_it_changes_something(name: str, call: Sql) -> None:
    if "PRINT N''" in call.body:  # the sample of a body that others fill
        return
    assert call.changes == changes(call.text)


def test_a_cmdlet_changes_something_unless_its_verb_is_one_that_reads() -> None:
    reading = {call.name for _name, call in MADE if isinstance(call, Cmdlet) and not call.changes}
    assert {name.partition("-")[0] for name in reading} == {"Get", "Test"}
    writing = {call.name for _name, call in MADE if isinstance(call, Cmdlet) and call.changes}
    assert {"Set-CsPersistentChatState", "New-Item", "Set-Content", "Stop-Service"} <= writing
    assert not Cmdlet("Write-Output").changes


@pytest.mark.parametrize(("name", "call"), BATCHES, ids=ids(BATCHES))
def test_the_last_statement_proves_the_end(name: str, call: Sql) -> None:
    assert call.text.endswith(f"; {PROOF_OF_END}")
    assert call.text.count(PROOF_OF_END) == 1
    assert call.text in str(call)


def untested(statements: t.Sequence[Node], last_is_proven: bool) -> list[str]:
    """Statements of a list behind which the batch would go on although they failed.

    ``last_is_proven``: the proof of the end follows the list directly, and tells of its last
    statement.
    """
    found = []
    for number, statement in enumerate(statements):
        following = statements[number + 1 : number + 3]
        if statement.kind in HARMLESS and not _asks(statement):
            continue
        if statement.kind == "SelectStatement" and "AS pchat_" in statement.text:
            continue
        if statement.kind == "IfStatement" and statement.text.endswith("RETURN; END"):
            # the end after a failure, with its way out
            continue
        if _is_tested(following) or (number == len(statements) - 1 and last_is_proven):
            continue
        inner = _inner(statement)
        if inner is None:
            found.append(statement.text)
        else:
            found += [text for branch in inner for text in untested(branch, False)]
    return found


def _asks(statement: Node) -> bool:
    """Whether a SET reads tables, and may therefore fail."""
    return statement.kind == "SetVariableStatement" and "SELECT" in statement.text


def _is_tested(following: t.Sequence[Node]) -> bool:
    kept = len(following) == 2 and following[0].text == "SET @error = @@ERROR;"
    return kept and following[1].kind == "IfStatement" and "RETURN;" in following[1].text


def _inner(statement: Node) -> list[t.Sequence[Node]] | None:
    """The statements of each branch of an IF or of a WHILE, None for any other statement."""
    if statement.kind == "IfStatement":
        branches = [statement.ThenStatement, statement.ElseStatement]
    elif statement.kind == "WhileStatement":
        branches = [statement.Statement]
    else:
        return None
    return [_listed(branch) for branch in branches if branch is not None]


def _listed(branch: Node) -> t.Sequence[Node]:
    if branch.kind == "BeginEndBlockStatement":
        return t.cast("t.Sequence[Node]", branch.StatementList.Statements)
    return (branch,)


@needs_parser
@pytest.mark.parametrize(("name", "call"), WRITES, ids=ids(WRITES))
def test_nothing_runs_behind_a_step_that_failed(name: str, call: Sql) -> None:
    statements = parse(call.body)
    last_is_proven = statements[-1].kind != "IfStatement" or "BEGIN" not in statements[-1].text
    assert untested(statements, last_is_proven) == []


@needs_parser
def test_a_step_without_its_test_would_be_found() -> None:
    assert untested(parse("DROP DATABASE a; DROP DATABASE b"), True) == ["DROP DATABASE a;"]
    assert untested(parse("IF 1 = 1 BEGIN DROP DATABASE a; SET @error = 0; END"), False) == [
        "DROP DATABASE a;"
    ]
    assert untested(parse("SET @sid = (SELECT 1 FROM sys.databases); DROP DATABASE b"), True) == [
        "SET @sid = (SELECT 1 FROM sys.databases);"
    ]
