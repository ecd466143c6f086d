"""The whole build through the restricted endpoint, what that endpoint refuses on the wire, and
what becomes of files that load no modules.
"""

from __future__ import annotations

import pathlib
import re

import pytest
from pypsrp.exceptions import WSManFaultError

from dev.commands import outage_story
from dev.release import attempts, jea
from pchat_lab.powershell.capability import read_capability
from support import labs
from support.console import console

ONE_OF_EACH_KIND = ",".join(
    f"{name}.contoso.example" for name in ("fe-n1", "chat-n1", "sql-n1", "sql-s1", "fs-s1")
)
RESTRICTED = ("-e", f"ansible_psrp_configuration_name={jea.NAME}")


@pytest.fixture(scope="module")
def lab(bare_lab, tmp_path_factory: pytest.TempPathFactory):
    folder = tmp_path_factory.mktemp("endpoints")
    one = bare_lab
    one.chatlab("endpoint", jea.NAME, str(jea.FOLDER / f"{jea.NAME}.psrc"))
    one.chatlab("endpoint", jea.OLDER, str(jea.FOLDER / f"{jea.OLDER}.pssc"))
    one.chatlab(
        "endpoint",
        "NoModules",
        _written(folder / "no_modules.psrc", attempts.without_loaders()),
    )
    one.chatlab(
        "endpoint",
        "NoFiles",
        _written(
            folder / "no_files.pssc",
            re.sub("    VisibleProviders.*\n", "", jea.older_session_configuration()),
        ),
    )
    one.chatlab(
        "endpoint",
        "Broken",
        _written(
            folder / "broken.psrc",
            "@{ VisibleCmdlets = 'Get-CsPool'\nModulesToImport = 'Nobody' }",
        ),
    )
    return one


def _written(path: pathlib.Path, text: str) -> str:
    path.write_text(text, encoding="ascii")
    return str(path)


def test_with_files_that_load_no_modules_the_build_fails_on_its_first_reads(lab):
    built = lab.play("site", "-e", "ansible_psrp_configuration_name=NoModules")
    assert built.rc != 0
    assert lab.chatlab("journal", "--writes") == []
    (judged,) = [line["result"] for line in built.failures() if "code" in line["result"]]
    assert judged["code"] == "cmdlet_missing"
    for host, cmdlet in (
        ("sql-n1", "Invoke-Sqlcmd (module SQLPS or SqlServer)"),
        ("chat-n1", "Get-CimInstance (module CimCmdlets)"),
    ):
        assert f"{host}.contoso.example has no cmdlet {cmdlet}" in judged["msg"]


def test_with_files_that_load_no_modules_fidelity_names_what_is_missing_and_stumbles_over_nothing(
    lab,
):
    run = lab.play(
        "fidelity", "-e", "ansible_psrp_configuration_name=NoModules", "-l", ONE_OF_EACH_KIND
    )
    report = next(
        line["result"] for line in run.results if line["action"].endswith("fidelity_report")
    )
    assert report["refuted"] == ["commands-exist", "module-loads"]
    seen = {
        finding["host"].partition(".")[0]: finding["seen"]
        for line in report["report"]["assumptions"]
        if line["id"] == "commands-exist"
        for finding in line["findings"]
    }
    assert "Invoke-Sqlcmd (module SQLPS or SqlServer)" in seen["sql-n1"]


def test_an_endpoint_without_the_provider_of_files_is_told_from_a_folder_that_is_not_there(lab):
    built = lab.play("site", "-e", "ansible_psrp_configuration_name=NoFiles")
    findings = next(
        line["result"]["findings"] for line in built.results if line["action"].endswith("preflight")
    )
    assert {finding["code"] for finding in findings} == {"no_file_system"}
    assert lab.chatlab("journal", "--writes") == []


def test_the_build_needs_nothing_that_it_does_not_show(lab):
    built = lab.play("site", *RESTRICTED)
    assert built.rc == 0, built.output[-3000:]
    called = {entry["name"].lower() for entry in lab.chatlab("journal")}
    shown = {entry.name.lower() for entry in read_capability(jea.role_capability()).entries} | {
        "get-command"
    }
    assert len(called) > 15
    assert called - shown == set()


def test_the_next_build_changes_nothing_and_passes_no_encryption_that_only_newer_modules_know(lab):
    """The proxy shows the parameter, SQLPS of 2012 behind it has none."""
    again = lab.play("site", *RESTRICTED, "-e", "pchat_sql_encryption=trust")
    assert again.rc == 0, again.output[-3000:]
    assert again.changed == 0


class Through:
    """A lab whose every run goes through the restricted endpoint."""

    def __init__(self, one):
        self._lab = one

    def __getattr__(self, name):
        return getattr(self._lab, name)

    def play(self, playbook, *arguments, **how):
        return self._lab.play(playbook, *arguments, *RESTRICTED, **how)


@pytest.mark.campaign
def test_a_lost_data_centre_and_its_return_go_through_it():
    with labs.running("default") as one:
        one.chatlab("endpoint", jea.NAME, str(jea.FOLDER / f"{jea.NAME}.psrc"))
        assert outage_story.run(Through(one))


@pytest.mark.parametrize("endpoint", [jea.NAME, jea.OLDER])
def test_fidelity_confirms_the_same_through_it(lab, endpoint):
    """One host of each kind: what an endpoint shows does not depend on which it is."""
    run = lab.play(
        "fidelity", "-e", f"ansible_psrp_configuration_name={endpoint}", "-l", ONE_OF_EACH_KIND
    )
    assert (
        next(line["result"] for line in run.results if line["action"].endswith("fidelity_report"))[
            "refuted"
        ]
        == []
    )


@pytest.mark.parametrize(
    ("cmdlet", "parameters", "said"),
    [
        ("Get-Service", {"Name": "RTCCHAT"}, "not recognized"),
        ("Get-CsSite", {}, "not recognized"),
        (
            "Get-CsService",
            {"PoolFqdn": "chat.contoso.example"},
            "cannot be found that matches parameter name 'PoolFqdn'",
        ),
        (
            "Invoke-Sqlcmd",
            {"InputFile": "C:\\x.sql"},
            "cannot be found that matches parameter name 'InputFile'",
        ),
        ("Invoke-Sqlcmd", {"ServerInstance": "sql-n2", "Query": "SELECT 1"}, "does not match"),
        ("Set-Content", {"LiteralPath": "C:\\Windows\\x.txt", "Value": "x"}, "does not match"),
    ],
)
def test_other_cmdlets_parameters_and_values_are_refused(lab, cmdlet, parameters, said):
    host = "sql-n1" if cmdlet == "Invoke-Sqlcmd" else "fe-n1"
    with console(lab, host, jea.NAME) as run, pytest.raises(AssertionError, match=said):
        run(cmdlet, **parameters)


def test_get_command_shows_only_what_is_exposed(lab):
    with console(lab, "fe-n1", jea.NAME) as run:
        found = run(
            "Get-Command", Name=["Get-CsService", "Get-CsSite"], ErrorAction="SilentlyContinue"
        )
    assert [str(command) for command in found] == ["Get-CsService"]


def test_an_endpoint_that_nobody_registered_is_not_there(lab):
    with (
        pytest.raises(WSManFaultError, match="Cannot find the Nobody session configuration"),
        console(lab, "fe-n1", "Nobody"),
    ):
        pass


def test_a_pool_whose_last_module_is_not_there_does_not_open(lab):
    with (
        pytest.raises(Exception, match=r"(?i)broken|was not loaded"),
        console(lab, "fe-n1", "Broken"),
    ):
        pass
