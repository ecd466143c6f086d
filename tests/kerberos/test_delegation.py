"""The second hop, as the key distribution centre decides it: what a logon on a Front End may do on
another host.
"""

from __future__ import annotations

import pytest

#: Of the other site than the one whose Front End has the central management store.
FRONT_END = "fe-s1.contoso.example"
STORE = "MSSQLSvc/fe-n1.contoso.example"
FILES = "cifs/fs-s1.contoso.example"


def reads_the_store(ask, **logon):
    """Whether the central management store, on another host, is read from a Front End."""
    told = ask(FRONT_END, "Get-CsManagementStoreReplicationStatus", **logon)
    return not any("ANONYMOUS LOGON" in line for line in told)


def sees_the_share(ask, **logon):
    """Whether a share of the file server is seen from a Front End."""
    path = r"\\fs-s1.contoso.example\pchat-files"
    return ask(FRONT_END, "Test-Path", {"Path": path}, **logon)[0] == "True"


def test_a_ticket_alone_stays_where_it_is(ask):
    assert not reads_the_store(ask)
    assert not sees_the_share(ask)


@pytest.mark.parametrize("auth", ["kerberos", "negotiate"])
def test_a_forwarded_ticket_goes_anywhere(ask, auth):
    assert reads_the_store(ask, auth=auth, negotiate_delegate=True)
    assert sees_the_share(ask, auth=auth, negotiate_delegate=True)


def test_a_ticket_that_cannot_be_forwarded_stays_whatever_is_asked(given, ask):
    given.centre.kinit("pchat-admin", given.password, "-F")
    assert not reads_the_store(ask, negotiate_delegate=True)


def test_constrained_delegation_reaches_what_is_listed_and_nothing_else(given, ask):
    given.centre.let_delegate(f"WSMAN/{FRONT_END}", [STORE])
    assert reads_the_store(ask)
    assert not sees_the_share(ask)
    given.centre.let_delegate(f"WSMAN/{FRONT_END}", [STORE, FILES])
    assert sees_the_share(ask)


def test_constrained_delegation_is_of_the_host_that_has_it(given, ask):
    given.centre.let_delegate("WSMAN/fe-n1.contoso.example", [STORE])
    assert not reads_the_store(ask)


def test_constrained_delegation_takes_only_tickets_that_may_be_forwarded(given, ask):
    """So a password in the inventory needs negotiate_delegate, or kinit -f in its place."""
    given.centre.let_delegate(f"WSMAN/{FRONT_END}", [STORE])
    given.centre.kinit("pchat-admin", given.password, "-F")
    assert not reads_the_store(ask)
    assert not reads_the_store(ask, password=given.password)
    assert reads_the_store(ask, password=given.password, negotiate_delegate=True)


def test_credssp_travels_and_ntlm_does_not(given, ask):
    account = {"username": "CONTOSO\\pchat-admin", "password": given.password}
    assert reads_the_store(ask, auth="credssp", **account)
    assert not reads_the_store(ask, auth="ntlm", **account)
