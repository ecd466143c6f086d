"""Log shipping of one database, at the primary (principal or its mirror) and at the secondary. FOR INTERNAL COLLECTION USE ONLY."""
from __future__ import annotations

import datetime as dt
import re
import typing as t

from .._engine.errors import Refused
from .._engine.model import LATER, Record, Session, State, Step
from .calls import log_shipping as calls
from .calls import quote, sql_read, sql_write, windows
from .foreign_jobs import jobs_on
from .sql_common import AGENT, INSTANCE_OPTION, STATE_OPTION, database_row, database_scope, one, runs, same, service_row
from .time_zone import zone_of

_COMMON: State = {**INSTANCE_OPTION, "database": {"type": "str", "required": True}, "enabled": {"type": "bool", "default": True}, "state": STATE_OPTION}
LOG_SHIPPING_PRIMARY_SPEC: State = {
    **_COMMON,
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
    "secondaries": {"type": "list", "elements": "dict", "default": [], "options": {
        "server": {"type": "str", "required": True}, "database": {"type": "str", "required": True}}},
    "accept_foreign_log_backups": {"type": "bool", "default": False},
}
LOG_SHIPPING_SECONDARY_SPEC: State = {
    **_COMMON,
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
_NAMED_WITHIN = dt.timedelta(minutes=2)
_PRIMARY_SETTINGS = ("backup_directory", "backup_share", "backup_retention", "backup_threshold", "threshold_alert_enabled", "history_retention",
                     "backup_compression")
_SECONDARY_SETTINGS = ("source_directory", "destination_directory", "retention", "restore_delay", "restore_mode", "disconnect_users",
                       "restore_threshold", "threshold_alert_enabled", "history_retention")


def _interval(rows: list[Record], job: str | None) -> tuple[int | None, list[int]]:
    """Minutes between the runs of a job that has exactly one enabled daily schedule in minutes, and the ids of all its schedules."""
    mine = [r for r in rows if job is not None and same(r["job"], job)]
    ids = [int(r["schedule_id"]) for r in mine]
    if len(mine) == 1 and mine[0]["enabled"] and mine[0]["freq_type"] == 4 and mine[0]["freq_subday_type"] == 4:
        return int(mine[0]["freq_subday_interval"]), ids
    return None, ids


def _agent_runs(rows: list[Record], about: Record | None) -> bool:
    if about and str(about["edition"]).startswith("Express"):
        return False
    agent = service_row(rows, AGENT)
    return agent is not None and runs(agent)


def _no_agent() -> Refused:
    return Refused("SQL Server Agent does not run on this instance, and log shipping is Agent jobs. Start the service (or use an edition that has it).",
                   code="no_agent")


def _minutes(options: State, *names: str) -> None:
    for name in names:
        if options[name] < (0 if name == "restore_delay" else 1):
            raise Refused(f"{name} is {options[name]}; it is a number of minutes, at least 1.", code="bad_minutes", option=name)


class LogShippingPrimary:
    """State: database_state, recovery_model, agent_running, foreign [who else backs up this log], log_shipping_primary {settings, secondaries,
    enabled, owned (by the built-in administrator), interval}|None, interval_schedules [ids]."""

    def __init__(self, options: State, host: str) -> None:
        self.scope = database_scope(options, host)
        self.database: str = options["database"]
        job = options["backup_job"] or f"LSBackup_{self.database}"
        self.options: State = {**options, "backup_job": job, "schedule_name": options["schedule_name"] or f"{job} every {options['interval']} minutes",
                               "backup_directory": options["backup_directory"] or options["backup_share"]}
        quote.plain_name(job)
        if options["state"] == "present":
            if not options["backup_share"]:
                raise Refused("backup_share is needed: the UNC name from which the secondaries fetch the log backups.", code="bad_path")
            quote.path(options["backup_share"])
            quote.path(self.options["backup_directory"])
            _minutes(options, "backup_retention", "backup_threshold", "history_retention", "interval")
            for secondary in options["secondaries"]:
                quote.plain_name(secondary["server"])
                quote.plain_name(secondary["database"])

    def read(self, session: Session) -> State:
        names = [self.database]
        found, primaries, secondaries, schedules, services, about, taken, jobs, zones = session.read(
            sql_read.databases(names), sql_read.log_shipping_primaries(names), sql_read.log_shipping_primary_secondaries(names), sql_read.schedules(),
            sql_read.services(), sql_read.instance(), sql_read.backups(names), sql_read.log_backup_jobs(), windows.time_zone())
        zone = zone_of(one(zones), int((one(about) or {}).get("utc_offset_minutes") or 0))
        taken = [{**backup, "started_at": zone.utc(backup["started_local"])} for backup in taken]
        row, primary = database_row(found, self.database) or {}, one(primaries)
        interval, ids = _interval(schedules, primary["backup_job"] if primary else None)
        return {"database_state": row.get("database_state"), "recovery_model": row.get("recovery_model"), "agent_running": _agent_runs(services, one(about)),
                "foreign": self._foreign(primary, taken, jobs), "interval_schedules": ids,
                "log_shipping_primary": None if primary is None else {
                    **{k: _plain(k, primary[k]) for k in _PRIMARY_SETTINGS}, "backup_job": primary["backup_job"], "enabled": bool(primary["enabled"]),
                    "owned": bool(primary["owned"]),
                    "interval": interval, "secondaries": [{"server": s["server"], "database": s["secondary_database"]} for s in secondaries]}}

    def _foreign(self, primary: Record | None, taken: list[Record], jobs: list[Record]) -> list[str]:
        """Log backups of the last day that are not in log shipping's folder though it shipped before them, and enabled jobs that take such.

        What was backed up before the first shipped log (a mirror's seed, say) is no gap: the secondary is seeded from a later backup.
        """
        ours = [f.lower().rstrip("\\") for f in (self.options["backup_directory"], primary["backup_directory"] if primary else None) if f]
        logs = [r for r in taken if r["type"] == "L" and not r["copy_only"]]
        shipped = [_in_one_of(r, ours) or _named_by_log_shipping(r) for r in logs]
        since = shipped.index(True) if primary is not None and True in shipped else len(logs)
        found = {r["path"] for r, is_ours in zip(logs[since:], shipped[since:], strict=True) if not is_ours and int(r["age_minutes"]) <= 1440}
        return sorted({*found, *(f"job {name}" for name in jobs_on(jobs, [self.database]))})

    def plan(self, current: State) -> list[Step]:
        have = current["log_shipping_primary"]
        if self.options["state"] == "absent":
            return [] if have is None else [Step("remove_primary", f"Logs of {self.database} are shipped from here and are not to be.",
                                                 {"log_shipping_primary": None, "interval_schedules": []},
                                                 (calls.remove_primary(self.database, have["secondaries"]),))]
        o = self.options
        if not current["agent_running"]:
            raise _no_agent()
        if current["foreign"] and not o["accept_foreign_log_backups"]:
            raise Refused(f"Something else backs up the log of {self.database}: {', '.join(current['foreign'])}. Every log backup that is not shipped breaks "
                          "the secondary's chain. Stop it, or say accept_foreign_log_backups: true if it is over and the secondary is seeded anew.",
                          code="foreign_log_backup", foreign=current["foreign"])
        wanted = {**{k: o[k] for k in _PRIMARY_SETTINGS}, "backup_job": o["backup_job"], "enabled": o["enabled"], "owned": True, "interval": o["interval"],
                  "secondaries": sorted(o["secondaries"], key=lambda s: (s["server"], s["database"]))}
        if have is None:
            self._may_begin(current)
            return [Step("add_primary", f"No log of {self.database} is shipped from this instance.",
                         {"log_shipping_primary": wanted, "interval_schedules": LATER}, (calls.add_primary(o),))]
        return self._change(current, have, wanted)

    def _may_begin(self, current: State) -> None:
        if current["database_state"] != "ONLINE":
            raise Refused(f"{self.database} is {current['database_state'] or 'absent'} here, and log shipping can be configured only on an online database: "
                          "make this partner the principal first.", code="not_online", database_state=current["database_state"])
        if current["recovery_model"] == "SIMPLE":
            raise Refused(f"{self.database} is in SIMPLE recovery; there are no log backups to ship. Set it to FULL first.", code="simple_recovery")

    def _change(self, current: State, have: State, wanted: State) -> list[Step]:
        steps: list[Step] = []
        now = dict(have)
        if any(not _equal(k, have[k], wanted[k]) for k in _PRIMARY_SETTINGS):
            now = {**now, **{k: wanted[k] for k in _PRIMARY_SETTINGS}}
            names = [k for k in _PRIMARY_SETTINGS if not _equal(k, have[k], wanted[k])]
            steps.append(Step("change_primary", f"These settings differ: {', '.join(names)}.", {"log_shipping_primary": now},
                              (calls.change_primary(self.options),)))
        gone = [s for s in have["secondaries"] if not any(_pair(s) == _pair(w) for w in wanted["secondaries"])]
        new = [w for w in wanted["secondaries"] if not any(_pair(s) == _pair(w) for s in have["secondaries"])]
        if gone or new:
            now = {**now, "secondaries": wanted["secondaries"]}
            body = "".join(calls.remove_secondary(self.database, s) for s in gone) + "".join(calls.add_secondary(self.database, s) for s in new)
            steps.append(Step("set_secondaries", "The list of secondaries differs.", {"log_shipping_primary": now}, (calls.on_primary(self.database, body),)))
        if have["interval"] != wanted["interval"]:
            now = {**now, "interval": wanted["interval"]}
            steps.append(Step("schedule_backup", f"The job {have['backup_job']} does not have exactly one schedule of {wanted['interval']} minutes.",
                              {"log_shipping_primary": now, "interval_schedules": LATER},
                              (calls.reschedule(have["backup_job"], self.options["schedule_name"], wanted["interval"], current["interval_schedules"]),)))
        if not have["owned"]:
            now = {**now, "owned": True}
            steps.append(Step("own_job", f"The job {have['backup_job']} belongs to a person, without whose account it would fail.",
                              {"log_shipping_primary": now}, (sql_write.own_job(have["backup_job"]),)))
        if have["enabled"] != wanted["enabled"]:
            now = {**now, "enabled": wanted["enabled"]}
            steps.append(Step("enable_job" if wanted["enabled"] else "disable_job", f"The backup job is {'not ' if wanted['enabled'] else ''}enabled.",
                              {"log_shipping_primary": now}, (sql_write.enable_job(have["backup_job"], wanted["enabled"]),)))
        return steps


class LogShippingSecondary:
    """State: database_state, agent_running, log_shipping_secondary {settings, primary_server, primary_database, jobs, enabled, intervals}|None."""

    def __init__(self, options: State, host: str) -> None:
        self.scope = database_scope(options, host)
        self.database: str = options["database"]
        primary = options["primary_database"] or self.database
        server = options["primary_server"] or ""
        copy = options["copy_job"] or f"LSCopy_{server}_{primary}"
        restore = options["restore_job"] or f"LSRestore_{server}_{primary}"
        self.options: State = {**options, "primary_database": primary, "copy_job": copy, "restore_job": restore,
                               "copy_schedule_name": f"{copy} every {options['copy_interval']} minutes",
                               "restore_schedule_name": f"{restore} every {options['restore_interval']} minutes",
                               "restore_mode_bit": int(options["restore_mode"] == "standby")}
        if options["state"] == "present":
            if not server:
                raise Refused("primary_server is needed: the @@SERVERNAME of the primary, the same text everywhere.", code="bad_name")
            for name in (server, primary, copy, restore):
                quote.plain_name(name)
            for name in ("source_directory", "destination_directory"):
                if not options[name]:
                    raise Refused(f"{name} is needed.", code="bad_path")
                quote.path(options[name])
            _minutes(options, "retention", "restore_delay", "restore_threshold", "history_retention", "copy_interval", "restore_interval")
            if options["disconnect_users"] and options["restore_mode"] != "standby":
                raise Refused("disconnect_users only makes sense with restore_mode: standby; a restoring copy has no users.", code="contradiction")

    def read(self, session: Session) -> State:
        names = [self.database]
        found, linked, schedules, services, about = session.read(
            sql_read.databases(names), sql_read.log_shipping_secondaries(names), sql_read.schedules(), sql_read.services(), sql_read.instance())
        row, secondary = database_row(found, self.database) or {}, one(linked)
        copy, copy_ids = _interval(schedules, secondary["copy_job"] if secondary else None)
        restore, restore_ids = _interval(schedules, secondary["restore_job"] if secondary else None)
        whole = None
        # An entry without its database is what a setup leaves that was cut off in between: it counts as nothing and is replaced.
        if secondary is not None and secondary["name"] is not None:
            whole = {**{k: _plain(k, secondary[k]) for k in _SECONDARY_SETTINGS}, "primary_server": secondary["primary_server"],
                     "primary_database": secondary["primary_database"], "copy_job": secondary["copy_job"], "restore_job": secondary["restore_job"],
                     "enabled": _both(secondary["copy_enabled"], secondary["restore_enabled"]),
                     "owned": bool(secondary["copy_owned"]) and bool(secondary["restore_owned"]), "copy_interval": copy, "restore_interval": restore}
        return {"database_state": row.get("database_state"), "agent_running": _agent_runs(services, one(about)), "log_shipping_secondary": whole,
                "schedules": {"copy": copy_ids, "restore": restore_ids}}

    def plan(self, current: State) -> list[Step]:
        have = current["log_shipping_secondary"]
        if self.options["state"] == "absent":
            return [] if have is None else [Step("remove_secondary", f"Logs are applied to {self.database} here and are not to be; the copy stays as it is.",
                                                 {"log_shipping_secondary": None, "schedules": {"copy": [], "restore": []}},
                                                 (calls.remove_on_secondary(self.database),))]
        o = self.options
        if not current["agent_running"]:
            raise _no_agent()
        wanted = {k: o[k] for k in (*_SECONDARY_SETTINGS, "primary_server", "primary_database", "copy_job", "restore_job", "enabled", "copy_interval",
                                    "restore_interval")}
        wanted["owned"] = True
        if current["database_state"] not in ("RESTORING", "STANDBY"):
            raise Refused(f"{self.database} is {current['database_state'] or 'absent'} here; a log shipping secondary must be RESTORING. Seed it from the "
                          "primary's backup first.", code="not_restoring", database_state=current["database_state"])
        if have is None:
            return [Step("add_secondary", f"No logs are applied to {self.database} here.", {"log_shipping_secondary": wanted, "schedules": LATER},
                         (calls.add_on_secondary(o),))]
        if not same(have["primary_server"], wanted["primary_server"]) or not same(have["primary_database"], wanted["primary_database"]):
            raise Refused(f"{self.database} is fed from {have['primary_server']}.{have['primary_database']}, not from {wanted['primary_server']}."
                          f"{wanted['primary_database']}. Remove that first (state: absent) if it is not wanted.", code="other_primary")
        return self._change(current, have, wanted)

    def _change(self, current: State, have: State, wanted: State) -> list[Step]:
        steps: list[Step] = []
        now = dict(have)
        names = [k for k in _SECONDARY_SETTINGS if not _equal(k, have[k], wanted[k])]
        if names:
            now = {**now, **{k: wanted[k] for k in _SECONDARY_SETTINGS}}
            steps.append(Step("change_secondary", f"These settings differ: {', '.join(names)}.", {"log_shipping_secondary": now},
                              (calls.change_on_secondary(self.options),)))
        for label in ("copy", "restore"):
            key = f"{label}_interval"
            if have[key] != wanted[key]:
                now = {**now, key: wanted[key]}
                job = have[f"{label}_job"]
                steps.append(Step(f"schedule_{label}", f"The job {job} does not have exactly one schedule of {wanted[key]} minutes.",
                                  {"log_shipping_secondary": now, "schedules": LATER},
                                  (calls.reschedule(job, f"{job} every {wanted[key]} minutes", wanted[key], current["schedules"][label]),)))
        if not have["owned"]:
            now = {**now, "owned": True}
            steps.append(Step("own_jobs", "The copy and the restore job belong to a person, without whose account they would fail.",
                              {"log_shipping_secondary": now}, tuple(sql_write.own_job(have[f"{label}_job"]) for label in ("copy", "restore"))))
        if have["enabled"] != wanted["enabled"]:
            now = {**now, "enabled": wanted["enabled"]}
            steps.append(Step("enable_jobs" if wanted["enabled"] else "disable_jobs", f"The jobs are {'not ' if wanted['enabled'] else ''}enabled.",
                              {"log_shipping_secondary": now},
                              tuple(sql_write.enable_job(have[f"{label}_job"], wanted["enabled"]) for label in ("copy", "restore"))))
        return steps


def _both(copy: t.Any, restore: t.Any) -> bool | None:
    """Whether both jobs are enabled; None when only one of them is, which is neither what was wanted."""
    return bool(copy) if bool(copy) == bool(restore) else None


def _in_one_of(backup: Record, folders: list[str]) -> bool:
    return any(str(backup["path"]).lower().startswith(folder + "\\") for folder in folders)


def _named_by_log_shipping(backup: Record) -> bool:
    """``<database>_<UTC of its begin>.trn``, as log shipping names its files (sql-docs, About Log Shipping): ours, wherever the share was then.

    Seconds may pass between the name and the begin. Tools that name files alike write local time or more words.
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


def _plain(key: str, value: t.Any) -> t.Any:
    """Columns of type bit come as booleans or as numbers."""
    if key in ("threshold_alert_enabled", "disconnect_users"):
        return bool(value)
    return ("standby" if value else "norecovery") if key == "restore_mode" else value


def _equal(key: str, have: t.Any, wanted: t.Any) -> bool:
    return same(have, wanted) if key.endswith(("directory", "share")) else bool(have == wanted)


def _pair(secondary: State) -> tuple[str, str]:
    return secondary["server"].lower(), secondary["database"].lower()
