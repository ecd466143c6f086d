"""What somebody else does to the estate while nobody looks."""

from __future__ import annotations

import typing as t
import uuid
from collections.abc import Callable

from ..sqlserver.agent.job_steps import add_plan, install_solution
from ..sqlserver.language.errors import SqlError
from ..sqlserver.language.session import SqlSession
from ..sqlserver.server.log import LOG_UNIT
from ..world import disks
from .specs import BadFault

if t.TYPE_CHECKING:
    from ..sqlserver.server.instance import SqlInstance


_BACKUP_TOOL = "Somebody else's backup tool"


def _quoted(text: str) -> str:
    return "N'" + text.replace("'", "''") + "'"


def _device(path: str, way: str) -> str:
    if way == "vdi":
        return f"VIRTUAL_DEVICE = N'{{{uuid.uuid4()}}}'"
    if way == "striped":
        return f"DISK = {_quoted(path)}, DISK = {_quoted(path + '.2')}"
    return f"DISK = {_quoted(path)}"


def back_up_log(instance: SqlInstance, database: str, path: str, way: str = "file") -> None:
    """A log backup by another tool, which takes the records away from the log shipping.

    BadFault when SQL Server refuses it.
    """
    _run(
        instance,
        f"BACKUP LOG [{database.replace(']', ']]')}] TO {_device(path, way)} WITH INIT, NAME = "
        "N'foreign'",
        "foreign_log_backup",
        _BACKUP_TOOL,
    )


def add_backup_job(instance: SqlInstance, spec: dict[str, t.Any]) -> None:
    """An enabled job with a schedule, as the setup of a backup tool makes it; ``spec``: of the
    fault ``backup_job``.

    BadFault when SQL Server refuses it.
    """
    subsystem, command = _STEPS[spec["tool"]](instance, spec)
    name = _quoted(spec["name"])
    lines = (
        "DECLARE @j uniqueidentifier, @s int;",
        f"EXEC msdb.dbo.sp_add_job @job_name = {name}, @job_id = @j OUTPUT;",
        "EXEC msdb.dbo.sp_add_jobstep @job_id = @j, @step_name = N'Back up',",
        f"    @subsystem = N'{subsystem}', @command = {_quoted(command)};",
        f"EXEC msdb.dbo.sp_add_schedule @schedule_name = {name}, @freq_type = 4, @freq_interval = "
        "1,",
        f"    @freq_subday_type = 4, @freq_subday_interval = {spec['every']}, @schedule_id = @s "
        "OUTPUT;",
        "EXEC msdb.dbo.sp_attach_schedule @job_id = @j, @schedule_id = @s;",
        "EXEC msdb.dbo.sp_add_jobserver @job_id = @j",
    )
    _run(instance, "\n".join(lines), "backup_job", _BACKUP_TOOL)


def _databases(spec: dict[str, t.Any]) -> list[str] | None:
    """None: all databases of users."""
    if spec["databases"].upper() == "USER_DATABASES":
        return None
    return str(spec["databases"]).split(",")


def _batch(spec: dict[str, t.Any]) -> str:
    folder = _quoted(spec["folder"])
    names = _databases(spec) or ["model"]
    return "; ".join(f"BACKUP LOG [{name}] TO DISK = {folder} WITH INIT" for name in names)


def _by_sqlcmd(query: str) -> tuple[str, str]:
    return "CmdExec", f'sqlcmd -E -S $(ESCAPE_SQUOTE(SRVR)) -d master -Q "{query}" -b'


def _batch_step(instance: SqlInstance, spec: dict[str, t.Any]) -> tuple[str, str]:
    return "TSQL", _batch(spec)


def _sqlcmd_step(instance: SqlInstance, spec: dict[str, t.Any]) -> tuple[str, str]:
    return _by_sqlcmd(_batch(spec))


def _solution_step(instance: SqlInstance, spec: dict[str, t.Any]) -> tuple[str, str]:
    install_solution(instance)
    folder = _quoted(spec["folder"])
    return "TSQL", (
        f"EXECUTE [dbo].[DatabaseBackup] @Databases = '{spec['databases']}', "
        f"@Directory = {folder}, @BackupType = 'LOG', @Verify = 'Y'"
    )


def _solution_by_sqlcmd_step(instance: SqlInstance, spec: dict[str, t.Any]) -> tuple[str, str]:
    _subsystem, query = _solution_step(instance, spec)
    return _by_sqlcmd(query)


def _plan_step(instance: SqlInstance, spec: dict[str, t.Any]) -> tuple[str, str]:
    name = spec["name"]
    add_plan(instance, name, _databases(spec), spec["folder"], log=True)
    return "SSIS", (
        f'/SQL "Maintenance Plans\\{name}" /SERVER . /CHECKPOINTING OFF '
        '/SET "\\Package\\Subplan_1.Disable";false'
    )


#: By tool: the subsystem and the command of the job's step.
_STEPS: dict[str, Callable[[SqlInstance, dict[str, t.Any]], tuple[str, str]]] = {
    "batch": _batch_step,
    "sqlcmd": _sqlcmd_step,
    "solution": _solution_step,
    "solution_sqlcmd": _solution_by_sqlcmd_step,
    "plan": _plan_step,
}


def _run(instance: SqlInstance, text: str, kind: str, program: str) -> None:
    with SqlSession.internal(instance, program=program) as session:
        try:
            session.execute(text).check()
        except SqlError as error:
            raise BadFault(f"{kind}: SQL Server refused it: {error.message}") from error


def write_much(instance: SqlInstance, database: str, megabytes: int) -> None:
    """One record of so many megabytes. BadFault when the database does not take it."""
    try:
        instance.database(database).append(weight=megabytes * disks.MB // LOG_UNIT)
    except SqlError as error:
        raise BadFault(f"bulk_write: SQL Server refused it: {error.message}") from error


def run_sql(instance: SqlInstance, database: str, text: str) -> None:
    """What another operator types into a query window. BadFault when SQL Server refuses it."""
    _run(
        instance,
        f"USE [{database.replace(']', ']]')}]; {text}",
        "operator",
        "Another operator's query window",
    )
