"""The SQL tools of a machine: which Invoke-Sqlcmd a session comes upon, with which parameters, and
what it keeps to itself.
"""

from __future__ import annotations

import typing as t

import pytest

from pchat_lab.estate.build import build
from pchat_lab.estate.document import ESTATES
from pchat_lab.estate.shape import EstateError
from pchat_lab.powershell.errors import CmdletError
from pchat_lab.powershell.objects import DBNULL
from pchat_lab.world.machine import Machine
from pchat_lab.world.sql_tools import QUIRKS, TOOLS
from pchat_lab.world.world import World

from .conftest import Console

BASIC = {
    "Query",
    "ServerInstance",
    "Database",
    "QueryTimeout",
    "AbortOnError",
    "DisableVariables",
    "DisableCommands",
    "MaxCharLength",
}
LOGS = "\\\\fs-s1.contoso.example\\pchat-logs"
#: Two statements before the one that fails, so that it is not the first; then one that answers.
FAILS_LATE = "SET NOCOUNT ON; SELECT 1 AS a; RAISERROR(N'no', 16, 1); SELECT 2 AS a"


def console(world: World, machine: str = "sql-n1") -> Console:
    return Console(world, machine, "CONTOSO\\pchat-admin", delegated=True)


def with_tools(*names: str) -> Console:
    """A session on sql-n1 of an estate in which SQL Server's hosts have these tools and what is
    reported of them.
    """
    return console(build("default", tools=[*names], clock_runs=False))


def without_quirks() -> World:
    """The default estate, with tools that are as they are documented."""
    world = build("default", clock_runs=False)
    for instance in world.instances():
        instance.machine.sql_quirks = frozenset()
    return world


def with_quirk(quirk: str) -> Console:
    """A session on sql-n1, whose tools have this quirk and no other."""
    world = without_quirks()
    world.faults.add({"kind": "sql_quirk", "host": "sql-n1", "quirk": quirk})
    return console(world)


def told(here: Console, name: str = "Invoke-Sqlcmd") -> dict[str, t.Any] | None:
    """What Get-Command says; None when it finds nothing."""
    found = here.run("Get-Command", Name=name).out
    return found[0].properties if found else None


def ask(here: Console, query: str, **parameters: t.Any) -> tuple[list[t.Any], list[str]]:
    """The values of the first column, and the errors."""
    streams = here.run("Invoke-Sqlcmd", Query=query, **parameters)
    return [next(iter(row.properties.values())) for row in streams.out], [
        error.message for error in streams.errors
    ]


def marks(here: Console) -> list[str]:
    """The descriptions that batches of these tests left in master, oldest first."""
    return ask(
        here,
        "SELECT name FROM sys.extended_properties WHERE class = 0 ORDER BY name",
        IncludeSqlUserErrors=True,
    )[0]


def marked(name: str) -> str:
    return f"EXEC sys.sp_addextendedproperty @name = N'{name}', @value = N'x'"


# --- which one


@pytest.mark.parametrize(
    ("tool", "module", "has", "lacks"),
    [
        (
            "snap-in 2008 R2",
            "SqlServerCmdletSnapin100",
            {"SuppressProviderContextWarning"},
            {"IncludeSqlUserErrors", "Encrypt", "OutputAs"},
        ),
        (
            "SQLPS 2012",
            "SQLPS",
            {"IncludeSqlUserErrors", "IgnoreProviderContext"},
            {"TrustServerCertificate", "Encrypt", "OutputAs"},
        ),
        (
            "SQLPS 2014",
            "SQLPS",
            {"IncludeSqlUserErrors", "IgnoreProviderContext"},
            {"TrustServerCertificate", "Encrypt", "OutputAs"},
        ),
        (
            "SqlServer 21",
            "SqlServer",
            {"IncludeSqlUserErrors", "OutputAs", "Credential"},
            {"TrustServerCertificate", "Encrypt"},
        ),
        (
            "SqlServer 22",
            "SqlServer",
            {"IncludeSqlUserErrors", "TrustServerCertificate", "Encrypt"},
            set(),
        ),
    ],
)
def test_each_tool_has_its_module_and_its_parameters(
    tool: str, module: str, has: set[str], lacks: set[str]
) -> None:
    found = told(with_tools(tool))
    assert found is not None
    assert found["ModuleName"] == module
    parameters = set(found["Parameters"])
    assert BASIC | has <= parameters
    assert not lacks & parameters
    assert "ErrorAction" in parameters


def test_the_version_is_told_since_powershell_5() -> None:
    """The tools that need it bring it; the others are there on older ones as well."""
    assert {name: (told(with_tools(name)) or {}).get("Version") for name in TOOLS} == {
        "snap-in 2008 R2": None,
        "SQLPS 2012": None,
        "SQLPS 2014": None,
        "SqlServer 21": "21.1.18256",
        "SqlServer 22": "22.3.0",
    }
    both = told(with_tools("SQLPS 2014", "SqlServer 22"))
    assert both is not None
    assert (both["ModuleName"], both["Version"]) == ("SQLPS", "1.0")


def test_a_parameter_that_a_tool_lacks_does_not_bind() -> None:
    for tool, parameter in (
        ("snap-in 2008 R2", "IncludeSqlUserErrors"),
        ("SQLPS 2014", "TrustServerCertificate"),
        ("SQLPS 2012", "OutputAs"),
    ):
        with pytest.raises(CmdletError, match=f"matches parameter name '{parameter}'"):
            ask(with_tools(tool), "SELECT 1", **{parameter: True})


def test_encrypt_is_short_for_another_parameter_before_22() -> None:
    """A switch, which takes no text."""
    for tool in ("snap-in 2008 R2", "SQLPS 2014", "SqlServer 21"):
        with pytest.raises(CmdletError, match="EncryptConnection"):
            ask(with_tools(tool), "SELECT 1", Encrypt="Optional")


def test_of_two_tools_the_first_in_the_path_is_taken_and_either_can_be_named() -> None:
    here = with_tools("SqlServer 21", "SQLPS 2014")
    assert (told(here) or {})["ModuleName"] == "SqlServer"
    assert (told(here, "SQLPS\\Invoke-Sqlcmd") or {})["ModuleName"] == "SQLPS"
    assert told(here, "Lync\\Invoke-Sqlcmd") is None
    with pytest.raises(CmdletError, match="not recognized"):
        here.run("Lync\\Invoke-Sqlcmd", Query="SELECT 1")


def test_what_was_loaded_last_answers_to_the_plain_name() -> None:
    here = with_tools("SqlServer 21", "SQLPS 2014")
    here.run("SQLPS\\Invoke-Sqlcmd", Query="SELECT 1")
    assert (told(here) or {})["ModuleName"] == "SQLPS"
    assert (told(console(here.world)) or {})[
        "ModuleName"
    ] == "SqlServer"  # another session begins anew


def test_without_tools_a_snap_in_that_nobody_adds_or_in_a_32_bit_session_there_is_no_cmdlet() -> (
    None
):
    world = build("default", clock_runs=False)
    world.faults.add({"kind": "sql_tools", "host": "sql-n1", "tools": "none"})
    world.faults.add({"kind": "sql_tools", "host": "sql-n2", "tools": "snap-in 2008 R2"})
    world.machine("sql-s1").session_bits = 32
    for machine in ("sql-n1", "sql-n2", "sql-s1", "fe-n1"):
        assert told(console(world, machine)) is None
        with pytest.raises(CmdletError, match="'Invoke-Sqlcmd' is not recognized"):
            ask(console(world, machine), "SELECT 1")
    world.machine("sql-n2").adds_snap_ins = True
    assert ask(console(world, "sql-n2"), "SELECT 1") == ([1], [])


def test_an_execution_policy_that_allows_no_scripts_keeps_sqlps_from_loading() -> None:
    here = with_tools("SQLPS 2012", "SqlServer 22")
    here.world.faults.add({"kind": "execution_policy", "host": "sql-n1", "policy": "Restricted"})
    with pytest.raises(
        CmdletError, match="found in the module 'SQLPS', but the module could not be loaded"
    ) as refused:
        ask(here, "SELECT 1")
    assert refused.value.error_id == "CouldNotAutoLoadModule"
    assert told(here) is None
    assert (told(here, "SqlServer\\Invoke-Sqlcmd") or {})[
        "ModuleName"
    ] == "SqlServer"  # it has no scripts to run


def test_the_execution_policy_is_that_of_the_windows_unless_the_estate_says_otherwise() -> None:
    world = build("several_pools", clock_runs=False)
    assert {m.execution_policy for m in world.machines.values()} == {"RemoteSigned"}
    assert Machine("a.b", "north", "sql", "C").execution_policy == "RemoteSigned"


def test_tools_that_the_powershell_of_the_machine_cannot_import_are_no_estate(
    tmp_path: t.Any,
) -> None:
    text = (
        (ESTATES / "default.yml")
        .read_text(encoding="utf-8")
        .replace("tools: [SQLPS 2012]", "tools: [SqlServer 22]")
    )
    file = tmp_path / "new.yml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(
        EstateError,
        match=r"sql.sql-n1.tools: SqlServer 22 cannot be imported by Windows PowerShell 4.0; the "
        r"oldest that can is 5.1",
    ):
        build(file)
    with pytest.raises(EstateError, match="'SQLPS 2010' is not one of"):
        build("default", tools=["SQLPS 2010"])


def test_every_quirk_of_a_tool_is_described() -> None:
    assert {quirk for tool in TOOLS.values() for quirk in tool.quirks} | {"errors_lost"} == set(
        QUIRKS
    )


# --- errors that do not arrive


def test_without_the_switch_only_the_error_of_a_first_statement_arrives() -> None:
    here = with_quirk("errors_need_switch")
    assert ask(here, FAILS_LATE) == ([1, 2], [])
    assert ask(here, FAILS_LATE, IncludeSqlUserErrors=True) == ([1, 2], ["no"])
    assert ask(here, "RAISERROR(N'no', 16, 1); SELECT 2 AS a") == ([2], ["no"])
    assert ask(here, "SELECT 1 AS a; RAISERROR(N'worse', 20, 1) WITH LOG; SELECT 2 AS a") == (
        [1],
        ["worse"],
    )


def test_without_the_switch_an_error_in_the_rows_ends_them_and_is_not_told() -> None:
    here = with_quirk("errors_need_switch")
    query = "SELECT CONVERT(int, 100000000000) AS a; SELECT 2 AS a"
    assert ask(here, query) == ([], [])
    assert ask(here, query, IncludeSqlUserErrors=True)[1] != []


def test_an_error_that_is_kept_back_does_not_abort_either() -> None:
    assert ask(with_quirk("errors_need_switch"), FAILS_LATE, AbortOnError=True) == ([1, 2], [])


def test_errors_may_be_lost_with_the_switch_as_well() -> None:
    here = with_quirk("errors_lost")
    assert ask(here, FAILS_LATE, IncludeSqlUserErrors=True) == ([1, 2], [])
    assert ask(here, "RAISERROR(N'no', 16, 1)", IncludeSqlUserErrors=True) == ([], [])


def test_the_journal_knows_what_was_lost() -> None:
    here = with_quirk("errors_lost")
    ask(here, FAILS_LATE)
    entry = here.world.journal.entries[-1]
    assert (entry.outcome, entry.notes["lost_errors"]) == ("ok", [50000])


def test_a_batch_that_is_named_loses_what_a_fault_says() -> None:
    here = console(without_quirks())
    query = (
        "SELECT name FROM sys.databases WHERE database_id IN (1, 2) ORDER BY database_id; "
        "RAISERROR(N'no', 16, 1); SELECT N'end' AS a"
    )
    answers = {}
    for loses in ("errors", "rows", "half", "answer", "everything"):
        fault = here.world.faults.add(
            {"kind": "sql_batch", "pattern": r"sys\.databases", "loses": loses}
        )
        answers[loses] = ask(here, query)
        assert ask(here, "SELECT 1") == ([1], [])
        here.world.faults.clear(fault)
    assert answers == {
        "errors": (["master", "tempdb", "end"], []),
        "rows": (["end"], ["no"]),
        "half": (["master"], []),
        "answer": ([], []),
        "everything": ([], []),
    }


def test_a_batch_that_is_lost_whole_did_nothing_and_one_that_loses_its_answer_did() -> None:
    here = console(without_quirks())
    here.world.faults.add(
        {"kind": "sql_batch", "pattern": "N'one'", "loses": "everything", "times": 1}
    )
    ask(here, marked("one"))
    assert marks(here) == []
    here.world.faults.clear()
    here.world.faults.add({"kind": "sql_batch", "pattern": "N'two'", "loses": "answer"})
    assert ask(here, marked("two")) == ([], [])
    assert marks(here) == ["two"]


# --- batches that run twice


@pytest.mark.parametrize(
    ("quirk", "left"), [("failed_batch_twice", ["a", "c"]), ("failed_batch_half_way", ["a", "c"])]
)
def test_a_batch_that_failed_is_run_once_more(quirk: str, left: list[str]) -> None:
    """The first run of the tool that breaks off gets to the failure, the second one further."""
    here = with_quirk(quirk)
    query = (
        f"SET NOCOUNT ON; {marked('a')}; {marked('a')}; {marked('c')}; SELECT COUNT(*) AS a FROM "
        "sys.extended_properties WHERE class = 0"
    )
    rows, errors = ask(here, query)
    assert marks(here) == left
    assert len(errors) == {"failed_batch_twice": 4, "failed_batch_half_way": 3}[quirk]
    assert rows == {"failed_batch_twice": [2, 2], "failed_batch_half_way": [2]}[quirk]


def test_a_batch_that_did_not_fail_is_run_once() -> None:
    here = with_quirk("failed_batch_twice")
    assert ask(here, f"{marked('a')}; SELECT 1 AS a") == ([1], [])


@pytest.mark.parametrize(("action", "errors"), [("twice", 2), ("half_way", 1)])
def test_a_strike_runs_a_batch_again_and_shows_the_second_run(action: str, errors: int) -> None:
    here = console(without_quirks())
    here.world.faults.add({"kind": "write", "number": 2, "action": action})
    assert ask(here, marked("first")) == ([], [])
    rows, failed = ask(here, f"{marked('a')}; {marked('b')}; SELECT 1 AS a")
    assert marks(here) == ["a", "b", "first"]
    assert rows == [1]
    assert len(failed) == errors  # of those that were there already: a and b, or a alone
    assert ask(here, marked("last")) == ([], [])
    assert [
        bool(entry.notes.get("run_again")) for entry in here.world.journal.entries if entry.write
    ] == [False, True, False]


def test_a_strike_half_way_may_come_later() -> None:
    here = console(without_quirks())
    here.world.faults.add({"kind": "write", "number": 1, "action": "half_way", "statements": 2})
    assert len(ask(here, f"{marked('a')}; {marked('b')}; {marked('c')}")[1]) == 2


def test_a_strike_on_a_write_that_is_no_batch_lets_it_go_on() -> None:
    here = console(build("default", clock_runs=False), "fe-n1")
    here.world.faults.add({"kind": "write", "number": 1, "action": "twice"})
    here.run("New-Item", Path="C:\\Temp", ItemType="Directory")
    assert here.world.faults.list()[0]["fired"]


# --- certificates


def test_the_module_of_22_demands_a_certificate_that_it_trusts() -> None:
    here = with_tools("SqlServer 22")
    with pytest.raises(
        CmdletError, match="certificate chain was issued by an authority that is not trusted"
    ) as refused:
        ask(here, "SELECT 1")
    assert (refused.value.error_id, refused.value.exception) == (
        "SqlExceptionError",
        "Microsoft.Data.SqlClient.SqlException",
    )
    assert ask(here, "SELECT 1", TrustServerCertificate=True) == ([1], [])
    assert ask(here, "SELECT 1", Encrypt="Optional") == ([1], [])
    with pytest.raises(CmdletError, match="not trusted"):
        ask(here, "SELECT 1", Encrypt="Mandatory")
    with pytest.raises(CmdletError, match="pre-login handshake"):
        ask(here, "SELECT 1", Encrypt="Strict", TrustServerCertificate=True)
    here.world.machine("sql-n1").sql_certificate = "trusted"
    assert ask(here, "SELECT 1") == ([1], [])


def test_the_others_encrypt_when_they_are_told_to() -> None:
    for tool in ("SQLPS 2014", "SqlServer 21"):
        assert ask(with_tools(tool), "SELECT 1") == ([1], [])
        with pytest.raises(CmdletError, match="not trusted"):
            ask(with_tools(tool), "SELECT 1", EncryptConnection=True)


# --- where SQLPS leaves the session, and values


def test_sqlps_leaves_the_session_where_a_share_is_not_found() -> None:
    here = with_tools("SQLPS 2012")
    here.world.machine("fs-s1").shares["pchat-logs"].rights["CONTOSO\\pchat-admin"] = "Full"
    assert here.run("Test-Path", LiteralPath=LOGS).out == [True]
    told(here)  # asking for an exact name loads its module
    assert here.run("Test-Path", LiteralPath=LOGS).out == [False]
    assert here.run("Test-Path", LiteralPath=f"FileSystem::{LOGS}").out == [True]
    assert here.run(
        "Test-Path", LiteralPath=f"Microsoft.PowerShell.Core\\FileSystem::{LOGS}"
    ).out == [True]
    assert here.run("Test-Path", LiteralPath="C:\\Windows").out == [True]
    assert [error.error_id for error in here.run("Get-Item", LiteralPath=LOGS).errors] == [
        "PathNotFound"
    ]


def test_the_module_sqlserver_leaves_the_session_where_it_is() -> None:
    here = with_tools("SqlServer 22")
    here.world.machine("fs-s1").shares["pchat-logs"].rights["CONTOSO\\pchat-admin"] = "Full"
    ask(here, "SELECT 1", TrustServerCertificate=True)
    assert here.run("Test-Path", LiteralPath=LOGS).out == [True]


def test_a_null_rowversion_is_empty_bytes_before_22() -> None:
    query = "SELECT CONVERT(rowversion, NULL) AS a"
    assert ask(with_tools("SQLPS 2014"), query)[0] == [b""]
    assert ask(with_tools("SqlServer 21"), query)[0] == [b""]
    assert ask(with_tools("SqlServer 22"), query, TrustServerCertificate=True)[0] == [DBNULL]
