"""Times that two hosts told, each by its own clock. FOR INTERNAL COLLECTION USE ONLY.

How far two clocks are apart is measured by that of the controller: a host tells its time between
the question and its answer, and last of all that it is asked, so that little comes behind it.
"""

from __future__ import annotations

import time
import typing as t
from collections.abc import Iterable

from .words import moment, seconds_after

#: Hosts tell whole seconds.
_TOLD_TO = 1.0
#: Seconds for what a host told last to arrive.
_ON_ITS_WAY = 2.0
#: Stands for a time that is still to come.
_END = "9999-"


class ClockReading(t.TypedDict):
    """``told``: what a host's clock showed, ISO 8601 in UTC, to the second. ``asked``,
    ``answered``: when the controller sent the question and had the answer, in seconds of its own
    clock.
    """

    told: str
    asked: float
    answered: float


def reading(told: str | None, asked: float) -> ClockReading | None:
    """Of an answer that has come right now. None where the host did not tell its time."""
    if told is None:
        return None
    return {"told": told, "asked": asked, "answered": time.time()}


def lead(clock: ClockReading | None, other: ClockReading | None) -> int:
    """Seconds by which a clock is ahead of another one, negative when it is behind.

    0 where the measurement does not tell them apart, or there is none. What it leaves open counts
    as ahead: whoever asks whether something began late enough would otherwise be told so too soon.
    """
    if clock is None or other is None:
        return 0
    slowest, fastest = _ahead(clock)
    others_slowest, others_fastest = _ahead(other)
    if slowest - others_fastest <= 0 <= fastest - others_slowest:
        return 0
    return round(fastest - others_slowest)


def middle_of(clocks: Iterable[ClockReading]) -> ClockReading:
    """The one that as many are ahead of as behind. IndexError where there is none."""
    ordered = sorted(clocks, key=_ahead)
    return ordered[len(ordered) // 2]


def _ahead(clock: ClockReading) -> tuple[float, float]:
    """The least and the most that it can be ahead of the controller's."""
    told = moment(clock["told"]).timestamp()
    began = max(clock["asked"], clock["answered"] - _ON_ITS_WAY)
    return told - clock["answered"], told + _TOLD_TO - began


def as_told_by(time_told: str, clock: ClockReading | None, other: ClockReading | None) -> str:
    """What ``other`` showed at the time that ``clock`` showed as this; the latest that it can have
    been. ISO 8601 in UTC, to the second. The end of all times stays what it is.
    """
    seconds = lead(other, clock)
    if not seconds or time_told >= _END:
        return time_told
    return seconds_after(time_told, seconds)
