"""Everything about one instance that planning, preflight and status need, read in one pipeline.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import dataclasses
import time
import typing as t
from collections.abc import Sequence

from ...._engine.model import ArgumentSpec, Call, Record, Resource, Session, Step
from ...calls import windows
from ...calls.tsql import agent, catalog, history, intent, log_shipping, quote
from ...calls.tsql import space as space_of
from ...calls.tsql.agent import ScheduleRow
from ...calls.tsql.backup_files import FileFlagsRow, is_folder
from ...calls.tsql.catalog import DatabaseRow, InstanceRow, ServiceRow
from ...calls.tsql.log_shipping import PrimaryRow, SecondaryRow, ShippedToRow
from ...documents.instance import (
    DatabaseFacts,
    DatabaseSpace,
    DatabaseUser,
    Endpoint,
    Folder,
    InstanceFacts,
    LastBackup,
    Login,
    ShippedTo,
    ShippingPrimary,
    ShippingSecondary,
)
from ...estate.time_zone import zone_of
from ...two_clocks import reading
from ..windows.host_info import sql_tools
from ._foreign_backups import not_shipped
from ._foreign_jobs import jobs_on
from ._history import Backup, Restore, backups_in, restores_in
from ._instance import AGENT as AGENT_PROGRAM
from ._instance import (
    DBO,
    ENGINE,
    INSTANCE_OPTION,
    InstanceOptions,
    agent_runs,
    instance_scope,
    login_of,
    one,
    rows_of,
    same,
    service_row,
    sid_of_dbo,
)
from ._instance import database_row as row_of_database
from ._log_shipping import schedules_of
from ._places import default_folders
from .mirroring_endpoint import is_taken

SQL_INFO_SPEC: ArgumentSpec = {
    **INSTANCE_OPTION,
    "databases": {"type": "list", "elements": "str", "default": ["mgc", "mgccomp"]},
    "mirroring_port": {"type": "int"},
}


class SqlInfoOptions(InstanceOptions):
    """``mirroring_port``: asked whether something else listens there; None: not asked."""

    databases: list[str]
    mirroring_port: int | None


class Accounts(t.TypedDict):
    """The logins that partners must let in, and whether the Agent runs.

    ``service_account_raw``: as the services' catalog has it, in the words of the server.
    """

    service_account: str | None
    service_account_raw: str | None
    agent_account: str | None
    agent_running: bool


class SqlInfo(Resource[SqlInfoOptions, InstanceFacts]):
    """Who the instance is, its services and endpoint, and per database its facts; a database that
    is not there has database_state None.
    """

    tells_only = True

    def __init__(self, options: SqlInfoOptions, host: str) -> None:
        self.scope = f"{instance_scope(options, host)} info"
        self.names = [quote.plain_name(name) for name in options["databases"]]
        self.port = options["mirroring_port"]

    def read(self, session: Session) -> InstanceFacts:
        """One pipeline, and one more where a port is asked for and there is no endpoint."""
        return self.read_beside(session)[0]

    def read_beside(
        self, session: Session, *others: Call
    ) -> tuple[InstanceFacts, list[list[Record]]]:
        """The same, and what others ask of this instance, answer by answer: all in one pipeline.
        They are asked behind the databases, and before the time is told.
        """
        asked = time.time()
        mine = self._calls()
        *came, about = session.read(*mine, *others, catalog.instance())
        ends = len(mine)
        return self._told(session, [*came[:ends], about], asked), came[ends:]

    def _calls(self) -> list[Call]:
        """All but the last one, which tells the time."""
        return [
            catalog.services(),
            catalog.endpoint(),
            catalog.endpoint_grants(),
            catalog.databases(self.names),
            history.restores(self.names),
            history.backups(self.names),
            log_shipping.primaries(self.names),
            log_shipping.shipped_to(self.names),
            log_shipping.secondaries(self.names),
            agent.schedules(),
            agent.log_backup_jobs(),
            catalog.default_folders(),
            catalog.data_folder_exists(),
            catalog.log_folder_exists(),
            windows.time_zone(),
            intent.records(),
            windows.sql_tools(),
            catalog.logins(),
            space_of.space(self.names),
            space_of.volumes(),
            *map(catalog.database_users, self.names),
        ]

    def _told(
        self, session: Session, answers: Sequence[list[Record]], asked: float
    ) -> InstanceFacts:
        """``answers``: of those calls and of the last one, asked at this time of the controller's
        clock.
        """
        (
            services,
            endpoints,
            grants,
            found,
            restores,
            backups,
            primaries,
            shipped_to,
            secondaries,
            schedules,
            jobs,
            defaults,
            data_folder,
            log_folder,
            zones,
            records,
            tools,
            logins,
            spaces,
            volumes,
            *users,
            about,
        ) = answers
        instance = one(rows_of(InstanceRow, about)) or _NOBODY
        clock = reading(instance.get("utc_now"), asked)
        zone = zone_of(one(zones), int(instance.get("utc_offset_minutes") or 0))
        known = _Known(
            databases=found,
            restores=restores_in(zone, restores),
            backups=backups_in(zone, backups),
            primaries=rows_of(PrimaryRow, primaries),
            shipped_to=rows_of(ShippedToRow, shipped_to),
            secondaries=rows_of(SecondaryRow, secondaries),
            schedules=rows_of(ScheduleRow, schedules),
            spaces=rows_of(space_of.SpaceRow, spaces),
        )
        accounts = _accounts(rows_of(ServiceRow, services), instance)
        data_path, log_path = default_folders(rows_of(catalog.DefaultFoldersRow, defaults))
        databases = {}
        for name, of_database in zip(self.names, users, strict=True):
            databases[name] = known.facts_of(name, rows_of(catalog.DatabaseUserRow, of_database))
        return {
            "server_name": instance.get("server_name"),
            "network_name": instance.get("network_name"),
            "machine": instance.get("machine"),
            "version": instance.get("version"),
            "edition": instance.get("edition"),
            "engine_edition": instance.get("engine_edition"),
            "collation": instance.get("collation"),
            "utc_now": instance.get("utc_now"),
            "clock": clock,
            "utc_offset_minutes": instance.get("utc_offset_minutes"),
            "time_zone": one(zones),
            "is_sysadmin": bool(instance.get("is_sysadmin")),
            "service_account": accounts["service_account"],
            "service_account_raw": accounts["service_account_raw"],
            "agent_account": accounts["agent_account"],
            "agent_running": accounts["agent_running"],
            "endpoint": one(rows_of(Endpoint, endpoints)),
            "connect": [grant["account"] for grant in rows_of(catalog.EndpointGrantRow, grants)],
            "sql_tools": sql_tools(tools),
            "log_backup_jobs": jobs_on(rows_of(agent.LogBackupJobRow, jobs), self.names),
            "port_taken": self._is_port_taken(session, bool(endpoints)),
            "default_folders": {
                "data": _folder(data_path, data_folder),
                "log": _folder(log_path, log_folder),
            },
            "records": _texts_of(rows_of(intent.RecordRow, records)),
            "databases": databases,
            "logins": _logins(rows_of(catalog.LoginRow, logins)),
            "volumes": _volumes(rows_of(space_of.VolumeRow, volumes)),
        }

    def plan(self, current: InstanceFacts) -> list[Step[InstanceFacts]]:
        """Nothing: it only looks."""
        return []

    def _is_port_taken(self, session: Session, has_endpoint: bool) -> bool:
        if self.port is None or has_endpoint:
            return False
        return is_taken(session, self.port)


#: An instance that says nothing of itself.
_NOBODY = t.cast(InstanceRow, {})
#: What is known of a restore that never was.
_NO_RESTORE = t.cast(Restore, {})


@dataclasses.dataclass(frozen=True)
class _Known:
    """What an instance told of all databases that were asked for."""

    databases: Sequence[Record]
    restores: Sequence[Restore]
    backups: Sequence[Backup]
    primaries: Sequence[PrimaryRow]
    shipped_to: Sequence[ShippedToRow]
    secondaries: Sequence[SecondaryRow]
    schedules: Sequence[ScheduleRow]
    spaces: Sequence[space_of.SpaceRow]

    def facts_of(self, name: str, users: Sequence[catalog.DatabaseUserRow]) -> DatabaseFacts:
        """One database; nothing is known of one that is not there."""
        row = row_of_database(self.databases, name)
        restores = [restore for restore in self.restores if same(restore["name"], name)]
        backups = [backup for backup in self.backups if same(backup["name"], name)]
        newest = one(restores[-1:]) or _NO_RESTORE
        full = _newest_full(restores) or _NO_RESTORE
        return {
            "database_state": row["database_state"],
            "user_access": row["user_access"],
            "is_read_only": row["is_read_only"],
            "is_auto_close_on": row["is_auto_close_on"],
            "recovery_model": row["recovery_model"],
            "mirroring_role": row["mirroring_role"],
            "mirroring_state": row["mirroring_state"],
            "mirroring_partner": row["mirroring_partner"],
            "mirroring_safety": row["mirroring_safety"],
            "mirroring_witness": row["mirroring_witness"],
            "mirroring_witness_state": row["mirroring_witness_state"],
            "mirroring_timeout": row["mirroring_timeout"],
            "mirroring_role_sequence": row["mirroring_role_sequence"],
            "redo_lsn": row["redo_lsn"],
            "recovery_fork": row["recovery_fork"],
            "fork_point_lsn": row["fork_point_lsn"],
            "first_recovery_fork": row["first_recovery_fork"],
            "family": row["family"],
            "last_log_backup_lsn": row["last_log_backup_lsn"],
            "sessions": row["sessions"],
            "restored_at": full.get("restored_at"),
            "restored_uuid": newest.get("uuid"),
            "restored_last_lsn": newest.get("last_lsn"),
            "restored_stamp": full.get("stamp"),
            "restored_fork": newest.get("fork"),
            "restored_began_at": newest.get("began_at"),
            "full_stamps": _full_stamps(backups, row),
            "last_full_backup": _newest(backups, "D"),
            "last_log_backup": _newest(backups, "L"),
            "log_shipping_primary": self._primary(name, backups),
            "log_shipping_secondary": self._secondary(name),
            "owner": row["owner"],
            "owner_sid": row["owner_sid"],
            "dbo_sid": sid_of_dbo(users),
            "users": _users(users),
            "space": self._space(name),
        }

    def _space(self, name: str) -> DatabaseSpace | None:
        for row in self.spaces:
            if same(row["name"], name):
                return {
                    "log_reuse_wait": row["log_reuse_wait"],
                    "size_mb": row["size_mb"],
                    "log_used_mb": row["log_used_mb"],
                    "log_room_mb": row["log_room_mb"],
                    "backup_mb_a_second": row["backup_mb_a_second"],
                }
        return None

    def _primary(self, name: str, backups: Sequence[Backup]) -> ShippingPrimary | None:
        """``backups``: of this database."""
        for row in self.primaries:
            if same(row["name"], name):
                return {
                    "backup_directory": row["backup_directory"],
                    "backup_share": row["backup_share"],
                    "backup_retention": row["backup_retention"],
                    "backup_compression": row["backup_compression"],
                    "last_backup_file": row["last_backup_file"],
                    "backup_threshold": row["backup_threshold"],
                    "threshold_alert_enabled": row["threshold_alert_enabled"],
                    "history_retention": row["history_retention"],
                    "last_backup_at": row["last_backup_at"],
                    "backup_job": row["backup_job"],
                    "enabled": row["enabled"],
                    "owned": row["owned"],
                    "backup_job_intervals": self._intervals(row["backup_job"]),
                    "secondaries": self._shipped_to(name),
                    "foreign_backups": sorted(not_shipped(backups, [row["backup_directory"]])),
                }
        return None

    def _shipped_to(self, name: str) -> list[ShippedTo]:
        found: list[ShippedTo] = []
        for row in self.shipped_to:
            if same(row["name"], name):
                found.append({"server": row["server"], "database": row["secondary_database"]})
        return found

    def _secondary(self, name: str) -> ShippingSecondary | None:
        for row in self.secondaries:
            if same(row["name"], name):
                # what only a database has is never None: the entry has one, by its name
                return t.cast(
                    ShippingSecondary,
                    {
                        "primary_server": row["primary_server"],
                        "primary_database": row["primary_database"],
                        "source_directory": row["source_directory"],
                        "destination_directory": row["destination_directory"],
                        "retention": row["retention"],
                        "restore_delay": row["restore_delay"],
                        "restore_mode": row["restore_mode"],
                        "disconnect_users": row["disconnect_users"],
                        "restore_threshold": row["restore_threshold"],
                        "threshold_alert_enabled": row["threshold_alert_enabled"],
                        "history_retention": row["history_retention"],
                        "last_copied_file": row["last_copied_file"],
                        "last_restored_file": row["last_restored_file"],
                        "last_copied_at": row["last_copied_at"],
                        "last_restored_at": row["last_restored_at"],
                        "last_restored_latency": row["last_restored_latency"],
                        "copy_job": row["copy_job"],
                        "copy_enabled": row["copy_enabled"],
                        "restore_job": row["restore_job"],
                        "restore_enabled": row["restore_enabled"],
                        "copy_owned": row["copy_owned"],
                        "restore_owned": row["restore_owned"],
                        "copy_job_intervals": self._intervals(row["copy_job"]),
                        "restore_job_intervals": self._intervals(row["restore_job"]),
                    },
                )
        return None

    def _intervals(self, job: str | None) -> list[int]:
        """Minutes, of the schedules of a job that are enabled."""
        enabled = [row for row in schedules_of(self.schedules, job) if row["enabled"]]
        return [row["freq_subday_interval"] for row in enabled]


def _accounts(rows: Sequence[ServiceRow], instance: InstanceRow) -> Accounts:
    domain = str(instance.get("domain") or "")
    machine = str(instance.get("machine") or "")
    engine = service_row(rows, ENGINE)
    agent_service = service_row(rows, AGENT_PROGRAM)
    return {
        "service_account": login_of(engine, domain, machine) if engine else None,
        "service_account_raw": engine["account"] if engine else None,
        "agent_account": login_of(agent_service, domain, machine) if agent_service else None,
        "agent_running": agent_runs(rows, instance),
    }


def _folder(path: str, flags: Sequence[Record]) -> Folder:
    return {"path": path, "exists": is_folder(rows_of(FileFlagsRow, flags))}


def _texts_of(records: Sequence[intent.RecordRow]) -> dict[str, str]:
    return {record["name"].lower(): record["value"] or "" for record in records}


def _volumes(rows: Sequence[space_of.VolumeRow]) -> dict[str, int]:
    return {row["mount"]: row["free_mb"] for row in rows}


def _logins(rows: Sequence[catalog.LoginRow]) -> list[Login]:
    return [{"name": row["name"], "sid": row["sid"]} for row in rows]


def _users(rows: Sequence[catalog.DatabaseUserRow]) -> list[DatabaseUser]:
    """Without dbo, whose login is the owner's."""
    others = [row for row in rows if row["name"] != DBO]
    return [{"name": row["name"], "type": row["type"], "sid": row["sid"]} for row in others]


def _newest_full(restores: Sequence[Restore]) -> Restore | None:
    for restore in reversed(restores):
        if restore["type"] == "D":
            return restore
    return None


def _full_stamps(backups: Sequence[Backup], row: DatabaseRow) -> list[str]:
    """Names of the full backups taken on the fork that the database is on, newest first."""
    stamps = []
    for backup in reversed(backups):
        if backup["type"] != "D" or backup["fork"] != row["recovery_fork"]:
            continue
        if backup["stamp"]:
            stamps.append(backup["stamp"])
    return stamps


def _newest(backups: Sequence[Backup], kind: str) -> LastBackup | None:
    for backup in reversed(backups):
        if backup["type"] == kind:
            return {
                "path": backup["path"],
                "started_at": backup["started_at"],
                "first_lsn": backup["first_lsn"],
                "last_lsn": backup["last_lsn"],
                "uuid": backup["uuid"],
                "stamp": backup["stamp"],
                "fork": backup["fork"],
            }
    return None
