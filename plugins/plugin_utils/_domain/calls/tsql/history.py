"""What msdb remembers of backups and restores. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import typing as t

from ...._engine.model import Sql
from .quote import literal, literals, plain_name
from .text import query


def _local(column: str) -> str:
    """A datetime of the server's local time as ISO text without a zone.

    The server itself knows today's offset only: ``time_zone.Zone`` has the rule.
    """
    return f"CONVERT(varchar(19), {column}, 126)"


class RestoreRow(t.TypedDict):
    """A restore, and the backup set that was restored.

    ``type``: D for a full backup, L for a log (restore_type). ``uuid``, ``first_lsn``,
    ``last_lsn``, ``fork``, ``stamp`` (its name) and ``began_local`` are the backup set's. Times are
    the server's local ones, ISO 8601 without a zone.
    """

    name: str
    type: str
    recovered: bool
    restored_local: str
    uuid: str
    first_lsn: str | None
    last_lsn: str | None
    fork: str | None
    stamp: str | None
    began_local: str | None


def restores(names: list[str]) -> Sql:
    """Everything that was restored into these databases, oldest first: rows ``RestoreRow``.

    History outlives its database: what is older than the database is not told.
    """
    return query(f"""
        SELECT h.destination_database_name AS name,
               h.restore_type AS type,
               h.recovery AS recovered,
               {_local("h.restore_date")} AS restored_local,
               CONVERT(varchar(36), s.backup_set_uuid) AS uuid,
               CONVERT(varchar(25), s.first_lsn) AS first_lsn,
               CONVERT(varchar(25), s.last_lsn) AS last_lsn,
               CONVERT(varchar(36), s.last_recovery_fork_guid) AS fork,
               s.name AS stamp,
               {_local("s.backup_start_date")} AS began_local
        FROM msdb.dbo.restorehistory h
        JOIN msdb.dbo.backupset s ON s.backup_set_id = h.backup_set_id
        JOIN sys.databases d ON d.name = h.destination_database_name
        WHERE h.restore_date >= DATEADD(minute, -1, d.create_date)
        AND h.destination_database_name IN ({literals(names)})
        ORDER BY h.restore_history_id
    """)


class ReachedRow(t.TypedDict):
    """The end of what was restored of a fork, and the file that it came from. ``began_local``: the
    writer's local time, ISO 8601 without a zone.
    """

    last_lsn: str
    began_local: str | None
    path: str


def reached(database: str, fork: str) -> Sql:
    """Up to where this database was restored from backups that end on this fork: at most one row
    ``ReachedRow``. ``fork``: a GUID, or '' for none.

    What was restored before the database was last made anew counts as well.
    """
    return query(f"""
        SELECT TOP (1)
               CONVERT(varchar(25), s.last_lsn) AS last_lsn,
               {_local("s.backup_start_date")} AS began_local,
               f.physical_device_name AS path
        FROM msdb.dbo.restorehistory h
        JOIN msdb.dbo.backupset s ON s.backup_set_id = h.backup_set_id
        JOIN msdb.dbo.backupmediafamily f
        ON f.media_set_id = s.media_set_id
        AND f.family_sequence_number = 1
        WHERE h.destination_database_name = {literal(plain_name(database))}
        AND CONVERT(varchar(36), s.last_recovery_fork_guid) = {literal(fork.upper())}
        ORDER BY s.last_lsn DESC, h.restore_history_id DESC
    """)


class BackupRow(t.TypedDict):
    """A backup set, and the first file of its media set.

    ``type``: D or L. ``stamp``: its name. ``started_local``: the server's local time, ISO 8601
    without a zone; ``age_minutes``: since it ended. ``device_type``: of the file
    (backupmediafamily); ``families``: files that the backup is spread over.
    """

    name: str
    type: str
    stamp: str | None
    position: int
    copy_only: bool
    uuid: str
    first_lsn: str
    last_lsn: str
    fork: str | None
    family: str | None
    started_local: str | None
    age_minutes: int
    path: str
    device_type: int
    families: int


def backups(names: list[str]) -> Sql:
    """Full and log backups taken here of these databases, oldest first, with the file each went
    to: rows ``BackupRow``.
    """
    return query(f"""
        SELECT s.database_name AS name,
               s.type AS type,
               s.name AS stamp,
               s.position AS position,
               s.is_copy_only AS copy_only,
               CONVERT(varchar(36), s.backup_set_uuid) AS uuid,
               CONVERT(varchar(25), s.first_lsn) AS first_lsn,
               CONVERT(varchar(25), s.last_lsn) AS last_lsn,
               CONVERT(varchar(36), s.last_recovery_fork_guid) AS fork,
               CONVERT(varchar(36), s.family_guid) AS family,
               {_local("s.backup_start_date")} AS started_local,
               DATEDIFF(minute, s.backup_finish_date, GETDATE()) AS age_minutes,
               f.physical_device_name AS path,
               f.device_type AS device_type,
               (SELECT COUNT(*)
                FROM msdb.dbo.backupmediafamily x
                WHERE x.media_set_id = s.media_set_id) AS families
        FROM msdb.dbo.backupset s
        JOIN msdb.dbo.backupmediafamily f
        ON f.media_set_id = s.media_set_id
        AND f.family_sequence_number = 1
        WHERE s.server_name IN (@@SERVERNAME, CONVERT(nvarchar(128), SERVERPROPERTY('ServerName')))
        AND s.database_name IN ({literals(names)})
        AND s.type IN ('D', 'L')
        ORDER BY s.backup_set_id
    """)
