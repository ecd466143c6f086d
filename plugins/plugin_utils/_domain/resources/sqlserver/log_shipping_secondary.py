"""Log shipping at the secondary. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import typing as t

from ...._engine.errors import Refused
from ...._engine.model import LATER, ArgumentSpec, Resource, Session, Step
from ...calls.tsql import agent, catalog, log_shipping, quote
from ...calls.tsql.log_shipping import SecondaryRow, SecondarySettings
from ._instance import (
    WAITS_FOR_LOG,
    agent_runs,
    database_row,
    database_scope,
    one,
    rows_of,
    same,
)
from ._log_shipping import (
    COMMON,
    LogShippingOptions,
    differing,
    interval_of,
    no_agent,
    require_minutes,
    schedule_name,
)

LOG_SHIPPING_SECONDARY_SPEC: ArgumentSpec = {
    **COMMON,
    "primary_server": {"type": "str"},
    "primary_database": {"type": "str"},
    "source_directory": {"type": "str"},
    "destination_directory": {"type": "str"},
    "copy_job": {"type": "str"},
    "restore_job": {"type": "str"},
    "retention": {"type": "int", "default": 4320},
    "restore_delay": {"type": "int", "default": 0},
    "restore_mode": {"type": "str", "choices": ["norecovery", "standby"], "default": "norecovery"},
    "disconnect_users": {"type": "bool", "default": False},
    "restore_threshold": {"type": "int", "default": 45},
    "threshold_alert_enabled": {"type": "bool", "default": True},
    "history_retention": {"type": "int", "default": 5760},
    "copy_interval": {"type": "int", "default": 15},
    "restore_interval": {"type": "int", "default": 15},
}


class LogShippingSecondaryOptions(LogShippingOptions):
    """Retentions, delay, threshold and intervals in minutes."""

    primary_server: str | None
    primary_database: str | None
    source_directory: str | None
    destination_directory: str | None
    copy_job: str | None
    restore_job: str | None
    retention: int
    restore_delay: int
    restore_mode: str
    disconnect_users: bool
    restore_threshold: int
    threshold_alert_enabled: bool
    history_retention: int
    copy_interval: int
    restore_interval: int


class ChangeableOfSecondary(t.TypedDict):
    """What two procedures change (sp_change_log_shipping_secondary_primary, ..._database)."""

    source_directory: str
    destination_directory: str
    retention: int
    restore_delay: int | None
    restore_mode: str
    disconnect_users: bool
    restore_threshold: int | None
    threshold_alert_enabled: bool
    history_retention: int | None


class SecondaryFacts(ChangeableOfSecondary):
    """``enabled`` None: one of the jobs is. ``owned``: both jobs belong to the built-in
    administrator. ``..._interval``: minutes; None when the job has not exactly one schedule.
    """

    primary_server: str
    primary_database: str
    copy_job: str | None
    restore_job: str | None
    enabled: bool | None
    owned: bool
    copy_interval: int | None
    restore_interval: int | None


class JobSchedules(t.TypedDict):
    """Ids of the schedules that each job has."""

    copy: list[int]
    restore: list[int]


class LogShippingSecondaryFacts(t.TypedDict):
    """``log_shipping_secondary`` None: nothing, or an entry without its database."""

    database_state: str | None
    agent_running: bool
    log_shipping_secondary: SecondaryFacts | None
    schedules: JobSchedules


class LogShippingSecondary(Resource[LogShippingSecondaryOptions, LogShippingSecondaryFacts]):
    """A database to which shipped logs are applied."""

    def __init__(self, options: LogShippingSecondaryOptions, host: str) -> None:
        self.scope = database_scope(options, host)
        self.options = options
        self.database = options["database"]
        self.settings = _settings(options)
        if options["state"] == "present":
            self._check()

    def _check(self) -> None:
        settings = self.settings
        if not settings["primary_server"]:
            raise Refused(
                "primary_server is needed: the @@SERVERNAME of the primary, the same text"
                " everywhere.",
                code="bad_name",
            )
        quote.plain_name(settings["primary_server"])
        quote.plain_name(settings["primary_database"])
        quote.plain_name(settings["copy_job"])
        quote.plain_name(settings["restore_job"])
        _require_path("source_directory", settings["source_directory"])
        _require_path("destination_directory", settings["destination_directory"])
        require_minutes(
            {
                "retention": settings["retention"],
                "restore_delay": settings["restore_delay"],
                "restore_threshold": settings["restore_threshold"],
                "history_retention": settings["history_retention"],
                "copy_interval": settings["copy_interval"],
                "restore_interval": settings["restore_interval"],
            }
        )
        if settings["restore_delay"] >= settings["restore_threshold"]:
            raise Refused(
                f"restore_delay is {settings['restore_delay']} minutes and restore_threshold"
                f" {settings['restore_threshold']}: no log would ever be restored in time, and the"
                " alert 14421 would never end. Choose a threshold well above the delay.",
                code="contradiction",
            )
        if self.options["disconnect_users"] and self.options["restore_mode"] != "standby":
            raise Refused(
                "disconnect_users only makes sense with restore_mode: standby; a restoring copy"
                " has no users.",
                code="contradiction",
            )

    def read(self, session: Session) -> LogShippingSecondaryFacts:
        """The secondary's entry and its two jobs."""
        names = [self.database]
        found, linked, schedules, services, about = session.read(
            catalog.databases(names),
            log_shipping.secondaries(names),
            agent.schedules(),
            catalog.services(),
            catalog.instance(),
        )
        instance = one(rows_of(catalog.InstanceRow, about))
        known_schedules = rows_of(agent.ScheduleRow, schedules)
        row = one(rows_of(SecondaryRow, linked))
        copy_job = None
        restore_job = None
        if row is not None:
            copy_job = row["copy_job"]
            restore_job = row["restore_job"]
        copy_interval, copy_ids = interval_of(known_schedules, copy_job)
        restore_interval, restore_ids = interval_of(known_schedules, restore_job)
        secondary = None
        # An entry without its database is what a setup leaves that was cut off in between: it
        # counts as nothing and is replaced.
        if row is not None and row["name"] is not None:
            secondary = _secondary(row, copy_interval, restore_interval)
        return {
            "database_state": database_row(found, self.database)["database_state"],
            "agent_running": agent_runs(rows_of(catalog.ServiceRow, services), instance),
            "log_shipping_secondary": secondary,
            "schedules": {"copy": copy_ids, "restore": restore_ids},
        }

    def plan(self, current: LogShippingSecondaryFacts) -> list[Step[LogShippingSecondaryFacts]]:
        """Refused: no_agent, not_restoring, other_primary."""
        have = current["log_shipping_secondary"]
        if self.options["state"] == "absent":
            why = (
                f"Logs are applied to {self.database} here and are not to be; the copy stays as it"
                " is."
            )
            return [] if have is None else [self._remove(why)]
        if not current["agent_running"]:
            raise no_agent()
        if current["database_state"] not in WAITS_FOR_LOG:
            raise _not_restoring(self.database, current["database_state"])
        wanted = self._wanted()
        if have is None:
            return [self._add(wanted)]
        if not _is_fed_from_the_same(have, wanted):
            raise _other_primary(self.database, have, wanted)
        if None in (have["copy_job"], have["restore_job"]):
            why = f"A job that applies logs to {self.database} is gone: they are made anew."
            return [self._remove(why), self._add(wanted)]
        return self._change(current["schedules"], have, wanted)

    def _wanted(self) -> SecondaryFacts:
        settings = self.settings
        return {
            "source_directory": settings["source_directory"],
            "destination_directory": settings["destination_directory"],
            "retention": settings["retention"],
            "restore_delay": settings["restore_delay"],
            "restore_mode": self.options["restore_mode"],
            "disconnect_users": settings["disconnect_users"],
            "restore_threshold": settings["restore_threshold"],
            "threshold_alert_enabled": settings["threshold_alert_enabled"],
            "history_retention": settings["history_retention"],
            "primary_server": settings["primary_server"],
            "primary_database": settings["primary_database"],
            "copy_job": settings["copy_job"],
            "restore_job": settings["restore_job"],
            "enabled": settings["enabled"],
            "copy_interval": settings["copy_interval"],
            "restore_interval": settings["restore_interval"],
            "owned": True,
        }

    def _remove(self, why: str) -> Step[LogShippingSecondaryFacts]:
        return Step(
            name="remove_secondary",
            why=why,
            sets={
                "log_shipping_secondary": None,
                "schedules": {"copy": [], "restore": []},
            },
            calls=(log_shipping.remove_on_secondary(self.database),),
        )

    def _add(self, wanted: SecondaryFacts) -> Step[LogShippingSecondaryFacts]:
        return Step(
            name="add_secondary",
            why=f"No logs are applied to {self.database} here.",
            sets={"log_shipping_secondary": wanted, "schedules": LATER},
            calls=(log_shipping.add_on_secondary(self.settings),),
        )

    def _change(
        self, schedules: JobSchedules, have: SecondaryFacts, wanted: SecondaryFacts
    ) -> list[Step[LogShippingSecondaryFacts]]:
        """A step for each difference; each predicts what the ones before it left."""
        steps: list[Step[LogShippingSecondaryFacts]] = []
        now = have
        names = differing(_changeable(have), _changeable(wanted))
        if names:
            now = {**now, **_changeable(wanted)}
            steps.append(self._change_settings(now, names))
        if have["copy_interval"] != wanted["copy_interval"]:
            now = {**now, "copy_interval": wanted["copy_interval"]}
            steps.append(self._schedule_copy(now, schedules["copy"]))
        if have["restore_interval"] != wanted["restore_interval"]:
            now = {**now, "restore_interval": wanted["restore_interval"]}
            steps.append(self._schedule_restore(now, schedules["restore"]))
        if not have["owned"]:
            now = {**now, "owned": True}
            steps.append(_own_jobs(now))
        if have["enabled"] != wanted["enabled"]:
            now = {**now, "enabled": wanted["enabled"]}
            steps.append(_enable_jobs(now))
        return steps

    def _change_settings(
        self, now: SecondaryFacts, names: list[str]
    ) -> Step[LogShippingSecondaryFacts]:
        return Step(
            name="change_secondary",
            why=f"These settings differ: {', '.join(names)}.",
            sets={"log_shipping_secondary": now},
            calls=(log_shipping.change_on_secondary(self.settings),),
        )

    def _schedule_copy(
        self, now: SecondaryFacts, schedule_ids: list[int]
    ) -> Step[LogShippingSecondaryFacts]:
        minutes = self.settings["copy_interval"]
        return _reschedule("schedule_copy", now, now["copy_job"] or "", minutes, schedule_ids)

    def _schedule_restore(
        self, now: SecondaryFacts, schedule_ids: list[int]
    ) -> Step[LogShippingSecondaryFacts]:
        minutes = self.settings["restore_interval"]
        return _reschedule("schedule_restore", now, now["restore_job"] or "", minutes, schedule_ids)


def _settings(options: LogShippingSecondaryOptions) -> SecondarySettings:
    """What was left out follows from the rest."""
    database = options["primary_database"] or options["database"]
    server = options["primary_server"] or ""
    copy_job = options["copy_job"] or f"LSCopy_{server}_{database}"
    restore_job = options["restore_job"] or f"LSRestore_{server}_{database}"
    return {
        "database": options["database"],
        "primary_server": server,
        "primary_database": database,
        "source_directory": options["source_directory"] or "",
        "destination_directory": options["destination_directory"] or "",
        "copy_job": copy_job,
        "restore_job": restore_job,
        "retention": options["retention"],
        "copy_schedule_name": schedule_name(copy_job, options["copy_interval"]),
        "restore_schedule_name": schedule_name(restore_job, options["restore_interval"]),
        "copy_interval": options["copy_interval"],
        "restore_interval": options["restore_interval"],
        "restore_delay": options["restore_delay"],
        "restore_mode_bit": int(options["restore_mode"] == "standby"),
        "disconnect_users": options["disconnect_users"],
        "restore_threshold": options["restore_threshold"],
        "threshold_alert_enabled": options["threshold_alert_enabled"],
        "history_retention": options["history_retention"],
        "enabled": options["enabled"],
    }


def _require_path(name: str, path: str) -> None:
    if not path:
        raise Refused(f"{name} is needed.", code="bad_path")
    quote.path(path)


def _secondary(
    row: SecondaryRow, copy_interval: int | None, restore_interval: int | None
) -> SecondaryFacts:
    restore_mode = "norecovery"
    if row["restore_mode"]:
        restore_mode = "standby"
    return {
        "source_directory": row["source_directory"],
        "destination_directory": row["destination_directory"],
        "retention": row["retention"],
        "restore_delay": row["restore_delay"],
        "restore_mode": restore_mode,
        "disconnect_users": bool(row["disconnect_users"]),
        "restore_threshold": row["restore_threshold"],
        "threshold_alert_enabled": bool(row["threshold_alert_enabled"]),
        "history_retention": row["history_retention"],
        "primary_server": row["primary_server"],
        "primary_database": row["primary_database"],
        "copy_job": row["copy_job"],
        "restore_job": row["restore_job"],
        "enabled": _are_enabled(row),
        "owned": bool(row["copy_owned"]) and bool(row["restore_owned"]),
        "copy_interval": copy_interval,
        "restore_interval": restore_interval,
    }


def _are_enabled(row: SecondaryRow) -> bool | None:
    """Whether both jobs are; None when only one of them is, which is neither what was wanted."""
    copy = bool(row["copy_enabled"])
    restore = bool(row["restore_enabled"])
    if copy != restore:
        return None
    return copy


def _changeable(facts: SecondaryFacts) -> ChangeableOfSecondary:
    return {
        "source_directory": facts["source_directory"],
        "destination_directory": facts["destination_directory"],
        "retention": facts["retention"],
        "restore_delay": facts["restore_delay"],
        "restore_mode": facts["restore_mode"],
        "disconnect_users": facts["disconnect_users"],
        "restore_threshold": facts["restore_threshold"],
        "threshold_alert_enabled": facts["threshold_alert_enabled"],
        "history_retention": facts["history_retention"],
    }


def _reschedule(
    name: str, now: SecondaryFacts, job: str, minutes: int, schedule_ids: list[int]
) -> Step[LogShippingSecondaryFacts]:
    call = log_shipping.reschedule(job, schedule_name(job, minutes), minutes, schedule_ids)
    return Step(
        name=name,
        why=f"The job {job} does not have exactly one schedule of {minutes} minutes.",
        sets={"log_shipping_secondary": now, "schedules": LATER},
        calls=(call,),
    )


def _own_jobs(now: SecondaryFacts) -> Step[LogShippingSecondaryFacts]:
    return Step(
        name="own_jobs",
        why=(
            "The copy and the restore job belong to a person, without whose account they would"
            " fail."
        ),
        sets={"log_shipping_secondary": now},
        calls=(
            agent.own_job(now["copy_job"] or ""),
            agent.own_job(now["restore_job"] or ""),
        ),
    )


def _enable_jobs(now: SecondaryFacts) -> Step[LogShippingSecondaryFacts]:
    enabled = bool(now["enabled"])
    name = "disable_jobs"
    why = "The jobs are enabled."
    if enabled:
        name = "enable_jobs"
        why = "The jobs are not enabled."
    return Step(
        name=name,
        why=why,
        sets={"log_shipping_secondary": now},
        calls=(
            agent.enable_job(now["copy_job"] or "", enabled),
            agent.enable_job(now["restore_job"] or "", enabled),
        ),
    )


def _is_fed_from_the_same(have: SecondaryFacts, wanted: SecondaryFacts) -> bool:
    is_same_server = same(have["primary_server"], wanted["primary_server"])
    return is_same_server and same(have["primary_database"], wanted["primary_database"])


def _not_restoring(database: str, state: str | None) -> Refused:
    return Refused(
        f"{database} is {state or 'absent'} here; a log shipping secondary must be RESTORING. Seed"
        " it from the primary's backup first.",
        code="not_restoring",
        database_state=state,
    )


def _other_primary(database: str, have: SecondaryFacts, wanted: SecondaryFacts) -> Refused:
    return Refused(
        f"{database} is fed from {have['primary_server']}.{have['primary_database']}, not from"
        f" {wanted['primary_server']}.{wanted['primary_database']}. Remove that first (state:"
        " absent) if it is not wanted.",
        code="other_primary",
    )
