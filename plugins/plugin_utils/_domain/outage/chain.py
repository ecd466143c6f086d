"""Which log backups a restoring copy can still use, decided by LSN and recovery fork, never by file
name. FOR INTERNAL COLLECTION USE ONLY.

LSNs are integers of up to 25 digits. A backup of the log is applicable at position L when first_lsn
<= L < last_lsn (last_lsn is the LSN after its last record: RESTORE HEADERONLY reference);
afterwards the position is its last_lsn.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from .forks import Forks, UnknownLineage


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
        """Of the file."""
        return self.path.rpartition("\\")[2]

    @property
    def attempt(self) -> str | None:
        """The attempt whose tail this is."""
        if not self.tail or self.stamp is None or not self.stamp.endswith("-tail"):
            return None
        return self.stamp.removesuffix("-tail")

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

    ``parted``: the LSN from which on the copy holds what is no part of the pool's history, because
    that went on elsewhere; None when it is all of it, or nobody knows. ``astray``: nobody knows.
    """

    apply: tuple[LogBackup, ...]
    reached: int
    fork: str | None
    obstacle: Obstacle | None = None
    parted: int | None = None
    astray: bool = False

    def parted_at(self, lsn: int) -> Chain:
        """The same chain, known to have left the pool's history there."""
        text = (
            f"the pool's log left the one of this copy at LSN {lsn}, and the copy stands at LSN"
            f" {self.reached} of a history that nobody went on with"
        )
        path = self.last.path if self.last else ""
        obstacle = Obstacle(kind="fork", path=path, text=text)
        return dataclasses.replace(self, obstacle=obstacle, parted=lsn)

    @property
    def sound_to(self) -> int:
        """The LSN up to which the copy holds, or will hold, the pool's history."""
        return self.reached if self.parted is None else self.parted

    @property
    def last(self) -> LogBackup | None:
        """The one that is applied last; None when nothing is to be applied."""
        return self.apply[-1] if self.apply else None


def follow(
    position: int, fork: str | None, family: str | None, backups: Iterable[LogBackup]
) -> Chain:
    """The longest usable chain from ``position``.

    Among equal backups the one in the copy folder is taken.
    """
    files = _Files.of(backups, family)
    applied: list[LogBackup] = []
    reached = position
    at_fork = fork
    for _unused in range(len(files.held) + 1):
        fitting = [log for log in files.held if _continues(log, reached, at_fork, files.forks)]
        if not fitting:
            break
        best = max(fitting, key=_preference)
        applied.append(best)
        reached = best.last_lsn
        at_fork = best.last_fork or at_fork
    return Chain(
        apply=tuple(applied),
        reached=reached,
        fork=at_fork,
        obstacle=_obstacle(files, applied, reached, at_fork),
    )


@dataclasses.dataclass(frozen=True)
class _Files:
    """Log backups by what can be made of them; those of another family are left out.

    ``held``: they hold log. ``empty``: they only tell where the log stood. ``unread``: nobody knows
    what is in them.
    """

    held: list[LogBackup]
    empty: list[LogBackup]
    unread: list[LogBackup]
    forks: Forks

    @classmethod
    def of(cls, backups: Iterable[LogBackup], family: str | None) -> _Files:
        known = list(backups)
        files = cls([], [], [], Forks.of(log for log in known if _same_family(log, family)))
        for log in known:
            if log.error is not None:
                files.unread.append(log)
            elif _same_family(log, family):
                (files.empty if log.empty else files.held).append(log)
        return files


def _preference(log: LogBackup) -> tuple[int, bool, str]:
    return log.last_lsn, log.place == "copied", log.path


def _same_family(log: LogBackup, family: str | None) -> bool:
    return family is None or log.family in (None, family)


def _continues(log: LogBackup, reached: int, fork: str | None, forks: Forks) -> bool:
    """It can be applied at this position."""
    if log.damaged or not log.first_lsn <= reached < log.last_lsn:
        return False
    return _same_path(log, reached, fork, forks)


def _same_path(backup: LogBackup, reached: int, fork: str | None, forks: Forks) -> bool:
    """A backup that ends on another fork fits when that one leaves the history of the copy here or
    later. Where nobody tells how they belong together, one that begins right here must begin on the
    copy's own (redo_start_fork_guid, sys.master_files reference); in one that begins earlier the
    copy's may have begun in between. The server tests it again (4330).
    """
    if fork is None or backup.last_fork in (None, fork):
        return True
    try:
        left_at = forks.parted(fork, backup.last_fork)
    except UnknownLineage:
        left_at = backup.fork_point
        if left_at is None or backup.first_lsn >= reached:
            return backup.first_fork in (None, fork)
    return left_at is not None and reached <= left_at


# -- what stops the chain
def _obstacle(
    files: _Files, applied: list[LogBackup], reached: int, fork: str | None
) -> Obstacle | None:
    """An empty backup beyond ``reached`` is no log to apply, but proof that log lies between."""
    later = [log for log in (*files.held, *files.empty) if log.last_lsn > reached]
    later.sort(key=lambda log: (log.first_lsn, log.last_lsn))
    for log in later:
        found = _unfit(log, reached, fork, files.forks)
        if found is not None:
            return found
    unread = _unread_paths(files.unread, applied)
    if later:
        return _gap(later[0], reached, unread)
    if not unread:
        return None
    return Obstacle(
        kind="unreadable",
        path=unread[0],
        text=f"{', '.join(unread)} cannot be read, so nobody knows whether the log goes on there",
    )


def _unfit(log: LogBackup, reached: int, fork: str | None, forks: Forks) -> Obstacle | None:
    """Why a backup that begins where the copy stands cannot be applied."""
    if log.first_lsn > reached:
        return None
    if log.damaged:
        return Obstacle(
            kind="damaged",
            path=log.path,
            text=f"{log.path} is damaged; it holds the log from LSN {log.first_lsn} to"
            f" {log.last_lsn}",
        )
    if _same_path(log, reached, fork, forks):
        return None
    return Obstacle(
        kind="fork",
        path=log.path,
        text=f"{log.path} was written by {log.server} on another recovery fork; it does not"
        f" continue the log that this copy holds up to LSN {reached}",
    )


def _unread_paths(unread: list[LogBackup], applied: list[LogBackup]) -> list[str]:
    """Those of which no other file of the same name was applied."""
    names = {log.name.lower() for log in applied}
    return sorted({log.path for log in unread if log.name.lower() not in names})


def _gap(following: LogBackup, reached: int, unread: list[str]) -> Obstacle:
    text = (
        f"the log from LSN {reached} to {following.first_lsn} is missing: the next backup there"
        f" is, {following.path}, begins after it"
    )
    if unread:
        text += f" ({', '.join(unread)} cannot be read)"
    return Obstacle(kind="gap", path=following.path, text=text)
