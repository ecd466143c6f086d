"""Log shipping at the primary: the principal, or its mirror. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import datetime as dt
import re
import typing as t

from ...._engine.errors import Refused
from ...._engine.model import LATER, Record, Resource, Session, State, Step
from ...calls import windows
from ...calls.tsql import agent, catalog, history, log_shipping, quote
from ...calls.tsql import log_shipping as calls
from ...estate.time_zone import zone_of
from ._foreign_jobs import jobs_on
from ._instance import database_row, database_scope, one
from ._log_shipping import (
    COMMON,
    agent_runs,
    interval_of,
    is_equal,
    no_agent,
    plain_setting,
    require_minutes,
)

LOG_SHIPPING_PRIMARY_SPEC: State = {
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
_NAMED_WITHIN = dt.timedelta(minutes=2)
_PRIMARY_SETTINGS = (
    "backup_directory",
    "backup_share",
    "backup_retention",
    "backup_threshold",
    "threshold_alert_enabled",
    "history_retention",
    "backup_compression",
)


class LogShippingPrimary(Resource[State, State]):
    """State: database_state, recovery_model, agent_running, foreign [who else backs up this log],
    log_shipping_primary {settings, secondaries, enabled, owned (by the built-in administrator),
    interval}|None, interval_schedules [ids].
    """

    def __init__(self, options: State, host: str) -> None:
        self.scope = database_scope(options, host)
        self.database: str = options["database"]
        job = options["backup_job"] or f"LSBackup_{self.database}"
        self.options: State = {
            **options,
            "backup_job": job,
            "schedule_name": (
                options["schedule_name"] or f"{job} every {options['interval']} minutes"
            ),
            "backup_directory": options["backup_directory"] or options["backup_share"],
        }
        quote.plain_name(job)
        if options["state"] == "present":
            if not options["backup_share"]:
                raise Refused(
                    "backup_share is needed: the UNC name from which the secondaries fetch the log"
                    " backups.",
                    code="bad_path",
                )
            quote.path(options["backup_share"])
            quote.path(self.options["backup_directory"])
            require_minutes(
                options, "backup_retention", "backup_threshold", "history_retention", "interval"
            )
            for secondary in options["secondaries"]:
                quote.plain_name(secondary["server"])
                quote.plain_name(secondary["database"])

    def read(self, session: Session) -> State:
        names = [self.database]
        found, primaries, secondaries, schedules, services, about, taken, jobs, zones = (
            session.read(
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
        )
        zone = zone_of(one(zones), int((one(about) or {}).get("utc_offset_minutes") or 0))
        taken = [{**backup, "started_at": zone.utc(backup["started_local"])} for backup in taken]
        row = database_row(found, self.database) or {}
        primary = one(primaries)
        interval, ids = interval_of(schedules, primary["backup_job"] if primary else None)
        return {
            "database_state": row.get("database_state"),
            "recovery_model": row.get("recovery_model"),
            "agent_running": agent_runs(services, one(about)),
            "foreign": self._foreign(primary, taken, jobs),
            "interval_schedules": ids,
            "log_shipping_primary": (
                None
                if primary is None
                else {
                    **{k: plain_setting(k, primary[k]) for k in _PRIMARY_SETTINGS},
                    "backup_job": primary["backup_job"],
                    "enabled": bool(primary["enabled"]),
                    "owned": bool(primary["owned"]),
                    "interval": interval,
                    "secondaries": [
                        {"server": s["server"], "database": s["secondary_database"]}
                        for s in secondaries
                    ],
                }
            ),
        }

    def _foreign(
        self, primary: Record | None, taken: list[Record], jobs: list[Record]
    ) -> list[str]:
        """Log backups of the last day that are not in log shipping's folder though it shipped
        before them, and enabled jobs that take such.

        What was backed up before the first shipped log (a mirror's seed, say) is no gap: the
        secondary is seeded from a later backup.
        """
        ours = [
            f.lower().rstrip("\\")
            for f in (
                self.options["backup_directory"],
                primary["backup_directory"] if primary else None,
            )
            if f
        ]
        logs = [r for r in taken if r["type"] == "L" and not r["copy_only"]]
        shipped = [_in_one_of(r, ours) or _named_by_log_shipping(r) for r in logs]
        since = shipped.index(True) if primary is not None and True in shipped else len(logs)
        found = {
            r["path"]
            for r, is_ours in zip(logs[since:], shipped[since:], strict=True)
            if not is_ours and int(r["age_minutes"]) <= 1440
        }
        return sorted({*found, *(f"job {name}" for name in jobs_on(jobs, [self.database]))})

    def plan(self, current: State) -> list[Step[State]]:
        have = current["log_shipping_primary"]
        if self.options["state"] == "absent":
            return (
                []
                if have is None
                else [
                    Step(
                        name="remove_primary",
                        why=f"Logs of {self.database} are shipped from here and are not to be.",
                        sets={"log_shipping_primary": None, "interval_schedules": []},
                        calls=(calls.remove_primary(self.database, have["secondaries"]),),
                    )
                ]
            )
        o = self.options
        if not current["agent_running"]:
            raise no_agent()
        if current["foreign"] and not o["accept_foreign_log_backups"]:
            raise Refused(
                f"Something else backs up the log of {self.database}:"
                f" {', '.join(current['foreign'])}. Every log backup that is not shipped breaks the"
                " secondary's chain. Stop it, or say accept_foreign_log_backups: true if it is"
                " over and the secondary is seeded anew.",
                code="foreign_log_backup",
                foreign=current["foreign"],
            )
        wanted = {
            **{k: o[k] for k in _PRIMARY_SETTINGS},
            "backup_job": o["backup_job"],
            "enabled": o["enabled"],
            "owned": True,
            "interval": o["interval"],
            "secondaries": sorted(
                o["secondaries"], key=lambda state: (state["server"], state["database"])
            ),
        }
        if have is None:
            self._may_begin(current)
            return [
                Step(
                    name="add_primary",
                    why=f"No log of {self.database} is shipped from this instance.",
                    sets={"log_shipping_primary": wanted, "interval_schedules": LATER},
                    calls=(calls.add_primary(t.cast(calls.PrimarySettings, o)),),
                )
            ]
        return self._change(current, have, wanted)

    def _may_begin(self, current: State) -> None:
        if current["database_state"] != "ONLINE":
            raise Refused(
                f"{self.database} is {current['database_state'] or 'absent'} here, and log shipping"
                " can be configured only on an online database: make this partner the principal"
                " first.",
                code="not_online",
                database_state=current["database_state"],
            )
        if current["recovery_model"] == "SIMPLE":
            raise Refused(
                f"{self.database} is in SIMPLE recovery; there are no log backups to ship. Set it"
                " to FULL first.",
                code="simple_recovery",
            )

    def _change(self, current: State, have: State, wanted: State) -> list[Step[State]]:
        steps: list[Step[State]] = []
        now = dict(have)
        if any(not is_equal(k, have[k], wanted[k]) for k in _PRIMARY_SETTINGS):
            now = {**now, **{k: wanted[k] for k in _PRIMARY_SETTINGS}}
            names = [k for k in _PRIMARY_SETTINGS if not is_equal(k, have[k], wanted[k])]
            steps.append(
                Step(
                    name="change_primary",
                    why=f"These settings differ: {', '.join(names)}.",
                    sets={"log_shipping_primary": now},
                    calls=(calls.change_primary(t.cast(calls.PrimarySettings, self.options)),),
                )
            )
        gone = [
            s
            for s in have["secondaries"]
            if not any(_pair(s) == _pair(w) for w in wanted["secondaries"])
        ]
        new = [
            w
            for w in wanted["secondaries"]
            if not any(_pair(s) == _pair(w) for s in have["secondaries"])
        ]
        if gone or new:
            now = {**now, "secondaries": wanted["secondaries"]}
            steps.append(
                Step(
                    name="set_secondaries",
                    why="The list of secondaries differs.",
                    sets={"log_shipping_primary": now},
                    calls=(calls.change_secondaries(self.database, gone, new),),
                )
            )
        if have["interval"] != wanted["interval"]:
            now = {**now, "interval": wanted["interval"]}
            steps.append(
                Step(
                    name="schedule_backup",
                    why=(
                        f"The job {have['backup_job']} does not have exactly one schedule of"
                        f" {wanted['interval']} minutes."
                    ),
                    sets={"log_shipping_primary": now, "interval_schedules": LATER},
                    calls=(
                        calls.reschedule(
                            have["backup_job"],
                            self.options["schedule_name"],
                            wanted["interval"],
                            current["interval_schedules"],
                        ),
                    ),
                )
            )
        if not have["owned"]:
            now = {**now, "owned": True}
            steps.append(
                Step(
                    name="own_job",
                    why=(
                        f"The job {have['backup_job']} belongs to a person, without whose account"
                        " it would fail."
                    ),
                    sets={"log_shipping_primary": now},
                    calls=(agent.own_job(have["backup_job"]),),
                )
            )
        if have["enabled"] != wanted["enabled"]:
            now = {**now, "enabled": wanted["enabled"]}
            steps.append(
                Step(
                    name="enable_job" if wanted["enabled"] else "disable_job",
                    why=f"The backup job is {'not ' if wanted['enabled'] else ''}enabled.",
                    sets={"log_shipping_primary": now},
                    calls=(agent.enable_job(have["backup_job"], wanted["enabled"]),),
                )
            )
        return steps


def _in_one_of(backup: Record, folders: list[str]) -> bool:
    return any(str(backup["path"]).lower().startswith(folder + "\\") for folder in folders)


def _named_by_log_shipping(backup: Record) -> bool:
    """``<database>_<UTC of its begin>.trn``, as log shipping names its files (sql-docs, About Log
    Shipping): ours, wherever the share was then.

    Seconds may pass between the name and the begin. Tools that name files alike write local time or
    more words.
    """
    name = str(backup["path"]).rpartition("\\")[2]
    stamp = re.fullmatch(rf"{re.escape(str(backup['name']))}_(\d{{14}})\.trn", name, re.IGNORECASE)
    if stamp is None or not backup["started_at"]:
        return False
    try:
        named = dt.datetime.strptime(stamp[1], "%Y%m%d%H%M%S")
    except ValueError:
        return False
    begun = dt.datetime.strptime(str(backup["started_at"])[:19], "%Y-%m-%dT%H:%M:%S")
    return abs(begun - named) <= _NAMED_WITHIN


def _pair(secondary: State) -> tuple[str, str]:
    return secondary["server"].lower(), secondary["database"].lower()
