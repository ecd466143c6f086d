"""Invoke-Sqlcmd: the cmdlet around the session."""

from __future__ import annotations

import decimal
import typing as t

import pytest

from pchat_lab.powershell.errors import CmdletError
from pchat_lab.powershell.objects import DBNULL, Int64, PSObject
from pchat_lab.powershell.registry import Invocation
from pchat_lab.sqlserver.invoke_sqlcmd import invoke_sqlcmd
from pchat_lab.world.network import Caller

from .conftest import ADMIN, HELPDESK


def call(
    sql: t.Any,
    query: str,
    *,
    who: str = ADMIN,
    delegated: bool = False,
    on: str = "sql-n1",
    **params: t.Any,
) -> tuple[list[PSObject], Invocation]:
    invocation = Invocation(
        sql.world,
        sql.world.machine(on),
        Caller(sql.account(who), delegated),
        "Invoke-Sqlcmd",
        {"Query": query, **params},
    )
    return list(invoke_sqlcmd(invocation) or ()), invocation


def test_rows_are_data_rows(sql: t.Any) -> None:
    rows, made = call(
        sql,
        "SELECT CONVERT(bigint, 1) b, CONVERT(numeric(25,0), 33000000012800001) l, NULL n, "
        "CONVERT(bit, 1) t, 7, 8 UNION ALL "
        "SELECT 2, 3, NULL, 0, 9, 10",
    )
    first = rows[0]
    assert first.type_names == ["System.Data.DataRow", "System.Object"]
    assert list(first.properties) == ["b", "l", "n", "t", "Column5", "Column6"]
    assert first.properties["b"] == Int64(1)
    assert first.properties["l"] == decimal.Decimal(33000000012800001)
    assert first.properties["n"] is DBNULL
    assert first.properties["t"] is True
    assert len(rows) == 2
    assert made.wrote is False
    assert made.notes["instance"] == "SQL-N1"


def test_long_values_are_cut_silently(sql: t.Any) -> None:
    query = "SELECT REPLICATE('x', 5000) a, CONVERT(varbinary(max), REPLICATE('x', 2000)) b"
    row = call(sql, query)[0][0].properties
    assert (len(row["a"]), len(row["b"])) == (4000, 1024)
    row = call(sql, query, MaxCharLength=1000000, MaxBinaryLength=1000000)[0][0].properties
    assert (len(row["a"]), len(row["b"])) == (5000, 2000)


def test_errors_are_records_of_their_own_kind(sql: t.Any) -> None:
    rows, made = call(
        sql,
        "SELECT 1 a; RAISERROR(N'no', 16, 1); BACKUP LOG msdb TO DISK = N'x'; PRINT N'said'; "
        "SELECT 2 a",
    )
    assert [row.properties["a"] for row in rows] == [1, 2]
    assert [
        (e.message, e.error_id, e.exception.rpartition(".")[2])
        for e in made.errors
        if isinstance(e, CmdletError)
    ] == [
        ("no", "SqlError", "SqlPowerShellSqlExecutionException"),
        (
            "The statement BACKUP LOG is not allowed while the recovery model is SIMPLE. Use "
            "BACKUP DATABASE or change the recovery model using ALTER "
            "DATABASE.\nBACKUP LOG is terminating abnormally.",
            "SqlError",
            "SqlPowerShellSqlExecutionException",
        ),
    ]
    assert made.verbose == ["said"]
    assert made.wrote is True
    assert [
        row.properties["a"]
        for row in call(sql, "SELECT 1 a; RAISERROR(N'no', 16, 1); SELECT 2 a", AbortOnError=True)[
            0
        ]
    ] == [1]
    assert call(sql, "RAISERROR(N'no', 16, 1)", ErrorLevel=17)[1].errors == []


def test_variables_are_replaced_even_in_literals(sql: t.Any) -> None:
    query = "SELECT N'$(who)' a"
    with pytest.raises(CmdletError, match="scripting variable not defined"):
        call(sql, query)
    assert call(sql, query, Variable=["who=me"])[0][0].properties["a"] == "me"
    assert call(sql, query, DisableVariables=True)[0][0].properties["a"] == "$(who)"


def test_commands_are_obeyed_even_in_literals(sql: t.Any) -> None:
    assert call(sql, "SELECT 1 a\nGO\nSELECT 2 a")[0][1].properties["a"] == 2
    assert len(call(sql, "SELECT 1 a\nQUIT\nSELECT 2 a")[0]) == 1
    literal = "SELECT N'x\nexit\ny' a"
    assert call(sql, literal)[1].errors  # the literal was cut in two
    assert call(sql, literal, DisableCommands=True)[0][0].properties["a"] == "x\nexit\ny"


@pytest.mark.parametrize(
    "server", [".", "localhost", "SQL-N1", "sql-n1.contoso.example", "tcp:sql-n1,1433", None]
)
def test_the_local_instance_has_many_names(sql: t.Any, server: str | None) -> None:
    params: dict[str, t.Any] = {} if server is None else {"ServerInstance": server}
    assert call(sql, "SELECT @@SERVERNAME a", **params)[0][0].properties["a"] == "SQL-N1"


def test_another_machine_is_a_second_hop(sql: t.Any) -> None:
    with pytest.raises(CmdletError, match="ANONYMOUS LOGON"):
        call(sql, "SELECT 1", ServerInstance="sql-s1")
    assert (
        call(sql, "SELECT @@SERVERNAME a", ServerInstance="sql-s1", delegated=True)[0][
            0
        ].properties["a"]
        == "SQL-S1"
    )
    sql.world.network.cut_links.add(frozenset(("sql-n1.contoso.example", "sql-s1.contoso.example")))
    with pytest.raises(CmdletError, match="network-related"):
        call(sql, "SELECT 1", ServerInstance="sql-s1", delegated=True)


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"ServerInstance": r".\NONE"}, "Locating Server"),
        ({"ServerInstance": "nohost"}, "network-related"),
        ({"Database": "nope"}, "Cannot open database"),
        ({"Username": "sa", "Password": "x"}, "Login failed for user 'sa'"),
        ({"QueryTimeout": 0}, "minimum allowed range"),
        ({"QueryTimeout": 70000}, "maximum allowed range"),
    ],
)
def test_a_connection_that_fails_ends_the_pipeline(
    sql: t.Any, params: dict[str, t.Any], text: str
) -> None:
    with pytest.raises(CmdletError, match=text):
        call(sql, "SELECT 1", **params)


def test_who_has_no_login_is_refused(sql: t.Any) -> None:
    with pytest.raises(CmdletError, match="Login failed for user 'CONTOSO"):
        call(sql, "SELECT 1", who=HELPDESK)


def test_no_session_is_left_behind(sql: t.Any) -> None:
    before = dict(sql.north.sessions)
    call(sql, "SELECT 1; BEGIN TRAN")
    assert sql.north.sessions == before
