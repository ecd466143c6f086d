"""Files of backups as a server sees them, and what their headers tell.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

from ...._engine.model import Sql
from . import quote


def files(folder: str) -> Sql:
    """Names in a folder as the engine's own account sees it: no second hop. No rows as well when it
    cannot see it (extended procedure xp_dirtree).
    """
    return Sql(f"SET NOCOUNT ON; EXEC master.dbo.xp_dirtree {quote.path(folder)}, 1, 1")


def exists(folder: str) -> Sql:
    """Flags of xp_fileexist, whose columns are named File Exists, File is a Directory, Parent
    Directory Exists.
    """
    return Sql(f"SET NOCOUNT ON; EXEC master.dbo.xp_fileexist {quote.path(folder)}")


def header(path: str) -> Sql:
    """One row for each backup set in the file; columns differ by version, so they are taken by
    name.
    """
    return Sql(f"SET NOCOUNT ON; RESTORE HEADERONLY FROM DISK = {quote.path(path)}")


def verify(path: str, position: int) -> Sql:
    return Sql(
        f"SET NOCOUNT ON; RESTORE VERIFYONLY FROM DISK = {quote.path(path)} WITH FILE ="
        f" {int(position)}"
    )


def restored_files(database: str) -> Sql:
    """Files whose backup sets were restored into the database, oldest first."""
    return Sql(
        "SET NOCOUNT ON; SELECT f.physical_device_name AS path, CONVERT(varchar(25), s.last_lsn)"
        " AS last_lsn FROM msdb.dbo.restorehistory h JOIN msdb.dbo.backupset s ON s.backup_set_id"
        " = h.backup_set_id JOIN msdb.dbo.backupmediafamily f ON f.media_set_id = s.media_set_id"
        " WHERE h.restore_type = 'L' AND h.destination_database_name ="
        f" {quote.literal(quote.plain_name(database))} ORDER BY h.restore_history_id"
    )
