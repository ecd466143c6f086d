"""Where the owner of a run's runspaces is found, and the socket between it and a worker.

The socket lies in the run's temporary folder, which only its user may enter. Whoever speaks to it
must be that user and know a key that was never written anywhere: the one that multiprocessing gives
to a program and its children. FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import contextlib
import hmac
import multiprocessing
import os
import socket
import struct
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection

from ..line import Errand, Lease, Line
from . import line as owned
from .messages import WELCOME

_NAME = "pchat-owner"
#: Of ``struct ucred`` (unix(7), SO_PEERCRED): process, user, group.
_CREDENTIALS = struct.Struct("3i")
#: Seconds for the owner to greet a worker.
_PATIENCE = 10.0


@contextlib.contextmanager
def address(folder: str) -> Iterator[str]:
    """A name of the socket that is short, whatever the folder's is: a socket's name may have 107
    characters (unix(7)).
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield f"/proc/self/fd/{descriptor}/{_NAME}"
    finally:
        os.close(descriptor)


def path(folder: str) -> str:
    """Where the socket lies."""
    return os.path.join(folder, _NAME)


def key() -> bytes:
    """The same in all processes of one run."""
    return bytes(multiprocessing.current_process().authkey)


def is_ours(peer: socket.socket) -> bool:
    """Whether the process at the other end runs as the same user."""
    told = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    _process, user, _group = _CREDENTIALS.unpack(told)
    return bool(user == os.geteuid())


def is_greeted(connection: Connection, expected: bytes) -> bool:
    """The owner's half of the greeting."""
    if not connection.poll(_PATIENCE):
        return False
    if not hmac.compare_digest(connection.recv_bytes(len(expected)), expected):
        return False
    connection.send_bytes(WELCOME)
    return True


class Owner:
    """The owner as a session sees it; whether it is there is known when it is asked."""

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def line(self, lease: Lease, instead: Callable[[], Line]) -> Line | None:
        """A line through the owner, which goes on through ``instead`` should it end. None when it
        is not there.
        """
        connection = self._connected()
        return None if connection is None else owned.OwnedLine(connection, lease, instead)

    def close(self, lease: Lease) -> bool:
        """Delete the runspaces that wait for this endpoint. True when there were some."""
        connection = self._connected()
        if connection is None:
            return False
        with contextlib.closing(connection):
            return owned.closed(connection, lease)

    def prepare(self, lease: Lease, errand: Errand) -> bool:
        """Begin to open a runspace for tasks to come, in which this is carried out first. False
        when the owner is not there.
        """
        connection = self._connected()
        if connection is None:
            return False
        with contextlib.closing(connection):
            return owned.prepared(connection, lease, errand)

    def _connected(self) -> Connection | None:
        try:
            return self._greeted()
        except (OSError, EOFError):
            return None

    def _greeted(self) -> Connection | None:
        with address(self._folder) as name, socket.socket(socket.AF_UNIX) as peer:
            peer.connect(name)
            if not is_ours(peer):
                return None
            connection = Connection(peer.detach())
        connection.send_bytes(key())
        if connection.poll(_PATIENCE) and connection.recv_bytes(len(WELCOME)) == WELCOME:
            return connection
        connection.close()
        return None
