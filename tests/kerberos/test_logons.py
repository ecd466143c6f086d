"""Logons with tickets of a real key distribution centre: what opens a host, what is refused, and
what somebody reads who has no ticket.
"""

from __future__ import annotations

import time

import pytest
from pypsrp.exceptions import AuthenticationError

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import HostRefuses
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport import failures

FRONT_END = "fe-n1.contoso.example"
SQL = "sql-n1.contoso.example"
CHAT = "chat-n1.contoso.example"


def says(ask, host, **logon):
    """What a host answers that has nothing to do with another one."""
    return ask(host, "Write-Output", {"InputObject": "here"}, **logon)


@pytest.mark.parametrize("host", [FRONT_END, SQL, CHAT])
def test_a_ticket_opens_a_session_on_every_kind_of_host(ask, host):
    assert says(ask, host) == ["here"]


@pytest.mark.parametrize("service", ["WSMAN", "HTTP", "host"])
def test_each_name_that_clients_ask_for_is_taken(ask, service):
    assert says(ask, SQL, negotiate_service=service) == ["here"]


def test_negotiate_takes_the_ticket_before_ntlm(ask):
    assert says(ask, SQL, auth="negotiate") == ["here"]


def test_a_password_gets_a_ticket_by_itself(given, ask):
    given.centre.kdestroy()
    assert says(ask, SQL, password=given.password) == ["here"]


def test_a_ticket_for_another_host_opens_nothing(ask):
    with pytest.raises(AuthenticationError):
        says(ask, SQL, negotiate_hostname_override=FRONT_END)


def test_an_account_that_the_host_does_not_let_in_is_refused(given, ask):
    given.centre.kinit("sqlsvc", given.estate.passwords["sqlsvc"])
    with pytest.raises(AuthenticationError):
        says(ask, SQL, username=f"sqlsvc@{given.centre.realm}")


def refusal(ask, **logon):
    """How the collection tells a logon that does not come about."""
    with (
        pytest.raises(HostRefuses) as caught,
        failures.reached("open a runspace", f"http://{SQL}:5985/wsman", opening=True),
    ):
        says(ask, SQL, **logon)
    assert caught.value.details["status"] == "kerberos"
    assert SQL in str(caught.value)
    return str(caught.value)


def test_without_a_ticket_the_refusal_says_kinit(given, ask):
    given.centre.kdestroy()
    assert "There is no ticket. On the controller run `kinit" in refusal(ask)


def test_with_an_expired_ticket_the_refusal_says_so_and_kinit(given, ask):
    given.centre.kinit("pchat-admin", given.password, "-l", "1s")
    time.sleep(2.1)
    assert "The ticket has expired. On the controller run `kinit" in refusal(ask)


def test_an_expired_ticket_is_told_alike_when_no_user_is_named(given, ask):
    given.centre.kinit("pchat-admin", given.password, "-l", "1s")
    time.sleep(2.1)
    assert "The ticket has expired" in refusal(ask, username=None)


def test_a_wrong_password_is_told_as_one(ask):
    assert "ansible_password" in refusal(ask, password="wrong")


def test_an_expired_password_is_told_as_one(given, ask):
    given.centre.administer('addprinc -pw old -pwexpire "2001-01-01 00:00:00" late')
    told = refusal(ask, username=f"late@{given.centre.realm}", password="old")
    assert "kpasswd" in told


def test_a_name_that_the_realm_does_not_know_is_told_with_the_variable_to_set(ask):
    told = refusal(ask, negotiate_hostname_override="127.0.0.1")
    assert "ansible_psrp_negotiate_hostname_override" in told


def test_a_realm_whose_centre_is_gone_is_a_refusal_and_no_silence(given, ask, monkeypatch):
    text = (given.centre.folder / "krb5.conf").read_text(encoding="utf-8")
    elsewhere = given.centre.folder / "elsewhere.conf"
    lines = [line for line in text.splitlines() if not line.startswith("  kdc =")]
    place = lines.index(f" {given.centre.realm} = {{")
    lines.insert(place + 1, "  kdc = 127.0.0.1:9")
    elsewhere.write_text("\n".join(lines), encoding="utf-8")
    monkeypatch.setenv("KRB5_CONFIG", str(elsewhere))
    assert "No domain controller" in refusal(ask, password=given.password)


def test_a_run_without_a_ticket_ends_with_refusals_and_concludes_no_outage(given):
    given.centre.kdestroy()
    run = given.lab.play("failover", "-e", "failover_confirm=false")
    assert run.rc != 0
    told = str([line["result"] for line in run.failures()])
    assert "kinit" in told
    assert "'unreachable'" not in told
    assert not given.lab.chatlab("journal", "--writes")
