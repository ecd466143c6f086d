"""What a failed statement does to the pipeline that it stands in: the one place that knows what the
client is told, and what still runs.

The rules are those of PowerShell.BatchInvocationCallback, measured on PowerShell 7.6 with side
effects:

* A non-terminating error ends nothing; under ``-ErrorAction Stop`` it fails the pipeline, and
nothing runs after it.
* A terminating error (unknown cmdlet, binding, ThrowTerminatingError) fails the pipeline, but every
later statement runs all the same, unseen, unless the client closes the pipeline meanwhile. No
preference changes that.
* If it ends the first of several statements, it is written to the error stream instead, and the
client is told how the second one ended: the outputs of that one still arrive, and what the others
do is not told.
"""

from __future__ import annotations

import dataclasses
import enum

from .errors import ActionPreferenceStop, CmdletError


class State(enum.IntEnum):
    """System.Management.Automation.PSInvocationState, as far as it is sent."""

    STOPPED = 3
    COMPLETED = 4
    FAILED = 5


@dataclasses.dataclass(frozen=True)
class News:
    """What comes of a statement's end.

    ``write``: to the error stream; ``state``: the pipeline's last one, for ``failure``; ``ends``:
    nothing runs on.
    """

    write: CmdletError | None = None
    state: State | None = None
    failure: CmdletError | None = None
    ends: bool = False


class Course:
    """The way of one pipeline through its statements."""

    def __init__(self, count: int) -> None:
        self._left = count
        self._alone = count == 1
        self._at_first = True
        self._next_end_is_told = False
        #: Whether the client has been told that the pipeline ended. Whatever runs after that is
        #: unseen.
        self.told = False

    def after(self, failure: CmdletError | ActionPreferenceStop | None) -> News:
        """A statement ended, well or with a failure."""
        self._left -= 1
        first = self._at_first
        self._at_first = False
        if isinstance(failure, ActionPreferenceStop):
            return self._end(State.FAILED, failure.error, ends=True)
        if failure is not None and first and not self._alone:
            self._next_end_is_told = True
            return News(write=failure)
        if failure is not None:
            return self._end(State.FAILED, failure)
        if self._left == 0 or self._next_end_is_told:
            return self._end(State.COMPLETED)
        return News()

    def _end(self, state: State, failure: CmdletError | None = None, ends: bool = False) -> News:
        if self.told:
            return News(ends=ends)
        self.told = True
        return News(state=state, failure=failure, ends=ends)
