"""Log sequence numbers, log records and recovery forks.

An LSN is the decimal form that catalog views and backup headers show (numeric(25,0)): virtual log
file * 10^15 + block * 10^5 + slot.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing as t
import uuid

_VLF = 10**15
_BLOCK = 10**5
_BLOCKS_PER_VLF = 4000
#: Bytes of log for each unit of a record's weight.
LOG_UNIT = 4096
FIRST_LSN = 33 * _VLF + 64 * _BLOCK + 1


@dataclasses.dataclass(frozen=True)
class Record:
    """One hardened log record.

    ``payload``: what a chat client wrote, or None. ``changes``: key -> new value (None: gone) in
    the database's content, e.g. a user table.
    ``at``: UTC, by the clock of the machine that wrote it. ``weight``: its size in ``LOG_UNIT``.
    """

    lsn: int
    at: dt.datetime
    payload: dict[str, t.Any] | None = None
    changes: dict[str, t.Any] = dataclasses.field(default_factory=dict)
    weight: int = 1


@dataclasses.dataclass(frozen=True)
class Fork:
    """A recovery fork: records at and after ``start_lsn`` belong to it until the next fork of the
    same history.
    """

    id: uuid.UUID
    start_lsn: int


def next_lsn(lsn: int, weight: int = 1) -> int:
    """The LSN of the record after this one; ``weight`` is a rough size in log blocks."""
    vlf, rest = divmod(lsn, _VLF)
    block = rest // _BLOCK + max(1, weight) * 8
    if block >= _BLOCKS_PER_VLF:
        vlf = vlf + 1
        block = 16
    return vlf * _VLF + block * _BLOCK + 1


def path_at(forks: tuple[Fork, ...], lsn: int) -> tuple[Fork, ...]:
    """The part of a fork history that matters for content before ``lsn``: two copies are on one
    path up to there iff these are equal.
    """
    return tuple(fork for fork in forks if fork.start_lsn < lsn)


def fork_of(forks: tuple[Fork, ...], lsn: int) -> Fork:
    """The fork that the record just before ``lsn`` was written on."""
    older = path_at(forks, lsn)
    return older[-1] if older else forks[0]
