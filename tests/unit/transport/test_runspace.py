"""What is left on a host when an opening is cut off."""

from __future__ import annotations

import contextlib
import types

import pytest
from pypsrp.complex_objects import RunspacePoolState

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport import (
    runspace as transport,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.line import Lease
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.winrm_endpoint import (  # noqa: E501
    Endpoint,
)

ENDPOINT = Endpoint({"server": "x", "port": 1, "ssl": False, "path": "wsman"}, "")


class CutOff(BaseException):
    """Nobody waits for the runspace any more."""


class Pool:
    """The host answers to the first request, or does not; what comes next is cut off."""

    def __init__(self, is_answered):
        self._is_answered = is_answered
        self.shell = types.SimpleNamespace(opened=False, wsman=None)
        self.state = RunspacePoolState.BEFORE_OPEN
        self.closed_by = []

    def open(self):
        if self._is_answered:
            self.shell.opened = True
            self.state = RunspacePoolState.NEGOTIATION_SENT
        raise CutOff

    def close(self):
        self.closed_by.append(self.shell.wsman)


@pytest.mark.parametrize("is_answered", [True, False])
def test_a_shell_that_the_host_has_already_is_deleted_over_a_fresh_connection(
    monkeypatch, is_answered
):
    connections = []

    def connection(_options):
        connections.append(
            contextlib.nullcontext("fresh") if connections else types.SimpleNamespace()
        )
        return connections[-1]

    pool = Pool(is_answered)
    monkeypatch.setattr(transport.psrp, "connection", connection)
    monkeypatch.setattr(transport.psrp, "runspace_pool", lambda *_unused: pool)
    opening = transport.Runspace(Lease(ENDPOINT))
    with pytest.raises(CutOff):
        opening.open()
    assert not opening.is_open
    opening.abandon()
    assert pool.closed_by == (["fresh"] if is_answered else [])
