"""RESTORE of fulls and logs, and the end of a copy that follows nobody.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...._engine.model import LATER, Sql
from . import catalog, quote
from .access import without_readers
from .backup import STATS
from .guard import guarded, role_is, state_is
from .text import one_line


def restore_full(
    database: str,
    path: str,
    position: int,
    *,
    seen: str | None,
    replace: bool,
    moves: Mapping[str, str],
) -> Sql:
    """``seen``: the state this copy was in when the plan was made, None for no database. A copy
    that is in use or mirrored is never touched.
    """
    condition = f"DB_ID({quote.literal(quote.plain_name(database))}) IS NULL"
    if seen is not None:
        condition = (
            f"{state_is(database, seen)} AND {role_is(database, None)} AND NOT {_in_use(database)}"
        )
    settings = [f"FILE = {int(position)}", "NORECOVERY", STATS]
    if replace:
        settings.append("REPLACE")
    for logical_name, new_path in moves.items():
        settings.append(f"MOVE {quote.literal(logical_name)} TO {quote.path(new_path)}")
    return guarded(
        condition,
        f"{database} is not what it was, or is in use",
        f"""
        RESTORE DATABASE {quote.identifier(database)}
        FROM DISK = {quote.path(path)}
        WITH {", ".join(settings)};
        """,
    )


def _in_use(database: str) -> str:
    """By somebody else; sessions up to 50 are the server's own (sys.sysprocesses)."""
    return one_line(f"""
        EXISTS (SELECT 1
                FROM sys.sysprocesses p
                WHERE p.dbid = DB_ID({quote.literal(quote.plain_name(database))})
                AND p.spid <> @@SPID
                AND p.spid > 50)
    """)


def restore_log(database: str, path: str, position: int) -> Sql:
    """One log backup of a seed, onto a copy that restores."""
    return guarded(
        state_is(database, "RESTORING"),
        f"{database} is not restoring any more",
        f"""
        RESTORE LOG {quote.identifier(database)}
        FROM DISK = {quote.path(path)}
        WITH FILE = {int(position)}, NORECOVERY, {STATS};
        """,
    )


def redo_is(database: str, lsn: str) -> str:
    """A condition: the copy stands exactly at this LSN."""
    return one_line(f"""
        EXISTS (SELECT 1
                FROM sys.databases d
                LEFT JOIN sys.database_recovery_status r ON r.database_id = d.database_id
                WHERE d.name = {quote.literal(quote.plain_name(database))}
                AND {catalog.REDO_LSN} = {lsn_literal(lsn)})
    """)


def takes_log(database: str) -> str:
    """A condition: it waits for more log, RESTORING, or in STANDBY between two restores."""
    return f"({state_is(database, 'RESTORING')} OR {state_is(database, 'STANDBY')})"


def lsn_literal(value: str) -> str:
    """A number; in a check run one that nobody knows yet, written so that the statement would find
    nothing.
    """
    if value == LATER:
        return f"NULL /* {LATER} */"
    return str(int(value))


def restore_next_log(database: str, path: str, position: int, at_lsn: str) -> Sql:
    """One log backup onto the copy that stands exactly at ``at_lsn``."""
    return guarded(
        f"{takes_log(database)} AND {role_is(database, None)} AND {redo_is(database, at_lsn)}",
        f"{database} does not stand at LSN {at_lsn} any more",
        f"""
        {without_readers(database)}
        RESTORE LOG {quote.identifier(database)}
        FROM DISK = {quote.path(path)}
        WITH FILE = {int(position)}, NORECOVERY;
        """,
    )


def drop_leftover(database: str) -> Sql:
    """One-way: a restoring copy that neither mirroring nor log shipping feeds."""
    fed = one_line(f"""
        EXISTS (SELECT 1
                FROM msdb.dbo.log_shipping_secondary_databases
                WHERE secondary_database = {quote.literal(quote.plain_name(database))})
    """)
    return guarded(
        f"{state_is(database, 'RESTORING')} AND {role_is(database, None)} AND NOT {fed}",
        f"{database} is not a restoring copy that follows nobody any more",
        f"DROP DATABASE {quote.identifier(database)};",
    )
