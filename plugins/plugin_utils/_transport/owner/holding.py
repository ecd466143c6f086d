"""The runspaces that wait between the tasks of a run. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

from ..._engine.errors import PChatError
from ..line import Lease
from ..runspace import IDLE_SECONDS, Runspace

#: What tells two endpoints apart, with secrets.
Way = tuple[str, ...]
#: Seconds after which a connection is not trusted any more: services and what stands between cut
#: one that nobody uses, some of them without a word (http.sys after two minutes).
_TRUSTED = 30.0
#: Seconds for a runspace that is being prepared; then another one is opened.
_PREPARED = 60.0
#: Seconds between two looks at whether anybody still waits for it.
_LOOK = 0.5


class Coming:
    """A runspace that is being prepared. ``error``: why it could not be opened."""

    def __init__(self) -> None:
        self.error: PChatError | None = None
        self._over = threading.Event()

    def end(self) -> None:
        self._over.set()

    def wait(self, lease: Lease) -> None:
        """Until it is there, or will not be. Raises what opening it raised: to ask the host again
        would be to wait again, or to be refused again.
        """
        whole = lease.limits.whole
        until = time.monotonic() + (_PREPARED if whole is None else min(_PREPARED, whole))
        while not self._over.wait(_LOOK) and time.monotonic() < until:
            lease.watch()
        if self.error is not None:
            raise self.error


class Holding:
    """One runspace for each endpoint at most; what is used by two tasks at a time is two."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[Way, tuple[Runspace, float]] = {}
        self._coming: dict[Way, Coming] = {}

    @contextlib.contextmanager
    def preparing(self, way: Way) -> Iterator[Coming | None]:
        """Whoever takes a runspace meanwhile waits for this one. None where none is needed: one
        waits already, or is being prepared.
        """
        coming = Coming()
        with self._lock:
            is_needed = way not in self._waiting and way not in self._coming
            if is_needed:
                self._coming[way] = coming
        if not is_needed:
            yield None
            return
        try:
            yield coming
        finally:
            with self._lock:
                del self._coming[way]
            coming.end()

    def take(self, lease: Lease) -> Runspace | None:
        """The runspace that waits, now lent. None when there is none that may still be there."""
        with self._lock:
            coming = self._coming.get(lease.endpoint.way)
        if coming is not None:
            coming.wait(lease)
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
