"""Files of backups as a server sees them, and what their headers tell.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t

from ...._engine.model import Sql
from . import quote
from .text import query


class FolderEntryRow(t.TypedDict):
    """An entry of a folder. ``file``: 1 for a file, 0 for a folder."""

    subdirectory: str
    depth: int
    file: int


def files(folder: str) -> Sql:
    """Names in a folder as the engine's own account sees it: no second hop. No rows as well when it
    cannot see it (extended procedure xp_dirtree). Rows ``FolderEntryRow``.
    """
    return query(f"EXEC master.dbo.xp_dirtree {quote.path(folder)}, 1, 1")


#: Flags of xp_fileexist, whose names are no identifiers: 0 or 1 each.
FileFlagsRow = t.TypedDict(
    "FileFlagsRow",
    {"File Exists": int, "File is a Directory": int, "Parent Directory Exists": int},
)


def exists(folder: str) -> Sql:
    """Whether the engine's own account sees this file or folder: one row ``FileFlagsRow``."""
    return query(f"EXEC master.dbo.xp_fileexist {quote.path(folder)}")


def is_file(rows: t.Sequence[FileFlagsRow]) -> bool:
    """What ``exists`` found is a file; False where it said nothing."""
    return bool(rows) and bool(rows[0].get("File Exists"))


def is_folder(rows: t.Sequence[FileFlagsRow]) -> bool:
    """What ``exists`` found is a folder; False where it said nothing."""
    return bool(rows) and bool(rows[0].get("File is a Directory"))


def header(path: str) -> Sql:
    """One row for each backup set in the file; columns differ by version, so they are taken by
    name.
    """
    return query(f"RESTORE HEADERONLY FROM DISK = {quote.path(path)}")


def file_list(path: str, position: int) -> Sql:
    """One row for each file of the database in the backup set at this position: LogicalName,
    PhysicalName, Type (D, L, F, S), Size in bytes, FileId (RESTORE FILELISTONLY).
    """
    return query(f"""
        RESTORE FILELISTONLY
        FROM DISK = {quote.path(path)}
        WITH FILE = {int(position)}
    """)


def verify(path: str, position: int) -> Sql:
    """No rows; an error when the backup set at this position cannot be restored (RESTORE
    VERIFYONLY).
    """
    return query(f"""
        RESTORE VERIFYONLY
        FROM DISK = {quote.path(path)}
        WITH FILE = {int(position)}
    """)


class RestoredFileRow(t.TypedDict):
    """A file whose log was restored. ``last_lsn``: where the copy stood then."""

    path: str
    last_lsn: str


def restored_files(database: str) -> Sql:
    """Files whose backup sets were restored into the database, oldest first: rows
    ``RestoredFileRow``.

    Those in which a recovery fork was left are no part of it: their headers alone tell where
    (backupset reference), and whoever has forgotten that takes one history for another.
    """
    return query(f"""
        SELECT f.physical_device_name AS path,
               CONVERT(varchar(25), s.last_lsn) AS last_lsn
        FROM msdb.dbo.restorehistory h
        JOIN msdb.dbo.backupset s ON s.backup_set_id = h.backup_set_id
        JOIN msdb.dbo.backupmediafamily f ON f.media_set_id = s.media_set_id
        WHERE h.restore_type = 'L'
        AND h.destination_database_name = {quote.literal(quote.plain_name(database))}
        AND ISNULL(s.first_recovery_fork_guid, s.last_recovery_fork_guid)
            = s.last_recovery_fork_guid
        ORDER BY h.restore_history_id
    """)
