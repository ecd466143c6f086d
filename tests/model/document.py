"""What the module dr_info would return of this world: what does not answer is unknown, clocks are
those of the machines.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .logs import LogFile
from .world import AWAY, HOME, POOL, SITE, SQL_HOSTS, Instance, World

Document = dict[str, t.Any]
SHARE, FOLDER = "\\\\fs-s1.contoso.example\\pchat-logs", "D:\\pchat-logs"
FQDN = {name: f"{name}.contoso.example" for name in SITE}
ESTATE: Document = {
    "pool": POOL,
    "management": ["fe-n1", "fe-s1"],
    "servers": {"primary": list(HOME), "backup": list(AWAY)},
    "sql": {**SQL_HOSTS, "witness": None, "backup_witness": None},
    "file_servers": [],
    "hosts": list(SITE),
    "fqdn": FQDN,
    "instance": dict.fromkeys(SITE, ""),
    "site": SITE,
}


def answers(world: World, host: str) -> bool:
    return world.up[host] and not (world.cut and SITE[host] == "primary")


def document_of(world: World) -> Document:
    hosts = {name: _host(world, name) for name in SITE}
    if not world.witness:
        return {"estate": ESTATE, "now": None, "hosts": hosts}
    alive = any(answers(world, SQL_HOSTS[slot]) for slot in ("primary", "mirror"))
    return {
        "estate": {**ESTATE, "sql": {**ESTATE["sql"], "witness": "w"}},
        "now": None,
        "hosts": {
            **hosts,
            "w": {
                "answers": alive,
                "why": None,
                "sql": {"endpoint": {"port": 7022}} if alive else None,
            },
        },
    }


def _host(world: World, name: str) -> Document:
    if not answers(world, name):
        return {"answers": False, "why": "no answer within 15 seconds"}
    seen: Document = {"answers": True, "why": None}
    for instance in world.sql.values():
        if instance.host == name:
            seen["sql"] = _sql(world, instance)
    if name in world.replicas:
        seen["pool"] = _pool(world, name)
    if name in world.chat:
        seen["chat"] = {
            "started": True,
            "started_at": world.clock(world.chat[name].skew, world.chat[name].started),
        }
    if name in ("fe-s1", *AWAY):
        seen["sees"] = {
            other: world.up[other] for other in (SQL_HOSTS["primary"], SQL_HOSTS["mirror"])
        }
    return seen


def _pool(world: World, name: str) -> Document:
    known: Document = {
        "store": "central",
        "why": None,
        "published": True,
        "members": [FQDN[c] for c in world.chat],
        "cms": FQDN[world.cms],
        "late": [],
    }
    if world.up[world.cms]:
        return {
            **known,
            "active": [] if world.fenced else [FQDN[a] for a in world.config.active],
            "pool_state": world.config.pool_state,
        }
    return {
        **known,
        "store": "local",
        "why": "the store does not answer",
        "members": [],
        "cms": None,
        "active": None,
        "pool_state": world.replicas[name].pool_state,
    }


def _sql(world: World, instance: Instance) -> Document:
    seen: Document = {
        "server_name": instance.host,
        "utc_now": world.clock(instance.skew),
        "agent_running": instance.agent,
        "databases": {"mgc": _database(world, instance)},
        "intent": None,
    }
    if instance.slot == "backup":
        seen["intent"] = dataclasses.asdict(world.intent) if world.intent else None
        seen["put_to_work"] = (
            {"fork": world.put_to_work, "family": "FAMILY"} if world.put_to_work else None
        )
        seen["logs"] = _logs(world, instance)
    return seen


def _database(world: World, instance: Instance) -> Document:
    db, session = instance.db, instance.session
    if db.state is None:
        return {}
    fulls = [d for d in instance.restored if d.kind == "D"]
    logs, taken = ([d for d in instance.taken if d.kind == kind] for kind in "LD")
    shows_fork = db.state == "ONLINE" or world.knows_fork
    return {
        "database_state": db.state,
        "mirroring_role": instance.role,
        "mirroring_state": session.state if session else None,
        "mirroring_safety": "FULL" if session else None,
        "mirroring_witness": "w" if session and session.witness else None,
        "mirroring_witness_state": "CONNECTED" if session and session.witness else None,
        "redo_lsn": str(db.end) if db.state == "RESTORING" else None,
        "recovery_fork": db.forks[-1].id if shows_fork else None,
        "family": db.family,
        "last_log_backup_lsn": str(db.next_backup),
        "sessions": 0,
        "restored_at": fulls[-1].at if fulls else None,
        "restored_stamp": fulls[-1].stamp if fulls else None,
        "restored_fork": instance.restored[-1].fork if instance.restored else None,
        "restored_last_lsn": str(instance.restored[-1].last) if instance.restored else None,
        "restored_began_at": instance.restored[-1].began if instance.restored else None,
        "last_full_backup": {
            "stamp": taken[-1].stamp,
            "started_at": taken[-1].at,
            "last_lsn": str(taken[-1].last),
        }
        if taken
        else None,
        "full_stamps": [f.stamp for f in reversed(taken) if f.fork == db.forks[-1].id],
        "last_log_backup": {
            "stamp": logs[-1].stamp,
            "started_at": logs[-1].at,
            "last_lsn": str(logs[-1].last),
            "fork": logs[-1].fork,
        }
        if logs
        else None,
        "log_shipping_primary": None
        if instance.ships is None
        else {"enabled": instance.ships, "last_backup_at": None, "backup_job": "LSBackup_mgc"},
        "log_shipping_secondary": {"copy_job": "LSCopy_mgc", "restore_job": "LSRestore_mgc"}
        if instance.linked
        else None,
    }


def _logs(world: World, instance: Instance) -> Document:
    """Files that end before where a restoring copy stands are not opened again."""
    redo = instance.db.end if instance.db.state == "RESTORING" else None
    done = {
        d.name for d in instance.restored if d.kind == "L" and redo is not None and d.last < redo
    }
    files = [f for f in world.files if f.name not in done]
    return {
        "share": [_file(f, "share", redo) for f in files if f.share is not None]
        if world.share
        else None,
        "copied": [_file(f, "copied", redo) for f in files if f.copied is not None],
        "why": None if world.share else f"{instance.host} cannot see {SHARE}",
    }


def _file(file: LogFile, place: str, redo: int | None) -> Document:
    path = f"{SHARE if place == 'share' else FOLDER}\\{file.name}"
    health = getattr(file, place)
    if health == "unreadable":
        return {"path": path, "place": place, "error": "the media family is incorrectly formed"}
    return {
        "path": path,
        "place": place,
        "first_lsn": file.first,
        "last_lsn": file.last,
        "first_fork": file.first_fork,
        "last_fork": file.last_fork,
        "fork_point": file.fork_point,
        "family": "FAMILY",
        "server": file.server,
        "stamp": f"{file.tail}-tail" if file.tail else None,
        "at": file.at,
        "uuid": file.uuid,
        "position": 1,
        "damaged": health == "damaged" and redo is not None and file.last > redo,
        "tail": file.tail is not None,
        "error": None,
    }
