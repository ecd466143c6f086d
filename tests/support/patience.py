"""Processes that let others go first, wherever they have a session of their own.

Linux weighs whole sessions against each other, and asks how nice a process is only within its
session ("The autogroup feature" in sched(7)). Labs and runs of a playbook have sessions of their
own, so that each would get as much as all checks together.
"""

from __future__ import annotations

import contextlib
import os
import pathlib


def make_session_as_nice(pid: int) -> None:
    """The session of a process becomes as nice as the process is. Where sessions are not weighed,
    or nobody may say how, nothing happens.
    """
    with contextlib.suppress(OSError):
        nice = os.getpriority(os.PRIO_PROCESS, pid)
        pathlib.Path(f"/proc/{pid}/autogroup").write_text(str(nice), encoding="ascii")
