"""The runspaces that wait between the tasks of a run. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import threading
import time

from ..line import Lease
from ..runspace import IDLE_SECONDS, Runspace

#: What tells two endpoints apart, with secrets.
Way = tuple[str, ...]
#: Seconds after which a connection is not trusted any more: services and what stands between cut
#: one that nobody uses, some of them without a word (http.sys after two minutes).
_TRUSTED = 30.0


class Holding:
    """One runspace for each endpoint at most; what is used by two tasks at a time is two."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[Way, tuple[Runspace, float]] = {}

    def take(self, lease: Lease) -> Runspace | None:
        """The runspace that waits, now lent. None when there is none that may still be there."""
        with self._lock:
            found = self._waiting.pop(lease.endpoint.way, None)
        if found is None:
            return None
        runspace, since = found
        waited = time.monotonic() - since
        if waited >= IDLE_SECONDS:
            runspace.forget()
            return None
        runspace.lend(lease)
        if waited > _TRUSTED:
            runspace.reconnect()
        return runspace

    def put(self, runspace: Runspace, way: Way) -> bool:
        """To wait for the next task. False when it may not: another one waits already, or it is
        not open.
        """
        if not runspace.is_open:
            return False
        with self._lock:
            if way in self._waiting:
                return False
            self._waiting[way] = (runspace, time.monotonic())
        return True

    def forget_old(self) -> None:
        """Those that their hosts have deleted by now."""
        longest = time.monotonic() - IDLE_SECONDS
        with self._lock:
            old = [way for way, (_runspace, since) in self._waiting.items() if since < longest]
            runspaces = [self._waiting.pop(way)[0] for way in old]
        for runspace in runspaces:
            runspace.forget()

    def take_all(self) -> list[Runspace]:
        """To be deleted."""
        with self._lock:
            found = [runspace for runspace, _since in self._waiting.values()]
            self._waiting.clear()
        return found
