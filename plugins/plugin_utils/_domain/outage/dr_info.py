"""What one host of the estate can tell, read in as few pipelines as it takes.

FOR INTERNAL COLLECTION USE ONLY.

Shapes as in ``estate.py``. Raises what the session raises; whoever looks at many hosts turns that
into "it could not be read".
"""

from __future__ import annotations

import datetime as dt
import json
import re
import typing as t

from ..._engine.errors import CmdletFailed, CmdletMissing, PChatError, Unproven, Unreachable
from ..._engine.model import Call, Record, Session, State
from ..calls import lync, windows
from ..calls.missing import named
from ..calls.tsql import backup_files, intent
from ..estate.time_zone import Zone, zone_of
from ..resources.lync._pool import read_pool
from ..resources.sqlserver._instance import same
from ..resources.sqlserver.dr_intent import parse
from ..resources.sqlserver.sql_info import SqlInfo, SqlInfoOptions
from ..rows import text_of
from .estate import STORES

DR_INFO_SPEC: State = {
    "estate": {"type": "dict", "required": True},
    "databases": {"type": "list", "elements": "str", "default": ["mgc"]},
    "log_share": {"type": "str", "required": True},
    "copy_folder": {"type": "str", "required": True},
    "seed_share": {"type": "str", "default": ""},
    "answer_within": {"type": "int", "default": 15},
}
#: Statements of one pipeline: enough to save round trips, few enough to keep answers small.
_AT_ONCE = 40


def unread(error: PChatError) -> State:
    """A host that could not be read: why, and nothing else is known. ``silent``: it did not answer
    at all; a host that refuses the logon, or that answers so that it cannot be understood, is
    there.
    """
    if isinstance(error, CmdletMissing):
        error = named(error, "it")
    return {
        "answers": False,
        "silent": error.code == Unreachable.code,
        "why": str(error),
        "sql": None,
        "pool": None,
        "chat": None,
        "sees": {},
    }


def read_host(session: Session, name: str, options: State, ports: t.Mapping[str, int]) -> State:
    """Everything that this host can tell, by what it is.

    ``ports``: on which the controller manages the hosts, for those that others may still reach.
    """
    estate = options["estate"]
    slot = next((s for s, host in estate["sql"].items() if host == name), None)
    seen: State = {
        "answers": True,
        "silent": False,
        "why": None,
        "sql": None,
        "pool": None,
        "chat": None,
        "sees": {},
    }
    if slot is not None:
        try:
            seen["sql"] = read_sql(
                session, estate["fqdn"][name], estate["instance"][name], options["databases"]
            )
        except CmdletFailed as error:
            return stopped(session, estate["instance"][name]) or unread(error)
        if slot in STORES:
            seen["sql"]["shares"] = read_shares(
                session, {"log": options["log_share"], "seed": options["seed_share"]}
            )
    if slot == "backup":
        seen["sql"]["intent"], seen["sql"]["intent_why"] = read_intent(session, estate["pool"])
        seen["sql"]["put_to_work"] = record_of(
            seen["sql"]["records"], intent.put_to_work_name(estate["pool"])
        )
        seen["sql"]["logs"] = read_logs(
            session, "mgc", options["log_share"], options["copy_folder"], seen["sql"]
        )
    if name in estate["management"]:
        seen["pool"] = read_pool_state(session, estate["pool"])
        if estate["site"][name] == "backup":
            pair = [estate["sql"][s] for s in ("primary", "mirror")]
            seen["sees"] = read_sees(
                session, {n: (estate["fqdn"][n], ports[n]) for n in pair if n in ports}
            )
    if name in estate["servers"]["primary"] + estate["servers"]["backup"]:
        seen["chat"] = read_chat(session)
    if slot is None and seen["pool"] is None and seen["chat"] is None:
        # nothing else is asked of it: only that it answers
        session.read(windows.computer())
    return seen


def stopped(session: Session, instance: str) -> State | None:
    """A host whose SQL Server does not run: its copy is in nobody's use, as if the host were
    silent. None when it runs, or nobody can say.
    """
    name = f"MSSQL${instance}" if instance else "MSSQLSERVER"
    try:
        rows = session.read(windows.service(name))[0]
    except PChatError:
        return None
    states = [str(row.get("State")) for row in rows]
    if states != ["Stopped"]:
        return None
    return unread(Unreachable(f"the host answers, but its service {name} is stopped"))


def read_sql(session: Session, host: str, instance: str, databases: list[str]) -> State:
    """What sql_info returns, of these databases."""
    options: SqlInfoOptions = {
        "databases": databases,
        "sql_instance": instance,
        "mirroring_port": None,
    }
    return t.cast(State, SqlInfo(options, host).read(session))


def read_intent(session: Session, pool: str) -> tuple[State | None, str | None]:
    """The record, and why one that is there cannot be read."""
    rows = session.read(intent.intent(pool))[0]
    return t.cast(
        "tuple[State | None, str | None]", parse(rows[0]["value"]) if rows else (None, None)
    )


def record_of(records: t.Mapping[str, str], name: str) -> State | None:
    """A record of ours by its name; None when there is none, or when it is no JSON object."""
    try:
        found = json.loads(records.get(name.lower()) or "null")
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def read_shares(session: Session, shares: t.Mapping[str, str]) -> dict[str, bool]:
    """Which of these shares this SQL Server sees as a folder, with its own account; those without a
    path are left out.
    """
    wanted = {kind: path for kind, path in shares.items() if path}
    answers = (
        session.read(*(backup_files.exists(path) for path in wanted.values())) if wanted else []
    )
    return {
        kind: bool(rows and rows[0].get("File is a Directory"))
        for kind, rows in zip(wanted, answers, strict=True)
    }


def read_logs(session: Session, database: str, share: str, folder: str, facts: State) -> State:
    """{share: [backup], copied: [backup], why}: the log backups on the share and in the copy
    folder, by their headers.

    ``facts``: sql_info's. Files that end before the restoring copy's position are not opened again;
    by LSN, since what was restored into a database before it was restored anew says nothing. Those
    that are still to be applied are verified.
    """
    database_facts = facts["databases"][database]
    listed, there, copied, copies, restored = session.read(
        backup_files.files(share),
        backup_files.exists(share),
        backup_files.files(folder),
        backup_files.exists(folder),
        backup_files.restored_files(database),
    )
    why = (
        None
        if there and there[0].get("File is a Directory")
        else f"{facts['server_name']} cannot see {share}"
    )
    redo = (
        int(database_facts["redo_lsn"] or 0)
        if database_facts["database_state"] in ("RESTORING", "STANDBY")
        else None
    )
    skipped = _done(restored, redo)
    names = {
        "share": _log_files(listed, database, skipped) if why is None else [],
        "copied": _log_files(copied, database, skipped),
    }
    zone = zone_of(facts.get("time_zone"), int(facts.get("utc_offset_minutes") or 0))
    found = {
        place: _headers(
            session, place, [f"{base.rstrip(chr(92))}\\{name}" for name in names[place]], zone
        )
        for place, base in (("share", share), ("copied", folder))
    }
    if redo is not None:
        for backups in found.values():
            _mark_damaged(
                session, [b for b in backups if b["error"] is None and b["last_lsn"] > redo]
            )
    # an empty listing of a folder that nobody sees is not "no files"
    if not (copies and copies[0].get("File is a Directory")):
        found["copied"].append(
            {
                "path": folder,
                "place": "copied",
                "error": f"{facts['server_name']} cannot see the folder {folder}",
            }
        )
    return {"share": found["share"] if why is None else None, "copied": found["copied"], "why": why}


def _done(restored: list[Record], redo_lsn: int | None) -> set[str]:
    """Names of files that need not be opened: those that end before the copy's position, of an
    online copy all but the newest and the tails.
    """
    names = {str(r["path"]).rpartition("\\")[2].lower(): int(r["last_lsn"]) for r in restored}
    if redo_lsn is not None:
        return {name for name, last in names.items() if last < redo_lsn}
    return {name for name in list(names)[:-1] if not name.endswith("-tail.trn")}


def _log_files(rows: list[Record], database: str, skipped: set[str]) -> list[str]:
    """``<database>_....trn``, anchored: another database's name may begin alike."""
    pattern = re.compile(
        rf"{re.escape(database)}_([0-9]{{14}}|[0-9a-f]{{32}}-tail)\.trn", re.IGNORECASE
    )
    return sorted(
        str(r["subdirectory"])
        for r in rows
        if r.get("file")
        and pattern.fullmatch(str(r["subdirectory"]))
        and str(r["subdirectory"]).lower() not in skipped
    )


def _headers(session: Session, place: str, paths: list[str], zone: Zone) -> list[State]:
    found: list[State] = []
    for start in range(0, len(paths), _AT_ONCE):
        some = paths[start : start + _AT_ONCE]
        for path, rows in zip(
            some, _each(session, [backup_files.header(p) for p in some]), strict=True
        ):
            if isinstance(rows, PChatError):
                found.append({"path": path, "place": place, "error": str(rows)})
            elif not rows:
                found.append(
                    {
                        "path": path,
                        "place": place,
                        "error": f"the file {path} is there, and its header shows no backup",
                    }
                )
            else:
                found += _backups(path, place, rows, zone)
    return found


def _backups(path: str, place: str, rows: list[Record], zone: Zone) -> list[State]:
    """The log backups in a file.

    A header of which we cannot make sense is one that was not read: nobody knows what is in there.
    """
    try:
        return [_backup(path, place, row, zone) for row in rows if row.get("BackupType") == 2]
    except (KeyError, TypeError, ValueError) as odd:
        return [
            {
                "path": path,
                "place": place,
                "error": f"its header is none that we know ({type(odd).__name__}: {odd})",
            }
        ]


def _each(session: Session, calls: list[Call]) -> list[list[Record] | PChatError]:
    """All in one pipeline; when one of them fails, which ends the pipeline, by halves: one bad file
    among many costs a few pipelines.

    What did not prove its end is as unknown as what failed.
    """
    try:
        return list(session.read(*calls)) if calls else []
    except CmdletMissing:  # says nothing of these files
        raise
    except (CmdletFailed, Unproven) as error:
        if len(calls) == 1:
            return [error]
        middle = len(calls) // 2
        return [*_each(session, calls[:middle]), *_each(session, calls[middle:])]


def _backup(path: str, place: str, row: Record, zone: Zone) -> State:
    name = str(row.get("BackupName") or "")
    return {
        "path": path,
        "place": place,
        "first_lsn": int(row["FirstLSN"]),
        "last_lsn": int(row["LastLSN"]),
        "first_fork": _text(row.get("FirstRecoveryForkID")),
        "last_fork": _text(row.get("RecoveryForkID")),
        "fork_point": int(row["ForkPointLSN"]) if row.get("ForkPointLSN") is not None else None,
        "family": _text(row.get("FamilyGUID")),
        "server": row.get("ServerName"),
        "stamp": name.removeprefix("pchat ") if name.startswith("pchat ") else None,
        "at": _began(path, row.get("BackupStartDate"), zone),
        "uuid": _text(row.get("BackupSetGUID")),
        "position": int(row["Position"]),
        "damaged": bool(row.get("IsDamaged")),
        "tail": bool(row.get("IsForceOffline")),
        "error": None,
    }


def _text(value: t.Any) -> str | None:
    return None if value is None else str(value).upper()


def _began(path: str, local: t.Any, zone: Zone) -> str | None:
    """Log shipping writes UTC into its file names; headers have the writer's local time without a
    zone (assumed: the zone of the reader).

    None: unknown. A name whose digits are no time was not given by log shipping, and nobody knows
    what its writer's clock said.
    """
    stamp = re.search(r"_(\d{14})\.trn$", path, re.IGNORECASE)
    try:
        if stamp:
            return _iso(dt.datetime.strptime(stamp[1], "%Y%m%d%H%M%S"))
        return zone.utc(str(local).rstrip("Z"))
    except (ValueError, OverflowError):
        return None


def _iso(time: dt.datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")


def _mark_damaged(session: Session, backups: list[State]) -> None:
    """A header may be whole while what follows is not.

    Many files in one pipeline: thousands may wait.
    """
    for start in range(0, len(backups), _AT_ONCE):
        some = backups[start : start + _AT_ONCE]
        verified = _each(session, [backup_files.verify(b["path"], b["position"]) for b in some])
        for backup, answer in zip(some, verified, strict=True):
            backup["damaged"] = backup["damaged"] or isinstance(answer, PChatError)


def read_pool_state(session: Session, pool: str) -> State:
    """From the central store; when that does not answer, what this host's replica of it said
    last.
    """
    try:
        services, states, replicas, central = session.read(
            lync.chat_services(),
            lync.pool_states(),
            lync.replication_status(),
            lync.central_store_status(),
        )
        late = sorted(
            text_of(r.get("ReplicaFqdn")).lower() for r in replicas if not r.get("UpToDate")
        )
        cms = text_of(central[0].get("ActiveMasterFqdn")).lower() if central else None
        return {
            "store": "central",
            "why": None,
            "cms": cms,
            "late": late,
            **_told(pool, services, states),
        }
    except CmdletMissing:  # says nothing of the store
        raise
    except CmdletFailed as error:
        lost = str(error)
    try:
        states = session.read(lync.pool_states(local=True))[0]
        mine = next(
            (s for s in states if text_of(s.get("Identity")).lower().endswith(f":{pool.lower()}")),
            None,
        )
        return {
            "store": "local",
            "why": lost,
            "published": True,
            "members": [],
            "active": None,
            "cms": None,
            "late": [],
            "identity": text_of(mine["Identity"]) if mine else None,
            "pool_state": text_of(mine["PoolState"]) if mine else None,
        }
    except CmdletFailed as error:
        return {
            "store": None,
            "why": f"{lost} The local replica does not help either: {error}",
            "published": False,
            "members": [],
            "active": None,
            "pool_state": None,
            "cms": None,
            "late": [],
        }


def _told(pool: str, services: list[Record], states: list[Record]) -> State:
    read = read_pool(pool, services, states)
    return {k: read[k] for k in ("published", "members", "active", "pool_state")}


def read_chat(session: Session) -> State:
    """{started, started_at} of the Persistent Chat service itself, and {stopped: [display names]}
    of it and of the compliance service beside it.
    """
    found, processes = session.read(windows.services("*Persistent Chat*"), windows.processes())
    born = {p.get("ProcessId"): p.get("CreationDate") for p in processes}
    chat = next((s for s in found if "compliance" not in str(s["DisplayName"]).lower()), None)
    running = chat is not None and same(chat["State"], "Running")
    return {
        "started": running,
        "started_at": born.get(chat["ProcessId"]) if running and chat else None,
        "stopped": sorted(str(s["DisplayName"]) for s in found if not same(s["State"], "Running")),
    }


def read_sees(session: Session, others: t.Mapping[str, tuple[str, int]]) -> dict[str, bool | None]:
    """Which machines this host can connect to: name -> (FQDN, TCP port). None: unknown, since
    Test-NetConnection is not there (before Windows Server 2012 R2, or hidden by the endpoint).
    """
    try:
        answers = (
            session.read(*(windows.connects(fqdn, port) for fqdn, port in others.values()))
            if others
            else []
        )
    except CmdletFailed:
        return dict.fromkeys(others)
    return {
        name: bool(rows and _quiet(rows[0])) for name, rows in zip(others, answers, strict=True)
    }


def _quiet(value: t.Any) -> bool:
    return bool(value.get("value") if isinstance(value, dict) else value)
