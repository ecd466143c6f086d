"""Which log backups a restoring copy can still use, decided by LSN and recovery fork, never by file
name. FOR INTERNAL COLLECTION USE ONLY.

LSNs are integers of up to 25 digits. A backup of the log is applicable at position L when first_lsn
<= L < last_lsn (last_lsn is the LSN after its last record: RESTORE HEADERONLY reference);
afterwards the position is its last_lsn.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable


@dataclasses.dataclass(frozen=True)
class LogBackup:
    """One backup set as its header tells it.

    ``place``: share or copied. ``at``: when it was begun, ISO 8601 in UTC, None if nobody knows.

    ``error``: the header could not be read; then the other facts mean nothing.
    """

    path: str
    place: str
    first_lsn: int = 0
    last_lsn: int = 0
    first_fork: str | None = None
    last_fork: str | None = None
    fork_point: int | None = None
    family: str | None = None
    server: str | None = None
    stamp: str | None = None
    at: str | None = None
    uuid: str | None = None
    position: int = 1
    damaged: bool = False
    tail: bool = False
    error: str | None = None

    @property
    def name(self) -> str:
        return self.path.rpartition("\\")[2]

    @property
    def attempt(self) -> str | None:
        """The attempt whose tail this is."""
        ours = self.tail and self.stamp is not None and self.stamp.endswith("-tail")
        return self.stamp.removesuffix("-tail") if ours and self.stamp is not None else None

    @property
    def empty(self) -> bool:
        """Such backups exist in the field; they hold nothing, and tell where the log stood."""
        return self.error is None and self.first_lsn >= self.last_lsn


@dataclasses.dataclass(frozen=True)
class Obstacle:
    """Why the chain ends before the newest backup. ``kind``: gap, fork, damaged or unreadable."""

    kind: str
    path: str
    text: str


@dataclasses.dataclass(frozen=True)
class Chain:
    """What can be applied from a position on, in order; where that leads; and what stops it
    there.
    """

    apply: tuple[LogBackup, ...]
    reached: int
    fork: str | None
    obstacle: Obstacle | None = None

    @property
    def last(self) -> LogBackup | None:
        return self.apply[-1] if self.apply else None


def follow(
    position: int, fork: str | None, family: str | None, backups: Iterable[LogBackup]
) -> Chain:
    """The longest usable chain from ``position``.

    Among equal backups the one in the copy folder is taken.
    """
    held: list[LogBackup] = []
    empty: list[LogBackup] = []
    for backup in backups:
        (empty if backup.empty else held).append(backup)
    known = [b for b in held if b.error is None and _same_family(b, family)]
    empty = [b for b in empty if _same_family(b, family)]
    applied: list[LogBackup] = []
    reached = position
    at_fork = fork
    for _unused in range(len(known) + 1):
        fits = [
            b
            for b in known
            if b.first_lsn <= reached < b.last_lsn
            and not b.damaged
            and _same_path(b, reached, at_fork)
        ]
        if not fits:
            break
        best = max(
            fits, key=lambda backup: (backup.last_lsn, backup.place == "copied", backup.path)
        )
        applied.append(best)
        reached = best.last_lsn
        at_fork = best.last_fork or at_fork
    return Chain(
        tuple(applied), reached, at_fork, _obstacle(reached, at_fork, known, held, empty, applied)
    )


def _same_family(backup: LogBackup, family: str | None) -> bool:
    return family is None or backup.family in (None, family)


def _same_path(backup: LogBackup, reached: int, fork: str | None) -> bool:
    """A backup of another fork fits when that fork leaves the common path here or later
    (ForkPointLSN); the server tests it again (4330).
    """
    if fork is None or backup.first_fork in (None, fork):
        return True
    return backup.fork_point is not None and reached <= backup.fork_point


def _obstacle(
    reached: int,
    fork: str | None,
    known: list[LogBackup],
    held: list[LogBackup],
    empty: list[LogBackup],
    applied: list[LogBackup],
) -> Obstacle | None:
    """An empty backup beyond ``reached`` is no log to apply, but proof that log lies between."""
    later = sorted(
        (b for b in (*known, *empty) if b.last_lsn > reached),
        key=lambda backup: (backup.first_lsn, backup.last_lsn),
    )
    for backup in later:
        if backup.first_lsn <= reached:
            if backup.damaged:
                return Obstacle(
                    "damaged",
                    backup.path,
                    f"{backup.path} is damaged; it holds the log from LSN {backup.first_lsn} to"
                    f" {backup.last_lsn}",
                )
            if not _same_path(backup, reached, fork):
                return Obstacle(
                    "fork",
                    backup.path,
                    f"{backup.path} was written by {backup.server} on another recovery fork; it"
                    f" does not continue the log that this copy holds up to LSN {reached}",
                )
    unread = sorted({b.path for b in held if b.error is not None} - {b.path for b in applied})
    names = {b.name.lower() for b in applied}
    unread = [p for p in unread if p.rpartition("\\")[2].lower() not in names]
    if later:
        missing = later[0]
        return Obstacle(
            "gap",
            missing.path,
            f"the log from LSN {reached} to {missing.first_lsn} is missing: the next backup there"
            f" is, {missing.path}, begins after it"
            + (f" ({', '.join(unread)} cannot be read)" if unread else ""),
        )
    if unread:
        return Obstacle(
            "unreadable",
            unread[0],
            f"{', '.join(unread)} cannot be read, so nobody knows whether the log goes on there",
        )
    return None
