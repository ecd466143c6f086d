"""Recovery forks: which history leads to which, and where another one was left.

FOR INTERNAL COLLECTION USE ONLY.

Each recovery of a database begins a fork of its own (RESTORE arguments, recovery paths). A log
backup that spans the begin of one tells which fork was left, and where: FirstRecoveryForkID,
RecoveryForkID, ForkPointLSN (RESTORE HEADERONLY reference). Nobody tells of a fork that lies whole
inside one log backup.
"""

from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Iterable, Mapping


class Spanning(t.Protocol):
    """What is asked of a log backup. ``error``: its header could not be read."""

    @property
    def error(self) -> str | None: ...
    @property
    def family(self) -> str | None: ...
    @property
    def first_fork(self) -> str | None: ...
    @property
    def last_fork(self) -> str | None: ...
    @property
    def fork_point(self) -> int | None: ...
    @property
    def last_lsn(self) -> int: ...


class Left(t.NamedTuple):
    """The fork that was left, and the LSN from which on its log is no part of the new history."""

    fork: str
    lsn: int


class Begun(t.NamedTuple):
    """The fork of a copy in use, and the LSN at which it began. ``left``: the one that it left
    there; None: the server does not tell.
    """

    fork: str
    lsn: int
    left: str | None = None


class UnknownLineage(Exception):
    """Nobody tells how two forks belong together."""


@dataclasses.dataclass(frozen=True)
class Forks:
    """``begun``: fork -> what was left where it began, as far as anybody tells."""

    begun: Mapping[str, Left]

    @classmethod
    def of(cls, logs: Iterable[Spanning], recovered: Iterable[Begun] = ()) -> Forks:
        """``recovered``: forks of copies in use. One of which the server does not tell what it left
        has left the fork of the log that ends where it began.
        """
        readable = [log for log in logs if log.error is None]
        begun: dict[str, Left] = {}
        for log in readable:
            left = _left_in(log)
            if left is not None:
                begun[str(log.last_fork)] = left
        for one in recovered:
            left_fork = one.left or fork_at(one.lsn, None, readable)
            if one.fork not in begun and left_fork not in (None, one.fork):
                begun[one.fork] = Left(str(left_fork), one.lsn)
        return cls(begun)

    def besides(self, fork: str, left: Left) -> Forks:
        """The same, and where this fork began, unless a log backup told that already."""
        return Forks({fork: left, **self.begun})

    def path_to(self, fork: str) -> list[str]:
        """Forks on the way to this one, itself the last."""
        path = [fork]
        while path[0] in self.begun and self.begun[path[0]].fork not in path:
            path.insert(0, self.begun[path[0]].fork)
        return path

    def parted(self, fork: str, other: str) -> int | None:
        """The LSN from which on the history of ``other`` is not that of ``fork``; None where it is
        the same or a part of it.

        Raises UnknownLineage.
        """
        mine = self.path_to(fork)
        theirs = self.path_to(other)
        if other in mine:
            return None
        common = [one for one in theirs if one in mine]
        if not common:
            raise UnknownLineage(f"{fork}, {other}")
        return self.begun[theirs[len(common)]].lsn

    def are_related(self, fork: str, other: str) -> bool:
        """Somebody tells how they belong together."""
        return not {*self.path_to(fork)}.isdisjoint(self.path_to(other))

    def left_before(self, lsn: int, fork: str | None, living: str) -> int | None:
        """Where the history of ``living`` left that of ``fork``, if it is known to have done so
        before this LSN.
        """
        if fork is None:
            return None
        try:
            left_at = self.parted(fork, living)
        except UnknownLineage:
            return None
        return left_at if left_at is not None and left_at < lsn else None

    def is_dead(self, log: Spanning, living: str) -> bool:
        """It is known that the log backup goes on where the history of ``living`` left its fork."""
        return self.left_before(log.last_lsn, log.last_fork, living) is not None

    def latest(self, forks: Iterable[str]) -> list[str]:
        """Those of them from which no other one of them began."""
        known = set(forks)
        left: set[str] = set()
        for one in known:
            left.update(self.path_to(one)[:-1])
        return sorted(known - left)

    def follows(self, fork: str | None, other: str | None) -> bool:
        """``fork`` is known to have begun on the history of ``other``, later than that."""
        if fork is None or other is None or fork == other:
            return False
        return other in self.path_to(fork)


def _left_in(log: Spanning) -> Left | None:
    """What was left within this log backup; None where it is of one fork, or does not tell."""
    if log.fork_point is None or None in (log.first_fork, log.last_fork):
        return None
    if log.first_fork == log.last_fork:
        return None
    return Left(str(log.first_fork), log.fork_point)


def fork_at(lsn: int | None, family: str | None, logs: Iterable[Spanning]) -> str | None:
    """The fork on which the log stood at this LSN, by the log backups that end there; None where
    none does, or they disagree.
    """
    found = set()
    for log in logs:
        if log.error is None and log.last_lsn == lsn and family in (None, log.family):
            found.add(log.last_fork)
    return found.pop() if len(found) == 1 else None
