"""A call that lasts is told of, with what BACKUP and RESTORE say themselves."""
from __future__ import annotations

import types

import pytest
from pypsrp.complex_objects import PSInvocationState

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.calls import sql_write
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import Cmdlet, Sql
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport import session as transport
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.winrm_endpoint import Endpoint

BACKUP = sql_write.back_up("DATABASE", "m]gc", "D:\\x.bak", "pchat x", [])


class Pipeline:
    """Runs for some seconds of a clock that every poll puts forward; says how far it is on the way."""

    def __init__(self, clock, seconds):
        self.clock, self.ends, self.state, self.output = clock, seconds, PSInvocationState.RUNNING, []
        self.streams = types.SimpleNamespace(error=[], verbose=[], warning=[], progress=[], debug=[], information=[])

    def begin_invoke(self):
        pass

    def poll_invoke(self):
        self.clock.now += 2.0
        self.streams.verbose.append(types.SimpleNamespace(message=f"{int(100 * self.clock.now / self.ends) // 10 * 10} percent processed."))
        if self.clock.now >= self.ends:
            self.state = PSInvocationState.COMPLETED


@pytest.fixture
def run(monkeypatch):
    clock = types.SimpleNamespace(now=0.0)
    monkeypatch.setattr(transport, "time", types.SimpleNamespace(monotonic=lambda: clock.now))

    def go(call, seconds):
        lines = []
        clock.now = 0.0
        transport.PsrpSession(Endpoint({}, ""), tell=lines.append)._invoke(Pipeline(clock, seconds), (call,))
        return lines
    return go


def test_a_call_that_lasts_is_told_of_with_how_far_it_is(run):
    lines = run(BACKUP, 40)
    assert lines[0] == "BACKUP DATABASE [m]]gc] is running (10 s so far, at most 6 h; 20 percent processed.)"
    assert lines[-1] == "BACKUP DATABASE [m]]gc] is running (40 s of at most 6 h; 100 percent processed.)"
    assert len(lines) == 6


@pytest.mark.parametrize("call", [BACKUP, Cmdlet("Enable-CsTopology"), Sql("SELECT 1")])
def test_a_call_that_is_soon_over_is_not_told_of(run, call):
    assert run(call, 8) == []


def test_other_calls_are_called_by_their_name(run):
    assert run(Cmdlet("Enable-CsTopology"), 12)[0].startswith("Enable-CsTopology is running (")
    assert run(Sql("SELECT 1"), 12)[0].startswith("a batch of T-SQL is running (")


def test_only_statements_that_tell_how_far_they_are_are_asked_to():
    session = transport.PsrpSession(Endpoint({}, ""))
    assert session._as_cmdlet(BACKUP).params.get("Verbose") is True
    assert "Verbose" not in session._as_cmdlet(Sql("SELECT 1")).params
