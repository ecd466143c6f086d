"""The lab's own clock: it runs with real time and can be put forward; whatever is due on the way
happens in order.
"""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
import time
from collections.abc import Callable

#: Where lab time starts after a reset, unless the estate says otherwise.
EPOCH = dt.datetime(2015, 6, 1, 8, 0, 0, tzinfo=dt.UTC)


class Clock:
    """UTC time and timers.

    Never moves backwards; timers fire in the order of their due times, at their due times.
    """

    def __init__(self, start: dt.datetime = EPOCH, running: bool = True) -> None:
        self._now = start
        self._running = running
        self._anchor = time.monotonic()
        self._timers: list[tuple[dt.datetime, int, Callable[[], None]]] = []
        self._numbers = itertools.count()

    def now(self) -> dt.datetime:
        """Lab time, UTC, aware. Inside a timer it is the timer's due time."""
        return self._now

    def at(self, when: dt.datetime, action: Callable[[], None]) -> None:
        """Call ``action`` once, when the clock passes ``when``."""
        heapq.heappush(self._timers, (when, next(self._numbers), action))

    def after(self, seconds: float, action: Callable[[], None]) -> None:
        """Call ``action`` once, this many lab seconds from now."""
        self.at(self._now + dt.timedelta(seconds=seconds), action)

    def catch_up(self) -> None:
        """Let the real time since the last call pass.

        The server calls this before it handles anything.
        """
        real = time.monotonic()
        passed = real - self._anchor
        self._anchor = real
        if self._running:
            self._pass(dt.timedelta(seconds=passed))

    def resume(self) -> None:
        """The real time since the last call was not lived through: a world that lay aside goes on
        from when it was left.
        """
        self._anchor = time.monotonic()

    def advance(self, seconds: float) -> None:
        """Put the clock forward by this many seconds, with everything that is due on the way."""
        if seconds < 0:
            raise ValueError(f"the lab's clock does not run backwards (asked for {seconds} s)")
        self._pass(dt.timedelta(seconds=seconds))

    def _pass(self, delta: dt.timedelta) -> None:
        until = self._now + delta
        while self._timers and self._timers[0][0] <= until:
            due, _number, action = heapq.heappop(self._timers)
            self._now = max(self._now, due)
            action()
        self._now = until
