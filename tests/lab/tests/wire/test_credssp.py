"""CredSSP: offered where delegation is set up, and sealed in a TLS of its own."""

from __future__ import annotations

import typing as t

import pytest
from pypsrp.powershell import PowerShell, RunspacePool
from requests_credssp.exceptions import AuthenticationException, NTStatusException

TRUSTED = "fe-n1"
OTHER = "sql-n1"


def echo(listeners, host: str, text: str, **logon: t.Any) -> list[str]:
    """What a host says to this text."""
    with RunspacePool(listeners.wsman(host, auth="credssp", **logon)) as pool:
        shell = PowerShell(pool).add_cmdlet("Write-Output").add_parameter("InputObject", text)
        return [str(answer) for answer in shell.invoke()]


def test_a_host_with_delegation_takes_it(plain):
    assert echo(plain, TRUSTED, "ok") == ["ok"]


def test_a_client_may_ask_for_ntlm_inside_and_for_a_version_at_least(plain):
    assert echo(plain, TRUSTED, "ok", credssp_auth_mechanism="ntlm") == ["ok"]
    assert echo(plain, TRUSTED, "ok", credssp_minimum_version=5) == ["ok"]


@pytest.mark.parametrize("length", [16383, 16384, 16385, 70000])
def test_messages_of_any_length_are_sealed_in_pieces_of_sixteen_kilobytes(plain, length):
    text = "x" * length
    assert echo(plain, TRUSTED, text) == [text]


def test_a_host_without_delegation_does_not_offer_it(plain):
    with pytest.raises(AuthenticationException, match="actual: 'Negotiate'"):
        echo(plain, OTHER, "no")


def test_a_wrong_password_opens_nothing(plain):
    with pytest.raises(NTStatusException):
        echo(plain, TRUSTED, "no", password="wrong")
    assert echo(plain, TRUSTED, "ok") == ["ok"]
