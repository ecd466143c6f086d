"""SQL Server Agent: jobs, schedules, activity and history, on the lab's clock (sql-docs: SQL Server
Agent stored procedures and tables).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing as t
import uuid
from collections.abc import Callable

from ..language.errors import SqlError, declare, error

if t.TYPE_CHECKING:
    from ..server.instance import SqlInstance

declare(
    {
        14261: (16, "The specified {} ('{}') already exists."),
        14266: (16, "The specified '{}' is invalid (valid values are: {})."),
        14278: (16, "The schedule for this job is invalid (reason: {})."),
        14288: (16, "'{}' cannot be before '{}'."),
        14234: (16, "The specified '{}' is invalid (valid values are returned by {})."),
        14262: (16, "The specified {} ('{}') does not exist."),
        14294: (16, "Supply either {} or {} to identify the job."),
        14371: (
            16,
            'There are two or more schedules named "{}". Specify {} instead of {} to uniquely '
            "identify the schedule.",
        ),
        14372: (16, "The schedule was not deleted because it is being used by one or more jobs."),
        22022: (16, "SQLServerAgent Error: {}"),
    }
)
#: What a schedule says of its times (sp_add_schedule).
FREQUENCY = (
    "freq_type",
    "freq_interval",
    "freq_subday_type",
    "freq_subday_interval",
    "freq_relative_interval",
    "freq_recurrence_factor",
    "active_start_date",
    "active_end_date",
    "active_start_time",
    "active_end_time",
)
_DURATION = 2.0  # lab seconds that a job runs


@dataclasses.dataclass
class Schedule:
    schedule_id: int
    uid: uuid.UUID
    name: str
    enabled: bool
    freq: dict[str, int]  # freq_type, freq_interval, freq_subday_type, ...

    def next_after(self, when: dt.datetime) -> dt.datetime | None:
        """Daily schedules that repeat every n seconds, minutes or hours, counted from
        active_start_time; None: never again.
        """
        if self.freq["freq_type"] != 4:
            return None
        start = self.freq["active_start_time"]
        first = when.replace(
            hour=start // 10000, minute=start // 100 % 100, second=start % 100, microsecond=0
        )
        unit = {2: 1, 4: 60, 8: 3600}.get(self.freq["freq_subday_type"])
        if unit is None:
            return first if first > when else first + dt.timedelta(days=1)
        period = unit * max(1, self.freq["freq_subday_interval"])
        passed = (when - first).total_seconds()
        return first + dt.timedelta(seconds=(int(passed // period) + 1) * period)


@dataclasses.dataclass
class JobStep:
    """``action`` does what the command says: the outcome's message, or JobFailed."""

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
    started: dt.datetime | None = None  # local time, of the newest run
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
        self._rows_written = 0
        self._numbers = 0

    def add(
        self,
        name: str,
        command: str,
        action: Callable[[], str],
        *,
        subsystem: str = "CmdExec",
        enabled: bool = False,
        owner: str = "",
        description: str = "",
        category: str = "Log Shipping",
    ) -> Job:
        """A job with one step. SqlError 14261 when the name is taken."""
        job = self.add_empty(
            name, enabled=enabled, owner=owner, description=description, category=category
        )
        job.steps.append(
            JobStep(
                "Log shipping step" if category == "Log Shipping" else "step",
                subsystem,
                command,
                action,
            )
        )
        return job

    def add_empty(
        self, name: str, *, enabled: bool, owner: str, description: str, category: str
    ) -> Job:
        """A job that has no steps yet. SqlError 14261 when the name is taken."""
        self.require_free(name)
        job = Job(
            uuid.uuid4(),
            name,
            [],
            enabled,
            category,
            description,
            owner or self.instance.principals.sa.name,
            created=self.instance.local_now(),
        )
        self.jobs[job.job_id] = job
        return job

    def all_jobs(self) -> list[Job]:
        return list(self.jobs.values())

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

    def purge(self, job: Job | None, before: dt.datetime | None) -> int:
        """Forget the runs of a job (None: of all) that began before a local time (None: all).

        Returns how many rows went. The identity column goes on where it was.
        """
        kept = [row for row in self.history if not _is_purged(row, job, before)]
        gone = len(self.history) - len(kept)
        self.history = kept
        return gone

    def find(self, job_id: t.Any = None, name: str | None = None) -> Job:
        """SqlError 14262 when there is none, 14294 when neither is given."""
        if job_id is None and name is None:
            raise error(14294, "@job_name", "@job_id")
        for job in self.jobs.values():
            if (job_id is not None and str(job.job_id) == str(job_id).lower()) or (
                job_id is None and job.name.lower() == str(name).lower()
            ):
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
        offset = dt.timedelta(
            minutes=self.instance.machine.offset_at(clock.now()),
            seconds=self.instance.machine.clock_skew_seconds,
        )
        due = schedule.next_after(clock.now() + offset)
        if due is not None:
            clock.at(due - offset, lambda: self._due(job, schedule))

    def _due(self, job: Job, schedule: Schedule) -> None:
        if job.job_id not in self.jobs or schedule not in job.schedules:
            return
        if (
            self.instance.agent_running
            and job.enabled
            and job.steps
            and schedule.enabled
            and not self.is_running(job)
        ):
            self.run(job)
        self._arm(job, schedule)

    @staticmethod
    def is_running(job: Job) -> bool:
        return job.started is not None and job.stopped is None

    def run(self, job: Job) -> None:
        """The work happens at once; the job ends a little later."""
        job.started = self.instance.local_now()
        job.stopped = None
        told: list[tuple[int, str, int, str]] = []
        for number, step in enumerate(job.steps, start=1):
            outcome, message = self._outcome(step)
            told.append((number, step.name, outcome, message))
            if not outcome:
                break
        worked = all(outcome for _number, _name, outcome, _message in told)
        told.append(
            (0, "(Job outcome)", int(worked), f"The job {'succeeded' if worked else 'failed'}.")
        )
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
            self._rows_written += 1
            self.history.append(
                {
                    "instance_id": self._rows_written,
                    "job_id": job.job_id,
                    "step_id": step_id,
                    "step_name": step,
                    "sql_message_id": 0,
                    "sql_severity": 0,
                    "message": message,
                    "run_status": outcome,
                    "run_date": int(job.started.strftime("%Y%m%d")),
                    "run_time": int(job.started.strftime("%H%M%S")),
                    "run_duration": int(_DURATION),
                    "retries_attempted": 0,
                    "server": self.instance.server_name,
                }
            )

    def require_running(self) -> None:
        if not self.instance.agent_running:
            raise error(
                22022,
                "SQLServerAgent is not currently running so it cannot be notified of this action.",
            )


def of(instance: SqlInstance) -> Agent:
    """The Agent of an instance, made when it is asked for first."""
    found: Agent | None = instance.parts.get("agent")
    if found is None:
        found = Agent(instance)
        instance.parts["agent"] = found
        instance.owned.append(found.all_jobs)
    return found


def _is_purged(row: dict[str, t.Any], job: Job | None, before: dt.datetime | None) -> bool:
    if job is not None and row["job_id"] != job.job_id:
        return False
    if before is None:
        return True
    began = f"{row['run_date']:08d}{row['run_time']:06d}"
    return began < before.strftime("%Y%m%d%H%M%S")
