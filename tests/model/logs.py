"""A database as its log: records, recovery forks, backups.

LSNs are small integers here; everything else is as SQL Server has it.
"""

from __future__ import annotations

import dataclasses
import typing as t


class Fork(t.NamedTuple):
    """Records at and after ``start`` belong to this recovery fork.

    Until the next fork of the same history.
    """

    id: str
    start: int


class Record(t.NamedTuple):
    """``message`` 0: something that is no message."""

    lsn: int
    message: int


Path = tuple[Fork, ...]


def path_at(forks: Path, lsn: int) -> Path:
    """What of a fork history matters for content before ``lsn``.

    Two copies are on one path up to there if these are equal.
    """
    return tuple(fork for fork in forks if fork.start < lsn)


def fork_of(forks: Path, lsn: int) -> str:
    """The fork on which the record just before ``lsn`` was written."""
    older = path_at(forks, lsn)
    return (older or forks)[-1].id


@dataclasses.dataclass
class LogFile:
    """A log backup: one file, which may be on the share, in the copy folder, or in both.

    ``share`` and ``copied``: the health of each: good, damaged (below a whole header), unreadable;
    None: not there. ``tail``: the attempt whose tail this is. ``began``: true time, which nobody in
    the world can read.
    """

    name: str
    uuid: str
    first: int
    last: int
    forks: Path
    records: tuple[Record, ...]
    server: str
    at: str
    began: float
    tail: str | None = None
    share: str | None = None
    copied: str | None = None
    read_only: bool = False

    @property
    def first_fork(self) -> str:
        return fork_of(self.forks, self.first)

    @property
    def last_fork(self) -> str:
        return self.forks[-1].id

    @property
    def fork_point(self) -> int | None:
        """Where the last fork begins, if that is in this file."""
        if self.first_fork == self.last_fork:
            return None
        return self.forks[-1].start

    def readable(self, share: bool) -> bool:
        """``share``: whether that can be reached."""
        return self.copied == "good" or (share and self.share == "good")


@dataclasses.dataclass(frozen=True)
class FullBackup:
    """``taken``: true time."""

    stamp: str
    uuid: str
    slot: str
    first: int
    last: int
    forks: Path
    records: tuple[Record, ...]
    at: str
    taken: float
    family: str
    read_only: bool = False


@dataclasses.dataclass
class Database:
    """One copy of mgc.

    ``end``: the LSN that the next record gets; for a restoring copy, what it needs next.
    ``next_backup``: where the next log backup begins.
    """

    state: str | None = None
    records: list[Record] = dataclasses.field(default_factory=list)
    end: int = 0
    forks: Path = ()
    next_backup: int = 0
    family: str = "FAMILY"
    #: Open to administrators only, since its tail was saved.
    closed: bool = False
    # set READ_ONLY by somebody
    read_only: bool = False

    def messages(self) -> set[int]:
        """Numbers of all that are in it."""
        return {record.message for record in self.records if record.message}

    def write(self, message: int, weight: int = 1) -> int:
        """The LSN of a new record."""
        self.records.append(Record(self.end, message))
        self.end += weight
        return self.records[-1].lsn

    def fork(self, name: str) -> None:
        """From here on this copy's history is its own."""
        self.forks = (*path_at(self.forks, self.end), Fork(name, self.end))

    def recover(self, fork: str) -> None:
        """WITH RECOVERY: a fork of its own begins."""
        self.state = "ONLINE"
        self.fork(fork)
        self.write(0)

    def same_path(self, forks: Path) -> bool:
        """Whether another history is this one up to where this copy stands."""
        return path_at(self.forks, self.end) == path_at(forks, self.end)

    def obstacle(self, file: LogFile) -> int | None:
        """The number of the error with which SQL Server refuses this log backup.

        None when it can be applied.
        """
        if file.first > self.end:
            return 4305
        if file.last <= self.end:
            return 4326
        return None if self.same_path(file.forks) else 4330

    def apply(self, file: LogFile) -> None:
        """A log backup that nothing stands against."""
        self.receive(file.records, file.last, file.forks)
        self.next_backup = file.last
        self.read_only = file.read_only

    def receive(self, records: t.Sequence[Record], until: int, forks: Path) -> None:
        """What somebody else wrote, up to an LSN."""
        self.records += [record for record in records if self.end <= record.lsn < until]
        self.end = max(self.end, until)
        self.forks = tuple(fork for fork in forks if fork.start <= self.end)

    def rewind(self, lsn: int) -> None:
        """Give up what was written from there on."""
        self.records = [record for record in self.records if record.lsn < lsn]
        self.end = min(self.end, lsn)
        self.forks = path_at(self.forks, lsn)

    def load(self, full: FullBackup) -> None:
        """Become what a full backup holds, restoring."""
        self.state = "RESTORING"
        self.records = list(full.records)
        self.end = full.last
        self.forks = tuple(fork for fork in full.forks if fork.start <= full.last)
        self.next_backup = full.first
        self.family = full.family
        self.read_only = full.read_only

    def clone(self) -> Database:
        """Another copy, to try things on."""
        return dataclasses.replace(self, records=list(self.records))
