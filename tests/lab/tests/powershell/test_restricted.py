"""The lab's restricted sessions keep the rules that were measured on a real engine: which commands
are there, and what proxies refuse.
"""

from __future__ import annotations

import typing as t

import pytest

from pchat_lab.estate.build import build
from pchat_lab.powershell.capability import BadCapability, read_capability
from pchat_lab.powershell.commands import Command
from pchat_lab.powershell.errors import CmdletError
from pchat_lab.powershell.executor import Runspace
from pchat_lab.powershell.restricted import PROVIDED, matches
from pchat_lab.world.network import Caller
from pchat_lab.world.world import World

FILES = "VisibleProviders = 'FileSystem'"
CIM = "@{ Name = 'Get-CimInstance'; Parameters = @{ Name = 'ClassName' } }"
TEST_PATH = (
    "@{ Name = 'Test-Path'; Parameters = @{ Name = 'LiteralPath' }, @{ Name = 'PathType' } }"
)


class Streams:
    def __init__(self) -> None:
        self.out: list[t.Any] = []
        self.errors: list[CmdletError] = []

    def output(self, value: t.Any) -> None:
        self.out.append(value)

    def error(self, error: CmdletError, called: t.Any) -> None:
        self.errors.append(error)

    def warning(self, text: str, called: t.Any) -> None:
        pass

    def verbose(self, text: str, called: t.Any) -> None:
        pass

    def record(self, kind: str, record: t.Any) -> None:
        pass


@pytest.fixture(scope="module")
def world() -> World:
    return build("default", clock_runs=False)


def session(world: World, *keys: str, host: str = "fe-n1") -> Runspace:
    text = "@{ " + "\n".join(keys) + " }"
    return Runspace(
        world,
        world.machine(host),
        Caller(world.account("CONTOSO\\pchat-admin"), True),
        "r",
        read_capability(text),
    )


def run(runspace: Runspace, name: str, script: bool = False, **parameters: t.Any) -> list[t.Any]:
    streams = Streams()
    runspace.run([Command(name, script, list(parameters.items()))], streams, "p")
    if streams.errors:
        raise streams.errors[0]
    return streams.out


def refused(
    runspace: Runspace, name: str, script: bool = False, **parameters: t.Any
) -> tuple[str, str]:
    with pytest.raises(CmdletError) as caught:
        run(runspace, name, script, **parameters)
    return caught.value.error_id, caught.value.category


NOT_THERE = ("CommandNotFoundException", "ObjectNotFound")


def test_an_entry_with_parameters_loads_no_module(world):
    assert (
        refused(
            session(world, f"VisibleCmdlets = {CIM}"),
            "Get-CimInstance",
            ClassName="Win32_ComputerSystem",
        )
        == NOT_THERE
    )


@pytest.mark.parametrize(
    "also", ["ModulesToImport = 'CimCmdlets'", "ModulesToImport = 'Nobody', 'CimCmdlets'"]
)
def test_importing_its_module_makes_it_visible(world, also):
    assert (
        len(
            run(
                session(world, f"VisibleCmdlets = {CIM}", also),
                "Get-CimInstance",
                ClassName="Win32_ComputerSystem",
            )
        )
        == 1
    )


def test_a_plain_name_of_the_same_module_makes_it_visible(world):
    one = session(
        world, "VisibleCmdlets = 'Get-CsTopology', @{ Name = 'Get-CsPool'; Parameters = @() }"
    )
    assert refused(one, "Get-CsPool", Filter="*") == ("NamedParameterNotFound", "InvalidArgument")
    run(one, "Get-CsPool")


def test_a_plain_name_of_nothing_is_passed_over(world):
    assert session(world, "VisibleCmdlets = 'Get-Nothing', 'Get-CsPool'").restricted.plain == {
        "get-cspool"
    }


@pytest.mark.parametrize(
    ("modules", "opens"),
    [("'Nobody'", False), ("'SmbShare', 'Nobody'", False), ("'Nobody', 'SmbShare'", True)],
)
def test_a_module_that_is_not_there_breaks_the_pool_only_when_it_stands_last(world, modules, opens):
    assert (
        session(
            world, "VisibleCmdlets = 'Get-CsPool'", f"ModulesToImport = {modules}"
        ).restricted.refusal
        == ""
    ) == opens


def test_lync_has_the_name_of_the_product_that_is_there(world):
    assert (
        session(
            world, "VisibleCmdlets = 'Get-CsPool'", "ModulesToImport = 'SkypeForBusiness'"
        ).restricted.refusal
        != ""
    )
    assert (
        session(
            world, "VisibleCmdlets = 'Get-CsPool'", "ModulesToImport = 'Lync'"
        ).restricted.refusal
        == ""
    )


def test_the_sql_module_of_the_machine_is_loaded_by_a_plain_name_of_either(world):
    one = session(
        world,
        "VisibleCmdlets = 'Convert-UrnToPath', @{ Name = 'Invoke-Sqlcmd'; Parameters = @{ Name = "
        "'Query' } }",
        host="sql-n1",
    )
    assert run(one, "Convert-UrnToPath", Urn="Server[@Name='X']") == ["SQLSERVER:\\SQL\\X\\DEFAULT"]
    run(one, "Invoke-Sqlcmd", Query="SELECT 1 AS x")


def test_a_proxy_tells_no_module_and_the_plain_name_beside_it_does(world):
    """The proxy shows what the endpoint lists; SQLPS of 2012 refuses what only newer ones have."""
    listed = "@{ Name = 'Query' }, @{ Name = 'TrustServerCertificate' }"
    one = session(
        world,
        "VisibleCmdlets = 'Convert-UrnToPath', "
        f"@{{ Name = 'Invoke-Sqlcmd'; Parameters = {listed} }}",
        host="sql-n1",
    )
    proxy, plain = run(one, "Get-Command", Name=["Invoke-Sqlcmd", "Convert-UrnToPath"])
    assert proxy.properties["CommandType"] == "Function"
    assert proxy.properties["ModuleName"] == ""
    assert "TrustServerCertificate" in proxy.properties["Parameters"]
    assert plain.properties["CommandType"] == "Cmdlet"
    assert plain.properties["ModuleName"] == "SQLPS"
    told = refused(one, "Invoke-Sqlcmd", Query="SELECT 1 AS x", TrustServerCertificate=True)
    assert told[0] == "NamedParameterNotFound"


def test_plain_and_with_parameters_the_module_s_name_reaches_it_without_the_restriction(world):
    one = session(
        world, "VisibleCmdlets = 'Get-CsPool', @{ Name = 'Get-CsPool'; Parameters = @() }"
    )
    assert refused(one, "Get-CsPool", Identity="x")[0] == "NamedParameterNotFound"
    run(one, "Lync\\Get-CsPool", Filter="*")


def test_the_module_s_name_does_not_reach_what_stands_there_with_parameters_only(world):
    one = session(
        world, "VisibleCmdlets = 'Get-CsTopology', @{ Name = 'Get-CsPool'; Parameters = @() }"
    )
    assert refused(one, "Lync\\Get-CsPool") == NOT_THERE


def test_a_common_parameter_in_the_list_breaks_the_proxy(world):
    one = session(
        world,
        "VisibleCmdlets = 'Get-CsTopology', @{ Name = 'Get-CsPool'; Parameters = @{ Name = "
        "'ErrorAction' } }",
    )
    assert refused(one, "Get-CsPool")[0] == "ParameterNameAlreadyExistsForCommand"


def test_a_listed_parameter_that_the_command_lacks_is_shown_and_then_refused_by_it(world):
    one = session(
        world,
        "VisibleCmdlets = 'Get-CsTopology', @{ Name = 'Get-CsPool'; Parameters = @{ Name = "
        "'NewerParameter' } }",
    )
    (shown,) = run(one, "Get-Command", Name=["Get-CsPool"])
    assert (
        "NewerParameter" in shown.properties["Parameters"],
        shown.properties["CommandType"],
        shown.properties["ModuleName"],
    ) == (True, "Function", "")
    assert refused(one, "Get-CsPool", NewerParameter="x")[0] == "NamedParameterNotFound"


def test_abbreviations_resolve_among_the_listed_parameters(world):
    one = session(
        world,
        f"VisibleCmdlets = {TEST_PATH}",
        FILES,
        "ModulesToImport = 'Microsoft.PowerShell.Management'",
    )
    assert refused(one, "Test-Path", Path="C:\\Windows") == (
        "ParameterArgumentTransformationError",
        "InvalidData",
    )
    assert run(one, "Test-Path", Literal="C:\\") == [True]


def test_an_empty_text_for_a_mandatory_one_is_refused(world):
    one = session(
        world,
        f"VisibleCmdlets = {TEST_PATH}",
        FILES,
        "ModulesToImport = 'Microsoft.PowerShell.Management'",
    )
    assert refused(one, "Test-Path", LiteralPath="") == (
        "ParameterArgumentValidationErrorEmptyStringNotAllowed",
        "InvalidData",
    )


@pytest.mark.parametrize(
    ("rule", "value", "passes"),
    [
        ("ValidateSet = 'Win32_Process', 'Win32_ComputerSystem'", "win32_computersystem", True),
        ("ValidateSet = 'Win32_Process'", "Win32_ComputerSystem", False),
        ("ValidatePattern = 'Win32_C.*'", "win32_computersystem", True),
        ("ValidatePattern = 'Computer'", "Win32_ComputerSystem", False),
        ("ValidatePattern = 'x', 'Win32_ComputerSystem'", "Win32_ComputerSystem", True),
    ],
)
def test_values_are_held_to_the_rule_of_their_parameter(world, rule, value, passes):
    entry = "@{ Name = 'Get-CimInstance'; Parameters = @{ Name = 'ClassName'; " + rule + " } }"
    one = session(world, f"VisibleCmdlets = {entry}", "ModulesToImport = 'CimCmdlets'")
    if passes:
        assert len(run(one, "Get-CimInstance", ClassName=value)) == 1
    else:
        assert refused(one, "Get-CimInstance", ClassName=value) == (
            "ParameterArgumentValidationError",
            "InvalidData",
        )


def test_a_pattern_without_an_end_of_its_own_lets_a_line_feed_through():
    assert (matches("a", "a\n"), matches(r"a\z", "a\n"), matches(r"a\z", "A")) == (
        True,
        False,
        True,
    )


def test_without_the_provider_of_files_there_are_no_files(world):
    plain = session(world, "VisibleCmdlets = 'Test-Path', 'Set-Content', 'New-Item'")
    assert run(plain, "Test-Path", LiteralPath="C:\\") == [False]
    assert refused(plain, "New-Item", Path="C:\\x", ItemType="Directory") == (
        "DriveNotFound",
        "ObjectNotFound",
    )
    assert (
        refused(plain, "Set-Content", LiteralPath="C:\\x", Value="x", Encoding="UTF8")[0]
        == "NamedParameterNotFound"
    )
    assert run(
        session(world, "VisibleCmdlets = 'Test-Path'", FILES), "Test-Path", LiteralPath="C:\\"
    ) == [True]


@pytest.mark.parametrize(
    "name", ["ErrorVariable", "OutVariable", "WarningVariable", "PipelineVariable", "ov", "OutV"]
)
def test_there_are_no_variables(world, name):
    assert (
        refused(session(world, "VisibleCmdlets = 'Get-CsPool'"), "Get-CsPool", **{name: "x"})[0]
        == "VariableReferenceNotSupportedInDataSection"
    )


def test_there_is_no_script(world):
    assert (
        refused(session(world, "VisibleCmdlets = 'Get-CsPool'"), "Get-CsPool", script=True)[0]
        == "ScriptsNotAllowed"
    )


def test_some_commands_are_visible_by_themselves_in_restricted_sessions_only(world):
    one = session(world, "VisibleCmdlets = 'Get-CsPool'")
    assert sorted(
        found.properties["Name"].lower() for found in run(one, "Get-Command", Name=sorted(PROVIDED))
    ) == sorted(PROVIDED)
    assert run(one, "Clear-Host") == []
    whole = Runspace(
        world, world.machine("fe-n1"), Caller(world.account("CONTOSO\\pchat-admin"), True), "r"
    )
    assert [
        found.properties["Name"] for found in run(whole, "Get-Command", Name=["Get-Command"])
    ] == ["Get-Command"]


@pytest.mark.parametrize("name", ["Get-*", "Lync\\Get-CsPool"])
def test_entries_that_this_lab_does_not_know_are_refused(name):
    with pytest.raises(BadCapability, match="neither wildcards"):
        read_capability("@{ VisibleCmdlets = '" + name + "' }")
