"""What the module dr_info would return of this world.

What does not answer is unknown, clocks are those of the machines.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .logs import Database, LogFile, fork_of
from .world import AWAY, HOME, POOL, SITE, SQL_HOSTS, Done, Instance, World

Document = dict[str, t.Any]
SHARE = "\\\\fs-s1.contoso.example\\pchat-logs"
FOLDER = "D:\\pchat-logs"
#: Megabytes: room for everything.
MUCH = 100_000
SPACE = {
    "log_reuse_wait": None,
    "size_mb": 10,
    "log_used_mb": 1,
    "log_room_mb": None,
    "backup_mb_a_second": None,
}
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
    """Whether the controller reaches it, and it can be asked."""
    cut_off = world.cut and SITE[host] == "primary"
    return world.up[host] and host not in world.deaf and not cut_off


def document_of(world: World) -> Document:
    """As a role gets it: the declared estate, and what each host told."""
    estate = ESTATE
    hosts = {name: _host(world, name) for name in SITE}
    for watcher, sees in _views(world).items():
        hosts[watcher]["sees"] = sees
    if world.witness:
        estate = {**ESTATE, "sql": {**ESTATE["sql"], "witness": "w"}}
        hosts["w"] = _witness(world)
    return {"estate": estate, "now": None, "hosts": hosts}


def _witness(world: World) -> Document:
    """It stands in the primary site."""
    alive = any(answers(world, SQL_HOSTS[slot]) for slot in ("primary", "mirror"))
    return {
        "answers": alive,
        "why": None,
        "sql": {"endpoint": {"port": 7022}} if alive else None,
    }


def _host(world: World, name: str) -> Document:
    if not answers(world, name):
        return {"answers": False, "why": "no answer within 15 seconds"}
    seen: Document = {"answers": True, "why": None, "room": _room(world, name)}
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
    return seen


def _views(world: World) -> dict[str, dict[str, bool]]:
    """Of each site a chat server tells whether it reaches SQL Server; where none answers, a
    management host whether it reaches WinRM.
    """
    pair = (SQL_HOSTS["primary"], SQL_HOSTS["mirror"])
    asked = [host for host in pair if not answers(world, host)]
    servers = _answering(world, () if "port" in world.off else world.chat)
    reached = {host: _reached(world, host, by_sql=bool(servers)) for host in asked}
    return dict.fromkeys(servers or _answering(world, world.replicas), reached)


def _answering(world: World, hosts: t.Iterable[str]) -> list[str]:
    return [host for host in hosts if answers(world, host)]


def _reached(world: World, host: str, by_sql: bool) -> bool:
    return world.up[host] and (by_sql or host not in world.deaf)


def _room(world: World, name: str) -> Document:
    """As a host that holds the shares tells it, on some estates."""
    if world.rare is None or name != "fe-s1":
        return {}
    free = 0 if world.full else MUCH
    return {"log": free, "seed": free}


def _pool(world: World, name: str) -> Document:
    known: Document = {
        "store": "central",
        "why": None,
        "published": True,
        "members": [FQDN[server] for server in world.chat],
        "cms": FQDN[world.cms],
        "late": [],
    }
    if world.up[world.cms]:
        return {
            **known,
            "active": [] if world.fenced else [FQDN[server] for server in world.config.active],
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
        seen["put_to_work"] = _put_to_work(world)
        seen["logs"] = _logs(world, instance)
    return seen


def _put_to_work(world: World) -> Document | None:
    if world.put_to_work is None:
        return None
    record = {"fork": world.put_to_work, "family": "FAMILY"}
    if world.put_to_work_left is not None:
        fork, lsn = world.put_to_work_left
        record |= {"left": fork, "lsn": str(lsn)}
    return record


def _database(world: World, instance: Instance) -> Document:
    db = instance.db
    if db.state is None:
        return {}
    shows_fork = db.state == "ONLINE" or world.knows_fork
    return {
        "database_state": db.state,
        "user_access": "RESTRICTED_USER" if db.closed else "MULTI_USER",
        "is_read_only": db.read_only,
        **_mirroring(instance),
        "redo_lsn": str(db.end) if db.state == "RESTORING" else None,
        "recovery_fork": db.forks[-1].id if shows_fork else None,
        **_fork_left(db),
        "family": db.family,
        "last_log_backup_lsn": str(db.next_backup),
        "sessions": 0,
        "space": SPACE,
        **_restored(instance),
        **_taken(instance),
        **_log_shipping(instance),
    }


def _fork_left(db: Database) -> Document:
    """As long as the log that is not backed up spans the begin of the fork."""
    left = fork_of(db.forks, db.next_backup)
    spans = left != db.forks[-1].id
    return {
        "fork_point_lsn": str(db.forks[-1].start) if spans else None,
        "first_recovery_fork": left if spans else None,
    }


def _mirroring(instance: Instance) -> Document:
    session = instance.session
    witness = session is not None and session.witness
    return {
        "mirroring_role": instance.role,
        "mirroring_state": session.state if session else None,
        "mirroring_safety": "FULL" if session else None,
        "mirroring_witness": "w" if witness else None,
        "mirroring_witness_state": "CONNECTED" if witness else None,
    }


def _restored(instance: Instance) -> Document:
    """What msdb remembers of restores."""
    full = _newest(instance.restored, "D")
    last = instance.restored[-1] if instance.restored else None
    return {
        "restored_at": full.at if full else None,
        "restored_stamp": full.stamp if full else None,
        "restored_fork": last.fork if last else None,
        "restored_last_lsn": str(last.last) if last else None,
        "restored_began_at": last.began if last else None,
    }


def _taken(instance: Instance) -> Document:
    """What msdb remembers of backups."""
    fork = instance.db.forks[-1].id
    stamps = []
    for line in reversed(instance.taken):
        if line.kind == "D" and line.fork == fork:
            stamps.append(line.stamp)
    seen: Document = {"last_full_backup": None, "full_stamps": stamps, "last_log_backup": None}
    full = _newest(instance.taken, "D")
    if full is not None:
        seen["last_full_backup"] = {
            "stamp": full.stamp,
            "started_at": full.at,
            "last_lsn": str(full.last),
            "fork": full.fork,
        }
    log = _newest(instance.taken, "L")
    if log is not None:
        seen["last_log_backup"] = {
            "stamp": log.stamp,
            "started_at": log.at,
            "last_lsn": str(log.last),
            "fork": log.fork,
        }
    return seen


def _newest(history: list[Done], kind: str) -> Done | None:
    for line in reversed(history):
        if line.kind == kind:
            return line
    return None


def _log_shipping(instance: Instance) -> Document:
    seen: Document = {"log_shipping_primary": None, "log_shipping_secondary": None}
    if instance.ships is not None:
        seen["log_shipping_primary"] = {
            "enabled": instance.ships,
            "last_backup_at": None,
            "backup_job": "LSBackup_mgc",
            "foreign_backups": [],
        }
    if instance.linked:
        seen["log_shipping_secondary"] = {
            "copy_job": "LSCopy_mgc",
            "copy_enabled": 1,
            "restore_enabled": 1,
            "restore_job": "LSRestore_mgc",
        }
    return seen


def _logs(world: World, instance: Instance) -> Document:
    """What is seen of the files in both places."""
    seen: Document = {
        "share": None,
        "copied": _opened(world, instance, "copied"),
        "why": f"{instance.host} cannot see {SHARE}",
    }
    if world.share:
        seen["share"] = _opened(world, instance, "share")
        seen["why"] = None
    return seen


def _opened(world: World, instance: Instance, place: str) -> list[Document]:
    """The headers of the files in one of the places."""
    redo = instance.db.end if instance.db.state == "RESTORING" else None
    there = [file for file in world.files if getattr(file, place) is not None]
    done = _done(there, _applied_before(instance, redo))
    return [_file(file, place, redo) for file in there if file.name not in done]


def _done(there: list[LogFile], applied: list[str]) -> set[str]:
    """Names of files that are not opened again: those that were applied, but for the newest, tails,
    and those that tell where a fork was left.
    """
    of_one_fork = {file.name for file in there if file.first_fork == file.last_fork}
    known = [name for name in applied if name in of_one_fork]
    return set(known[:-1]) - {file.name for file in there if file.tail is not None}


def _applied_before(instance: Instance, redo: int | None) -> list[str]:
    """Names of the log backups that msdb remembers as applied and that end before this LSN, in
    their order; none for a copy that is online.
    """
    if redo is None:
        return []
    ends = {line.name: line.last for line in instance.restored if line.kind == "L"}
    return [name for name, end in ends.items() if end < redo]


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
