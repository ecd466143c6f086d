"""Local times of a server in UTC, by the rule of its own time zone: today's offset is wrong for
what happened on the other side of a change. FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing as t

from ..._engine.model import Record
from ..rows import number, number_or_none

_LAST = 5


@dataclasses.dataclass(frozen=True)
class Change:
    """When clocks change: the n-th (5: last) weekday (0: Sunday) of a month, at a local hour before
    the change. Month 0: they do not.
    """

    month: int
    number: int
    weekday: int
    hour: int
    minute: int

    def in_year(self, year: int) -> dt.datetime:
        """The local time of the change in this year."""
        first = dt.datetime(year, self.month, 1, self.hour, self.minute)
        ahead = (self.weekday - first.isoweekday()) % 7
        found = first + dt.timedelta(days=ahead + 7 * (min(self.number, _LAST) - 1))
        while found.month != self.month:
            found -= dt.timedelta(days=7)
        return found


@dataclasses.dataclass(frozen=True)
class Zone:
    """``standard``: minutes ahead of UTC in winter; ``summer``: how many more in summer."""

    standard: int
    summer: int = 0
    begins: Change | None = None
    ends: Change | None = None

    def utc(self, local: str | None) -> str | None:
        """A local time (ISO 8601, no zone) in UTC.

        The hour that comes twice in autumn is taken for its second, standard time.
        """
        if local is None:
            return None
        when = dt.datetime.fromisoformat(local)
        return (when - dt.timedelta(minutes=self._offset(when))).strftime("%Y-%m-%dT%H:%M:%SZ")

    def _offset(self, when: dt.datetime) -> int:
        if self.begins is None or self.ends is None:
            return self.standard
        begin = self.begins.in_year(when.year)
        end = self.ends.in_year(when.year) - dt.timedelta(minutes=self.summer)
        is_summer = begin <= when < end if begin < end else not end <= when < begin
        return self.standard + (self.summer if is_summer else 0)


def zone_of(row: Record | None, offset_now: int) -> Zone:
    """From Win32_TimeZone, whose Bias is how far local time is ahead of UTC (its other two are of
    the opposite sign).

    Without it, or without a change in it, the offset of the moment holds always.
    """
    if row is None or not row.get("DaylightMonth") or not row.get("StandardMonth"):
        return Zone(offset_now)
    standard_bias = number_or_none(row, "StandardBias") or 0
    daylight_bias = number_or_none(row, "DaylightBias") or 0
    return Zone(
        number(row, "Bias") - standard_bias,
        standard_bias - daylight_bias,
        _change(row, "Daylight"),
        _change(row, "Standard"),
    )


def _change(row: Record, kind: str) -> Change:
    numbers: list[t.Any] = [
        row.get(f"{kind}{part}") or 0 for part in ("Month", "Day", "DayOfWeek", "Hour", "Minute")
    ]
    return Change(*(int(number) for number in numbers))
