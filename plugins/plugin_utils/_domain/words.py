"""Words and times as sentences need them. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable


def short_name(fqdn: str) -> str:
    """A host by the first label of its name, as people call it."""
    return fqdn.partition(".")[0]


def short_names(fqdns: Iterable[str], none: str = "none") -> str:
    """``sql-n1, sql-n2``; ``none`` where there are none."""
    return ", ".join(map(short_name, fqdns)) or none


def plural(count: int, word: str) -> str:
    """``1 log backup``, ``2 log backups``."""
    return f"{count} {word}{plural_ending(count)}"


def plural_ending(count: int) -> str:
    """What a noun ends with, for sentences that tell the number elsewhere."""
    return "s" if count > 1 else ""


def put_to_work_by_hand(host: str, database: str = "mgc") -> str:
    """What somebody does who knows that the copy there, which waits for log, was in use last."""
    return f"put it to work by hand (RESTORE DATABASE {database} WITH RECOVERY on {host})"


def moment(text: str) -> dt.datetime:
    """A time as ISO 8601, also with Z for UTC, which Python 3.10 does not read. Raises
    ``ValueError`` when it is no time.
    """
    return dt.datetime.fromisoformat(text.replace("Z", "+00:00"))


def seconds_after(text: str, seconds: int) -> str:
    """The time that so many seconds are behind another one; both ISO 8601 in UTC, to the second."""
    return (moment(text) + dt.timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def minutes_between(earlier: str | None, later: str | None) -> int | None:
    """Whole minutes that have passed between two times as ISO 8601; None when one is unknown."""
    if not earlier or not later:
        return None
    passed = moment(later) - moment(earlier)
    return int(passed.total_seconds() // 60)
