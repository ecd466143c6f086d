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
    name = quote.literal(quote.plain_name(database))
    if seen is None:
        condition = f"DB_ID({name}) IS NULL"
    else:
        condition = (
            f"{state_is(database, seen)} AND {role_is(database, None)} AND NOT EXISTS (SELECT 1"
            f" FROM sys.sysprocesses p WHERE p.dbid = DB_ID({name}) AND p.spid <> @@SPID AND p.spid"
            " > 50)"
        )
    extra = "".join(
        f", MOVE {quote.literal(logical)} TO {quote.path(where)}"
        for logical, where in moves.items()
    )
    return guarded(
        condition,
        f"{database} is not what it was, or is in use",
        f"RESTORE DATABASE {quote.identifier(database)} FROM DISK = {quote.path(path)} WITH FILE ="
        f" {int(position)}, NORECOVERY, {STATS}{', REPLACE' if replace else ''}{extra};",
    )


def restore_log(database: str, path: str, position: int) -> Sql:
    return guarded(
        state_is(database, "RESTORING"),
        f"{database} is not restoring any more",
        f"RESTORE LOG {quote.identifier(database)} FROM DISK = {quote.path(path)} WITH FILE ="
        f" {int(position)}, NORECOVERY, {STATS};",
    )


def redo_is(database: str, lsn: str) -> str:
    return (
        "EXISTS (SELECT 1 FROM sys.databases d LEFT JOIN sys.database_recovery_status r ON"
        f" r.database_id = d.database_id WHERE d.name = {quote.literal(quote.plain_name(database))}"
        f" AND {catalog.REDO_LSN} = {lsn_literal(lsn)})"
    )


def takes_log(database: str) -> str:
    """It waits for more log: RESTORING, or in STANDBY between two restores."""
    return f"({state_is(database, 'RESTORING')} OR {state_is(database, 'STANDBY')})"


def lsn_literal(value: str) -> str:
    """A number; in a check run one that nobody knows yet, written so that the statement would find
    nothing.
    """
    return f"NULL /* {LATER} */" if value == LATER else str(int(value))


def restore_next_log(database: str, path: str, position: int, at_lsn: str) -> Sql:
    """One log backup onto the copy that stands exactly at ``at_lsn``."""
    return guarded(
        f"{takes_log(database)} AND {role_is(database, None)} AND {redo_is(database, at_lsn)}",
        f"{database} does not stand at LSN {at_lsn} any more",
        f"{without_readers(database)}RESTORE LOG {quote.identifier(database)} FROM DISK ="
        f" {quote.path(path)} WITH FILE = {int(position)}, NORECOVERY;",
    )


def drop_leftover(database: str) -> Sql:
    return guarded(
        f"{state_is(database, 'RESTORING')} AND {role_is(database, None)} AND NOT EXISTS (SELECT 1"
        " FROM msdb.dbo.log_shipping_secondary_databases WHERE secondary_database ="
        f" {quote.literal(quote.plain_name(database))})",
        f"{database} is not a restoring copy that follows nobody any more",
        f"DROP DATABASE {quote.identifier(database)};",
    )
