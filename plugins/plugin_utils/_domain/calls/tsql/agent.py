"""SQL Server Agent: jobs, their schedules, their runs. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import typing as t

from ...._engine.model import Sql
from .guard import changing, execute, step
from .quote import literal, plain_name
from .text import one_line, query

#: How a statement may say that it backs up a log; ``_foreign_jobs`` looks closer.
_BACKS_UP_LOGS = ("%BACKUP%LOG%", "%BACKUP%TRAN%", "%DatabaseBackup%", "%Backup-%Log%")


class ScheduleRow(t.TypedDict):
    """A schedule of a job (sysschedules). ``freq_type`` 4: daily; ``freq_subday_type`` 4: every
    ``freq_subday_interval`` minutes.
    """

    job: str
    schedule_id: int
    name: str
    enabled: int
    freq_type: int
    freq_subday_type: int
    freq_subday_interval: int


def schedules() -> Sql:
    """Every job's schedules: rows ``ScheduleRow``."""
    return query(
        """
        SELECT j.name AS job,
               s.schedule_id AS schedule_id,
               s.name AS name,
               s.enabled AS enabled,
               s.freq_type AS freq_type,
               s.freq_subday_type AS freq_subday_type,
               s.freq_subday_interval AS freq_subday_interval
        FROM msdb.dbo.sysjobs j
        JOIN msdb.dbo.sysjobschedules a ON a.job_id = j.job_id
        JOIN msdb.dbo.sysschedules s ON s.schedule_id = a.schedule_id
        ORDER BY s.schedule_id
        """,
        "msdb",
    )


class LogBackupJobRow(t.TypedDict):
    """A step of a job. ``package``: the text of the maintenance plan that it runs, if it does."""

    job: str
    subsystem: str
    command: str | None
    package: str | None


def log_backup_jobs() -> Sql:
    """Steps of enabled jobs that may back up logs: those whose words say so, and maintenance plans
    with such a task, with their package. Rows ``LogBackupJobRow``.
    """
    said = " OR ".join(f"s.command LIKE N'{pattern}'" for pattern in _BACKS_UP_LOGS)
    package = "CONVERT(varchar(max), CONVERT(varbinary(max), p.packagedata))"
    return query(
        f"""
        SELECT j.name AS job,
               s.subsystem AS subsystem,
               s.command AS command,
               NULL AS package
        FROM msdb.dbo.sysjobs j
        JOIN msdb.dbo.sysjobsteps s ON s.job_id = j.job_id
        WHERE j.enabled = 1
        AND s.subsystem <> N'SSIS'
        AND ({said})
        UNION ALL
        SELECT j.name,
               s.subsystem,
               s.command,
               {package}
        FROM msdb.dbo.sysjobs j
        JOIN msdb.dbo.sysjobsteps s ON s.job_id = j.job_id
        JOIN msdb.dbo.sysssispackages p
        ON CHARINDEX(N'Maintenance Plans\\' + p.name, s.command) > 0
        WHERE j.enabled = 1
        AND s.subsystem = N'SSIS'
        AND {package} LIKE '%BackupAction="2"%'
        """,
        "msdb",
    )


class JobRow(t.TypedDict):
    """A job and its newest run.

    ``last_run``: its number in sysjobhistory; ``last_status`` 1: it succeeded (run_status).
    ``last_message``: what the first step of the newest run said. All three None: it never ran.
    """

    name: str
    enabled: int
    running: int
    last_run: int | None
    last_status: int | None
    last_message: str | None


def job(name: str) -> Sql:
    """One job with its newest run (sysjobactivity of the newest Agent session, sysjobhistory step
    0): rows ``JobRow``.
    """
    return query(
        f"""
        SELECT j.name AS name,
               j.enabled AS enabled,
               CASE WHEN a.start_execution_date IS NOT NULL AND a.stop_execution_date IS NULL
                    THEN 1 ELSE 0 END AS running,
               (SELECT MAX(h.instance_id)
                FROM msdb.dbo.sysjobhistory h
                WHERE h.job_id = j.job_id
                AND h.step_id = 0) AS last_run,
               (SELECT TOP (1) h.run_status
                FROM msdb.dbo.sysjobhistory h
                WHERE h.job_id = j.job_id
                AND h.step_id = 0
                ORDER BY h.instance_id DESC) AS last_status,
               (SELECT TOP (1) h.message
                FROM msdb.dbo.sysjobhistory h
                WHERE h.job_id = j.job_id
                AND h.step_id = 1
                ORDER BY h.instance_id DESC) AS last_message
        FROM msdb.dbo.sysjobs j
        LEFT JOIN msdb.dbo.sysjobactivity a
        ON a.job_id = j.job_id
        AND a.session_id = (SELECT MAX(x.session_id) FROM msdb.dbo.syssessions x)
        WHERE j.name = {literal(plain_name(name))}
        """,
        "msdb",
    )


def enable_job(name: str, enabled: bool) -> Sql:
    """Enable the job, or disable it (sp_update_job)."""
    return changing(
        execute("msdb", "sp_update_job", {"job_name": plain_name(name), "enabled": enabled}),
        "msdb",
    )


#: The built-in administrator, whatever it is called here: its SID is the same everywhere, and
#: nobody can delete it.
SA = "@sa"
#: For a batch that declares ``@sa sysname``.
NAMED_SA = "SET @sa = SUSER_SNAME(0x01);"


def own_job(name: str) -> Sql:
    """Owned by a person, a job fails when that person's account goes."""
    own = execute(
        "msdb", "sp_update_job", {"job_name": plain_name(name), "owner_login_name": (SA,)}
    )
    return changing(f"{NAMED_SA} {own}", "msdb", declare="@sa sysname")


def start_job(name: str) -> Sql:
    """A job that runs already is left to run: sp_start_job would refuse it."""
    start = execute("msdb", "sp_start_job", {"job_name": plain_name(name)})
    return changing(
        f"""
        IF NOT {_is_running(name)}
        BEGIN
            {start}
        END
        """,
        "msdb",
    )


def _is_running(name: str) -> str:
    """By the newest session of the Agent (sysjobactivity, syssessions)."""
    return one_line(f"""
        EXISTS (SELECT 1
                FROM msdb.dbo.sysjobactivity a
                JOIN msdb.dbo.sysjobs j ON j.job_id = a.job_id
                WHERE j.name = {literal(plain_name(name))}
                AND a.start_execution_date IS NOT NULL
                AND a.stop_execution_date IS NULL
                AND a.session_id = (SELECT MAX(x.session_id) FROM msdb.dbo.syssessions x))
    """)


def schedule(job_variable: str, name: str, minutes: int) -> str:
    """Steps: a daily schedule every ``minutes`` minutes, attached to the job whose id is in the
    variable (needs @sid int).

    Names of schedules are not unique. One of this name that no job uses was left by a batch that
    was cut off between the two procedures, and is removed first.
    """
    add = execute(
        "msdb",
        "sp_add_schedule",
        {
            "schedule_name": plain_name(name),
            "enabled": 1,
            "freq_type": 4,
            "freq_interval": 1,
            "freq_subday_type": 4,
            "freq_subday_interval": int(minutes),
            "freq_recurrence_factor": 0,
            "active_start_date": 20000101,
            "active_end_date": 99991231,
            "active_start_time": 0,
            "active_end_time": 235900,
            "schedule_id": ("@sid OUTPUT",),
        },
    )
    attach = execute(
        "msdb", "sp_attach_schedule", {"job_id": (job_variable,), "schedule_id": ("@sid",)}
    )
    return one_line(f"""
        {_without_unused(name)}
        SET @sid = NULL;
        {add}
        {attach}
    """)


def _without_unused(schedule_name: str) -> str:
    unused = one_line(f"""
        SELECT MAX(s.schedule_id)
        FROM msdb.dbo.sysschedules s
        WHERE s.name = {literal(plain_name(schedule_name))}
        AND NOT EXISTS (SELECT 1
                        FROM msdb.dbo.sysjobschedules u
                        WHERE u.schedule_id = s.schedule_id)
        AND s.schedule_id < ISNULL(@sid, 2147483647)
    """)
    look = step(f"SET @sid = ({unused});", "the look for unused schedules")
    delete = execute("msdb", "sp_delete_schedule", {"schedule_id": ("@sid",)})
    return one_line(f"""
        SET @sid = NULL;
        {look}
        WHILE @sid IS NOT NULL
        BEGIN
            {delete}
            {look}
        END
    """)
