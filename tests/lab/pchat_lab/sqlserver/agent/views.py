"""Tables of SQL Server Agent in msdb."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable

from ..language.registry import view
from .jobs import FREQUENCY, of

if t.TYPE_CHECKING:
    from ..language.session import SqlSession


@view(
    "msdb.dbo.sysjobs",
    "job_id uniqueidentifier, originating_server_id int, name sysname, enabled tinyint, "
    "description nvarchar(512), "
    "start_step_id int, category_id int, owner_sid varbinary(85), date_created datetime, "
    "date_modified datetime",
)
def sysjobs(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    for job in of(session.instance).jobs.values():
        owner = session.instance.principals.find(job.owner)
        yield {
            "job_id": job.job_id,
            "originating_server_id": 0,
            "name": job.name,
            "enabled": int(job.enabled),
            "description": job.description,
            "start_step_id": 1,
            "category_id": 6 if job.category == "Log Shipping" else 0,
            "owner_sid": owner.sid if owner else None,
            "date_created": job.created,
            "date_modified": job.created,
        }


@view(
    "msdb.dbo.sysjobsteps",
    "job_id uniqueidentifier, step_id int, step_name sysname, subsystem nvarchar(40), command "
    "nvarchar(max), "
    "database_name sysname, last_run_outcome int",
)
def sysjobsteps(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    for job in of(session.instance).jobs.values():
        for number, step in enumerate(job.steps, start=1):
            yield {
                "job_id": job.job_id,
                "step_id": number,
                "step_name": step.name,
                "subsystem": step.subsystem,
                "command": step.command,
                "database_name": step.database,
            }


@view(
    "msdb.dbo.sysjobschedules",
    "schedule_id int, job_id uniqueidentifier, next_run_date int, next_run_time int",
)
def sysjobschedules(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    for job in of(session.instance).jobs.values():
        for schedule in job.schedules:
            yield {
                "schedule_id": schedule.schedule_id,
                "job_id": job.job_id,
                "next_run_date": 0,
                "next_run_time": 0,
            }


@view(
    "msdb.dbo.sysschedules",
    "schedule_id int, schedule_uid uniqueidentifier, originating_server_id int, name sysname, "
    "owner_sid varbinary(85), "
    "enabled int, " + ", ".join(f"{f} int" for f in FREQUENCY),
)
def sysschedules(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    return [
        {
            "schedule_id": s.schedule_id,
            "schedule_uid": s.uid,
            "originating_server_id": 0,
            "name": s.name,
            "enabled": int(s.enabled),
            **s.freq,
        }
        for s in of(session.instance).schedules.values()
    ]


@view(
    "msdb.dbo.sysjobactivity",
    "session_id int, job_id uniqueidentifier, run_requested_date datetime, start_execution_date "
    "datetime, "
    "last_executed_step_id int, stop_execution_date datetime, next_scheduled_run_date datetime",
)
def sysjobactivity(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    return [
        {
            "session_id": 1,
            "job_id": j.job_id,
            "run_requested_date": j.started,
            "start_execution_date": j.started,
            "stop_execution_date": j.stopped,
        }
        for j in of(session.instance).jobs.values()
    ]


@view("msdb.dbo.syssessions", "session_id int, agent_start_date datetime")
def syssessions(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    return [{"session_id": 1, "agent_start_date": session.instance.started_at}]


@view(
    "msdb.dbo.sysjobhistory",
    "instance_id int, job_id uniqueidentifier, step_id int, step_name sysname, sql_message_id int, "
    "sql_severity int, "
    "message nvarchar(4000), run_status int, run_date int, run_time int, run_duration int, "
    "retries_attempted int, server sysname",
)
def sysjobhistory(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    return list(of(session.instance).history)


@view(
    "msdb.dbo.syscategories",
    "category_id int, category_class int, category_type tinyint, name sysname",
)
def syscategories(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    return [
        {
            "category_id": 0,
            "category_class": 1,
            "category_type": 1,
            "name": "[Uncategorized (Local)]",
        },
        {"category_id": 6, "category_class": 1, "category_type": 1, "name": "Log Shipping"},
    ]
