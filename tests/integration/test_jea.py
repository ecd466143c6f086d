"""The whole build through the restricted endpoint, and what that endpoint refuses."""
from __future__ import annotations

import pytest
from pypsrp.exceptions import WSManFaultError
from tools import jea, labs
from tools.wire import console

from pchat_lab.powershell.capability import read_capability

RESTRICTED = ("-e", f"ansible_psrp_configuration_name={jea.NAME}")


@pytest.fixture(scope="module")
def lab():
    with labs.running("default") as one:
        one.chatlab("endpoint", jea.NAME, str(jea.FOLDER / f"{jea.NAME}.psrc"))
        yield one


def test_the_build_needs_nothing_that_it_does_not_expose(lab):
    built = lab.play("site", *RESTRICTED)
    assert built.rc == 0, built.output[-3000:]
    called = {entry["name"] for entry in lab.chatlab("journal")}
    seen = read_capability(jea.role_capability())
    assert len(called) > 15
    assert [name for name in called if not seen.shows(name)] == []
    assert lab.play("site", *RESTRICTED).changed == 0


def test_fidelity_confirms_the_same_through_it(lab):
    run = lab.play("fidelity", *RESTRICTED)
    assert next(line["result"] for line in run.results if line["action"].endswith("fidelity_report"))["refuted"] == []


@pytest.mark.parametrize(("cmdlet", "parameters", "said"), [
    ("Get-Service", {"Name": "RTCCHAT"}, "not recognized"), ("Get-CsSite", {}, "not recognized"),
    ("Get-CsService", {"PoolFqdn": "chat.contoso.example"}, "cannot be found that matches parameter name 'PoolFqdn'"),
    ("Invoke-Sqlcmd", {"InputFile": "C:\\x.sql"}, "cannot be found that matches parameter name 'InputFile'")])
def test_other_cmdlets_and_parameters_are_refused(lab, cmdlet, parameters, said):
    host = "sql-n1" if cmdlet == "Invoke-Sqlcmd" else "fe-n1"
    with console(lab, host, jea.NAME) as run, pytest.raises(AssertionError, match=said):
        run(cmdlet, **parameters)


def test_get_command_shows_only_what_is_exposed(lab):
    with console(lab, "fe-n1", jea.NAME) as run:
        found = run("Get-Command", Name=["Get-CsService", "Get-CsSite"], ErrorAction="SilentlyContinue")
    assert [str(command) for command in found] == ["Get-CsService"]


def test_an_endpoint_that_nobody_registered_is_not_there(lab):
    with pytest.raises(WSManFaultError, match="Cannot find the Nobody session configuration"), console(lab, "fe-n1", "Nobody"):
        pass
