"""T-SQL of an outage: what is on the share, the record of who is doing what, and the statements that pass a one-way door.

Every writing batch tests in the same batch what its plan was made for; those that pass a door on the SQL Server that holds the intent
record test that it is still the same attempt. FOR INTERNAL COLLECTION USE ONLY.
"""
from __future__ import annotations

import json
import typing as t
from collections.abc import Mapping

from ..._engine.model import LATER, Sql
from . import quote, sql_read
from .batch import changing, execute, guarded, step
from .sql_write import role_is, state_is

# -- reading -----------------------------------------------------------------------------------------------------------------------------


def files(folder: str) -> Sql:
    """Names in a folder as the engine's own account sees it: no second hop. No rows as well when it cannot see it (extended procedure xp_dirtree)."""
    return Sql(f"SET NOCOUNT ON; EXEC master.dbo.xp_dirtree {quote.path(folder)}, 1, 1")


def exists(folder: str) -> Sql:
    """Flags of xp_fileexist, whose columns are named File Exists, File is a Directory, Parent Directory Exists."""
    return Sql(f"SET NOCOUNT ON; EXEC master.dbo.xp_fileexist {quote.path(folder)}")


def header(path: str) -> Sql:
    """One row for each backup set in the file; columns differ by version, so they are taken by name."""
    return Sql(f"SET NOCOUNT ON; RESTORE HEADERONLY FROM DISK = {quote.path(path)}")


def verify(path: str, position: int) -> Sql:
    return Sql(f"SET NOCOUNT ON; RESTORE VERIFYONLY FROM DISK = {quote.path(path)} WITH FILE = {int(position)}")


def restored_files(database: str) -> Sql:
    """Files whose backup sets were restored into the database, oldest first."""
    return Sql(
        "SET NOCOUNT ON; SELECT f.physical_device_name AS path, CONVERT(varchar(25), s.last_lsn) AS last_lsn FROM msdb.dbo.restorehistory h "
        "JOIN msdb.dbo.backupset s ON s.backup_set_id = h.backup_set_id JOIN msdb.dbo.backupmediafamily f ON f.media_set_id = s.media_set_id "
        f"WHERE h.restore_type = 'L' AND h.destination_database_name = {quote.literal(quote.plain_name(database))} ORDER BY h.restore_history_id")


def intent_name(pool: str) -> str:
    return f"pchat_intent {pool.lower()}"


PUT_TO_WORK = "pchat_put_to_work "


def put_to_work_name(pool: str) -> str:
    """The record of the copy that a failover opened: on which recovery fork it is, of which family."""
    return f"{PUT_TO_WORK}{pool.lower()}"


def intent(pool: str) -> Sql:
    """The record, if there is one: an extended property of master on the backup SQL Server."""
    return Sql("SET NOCOUNT ON; SELECT CONVERT(nvarchar(4000), value) AS value FROM sys.extended_properties "
               f"WHERE class = 0 AND name = {quote.literal(intent_name(pool))}")


# -- the intent record -------------------------------------------------------------------------------------------------------------------

def intent_text(record: Mapping[str, t.Any]) -> str:
    """One line of ASCII, keys in order; how it is read back does not depend on either."""
    return json.dumps({k: str(record[k]) for k in ("target", "id", "operator", "at")}, sort_keys=True, ensure_ascii=True)


def _intent_is(pool: str, record: Mapping[str, t.Any] | None) -> str:
    named = f"EXISTS (SELECT 1 FROM master.sys.extended_properties WHERE class = 0 AND name = {quote.literal(intent_name(pool))}"
    if record is None:
        return f"NOT {named})"
    held = (f" AND CONVERT(nvarchar(4000), value) LIKE {_holding(record[key])}" for key in ("target", "id", "at") if record[key])
    return f"{named}{''.join(held)})"


def _holding(value: str) -> str:
    """A pattern for texts that hold this value as a JSON text, whatever stands around it: a record that another hand wrote has other blanks or order."""
    escaped = "".join(f"[{c}]" if c in "[%_" else c for c in json.dumps(str(value)))
    return quote.literal(f"%{escaped}%")


def clear_intent_by_hand(pool: str) -> str:
    """What an administrator types on the backup SQL Server to remove a record, whatever it says."""
    return f"USE master; EXEC sys.sp_dropextendedproperty @name = {quote.literal(intent_name(pool))};"


def holds_intent(pool: str, attempt: str) -> str:
    """That the attempt with this id is still the declared one."""
    return (f"EXISTS (SELECT 1 FROM master.sys.extended_properties WHERE class = 0 AND name = {quote.literal(intent_name(pool))} "
            f"AND CONVERT(nvarchar(4000), value) LIKE {quote.literal('%' + quote.plain_name(attempt) + '%')})")


def set_intent(pool: str, record: Mapping[str, t.Any], replaces: Mapping[str, t.Any] | None) -> Sql:
    """sp_addextendedproperty itself refuses a second record (15233), so two operators cannot both create one."""
    procedure = "sp_addextendedproperty" if replaces is None else "sp_updateextendedproperty"
    return guarded(_intent_is(pool, replaces), "somebody else declared something meanwhile",
                   execute("master", procedure, {"name": intent_name(pool), "value": intent_text(record)}, schema="sys"))


def clear_intent(pool: str, record: Mapping[str, t.Any]) -> Sql:
    return guarded(_intent_is(pool, record), "the declared intent is another one by now",
                   execute("master", "sp_dropextendedproperty", {"name": intent_name(pool)}, schema="sys"))


# -- logs --------------------------------------------------------------------------------------------------------------------------------

def _redo_is(database: str, lsn: str) -> str:
    return ("EXISTS (SELECT 1 FROM sys.databases d LEFT JOIN sys.database_recovery_status r ON r.database_id = d.database_id "
            f"WHERE d.name = {quote.literal(quote.plain_name(database))} AND {sql_read.REDO_LSN} = {_lsn(lsn)})")


def _takes_log(database: str) -> str:
    """It waits for more log: RESTORING, or in STANDBY between two restores."""
    return f"({state_is(database, 'RESTORING')} OR {state_is(database, 'STANDBY')})"


def _without_readers(database: str) -> str:
    """Whoever reads a copy in STANDBY keeps every restore out (3101). RESTRICTED_USER: nobody can take the only seat."""
    close = step(f"ALTER DATABASE {quote.identifier(database)} SET RESTRICTED_USER WITH ROLLBACK IMMEDIATE;", "RESTRICTED_USER")
    return f"IF {state_is(database, 'STANDBY')} BEGIN {close}END "


def _lsn(value: str) -> str:
    """A number; in a check run one that nobody knows yet, written so that the statement would find nothing."""
    return f"NULL /* {LATER} */" if value == LATER else str(int(value))


def restore_log(database: str, path: str, position: int, at_lsn: str) -> Sql:
    """One log backup onto the copy that stands exactly at ``at_lsn``."""
    return guarded(f"{_takes_log(database)} AND {role_is(database, None)} AND {_redo_is(database, at_lsn)}",
                   f"{database} does not stand at LSN {at_lsn} any more",
                   f"{_without_readers(database)}"
                   f"RESTORE LOG {quote.identifier(database)} FROM DISK = {quote.path(path)} WITH FILE = {int(position)}, NORECOVERY;")


def recover(database: str, at_lsn: str, pool: str, attempt: str) -> Sql:
    """One-way: the copy starts a history of its own. ``attempt`` '': this instance does not hold the intent record.

    With it, the fork that the copy is on from then on is written down beside the intent. msdb's history of restores may be cleaned, and a
    copy that somebody recovers by hand is on another fork.
    """
    condition = f"{_takes_log(database)} AND {role_is(database, None)} AND {_redo_is(database, at_lsn)}"
    if attempt:
        condition += f" AND {holds_intent(pool, attempt)}"
    opened = open_to_all(database)
    restore = step(f"RESTORE DATABASE {quote.identifier(database)} WITH RECOVERY;", "RESTORE DATABASE", way_out=f"{opened} ")
    written = _written_down(database, pool) if attempt else ""
    return guarded(condition, f"{database} does not stand at LSN {at_lsn} any more, or another attempt was declared",
                   f"{_without_readers(database)}{restore}{written}{opened}", declare="@copy nvarchar(4000)" if attempt else "")


def open_copy(database: str) -> Sql:
    """The copy in use, to everybody: what ``recover`` does last, for a run that was cut off before."""
    return changing(step(open_to_all(database), "opening the database"))


def open_to_all(database: str) -> str:
    """The way back from RESTRICTED_USER (or SINGLE_USER), which a tail leaves behind: nobody's session can stand in it."""
    return f"IF {_is_closed(database)} ALTER DATABASE {quote.identifier(database)} SET MULTI_USER WITH ROLLBACK IMMEDIATE;"


def _is_closed(database: str) -> str:
    return (f"EXISTS (SELECT 1 FROM sys.databases WHERE name = {quote.literal(quote.plain_name(database))} "
            "AND state_desc = N'ONLINE' AND user_access_desc <> N'MULTI_USER')")


def _written_down(database: str, pool: str) -> str:
    """The record of the copy that was put to work, set or replaced, if the copy is online by now."""
    name = quote.literal(put_to_work_name(pool))
    value = "N'{\"family\": \"' + CONVERT(nvarchar(36), family_guid) + N'\", \"fork\": \"' + CONVERT(nvarchar(36), recovery_fork_guid) + N'\"}'"
    there = f"EXISTS (SELECT 1 FROM master.sys.extended_properties WHERE class = 0 AND name = {name})"
    told = step(f"SELECT @copy = {value} FROM sys.database_recovery_status WHERE database_id = DB_ID({quote.literal(quote.plain_name(database))});",
                "the look at the new fork")
    record = {"name": put_to_work_name(pool), "value": ("@copy",)}
    replace = execute("master", "sp_updateextendedproperty", record, schema="sys")
    add = execute("master", "sp_addextendedproperty", record, schema="sys")
    return f"{told}IF {there} BEGIN {replace}END ELSE BEGIN {add}END "


def back_up_tail(database: str, path: str, stamp: str, pool: str, attempt: str) -> Sql:
    """One-way: sessions are ended, the last of the log is saved, and the copy stops (BACKUP LOG ... WITH NORECOVERY needs exclusive access).

    RESTRICTED_USER and not SINGLE_USER: set from another database, the single place is anybody's, and whoever takes it
    keeps BACKUP and the way back out (924, 5064). With RESTRICTED_USER an administrator's session that comes in between
    makes BACKUP fail (3101), and the way back ends it. When the backup fails the copy stays online, and is opened to its
    users again in the same batch; every exit leads through that.
    """
    condition = f"{state_is(database, 'ONLINE')} AND {role_is(database, None)}"
    if attempt:
        condition += f" AND {holds_intent(pool, attempt)}"
    name = quote.identifier(database)
    opened = open_to_all(database)
    still = quote.literal(f", and {database} is still closed to its users")
    adding = f"CASE WHEN {_is_closed(database)} THEN {still} ELSE N'' END"
    close = step(f"ALTER DATABASE {name} SET RESTRICTED_USER WITH ROLLBACK IMMEDIATE;", "RESTRICTED_USER", way_out=f"{opened} ", adding=adding)
    save = step(f"BACKUP LOG {name} TO DISK = {quote.path(path)} WITH INIT, FORMAT, NORECOVERY, CHECKSUM, NAME = {quote.literal(stamp)};",
                "BACKUP LOG", way_out=f"{opened} ", adding=adding)
    return guarded(condition, f"{database} is not the unmirrored online copy any more, or another attempt was declared",
                   close + save + opened)


def drop_leftover(database: str) -> Sql:
    return guarded(f"{state_is(database, 'RESTORING')} AND {role_is(database, None)} AND NOT EXISTS (SELECT 1 FROM "
                   f"msdb.dbo.log_shipping_secondary_databases WHERE secondary_database = {quote.literal(quote.plain_name(database))})",
                   f"{database} is not a restoring copy that follows nobody any more", f"DROP DATABASE {quote.identifier(database)};")
