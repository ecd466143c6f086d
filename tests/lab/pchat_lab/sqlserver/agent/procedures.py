"""Stored procedures of jobs (sql-docs: sp_add_job, sp_start_job and their kin)."""

from __future__ import annotations

import typing as t

from ..language.errors import error
from ..language.registry import procedure
from .documented import documented_procedure
from .job_steps import step_of
from .jobs import of

if t.TYPE_CHECKING:
    from ..language.session import SqlSession


@documented_procedure("sp_update_job")
def sp_update_job(session: SqlSession, args: dict[str, t.Any]) -> int:
    agent = of(session.instance)
    job = agent.find(args["@job_id"], args["@job_name"])
    if args["@new_name"] and args["@new_name"].lower() != job.name.lower():
        agent.require_free(args["@new_name"])
    owner = (
        agent.require_owner(args["@owner_login_name"])
        if args["@owner_login_name"] is not None
        else job.owner
    )
    if args["@enabled"] not in (None, 0, 1):
        raise error(14266, "@enabled", "0, 1")
    if args["@enabled"] is not None:
        job.enabled = bool(args["@enabled"])
    job.name = args["@new_name"] or job.name
    job.owner = owner
    job.description = args["@description"] or job.description
    return 0


@documented_procedure("sp_start_job")
def sp_start_job(session: SqlSession, args: dict[str, t.Any]) -> int:
    """Asynchronous: returns when the request is queued."""
    agent = of(session.instance)
    job = agent.find(args["@job_id"], args["@job_name"])
    agent.require_running()
    if agent.is_running(job):
        raise error(
            22022,
            f"Request to run job {job.name} refused because the job is already running from a "
            f"request by User {session.login}.",
        )
    if not job.steps:
        raise error(
            22022, f"Request to run job {job.name} refused because the job has no job steps."
        )
    agent.run(job)
    session.info(f"Job '{job.name}' started successfully.", 14243)
    return 0


@documented_procedure("sp_stop_job")
def sp_stop_job(session: SqlSession, args: dict[str, t.Any]) -> int:
    agent = of(session.instance)
    job = agent.find(args["@job_id"], args["@job_name"])
    agent.require_running()
    if not agent.is_running(job):
        raise error(
            22022,
            f"Request to stop job {job.name} refused because the job is not currently running.",
        )
    job.stopped = session.instance.local_now()
    return 0


@documented_procedure("sp_delete_job")
def sp_delete_job(session: SqlSession, args: dict[str, t.Any]) -> int:
    agent = of(session.instance)
    agent.delete(agent.find(args["@job_id"], args["@job_name"]))
    return 0


@procedure(
    "sp_add_job",
    database="msdb",
    parameters="@job_name sysname, @enabled tinyint = 1, @description nvarchar(512) = NULL, "
    "@start_step_id int = 1, @category_name sysname = NULL, @owner_login_name sysname = NULL, "
    "@job_id uniqueidentifier = NULL OUTPUT",
)
def sp_add_job(session: SqlSession, args: dict[str, t.Any]) -> int:
    agent = of(session.instance)
    agent.require_free(args["@job_name"])
    owner = (
        agent.require_owner(args["@owner_login_name"])
        if args["@owner_login_name"] is not None
        else session.login
    )
    job = agent.add_empty(
        args["@job_name"],
        enabled=bool(args["@enabled"]),
        category=args["@category_name"] or "[Uncategorized (Local)]",
        owner=owner,
        description=args["@description"] or "",
    )
    args["@job_id"] = job.job_id
    return 0


@procedure(
    "sp_add_jobstep",
    database="msdb",
    parameters="@job_id uniqueidentifier = NULL, @job_name sysname = NULL, @step_id int = NULL, "
    "@step_name sysname, @subsystem nvarchar(40) = 'TSQL', @command nvarchar(3200) = NULL, "
    "@database_name sysname = NULL, "
    "@on_success_action tinyint = 1, @on_fail_action tinyint = 2",
)
def sp_add_jobstep(session: SqlSession, args: dict[str, t.Any]) -> int:
    """The step is the last one, whatever @step_id says of a greater number."""
    job = of(session.instance).find(args["@job_id"], args["@job_name"])
    job.steps.append(
        step_of(
            session.instance,
            args["@step_name"],
            args["@subsystem"],
            args["@command"] or "",
            args["@database_name"],
        )
    )
    return 0


@procedure(
    "sp_add_jobserver",
    database="msdb",
    parameters="@job_id uniqueidentifier = NULL, @job_name sysname = NULL, @server_name sysname = "
    "NULL",
)
def sp_add_jobserver(session: SqlSession, args: dict[str, t.Any]) -> int:
    of(session.instance).find(args["@job_id"], args["@job_name"])
    return 0


@procedure(
    "sp_purge_jobhistory",
    database="msdb",
    parameters="@job_name sysname = NULL, @job_id uniqueidentifier = NULL,"
    " @oldest_date datetime = NULL",
)
def sp_purge_jobhistory(session: SqlSession, args: dict[str, t.Any]) -> int:
    """Without a job, the history of all jobs (sql-docs: sp_purge_jobhistory)."""
    agent = of(session.instance)
    job = None
    if args["@job_id"] is not None or args["@job_name"] is not None:
        job = agent.find(args["@job_id"], args["@job_name"])
    gone = agent.purge(job, args["@oldest_date"])
    session.info(f"{gone} history entries purged.", 14226)
    return 0
