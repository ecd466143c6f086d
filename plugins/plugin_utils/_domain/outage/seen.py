"""From what was read to an estate: facts become values, and what was not read stays unknown.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

from ..closed_by import closed_by, names_of
from ..documents.declared import Declared
from ..documents.instance import NO_BACKUP, NO_SPACE, DatabaseFacts, LastBackup, ShippingSecondary
from ..documents.look import (
    NO_CHAT,
    NO_LOGS,
    NO_POOL,
    ChatLook,
    HostLook,
    Look,
    PoolLook,
    SqlLook,
    database_seen,
    has_database,
    host_seen,
    sql_seen,
)
from ..resources.sqlserver._places import room_at
from .chain import LogBackup
from .copies import STORES, Copy
from .estate import Estate, Intent, Server
from .forks import Forks, Left, fork_at
from .tails import fits, tail_of

#: What backups of the collection are named: ``pchat <stamp>``.
_NAMED = "pchat "


def estate_seen(look: Look) -> Estate:
    """The estate that the module dr_info looked at."""
    declared = look["estate"]
    backup = sql_seen(look, declared["sql"]["backup"])
    logs = backup["logs"] or NO_LOGS
    listed = tuple(LogBackup(**file) for file in [*(logs["share"] or ()), *logs["copied"]])
    pool, manager = _pool_told(look)
    return Estate(
        pool=declared["pool"],
        now=backup["utc_now"] or look.get("now"),
        copies=_copies(look, "mgc", listed),
        compliance=_copies(look, "mgccomp", ()),
        store=pool["store"],
        store_why=pool["why"],
        cms=pool["cms"],
        published=bool(pool["published"]),
        pool_state=pool["pool_state"],
        active=None if pool["active"] is None else tuple(pool["active"]),
        members=tuple(pool["members"]),
        late=tuple(pool["late"]),
        next_hop=pool["next_hop"],
        next_hop_servers=_known(declared, pool["next_hop_servers"]),
        servers=_servers(look),
        intent=_intent(backup),
        intent_why=backup["intent_why"],
        logs=listed,
        put_to_work=_put_to_work(backup),
        put_to_work_left=_put_to_work_left(backup),
        there_by=_there_by(database_seen(backup, "mgc")["log_shipping_secondary"]),
        logs_why=logs["why"] if logs["share"] is None else None,
        copied=frozenset(_file_name(file["path"]) for file in logs["copied"]),
        seen_from=_seen_from(look),
        blind=_blind(look),
        refusing=_refusing(look),
        unreachable=_unreachable(look),
        management=manager,
        site=declared["site"],
        witnesses=_witnesses(look),
        kept=tuple(backup["kept"]),
        room=_room_of_shares(look),
    )


def _intent(backup: SqlLook) -> Intent | None:
    return Intent(**backup["intent"]) if backup["intent"] else None


def _put_to_work(backup: SqlLook) -> str | None:
    """The fork by our record."""
    return backup["put_to_work"]["fork"] if backup["put_to_work"] else None


def _put_to_work_left(backup: SqlLook) -> Left | None:
    """What that fork left, and where; None where the record does not tell, or by another hand."""
    record = backup["put_to_work"]
    if record is None:
        return None
    left = record.get("left")
    lsn = str(record.get("lsn") or "")
    if not left or not (lsn.isascii() and lsn.isdigit()):
        return None
    return Left(str(left), int(lsn))


def _room_of_shares(look: Look) -> dict[str, int]:
    """Of those that a file server of the estate holds."""
    found: dict[str, int] = {}
    for host in look["hosts"]:
        found |= host_seen(look, host)["room"]
    return found


def _known(declared: Declared, fqdns: t.Sequence[str]) -> tuple[str, ...]:
    """Inventory names of those of these hosts that the inventory has."""
    return tuple(name for name, fqdn in declared["fqdn"].items() if fqdn.lower() in fqdns)


def _unreachable(look: Look) -> tuple[str, ...]:
    hosts = look["estate"]["hosts"]
    return tuple(host for host in hosts if not host_seen(look, host)["answers"])


def _refusing(look: Look) -> tuple[str, ...]:
    hosts = look["estate"]["hosts"]
    return tuple(host for host in hosts if _refuses(host_seen(look, host)))


def _file_name(path: str | None) -> str:
    return (path or "").rpartition("\\")[2].lower()


def _refuses(seen: HostLook) -> bool:
    """It was asked, and there was an answer, but none that tells anything."""
    return not seen["answers"] and seen["silent"] is False


def _there_by(linked: ShippingSecondary | None) -> dict[str, str]:
    """By when log shipping had copied or restored its newest file, by the clock of its own
    server.
    """
    if linked is None:
        return {}
    found: dict[str, str] = {}
    for path, at in (
        (linked.get("last_copied_file"), linked.get("last_copied_at")),
        (linked.get("last_restored_file"), linked.get("last_restored_at")),
    ):
        name = _file_name(path)
        if name and at:
            found[name] = min(at, found.get(name, at))
    return found


# -- copies
def _copies(look: Look, database: str, logs: t.Sequence[LogBackup]) -> dict[str, Copy]:
    """Slot -> copy: of mgc for every slot that the inventory has, of others where they were read.

    ``logs``: by which tails are recognized.
    """
    copies: dict[str, Copy] = {}
    for slot, host in look["estate"]["sql"].items():
        if slot not in STORES or not host:
            continue
        if database == "mgc" or has_database(look, host, database):
            copies[slot] = _copy(look, slot, host, database, logs)
    return copies


def _copy(look: Look, slot: str, host: str, database: str, logs: t.Sequence[LogBackup]) -> Copy:
    seen = host_seen(look, host)
    if not seen["answers"] or seen["sql"] is None:
        why = seen["why"] or "it was not looked at"
        return Copy(slot=slot, host=host, why=why, refuses=_refuses(seen))
    sql = sql_seen(look, host)
    facts = database_seen(sql, database)
    last = _backup(facts["last_log_backup"])
    full = _backup(facts["last_full_backup"])
    redo = _redo_lsn(facts)
    on = _known_fork(facts, redo)
    stopped_by = last if _ends_at(redo, last) and fits(on, last["fork"]) else NO_BACKUP
    file = _tail_file(facts, on or stopped_by["fork"], sql, logs)
    space = facts["space"] or NO_SPACE
    return Copy(
        slot=slot,
        host=host,
        answers=True,
        server=sql["server_name"],
        state=facts["database_state"],
        closed_by=names_of(closed_by(facts)),
        role=facts["mirroring_role"],
        mirroring=facts["mirroring_state"],
        safety=facts["mirroring_safety"],
        witness=_witness_state(facts),
        redo_lsn=redo,
        fork_point=_number(facts["fork_point_lsn"]),
        fork_left=facts["first_recovery_fork"],
        fork=on or _fork(facts, file, stopped_by, (full, last), logs),
        family=facts["family"],
        sessions=int(facts["sessions"] or 0),
        seed=_stamp(facts["restored_stamp"]),
        restored_at=facts["restored_at"],
        clock=sql["clock"],
        began_at=_began_at(facts, redo),
        full=_full(facts, full, _attempt(look)),
        full_lsn=_number(full["last_lsn"]),
        tail=_tail(file, stopped_by),
        retired=_stamp(stopped_by["stamp"], "-old") is not None,
        version=_version(sql["version"]),
        role_sequence=_number(facts["mirroring_role_sequence"]),
        sees_logs=sql["shares"].get("log"),
        sees_seeds=sql["shares"].get("seed"),
        last_backup_lsn=_number(facts["last_log_backup_lsn"]),
        last_backup_path=last["path"],
        last_backup_end=_number(last["last_lsn"]),
        ships=facts["log_shipping_primary"] is not None,
        ships_enabled=_ships_enabled(facts),
        foreign_backups=_foreign_backups(facts),
        foreign_jobs=tuple(sql["log_backup_jobs"]),
        linked=facts["log_shipping_secondary"] is not None,
        copy_job=_copy_job(facts),
        stalled=_is_stalled(facts),
        agent=bool(sql["agent_running"]),
        log_mb=space["log_used_mb"],
        size_mb=space["size_mb"],
        room_mb=_room(sql),
        backup_mb_a_second=space["backup_mb_a_second"],
    )


def _room(sql: SqlLook) -> int | None:
    """Megabytes that are free on the volume of new data files."""
    folder = sql["default_folders"].get("data")
    return room_at(folder["path"], sql["volumes"]) if folder else None


def _ends_at(redo_lsn: int | None, last: LastBackup) -> bool:
    """A log backup taken here after which nothing was written or applied: the copy stands where it
    ends. By LSN, never by times.
    """
    return redo_lsn is not None and _number(last["last_lsn"]) == redo_lsn


def _ships_enabled(facts: DatabaseFacts) -> bool:
    primary = facts["log_shipping_primary"]
    return primary is not None and bool(primary["enabled"])


def _foreign_backups(facts: DatabaseFacts) -> tuple[str, ...]:
    primary = facts["log_shipping_primary"]
    return () if primary is None else tuple(primary["foreign_backups"])


def _copy_job(facts: DatabaseFacts) -> str | None:
    secondary = facts["log_shipping_secondary"]
    return None if secondary is None else secondary.get("copy_job")


def _is_stalled(facts: DatabaseFacts) -> bool:
    secondary = facts["log_shipping_secondary"]
    if secondary is None:
        return False
    return not (secondary.get("copy_enabled") and secondary.get("restore_enabled"))


def _backup(known: LastBackup | None) -> LastBackup:
    return {**NO_BACKUP, **(known or NO_BACKUP)}


def _attempt(look: Look) -> str:
    """The declared one; empty when there is none."""
    declared = sql_seen(look, look["estate"]["sql"]["backup"])["intent"]
    return declared["id"] if declared else ""


def _number(value: str | int | None) -> int | None:
    return None if value is None else int(value)


def _redo_lsn(facts: DatabaseFacts) -> int | None:
    """Where a copy that waits for log stands; None for others, whatever is told of them."""
    waits = facts["database_state"] in ("RESTORING", "STANDBY")
    return _number(facts["redo_lsn"]) if waits else None


def _witness_state(facts: DatabaseFacts) -> str | None:
    if not facts["mirroring_witness"]:
        return None
    return facts["mirroring_witness_state"] or "UNKNOWN"


def _known_fork(facts: DatabaseFacts, redo_lsn: int | None) -> str | None:
    """The fork that the copy is on, by the server, or because it stands as it was restored last.

    LSNs of two histories may coincide, so this comes before what was backed up up to the same one.
    """
    if redo_lsn is not None and _number(facts["restored_last_lsn"]) == redo_lsn:
        return facts["recovery_fork"] or facts["restored_fork"]
    return facts["recovery_fork"]


def _tail_file(
    facts: DatabaseFacts, fork: str | None, sql: SqlLook, logs: t.Sequence[LogBackup]
) -> LogBackup | None:
    """The file with the tail that this copy was stopped with; a mirror was stopped by none."""
    if facts["mirroring_role"] is not None:
        return None
    return tail_of(_redo_lsn(facts), facts["family"], fork, sql["server_name"], logs)


def _tail(file: LogBackup | None, stopped_by: LastBackup) -> str | None:
    """The attempt whose tail this copy was stopped with: by the file, else by msdb."""
    if file is not None:
        return file.attempt
    return _stamp(stopped_by["stamp"], "-tail")


def _fork(
    facts: DatabaseFacts,
    file: LogBackup | None,
    stopped_by: LastBackup,
    taken: t.Sequence[LastBackup],
    logs: t.Sequence[LogBackup],
) -> str | None:
    """The fork of a copy that does not stand as it was restored. What a tail stopped was put to
    work before, so the tail's own is nearer than that of what was once restored. Where history was
    cleaned, the log backups tell that end where the copy stands.
    """
    taken_here = stopped_by["fork"] if file is None else file.last_fork
    told = taken_here or _since_restored(facts, taken, logs) or facts["restored_fork"]
    return told or fork_at(_redo_lsn(facts), facts["family"], logs)


def _since_restored(
    facts: DatabaseFacts, taken: t.Sequence[LastBackup], logs: t.Sequence[LogBackup]
) -> str | None:
    """The fork of what was backed up here last, when the copy was put to work after all that was
    restored: a mirror that was the principal before. None when it was not.
    """
    forks = Forks.of(logs)
    since = [
        backup
        for backup in taken
        if _is_since_restored(facts, backup)
        and not forks.follows(facts["restored_fork"], backup["fork"])
    ]
    newest = max(since, key=_end_of, default=NO_BACKUP)
    return newest["fork"]


def _is_since_restored(facts: DatabaseFacts, backup: LastBackup) -> bool:
    """It was taken after the full restore, of this copy and not of the one before it; since then
    its LSNs only grow, so one that ends after all that was restored was taken after that.
    """
    full_at = facts["restored_at"]
    if full_at is not None and (backup["started_at"] or "") <= full_at:
        return False
    return _end_of(backup) > (_number(facts["restored_last_lsn"]) or 0)


def _end_of(backup: LastBackup) -> int:
    return _number(backup["last_lsn"]) or 0


def _began_at(facts: DatabaseFacts, redo_lsn: int | None) -> str | None:
    if redo_lsn is None or _number(facts["restored_last_lsn"]) != redo_lsn:
        return None
    return facts["restored_began_at"]


def _stamp(name: str | None, ending: str = "") -> str | None:
    """What stands in a backup's name between ours and this ending; None for one of others."""
    text = name or ""
    if not text.startswith(_NAMED) or not text.endswith(ending):
        return None
    return text.removeprefix(_NAMED).removesuffix(ending)


def _version(text: str | None) -> tuple[int, ...] | None:
    """Databases go from a lower one of these to a higher one, and never back."""
    if not text:
        return None
    return tuple(int(part) for part in text.split(".")[:2])


def _full(facts: DatabaseFacts, newest: LastBackup, attempt: str) -> str | None:
    """The stamp of this attempt's full backup, however many were taken since (a mirror's seed,
    say); else the newest one's.
    """
    for name in facts["full_stamps"]:
        stamp = _stamp(name)
        if attempt and stamp and stamp.startswith(attempt):
            return stamp
    return _stamp(newest["stamp"])


def _witnesses(look: Look) -> dict[str, str]:
    """Pair -> host of its witness, where it is declared and has a mirroring endpoint."""
    found: dict[str, str] = {}
    for pair, slot in (("primary", "witness"), ("backup", "backup_witness")):
        host = look["estate"]["sql"].get(slot)
        if host and host_seen(look, host)["answers"] and sql_seen(look, host)["endpoint"]:
            found[pair] = host
    return found


# -- servers and the pool
def _servers(look: Look) -> tuple[Server, ...]:
    """Those of the primary site first."""
    declared = look["estate"]["servers"]
    home = [_server(look, "primary", host) for host in declared["primary"]]
    away = [_server(look, "backup", host) for host in declared["backup"]]
    return (*home, *away)


def _server(look: Look, site: str, host: str) -> Server:
    seen = host_seen(look, host)
    chat: ChatLook = {**NO_CHAT, **(seen["chat"] or NO_CHAT)}
    return Server(
        fqdn=look["estate"]["fqdn"][host],
        host=host,
        site=site,
        answers=bool(seen["answers"]),
        started=bool(chat["started"]),
        started_at=chat["started_at"],
        clock=chat["clock"],
        stopped=tuple(name for name in chat["stopped"] if _matters(look, name)),
    )


def _matters(look: Look, service: str) -> bool:
    """Without a compliance database its service is stopped, as it should be."""
    if "compliance" not in service.lower():
        return True
    return any(has_database(look, host, "mgccomp") for host in look["hosts"])


def _pool_told(look: Look) -> tuple[PoolLook, str | None]:
    """What the best witness says of the pool, and who it is: one that reaches the central store,
    else one with a replica; of the backup site first.
    """
    witnesses = _management(look)
    for store in ("central", "local"):
        for host in witnesses:
            pool: PoolLook = {**NO_POOL, **(host_seen(look, host)["pool"] or NO_POOL)}
            if host_seen(look, host)["answers"] and pool["store"] == store:
                return pool, host
    told = [f"{host}: {why}" for host in witnesses if (why := host_seen(look, host)["why"])]
    return {**NO_POOL, "why": "; ".join(told) or None}, None


def _management(look: Look) -> list[str]:
    """Management hosts, those of the backup site first."""
    site = look["estate"]["site"]
    return sorted(look["estate"]["management"], key=lambda host: site[host] != "backup")


# -- who sees whom
def _views(look: Look) -> Iterator[tuple[str, str, bool | None]]:
    """(who, whom, whether it reaches it), of those that do not answer the controller."""
    for host in look["hosts"]:
        for other, reaches in host_seen(look, host)["sees"].items():
            if not host_seen(look, other)["answers"]:
                yield host, other, reaches


def _seen_from(look: Look) -> tuple[str, ...]:
    """Vantage points besides the controller: unreachable is not dead while somebody else reaches
    it.
    """
    return tuple(f"{host} reaches {other}" for host, other, reaches in _views(look) if reaches)


def _blind(look: Look) -> tuple[str, ...]:
    """Who is no vantage point, because it cannot tell, whatever others tell."""
    return tuple(
        f"{host} cannot tell whether it reaches {other}"
        for host, other, reaches in _views(look)
        if reaches is None
    )
