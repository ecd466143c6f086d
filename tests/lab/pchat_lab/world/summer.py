"""When clocks are an hour ahead: by the rules of the European Union and of the United States."""

from __future__ import annotations

import datetime as dt

RULES = ("none", "eu", "us")


def _sunday(year: int, month: int, number: int) -> dt.datetime:
    """Midnight of the n-th Sunday of a month; -1 is the last one."""
    if number > 0:
        first = dt.datetime(year, month, 1)
        return first + dt.timedelta(days=(6 - first.weekday()) % 7 + 7 * (number - 1))
    last = dt.datetime(year, month, 31)  # of the months that are asked for
    return last - dt.timedelta(days=(last.weekday() + 1) % 7)


def is_summer(rule: str, utc: dt.datetime, standard_offset: int) -> bool:
    """``utc``: aware or naive. ``standard_offset``: minutes ahead of UTC in winter."""
    if rule == "none":
        return False
    now = utc.replace(tzinfo=None)
    if rule == "eu":  # at 01:00 UTC everywhere
        hour = dt.timedelta(hours=1)
        return _sunday(now.year, 3, -1) + hour <= now < _sunday(now.year, 10, -1) + hour
    offset = dt.timedelta(minutes=standard_offset)
    two = dt.timedelta(hours=2)
    ends = _sunday(now.year, 11, 1) + two - dt.timedelta(hours=1)  # 02:00 of summer time
    return _sunday(now.year, 3, 2) + two <= now + offset < ends


def as_registered(rule: str, standard_offset: int) -> dict[str, int]:
    """The changes as Windows keeps them: month, number of the Sunday (5: the last one), local hour
    before the change. Month 0: none.
    """
    hour = 1 + standard_offset // 60
    changes = {
        "none": ((0, 0, 0), (0, 0, 0)),
        "eu": ((3, 5, hour), (10, 5, hour + 1)),
        "us": ((3, 2, 2), (11, 1, 2)),
    }
    found: dict[str, int] = {}
    for kind, (month, number, at) in zip(("Daylight", "Standard"), changes[rule], strict=True):
        found |= {
            f"{kind}Month": month,
            f"{kind}Day": number,
            f"{kind}DayOfWeek": 0,
            f"{kind}Hour": at,
            f"{kind}Minute": 0,
        }
    return found
