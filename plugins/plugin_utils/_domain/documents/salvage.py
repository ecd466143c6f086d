"""What is told of a kept backup, of what a database holds, and of both beside each other.

FOR INTERNAL COLLECTION USE ONLY. LSNs are texts, times ISO 8601.
"""

from __future__ import annotations

import typing as t


class KeptBackup(t.TypedDict):
    """A full backup of an old copy, by its header; all but ``path`` None where ``error`` says why
    it could not be read.

    ``attempt`` and ``slot``: of the failback that kept it, by its name; None for one that somebody
    else took. ``server``: which wrote it. ``began_local``: by that server's clock, without a zone.
    ``uuid``: of the backup set. ``fork``: the history that the copy was on. ``version``: of the SQL
    Server that wrote it. ``kind``: BackupType, 1 for a full one.
    """

    path: str
    error: str | None
    kind: int | None
    attempt: str | None
    slot: str | None
    server: str | None
    database: str | None
    began_local: str | None
    uuid: str | None
    family: str | None
    fork: str | None
    first_lsn: str | None
    last_lsn: str | None
    version: str | None


class Reached(t.TypedDict):
    """Up to where a copy was restored from backups of a fork. ``at``: when the last of them was
    begun, in UTC, None when unknown.
    """

    last_lsn: str
    at: str | None
    path: str


class TableFacts(t.TypedDict):
    """A user table. ``newest``: date column -> the newest date in it, as the database has it.

    ``rows`` None: it could not be read, and ``why`` says it.
    """

    schema: str
    name: str
    rows: int | None
    newest: dict[str, str | None]
    why: str | None


class ContentFacts(t.TypedDict):
    """What a database holds. ``tables`` is empty where it cannot be opened."""

    database_state: str | None
    family: str | None
    recovery_fork: str | None
    tables: list[TableFacts]
    reached: Reached | None


class ComparedTable(t.TypedDict):
    """A table in both copies. Rows None: not there, or not read."""

    schema: str
    name: str
    rows: int | None
    rows_in_pool: int | None
    newest: dict[str, str | None]
    newest_in_pool: dict[str, str | None]
    why: str | None


class OnlyHere(t.TypedDict):
    """What only the kept copy holds: from an LSN, exclusive of what the pool has, to its own end.

    ``from_lsn`` None: nobody knows. ``from_at``: when the last log was begun that the backup copy
    got, in UTC. ``newest``: the newest date of all date columns that is not later than the backup,
    as the database has it; ``newest_of``: ``schema.table.column``. ``holds``: whether there is
    anything; None when nobody knows.
    """

    holds: bool | None
    from_lsn: str | None
    from_at: str | None
    to_lsn: str | None
    newest: str | None
    newest_of: str | None


class SalvageReport(t.TypedDict):
    """``pool_host`` None: no copy of the pool could be read. ``same_family``: None when one of
    the two families is unknown.
    """

    host: str
    database: str | None
    kept: KeptBackup
    same_family: bool | None
    pool_host: str | None
    only_here: OnlyHere
    tables: list[ComparedTable]
