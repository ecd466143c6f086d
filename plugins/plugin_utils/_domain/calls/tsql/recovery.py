"""A copy put to work: recovered, and opened to its users. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from ...._engine.model import Sql
from . import quote
from .access import open_to_all, without_readers
from .guard import changing, guarded, role_is, step
from .intent import holds_intent, put_to_work_name, write_record
from .restore import lsn_literal, redo_is, takes_log
from .text import one_line


def recover(database: str, at_lsn: str, pool: str, attempt: str) -> Sql:
    """One-way: the copy starts a history of its own. ``attempt`` '': this instance does not hold
    the intent record.

    With it, the fork that the copy is on from then on is written down beside the intent, with the
    one that it left and where. msdb's history of restores may be cleaned, a copy that somebody
    recovers by hand is on another fork, and the log backup that would tell where the two parted is
    never taken while the copy is in use.
    """
    condition = (
        f"{takes_log(database)} AND {role_is(database, None)} AND {redo_is(database, at_lsn)}"
    )
    if attempt:
        condition += f" AND {holds_intent(pool, attempt)}"
    opened = open_to_all(database)
    restore = step(
        f"RESTORE DATABASE {quote.identifier(database)} WITH RECOVERY;",
        "RESTORE DATABASE",
        way_out=opened,
    )
    before = ""
    written = ""
    declare = ""
    if attempt:
        before = _fork_before(database)
        written = _written_down(database, pool, at_lsn)
        declare = "@copy nvarchar(4000), @left nvarchar(36)"
    return guarded(
        condition,
        f"{database} does not stand at LSN {at_lsn} any more, or another attempt was declared",
        f"""
        {without_readers(database)}
        {before}
        {restore}
        {written}
        {opened}
        """,
        declare=declare,
    )


def open_copy(database: str) -> Sql:
    """The copy in use, to everybody: what ``recover`` does last, for a run that was cut off
    before.
    """
    return changing(step(open_to_all(database), "opening the database"))


def _fork_before(database: str) -> str:
    """The fork of the log that the copy would take next (sys.master_files reference)."""
    return step(
        f"""
        SELECT @left = CONVERT(nvarchar(36), redo_start_fork_guid)
        FROM sys.master_files
        WHERE file_id = 1
        AND database_id = DB_ID({quote.literal(quote.plain_name(database))});
        """,
        "the look at the old fork",
    )


def _written_down(database: str, pool: str, at_lsn: str) -> str:
    """The record of the copy that was put to work, set or replaced, if the copy is online by
    now.
    """
    text = one_line(f"""
        N'{{"family": "' + CONVERT(nvarchar(36), family_guid)
        + N'", "fork": "' + CONVERT(nvarchar(36), recovery_fork_guid)
        + N'", "left": "' + ISNULL(@left, N'')
        + N'", "lsn": "' + CONVERT(nvarchar(25), {lsn_literal(at_lsn)}) + N'"}}'
    """)
    told = step(
        f"""
        SELECT @copy = {text}
        FROM sys.database_recovery_status
        WHERE database_id = DB_ID({quote.literal(quote.plain_name(database))});
        """,
        "the look at the new fork",
    )
    return f"{told} {write_record(put_to_work_name(pool), '@copy')}"
