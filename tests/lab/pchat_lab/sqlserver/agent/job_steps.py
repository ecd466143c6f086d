"""What the steps of Agent jobs do, by subsystem (sp_add_jobstep; sqlcmd utility; Maintenance
Plans).

TSQL runs its batch. CmdExec runs ``sqlcmd -Q``, the only program that the lab knows. SSIS runs a
maintenance plan that is kept in msdb.
"""

from __future__ import annotations

import re
import typing as t
import uuid
from collections.abc import Iterable

from ..language.errors import error
from ..language.registry import procedure, view
from ..language.session import SqlSession
from .jobs import JobFailed, JobStep

if t.TYPE_CHECKING:
    from ..language.session import SqlSession
    from ..server.instance import SqlInstance

SUBSYSTEMS = (
    "TSQL",
    "CmdExec",
    "PowerShell",
    "SSIS",
    "ActiveScripting",
    "Snapshot",
    "LogReader",
    "Distribution",
    "Merge",
    "QueueReader",
)
_SQLCMD = re.compile(
    r"""^\s*"?(?:[^"]*\\)?sqlcmd(?:\.exe)?"?\s(?P<options>.*)$""", re.IGNORECASE | re.DOTALL
)
_QUERY = re.compile(r"""(?:^|\s)-[Qq]\s*(?:"(?P<double>[^"]*)"|'(?P<single>[^']*)')""", re.DOTALL)
_DATABASE = re.compile(r"""(?:^|\s)-d\s*"?(?P<name>[^\s"]+)""")
_PLAN = re.compile(r"""Maintenance Plans\\+(?P<name>[^"\\]+)""", re.IGNORECASE)


def step_of(
    instance: SqlInstance, name: str, subsystem: str, command: str, database: str | None
) -> JobStep:
    """SqlError 14234 for a subsystem that there is not."""
    known = next((s for s in SUBSYSTEMS if s.lower() == subsystem.lower()), None)
    if known is None:
        raise error(14234, "@subsystem", "sp_enum_sqlagent_subsystems")

    def action() -> str:
        if known == "TSQL":
            return run_batch(instance, command, database or "master")
        if known == "CmdExec":
            return _run_program(instance, command)
        if known == "SSIS":
            return _run_plan(instance, command)
        raise JobFailed(f"The lab knows no job steps of the subsystem {known}.")

    return JobStep(name, known, command, action, database if known == "TSQL" else None)


def run_batch(instance: SqlInstance, text: str, database: str) -> str:
    with SqlSession.internal(instance) as session:
        session.use(database)
        session.execute(text).check()
    return "The step succeeded."


def _run_program(instance: SqlInstance, command: str) -> str:
    program = _SQLCMD.match(command)
    query = _QUERY.search(program["options"]) if program else None
    if program is None or query is None:
        raise JobFailed(f"The lab knows no program but sqlcmd -Q: {command}")
    database = _DATABASE.search(program["options"])
    return run_batch(
        instance,
        query["double"] if query["double"] is not None else query["single"],
        database["name"] if database else "master",
    )


# --- maintenance plans: packages of Integration Services in msdb


def plans(instance: SqlInstance) -> dict[str, dict[str, t.Any]]:
    """By lower-case name: {name, id, log, databases, folder}; ``databases``: a list of names, or
    None for all user databases.
    """
    found: dict[str, dict[str, t.Any]] = instance.parts.setdefault("maintenance plans", {})
    return found


def add_plan(
    instance: SqlInstance, name: str, databases: list[str] | None, folder: str, *, log: bool
) -> None:
    plans(instance)[name.lower()] = {
        "name": name,
        "id": uuid.uuid4(),
        "databases": databases,
        "folder": folder.rstrip("\\"),
        "log": log,
    }


def _run_plan(instance: SqlInstance, command: str) -> str:
    named = _PLAN.search(command)
    plan = plans(instance).get(named["name"].strip().lower()) if named else None
    if plan is None:
        raise JobFailed(f"The package could not be loaded: {command}")
    back_up_some(instance, plan["databases"], plan["folder"], log=plan["log"])
    return "The package execution returned DTSER_SUCCESS (0)."


def back_up_some(
    instance: SqlInstance, databases: list[str] | None, folder: str, *, log: bool
) -> None:
    """A backup of each database that can give one, as tools for a whole server take them.

    ``databases`` None: all user databases.
    """
    stamp = instance.local_now().strftime("%Y_%m_%d_%H%M%S")
    wanted = None if databases is None else {name.lower() for name in databases}
    with SqlSession.internal(instance, program="Somebody else's backup tool") as session:
        for database in list(instance.databases.values()):
            mine = database.name.lower() in wanted if wanted is not None else not database.is_system
            if mine and database.is_serving() and not (log and database.recovery_model == "SIMPLE"):
                path = f"{folder}\\{database.name}_backup_{stamp}.{'trn' if log else 'bak'}"
                quoted = path if folder.upper() != "NUL" else "NUL"
                session.execute(
                    f"BACKUP {'LOG' if log else 'DATABASE'} [{database.name}] TO DISK = N'{quoted}'"
                ).check()


# --- a maintenance solution that many servers have: a stored procedure that backs up many databases


def install_solution(instance: SqlInstance) -> None:
    instance.parts["maintenance solution"] = True


@procedure(
    "DatabaseBackup",
    database="master",
    parameters="@Databases nvarchar(max) = NULL, @Directory nvarchar(max) = NULL, @BackupType "
    "nvarchar(max), "
    "@Verify nvarchar(max) = 'N', @CleanupTime int = NULL, @CheckSum nvarchar(max) = 'N', "
    "@LogToTable nvarchar(max) = 'N'",
)
def database_backup(session: SqlSession, args: dict[str, t.Any]) -> int:
    instance = session.instance
    if not instance.parts.get("maintenance solution"):
        raise error(2812, "dbo.DatabaseBackup")
    chosen = str(args["@databases"] or "")
    names = (
        None
        if chosen.upper() in ("USER_DATABASES", "ALL_DATABASES")
        else [name.strip() for name in chosen.split(",")]
    )
    back_up_some(
        instance,
        names,
        args["@directory"] or instance.backup_folder,
        log=args["@backuptype"].upper() == "LOG",
    )
    return 0


def _package(plan: dict[str, t.Any]) -> bytes:
    """The task of the package, with the attributes that say what it does (the SQL task's schema of
    maintenance plans).
    """
    chosen = plan["databases"]
    names = "".join(
        f'<SQLTask:SelectedDatabases SQLTask:DatabaseName="{name}"/>' for name in chosen or ()
    )
    return (
        f'<DTS:Executable xmlns:DTS="www.microsoft.com/SqlServer/Dts"><SQLTask:SqlTaskData '
        'xmlns:SQLTask="www.microsoft.com/sqlserver/dts/tasks/sqltask" '
        f'SQLTask:DatabaseSelectionType="{3 if chosen is None else 4}" '
        f'SQLTask:BackupAction="{2 if plan["log"] else 0}" '
        f'SQLTask:BackupDeviceType="2">{names}</SQLTask:SqlTaskData></DTS:Executable>'
    ).encode()


@view(
    "msdb.dbo.sysssispackages",
    "name sysname, id uniqueidentifier, description nvarchar(1024), createdate datetime, folderid "
    "uniqueidentifier, "
    "ownersid varbinary(85), packagedata image, packageformat int, packagetype int",
)
def sysssispackages(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    for plan in plans(session.instance).values():
        yield {
            "name": plan["name"],
            "id": plan["id"],
            "description": "",
            "createdate": session.instance.started_at,
            "ownersid": session.instance.principals.sa.sid,
            "packagedata": _package(plan),
            "packageformat": 0,
            "packagetype": 6,
        }
