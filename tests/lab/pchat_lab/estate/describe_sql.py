"""A SQL Server instance as plain values."""

from __future__ import annotations

import datetime as dt
import typing as t

from ..sqlserver.agent.jobs import Job, Schedule, of
from ..sqlserver.log_shipping.jobs import Primary, Secondary, SecondaryDatabase, of_instance
from ..sqlserver.mirroring.session import Recorded, session_of
from ..sqlserver.server.endpoints import listens
from ..sqlserver.server.principals import ENDPOINT_CLASS

if t.TYPE_CHECKING:
    from ..sqlserver.server.database import Database
    from ..sqlserver.server.instance import SqlInstance


def instance(instance: SqlInstance) -> dict[str, t.Any]:
    return {
        "version": instance.version_text,
        "edition": instance.edition,
        "running": instance.running,
        "agent_running": instance.agent_running,
        "service_account": instance.engine_service.account,
        "logins": _logins(instance),
        "endpoints": _endpoints(instance),
        "databases": {
            d.name: _database(d)
            for _unused, d in sorted(instance.databases.items())
            if not d.is_system
        },
        "jobs": _jobs(instance),
        "log_shipping": _log_shipping(instance),
        "error_log_lines": len(instance.error_log),
    }


def _logins(instance: SqlInstance) -> dict[str, t.Any]:
    """Windows logins with their server roles; CONNECT on endpoints is shown with the endpoints."""
    principals = instance.principals
    found = {}
    for key, login in sorted(principals.all.items()):
        if login.type in ("U", "G", "S"):
            roles = [role for role, members in principals.members.items() if key in members]
            found[login.name] = sorted(roles)
    return found


def _endpoints(instance: SqlInstance) -> dict[str, t.Any]:
    found = {}
    for _unused, endpoint in sorted(instance.endpoints.items()):
        grants = []
        for permission in instance.principals.permissions:
            if (permission.class_, permission.major_id) == (ENDPOINT_CLASS, endpoint.endpoint_id):
                grantee = instance.principals.by_id(permission.grantee_id)
                grants.append(
                    f"{permission.state} {permission.permission} "
                    f"{grantee.name if grantee else permission.grantee_id}"
                )
        found[endpoint.name] = {
            "port": endpoint.port,
            "state": endpoint.state,
            "role": endpoint.role,
            "listens": listens(instance),
            "owner": endpoint.owner,
            "encryption": endpoint.encryption,
            "algorithms": list(endpoint.algorithms),
            "permissions": sorted(grants),
        }
    return found


def _database(database: Database) -> dict[str, t.Any]:
    return {
        "state": database.state,
        "recovery_model": database.recovery_model,
        "user_access": database.user_access,
        "owner": database.owner,
        "is_read_only": database.is_read_only,
        "is_in_standby": database.is_in_standby,
        "serving": database.is_serving(),
        "end_lsn": str(database.end_lsn),
        "redo_start_lsn": None if database.redo_start_lsn is None else str(database.redo_start_lsn),
        "last_log_backup_lsn": None
        if database.last_log_backup_lsn is None
        else str(database.last_log_backup_lsn),
        "log_used": database.log_used,
        "has_log_chain": database.last_log_backup_lsn is not None,
        "recovery_fork": str(database.recovery_fork_guid),
        "forks": len(database.forks),
        "messages": len(database.payloads()),
        "mirroring": _mirroring(database),
        "content": sorted(key for key in database.content),
        "files": [f.path for f in database.files],
    }


def _mirroring(database: Database) -> dict[str, t.Any] | None:
    session = session_of(database)
    if session is None:
        return (
            {"partner": database.mirroring.partner, "state": "RECORDED"}
            if isinstance(database.mirroring, Recorded)
            else None
        )
    witness = None
    if session.witness is not None:
        witness = {
            "instance": label(session.witness),
            "connected": session.sees_witness(database.instance),
        }
    return {
        "role": session.role(database),
        "state": session.state,
        "safety": session.safety,
        "timeout": session.timeout,
        "partner": session.addresses[session.partner(database).instance],
        "witness": witness,
        "since": time(session.since),
    }


def _jobs(instance: SqlInstance) -> list[dict[str, t.Any]]:
    """A list, as names need not be unique."""
    return sorted((_job(job) for job in of(instance).jobs.values()), key=str)


def _job(job: Job) -> dict[str, t.Any]:
    return {
        "name": job.name,
        "enabled": job.enabled,
        "category": job.category,
        "owner": job.owner,
        "schedules": sorted((_schedule(schedule) for schedule in job.schedules), key=str),
    }


def _schedule(schedule: Schedule) -> dict[str, t.Any]:
    return {"name": schedule.name, "enabled": schedule.enabled, **schedule.freq}


def _log_shipping(instance: SqlInstance) -> dict[str, t.Any]:
    found = of_instance(instance)
    primaries = {}
    for _key, primary in sorted(found.primaries.items()):
        primaries[primary.database] = _primary(primary)
    secondaries = [_secondary(secondary) for secondary in found.secondaries.values()]
    return {"primaries": primaries, "secondaries": sorted(secondaries, key=str)}


def _primary(primary: Primary) -> dict[str, t.Any]:
    secondaries = [f"{server}/{name}" for server, name in primary.secondaries]
    return {
        "directory": primary.backup_directory,
        "share": primary.backup_share,
        "retention": primary.retention,
        "job": primary.job.name,
        "threshold": primary.threshold,
        "alert_enabled": primary.alert_enabled,
        "compression": primary.compression,
        "secondaries": sorted(secondaries),
        "last_file": primary.last_file,
        "last_utc": time(primary.last_utc),
    }


def _secondary(secondary: Secondary) -> dict[str, t.Any]:
    databases = {}
    for _key, database in sorted(secondary.databases.items()):
        databases[database.database] = _shipped_database(database)
    return {
        "primary_server": secondary.primary_server,
        "primary_database": secondary.primary_database,
        "source": secondary.source,
        "destination": secondary.destination,
        "retention": secondary.file_retention,
        "copy_job": secondary.copy_job.name,
        "restore_job": secondary.restore_job.name,
        "last_file": secondary.last_file,
        "last_utc": time(secondary.last_utc),
        "databases": databases,
    }


def _shipped_database(database: SecondaryDatabase) -> dict[str, t.Any]:
    return {
        "restore_mode": int(database.restore_mode),
        "restore_delay": database.restore_delay,
        "restore_all": database.restore_all,
        "disconnect_users": database.disconnect_users,
        "threshold": database.restore_threshold,
        "alert_enabled": database.alert_enabled,
        "last_file": database.last_file,
        "last_utc": time(database.last_utc),
    }


def label(instance: SqlInstance) -> str:
    return instance.machine.fqdn + (f"\\{instance.name}" if instance.name else "")


def time(when: dt.datetime | None) -> str | None:
    return None if when is None else when.isoformat()
