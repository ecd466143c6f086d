"""Logs that grow, and logs that have no room to. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..documents.instance import DatabaseSpace
from ..documents.status import CopyStatus, DatabaseStatus
from .finding import Finding

#: Megabytes on the drive of a log that are little for any log.
_LEAST_ROOM = 256


def log_findings(databases: Mapping[str, DatabaseStatus], failed_over: bool) -> Iterator[Finding]:
    """Of the copies in use. A log that nobody backs up is never used again, so it grows until its
    drive is full, and then nobody can write (error 9002).
    """
    for name, database in databases.items():
        for copy in database["copies"].values():
            if copy["space"] is not None and copy["database_state"] == "ONLINE":
                yield from _of_a_copy(name, copy, copy["space"], failed_over)


def _of_a_copy(
    name: str, copy: CopyStatus, space: DatabaseSpace, failed_over: bool
) -> Iterator[Finding]:
    where = f"The log of {name} on {copy['host']}"
    kept = f"{_megabytes(space['log_used_mb'])} are kept"
    left = f"{_megabytes(space['log_room_mb'])} are left on its drive"
    if not copy["log_shipped"] and space["log_reuse_wait"] == "LOG_BACKUP":
        until = " until the pool has been brought home" if failed_over else ""
        yield Finding(
            "warning",
            "log_grows",
            f"{where} is backed up by nobody{until}, so it grows: {kept}, {left}.",
        )
    if _has_little_room(space):
        yield Finding(
            "critical",
            "log_full",
            f"{where} has little room to grow (it waits for {space['log_reuse_wait']}): {kept},"
            f" {left}. When it is full nobody can write. Make room on the drive, and mend what it"
            " waits for.",
        )


def _has_little_room(space: DatabaseSpace) -> bool:
    """Less than half of what it keeps already, because it waits for something."""
    room = space["log_room_mb"]
    kept = space["log_used_mb"]
    if room is None or kept is None or space["log_reuse_wait"] == "NOTHING":
        return False
    return room < max(_LEAST_ROOM, kept // 2)


def _megabytes(number: int | None) -> str:
    return "nobody knows how many MB" if number is None else f"{number} MB"
