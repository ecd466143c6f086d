"""A session's way to a host: what it asks of one, and what travels on it.

All of it is plain values that another process can be handed. FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Callable

from .._engine.model import Cmdlet
from .._engine.progress import Tell
from .winrm_endpoint import Endpoint


@dataclasses.dataclass(frozen=True)
class Limits:
    """Seconds. ``read``: one pipeline that reads; ``write``: one call that changes something;
    ``whole``: everything that this session does, from its first request on (None: no limit)."""

    read: float = 600.0
    write: float = 21600.0
    whole: float | None = None


@dataclasses.dataclass(frozen=True)
class Output:
    """One object of the output stream. ``xml`` is empty for ``$null``."""

    xml: str


@dataclasses.dataclass(frozen=True)
class Problem:
    """What is told of one error record."""

    error_id: str
    category: str
    target: str
    text: str


@dataclasses.dataclass(frozen=True)
class Came:
    """All that came of one pipeline, in the order of its arrival.

    ``ended``: how, in a word for people: completed, failed or stopped.
    """

    items: tuple[Output | Problem, ...]
    ended: str


@dataclasses.dataclass(frozen=True)
class Errand:
    """One pipeline that is to be sent, and what to say of it.

    ``what``: "run Get-X", for an error; ``brief``: what a person calls it; ``call``: the whole
    call, as it is shown; ``limit``: seconds; ``changes``: it is never sent a second time.
    """

    statements: tuple[Cmdlet, ...]
    what: str
    brief: str
    call: str
    limit: float
    changes: bool


def _nothing(_text: str = "") -> None:
    pass


@dataclasses.dataclass(frozen=True)
class Lease:
    """Who uses a runspace for a while.

    ``log`` gets what is done with it, ``tell`` lines for a person who waits; ``watch`` raises when
    whoever asked is not there any more.
    """

    endpoint: Endpoint
    limits: Limits = Limits()
    log: Callable[[str], None] = _nothing
    tell: Tell = _nothing
    watch: Callable[[], None] = _nothing


class Line(t.Protocol):
    """A way to one host, for one task. It opens a runspace when the first errand comes."""

    @property
    def taken_up(self) -> bool | None:
        """Whether the runspace of an earlier task is used; None before the first errand."""

    def send(self, errand: Errand) -> Came:
        """All that came of the pipeline. Raises Unreachable and TimedOut."""

    def forget(self) -> None:
        """The next errand gets a fresh runspace."""

    def leave(self) -> None:
        """The task is over: the runspace waits for the next one, or is deleted."""

    def abandon(self) -> None:
        """Nobody knows what the runspace does: it is deleted over a fresh connection."""
