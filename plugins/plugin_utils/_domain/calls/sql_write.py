"""Every T-SQL statement that changes something. Each batch tests what its plan was made for and raises otherwise: compare and set.
FOR INTERNAL COLLECTION USE ONLY.
"""
from __future__ import annotations

from collections.abc import Mapping

from ..._engine.model import MOVED, Sql
from . import quote

#: How far a backup or a restore is, every tenth percent, as an informational message.
STATS = "STATS = 10"
_PRE = "SET NOCOUNT ON; SET XACT_ABORT OFF; "


def guarded(condition: str, moved: str, change: str, database: str = "master", declare: str = "") -> Sql:
    """``change`` if ``condition`` holds, otherwise nothing but an error that the session turns into Moved."""
    text = quote.literal(f"{MOVED} {moved}".replace("%", "%%"))
    return Sql(f"{_PRE}{declare}IF NOT ({condition}) RAISERROR({text}, 16, 1) ELSE BEGIN {change} END", database)


def _state_is(database: str, state: str) -> str:
    return f"EXISTS (SELECT 1 FROM sys.databases WHERE name = {quote.literal(quote.plain_name(database))} AND state_desc = N'{state}')"


def _role_is(database: str, role: str | None) -> str:
    test = f"m.mirroring_role_desc = N'{role}'" if role else "m.mirroring_guid IS NULL"
    return ("EXISTS (SELECT 1 FROM sys.databases d JOIN sys.database_mirroring m ON m.database_id = d.database_id "
            f"WHERE d.name = {quote.literal(quote.plain_name(database))} AND {test})")


# -- endpoint ------------------------------------------------------------------------------------------------------------------------

def create_endpoint(name: str, port: int, role: str, owner: str) -> Sql:
    return guarded(
        "NOT EXISTS (SELECT 1 FROM sys.database_mirroring_endpoints)", "a mirroring endpoint exists by now",
        f"CREATE ENDPOINT {quote.identifier(name)} AUTHORIZATION {quote.identifier(owner)} STATE = STARTED "
        f"AS TCP (LISTENER_PORT = {int(port)}, LISTENER_IP = ALL) FOR DATABASE_MIRRORING "
        f"(AUTHENTICATION = WINDOWS NEGOTIATE, ENCRYPTION = REQUIRED ALGORITHM AES, ROLE = {role.upper()});")


def alter_endpoint(name: str, clause: str) -> Sql:
    """``clause``: STATE = STARTED, or FOR DATABASE_MIRRORING (...)."""
    return guarded(f"EXISTS (SELECT 1 FROM sys.database_mirroring_endpoints WHERE name = {quote.literal(name)})", "the endpoint is gone",
                   f"ALTER ENDPOINT {quote.identifier(name)} {clause};")


def drop_endpoint(name: str) -> Sql:
    return guarded("NOT EXISTS (SELECT 1 FROM sys.database_mirroring WHERE mirroring_guid IS NOT NULL)", "a database is mirrored over the endpoint",
                   f"DROP ENDPOINT {quote.identifier(name)};")


def grant_connect(endpoint: str, account: str) -> Sql:
    who = quote.account(account)
    return Sql(f"{_PRE}IF SUSER_ID({quote.literal(account)}) IS NULL CREATE LOGIN {who} FROM WINDOWS; "
               f"GRANT CONNECT ON ENDPOINT::{quote.identifier(endpoint)} TO {who};")


# -- mirroring -----------------------------------------------------------------------------------------------------------------------

def set_partner(database: str, address: str, state: str) -> Sql:
    """On the RESTORING copy first, then on the online one (``state``: what this copy is)."""
    return guarded(f"{_state_is(database, state)} AND {_role_is(database, None)}", f"{database} is not an unmirrored {state} copy any more",
                   f"ALTER DATABASE {quote.identifier(database)} SET PARTNER = {quote.address(address)};")


def _on(database: str, role: str, clause: str) -> Sql:
    return guarded(_role_is(database, role), f"this copy of {database} is not the {role.lower()} any more",
                   f"ALTER DATABASE {quote.identifier(database)} SET {clause};")


def set_witness(database: str, address: str) -> Sql:
    return _on(database, "PRINCIPAL", f"WITNESS = {quote.address(address)}" if address else "WITNESS OFF")


def set_safety(database: str, level: str) -> Sql:
    return _on(database, "PRINCIPAL", f"PARTNER SAFETY {level.upper()}")


def set_timeout(database: str, seconds: int) -> Sql:
    return _on(database, "PRINCIPAL", f"PARTNER TIMEOUT {int(seconds)}")


def resume(database: str) -> Sql:
    return _on(database, "PRINCIPAL", "PARTNER RESUME")


def fail_over(database: str) -> Sql:
    return _on(database, "PRINCIPAL", "PARTNER FAILOVER")


def force_service(database: str) -> Sql:
    return _on(database, "MIRROR", "PARTNER FORCE_SERVICE_ALLOW_DATA_LOSS")


def remove_partner(database: str, role: str) -> Sql:
    return _on(database, role, "PARTNER OFF")


# -- backup and restore --------------------------------------------------------------------------------------------------------------

def set_full_recovery(database: str) -> Sql:
    return guarded(_state_is(database, "ONLINE"), f"{database} is not online any more", f"ALTER DATABASE {quote.identifier(database)} SET RECOVERY FULL;")


def back_up(kind: str, database: str, path: str, stamp: str, options: list[str]) -> Sql:
    """``kind``: DATABASE or LOG."""
    more = "".join(f", {o}" for o in (*options, STATS))
    return guarded(_state_is(database, "ONLINE"), f"{database} is not online any more",
                   f"BACKUP {kind} {quote.identifier(database)} TO DISK = {quote.path(path)} WITH INIT, FORMAT, NAME = {quote.literal(stamp)}{more};")


def restore_full(database: str, path: str, position: int, *, seen: str | None, replace: bool, moves: Mapping[str, str]) -> Sql:
    """``seen``: the state this copy was in when the plan was made, None for no database. A copy that is in use or mirrored is never touched."""
    name = quote.literal(quote.plain_name(database))
    if seen is None:
        condition = f"DB_ID({name}) IS NULL"
    else:
        condition = (f"{_state_is(database, seen)} AND {_role_is(database, None)} AND NOT EXISTS (SELECT 1 FROM sys.sysprocesses p WHERE p.dbid = "
                     f"DB_ID({name}) AND p.spid <> @@SPID AND p.spid > 50)")
    extra = "".join(f", MOVE {quote.literal(logical)} TO {quote.path(where)}" for logical, where in moves.items())
    return guarded(condition, f"{database} is not what it was, or is in use",
                   f"RESTORE DATABASE {quote.identifier(database)} FROM DISK = {quote.path(path)} WITH FILE = {int(position)}, NORECOVERY, {STATS}"
                   f"{', REPLACE' if replace else ''}{extra};")


def restore_log(database: str, path: str, position: int) -> Sql:
    return guarded(_state_is(database, "RESTORING"), f"{database} is not restoring any more",
                   f"RESTORE LOG {quote.identifier(database)} FROM DISK = {quote.path(path)} WITH FILE = {int(position)}, NORECOVERY, {STATS};")


# -- SQL Agent -----------------------------------------------------------------------------------------------------------------------

def enable_job(name: str, enabled: bool) -> Sql:
    return Sql(f"{_PRE}DECLARE @rc int; EXEC @rc = msdb.dbo.sp_update_job @job_name = {quote.literal(quote.plain_name(name))}, @enabled = {int(enabled)}; "
               f"{_checked('sp_update_job')}", "msdb")


#: The built-in administrator, whatever it is called here: its SID is the same everywhere, and nobody can delete it.
SA = "@sa"
DECLARE_SA = "DECLARE @sa sysname; SET @sa = SUSER_SNAME(0x01); "


def own_job(name: str) -> Sql:
    """Owned by a person, a job fails when that person's account goes."""
    return Sql(f"{_PRE}{DECLARE_SA}DECLARE @rc int; EXEC @rc = msdb.dbo.sp_update_job @job_name = {quote.literal(quote.plain_name(name))}, "
               f"@owner_login_name = {SA}; {_checked('sp_update_job')}", "msdb")


def start_job(name: str) -> Sql:
    return Sql(f"{_PRE}DECLARE @rc int; EXEC @rc = msdb.dbo.sp_start_job @job_name = {quote.literal(quote.plain_name(name))}; "
               f"{_checked('sp_start_job')}", "msdb")


def _checked(procedure: str) -> str:
    """The log shipping and Agent procedures can fail by return code alone."""
    return f"IF @rc <> 0 RAISERROR(N'{procedure} returned %d', 16, 1, @rc);"


def execute(database: str, procedure: str, arguments: Mapping[str, object], *, declare: str = "", after: str = "") -> str:
    """``EXEC @rc = ...`` with its check, as a part of a batch that declared @rc. Values: str, int, bool, or ('@variable OUTPUT',)."""
    shown = ", ".join(f"@{name} = {_value(value)}" for name, value in arguments.items())
    return f"{declare}EXEC @rc = {database}.dbo.{procedure} {shown}; {_checked(procedure)} {after}".rstrip() + " "


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return str(value[0])
    return quote.literal(str(value))


def schedule(job_variable: str, name: str, minutes: int) -> str:
    """A daily schedule every ``minutes`` minutes, attached to the job whose id is in the variable."""
    add = execute("msdb", "sp_add_schedule", {
        "schedule_name": quote.plain_name(name), "enabled": 1, "freq_type": 4, "freq_interval": 1, "freq_subday_type": 4,
        "freq_subday_interval": int(minutes), "freq_recurrence_factor": 0, "active_start_date": 20000101, "active_end_date": 99991231,
        "active_start_time": 0, "active_end_time": 235900, "schedule_id": ("@sid OUTPUT",)})
    return "SET @sid = NULL; " + add + execute("msdb", "sp_attach_schedule", {"job_id": (job_variable,), "schedule_id": ("@sid",)})
