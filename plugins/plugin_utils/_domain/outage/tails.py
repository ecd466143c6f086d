"""Tails of the log: which copy was stopped by which, told by the files themselves. FOR INTERNAL
COLLECTION USE ONLY.

msdb's history of backups may be cleaned at any time. The header of the file stays with the file,
and the copy that it stopped stands where it ends: nothing but that file's own backup puts a copy
there that took it.
"""

from __future__ import annotations

from collections.abc import Iterable

from .chain import LogBackup


def tail_of(
    redo_lsn: int | None,
    family: str | None,
    fork: str | None,
    server: str | None,
    logs: Iterable[LogBackup],
) -> LogBackup | None:
    """The tail that this server's restoring copy was stopped with, None when there is none.

    None among the facts: unknown, which fits all.
    """
    if redo_lsn is None:
        return None
    for log in logs:
        if not _is_tail_by(server, log) or log.last_lsn != redo_lsn:
            continue
        if fits(family, log.family) and fits(fork, log.last_fork):
            return log
    return None


def _is_tail_by(server: str | None, log: LogBackup) -> bool:
    return log.error is None and log.attempt is not None and log.server == server


def fits(one: str | None, other: str | None) -> bool:
    """Whether two facts agree as far as they are known."""
    return one is None or other is None or one == other
