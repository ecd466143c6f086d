"""One task at many hosts: all at the same time, each with an answer or an error of its own."""

from __future__ import annotations

import contextlib
import threading

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._action.many_hosts import (
    ManyHostsAction,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import (
    HostRefuses,
    Unreachable,
)

HOSTS = [f"host-{number}" for number in range(8)]


class Session:
    """Opens at once; asks ``probe`` whether anybody is there."""

    def __init__(self, name, probe):
        self.name, self._probe = name, probe

    def probe(self, seconds):
        self._probe(self.name, seconds)


class Looking(ManyHostsAction):
    """Without Ansible: only what on_each does with its sessions."""

    def __init__(self, probe=lambda name, seconds: None):
        self._probe_of_all = probe

    def _session_to(self, name, within, instance, whole):
        return contextlib.nullcontext(Session(name, self._probe_of_all))


def test_all_hosts_are_worked_with_at_the_same_time():
    """Everybody waits for everybody else: one after the other, nobody would get through."""
    together = threading.Barrier(len(HOSTS), timeout=60)

    def work(name, _session):
        together.wait()
        return name.upper()

    found = Looking().on_each(HOSTS, 15, work)
    assert found == {name: name.upper() for name in HOSTS}


def test_silent_hosts_are_waited_for_at_the_same_time_and_not_worked_with():
    together = threading.Barrier(len(HOSTS), timeout=60)
    patience = []

    def probe(name, seconds):
        together.wait()
        patience.append(seconds)
        raise Unreachable(f"Nobody answers on {name}", attempted_open=True)

    found = Looking(probe).on_each(HOSTS, 15, lambda name, _session: name, patience=lambda name: 3)
    assert patience == [3] * len(HOSTS)
    assert {type(error) for error in found.values()} == {Unreachable}


def test_an_odd_host_does_not_end_the_look_at_the_others():
    def work(name, _session):
        if name == "host-3":
            raise ValueError("odd")
        return name

    found = Looking().on_each(HOSTS, 15, work)
    assert isinstance(found["host-3"], HostRefuses)
    assert "host-3 could not be read: ValueError: odd" in str(found["host-3"])
    assert [found[name] for name in HOSTS if name != "host-3"] == [
        name for name in HOSTS if name != "host-3"
    ]
