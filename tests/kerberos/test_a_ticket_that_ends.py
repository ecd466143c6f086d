"""A run outlives its ticket: what is renewed meanwhile is used, and what is not is told."""

from __future__ import annotations

import time

import pytest
import yaml

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import HostRefuses
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import Cmdlet
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport import (
    psrp,
    winrm_endpoint,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.line import (
    Errand,
    Lease,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.runspace import (
    Runspace,
)

SQL = "sql-n1.contoso.example"
LOOK = Errand(
    statements=(Cmdlet("Write-Output", {"InputObject": "here"}),),
    what="look",
    brief="a look",
    call="Write-Output",
    limit=30.0,
    changes=False,
)


@pytest.fixture
def runspace(given, monkeypatch):
    """Of one host, opened with a ticket of three seconds."""
    monkeypatch.setattr(psrp, "_LAST_SECONDS", 1.0)
    inventory = yaml.safe_load(given.lab.connection_file.read_text(encoding="utf-8"))["all"]
    way = inventory["hosts"][SQL]
    wsman = {
        "server": way["ansible_host"],
        "port": way["ansible_port"],
        "ssl": False,
        "auth": "kerberos",
        "username": inventory["vars"]["ansible_user"],
        "negotiate_service": "WSMAN",
        "negotiate_hostname_override": SQL,
        "reconnection_retries": 0,
    }
    given.centre.kinit("pchat-admin", given.password, "-l", "3s")
    made = Runspace(Lease(winrm_endpoint.Endpoint(wsman, "Microsoft.PowerShell")), most_ended=100)
    made.open()
    assert answers(made)
    yield made
    given.centre.kinit("pchat-admin", given.password)
    made.delete()


def answers(runspace):
    """Whether the host says what it was asked to."""
    return len(runspace.send(LOOK).items) == 1


def test_the_runspace_goes_on_with_a_ticket_that_was_renewed(given, runspace):
    shell = runspace.id
    given.centre.kinit("pchat-admin", given.password)
    time.sleep(3.5)
    assert answers(runspace)
    assert runspace.id == shell


def test_without_another_ticket_it_is_a_refusal_that_says_kinit(runspace):
    time.sleep(3.5)
    with pytest.raises(HostRefuses, match=r"The ticket has expired\. On the controller run `kinit"):
        answers(runspace)
