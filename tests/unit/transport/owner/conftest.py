"""Runspaces without a host, and workers that speak to an owner in this very process."""

from __future__ import annotations

import multiprocessing
import os
import socket
import threading
import time

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import Unreachable
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import Cmdlet
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.bounded import (
    Overdue,
    within,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.line import (
    Came,
    Errand,
    Lease,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.owner import (
    conversation,
    holding,
    line,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.winrm_endpoint import (  # noqa: E501
    Endpoint,
)

OPTIONS = {"server": "h", "port": 1, "ssl": False, "path": "wsman", "password": "secret"}
ENDPOINT = Endpoint(OPTIONS, "Microsoft.PowerShell")


def errand(name="Get-X", changes=False):
    return Errand((Cmdlet(name),), f"run {name}", name, name, 600.0, changes)


class Host:
    """What runspaces of one host do, and what became of them."""

    def __init__(self):
        self.runspaces = []
        #: Names of runspaces that are gone, though nobody was told; those that never answer.
        self.lost = set()
        self.silent = set()
        #: Set when a call is under way; it ends when the other one is set.
        self.works, self.ends = threading.Event(), threading.Event()
        #: While it is set nobody answers who opens a runspace, after a while.
        self.refuses = threading.Event()

    @property
    def did(self):
        return [f"{runspace.id} {what}" for runspace in self.runspaces for what in runspace.did]


class Runspace:
    """Takes the place of the one that speaks to a host."""

    def __init__(self, host, lease):
        self.host, self.lease, self.did = host, lease, []
        self.is_open = False
        host.runspaces.append(self)
        self.id = f"r{len(host.runspaces)}"

    def open(self):
        if self.host.refuses.is_set():
            time.sleep(0.5)
            raise Unreachable("nobody is there")
        self.is_open = True

    def lend(self, lease):
        self.lease = lease

    def reconnect(self):
        self.did.append("logged on again")

    def send(self, sent):
        if self.id in self.host.silent:
            raise Unreachable("it does not answer in time") from Overdue("x")
        if self.id in self.host.lost:
            raise Unreachable("no such shell") from ConnectionError("x")
        self.did.append(sent.call)
        if sent.call.startswith("Wait"):
            self.host.works.set()
            within(30, self.host.ends.wait, self.lease.watch)
        self.lease.log(f"{self.id} carried out {sent.call}")
        return Came((), self.id)

    def forget(self):
        self.is_open = False
        self.did.append("forgotten")

    def delete(self):
        self.is_open = False
        self.did.append("deleted")

    def abandon(self):
        self.is_open = False
        self.did.append("abandoned")


class Owner:
    """An owner's conversations, each on a thread, with nothing but pipes between."""

    def __init__(self, host):
        self.host = host
        self.holding = holding.Holding()
        self.ending = threading.Event()
        self.threads = []
        self.connections = []

    def connected(self):
        mine, theirs = multiprocessing.Pipe()
        talk = conversation.Conversation(theirs, self.holding, self.ending)

        def lead():
            with theirs:
                talk.lead()

        thread = threading.Thread(target=lead, daemon=True)
        thread.start()
        self.threads.append(thread)
        self.connections.append(theirs)
        return mine

    def line(self, instead=None, lease=None):
        return line.OwnedLine(self.connected(), lease or Lease(ENDPOINT), instead)

    def ends_without_a_word(self):
        """As a process that is killed."""
        for connection in self.connections:
            with socket.socket(fileno=os.dup(connection.fileno())) as ours:
                ours.shutdown(socket.SHUT_RDWR)

    def settled_first(self):
        """The oldest conversation is over."""
        self.threads[0].join(10)
        assert not self.threads[0].is_alive()

    def settled(self):
        for thread in self.threads:
            thread.join(10)
            assert not thread.is_alive()


@pytest.fixture
def host():
    return Host()


@pytest.fixture
def owner(monkeypatch, host):
    monkeypatch.setattr(conversation, "Runspace", lambda lease: Runspace(host, lease))
    return Owner(host)
