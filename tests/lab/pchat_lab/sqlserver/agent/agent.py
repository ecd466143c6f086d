"""SQL Server Agent: jobs, schedules, activity and history, on the lab's clock (sql-docs: SQL Server Agent stored procedures and tables)."""
from __future__ import annotations

import dataclasses
import datetime as dt
import json
import pathlib
import typing as t
import uuid
from collections.abc import Callable, Iterable

from ..language.errors import SqlError, declare, error
from ..language.registry import ProcedureRun, procedure, view

if t.TYPE_CHECKING:
    from ..language.session import SqlSession
    from ..server.instance import SqlInstance

declare({
    14261: (16, "The specified {} ('{}') already exists."),
    14266: (16, "The specified '{}' is invalid (valid values are: {})."),
    14278: (16, "The schedule for this job is invalid (reason: {})."),
    14288: (16, "'{}' cannot be before '{}'."),
    14234: (16, "The specified '{}' is invalid (valid values are returned by {})."),
    14262: (16, "The specified {} ('{}') does not exist."),
    14294: (16, "Supply either {} or {} to identify the job."),
    14371: (16, "There are two or more schedules named \"{}\". Specify {} instead of {} to uniquely identify the schedule."),
    14372: (16, "The schedule was not deleted because it is being used by one or more jobs."),
    22022: (16, "SQLServerAgent Error: {}"),
})
_PARAMETERS: dict[str, dict[str, str]] = json.loads(pathlib.Path(__file__).with_name("procedures_data.json").read_text(encoding="utf-8"))
_DURATION = 2.0                                       # lab seconds that a job runs


def documented_procedure(name: str, *, writes: bool = True) -> Callable[[ProcedureRun], ProcedureRun]:
    """``registry.procedure`` with the parameters that the procedure's reference page documents."""
    entry = _PARAMETERS[name]
    return procedure(name, database=entry["database"], parameters=entry["parameters"], writes=writes)


@dataclasses.dataclass
class Schedule:
    schedule_id: int
    uid: uuid.UUID
    name: str
    enabled: bool
    freq: dict[str, int]                              # freq_type, freq_interval, freq_subday_type, ...

    def next_after(self, when: dt.datetime) -> dt.datetime | None:
        """Daily schedules that repeat every n seconds, minutes or hours, counted from active_start_time; None: never again."""
        if self.freq["freq_type"] != 4:
            return None
        start = self.freq["active_start_time"]
        first = when.replace(hour=start // 10000, minute=start // 100 % 100, second=start % 100, microsecond=0)
        unit = {2: 1, 4: 60, 8: 3600}.get(self.freq["freq_subday_type"])
        if unit is None:
            return first if first > when else first + dt.timedelta(days=1)
        period = unit * max(1, self.freq["freq_subday_interval"])
        passed = (when - first).total_seconds()
        return first + dt.timedelta(seconds=(int(passed // period) + 1) * period)


@dataclasses.dataclass
class JobStep:
    """``action`` does what the command says: it returns the outcome message, or raises JobFailed."""

    name: str
    subsystem: str
    command: str
    action: Callable[[], str]
    database: str | None = None


@dataclasses.dataclass
class Job:
    """Its steps run in order until one fails. A job without steps never runs."""

    job_id: uuid.UUID
    name: str
    steps: list[JobStep]
    enabled: bool = False
    category: str = "Log Shipping"
    description: str = ""
    owner: str = ""
    schedules: list[Schedule] = dataclasses.field(default_factory=list)
    started: dt.datetime | None = None                # local time, of the newest run
    stopped: dt.datetime | None = None
    created: dt.datetime | None = None


class JobFailed(Exception):
    """The step failed; the text goes into the job's history."""


class Agent:
    """The jobs of one instance; ``of(instance)``."""

    def __init__(self, instance: SqlInstance) -> None:
        self.instance = instance
        self.jobs: dict[uuid.UUID, Job] = {}
        self.schedules: dict[int, Schedule] = {}
        self.history: list[dict[str, t.Any]] = []
        self._numbers = 0

    def add(self, name: str, command: str, action: Callable[[], str], *, subsystem: str = "CmdExec", enabled: bool = False, owner: str = "",
            description: str = "", category: str = "Log Shipping") -> Job:
        """A job with one step. SqlError 14261 when the name is taken."""
        job = self.add_empty(name, enabled=enabled, owner=owner, description=description, category=category)
        job.steps.append(JobStep("Log shipping step" if category == "Log Shipping" else "step", subsystem, command, action))
        return job

    def add_empty(self, name: str, *, enabled: bool, owner: str, description: str, category: str) -> Job:
        """A job that has no steps yet. SqlError 14261 when the name is taken."""
        self.require_free(name)
        job = Job(uuid.uuid4(), name, [], enabled, category, description, owner or self.instance.principals.sa.name, created=self.instance.local_now())
        self.jobs[job.job_id] = job
        return job

    def require_free(self, name: str) -> None:
        """SqlError 14261 when a job has this name already."""
        if any(job.name.lower() == name.lower() for job in self.jobs.values()):
            raise error(14261, "@name", name)

    def require_owner(self, name: str) -> str:
        """The login's name as it is written here. SqlError 14234 when there is no such login."""
        login = self.instance.principals.find(name)
        if login is None or login.type == "R":
            raise error(14234, "@owner_login_name", "sp_helplogins [excluding Windows NT groups]")
        return login.name

    def delete(self, job: Job) -> None:
        """With the schedules that no other job uses."""
        self.jobs.pop(job.job_id, None)
        for schedule in job.schedules:
            if not any(schedule in other.schedules for other in self.jobs.values()):
                self.schedules.pop(schedule.schedule_id, None)
        self.history = [row for row in self.history if row["job_id"] != job.job_id]

    def find(self, job_id: t.Any = None, name: str | None = None) -> Job:
        """SqlError 14262 when there is none, 14294 when neither is given."""
        if job_id is None and name is None:
            raise error(14294, "@job_name", "@job_id")
        for job in self.jobs.values():
            if (job_id is not None and str(job.job_id) == str(job_id).lower()) or (job_id is None and job.name.lower() == str(name).lower()):
                return job
        raise error(14262, "@job_name" if name else "@job_id", name or job_id)

    def add_schedule(self, name: str, enabled: bool, freq: dict[str, int]) -> Schedule:
        self._numbers += 1
        schedule = Schedule(self._numbers, uuid.uuid4(), name, enabled, freq)
        self.schedules[schedule.schedule_id] = schedule
        return schedule

    def attach(self, job: Job, schedule: Schedule) -> None:
        if schedule in job.schedules:
            return
        job.schedules.append(schedule)
        self._arm(job, schedule)

    def _arm(self, job: Job, schedule: Schedule) -> None:
        """Wait for the schedule's next time, as long as job and schedule belong together."""
        clock = self.instance.world.clock
        offset = dt.timedelta(minutes=self.instance.machine.offset_at(clock.now()), seconds=self.instance.machine.clock_skew_seconds)
        due = schedule.next_after(clock.now() + offset)
        if due is not None:
            clock.at(due - offset, lambda: self._due(job, schedule))

    def _due(self, job: Job, schedule: Schedule) -> None:
        if job.job_id not in self.jobs or schedule not in job.schedules:
            return
        if self.instance.agent_running and job.enabled and job.steps and schedule.enabled and not self.is_running(job):
            self.run(job)
        self._arm(job, schedule)

    @staticmethod
    def is_running(job: Job) -> bool:
        return job.started is not None and job.stopped is None

    def run(self, job: Job) -> None:
        """The work happens at once; the job ends a little later."""
        job.started, job.stopped = self.instance.local_now(), None
        told: list[tuple[int, str, int, str]] = []
        for number, step in enumerate(job.steps, start=1):
            outcome, message = self._outcome(step)
            told.append((number, step.name, outcome, message))
            if not outcome:
                break
        worked = all(outcome for _number, _name, outcome, _message in told)
        told.append((0, "(Job outcome)", int(worked), f"The job {'succeeded' if worked else 'failed'}."))
        self.instance.world.clock.after(_DURATION, lambda: self._finish(job, told))

    @staticmethod
    def _outcome(step: JobStep) -> tuple[int, str]:
        try:
            return 1, step.action()
        except JobFailed as failure:
            return 0, str(failure)
        except SqlError as failure:
            return 0, f"{failure.message} [SQLSTATE 42000] (Error {failure.number})"

    def _finish(self, job: Job, told: list[tuple[int, str, int, str]]) -> None:
        if job.stopped is not None or job.started is None:
            return
        job.stopped = self.instance.local_now()
        for step_id, step, outcome, message in told:
            self.history.append({
                "instance_id": len(self.history) + 1, "job_id": job.job_id, "step_id": step_id, "step_name": step, "sql_message_id": 0,
                "sql_severity": 0, "message": message, "run_status": outcome,
                "run_date": int(job.started.strftime("%Y%m%d")), "run_time": int(job.started.strftime("%H%M%S")), "run_duration": int(_DURATION),
                "retries_attempted": 0, "server": self.instance.server_name})

    def require_running(self) -> None:
        if not self.instance.agent_running:
            raise error(22022, "SQLServerAgent is not currently running so it cannot be notified of this action.")


def of(instance: SqlInstance) -> Agent:
    found = instance.parts.setdefault("agent", None) or Agent(instance)
    instance.parts["agent"] = found
    return found


# -- procedures ----------------------------------------------------------------------------------------------------------------------

_FREQ = ("freq_type", "freq_interval", "freq_subday_type", "freq_subday_interval", "freq_relative_interval", "freq_recurrence_factor",
         "active_start_date", "active_end_date", "active_start_time", "active_end_time")


@documented_procedure("sp_add_schedule")
def sp_add_schedule(session: SqlSession, args: dict[str, t.Any]) -> int:
    agent = of(session.instance)
    if args["@owner_login_name"] is not None:
        agent.require_owner(args["@owner_login_name"])
    freq = {f: int(args[f"@{f}"] or 0) for f in _FREQ}
    if not freq["active_start_date"]:
        freq["active_start_date"] = int(session.instance.local_now().strftime("%Y%m%d"))
    _verify_schedule(args["@enabled"], freq)
    schedule = agent.add_schedule(args["@schedule_name"], bool(args["@enabled"]), freq)
    args["@schedule_uid"], args["@schedule_id"] = schedule.uid, schedule.schedule_id
    return 0


#: What the reference of sp_add_schedule lists.
_FREQ_TYPES, _SUBDAY_TYPES = (1, 4, 8, 16, 32, 64, 128), (1, 2, 4, 8)


def _verify_schedule(enabled: t.Any, freq: dict[str, int]) -> None:
    """What sp_add_schedule and sp_update_schedule refuse: 14266 (a value), 14278 (values that do not go together), 14288 (an end before its begin)."""
    if enabled not in (0, 1):
        raise error(14266, "@enabled", "0, 1")
    if freq["freq_type"] not in _FREQ_TYPES:
        raise error(14266, "@freq_type", ", ".join(map(str, _FREQ_TYPES)))
    if freq["freq_subday_type"] not in (0, *_SUBDAY_TYPES):
        raise error(14266, "@freq_subday_type", ", ".join(map(str, _SUBDAY_TYPES)))
    if freq["freq_subday_type"] in (2, 4, 8) and freq["freq_subday_interval"] < 1:
        raise error(14278, "@freq_subday_interval is less than 1")
    if freq["freq_type"] in (4, 8, 16) and freq["freq_interval"] < 1:
        raise error(14278, "@freq_interval is less than 1")
    if freq["freq_type"] in (8, 16, 32) and freq["freq_recurrence_factor"] < 1:
        raise error(14278, "@freq_recurrence_factor is less than 1")
    for name, last in (("active_start_time", 235959), ("active_end_time", 235959)):
        value = freq[name]
        if not 0 <= value <= last or value // 100 % 100 > 59 or value % 100 > 59:
            raise error(14266, f"@{name}", "000000..235959")
    if freq["active_end_date"] < freq["active_start_date"]:
        raise error(14288, "@active_end_date", "@active_start_date")


def _schedule(agent: Agent, number: int | None, name: str | None) -> Schedule:
    found = [s for s in agent.schedules.values() if s.schedule_id == number or (number is None and s.name.lower() == str(name).lower())]
    if not found:
        raise error(14262, "@schedule_id" if name is None else "@schedule_name", number if name is None else name)
    if len(found) > 1:
        raise error(14371, name, "@schedule_id", "@schedule_name")
    return found[0]


@documented_procedure("sp_attach_schedule")
def sp_attach_schedule(session: SqlSession, args: dict[str, t.Any]) -> int:
    agent = of(session.instance)
    agent.attach(agent.find(args["@job_id"], args["@job_name"]), _schedule(agent, args["@schedule_id"], args["@schedule_name"]))
    return 0


@procedure("sp_detach_schedule", database="msdb", parameters="@job_id uniqueidentifier = NULL, @job_name sysname = NULL, @schedule_id int = NULL, "
           "@schedule_name sysname = NULL, @delete_unused_schedule bit = 0, @automatic_post bit = 1")
def sp_detach_schedule(session: SqlSession, args: dict[str, t.Any]) -> int:
    agent = of(session.instance)
    job, schedule = agent.find(args["@job_id"], args["@job_name"]), _schedule(agent, args["@schedule_id"], args["@schedule_name"])
    if schedule in job.schedules:
        job.schedules.remove(schedule)
    if args["@delete_unused_schedule"] and not any(schedule in j.schedules for j in agent.jobs.values()):
        agent.schedules.pop(schedule.schedule_id, None)
    return 0


@procedure("sp_update_schedule", database="msdb", parameters="@schedule_id int = NULL, @name sysname = NULL, @new_name sysname = NULL, "
           "@enabled tinyint = NULL, " + ", ".join(f"@{f} int = NULL" for f in _FREQ) + ", @owner_login_name sysname = NULL, @automatic_post bit = 1")
def sp_update_schedule(session: SqlSession, args: dict[str, t.Any]) -> int:
    agent = of(session.instance)
    schedule = _schedule(agent, args["@schedule_id"], args["@name"])
    changed = {f: int(args[f"@{f}"]) for f in _FREQ if args[f"@{f}"] is not None}
    _verify_schedule(int(schedule.enabled) if args["@enabled"] is None else args["@enabled"], {**schedule.freq, **changed})
    schedule.name = args["@new_name"] or schedule.name
    schedule.enabled = schedule.enabled if args["@enabled"] is None else bool(args["@enabled"])
    schedule.freq.update(changed)
    for job in agent.jobs.values():
        if schedule in job.schedules:                 # its old time still comes and finds the schedule changed: detach and attach anew
            job.schedules.remove(schedule)
            fresh = dataclasses.replace(schedule)
            agent.schedules[schedule.schedule_id] = fresh
            agent.attach(job, fresh)
    return 0


@procedure("sp_delete_schedule", database="msdb", parameters="@schedule_id int = NULL, @schedule_name sysname = NULL, @force_delete bit = 0, "
           "@automatic_post bit = 1")
def sp_delete_schedule(session: SqlSession, args: dict[str, t.Any]) -> int:
    agent = of(session.instance)
    schedule = _schedule(agent, args["@schedule_id"], args["@schedule_name"])
    users = [j for j in agent.jobs.values() if schedule in j.schedules]
    if users and not args["@force_delete"]:
        raise error(14372)
    for job in users:
        job.schedules.remove(schedule)
    agent.schedules.pop(schedule.schedule_id)
    return 0


@documented_procedure("sp_update_job")
def sp_update_job(session: SqlSession, args: dict[str, t.Any]) -> int:
    agent = of(session.instance)
    job = agent.find(args["@job_id"], args["@job_name"])
    if args["@new_name"] and args["@new_name"].lower() != job.name.lower():
        agent.require_free(args["@new_name"])
    owner = agent.require_owner(args["@owner_login_name"]) if args["@owner_login_name"] is not None else job.owner
    if args["@enabled"] not in (None, 0, 1):
        raise error(14266, "@enabled", "0, 1")
    if args["@enabled"] is not None:
        job.enabled = bool(args["@enabled"])
    job.name, job.owner = args["@new_name"] or job.name, owner
    job.description = args["@description"] or job.description
    return 0


@documented_procedure("sp_start_job")
def sp_start_job(session: SqlSession, args: dict[str, t.Any]) -> int:
    """Asynchronous: returns when the request is queued."""
    agent = of(session.instance)
    job = agent.find(args["@job_id"], args["@job_name"])
    agent.require_running()
    if agent.is_running(job):
        raise error(22022, f"Request to run job {job.name} refused because the job is already running from a request by User {session.login}.")
    if not job.steps:
        raise error(22022, f"Request to run job {job.name} refused because the job has no job steps.")
    agent.run(job)
    session.info(f"Job '{job.name}' started successfully.", 14243)
    return 0


@documented_procedure("sp_stop_job")
def sp_stop_job(session: SqlSession, args: dict[str, t.Any]) -> int:
    agent = of(session.instance)
    job = agent.find(args["@job_id"], args["@job_name"])
    agent.require_running()
    if not agent.is_running(job):
        raise error(22022, f"Request to stop job {job.name} refused because the job is not currently running.")
    job.stopped = session.instance.local_now()
    return 0


@documented_procedure("sp_delete_job")
def sp_delete_job(session: SqlSession, args: dict[str, t.Any]) -> int:
    agent = of(session.instance)
    agent.delete(agent.find(args["@job_id"], args["@job_name"]))
    return 0


@procedure("sp_add_job", database="msdb", parameters="@job_name sysname, @enabled tinyint = 1, @description nvarchar(512) = NULL, "
           "@start_step_id int = 1, @category_name sysname = NULL, @owner_login_name sysname = NULL, @job_id uniqueidentifier = NULL OUTPUT")
def sp_add_job(session: SqlSession, args: dict[str, t.Any]) -> int:
    agent = of(session.instance)
    agent.require_free(args["@job_name"])
    owner = agent.require_owner(args["@owner_login_name"]) if args["@owner_login_name"] is not None else session.login
    job = agent.add_empty(args["@job_name"], enabled=bool(args["@enabled"]), category=args["@category_name"] or "[Uncategorized (Local)]", owner=owner,
                          description=args["@description"] or "")
    args["@job_id"] = job.job_id
    return 0


@procedure("sp_add_jobstep", database="msdb", parameters="@job_id uniqueidentifier = NULL, @job_name sysname = NULL, @step_id int = NULL, "
           "@step_name sysname, @subsystem nvarchar(40) = 'TSQL', @command nvarchar(3200) = NULL, @database_name sysname = NULL, "
           "@on_success_action tinyint = 1, @on_fail_action tinyint = 2")
def sp_add_jobstep(session: SqlSession, args: dict[str, t.Any]) -> int:
    """The step is the last one, whatever @step_id says of a greater number."""
    from .job_steps import step_of
    job = of(session.instance).find(args["@job_id"], args["@job_name"])
    job.steps.append(step_of(session.instance, args["@step_name"], args["@subsystem"], args["@command"] or "", args["@database_name"]))
    return 0


@procedure("sp_add_jobserver", database="msdb", parameters="@job_id uniqueidentifier = NULL, @job_name sysname = NULL, @server_name sysname = NULL")
def sp_add_jobserver(session: SqlSession, args: dict[str, t.Any]) -> int:
    of(session.instance).find(args["@job_id"], args["@job_name"])
    return 0


# -- tables --------------------------------------------------------------------------------------------------------------------------

@view("msdb.dbo.sysjobs", "job_id uniqueidentifier, originating_server_id int, name sysname, enabled tinyint, description nvarchar(512), "
      "start_step_id int, category_id int, owner_sid varbinary(85), date_created datetime, date_modified datetime")
def sysjobs(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    for job in of(session.instance).jobs.values():
        owner = session.instance.principals.find(job.owner)
        yield {"job_id": job.job_id, "originating_server_id": 0, "name": job.name, "enabled": int(job.enabled), "description": job.description,
               "start_step_id": 1, "category_id": 6 if job.category == "Log Shipping" else 0, "owner_sid": owner.sid if owner else None,
               "date_created": job.created, "date_modified": job.created}


@view("msdb.dbo.sysjobsteps", "job_id uniqueidentifier, step_id int, step_name sysname, subsystem nvarchar(40), command nvarchar(max), "
      "database_name sysname, last_run_outcome int")
def sysjobsteps(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    for job in of(session.instance).jobs.values():
        for number, step in enumerate(job.steps, start=1):
            yield {"job_id": job.job_id, "step_id": number, "step_name": step.name, "subsystem": step.subsystem, "command": step.command,
                   "database_name": step.database}


@view("msdb.dbo.sysjobschedules", "schedule_id int, job_id uniqueidentifier, next_run_date int, next_run_time int")
def sysjobschedules(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    return [{"schedule_id": s.schedule_id, "job_id": j.job_id, "next_run_date": 0, "next_run_time": 0}
            for j in of(session.instance).jobs.values() for s in j.schedules]


@view("msdb.dbo.sysschedules", "schedule_id int, schedule_uid uniqueidentifier, originating_server_id int, name sysname, owner_sid varbinary(85), "
      "enabled int, " + ", ".join(f"{f} int" for f in _FREQ))
def sysschedules(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    return [{"schedule_id": s.schedule_id, "schedule_uid": s.uid, "originating_server_id": 0, "name": s.name, "enabled": int(s.enabled), **s.freq}
            for s in of(session.instance).schedules.values()]


@view("msdb.dbo.sysjobactivity", "session_id int, job_id uniqueidentifier, run_requested_date datetime, start_execution_date datetime, "
      "last_executed_step_id int, stop_execution_date datetime, next_scheduled_run_date datetime")
def sysjobactivity(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    return [{"session_id": 1, "job_id": j.job_id, "run_requested_date": j.started, "start_execution_date": j.started, "stop_execution_date": j.stopped}
            for j in of(session.instance).jobs.values()]


@view("msdb.dbo.syssessions", "session_id int, agent_start_date datetime")
def syssessions(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    return [{"session_id": 1, "agent_start_date": session.instance.started_at}]


@view("msdb.dbo.sysjobhistory", "instance_id int, job_id uniqueidentifier, step_id int, step_name sysname, sql_message_id int, sql_severity int, "
      "message nvarchar(4000), run_status int, run_date int, run_time int, run_duration int, retries_attempted int, server sysname")
def sysjobhistory(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    return list(of(session.instance).history)


@view("msdb.dbo.syscategories", "category_id int, category_class int, category_type tinyint, name sysname")
def syscategories(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    return [{"category_id": 0, "category_class": 1, "category_type": 1, "name": "[Uncategorized (Local)]"},
            {"category_id": 6, "category_class": 1, "category_type": 1, "name": "Log Shipping"}]
