"""Tails of the log: which copy was stopped by which, told by the files themselves. FOR INTERNAL
COLLECTION USE ONLY.

msdb's history of backups may be cleaned at any time. The header of the file stays with the file,
and the copy that it stopped stands where it ends. LSNs of two histories may coincide: of several
such files the one on the copy's fork is meant, and of those that fit, the newest.
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
    found = [
        log
        for log in logs
        if _is_tail_by(server, log)
        and log.last_lsn == redo_lsn
        and fits(family, log.family)
        and fits(fork, log.last_fork)
    ]
    return max(found, key=_begun_at, default=None)


def _is_tail_by(server: str | None, log: LogBackup) -> bool:
    return log.error is None and log.attempt is not None and log.server == server


def _begun_at(log: LogBackup) -> str:
    """By the clock of the server that took it."""
    return log.at or ""


def fits(one: str | None, other: str | None) -> bool:
    """Whether two facts agree as far as they are known."""
    return one is None or other is None or one == other
