"""Messages of RESTORE (Database Engine events and errors 3000 to 4999)."""

from __future__ import annotations

from ..language.errors import declare

declare(
    {
        3102: (
            16,
            "RESTORE cannot process database '{}' because it is in use by this session. It is "
            "recommended that the master database be used when "
            "performing this operation.",
        ),
        3110: (14, "User does not have permission to RESTORE database '{}'."),
        3117: (
            16,
            "The log or differential backup cannot be restored because no files are ready to "
            "rollforward.",
        ),
        3118: (
            16,
            'The database "{}" does not exist. RESTORE can only create a database when restoring '
            "either a full backup or a file backup of the "
            "primary file.",
        ),
        3119: (
            16,
            "Problems were identified while planning for the RESTORE statement. Previous messages "
            "provide details.",
        ),
        3135: (
            16,
            "The backup set in file '{}' was created by {} and may not be used for this restore "
            "operation.",
        ),
        3136: (
            16,
            "This differential backup cannot be restored because the database has not been "
            "restored to the correct earlier state.",
        ),
        3142: (
            16,
            'File "{}" cannot be restored over the existing "{}". Reissue the RESTORE statement '
            "using WITH REPLACE to overwrite pre-existing files, "
            "or WITH MOVE to identify an alternate location.",
        ),
        3153: (16, "The database is already fully recovered."),
        3154: (
            16,
            "The backup set holds a backup of a database other than the existing '{}' database.",
        ),
        3156: (
            16,
            "File '{}' cannot be restored to '{}'. Use WITH MOVE to identify a valid location for "
            "the file.",
        ),
        3159: (
            16,
            'The tail of the log for the database "{}" has not been backed up. Use BACKUP LOG WITH '
            "NORECOVERY to backup the log if it contains work you "
            "do not want to lose. Use the WITH REPLACE or WITH STOPAT clause of the RESTORE "
            "statement to just overwrite the contents of the log.",
        ),
        3169: (
            16,
            "The database was backed up on a server running version {}. That version is "
            "incompatible with this server, which is running version {}. "
            "Either restore the database on a server that supports the backup, or use a backup "
            "that is compatible with this server.",
        ),
        3176: (
            16,
            "File '{}' is claimed by '{}'({}) and '{}'({}). The WITH MOVE clause can be used to "
            "relocate one or more files.",
        ),
        3180: (
            16,
            "This backup cannot be restored using WITH STANDBY because a database upgrade is "
            "needed. Reissue the RESTORE without WITH STANDBY.",
        ),
        3183: (
            16,
            'RESTORE detected an error on page ({}:{}) in database "{}" as read from the backup '
            "set.",
        ),
        3189: (16, "Damage to the backup set was detected."),
        3234: (
            16,
            "Logical file '{}' is not part of database '{}'. Use RESTORE FILELISTONLY to list the "
            "logical file names.",
        ),
        4038: (16, "Cannot find file ID {} on device '{}'."),
        4305: (
            16,
            "The log in this backup set begins at LSN {}, which is too recent to apply to the "
            "database. An earlier log backup that includes LSN {} "
            "can be restored.",
        ),
        4326: (
            16,
            "The log in this backup set terminates at LSN {}, which is too early to apply to the "
            "database. A more recent log backup that includes "
            "LSN {} can be restored.",
        ),
        4330: (
            16,
            "This backup set cannot be applied because it is on a recovery path that is "
            "inconsistent with the database. The recovery path is the "
            "sequence of data and log backups that have brought the database to a particular "
            "recovery point. Find a compatible backup to restore, or "
            "restore the rest of the database to match a recovery point within this backup set, "
            "which will restore the database to a different point "
            "in time.  For more information about recovery paths, see SQL Server Books Online.",
        ),
        4319: (
            16,
            "A previous restore operation was interrupted and did not complete processing on file "
            "'{}'. Either restore the backup set that was "
            "interrupted or restart the restore sequence.",
        ),
        4303: (
            16,
            "The roll forward start point is now at log sequence number (LSN) {}. Additional roll "
            "forward past LSN {} is required to complete the "
            "restore sequence.",
        ),
    }
)
