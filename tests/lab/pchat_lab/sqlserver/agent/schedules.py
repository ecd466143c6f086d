"""Stored procedures of schedules (sql-docs: sp_add_schedule and its kin)."""

from __future__ import annotations

import dataclasses
import typing as t

from ..language.errors import error
from ..language.registry import procedure
from .documented import documented_procedure
from .jobs import FREQUENCY, Agent, Schedule, of

if t.TYPE_CHECKING:
    from ..language.session import SqlSession


@documented_procedure("sp_add_schedule")
def sp_add_schedule(session: SqlSession, args: dict[str, t.Any]) -> int:
    agent = of(session.instance)
    if args["@owner_login_name"] is not None:
        agent.require_owner(args["@owner_login_name"])
    freq = {f: int(args[f"@{f}"] or 0) for f in FREQUENCY}
    if not freq["active_start_date"]:
        freq["active_start_date"] = int(session.instance.local_now().strftime("%Y%m%d"))
    _verify_schedule(args["@enabled"], freq)
    schedule = agent.add_schedule(args["@schedule_name"], bool(args["@enabled"]), freq)
    args["@schedule_uid"] = schedule.uid
    args["@schedule_id"] = schedule.schedule_id
    return 0


#: What the reference of sp_add_schedule lists.
_FREQ_TYPES = (1, 4, 8, 16, 32, 64, 128)
_SUBDAY_TYPES = (1, 2, 4, 8)


def _verify_schedule(enabled: t.Any, freq: dict[str, int]) -> None:
    """What sp_add_schedule and sp_update_schedule refuse: 14266 (a value), 14278 (values that do
    not go together), 14288 (an end before its begin).
    """
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
    found = [
        s
        for s in agent.schedules.values()
        if s.schedule_id == number or (number is None and s.name.lower() == str(name).lower())
    ]
    if not found:
        raise error(
            14262,
            "@schedule_id" if name is None else "@schedule_name",
            number if name is None else name,
        )
    if len(found) > 1:
        raise error(14371, name, "@schedule_id", "@schedule_name")
    return found[0]


@documented_procedure("sp_attach_schedule")
def sp_attach_schedule(session: SqlSession, args: dict[str, t.Any]) -> int:
    agent = of(session.instance)
    agent.attach(
        agent.find(args["@job_id"], args["@job_name"]),
        _schedule(agent, args["@schedule_id"], args["@schedule_name"]),
    )
    return 0


@procedure(
    "sp_detach_schedule",
    database="msdb",
    parameters="@job_id uniqueidentifier = NULL, @job_name sysname = NULL, @schedule_id int = "
    "NULL, "
    "@schedule_name sysname = NULL, @delete_unused_schedule bit = 0, @automatic_post bit = 1",
)
def sp_detach_schedule(session: SqlSession, args: dict[str, t.Any]) -> int:
    agent = of(session.instance)
    job = agent.find(args["@job_id"], args["@job_name"])
    schedule = _schedule(agent, args["@schedule_id"], args["@schedule_name"])
    if schedule in job.schedules:
        job.schedules.remove(schedule)
    if args["@delete_unused_schedule"] and not any(
        schedule in j.schedules for j in agent.jobs.values()
    ):
        agent.schedules.pop(schedule.schedule_id, None)
    return 0


@procedure(
    "sp_update_schedule",
    database="msdb",
    parameters="@schedule_id int = NULL, @name sysname = NULL, @new_name sysname = NULL, "
    "@enabled tinyint = NULL, "
    + ", ".join(f"@{f} int = NULL" for f in FREQUENCY)
    + ", @owner_login_name sysname = NULL, @automatic_post bit = 1",
)
def sp_update_schedule(session: SqlSession, args: dict[str, t.Any]) -> int:
    agent = of(session.instance)
    schedule = _schedule(agent, args["@schedule_id"], args["@name"])
    changed = {f: int(args[f"@{f}"]) for f in FREQUENCY if args[f"@{f}"] is not None}
    _verify_schedule(
        int(schedule.enabled) if args["@enabled"] is None else args["@enabled"],
        {**schedule.freq, **changed},
    )
    schedule.name = args["@new_name"] or schedule.name
    schedule.enabled = schedule.enabled if args["@enabled"] is None else bool(args["@enabled"])
    schedule.freq.update(changed)
    for job in agent.jobs.values():
        if (
            schedule in job.schedules
        ):  # its old time still comes and finds the schedule changed: detach and attach anew
            job.schedules.remove(schedule)
            fresh = dataclasses.replace(schedule)
            agent.schedules[schedule.schedule_id] = fresh
            agent.attach(job, fresh)
    return 0


@procedure(
    "sp_delete_schedule",
    database="msdb",
    parameters="@schedule_id int = NULL, @schedule_name sysname = NULL, @force_delete bit = 0, "
    "@automatic_post bit = 1",
)
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
