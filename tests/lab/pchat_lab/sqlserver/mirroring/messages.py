"""Messages of database mirroring (Database Engine events and errors 1400 to 1499)."""

from __future__ import annotations

import typing as t

from ..language.errors import declare

if t.TYPE_CHECKING:
    pass


declare(
    {
        954: (14, 'The database "{}" cannot be opened. It is acting as a mirror database.'),
        955: (
            14,
            "Database {} is enabled for Database Mirroring, but the database lacks quorum: the "
            "database cannot be opened.  Check the partner and "
            "witness connections if configured.",
        ),
        1405: (16, 'The database "{}" is already enabled for database mirroring.'),
        1407: (
            16,
            'The remote copy of database "{}" is not related to the local copy of the database.',
        ),
        1416: (16, 'Database "{}" is not configured for database mirroring.'),
        1418: (
            16,
            'The server network address "{}" can not be reached or does not exist. Check the '
            "network address name and that the ports for the local "
            "and remote endpoints are operational.",
        ),
        1422: (
            16,
            'The mirror server instance is not caught up to the recent changes to database "{}". '
            "Unable to fail over.",
        ),
        1426: (
            16,
            "To issue ALTER DATABASE SET WITNESS, all three server instances must be "
            "interconnected, and the mirror database must be caught up.",
        ),
        1427: (
            16,
            "The server instance '{}' could not act as the witness. The ALTER DATABASE SET WITNESS "
            "command failed.",
        ),
        1429: (
            16,
            "The witness server instance name must be distinct from both of the server instances "
            "that manage the database. The ALTER DATABASE SET "
            "WITNESS command failed.",
        ),
        1431: (
            16,
            'Neither the partner nor the witness server instance for database "{}" is available. '
            "Reissue the command when at least one of the "
            "instances becomes available.",
        ),
        1439: (16, 'There is currently no witness associated with the database "{}".'),
        1447: (
            16,
            'ALTER DATABASE "{}" command cannot be executed until both partner server instances '
            "are up, running, and connected.",
        ),
        1448: (
            16,
            'The remote copy of database "{}" does not exist. Check the database name and reissue '
            "the command.",
        ),
        1449: (16, "ALTER DATABASE command failed due to an invalid server connection string."),
        1452: (
            16,
            "The partner server instance name must be distinct from the server instance that "
            "manages the database. The ALTER DATABASE SET PARTNER "
            "command failed.",
        ),
        1455: (
            16,
            'The database mirroring service cannot be forced for database "{}" because the '
            "database is not in the correct state to become the "
            "principal database.",
        ),
        1456: (
            16,
            "The ALTER DATABASE command could not be sent to the remote server instance '{}'. The "
            "database mirroring configuration was not changed.",
        ),
        1464: (
            16,
            'Database "{}" is not in a recovering state which is required for a mirror database or '
            "secondary database.",
        ),
        1465: (
            16,
            'Database "{}" database is not in full recovery mode on each of the server instances.',
        ),
        1466: (
            16,
            'Database "{}" database is read-only on one of the server instances which is '
            "incompatible with participating in database mirroring.  Set the database to "
            "read-write mode, and retry the operation.",
        ),
        1468: (
            16,
            'The operation cannot be performed on database "{}" because it is involved in a '
            "database mirroring session.",
        ),
        1469: (
            16,
            'Database "{}" is an auto-close database on one of the partners which is incompatible '
            "with participating in database mirroring.  Set the database AUTO_CLOSE option to "
            "OFF, and retry the operation.",
        ),
        1470: (
            16,
            "The alter database for this partner config values may only be initiated on the "
            'current principal server for database "{}".',
        ),
        1473: (
            16,
            "This SQL Server edition does not allow changing the safety level. ALTER DATABASE "
            "command failed.",
        ),
        1476: (16, "Database mirroring timeout value {} exceeds the maximum value 32767."),
        1477: (
            16,
            'The database mirroring safety level must be FULL to manually failover database "{}".  '
            "Set safety level to FULL and retry.",
        ),
        1478: (
            16,
            'The mirror database, "{}", has insufficient transaction log data to preserve the log '
            "backup chain of the principal database.  This "
            "may happen if a log backup from the principal database has not been taken or has not "
            "been restored on the mirror database.",
        ),
        1486: (10, "Database Mirroring Transport is disabled in the endpoint configuration."),
        1488: (
            16,
            'Database "{}" database is in single user mode which is incompatible with '
            "participating in database mirroring.  Set database to multi-user mode, and retry the "
            "operation.",
        ),
        3059: (
            16,
            "This BACKUP or RESTORE command is not supported on a database mirror or secondary "
            "replica.",
        ),
        3104: (
            16,
            "RESTORE cannot operate on database '{}' because it is configured for database "
            "mirroring or has joined an availability group. If you "
            "intend to restore the database, use ALTER DATABASE to remove mirroring.",
        ),
    }
)
