"""What both ends of log shipping share. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import typing as t

from ...._engine.errors import Refused
from ...._engine.model import Record, State
from ._instance import AGENT, INSTANCE_OPTION, STATE_OPTION, runs, same, service_row

COMMON: State = {
    **INSTANCE_OPTION,
    "database": {"type": "str", "required": True},
    "enabled": {"type": "bool", "default": True},
    "state": STATE_OPTION,
}


def interval_of(rows: list[Record], job: str | None) -> tuple[int | None, list[int]]:
    """Minutes between the runs of a job that has exactly one enabled daily schedule in minutes, and
    the ids of all its schedules.
    """
    mine = [r for r in rows if job is not None and same(r["job"], job)]
    ids = [int(r["schedule_id"]) for r in mine]
    if (
        len(mine) == 1
        and mine[0]["enabled"]
        and mine[0]["freq_type"] == 4
        and mine[0]["freq_subday_type"] == 4
    ):
        return int(mine[0]["freq_subday_interval"]), ids
    return None, ids


def agent_runs(rows: list[Record], about: Record | None) -> bool:
    if about and str(about["edition"]).startswith("Express"):
        return False
    agent = service_row(rows, AGENT)
    return agent is not None and runs(agent)


def no_agent() -> Refused:
    return Refused(
        "SQL Server Agent does not run on this instance, and log shipping is Agent jobs. Start the"
        " service (or use an edition that has it).",
        code="no_agent",
    )


def require_minutes(options: State, *names: str) -> None:
    for name in names:
        if options[name] < (0 if name == "restore_delay" else 1):
            raise Refused(
                f"{name} is {options[name]}; it is a number of minutes, at least 1.",
                code="bad_minutes",
                option=name,
            )


def plain_setting(key: str, value: t.Any) -> t.Any:
    """Columns of type bit come as booleans or as numbers."""
    if key in ("threshold_alert_enabled", "disconnect_users"):
        return bool(value)
    return ("standby" if value else "norecovery") if key == "restore_mode" else value


def is_equal(key: str, have: t.Any, wanted: t.Any) -> bool:
    return same(have, wanted) if key.endswith(("directory", "share")) else bool(have == wanted)
