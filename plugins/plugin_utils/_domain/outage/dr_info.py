"""What one host of the estate can tell, read in as few pipelines as it takes.

FOR INTERNAL COLLECTION USE ONLY.

Shapes as in ``documents/look.py``. Raises what the session raises; whoever looks at many hosts
turns that into "it could not be read".
"""

from __future__ import annotations

import itertools
import json
import typing as t
from collections.abc import Sequence

from ..._engine.errors import CmdletFailed, CmdletMissing, PChatError, Refused, Unreachable
from ..._engine.model import Call, Record, Session, State
from ..calls import windows
from ..calls.missing import named
from ..calls.tsql import backup_files, intent
from ..documents.declared import Declared
from ..documents.look import (
    UNSEEN,
    ChatLook,
    HostLook,
    IntentRecord,
    PutToWork,
    SqlLook,
)
from ..resources.sqlserver._instance import same
from ..resources.sqlserver.dr_intent import parse
from ..resources.sqlserver.salvaged_copy import is_kept
from ..resources.sqlserver.sql_info import SqlInfo, SqlInfoOptions
from ..resources.windows._services import read_services
from ..resources.windows.host_info import free_on_drives
from ..rows import flag, text, text_or_none
from ..unc import share_of
from .copies import STORES
from .pool_look import read_pool_state
from .shipped_logs import Listings, listings, read_logs, without_end

DR_INFO_SPEC: State = {
    "estate": {"type": "dict", "required": True},
    "databases": {"type": "list", "elements": "str", "default": ["mgc"]},
    "log_share": {"type": "str", "required": True},
    "copy_folder": {"type": "str", "required": True},
    "seed_share": {"type": "str", "default": ""},
    "probe_within": {"type": "int", "default": 3},
    "probe_again_within": {"type": "int", "default": 1},
    "answer_within": {"type": "int", "default": 15},
    "silent": {"type": "list", "elements": "str", "default": []},
    "ask_others": {"type": "bool", "default": True},
}


class LookOptions(t.TypedDict):
    """The options of the module dr_info, validated; see there."""

    estate: Declared
    databases: list[str]
    log_share: str
    copy_folder: str
    seed_share: str
    probe_within: int
    probe_again_within: int
    answer_within: int
    silent: list[str]
    ask_others: bool


def refuse_impatience(options: LookOptions) -> None:
    """Without any time to answer every host would be lost. Raises Refused (``bad_option``)."""
    limits = {
        "probe_within": options["probe_within"],
        "probe_again_within": options["probe_again_within"],
        "answer_within": options["answer_within"],
    }
    for name, seconds in limits.items():
        if seconds < 1:
            raise Refused(
                f"{name} is {seconds}, which leaves no host the time to answer, so that all would"
                " count as lost. Name a number of seconds from 1 on.",
                code="bad_option",
            )


def patience(name: str, options: LookOptions) -> float:
    """Seconds within which this host must say that it is there: fewer for one that was silent in
    the look before, and half as many where nothing depends on its silence any more, so that nobody
    else is asked about it either.
    """
    if name not in options["silent"]:
        return options["probe_within"]
    again = options["probe_again_within"]
    return again if options["ask_others"] else again / 2


def unread(error: PChatError) -> HostLook:
    """A host that could not be read: why, and nothing else is known. ``silent``: it did not answer
    at all; a host that refuses the logon, or that answers so that it cannot be understood, is
    there.
    """
    if isinstance(error, CmdletMissing):
        error = named(error, "it")
    return {
        **UNSEEN,
        "silent": error.code == Unreachable.code,
        "why": str(error),
        "sees": {},
    }


def read_host(session: Session, name: str, options: LookOptions) -> HostLook:
    """Everything that this host can tell, by what it is; who else it reaches is asked apart
    (``views.py``).
    """
    declared = options["estate"]
    seen: HostLook = {**UNSEEN, "answers": True, "silent": False, "sees": {}}
    slot = _slot_of(name, declared)
    if slot is not None:
        try:
            seen["sql"] = read_sql(session, name, slot, options)
        except CmdletFailed as error:
            return stopped(session, declared["instance"][name]) or unread(error)
    if name in declared["management"]:
        seen["pool"] = read_pool_state(session, declared["pool"])
    _read_windows(session, name, options, seen)
    return seen


def _read_windows(session: Session, name: str, options: LookOptions, seen: HostLook) -> None:
    """What a chat server and a file server tell; of any other host that it answers."""
    declared = options["estate"]
    if name in declared["servers"]["primary"] + declared["servers"]["backup"]:
        seen["chat"] = read_chat(session)
    if name in declared["file_servers"]:
        seen["room"] = read_room(session, declared["fqdn"][name], options)
    elif seen["sql"] is None and seen["pool"] is None and seen["chat"] is None:
        # nothing else is asked of it: only that it answers
        session.read(windows.computer())


def _slot_of(name: str, declared: Declared) -> str | None:
    for slot, host in declared["sql"].items():
        if host == name:
            return slot
    return None


def stopped(session: Session, instance: str) -> HostLook | None:
    """A host whose SQL Server does not run: its copy is in nobody's use, as if the host were
    silent. None when it runs, or nobody can say.
    """
    name = f"MSSQL${instance}" if instance else "MSSQLSERVER"
    try:
        rows = session.read(windows.service(name))[0]
    except PChatError:
        return None
    states = [text(row, "State") for row in rows]
    if states != ["Stopped"]:
        return None
    return unread(Unreachable(f"the host answers, but its service {name} is stopped"))


# -- SQL Server
def read_sql(session: Session, name: str, slot: str, options: LookOptions) -> SqlLook:
    """What sql_info tells of this instance, with what is asked of those that hold a copy besides,
    and of the backup alone; all in one pipeline, but for the files of logs that are opened.
    """
    declared = options["estate"]
    info = sql_info(declared["fqdn"][name], declared["instance"][name], options["databases"])
    asked = _asked_besides(slot, options)
    facts, came = info.read_beside(session, *itertools.chain(*asked.values()))
    told = _by_question(asked, came)
    seen = t.cast(SqlLook, {**facts})
    if slot in STORES:
        seen["shares"] = _shares_seen(_shares(options), told["shares"])
    if slot == "backup":
        pool = declared["pool"]
        seen["intent"], seen["intent_why"] = _intent_of(*told["intent"])
        seen["put_to_work"] = record_of(facts["records"], intent.put_to_work_name(pool))
        seen["kept"] = _kept_in(options["seed_share"], *told["kept"])
        places = options["log_share"], options["copy_folder"]
        seen["logs"] = read_logs(session, "mgc", *places, facts, Listings(*told["logs"]))
    return seen


def _by_question(
    asked: t.Mapping[str, Sequence[Call]], came: t.Iterable[list[Record]]
) -> dict[str, list[list[Record]]]:
    """The answers to each group of calls, in its order."""
    answers = iter(came)
    return {what: list(itertools.islice(answers, len(calls))) for what, calls in asked.items()}


def sql_info(host: str, instance: str, databases: list[str]) -> SqlInfo:
    """What tells everything of this instance and of these databases. ``host``: its FQDN."""
    asked: SqlInfoOptions = {
        "databases": databases,
        "sql_instance": instance,
        "mirroring_port": None,
    }
    return SqlInfo(asked, host)


def _asked_besides(slot: str, options: LookOptions) -> dict[str, list[Call]]:
    """By what they tell, which ``read_sql`` knows."""
    asked: dict[str, list[Call]] = {}
    if slot in STORES:
        asked["shares"] = [*map(backup_files.exists, _shares(options).values())]
    if slot == "backup":
        seeds = options["seed_share"]
        asked["intent"] = [intent.intent(options["estate"]["pool"])]
        asked["kept"] = [backup_files.files(without_end(seeds))] if seeds else []
        asked["logs"] = listings("mgc", options["log_share"], options["copy_folder"])
    return asked


def _intent_of(rows: Sequence[Record]) -> tuple[IntentRecord | None, str | None]:
    """The record, and why one that is there cannot be read."""
    if not rows:
        return None, None
    return parse(text_or_none(rows[0], "value"))


def record_of(records: t.Mapping[str, str], name: str) -> PutToWork | None:
    """A record of ours by its name; None when there is none, or when it is no JSON object."""
    try:
        found = json.loads(records.get(name.lower()) or "null")
    except ValueError:
        return None
    return t.cast(PutToWork, found) if isinstance(found, dict) else None


def _shares(options: LookOptions) -> dict[str, str]:
    """log, seed -> its path, of those that have one."""
    shares = {"log": options["log_share"], "seed": options["seed_share"]}
    return {kind: path for kind, path in shares.items() if path}


def _shares_seen(
    shares: t.Mapping[str, str], answers: Sequence[Sequence[Record]]
) -> dict[str, bool]:
    """Which of them this SQL Server sees as a folder, with its own account."""
    return {
        kind: bool(rows) and flag(rows[0], "File is a Directory")
        for kind, rows in zip(shares, answers, strict=True)
    }


def _kept_in(share: str, rows: Sequence[Record] = ()) -> list[str]:
    """Paths of the backups of old copies of mgc on the share of the seeds; none where that is not
    seen.
    """
    names = [text(row, "subdirectory") for row in rows if flag(row, "file")]
    return sorted(f"{without_end(share)}\\{name}" for name in names if is_kept(name, "mgc"))


# -- a file server
def read_room(session: Session, host: str, options: LookOptions) -> dict[str, int]:
    """log, seed -> megabytes that are free where that share lies, of those that this host holds.

    ``host``: its FQDN. Nothing where it cannot tell: Get-SmbShare came with Windows Server 2012.
    """
    held = {"log": options["log_share"], "seed": options["seed_share"]}
    shares_at = {kind: share_of(path) for kind, path in held.items()}
    names = {kind: share for kind, (server, share) in shares_at.items() if same(server, host)}
    try:
        shares, disks = session.read(windows.shares(), windows.drives())
    except CmdletFailed:
        session.read(windows.computer())
        return {}
    return room_of(names, shares, disks)


def room_of(
    names: t.Mapping[str, str], shares: t.Sequence[Record], disks: t.Sequence[Record]
) -> dict[str, int]:
    """``names``: log, seed -> name of the share. One that is not listed, or on no local drive, is
    left out.
    """
    free = free_on_drives(disks)
    drives = {text(row, "Name").lower(): text(row, "Path")[:2].upper() for row in shares}
    found: dict[str, int] = {}
    for kind, name in names.items():
        drive = drives.get(name.lower())
        if drive in free:
            found[kind] = free[drive]
    return found


# -- services
def read_chat(session: Session) -> ChatLook:
    """Whether the Persistent Chat service itself runs, and since when; ``stopped`` is told of the
    compliance service beside it as well.
    """
    found = read_services(session, "*Persistent Chat*")
    chat = _chat_service(found.rows)
    running = chat is not None and same(text(chat, "State"), "Running")
    stopped = [row for row in found.rows if not same(text(row, "State"), "Running")]
    return {
        "started": running,
        "started_at": found.began(chat) if running and chat else None,
        "stopped": sorted(text(row, "DisplayName") for row in stopped),
        "clock": found.clock,
    }


def _chat_service(services: t.Sequence[Record]) -> Record | None:
    for row in services:
        if "compliance" not in text(row, "DisplayName").lower():
            return row
    return None
