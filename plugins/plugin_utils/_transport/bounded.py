"""Calls that may never come back, ended after a time. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import queue
import threading
import typing as t
from collections.abc import Callable

Result = t.TypeVar("Result")


class Overdue(Exception):
    """The call did not come back in time.

    It may still be running, on a thread that ends with the process.
    """


def within(seconds: float, work: Callable[[], Result]) -> Result:
    """``work()``, or Overdue after so many seconds.

    A host that sends a byte a second keeps every time-out of a socket from being reached, so the
    wait is outside. The thread is a daemon: it cannot keep the task's process alive.
    """
    came: queue.SimpleQueue[tuple[bool, t.Any]] = queue.SimpleQueue()

    def carry_out() -> None:
        try:
            came.put((True, work()))
        except BaseException as error:  # handed over to who waits
            came.put((False, error))

    threading.Thread(target=carry_out, daemon=True, name="pchat-call").start()
    try:
        well, what = came.get(timeout=max(seconds, 0.001))
    except queue.Empty:
        raise Overdue(f"no end within {seconds:.0f} s") from None
    if well:
        return t.cast(Result, what)
    raise what
