"""Calls that may never come back, ended after a time. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
import typing as t
from collections.abc import Callable

Result = t.TypeVar("Result")
#: Seconds between two looks at whether anybody still waits.
_LOOK = 0.5
#: Seconds for a call to come back of which the outcome is not waited for any more.
_LAST_WORD = 4.0


class Overdue(Exception):
    """The call did not come back in time.

    It may still be running, on a thread that ends with the process.
    """


def within(
    seconds: float, work: Callable[[], Result], watch: Callable[[], None] | None = None
) -> Result:
    """``work()``, or Overdue after so many seconds.

    ``watch`` is called again and again meanwhile; what it raises ends the wait as well.

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
    until = time.monotonic() + max(seconds, 0.001)
    while True:
        left = until - time.monotonic()
        if left <= 0:
            raise Overdue(f"no end within {seconds:.0f} s")
        with contextlib.suppress(queue.Empty):
            well, what = came.get(timeout=left if watch is None else min(left, _LOOK))
            break
        if watch is not None:
            try:
                watch()
            except BaseException:
                # a runspace that is just being opened can only be deleted once it is
                with contextlib.suppress(queue.Empty):
                    came.get(timeout=_LAST_WORD)
                raise
    if well:
        return t.cast(Result, what)
    raise what
