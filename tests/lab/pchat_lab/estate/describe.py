"""The whole estate as plain values: for people (``describe``), and for "is it the same estate?"
(``fingerprint``).
"""

from __future__ import annotations

import datetime as dt
import re
import typing as t

from ..sqlserver.agent.jobs import Job, Schedule, of
from ..sqlserver.backups.media import BackupMedia
from ..sqlserver.log_shipping.jobs import Primary, Secondary, SecondaryDatabase, of_instance
from ..sqlserver.mirroring.session import Recorded, session_of
from ..sqlserver.server.endpoints import listens
from ..sqlserver.server.principals import ENDPOINT_CLASS

if t.TYPE_CHECKING:
    from ..sqlserver.server.database import Database
    from ..sqlserver.server.instance import SqlInstance
    from ..world.machine import File, Machine
    from ..world.world import World

#: Keys whose values differ between two runs that end in the same estate: times, identities,
#: positions, lengths.
_VOLATILE = frozenset(
    {
        "clock",
        "faults",
        "started_at",
        "clock_skew_seconds",
        "end_lsn",
        "redo_start_lsn",
        "last_log_backup_lsn",
        "recovery_fork",
        "forks",
        "messages",
        "rows",
        "size",
        "written_at",
        "sets",
        "last_file",
        "last_utc",
        "since",
        "address",
        "port_of_winrm",
        "error_log_lines",
    }
)
_MASKS = (
    (re.compile(r"\{?[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\}?"), "<guid>"),
    (
        re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?"),
        "<time>",
    ),
    (re.compile(r"(?<!\d)20\d{6}T?_?\d{4,6}Z?(?!\d)"), "<stamp>"),
    (re.compile(r"(?<![0-9a-fA-F])[0-9a-f]{32}(?![0-9a-fA-F])"), "<guid>"),
)


def describe(world: World) -> dict[str, t.Any]:
    """Everything a test wants to know, JSON-able, keys in a stable order.

    Names are lower-case FQDNs; instances are ``fqdn`` or ``fqdn\\NAME``.
    """
    return {
        "name": world.name,
        "product": world.estate.get("product"),
        "domain": world.domain,
        "clock": world.clock.now().isoformat(),
        "machines": {name: _machine(machine) for name, machine in sorted(world.machines.items())},
        "instances": {_label(i): _instance(i) for i in sorted(world.instances(), key=_label)},
        "lync": _lync(world),
        "pools": _pools(world),
        "cut_links": sorted(sorted(pair) for pair in world.network.cut_links),
        "faults": world.faults.list(),
    }


def fingerprint(world: World) -> dict[str, t.Any]:
    """The same without what differs between two runs that end alike: times, identities, LSNs,
    sizes; names of files keep their pattern only.
    """
    return t.cast("dict[str, t.Any]", _stable(describe(world)))


def _stable(value: t.Any) -> t.Any:
    if isinstance(value, dict):
        return {
            masked(str(key)): _stable(item) for key, item in value.items() if key not in _VOLATILE
        }
    if isinstance(value, list):
        return [_stable(item) for item in value]
    return masked(value) if isinstance(value, str) else value


def masked(text: str) -> str:
    """A text with its GUIDs, times and time stamps made equal."""
    for pattern, mask in _MASKS:
        text = pattern.sub(mask, text)
    return text


# --- machines


def _machine(machine: Machine) -> dict[str, t.Any]:
    return {
        "site": machine.site,
        "kind": machine.kind,
        "address": machine.address,
        "port_of_winrm": machine.port,
        "up": machine.up,
        "hangs": machine.hangs,
        "clock_skew_seconds": machine.clock_skew_seconds,
        "time_zone": machine.time_zone,
        "modules": sorted(machine.products),
        "powershell": machine.powershell,
        "execution_policy": machine.execution_policy,
        "sql_tools": list(machine.sql_tools),
        "sql_quirks_by_faults": sorted(machine.more_quirks),
        "services": {
            s.name: {
                "status": s.status,
                "start_mode": s.start_mode,
                "account": s.account,
                "started_at": _time(s.started_at),
            }
            for _unused, s in sorted(machine.services.items())
        },
        "shares": {
            s.name: {
                "path": s.path,
                "rights": dict(sorted(s.rights.items())),
                "fault": machine.share_faults.get(name),
            }
            for name, s in sorted(machine.shares.items())
        },
        "files": {
            machine.shown.get(key, key): _file(file)
            for key, file in sorted(machine.files.items())
            if not file.held_by
        },
        "folders": sorted(key for key in machine.folders if not key.startswith("c:\\")),
        "disk_full": sorted(machine.disk_full),
    }


def _file(file: File) -> dict[str, t.Any]:
    found: dict[str, t.Any] = {
        "size": file.size,
        "written_at": _time(file.written_at),
        "damaged": file.damaged,
    }
    if isinstance(file.content, BackupMedia):
        found["databases"] = sorted({f"{s.kind} {s.database_name}" for s in file.content.sets})
        found["sets"] = [
            {
                "kind": s.kind,
                "database": s.database_name,
                "name": s.name,
                "server": s.server_name,
                "first_lsn": str(s.first_lsn),
                "last_lsn": str(s.last_lsn),
            }
            for s in file.content.sets
        ]
    elif not isinstance(file.content, str):
        found["kind"] = type(file.content).__name__
    return found


# --- SQL Server


def _instance(instance: SqlInstance) -> dict[str, t.Any]:
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
            "instance": _label(session.witness),
            "connected": session.sees_witness(database.instance),
        }
    return {
        "role": session.role(database),
        "state": session.state,
        "safety": session.safety,
        "timeout": session.timeout,
        "partner": session.addresses[session.partner(database).instance],
        "witness": witness,
        "since": _time(session.since),
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
        "last_utc": _time(primary.last_utc),
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
        "last_utc": _time(secondary.last_utc),
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
        "last_utc": _time(database.last_utc),
    }


# --- Lync


def _lync(world: World) -> dict[str, t.Any]:
    lync = world.lync
    return {
        "cms": lync.cms_machine.fqdn,
        "cms_down": lync.cms_down,
        "enabled": lync.settings.enabled,
        "up_to_date": {
            machine.fqdn: lync.up_to_date(machine)
            for machine in sorted(lync.replicated(), key=lambda machine: machine.fqdn)
        },
    }


def _pools(world: World) -> dict[str, t.Any]:
    """The published pools; ``servers``: the copy that a message through each would reach, or why it
    would reach none.
    """
    found = {}
    for fqdn, pool in sorted(world.lync.pools.items()):
        members = sorted(name.lower() for name in pool.machines)
        active = sorted(name.lower() for name in pool.active)
        reached = {
            name: world.lync.serving_instance(world.machines[name])
            for name in members
            if name in world.machines
        }
        found[fqdn] = {
            "enabled": world.lync.settings.enabled,
            "members": members,
            "active": active,
            "inactive": [m for m in members if m not in active],
            "state": world.lync.state(fqdn),
            "next_hop": pool.next_hop,
            "file_store": pool.file_store,
            "compliance": pool.compliance,
            "stores": dict(sorted(pool.stores.items())),
            "compliance_stores": dict(sorted(pool.compliance_stores.items())),
            "ports": dict(sorted(pool.ports.items())),
            "servers": {
                name: where if isinstance(where, str) else _label(where)
                for name, where in reached.items()
            },
        }
    return found


def _label(instance: SqlInstance) -> str:
    return instance.machine.fqdn + (f"\\{instance.name}" if instance.name else "")


def _time(when: dt.datetime | None) -> str | None:
    return None if when is None else when.isoformat()
