"""A line whose runspace this very process holds. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from .kept_runspaces import Kept
from .line import Came, Errand, Lease
from .runspace import MOST_ENDED, Runspace


class DirectLine:
    """Implements ``line.Line``.

    ``kept``: where runspaces wait, disconnected, between the tasks of a run; None to open and
    delete one per task.
    """

    def __init__(self, lease: Lease, kept: Kept | None) -> None:
        # Of a runspace that is taken up again nobody knows how many ended pipelines it holds.
        self._runspace = Runspace(lease, most_ended=MOST_ENDED if kept is None else 0)
        self._kept = kept
        self.taken_up: bool | None = None

    def send(self, errand: Errand) -> Came:
        if not self._runspace.is_open:
            self._open()
        return self._runspace.send(errand)

    def _open(self) -> None:
        shell = self._kept.claim() if self._kept is not None else None
        self.taken_up = shell is not None and self._runspace.take_up(shell)
        if not self.taken_up:
            self._runspace.open()

    def forget(self) -> None:
        self._runspace.forget()

    def leave(self) -> None:
        if self._kept is None or not self._runspace.disconnect():
            self._runspace.delete()
        elif self._kept.put(self._runspace.id):
            self._runspace.forget()
        else:  # another task's runspace is waiting already
            self._runspace.delete_disconnected()

    def abandon(self) -> None:
        self._runspace.abandon()

    def close(self) -> bool:
        """Delete the runspace that waits for the next task. True when there was one."""
        shell = self._kept.claim() if self._kept is not None else None
        if shell is None:
            return False
        self._runspace.delete_waiting(shell)
        return True
