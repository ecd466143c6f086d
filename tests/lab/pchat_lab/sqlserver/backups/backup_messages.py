"""Messages of BACKUP (Database Engine events and errors 3000 to 4999)."""

from __future__ import annotations

import typing as t

from ..language.errors import declare

if t.TYPE_CHECKING:
    pass


declare(
    {
        3013: (16, "{} is terminating abnormally."),
        3021: (16, "Cannot perform a backup or restore operation within a transaction."),
        3033: (16, "BACKUP DATABASE cannot be used on a database opened in emergency mode."),
        3036: (
            16,
            'The database "{}" is in warm-standby state (set by executing RESTORE WITH STANDBY) '
            "and cannot be backed up until the entire restore "
            "sequence is completed.",
        ),
        3035: (
            16,
            'Cannot perform a differential backup for database "{}", because a current database '
            "backup does not exist. Perform a full database "
            "backup by reissuing BACKUP DATABASE, omitting the WITH DIFFERENTIAL option.",
        ),
        3132: (
            16,
            "The media set has {} media families but only {} are provided. All members must be "
            "provided.",
        ),
        3147: (16, "Backup and restore operations are not allowed on database tempdb."),
        3201: (16, "Cannot open backup device '{}'. Operating system error {}."),
        3202: (16, 'Write on "{}" failed: {}'),
        3203: (16, 'Read on "{}" failed: {}'),
        3206: (
            16,
            "Backup device '{}' does not exist. To view existing backup devices, use the "
            "sys.backup_devices catalog view.",
        ),
        3211: (10, "{} percent processed."),
        3241: (
            16,
            "The media family on device '{}' is incorrectly formed. SQL Server cannot process this "
            "media family.",
        ),
        3024: (
            16,
            "You can only perform a full backup of the master database. Use BACKUP DATABASE to "
            "back up the entire master database.",
        ),
        3101: (16, "Exclusive access could not be obtained because the database is in use."),
        4208: (
            16,
            "The statement BACKUP LOG is not allowed while the recovery model is SIMPLE. Use "
            "BACKUP DATABASE or change the recovery model using "
            "ALTER DATABASE.",
        ),
        4214: (16, "BACKUP LOG cannot be performed because there is no current database backup."),
    }
)
