"""The owner's own process: it answers workers until the run is over. FOR INTERNAL COLLECTION USE
ONLY.
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import os
import pathlib
import signal
import socket
import threading
import time
from multiprocessing.connection import Connection

from ..runspace import Runspace
from .address import is_greeted, is_ours
from .conversation import Conversation
from .holding import Holding
from .watched import Watched

#: Seconds between two looks at whether the run is over.
_LOOK = 0.25
#: Seconds for all runspaces to be deleted at the end.
_LAST = 20.0
#: Beside the socket: a file with the process's id.
_NUMBER = ".pid"


class Process:
    """Holds runspaces for the run whose ansible-playbook is ``run``."""

    def __init__(self, listener: socket.socket, where: str, key: bytes, run: Watched) -> None:
        self._listener = listener
        self._where = where
        self._key = key
        self._run = run
        self._holding = Holding()
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._led: set[threading.Thread] = set()

    def serve(self) -> None:
        """Until the run is over. Not sooner, though nothing may be held any more: ansible-playbook
        removes the folder with the socket as it ends, and stumbles over a file that goes first.
        """
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_unused: self._ending.set())
        threading.Thread(target=self._accept, daemon=True, name="pchat-accept").start()
        while self._run.is_there() and not self._ending.wait(_LOOK):
            self._holding.forget_old()
        self._end()

    def _accept(self) -> None:
        while not self._ending.is_set():
            try:
                peer, _address = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._lead, args=(peer,), daemon=True)
            with self._lock:
                self._led.add(thread)
            thread.start()

    def _lead(self, peer: socket.socket) -> None:
        try:
            if not is_ours(peer):
                peer.close()
                return
            with Connection(peer.detach()) as connection:
                if is_greeted(connection, self._key):
                    Conversation(connection, self._holding, self._ending).lead()
        except (OSError, EOFError):
            pass  # a worker that ended while it was greeted
        finally:
            with self._lock:
                self._led.discard(threading.current_thread())

    def _end(self) -> None:
        """No socket, no runspace; what hangs is left to its host's idle time-out."""
        for name in (self._where, self._where + _NUMBER):
            with contextlib.suppress(OSError):
                os.unlink(name)
        self._listener.close()
        self._ending.set()
        until = time.monotonic() + _LAST
        for thread in list(self._led):
            thread.join(max(until - time.monotonic(), 0))
        waiting = self._holding.take_all()
        if not waiting:
            return
        with concurrent.futures.ThreadPoolExecutor(len(waiting)) as pool:
            deleted = [pool.submit(_delete, runspace) for runspace in waiting]
            concurrent.futures.wait(deleted, max(until - time.monotonic(), 1))
            os._exit(0)


def _delete(runspace: Runspace) -> None:
    runspace.abandon()


def introduce(where: str) -> None:
    """What ps and top call it, and its number for who looks for it."""
    with contextlib.suppress(OSError):
        pathlib.Path("/proc/self/comm").write_text("pchat-owner", encoding="ascii")
        pathlib.Path(where + _NUMBER).write_text(f"{os.getpid()}\n", encoding="ascii")
