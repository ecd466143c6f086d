"""Clients that nobody here wrote, against the lab's wire: what is offered works, what is not is
refused cleanly.
"""

from __future__ import annotations

import socket

import pytest
import requests
import yaml
from pypsrp.client import Client
from pypsrp.exceptions import AuthenticationError, WinRMTransportError, WSManFaultError
from pypsrp.powershell import PowerShell, RunspacePool
from pypsrp.wsman import WSMan

from support.replay import wsman_arguments


@pytest.fixture(scope="module")
def arguments(bare_lab):
    inventory = yaml.safe_load(bare_lab.connection_file.read_text(encoding="utf-8"))["all"]
    return wsman_arguments(inventory["vars"], inventory["hosts"]["fe-n1.contoso.example"])


def test_a_script_is_refused_like_on_a_no_language_endpoint(arguments):
    with RunspacePool(WSMan(**arguments)) as pool:
        shell = PowerShell(pool).add_script("Get-CsPool | Select-Object Identity")
        shell.invoke()
    assert shell.had_errors
    assert "not supported by this runspace" in str(shell.streams.error[0])
    # wraps the script into Invoke-Expression, which is not offered
    with Client(**arguments) as client:
        assert client.execute_ps("Get-CsPool")[2]


def test_a_cmd_shell_is_a_clean_fault(arguments):
    with Client(**arguments) as client, pytest.raises(WSManFaultError, match="resource URI"):
        client.execute_cmd("hostname")


def test_runspace_pools_with_several_runspaces(arguments):
    with RunspacePool(WSMan(**arguments), min_runspaces=1, max_runspaces=4) as pool:
        assert pool.get_available_runspaces() >= 1
        pool.max_runspaces = 5
        pool.reset_runspace_state()
        assert [
            str(p)
            for p in (
                PowerShell(pool)
                .add_cmdlet("Write-Output")
                .add_parameter("InputObject", "é\U0001f600\n_x000A_")
                .invoke()
            )
        ] == ["é\U0001f600\n_x000A_"]


@pytest.mark.parametrize("auth", ["negotiate", "ntlm"])
def test_sealed_logons(arguments, auth):
    with RunspacePool(WSMan(**{**arguments, "auth": auth})) as pool:
        found = PowerShell(pool).add_cmdlet("Get-CsPool").invoke()
    assert {
        p.adapted_properties.get("Identity") or p.extended_properties.get("Identity") for p in found
    } >= {"fepool-n.contoso.example"}


@pytest.mark.parametrize(
    "change",
    [
        {"password": "wrong"},
        {"username": "CONTOSO\\nobody"},
        {"username": "CONTOSO\\sqlsvc", "password": "not-for-logon"},
    ],
)
def test_logons_that_are_turned_away(arguments, change):
    with pytest.raises(AuthenticationError), RunspacePool(WSMan(**{**arguments, **change})):
        pass


def test_unsealed_http_is_refused(arguments):
    with (
        pytest.raises((WinRMTransportError, AuthenticationError)),
        RunspacePool(WSMan(**{**arguments, "auth": "basic", "encryption": "never"})),
    ):
        pass


@pytest.mark.parametrize(
    ("cmdlet", "parameters", "error"),
    [
        ("Get-CsPol", {}, "CommandNotFoundException"),
        ("Get-CsPool", {"Idntity": "x"}, "NamedParameterNotFound"),
        ("Invoke-CsDatabaseFailover", {"PoolFqdn": "x.y"}, "MissingMandatoryParameter"),
        (
            "Set-CsPersistentChatActiveServer",
            {"Swap": True, "ActiveServers": ["a.b"]},
            "AmbiguousParameterSet",
        ),
        ("Set-CsPersistentChatState", {"PoolState": "Sideways"}, "CannotConvertArgumentNoMessage"),
    ],
)
def test_binding_errors(arguments, cmdlet, parameters, error):
    with RunspacePool(WSMan(**arguments)) as pool:
        shell = PowerShell(pool).add_cmdlet(cmdlet)
        for name, value in parameters.items():
            shell.add_parameter(name, value)
        shell.invoke()
        assert shell.had_errors
        assert error in shell.streams.error[0].fq_error


@pytest.mark.parametrize("body", [b"", b"not xml", b"<a/>", b"\x00" * 100])
def test_garbage_does_not_hurt(bare_lab, arguments, body):
    url = f"http://{arguments['server']}:{arguments['port']}/wsman"
    assert requests.post(url, data=body, timeout=10).status_code == 401
    with socket.create_connection((arguments["server"], arguments["port"]), timeout=5) as raw:
        raw.sendall(b"GARBAGE\r\n\r\n")
    test_sealed_logons(arguments, "negotiate")


def test_nothing_is_left_open(bare_lab, arguments):
    assert bare_lab.chatlab("stats")["total"]["shells"] == 0
