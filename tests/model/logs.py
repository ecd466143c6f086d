"""A database as its log: records, recovery forks, backups. LSNs are small integers here; everything
else is as SQL Server has it.
"""

from __future__ import annotations

import dataclasses
import typing as t


class Fork(t.NamedTuple):
    """Records at and after ``start`` belong to this recovery fork, until the next fork of the same
    history.
    """

    id: str
    start: int


class Record(t.NamedTuple):
    """``message`` 0: something that is no message."""

    lsn: int
    message: int


Path = tuple[Fork, ...]


def path_at(forks: Path, lsn: int) -> Path:
    """What of a fork history matters for content before ``lsn``: two copies are on one path up to
    there if these are equal.
    """
    return tuple(f for f in forks if f.start < lsn)


def fork_of(forks: Path, lsn: int) -> str:
    """The fork on which the record just before ``lsn`` was written."""
    older = path_at(forks, lsn)
    return (older or forks)[-1].id


@dataclasses.dataclass
class LogFile:
    """A log backup: one file, which may be on the share, in the copy folder, or in both. Health:
    good, damaged (below a whole header) or unreadable.
    """

    name: str
    uuid: str
    first: int
    last: int
    forks: Path
    records: tuple[Record, ...]
    server: str
    at: str
    began: float  # true time, which nobody in the world can read
    tail: str | None = None  # the attempt whose tail this is
    share: str | None = None  # health of the file on the share; None: not there
    copied: str | None = None  # and of the one in the copy folder

    @property
    def first_fork(self) -> str:
        return fork_of(self.forks, self.first)

    @property
    def last_fork(self) -> str:
        return self.forks[-1].id

    @property
    def fork_point(self) -> int | None:
        return self.forks[-1].start if self.first_fork != self.last_fork else None

    def readable(self, share: bool) -> bool:
        return self.copied == "good" or (share and self.share == "good")


@dataclasses.dataclass(frozen=True)
class FullBackup:
    stamp: str
    uuid: str
    slot: str
    first: int
    last: int
    forks: Path
    records: tuple[Record, ...]
    at: str
    taken: float  # true time
    family: str


@dataclasses.dataclass
class Database:
    """One copy of mgc.

    ``end``: the LSN that the next record gets; for a restoring copy, what it needs next.
    """

    state: str | None = None
    records: list[Record] = dataclasses.field(default_factory=list)
    end: int = 0
    forks: Path = ()
    next_backup: int = 0  # where the next log backup begins
    family: str = "FAMILY"

    def messages(self) -> set[int]:
        return {r.message for r in self.records if r.message}

    def write(self, message: int, weight: int = 1) -> int:
        self.records.append(Record(self.end, message))
        self.end += weight
        return self.records[-1].lsn

    def fork(self, name: str) -> None:
        """From here on this copy's history is its own."""
        self.forks = (*path_at(self.forks, self.end), Fork(name, self.end))

    def recover(self, fork: str) -> None:
        self.state = "ONLINE"
        self.fork(fork)
        self.write(0)

    def same_path(self, forks: Path) -> bool:
        return path_at(self.forks, self.end) == path_at(forks, self.end)

    def obstacle(self, file: LogFile) -> int | None:
        """The number of the error that SQL Server gives when this log backup is applied; None when
        it can be.
        """
        if file.first > self.end:
            return 4305
        if file.last <= self.end:
            return 4326
        return None if self.same_path(file.forks) else 4330

    def apply(self, file: LogFile) -> None:
        self.receive(file.records, file.last, file.forks)
        self.next_backup = file.last

    def receive(self, records: t.Sequence[Record], until: int, forks: Path) -> None:
        self.records += [r for r in records if self.end <= r.lsn < until]
        self.end = max(self.end, until)
        self.forks = tuple(f for f in forks if f.start <= self.end)

    def rewind(self, lsn: int) -> None:
        self.records = [r for r in self.records if r.lsn < lsn]
        self.end, self.forks = min(self.end, lsn), path_at(self.forks, lsn)

    def load(self, full: FullBackup) -> None:
        self.state, self.records, self.end = "RESTORING", list(full.records), full.last
        self.forks, self.next_backup, self.family = (
            tuple(f for f in full.forks if f.start <= full.last),
            full.first,
            full.family,
        )

    def clone(self) -> Database:
        return dataclasses.replace(self, records=list(self.records))
