"""The owner's own process: started once, spoken to by its user alone, over when the run is."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import socket
import subprocess
import sys
import time

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.line import Lease
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.owner import (
    address,
    hire,
)

from .conftest import ENDPOINT

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it is Linux's")
#: A run of ansible-playbook whose workers start the owner, all at the same time.
RUN = """
import multiprocessing, sys, time
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport import (
    line, winrm_endpoint)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.owner import hire

def work(said):
    owner = hire.hired(sys.argv[1])
    lease = line.Lease(winrm_endpoint.Endpoint({}, ""))
    said.put(owner is not None and owner.line(lease, None) is not None)

if __name__ == "__main__":
    fork = multiprocessing.get_context("fork")
    said = fork.SimpleQueue()
    workers = [fork.Process(target=work, args=(said,)) for _ in range(4)]
    for worker in workers:
        worker.start()
    print([said.get() for _ in workers], flush=True)
    time.sleep(60)
"""


def owner_of(folder):
    """The owner's process id."""
    return int(wait_for(lambda: _number(folder)))


def _number(folder):
    file = pathlib.Path(address.path(str(folder)) + ".pid")
    return file.read_text(encoding="ascii").strip() if file.exists() else ""


def wait_for(found, seconds=20):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        value = found()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError("it did not come")


def is_there(pid):
    with contextlib.suppress(OSError):
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


@pytest.fixture
def run(tmp_path):
    """A run and its folder, whose name is longer than a socket's may be."""
    folder = tmp_path / ("long" * 30)
    folder.mkdir(mode=0o700)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(folder)],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    )
    try:
        assert process.stdout.readline().strip() == "[True, True, True, True]"
        yield process, folder
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_nobody_finds_it_before_it_takes_calls(tmp_path, monkeypatch):
    found = []

    def listen(_socket, _waiting):
        found.append(hire.found(str(tmp_path)))
        raise OSError("this is enough")

    monkeypatch.setattr(hire.socket.socket, "listen", listen)
    assert hire.hired(str(tmp_path)) is None
    assert found == [None]


def test_it_is_started_once_and_is_no_child_of_the_run(run):
    process, folder = run
    owner = owner_of(folder)
    assert pathlib.Path(f"/proc/{owner}/comm").read_text().strip() == "pchat-owner"
    fields = pathlib.Path(f"/proc/{owner}/stat").read_text().rpartition(")")[2].split()
    assert int(fields[3]) != os.getsid(process.pid)
    assert int(fields[1]) != process.pid


def test_it_holds_nothing_open_but_its_socket(run):
    _process, folder = run
    owner = owner_of(folder)
    opened = {os.readlink(f"/proc/{owner}/fd/{name}") for name in os.listdir(f"/proc/{owner}/fd")}
    assert {name.partition(":")[0] for name in opened} == {"/dev/null", "socket"}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_its_run_however_that_ends(run, number):
    process, folder = run
    owner = owner_of(folder)
    process.send_signal(number)
    process.wait()
    wait_for(lambda: not is_there(owner), 10)
    assert not os.path.exists(address.path(str(folder)))
    assert not _number(folder)


def test_it_ends_by_itself_when_told_to(run):
    _process, folder = run
    owner = owner_of(folder)
    os.kill(owner, signal.SIGTERM)
    wait_for(lambda: not is_there(owner), 10)
    assert not os.path.exists(address.path(str(folder)))


def test_who_does_not_know_the_key_is_not_greeted(run):
    _process, folder = run
    assert address.Owner(str(folder)).line(Lease(ENDPOINT), None) is None
    with address.address(str(folder)) as name, socket.socket(socket.AF_UNIX) as peer:
        peer.connect(name)
        peer.sendall(b"\x00\x00\x00\x03abc")
        peer.settimeout(10)
        assert peer.recv(100) == b""


def test_an_owner_that_was_killed_is_not_started_again(run):
    _process, folder = run
    owner = owner_of(folder)
    os.kill(owner, signal.SIGKILL)
    wait_for(lambda: not is_there(owner), 10)
    hired = hire.hired(str(folder))
    assert hired.line(Lease(ENDPOINT), None) is None
    assert hired.close(Lease(ENDPOINT)) is False


def test_where_none_can_be_started_sessions_do_without(tmp_path, monkeypatch):
    assert hire.found(str(tmp_path)) is None
    assert hire.hired(str(tmp_path / "not there")) is None

    def no_more():
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", no_more)
    assert hire.hired(str(tmp_path)) is None
    assert hire.hired(str(tmp_path)).line(Lease(ENDPOINT), None) is None  # nor tried again
    monkeypatch.setattr(sys, "platform", "darwin")
    assert hire.hired(str(tmp_path)) is None
