"""Clocks and pauses for waiting. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import time
from collections.abc import Iterator


class Clock:
    """Monotonic seconds and sleep; tests pass their own."""

    def now(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


def backoff(first: float = 0.2, factor: float = 1.15, longest: float = 5.0) -> Iterator[float]:
    """Pauses in seconds: quick at first, then at most one question every ``longest`` seconds.

    What came true is seen a seventh of the time later that it took, since the last pause is
    ``factor`` - 1 of all before it.
    """
    pause = first
    while True:
        yield pause
        pause = min(pause * factor, longest)
