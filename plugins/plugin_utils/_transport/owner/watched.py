"""Whether a process is still the one that it was. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import dataclasses
import multiprocessing
import os
import pathlib

#: Fields of /proc/PID/stat behind the name (proc(5)): the state, and when it started.
_STATE = 0
_STARTED = 19
#: Ended, and not yet asked for by its parent.
_ENDED = ("Z", "X")


@dataclasses.dataclass(frozen=True)
class Watched:
    """A process by its id and its start, because ids are used again."""

    pid: int
    started: str

    @classmethod
    def of(cls, pid: int) -> Watched:
        """Raises OSError when there is no such process, or no /proc."""
        return cls(pid, _fields(pid)[_STARTED])

    def is_there(self) -> bool:
        try:
            fields = _fields(self.pid)
        except OSError:
            return False
        return fields[_STARTED] == self.started and fields[_STATE] not in _ENDED


def _fields(pid: int) -> list[str]:
    text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    return text.rpartition(")")[2].split()


def is_run_over() -> bool:
    """Whether this is a worker whose ansible-playbook has ended, so that somebody else is its
    parent.
    """
    parent = multiprocessing.parent_process()
    return parent is not None and os.getppid() != parent.pid
