"""Log shipping at the primary: the principal, or its mirror. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from ...._engine.errors import Refused
from ...._engine.model import LATER, ArgumentSpec, Resource, Session, Step
from ...calls import windows
from ...calls.tsql import agent, catalog, history, log_shipping, quote
from ...calls.tsql.log_shipping import PrimaryRow, PrimarySettings, ShippedToRow
from ...documents.instance import ShippedTo
from ...estate.time_zone import zone_of
from ._foreign_backups import not_shipped
from ._foreign_jobs import jobs_on
from ._history import Backup, backups_in
from ._instance import agent_runs, database_row, database_scope, one, rows_of
from ._log_shipping import (
    COMMON,
    LogShippingOptions,
    differing,
    interval_of,
    no_agent,
    require_minutes,
    schedule_name,
)

LOG_SHIPPING_PRIMARY_SPEC: ArgumentSpec = {
    **COMMON,
    "backup_directory": {"type": "str"},
    "backup_share": {"type": "str"},
    "backup_job": {"type": "str"},
    "backup_retention": {"type": "int", "default": 4320},
    "backup_threshold": {"type": "int", "default": 60},
    "threshold_alert_enabled": {"type": "bool", "default": True},
    "history_retention": {"type": "int", "default": 5760},
    "backup_compression": {"type": "int", "choices": [0, 1, 2], "default": 2},
    "schedule_name": {"type": "str"},
    "interval": {"type": "int", "default": 15},
    "secondaries": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "server": {"type": "str", "required": True},
            "database": {"type": "str", "required": True},
        },
    },
    "accept_foreign_log_backups": {"type": "bool", "default": False},
}


class LogShippingPrimaryOptions(LogShippingOptions):
    """Retentions, threshold and interval in minutes. ``accept_foreign_log_backups``: what else
    backed up the log is over.
    """

    backup_directory: str | None
    backup_share: str | None
    backup_job: str | None
    backup_retention: int
    backup_threshold: int
    threshold_alert_enabled: bool
    history_retention: int
    backup_compression: int
    schedule_name: str | None
    interval: int
    secondaries: list[ShippedTo]
    accept_foreign_log_backups: bool


class ChangeableOfPrimary(t.TypedDict):
    """What one procedure changes (sp_change_log_shipping_primary_database)."""

    backup_directory: str
    backup_share: str
    backup_retention: int
    backup_threshold: int | None
    threshold_alert_enabled: bool
    history_retention: int | None
    backup_compression: int | None


class PrimaryFacts(ChangeableOfPrimary):
    """``owned``: the job belongs to the built-in administrator. ``interval``: minutes; None when
    the job has not exactly one schedule.
    """

    backup_job: str | None
    enabled: bool
    owned: bool
    interval: int | None
    secondaries: list[ShippedTo]


class LogShippingPrimaryFacts(t.TypedDict):
    """``foreign``: who else backs up this log. ``interval_schedules``: ids of the job's."""

    database_state: str | None
    recovery_model: str | None
    agent_running: bool
    foreign: list[str]
    interval_schedules: list[int]
    log_shipping_primary: PrimaryFacts | None


class LogShippingPrimary(Resource[LogShippingPrimaryOptions, LogShippingPrimaryFacts]):
    """A database whose logs are shipped from here."""

    def __init__(self, options: LogShippingPrimaryOptions, host: str) -> None:
        self.scope = database_scope(options, host)
        self.options = options
        self.database = options["database"]
        self.settings = _settings(options)
        quote.plain_name(self.settings["backup_job"])
        if options["state"] == "present":
            self._check()

    def _check(self) -> None:
        settings = self.settings
        if not settings["backup_share"]:
            raise Refused(
                "backup_share is needed: the UNC name from which the secondaries fetch the log"
                " backups.",
                code="bad_path",
            )
        quote.path(settings["backup_share"])
        quote.path(settings["backup_directory"])
        require_minutes(
            {
                "backup_retention": settings["backup_retention"],
                "backup_threshold": settings["backup_threshold"],
                "history_retention": settings["history_retention"],
                "interval": settings["interval"],
            }
        )
        for secondary in settings["secondaries"]:
            quote.plain_name(secondary["server"])
            quote.plain_name(secondary["database"])

    def read(self, session: Session) -> LogShippingPrimaryFacts:
        """The primary's entry, its job, and what else may back up this log."""
        names = [self.database]
        found, primaries, shipped_to, schedules, services, about, taken, jobs, zones = session.read(
            catalog.databases(names),
            log_shipping.primaries(names),
            log_shipping.shipped_to(names),
            agent.schedules(),
            catalog.services(),
            catalog.instance(),
            history.backups(names),
            agent.log_backup_jobs(),
            windows.time_zone(),
        )
        instance = one(rows_of(catalog.InstanceRow, about))
        offset = 0
        if instance is not None:
            offset = int(instance.get("utc_offset_minutes") or 0)
        zone = zone_of(one(zones), offset)
        row = database_row(found, self.database)
        primary = one(rows_of(PrimaryRow, primaries))
        job = None
        if primary is not None:
            job = primary["backup_job"]
        interval, schedule_ids = interval_of(rows_of(agent.ScheduleRow, schedules), job)
        foreign = self._foreign(
            primary, backups_in(zone, taken), rows_of(agent.LogBackupJobRow, jobs)
        )
        return {
            "database_state": row["database_state"],
            "recovery_model": row["recovery_model"],
            "agent_running": agent_runs(rows_of(catalog.ServiceRow, services), instance),
            "foreign": foreign,
            "interval_schedules": schedule_ids,
            "log_shipping_primary": _primary(primary, interval, rows_of(ShippedToRow, shipped_to)),
        }

    def _foreign(
        self,
        primary: PrimaryRow | None,
        taken: Sequence[Backup],
        jobs: Sequence[agent.LogBackupJobRow],
    ) -> list[str]:
        """Log backups of the last day that are not in log shipping's folder though it shipped
        before them, and enabled jobs that take such.
        """
        found = {f"job {name}" for name in jobs_on(jobs, [self.database])}
        if primary is not None:
            folders = (self.settings["backup_directory"], primary["backup_directory"])
            found.update(not_shipped(taken, folders))
        return sorted(found)

    def plan(self, current: LogShippingPrimaryFacts) -> list[Step[LogShippingPrimaryFacts]]:
        """Refused: no_agent, foreign_log_backup, not_online, simple_recovery."""
        have = current["log_shipping_primary"]
        if self.options["state"] == "absent":
            why = f"Logs of {self.database} are shipped from here and are not to be."
            return [] if have is None else [self._remove(have, why)]
        if not current["agent_running"]:
            raise no_agent()
        if current["foreign"] and not self.options["accept_foreign_log_backups"]:
            raise _foreign_log_backup(self.database, current["foreign"])
        wanted = self._wanted()
        if have is None:
            _may_begin(self.database, current)
            return [self._add(wanted)]
        if have["backup_job"] is None:
            _may_begin(self.database, current)
            why = f"The job that backs up the log of {self.database} is gone: it is made anew."
            return [self._remove(have, why), self._add(wanted)]
        return self._change(current["interval_schedules"], have, wanted)

    def _wanted(self) -> PrimaryFacts:
        settings = self.settings
        return {
            "backup_directory": settings["backup_directory"],
            "backup_share": settings["backup_share"],
            "backup_retention": settings["backup_retention"],
            "backup_threshold": settings["backup_threshold"],
            "threshold_alert_enabled": settings["threshold_alert_enabled"],
            "history_retention": settings["history_retention"],
            "backup_compression": settings["backup_compression"],
            "backup_job": settings["backup_job"],
            "enabled": settings["enabled"],
            "owned": True,
            "interval": settings["interval"],
            "secondaries": sorted(settings["secondaries"], key=_place_in_list),
        }

    def _remove(self, have: PrimaryFacts, why: str) -> Step[LogShippingPrimaryFacts]:
        return Step(
            name="remove_primary",
            why=why,
            sets={"log_shipping_primary": None, "interval_schedules": []},
            calls=(log_shipping.remove_primary(self.database, have["secondaries"]),),
        )

    def _add(self, wanted: PrimaryFacts) -> Step[LogShippingPrimaryFacts]:
        return Step(
            name="add_primary",
            why=f"No log of {self.database} is shipped from this instance.",
            sets={"log_shipping_primary": wanted, "interval_schedules": LATER},
            calls=(log_shipping.add_primary(self.settings),),
        )

    def _change(
        self, schedule_ids: list[int], have: PrimaryFacts, wanted: PrimaryFacts
    ) -> list[Step[LogShippingPrimaryFacts]]:
        """A step for each difference; each predicts what the ones before it left."""
        steps: list[Step[LogShippingPrimaryFacts]] = []
        now = have
        job = have["backup_job"] or ""
        names = differing(_changeable(have), _changeable(wanted))
        if names:
            now = {**now, **_changeable(wanted)}
            steps.append(self._change_settings(now, names))
        if _pairs(have["secondaries"]) != _pairs(wanted["secondaries"]):
            now = {**now, "secondaries": wanted["secondaries"]}
            steps.append(self._set_secondaries(now, have["secondaries"]))
        if have["interval"] != wanted["interval"]:
            now = {**now, "interval": wanted["interval"]}
            steps.append(self._reschedule(now, job, schedule_ids))
        if not have["owned"]:
            now = {**now, "owned": True}
            steps.append(_own_job(now, job))
        if have["enabled"] != wanted["enabled"]:
            now = {**now, "enabled": wanted["enabled"]}
            steps.append(_enable_job(now, job))
        return steps

    def _change_settings(
        self, now: PrimaryFacts, names: list[str]
    ) -> Step[LogShippingPrimaryFacts]:
        return Step(
            name="change_primary",
            why=f"These settings differ: {', '.join(names)}.",
            sets={"log_shipping_primary": now},
            calls=(log_shipping.change_primary(self.settings),),
        )

    def _set_secondaries(
        self, now: PrimaryFacts, have: list[ShippedTo]
    ) -> Step[LogShippingPrimaryFacts]:
        wanted = now["secondaries"]
        gone = _without(have, wanted)
        added = _without(wanted, have)
        return Step(
            name="set_secondaries",
            why="The list of secondaries differs.",
            sets={"log_shipping_primary": now},
            calls=(log_shipping.change_secondaries(self.database, gone, added),),
        )

    def _reschedule(
        self, now: PrimaryFacts, job: str, schedule_ids: list[int]
    ) -> Step[LogShippingPrimaryFacts]:
        minutes = self.settings["interval"]
        call = log_shipping.reschedule(job, self.settings["schedule_name"], minutes, schedule_ids)
        return Step(
            name="schedule_backup",
            why=f"The job {job} does not have exactly one schedule of {minutes} minutes.",
            sets={"log_shipping_primary": now, "interval_schedules": LATER},
            calls=(call,),
        )


def _settings(options: LogShippingPrimaryOptions) -> PrimarySettings:
    """What was left out follows from the rest."""
    job = options["backup_job"] or f"LSBackup_{options['database']}"
    schedule = options["schedule_name"] or schedule_name(job, options["interval"])
    share = options["backup_share"] or ""
    return {
        "database": options["database"],
        "backup_directory": options["backup_directory"] or share,
        "backup_share": share,
        "backup_job": job,
        "backup_retention": options["backup_retention"],
        "backup_compression": options["backup_compression"],
        "backup_threshold": options["backup_threshold"],
        "threshold_alert_enabled": options["threshold_alert_enabled"],
        "history_retention": options["history_retention"],
        "schedule_name": schedule,
        "interval": options["interval"],
        "secondaries": options["secondaries"],
        "enabled": options["enabled"],
    }


def _primary(
    row: PrimaryRow | None, interval: int | None, shipped_to: Sequence[ShippedToRow]
) -> PrimaryFacts | None:
    if row is None:
        return None
    secondaries: list[ShippedTo] = []
    for secondary in shipped_to:
        secondaries.append(
            {"server": secondary["server"], "database": secondary["secondary_database"]}
        )
    return {
        "backup_directory": row["backup_directory"],
        "backup_share": row["backup_share"],
        "backup_retention": row["backup_retention"],
        "backup_threshold": row["backup_threshold"],
        "threshold_alert_enabled": bool(row["threshold_alert_enabled"]),
        "history_retention": row["history_retention"],
        "backup_compression": row["backup_compression"],
        "backup_job": row["backup_job"],
        "enabled": bool(row["enabled"]),
        "owned": bool(row["owned"]),
        "interval": interval,
        "secondaries": secondaries,
    }


def _changeable(facts: PrimaryFacts) -> ChangeableOfPrimary:
    return {
        "backup_directory": facts["backup_directory"],
        "backup_share": facts["backup_share"],
        "backup_retention": facts["backup_retention"],
        "backup_threshold": facts["backup_threshold"],
        "threshold_alert_enabled": facts["threshold_alert_enabled"],
        "history_retention": facts["history_retention"],
        "backup_compression": facts["backup_compression"],
    }


def _own_job(now: PrimaryFacts, job: str) -> Step[LogShippingPrimaryFacts]:
    return Step(
        name="own_job",
        why=f"The job {job} belongs to a person, without whose account it would fail.",
        sets={"log_shipping_primary": now},
        calls=(agent.own_job(job),),
    )


def _enable_job(now: PrimaryFacts, job: str) -> Step[LogShippingPrimaryFacts]:
    name = "disable_job"
    why = "The backup job is enabled."
    if now["enabled"]:
        name = "enable_job"
        why = "The backup job is not enabled."
    return Step(
        name=name,
        why=why,
        sets={"log_shipping_primary": now},
        calls=(agent.enable_job(job, now["enabled"]),),
    )


def _may_begin(database: str, current: LogShippingPrimaryFacts) -> None:
    state = current["database_state"]
    if state != "ONLINE":
        raise Refused(
            f"{database} is {state or 'absent'} here, and log shipping can be configured only on an"
            " online database: make this partner the principal first.",
            code="not_online",
            database_state=state,
        )
    if current["recovery_model"] == "SIMPLE":
        raise Refused(
            f"{database} is in SIMPLE recovery; there are no log backups to ship. Set it to FULL"
            " first.",
            code="simple_recovery",
        )


def _foreign_log_backup(database: str, foreign: list[str]) -> Refused:
    return Refused(
        f"Something else backs up the log of {database}: {', '.join(foreign)}. Every log backup"
        " that is not shipped breaks the secondary's chain. Stop it, or say"
        " accept_foreign_log_backups: true if it is over and the secondary is seeded anew.",
        code="foreign_log_backup",
        foreign=foreign,
    )


def _place_in_list(secondary: ShippedTo) -> tuple[str, str]:
    return secondary["server"], secondary["database"]


def _pair(secondary: ShippedTo) -> tuple[str, str]:
    """Names compare without case."""
    return secondary["server"].lower(), secondary["database"].lower()


def _pairs(secondaries: Sequence[ShippedTo]) -> set[tuple[str, str]]:
    return {_pair(secondary) for secondary in secondaries}


def _without(secondaries: Sequence[ShippedTo], others: Sequence[ShippedTo]) -> list[ShippedTo]:
    known = _pairs(others)
    return [secondary for secondary in secondaries if _pair(secondary) not in known]
