"""A call that lasts is told of, with what BACKUP and RESTORE say themselves."""

from __future__ import annotations

import types

import pytest
from pypsrp.complex_objects import PSInvocationState

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.calls.tsql import backup
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import TimedOut
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import Cmdlet, Sql
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport import (
    runspace as transport,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.line import (
    Lease,
    Limits,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.session import (
    PsrpSession,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.winrm_endpoint import (  # noqa: E501
    Endpoint,
)

BACKUP = backup.back_up("DATABASE", "m]gc", "D:\\x.bak", "pchat x", [])


ENDPOINT = Endpoint({"server": "x", "port": 1, "ssl": False, "path": "wsman"}, "")


class Pipeline:
    """Runs for some seconds of a clock that every poll puts forward; says how far it is on the
    way.
    """

    def __init__(self, clock, seconds):
        self.clock, self.ends, self.state = clock, seconds, PSInvocationState.RUNNING
        self.volume, self.said_last = 0, ""

    def begin_invoke(self):
        pass

    def stop(self):
        self.state = PSInvocationState.STOPPED

    def poll_invoke(self):
        self.clock.now += 2.0
        self.volume += 1
        self.said_last = f"{int(100 * self.clock.now / self.ends) // 10 * 10} percent processed."
        if self.clock.now >= self.ends:
            self.state = PSInvocationState.COMPLETED


def errand(call, limit):
    return PsrpSession(ENDPOINT)._errand([call], (), limit)


@pytest.fixture
def run(monkeypatch):
    clock = types.SimpleNamespace(now=0.0)
    monkeypatch.setattr(transport, "time", types.SimpleNamespace(monotonic=lambda: clock.now))

    def go(call, seconds):
        lines = []
        clock.now = 0.0
        lease = Lease(ENDPOINT, tell=lines.append)
        transport.Runspace(lease)._invoke(Pipeline(clock, seconds), errand(call, 21600.0))
        return lines

    return go


def test_a_call_that_lasts_is_told_of_with_how_far_it_is(run):
    lines = run(BACKUP, 40)
    assert (
        lines[0]
        == "BACKUP DATABASE [m]]gc] is running (10 s so far, at most 6 h; 20 percent processed.)"
    )
    assert (
        lines[-1]
        == "BACKUP DATABASE [m]]gc] is running (40 s of at most 6 h; 100 percent processed.)"
    )
    assert len(lines) == 6


@pytest.mark.parametrize("call", [BACKUP, Cmdlet("Enable-CsTopology"), Sql("SELECT 1")])
def test_a_call_that_is_soon_over_is_not_told_of(run, call):
    assert run(call, 8) == []


def test_other_calls_are_called_by_their_name(run):
    assert run(Cmdlet("Enable-CsTopology"), 12)[0].startswith("Enable-CsTopology is running (")
    assert run(Sql("SELECT 1"), 12)[0].startswith("a batch of T-SQL is running (")


def test_only_statements_that_tell_how_far_they_are_are_asked_to():
    session = PsrpSession(ENDPOINT)
    assert session._as_cmdlet(BACKUP, None).params.get("Verbose") is True
    assert "Verbose" not in session._as_cmdlet(Sql("SELECT 1"), None).params


@pytest.mark.parametrize(
    ("call", "limit", "variable"),
    [(Sql("SELECT 1"), 600.0, "pchat_read_timeout"), (BACKUP, 900.0, "pchat_call_timeout")],
)
def test_a_call_past_its_limit_is_stopped_and_the_variable_is_named(
    monkeypatch, call, limit, variable
):
    clock = types.SimpleNamespace(now=0.0)
    monkeypatch.setattr(transport, "time", types.SimpleNamespace(monotonic=lambda: clock.now))
    shell = Pipeline(clock, 5000)
    with pytest.raises(TimedOut, match=variable):
        transport.Runspace(Lease(ENDPOINT))._invoke(shell, errand(call, limit))
    assert shell.state == PSInvocationState.STOPPED


def test_a_session_with_a_limit_for_all_ends_whatever_the_host_does_in_between(monkeypatch):
    clock = types.SimpleNamespace(now=0.0)
    monkeypatch.setattr(transport, "time", types.SimpleNamespace(monotonic=lambda: clock.now))
    runspace = transport.Runspace(Lease(ENDPOINT, Limits(whole=60.0)))
    with pytest.raises(TimedOut, match="answers too slowly"):
        runspace._invoke(Pipeline(clock, 5000), errand(Sql("SELECT 1"), 600.0))
    assert clock.now < 70
