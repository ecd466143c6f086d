"""Invoke-Sqlcmd is called with what the host's version has."""

from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import (
    CmdletMissing,
    Refused,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import Sql
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.sql_tool import (
    SqlTool,
    tool_from,
    tool_of,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.sql_tools import (
    PARAMETERS,
    Choice,
    hint,
    invocation,
)

SQLPS = SqlTool(
    "SQLPS",
    "1.0",
    frozenset(
        {
            "IncludeSqlUserErrors",
            "SuppressProviderContextWarning",
            "IgnoreProviderContext",
            "EncryptConnection",
        }
    ),
)
NEWEST = SqlTool(
    "SqlServer",
    "22.2.0",
    SQLPS.parameters - {"EncryptConnection"} | {"TrustServerCertificate", "Encrypt"},
)
SNAP_IN = SqlTool("SqlServerCmdletSnapin100", None, frozenset({"Query", "EncryptConnection"}))
READ = Sql("SELECT 1 AS a", "msdb")


def sent(tool, choice=None):
    return invocation(READ, "", choice or Choice(), tool).params


@pytest.mark.parametrize("tool", [SQLPS, NEWEST])
def test_errors_of_a_script_are_asked_for_where_that_is_possible(tool):
    assert sent(tool)["IncludeSqlUserErrors"] is True


@pytest.mark.parametrize("tool", [SNAP_IN, None])
def test_nothing_is_passed_that_the_version_does_not_have_or_is_not_known_to_have(tool):
    assert (
        not {"IncludeSqlUserErrors", "IgnoreProviderContext", "TrustServerCertificate"}
        & sent(tool).keys()
    )


@pytest.mark.parametrize(
    ("encryption", "tool", "passed"),
    [
        ("default", NEWEST, {}),
        ("trust", NEWEST, {"TrustServerCertificate": True}),
        ("optional", NEWEST, {"Encrypt": "Optional"}),
        ("mandatory", NEWEST, {"Encrypt": "Mandatory"}),
        ("strict", NEWEST, {"Encrypt": "Strict"}),
        ("default", SQLPS, {}),
        ("trust", SQLPS, {}),
        ("optional", SQLPS, {}),
        ("mandatory", SQLPS, {"EncryptConnection": True}),
    ],
)
def test_encryption_is_the_users_choice_and_by_default_the_modules(encryption, tool, passed):
    params = sent(tool, Choice(encryption=encryption))
    assert {
        k: v
        for k, v in params.items()
        if k in ("TrustServerCertificate", "Encrypt", "EncryptConnection")
    } == passed


def test_an_encryption_that_the_version_cannot_do_is_refused_and_never_weakened():
    with pytest.raises(Refused, match=r"strict.*SQLPS 1\.0"):
        sent(SQLPS, Choice(encryption="strict"))


def test_an_unknown_encryption_is_refused_before_anything_is_sent():
    with pytest.raises(Refused, match="pchat_sql_encryption"):
        Choice(encryption="off")


def test_the_module_can_be_chosen():
    assert (
        invocation(READ, "RTC", Choice(module="SqlServer"), NEWEST).name
        == "SqlServer\\Invoke-Sqlcmd"
    )


def test_a_host_without_the_cmdlet_is_told_so_before_anything_is_sent():
    with pytest.raises(CmdletMissing, match="SqlServer"):
        sent(tool_of([]))


def test_get_command_tells_module_version_and_parameters():
    tool = tool_of(
        [
            {
                "Name": "Invoke-Sqlcmd",
                "CommandType": "Cmdlet",
                "ModuleName": "SQLPS",
                "Version": "1.0",
                "Parameters": {"Query": "System.Management.Automation.ParameterMetadata"},
            }
        ]
    )
    assert (tool.module, tool.version, tool.parameters) == ("SQLPS", "1.0", {"Query"})
    assert tool_from(tool.as_dict()) == tool


def through_an_endpoint(*beside):
    """Get-Command's answer where a proxy shows the parameters that the endpoint lists."""
    shown = dict.fromkeys(PARAMETERS, "System.Management.Automation.ParameterMetadata")
    proxy = {"Name": "Invoke-Sqlcmd", "CommandType": "Function", "Parameters": shown}
    return tool_of([proxy, *beside])


def beside(module, version):
    return {
        "Name": "Convert-UrnToPath",
        "CommandType": "Cmdlet",
        "ModuleName": module,
        "Version": version,
        "Parameters": {"Urn": ""},
    }


def test_what_an_endpoint_shows_of_a_newer_module_is_not_passed_to_an_older_one():
    for version in ("1.0", "21.1.18256", None):
        tool = through_an_endpoint(beside("SQLPS", version))
        assert (tool.module, tool.version) == ("SQLPS", version)
        params = sent(tool, Choice(encryption="trust"))
        assert not {"TrustServerCertificate", "Encrypt"} & params.keys()
        assert params["IncludeSqlUserErrors"] is True
        assert sent(tool, Choice(encryption="mandatory"))["EncryptConnection"] is True
        with pytest.raises(Refused, match="strict"):
            sent(tool, Choice(encryption="strict"))


def test_through_an_endpoint_a_newer_module_gets_what_it_has():
    tool = through_an_endpoint(beside("SqlServer", "22.3.0"))
    assert tool.label == "SqlServer 22.3.0"
    assert sent(tool, Choice(encryption="trust"))["TrustServerCertificate"] is True


def test_an_endpoint_that_tells_no_module_is_believed_what_it_shows():
    """The error of the call then names the variable (failures.py)."""
    tool = through_an_endpoint()
    assert tool.module == ""
    assert sent(tool, Choice(encryption="trust"))["TrustServerCertificate"] is True


def test_the_cmdlet_beside_it_is_not_taken_for_invoke_sqlcmd():
    assert tool_of([beside("SQLPS", "1.0")]).module is None


def test_the_hint_names_module_version_and_variable():
    assert all(
        word in hint(Choice(), NEWEST) for word in ("SqlServer 22.2.0", "pchat_sql_encryption")
    )
    assert "pchat_sql_encryption" not in hint(Choice(), SQLPS)


def test_whatever_is_passed_is_in_the_list_for_restricted_endpoints():
    for tool in (SQLPS, NEWEST, SNAP_IN, None):
        assert sent(tool).keys() - {"Verbose"} <= PARAMETERS
