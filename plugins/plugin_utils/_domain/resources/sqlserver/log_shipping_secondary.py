"""Log shipping at the secondary. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import typing as t

from ...._engine.errors import Refused
from ...._engine.model import LATER, Resource, Session, State, Step
from ...calls.tsql import agent, catalog, log_shipping, quote
from ...calls.tsql import log_shipping as calls
from ._instance import database_row, database_scope, one, same
from ._log_shipping import (
    COMMON,
    agent_runs,
    interval_of,
    is_equal,
    no_agent,
    plain_setting,
    require_minutes,
)

LOG_SHIPPING_SECONDARY_SPEC: State = {
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
_SECONDARY_SETTINGS = (
    "source_directory",
    "destination_directory",
    "retention",
    "restore_delay",
    "restore_mode",
    "disconnect_users",
    "restore_threshold",
    "threshold_alert_enabled",
    "history_retention",
)


class LogShippingSecondary(Resource[State, State]):
    """State: database_state, agent_running, log_shipping_secondary {settings, primary_server,
    primary_database, jobs, enabled, intervals}|None.
    """

    def __init__(self, options: State, host: str) -> None:
        self.scope = database_scope(options, host)
        self.database: str = options["database"]
        primary = options["primary_database"] or self.database
        server = options["primary_server"] or ""
        copy = options["copy_job"] or f"LSCopy_{server}_{primary}"
        restore = options["restore_job"] or f"LSRestore_{server}_{primary}"
        self.options: State = {
            **options,
            "primary_database": primary,
            "copy_job": copy,
            "restore_job": restore,
            "copy_schedule_name": f"{copy} every {options['copy_interval']} minutes",
            "restore_schedule_name": f"{restore} every {options['restore_interval']} minutes",
            "restore_mode_bit": int(options["restore_mode"] == "standby"),
        }
        if options["state"] == "present":
            if not server:
                raise Refused(
                    "primary_server is needed: the @@SERVERNAME of the primary, the same text"
                    " everywhere.",
                    code="bad_name",
                )
            for name in (server, primary, copy, restore):
                quote.plain_name(name)
            for name in ("source_directory", "destination_directory"):
                if not options[name]:
                    raise Refused(f"{name} is needed.", code="bad_path")
                quote.path(options[name])
            require_minutes(
                options,
                "retention",
                "restore_delay",
                "restore_threshold",
                "history_retention",
                "copy_interval",
                "restore_interval",
            )
            if options["disconnect_users"] and options["restore_mode"] != "standby":
                raise Refused(
                    "disconnect_users only makes sense with restore_mode: standby; a restoring copy"
                    " has no users.",
                    code="contradiction",
                )

    def read(self, session: Session) -> State:
        names = [self.database]
        found, linked, schedules, services, about = session.read(
            catalog.databases(names),
            log_shipping.secondaries(names),
            agent.schedules(),
            catalog.services(),
            catalog.instance(),
        )
        row = database_row(found, self.database) or {}
        secondary = one(linked)
        copy, copy_ids = interval_of(schedules, secondary["copy_job"] if secondary else None)
        restore, restore_ids = interval_of(
            schedules, secondary["restore_job"] if secondary else None
        )
        whole = None
        # An entry without its database is what a setup leaves that was cut off in between: it
        # counts as nothing and is replaced.
        if secondary is not None and secondary["name"] is not None:
            whole = {
                **{k: plain_setting(k, secondary[k]) for k in _SECONDARY_SETTINGS},
                "primary_server": secondary["primary_server"],
                "primary_database": secondary["primary_database"],
                "copy_job": secondary["copy_job"],
                "restore_job": secondary["restore_job"],
                "enabled": _both(secondary["copy_enabled"], secondary["restore_enabled"]),
                "owned": bool(secondary["copy_owned"]) and bool(secondary["restore_owned"]),
                "copy_interval": copy,
                "restore_interval": restore,
            }
        return {
            "database_state": row.get("database_state"),
            "agent_running": agent_runs(services, one(about)),
            "log_shipping_secondary": whole,
            "schedules": {"copy": copy_ids, "restore": restore_ids},
        }

    def plan(self, current: State) -> list[Step[State]]:
        have = current["log_shipping_secondary"]
        if self.options["state"] == "absent":
            return (
                []
                if have is None
                else [
                    Step(
                        name="remove_secondary",
                        why=(
                            f"Logs are applied to {self.database} here and are not to be; the copy"
                            " stays as it is."
                        ),
                        sets={
                            "log_shipping_secondary": None,
                            "schedules": {"copy": [], "restore": []},
                        },
                        calls=(calls.remove_on_secondary(self.database),),
                    )
                ]
            )
        o = self.options
        if not current["agent_running"]:
            raise no_agent()
        wanted = {
            k: o[k]
            for k in (
                *_SECONDARY_SETTINGS,
                "primary_server",
                "primary_database",
                "copy_job",
                "restore_job",
                "enabled",
                "copy_interval",
                "restore_interval",
            )
        }
        wanted["owned"] = True
        if current["database_state"] not in ("RESTORING", "STANDBY"):
            raise Refused(
                f"{self.database} is {current['database_state'] or 'absent'} here; a log shipping"
                " secondary must be RESTORING. Seed it from the primary's backup first.",
                code="not_restoring",
                database_state=current["database_state"],
            )
        if have is None:
            return [
                Step(
                    name="add_secondary",
                    why=f"No logs are applied to {self.database} here.",
                    sets={"log_shipping_secondary": wanted, "schedules": LATER},
                    calls=(calls.add_on_secondary(t.cast(calls.SecondarySettings, o)),),
                )
            ]
        if not same(have["primary_server"], wanted["primary_server"]) or not same(
            have["primary_database"], wanted["primary_database"]
        ):
            raise Refused(
                f"{self.database} is fed from {have['primary_server']}.{have['primary_database']},"
                f" not from {wanted['primary_server']}.{wanted['primary_database']}. Remove that"
                " first (state: absent) if it is not wanted.",
                code="other_primary",
            )
        return self._change(current, have, wanted)

    def _change(self, current: State, have: State, wanted: State) -> list[Step[State]]:
        steps: list[Step[State]] = []
        now = dict(have)
        names = [k for k in _SECONDARY_SETTINGS if not is_equal(k, have[k], wanted[k])]
        if names:
            now = {**now, **{k: wanted[k] for k in _SECONDARY_SETTINGS}}
            steps.append(
                Step(
                    name="change_secondary",
                    why=f"These settings differ: {', '.join(names)}.",
                    sets={"log_shipping_secondary": now},
                    calls=(
                        calls.change_on_secondary(t.cast(calls.SecondarySettings, self.options)),
                    ),
                )
            )
        for label in ("copy", "restore"):
            key = f"{label}_interval"
            if have[key] != wanted[key]:
                now = {**now, key: wanted[key]}
                job = have[f"{label}_job"]
                steps.append(
                    Step(
                        name=f"schedule_{label}",
                        why=(
                            f"The job {job} does not have exactly one schedule of {wanted[key]}"
                            " minutes."
                        ),
                        sets={"log_shipping_secondary": now, "schedules": LATER},
                        calls=(
                            calls.reschedule(
                                job,
                                f"{job} every {wanted[key]} minutes",
                                wanted[key],
                                current["schedules"][label],
                            ),
                        ),
                    )
                )
        if not have["owned"]:
            now = {**now, "owned": True}
            steps.append(
                Step(
                    name="own_jobs",
                    why=(
                        "The copy and the restore job belong to a person, without whose account"
                        " they would fail."
                    ),
                    sets={"log_shipping_secondary": now},
                    calls=tuple(
                        agent.own_job(have[f"{label}_job"]) for label in ("copy", "restore")
                    ),
                )
            )
        if have["enabled"] != wanted["enabled"]:
            now = {**now, "enabled": wanted["enabled"]}
            steps.append(
                Step(
                    name="enable_jobs" if wanted["enabled"] else "disable_jobs",
                    why=f"The jobs are {'not ' if wanted['enabled'] else ''}enabled.",
                    sets={"log_shipping_secondary": now},
                    calls=tuple(
                        agent.enable_job(have[f"{label}_job"], wanted["enabled"])
                        for label in ("copy", "restore")
                    ),
                )
            )
        return steps


def _both(copy: t.Any, restore: t.Any) -> bool | None:
    """Whether both jobs are enabled; None when only one of them is, which is neither what was
    wanted.
    """
    return bool(copy) if bool(copy) == bool(restore) else None
