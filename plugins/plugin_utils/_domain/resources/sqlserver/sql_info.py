"""Everything about one instance that planning, preflight and status need, read in one pipeline.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t

from ...._engine.model import Record, Resource, Session, State, Step
from ...calls import windows
from ...calls.tsql import agent as agent_calls
from ...calls.tsql import catalog, history, intent, log_shipping, quote
from ...estate.time_zone import zone_of
from ..windows.host_info import sql_tools
from ._foreign_jobs import jobs_on
from ._instance import (
    AGENT,
    ENGINE,
    INSTANCE_OPTION,
    database_row,
    instance_scope,
    login_of,
    one,
    runs,
    same,
    service_row,
)
from ._places import default_folders
from .mirroring_endpoint import is_taken

SQL_INFO_SPEC: State = {
    **INSTANCE_OPTION,
    "databases": {"type": "list", "elements": "str", "default": ["mgc", "mgccomp"]},
    "mirroring_port": {"type": "int"},
}
_DATABASE = (
    "database_state",
    "user_access",
    "recovery_model",
    "mirroring_role",
    "mirroring_state",
    "mirroring_partner",
    "mirroring_safety",
    "mirroring_witness",
    "mirroring_witness_state",
    "mirroring_timeout",
    "mirroring_role_sequence",
    "redo_lsn",
    "recovery_fork",
    "fork_point_lsn",
    "family",
    "last_log_backup_lsn",
    "sessions",
)


class SqlInfo(Resource[State, State]):
    """State: who the instance is, its services and endpoint, and per database its facts; a database
    that is not there has database_state None.
    """

    def __init__(self, options: State, host: str) -> None:
        self.scope = f"{instance_scope(options, host)} info"
        self.names: list[str] = [quote.plain_name(n) for n in options["databases"]]
        self.port: int | None = options["mirroring_port"]

    def read(self, session: Session) -> State:
        names = self.names
        (
            about,
            services,
            endpoint,
            grants,
            found,
            restores,
            backups,
            primaries,
            secondaries,
            linked,
            schedules,
            jobs,
            defaults,
            data,
            log,
            zones,
            records,
            tools,
            logins,
            *users,
        ) = session.read(
            catalog.instance(),
            catalog.services(),
            catalog.endpoint(),
            catalog.endpoint_grants(),
            catalog.databases(names),
            history.restores(names),
            history.backups(names),
            log_shipping.primaries(names),
            log_shipping.shipped_to(names),
            log_shipping.secondaries(names),
            agent_calls.schedules(),
            agent_calls.log_backup_jobs(),
            catalog.default_folders(),
            catalog.data_folder_exists(),
            catalog.log_folder_exists(),
            windows.time_zone(),
            intent.records(),
            windows.command("Invoke-Sqlcmd"),
            catalog.logins(),
            *(catalog.database_users(name) for name in names),
        )
        who = one(about) or {}
        state: State = {
            key: who.get(key)
            for key in (
                "server_name",
                "network_name",
                "machine",
                "version",
                "edition",
                "engine_edition",
                "collation",
                "utc_now",
                "utc_offset_minutes",
            )
        }
        zone = zone_of(one(zones), int(who.get("utc_offset_minutes") or 0))
        restores = [
            {
                **r,
                "restored_at": zone.utc(r["restored_local"]),
                "began_at": zone.utc(r["began_local"]),
            }
            for r in restores
        ]
        backups = [{**b, "started_at": zone.utc(b["started_local"])} for b in backups]
        state["time_zone"] = one(zones)
        state["is_sysadmin"] = bool(who.get("is_sysadmin"))
        state.update(_services(services, who))
        state["endpoint"] = one(endpoint)
        state["connect"] = [g["account"] for g in grants]
        state["sql_tools"] = sql_tools(tools)
        state["log_backup_jobs"] = jobs_on(jobs, names)
        state["port_taken"] = (
            self.port is not None and not endpoint and is_taken(session, self.port)
        )
        folders = zip(("data", "log"), default_folders(defaults), (data, log), strict=True)
        state["default_folders"] = {
            kind: {"path": path, "exists": bool(look and look[0].get("File is a Directory"))}
            for kind, path, look in folders
        }
        state["records"] = {str(r["name"]).lower(): r["value"] for r in records}
        state["databases"] = {}
        state["logins"] = [{key: login[key] for key in ("name", "sid")} for login in logins]
        for name, known in zip(names, users, strict=True):
            facts = _database(
                database_row(found, name),
                [r for r in restores if same(r["name"], name)],
                [r for r in backups if same(r["name"], name)],
            )
            facts["log_shipping_primary"] = _shipping(
                database_row(primaries, name), schedules, "backup_job"
            )
            if facts["log_shipping_primary"] is not None:
                facts["log_shipping_primary"]["secondaries"] = [
                    {"server": s["server"], "database": s["secondary_database"]}
                    for s in secondaries
                    if same(s["name"], name)
                ]
            facts["log_shipping_secondary"] = _shipping(
                database_row(linked, name), schedules, "copy_job", "restore_job"
            )
            facts["users"] = [{key: user[key] for key in ("name", "type", "sid")} for user in known]
            state["databases"][name] = facts
        return state

    def plan(self, current: State) -> list[Step[State]]:
        return []


def _services(rows: list[Record], who: Record) -> State:
    """The logins that partners must let in, and whether the Agent runs."""
    domain = str(who.get("domain") or "")
    machine = str(who.get("machine") or "")
    engine = service_row(rows, ENGINE)
    agent = service_row(rows, AGENT)
    return {
        "service_account": login_of(engine, domain, machine) if engine else None,
        "service_account_raw": engine["account"] if engine else None,
        "agent_account": login_of(agent, domain, machine) if agent else None,
        "agent_running": (
            agent is not None and runs(agent) and not str(who.get("edition")).startswith("Express")
        ),
    }


def _database(row: Record | None, restores: list[Record], backups: list[Record]) -> State:
    facts: State = {key: (row or {}).get(key) for key in _DATABASE}
    newest = restores[-1] if restores else None
    full = next((r for r in reversed(restores) if r["type"] == "D"), None)
    facts.update(
        restored_at=full["restored_at"] if full else None,
        restored_uuid=newest["uuid"] if newest else None,
        restored_last_lsn=newest["last_lsn"] if newest else None,
        restored_stamp=full["stamp"] if full else None,
        restored_fork=newest["fork"] if newest else None,
        restored_began_at=newest["began_at"] if newest else None,
    )
    facts["full_stamps"] = [
        r["stamp"]
        for r in reversed(backups)
        if r["type"] == "D" and r["stamp"] and r["fork"] == facts["recovery_fork"]
    ]
    for kind, name in (("D", "last_full_backup"), ("L", "last_log_backup")):
        last: t.Any = next((r for r in reversed(backups) if r["type"] == kind), None)
        facts[name] = (
            None
            if last is None
            else {
                k: last[k]
                for k in ("path", "started_at", "first_lsn", "last_lsn", "uuid", "stamp", "fork")
            }
        )
    return facts


def _shipping(row: Record | None, schedules: list[Record], *jobs: str) -> State | None:
    if row is None:
        return None
    facts = {k: v for k, v in row.items() if k != "name"}
    for job in jobs:
        mine = [s for s in schedules if same(s["job"], row[job])]
        facts[f"{job}_intervals"] = [s["freq_subday_interval"] for s in mine if s["enabled"]]
    return facts
