"""Every T-SQL statement that changes something. Each batch tests what its plan was made for and does nothing otherwise: compare and set.
FOR INTERNAL COLLECTION USE ONLY.
"""
from __future__ import annotations

from collections.abc import Mapping

from ..._engine.model import Sql
from . import quote
from .batch import changing, execute, guarded, step

#: How far a backup or a restore is, every tenth percent, as an informational message.
STATS = "STATS = 10"


def state_is(database: str, state: str) -> str:
    """``state`` as sql_read.databases tells it: a copy in STANDBY is no ONLINE one."""
    is_it = "is_in_standby = 1" if state == "STANDBY" else f"state_desc = N'{state}' AND is_in_standby = 0"
    return f"EXISTS (SELECT 1 FROM sys.databases WHERE name = {quote.literal(quote.plain_name(database))} AND {is_it})"


def role_is(database: str, role: str | None) -> str:
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
    return guarded(f"EXISTS (SELECT 1 FROM sys.database_mirroring_endpoints WHERE name = {quote.literal(name)}) "
                   "AND NOT EXISTS (SELECT 1 FROM sys.database_mirroring WHERE mirroring_guid IS NOT NULL)",
                   "the endpoint is gone, or a database is mirrored over it",
                   f"DROP ENDPOINT {quote.identifier(name)};")


def grant_connect(endpoint: str, account: str) -> Sql:
    who = quote.account(account)
    login = step(f"IF SUSER_ID({quote.literal(account)}) IS NULL CREATE LOGIN {who} FROM WINDOWS;", "CREATE LOGIN")
    return changing(f"{login}GRANT CONNECT ON ENDPOINT::{quote.identifier(endpoint)} TO {who};")


# -- mirroring -----------------------------------------------------------------------------------------------------------------------

def set_partner(database: str, address: str, state: str) -> Sql:
    """On the RESTORING copy first, then on the online one (``state``: what this copy is)."""
    return guarded(f"{state_is(database, state)} AND {role_is(database, None)}", f"{database} is not an unmirrored {state} copy any more",
                   f"ALTER DATABASE {quote.identifier(database)} SET PARTNER = {quote.address(address)};")


def _on(database: str, role: str, clause: str) -> Sql:
    return guarded(role_is(database, role), f"this copy of {database} is not the {role.lower()} any more",
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
    return guarded(state_is(database, "ONLINE"), f"{database} is not online any more", f"ALTER DATABASE {quote.identifier(database)} SET RECOVERY FULL;")


def back_up(kind: str, database: str, path: str, stamp: str, options: list[str]) -> Sql:
    """``kind``: DATABASE or LOG.

    A log is saved once for each full backup of its stamp: a second time into the same file would replace what the first
    one took out of the log. (A full backup that replaces one of its stamp loses nothing.)
    """
    more = "".join(f", {o}" for o in (*options, STATS))
    condition = state_is(database, "ONLINE")
    if kind == "LOG":
        condition += f" AND NOT {_log_is_saved(database, stamp)}"
    return guarded(condition, f"{database} is not online any more, or its log was saved meanwhile",
                   f"BACKUP {kind} {quote.identifier(database)} TO DISK = {quote.path(path)} WITH INIT, FORMAT, NAME = {quote.literal(stamp)}{more};")


def _log_is_saved(database: str, stamp: str) -> str:
    """That a log backup of this stamp is newer than the newest full one of it (msdb.dbo.backupset)."""
    ours = (f"server_name = @@SERVERNAME AND database_name = {quote.literal(quote.plain_name(database))} "
            f"AND name = {quote.literal(stamp)}")
    newest_full = f"SELECT MAX(backup_set_id) FROM msdb.dbo.backupset WHERE type = 'D' AND {ours}"
    return (f"EXISTS (SELECT 1 FROM msdb.dbo.backupset WHERE type = 'L' AND {ours} "
            f"AND backup_set_id > ISNULL(({newest_full}), 0))")


def restore_full(database: str, path: str, position: int, *, seen: str | None, replace: bool, moves: Mapping[str, str]) -> Sql:
    """``seen``: the state this copy was in when the plan was made, None for no database. A copy that is in use or mirrored is never touched."""
    name = quote.literal(quote.plain_name(database))
    if seen is None:
        condition = f"DB_ID({name}) IS NULL"
    else:
        condition = (f"{state_is(database, seen)} AND {role_is(database, None)} AND NOT EXISTS (SELECT 1 FROM sys.sysprocesses p WHERE p.dbid = "
                     f"DB_ID({name}) AND p.spid <> @@SPID AND p.spid > 50)")
    extra = "".join(f", MOVE {quote.literal(logical)} TO {quote.path(where)}" for logical, where in moves.items())
    return guarded(condition, f"{database} is not what it was, or is in use",
                   f"RESTORE DATABASE {quote.identifier(database)} FROM DISK = {quote.path(path)} WITH FILE = {int(position)}, NORECOVERY, {STATS}"
                   f"{', REPLACE' if replace else ''}{extra};")


def restore_log(database: str, path: str, position: int) -> Sql:
    return guarded(state_is(database, "RESTORING"), f"{database} is not restoring any more",
                   f"RESTORE LOG {quote.identifier(database)} FROM DISK = {quote.path(path)} WITH FILE = {int(position)}, NORECOVERY, {STATS};")


# -- SQL Agent -----------------------------------------------------------------------------------------------------------------------

def enable_job(name: str, enabled: bool) -> Sql:
    return changing(execute("msdb", "sp_update_job", {"job_name": quote.plain_name(name), "enabled": enabled}), "msdb")


#: The built-in administrator, whatever it is called here: its SID is the same everywhere, and nobody can delete it.
SA = "@sa"
#: For a batch that declares ``@sa sysname``.
NAMED_SA = "SET @sa = SUSER_SNAME(0x01); "


def own_job(name: str) -> Sql:
    """Owned by a person, a job fails when that person's account goes."""
    own = execute("msdb", "sp_update_job", {"job_name": quote.plain_name(name), "owner_login_name": (SA,)})
    return changing(NAMED_SA + own, "msdb", declare="@sa sysname")


def start_job(name: str) -> Sql:
    """A job that runs already is left to run: sp_start_job would refuse it."""
    start = execute("msdb", "sp_start_job", {"job_name": quote.plain_name(name)})
    return changing(f"IF NOT {_is_running(name)} BEGIN {start}END", "msdb")


def _is_running(job: str) -> str:
    """By the newest session of the Agent (sysjobactivity, syssessions)."""
    return ("EXISTS (SELECT 1 FROM msdb.dbo.sysjobactivity a JOIN msdb.dbo.sysjobs j ON j.job_id = a.job_id "
            f"WHERE j.name = {quote.literal(quote.plain_name(job))} AND a.start_execution_date IS NOT NULL AND a.stop_execution_date IS NULL "
            "AND a.session_id = (SELECT MAX(x.session_id) FROM msdb.dbo.syssessions x))")


def schedule(job_variable: str, name: str, minutes: int) -> str:
    """A daily schedule every ``minutes`` minutes, attached to the job whose id is in the variable (needs @sid int).

    Names of schedules are not unique. One of this name that no job uses was left by a batch that was cut off between the
    two procedures, and is removed first.
    """
    add = execute("msdb", "sp_add_schedule", {
        "schedule_name": quote.plain_name(name), "enabled": 1, "freq_type": 4, "freq_interval": 1, "freq_subday_type": 4,
        "freq_subday_interval": int(minutes), "freq_recurrence_factor": 0, "active_start_date": 20000101, "active_end_date": 99991231,
        "active_start_time": 0, "active_end_time": 235900, "schedule_id": ("@sid OUTPUT",)})
    attach = execute("msdb", "sp_attach_schedule", {"job_id": (job_variable,), "schedule_id": ("@sid",)})
    return f"{_without_unused(name)}SET @sid = NULL; {add}{attach}"


def _without_unused(schedule_name: str) -> str:
    unused = ("SELECT MAX(s.schedule_id) FROM msdb.dbo.sysschedules s "
              f"WHERE s.name = {quote.literal(quote.plain_name(schedule_name))} AND NOT EXISTS "
              "(SELECT 1 FROM msdb.dbo.sysjobschedules u WHERE u.schedule_id = s.schedule_id) "
              "AND s.schedule_id < ISNULL(@sid, 2147483647)")
    look = step(f"SET @sid = ({unused});", "the look for unused schedules")
    delete = execute("msdb", "sp_delete_schedule", {"schedule_id": ("@sid",)})
    return f"SET @sid = NULL; {look}WHILE @sid IS NOT NULL BEGIN {delete}{look}END "
