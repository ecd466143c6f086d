"""What somebody else does to the estate while nobody looks."""
from __future__ import annotations

import typing as t
import uuid

from ..sqlserver.agent.job_steps import add_plan, install_solution
from ..sqlserver.language.errors import SqlError
from ..sqlserver.language.session import SqlSession
from .specs import BadFault

if t.TYPE_CHECKING:
    from ..sqlserver.server.instance import SqlInstance


def _quoted(text: str) -> str:
    return "N'" + text.replace("'", "''") + "'"


def _device(path: str, way: str) -> str:
    if way == "vdi":
        return f"VIRTUAL_DEVICE = N'{{{uuid.uuid4()}}}'"
    if way == "striped":
        return f"DISK = {_quoted(path)}, DISK = {_quoted(path + '.2')}"
    return f"DISK = {_quoted(path)}"


def back_up_log(instance: SqlInstance, database: str, path: str, way: str = "file") -> None:
    """A log backup by another tool, which takes the records away from the log shipping. BadFault when SQL Server refuses it."""
    _run(instance, f"BACKUP LOG [{database.replace(']', ']]')}] TO {_device(path, way)} WITH INIT, NAME = N'foreign'", "foreign_log_backup",
         "Somebody else's backup tool")


def add_backup_job(instance: SqlInstance, name: str, tool: str, databases: str, folder: str, every: int) -> None:
    """An enabled job with a schedule, as that tool's setup makes it. BadFault when SQL Server refuses it."""
    names = None if databases.upper() == "USER_DATABASES" else databases.split(",")
    subsystem, command = "TSQL", "; ".join(f"BACKUP LOG [{each}] TO DISK = {_quoted(folder)} WITH INIT" for each in names or ["model"])
    solution = f"EXECUTE [dbo].[DatabaseBackup] @Databases = '{databases}', @Directory = {_quoted(folder)}, @BackupType = 'LOG', @Verify = 'Y'"
    if tool == "sqlcmd":
        subsystem, command = "CmdExec", f'sqlcmd -E -S $(ESCAPE_SQUOTE(SRVR)) -d master -Q "{command}" -b'
    elif tool in ("solution", "solution_sqlcmd"):
        install_solution(instance)
        command = solution
        if tool == "solution_sqlcmd":
            subsystem, command = "CmdExec", f'sqlcmd -E -S $(ESCAPE_SQUOTE(SRVR)) -d master -Q "{solution}" -b'
    elif tool == "plan":
        add_plan(instance, name, names, folder, log=True)
        subsystem, command = "SSIS", f'/SQL "Maintenance Plans\\{name}" /SERVER . /CHECKPOINTING OFF /SET "\\Package\\Subplan_1.Disable";false'
    _run(instance, f"""DECLARE @j uniqueidentifier, @s int;
        EXEC msdb.dbo.sp_add_job @job_name = {_quoted(name)}, @job_id = @j OUTPUT;
        EXEC msdb.dbo.sp_add_jobstep @job_id = @j, @step_name = N'Back up', @subsystem = N'{subsystem}', @command = {_quoted(command)};
        EXEC msdb.dbo.sp_add_schedule @schedule_name = {_quoted(name)}, @freq_type = 4, @freq_interval = 1, @freq_subday_type = 4,
            @freq_subday_interval = {every}, @schedule_id = @s OUTPUT;
        EXEC msdb.dbo.sp_attach_schedule @job_id = @j, @schedule_id = @s; EXEC msdb.dbo.sp_add_jobserver @job_id = @j""", "backup_job",
         "Somebody else's backup tool")


def _run(instance: SqlInstance, text: str, kind: str, program: str) -> None:
    with SqlSession.internal(instance, program=program) as session:
        try:
            session.execute(text).check()
        except SqlError as error:
            raise BadFault(f"{kind}: SQL Server refused it: {error.message}") from error


def run_sql(instance: SqlInstance, database: str, text: str) -> None:
    """What another operator types into a query window. BadFault when SQL Server refuses it."""
    _run(instance, f"USE [{database.replace(']', ']]')}]; {text}", "operator", "Another operator's query window")
