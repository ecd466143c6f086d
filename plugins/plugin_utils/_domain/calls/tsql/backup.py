"""BACKUP: full, log, and the last log of a copy that is stopped. FOR INTERNAL COLLECTION USE
ONLY.
"""

from __future__ import annotations

from ...._engine.model import Sql
from . import quote
from .access import is_closed, open_to_all
from .guard import guarded, role_is, state_is, step
from .intent import holds_intent
from .text import one_line

#: How far a backup or a restore is, every tenth percent, as an informational message.
STATS = "STATS = 10"


def set_full_recovery(database: str) -> Sql:
    """Every change goes into the log from now on, once a full backup was taken."""
    return guarded(
        state_is(database, "ONLINE"),
        f"{database} is not online any more",
        f"ALTER DATABASE {quote.identifier(database)} SET RECOVERY FULL;",
    )


def back_up(kind: str, database: str, path: str, stamp: str, options: list[str]) -> Sql:
    """``kind``: DATABASE or LOG.

    A log is saved once for each full backup of its stamp: a second time into the same file would
    replace what the first one took out of the log. (A full backup that replaces one of its stamp
    loses nothing.)
    """
    condition = state_is(database, "ONLINE")
    if kind == "LOG":
        condition += f" AND NOT {_log_is_saved(database, stamp)}"
    settings = ["INIT", "FORMAT", f"NAME = {quote.literal(stamp)}", *options, STATS]
    return guarded(
        condition,
        f"{database} is not online any more, or its log was saved meanwhile",
        f"""
        BACKUP {kind} {quote.identifier(database)}
        TO DISK = {quote.path(path)}
        WITH {", ".join(settings)};
        """,
    )


def _log_is_saved(database: str, stamp: str) -> str:
    """That a log backup of this stamp is newer than the newest full one of it
    (msdb.dbo.backupset).
    """
    ours = one_line(f"""
        server_name = @@SERVERNAME
        AND database_name = {quote.literal(quote.plain_name(database))}
        AND name = {quote.literal(stamp)}
    """)
    newest_full = one_line(f"""
        SELECT MAX(backup_set_id)
        FROM msdb.dbo.backupset
        WHERE type = 'D'
        AND {ours}
    """)
    return one_line(f"""
        EXISTS (SELECT 1
                FROM msdb.dbo.backupset
                WHERE type = 'L'
                AND {ours}
                AND backup_set_id > ISNULL(({newest_full}), 0))
    """)


def back_up_tail(database: str, path: str, stamp: str, pool: str, attempt: str) -> Sql:
    """One-way: sessions are ended, the last of the log is saved, and the copy stops (BACKUP LOG ...
    WITH NORECOVERY needs exclusive access).

    RESTRICTED_USER and not SINGLE_USER: set from another database, the single place is anybody's,
    and whoever takes it keeps BACKUP and the way back out (924, 5064). With RESTRICTED_USER an
    administrator's session that comes in between makes BACKUP fail (3101), and the way back ends
    it. When the backup fails the copy stays online, and is opened to its users again in the same
    batch; every exit leads through that.
    """
    condition = f"{state_is(database, 'ONLINE')} AND {role_is(database, None)}"
    if attempt:
        condition += f" AND {holds_intent(pool, attempt)}"
    name = quote.identifier(database)
    opened = open_to_all(database)
    still_closed = quote.literal(f", and {database} is still closed to its users")
    adding = f"CASE WHEN {is_closed(database)} THEN {still_closed} ELSE N'' END"
    close = step(
        f"ALTER DATABASE {name} SET RESTRICTED_USER WITH ROLLBACK IMMEDIATE;",
        "RESTRICTED_USER",
        way_out=opened,
        adding=adding,
    )
    save = step(
        f"""
        BACKUP LOG {name}
        TO DISK = {quote.path(path)}
        WITH INIT, FORMAT, NORECOVERY, CHECKSUM, NAME = {quote.literal(stamp)};
        """,
        "BACKUP LOG",
        way_out=opened,
        adding=adding,
    )
    return guarded(
        condition,
        f"{database} is not the unmirrored online copy any more, or another attempt was declared",
        f"""
        {close}
        {save}
        {opened}
        """,
    )
