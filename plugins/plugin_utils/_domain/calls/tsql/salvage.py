"""A kept backup opened beside the pool, to be read: restored, marked as ours, closed for writers,
and dropped again. FOR INTERNAL COLLECTION USE ONLY.

RECOVERY and then READ_ONLY, and not STANDBY: a copy in STANDBY cannot be marked, cannot come from
an older SQL Server (3180), hangs on a file of its own, and looks as if log shipping fed it.
RESTRICTED_USER from the statement that opens it on: between the two nobody but administrators can
write, and afterwards nobody who comes for the pool's database can take it for that.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ...._engine.model import END_COLUMN, MOVED_COLUMN, Sql
from . import catalog, quote
from .backup import STATS
from .guard import execute, guarded, state_is, step
from .text import one_line, query

#: The extended property of a database that was opened by us. ``copy_mark`` reads it.
MARK = "pchat_salvaged"


class OpenedRow(t.TypedDict):
    """A database by its name. ``sessions``: of others in it."""

    database_state: str
    user_access: str
    is_read_only: bool
    family: str | None
    recovery_fork: str | None
    sessions: int


def opened(database: str) -> Sql:
    """The database of this name, if there is one: at most one row ``OpenedRow``."""
    return query(f"""
        SELECT d.state_desc AS database_state,
               d.user_access_desc AS user_access,
               d.is_read_only AS is_read_only,
               CONVERT(varchar(36), r.family_guid) AS family,
               CONVERT(varchar(36), r.recovery_fork_guid) AS recovery_fork,
               {catalog.OTHER_SESSIONS} AS sessions
        FROM sys.databases d
        LEFT JOIN sys.database_recovery_status r ON r.database_id = d.database_id
        WHERE d.name = {quote.literal(quote.plain_name(database))}
    """)


class CopyMarkRow(t.TypedDict):
    """``value``: JSON, as ``mark`` wrote it."""

    value: str | None


def copy_mark(database: str) -> Sql:
    """The mark of a copy that was opened by us: at most one row ``CopyMarkRow``, none from a
    database that is not there or cannot be opened.
    """
    inner = one_line(f"""
        SELECT CONVERT(nvarchar(4000), value) AS value
        FROM {quote.identifier(database)}.sys.extended_properties
        WHERE class = 0
        AND name = {quote.literal(MARK)}
    """)
    return query(f"""
        BEGIN TRY
            IF {state_is(database, "ONLINE")}
            EXEC({quote.literal(inner)})
        END TRY
        BEGIN CATCH
            SET NOCOUNT ON
        END CATCH
    """)


def restore_beside(database: str, path: str, position: int, moves: Mapping[str, str]) -> Sql:
    """A full backup becomes a database of its own; never over one that is there.

    ``moves``: logical name -> path, of every file.
    """
    settings = [f"FILE = {int(position)}", "RECOVERY", "RESTRICTED_USER", STATS]
    for logical_name, new_path in moves.items():
        settings.append(f"MOVE {quote.literal(logical_name)} TO {quote.path(new_path)}")
    return guarded(
        f"DB_ID({quote.literal(quote.plain_name(database))}) IS NULL",
        f"there is a database {database} by now",
        f"""
        RESTORE DATABASE {quote.identifier(database)}
        FROM DISK = {quote.path(path)}
        WITH {", ".join(settings)};
        """,
    )


def mark(database: str, value: str) -> Sql:
    """The copy says of itself what it is, in an extended property of its own."""
    added = execute(
        quote.identifier(database),
        "sp_addextendedproperty",
        {"name": MARK, "value": value},
        schema="sys",
    )
    return guarded(
        state_is(database, "ONLINE"),
        f"{database} is not online any more",
        f"""
        IF NOT {_is_marked(database)}
        BEGIN
            {added}
        END
        """,
    )


def close_to_writers(database: str) -> Sql:
    """READ_ONLY, for good; only a copy that is marked as ours."""
    closed = step(
        f"ALTER DATABASE {quote.identifier(database)} SET READ_ONLY WITH ROLLBACK IMMEDIATE;",
        "READ_ONLY",
    )
    return guarded(
        state_is(database, "ONLINE"),
        f"{database} is not online any more",
        f"""
        {_unless_marked(database)}
        {closed}
        """,
    )


def drop_opened(database: str) -> Sql:
    """The copy goes, with its files; the backup that it was restored from stays."""
    return guarded(
        state_is(database, "ONLINE"),
        f"{database} is not an online copy any more",
        f"""
        {_unless_marked(database)}
        DROP DATABASE {quote.identifier(database)};
        """,
    )


def _is_marked(database: str) -> str:
    """A condition. Behind a guard only: it fails where there is no such database."""
    return one_line(f"""
        EXISTS (SELECT 1
                FROM {quote.identifier(database)}.sys.extended_properties
                WHERE class = 0
                AND name = {quote.literal(MARK)})
    """)


def _unless_marked(database: str) -> str:
    """A step: a database that is not marked as ours is left as it is."""
    moved = quote.literal(f"{database} is not marked as a copy that was opened by us")
    return one_line(f"""
        IF NOT {_is_marked(database)}
        BEGIN
            SELECT {moved} AS {MOVED_COLUMN};
            SELECT 0 AS {END_COLUMN};
            RETURN;
        END
    """)
