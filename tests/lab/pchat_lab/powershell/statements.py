"""What a failed statement does to the pipeline that it stands in: the one place that knows what the client is told, and what still runs."""
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
    """What comes of a statement's end. ``write``: to the error stream; ``state``: the pipeline's last one, for ``failure``; ``ends``: nothing runs on."""

    write: CmdletError | None = None
    state: State | None = None
    failure: CmdletError | None = None
    ends: bool = False


class Course:
    """The way of one pipeline through its statements. A failed one ends it."""

    def __init__(self, count: int) -> None:
        self._left = count
        #: Whether the client has been told that the pipeline ended.
        self.told = False

    def after(self, failure: CmdletError | ActionPreferenceStop | None) -> News:
        """A statement ended, well or with a failure."""
        self._left -= 1
        if failure is not None:
            self.told = True
            return News(state=State.FAILED, failure=failure.error if isinstance(failure, ActionPreferenceStop) else failure, ends=True)
        if self._left == 0:
            self.told = True
            return News(state=State.COMPLETED)
        return News()
