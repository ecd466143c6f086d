"""What both ends of log shipping share. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ...._engine.errors import Refused
from ...._engine.model import ArgumentSpec
from ...calls.tsql.agent import ScheduleRow
from ._instance import INSTANCE_OPTION, STATE_OPTION, DatabaseOptions, same

COMMON: ArgumentSpec = {
    **INSTANCE_OPTION,
    "database": {"type": "str", "required": True},
    "enabled": {"type": "bool", "default": True},
    "state": STATE_OPTION,
}
#: freq_type and freq_subday_type of a daily schedule in minutes (sysschedules).
_DAILY = 4
_IN_MINUTES = 4
#: Options of which 0 minutes means at once.
_MAY_BE_NONE = ("restore_delay",)
#: Settings whose values are names and paths: they compare without case.
_WITHOUT_CASE = ("directory", "share")


class LogShippingOptions(DatabaseOptions):
    """``enabled``: whether the jobs run."""

    enabled: bool
    state: str


def interval_of(rows: Sequence[ScheduleRow], job: str | None) -> tuple[int | None, list[int]]:
    """Minutes between the runs of a job that has exactly one enabled daily schedule in minutes, and
    the ids of all its schedules.
    """
    mine = schedules_of(rows, job)
    ids = [int(schedule["schedule_id"]) for schedule in mine]
    if len(mine) != 1 or not _is_in_minutes(mine[0]):
        return None, ids
    return int(mine[0]["freq_subday_interval"]), ids


def schedule_name(job: str, minutes: int) -> str:
    """What the schedule of a job is called unless somebody names it."""
    return f"{job} every {minutes} minutes"


def schedules_of(rows: Sequence[ScheduleRow], job: str | None) -> list[ScheduleRow]:
    """Those of this job; none when there is none."""
    if job is None:
        return []
    return [row for row in rows if same(row["job"], job)]


def _is_in_minutes(schedule: ScheduleRow) -> bool:
    if not schedule["enabled"] or schedule["freq_type"] != _DAILY:
        return False
    return schedule["freq_subday_type"] == _IN_MINUTES


def no_agent() -> Refused:
    """Log shipping without the service that runs its jobs."""
    return Refused(
        "SQL Server Agent does not run on this instance, and log shipping is Agent jobs. Start the"
        " service (or use an edition that has it).",
        code="no_agent",
    )


def require_minutes(minutes: Mapping[str, int]) -> None:
    """Refuses what is no number of minutes. ``minutes``: by the name of the option."""
    for name, value in minutes.items():
        least = 1
        if name in _MAY_BE_NONE:
            least = 0
        if value < least:
            raise Refused(
                f"{name} is {value}; it is a number of minutes, at least 1.",
                code="bad_minutes",
                option=name,
            )


def is_equal(name: str, now: object, wanted: object) -> bool:
    """Whether a setting is as it is to be."""
    if name.endswith(_WITHOUT_CASE):
        return same(now, wanted)
    return now == wanted


def differing(now: Mapping[str, object], wanted: Mapping[str, object]) -> list[str]:
    """Names of the settings that are not as they are to be."""
    return [name for name in wanted if not is_equal(name, now[name], wanted[name])]
