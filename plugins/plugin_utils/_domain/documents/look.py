"""What was seen of an estate, as the module dr_info returns it, and how to read it.

FOR INTERNAL COLLECTION USE ONLY.

A document may be older than a key, or made by hand. Who reads it asks ``host_seen``, ``sql_seen``
and ``database_seen``: what they return has every key, and what nobody knows is unknown there.
"""

from __future__ import annotations

import typing as t

from ..two_clocks import ClockReading
from .declared import Declared
from .instance import NO_DATABASE, DatabaseFacts, InstanceFacts


class IntentRecord(t.TypedDict):
    """Which way an operator is going, as it is stored on the backup SQL Server.

    ``target``: failover or failback. ``id``: of the attempt, 32 hexadecimal digits. ``at``: when it
    was declared, ISO 8601 in UTC; empty when nobody knows, as ``operator``.
    """

    target: str
    id: str
    operator: str
    at: str


class PutToWorkParts(t.TypedDict, total=False):
    """What records of earlier versions lack: the fork that the copy was on before, empty where the
    server did not tell it, and up to which LSN, in digits.
    """

    left: str | None
    lsn: str | None


class PutToWork(PutToWorkParts):
    """Our record of the fork on which a failover opened the backup copy."""

    fork: str | None
    family: str | None


class LogFileParts(t.TypedDict, total=False):
    """What the header of a log backup tells (RESTORE HEADERONLY); nothing of it where ``error``
    says why it could not be read.

    LSNs are integers. ``at``: when it was begun, ISO 8601 in UTC. ``stamp``: the part of its name
    after ``pchat``, None for one that is not of this collection. ``tail``: it left its database
    restoring (IsForceOffline).
    """

    first_lsn: int
    last_lsn: int
    first_fork: str | None
    last_fork: str | None
    fork_point: int | None
    family: str | None
    server: str | None
    stamp: str | None
    at: str | None
    uuid: str | None
    position: int
    damaged: bool
    tail: bool


class LogFile(LogFileParts):
    """One log backup in a file. ``place``: share, or copied (the copy folder of the backup)."""

    path: str
    place: str
    error: str | None


class ShippedLogs(t.TypedDict):
    """``share`` None: it could not be listed, and ``why`` says it."""

    share: list[LogFile] | None
    copied: list[LogFile]
    why: str | None


class SqlLook(InstanceFacts, total=False):
    """An instance in an outage. ``shares``: log, seed -> whether it sees that share; for copies.

    Of the backup only: ``intent``, ``intent_why`` (why the record that is there cannot be read),
    ``put_to_work``, ``logs``, and ``kept``: paths of backups of old copies on the share of the
    seeds.
    """

    shares: dict[str, bool]
    intent: IntentRecord | None
    intent_why: str | None
    put_to_work: PutToWork | None
    logs: ShippedLogs
    kept: list[str]


class PoolLook(t.TypedDict):
    """What a management host tells of the pool.

    ``store``: central (the central management store answers), local (this host's replica of it said
    so last), None (neither); ``why``: what the store answered instead. ``active`` None: unknown.
    ``cms``: FQDN of the server that holds the store. ``identity``: of the pool, as a replica told
    it; None where the store answers, which is asked for it. ``late``: FQDNs whose replica is not
    up to date. ``next_hop``: the Front End pool through which clients come; ``next_hop_servers``:
    FQDNs of its servers; None and empty where the store does not answer.
    """

    store: str | None
    why: str | None
    published: bool
    members: list[str]
    active: list[str] | None
    pool_state: str | None
    cms: str | None
    identity: str | None
    late: list[str]
    next_hop: str | None
    next_hop_servers: list[str]


class ChatLook(t.TypedDict):
    """The Persistent Chat service of a host. ``started_at``: None when it does not run.

    ``stopped``: display names of it and of the compliance service that do not run. ``clock``: that
    of the host, by which ``started_at`` is told.
    """

    started: bool
    started_at: str | None
    stopped: list[str]
    clock: ClockReading | None


class HostLook(t.TypedDict):
    """One host: ``sql``, ``pool`` and ``chat`` are None where it is no such host.

    ``why``: the sentence when it does not answer or could not be read. ``silent``: nothing came
    back at all; False beside ``answers`` False: something is there, and refuses. ``sees``: other
    machines -> whether this host reaches them, None when it cannot tell. ``room``: log, seed ->
    megabytes that are free where that share lies, of a file server that holds it and can tell.
    """

    answers: bool
    silent: bool | None
    why: str | None
    sql: SqlLook | None
    pool: PoolLook | None
    chat: ChatLook | None
    sees: dict[str, bool | None]
    room: dict[str, int]


class Look(t.TypedDict):
    """``now``: the controller's time, ISO 8601 in UTC. ``hosts``: by name, those declared."""

    estate: Declared
    now: str | None
    hosts: dict[str, HostLook]


UNSEEN: HostLook = {
    "answers": False,
    "silent": None,
    "why": None,
    "sql": None,
    "pool": None,
    "chat": None,
    "sees": {},
    "room": {},
}
NO_LOGS: ShippedLogs = {"share": None, "copied": [], "why": None}
NO_SQL: SqlLook = {
    "server_name": None,
    "network_name": None,
    "machine": None,
    "version": None,
    "edition": None,
    "engine_edition": None,
    "collation": None,
    "utc_now": None,
    "clock": None,
    "utc_offset_minutes": None,
    "time_zone": None,
    "is_sysadmin": False,
    "service_account": None,
    "service_account_raw": None,
    "agent_account": None,
    "agent_running": False,
    "endpoint": None,
    "connect": [],
    "sql_tools": None,
    "log_backup_jobs": [],
    "port_taken": False,
    "default_folders": {},
    "records": {},
    "databases": {},
    "logins": [],
    "volumes": {},
    "shares": {},
    "intent": None,
    "intent_why": None,
    "put_to_work": None,
    "logs": NO_LOGS,
    "kept": [],
}
NO_POOL: PoolLook = {
    "store": None,
    "why": None,
    "published": True,
    "members": [],
    "active": None,
    "pool_state": None,
    "cms": None,
    "identity": None,
    "late": [],
    "next_hop": None,
    "next_hop_servers": [],
}
NO_CHAT: ChatLook = {"started": False, "started_at": None, "stopped": [], "clock": None}


def host_seen(look: Look, host: str | None) -> HostLook:
    """What was seen of this host, with every key; ``UNSEEN`` when nobody looked at it."""
    return {**UNSEEN, **look["hosts"].get(host or "", UNSEEN)}


def sql_seen(look: Look, host: str | None) -> SqlLook:
    """What was seen of this host's SQL Server, with every key; ``NO_SQL`` where there is none."""
    return {**NO_SQL, **(host_seen(look, host)["sql"] or NO_SQL)}


def database_seen(sql: InstanceFacts, name: str) -> DatabaseFacts:
    """One database of what ``sql_seen`` returned, with every key; ``NO_DATABASE`` where it is not
    there.
    """
    return {**NO_DATABASE, **sql["databases"].get(name, NO_DATABASE)}


def has_database(look: Look, host: str | None, name: str) -> bool:
    """Whether this database was asked for at that host, and an answer came."""
    return name in sql_seen(look, host)["databases"]
