"""Starting the owner from a worker. FOR INTERNAL COLLECTION USE ONLY.

A fork, and no fresh interpreter: it is there in a fortieth of the time, because everything that it
needs is imported already. It shares nothing with the worker but the socket.
"""

from __future__ import annotations

import contextlib
import fcntl
import multiprocessing
import os
import resource
import signal
import socket
import sys

from .. import psrp
from . import address, process
from .watched import Watched

_STREAMS = (0, 1, 2)


def found(folder: str) -> address.Owner | None:
    """The owner, if this run has one."""
    return address.Owner(folder) if os.path.exists(address.path(folder)) else None


def hired(folder: str) -> address.Owner | None:
    """The owner, started if this run has none. ``folder``: the run's own, for temporary files.

    None where there can be none; the sessions then do without. Not for threads: it forks.
    """
    if psrp.MISSING is not None or not sys.platform.startswith("linux"):
        return None
    if not os.path.exists(address.path(folder)):
        try:
            _start_once(folder)
        except OSError:
            return None
    return found(folder)


def _start_once(folder: str) -> None:
    """Several workers may begin at the same time; one that ended is not started again, because its
    socket is still there.
    """
    lock = os.open(address.path(folder) + ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not os.path.exists(address.path(folder)):
            _start(folder)
    finally:
        os.close(lock)


def _start(folder: str) -> None:
    run = Watched.of(_run())
    with socket.socket(socket.AF_UNIX) as listener:
        _listen(listener, folder)
        child = os.fork()
        if child == 0:
            _become(listener, folder, run)
        os.waitpid(child, 0)


def _listen(listener: socket.socket, folder: str) -> None:
    """At the owner's address, where others find it only when it takes their calls."""
    unfinished = f"{address.path(folder)}.new"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(unfinished)
    with address.address(folder) as name:
        listener.bind(f"{name}.new")
    listener.listen(64)
    os.rename(unfinished, address.path(folder))


def _run() -> int:
    """The process whose end is the run's: a worker's parent, or the one that has no workers."""
    parent = multiprocessing.parent_process()
    found = os.getpid() if parent is None else parent.pid
    return found or os.getpid()


def _become(listener: socket.socket, folder: str, run: Watched) -> None:
    """In the child, which never returns: a session of its own, and a child of nobody."""
    try:
        os.setsid()
        if os.fork() == 0:
            _let_go(listener.fileno())
            process.introduce(address.path(folder))
            process.Process(listener, address.path(folder), address.key(), run).serve()
    finally:
        os._exit(0)


def _let_go(kept: int) -> None:
    """Of whatever the worker has open; of its signals; and no memory of it is ever written down."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in _STREAMS:
        os.dup2(nothing, stream)
    for name in os.listdir("/proc/self/fd"):
        if int(name) not in (*_STREAMS, kept):
            with contextlib.suppress(OSError):  # that of the list itself
                os.close(int(name))
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    for number in (signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
