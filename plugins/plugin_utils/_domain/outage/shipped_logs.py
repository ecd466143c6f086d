"""The log backups that a restoring copy may still need, by the headers of their files.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import datetime as dt
import re
import typing as t
from collections.abc import Iterable, Sequence

from ..._engine.errors import CmdletFailed, CmdletMissing, PChatError, Unproven
from ..._engine.model import Call, Record, Session
from ..calls.tsql import backup_files
from ..documents.instance import DatabaseFacts, InstanceFacts
from ..documents.look import LogFile, ShippedLogs
from ..estate.time_zone import Zone, zone_of
from ..rows import flag, text, text_or_none

#: Statements of one pipeline: enough to save round trips, few enough to keep answers small.
_AT_ONCE = 40
#: BackupType of a log backup (RESTORE HEADERONLY reference).
_LOG = 2
_TAIL_FILE = "-tail.trn"
_STAMPED = re.compile(r"_(\d{14})\.trn$", re.IGNORECASE)
Item = t.TypeVar("Item")


class Listings(t.NamedTuple):
    """What a server answered to ``listings``: the entries of the share and of the copy folder, with
    what it sees there, and the files of logs that it restored.
    """

    listed: Sequence[Record]
    there: Sequence[Record]
    copied: Sequence[Record]
    copies: Sequence[Record]
    restored: Sequence[Record]


def listings(database: str, share: str, folder: str) -> list[Call]:
    """What is asked before any file is opened; the answers are those of ``Listings``."""
    return [
        backup_files.files(share),
        backup_files.exists(share),
        backup_files.files(folder),
        backup_files.exists(folder),
        backup_files.restored_files(database),
    ]


def read_logs(
    session: Session, database: str, share: str, folder: str, facts: InstanceFacts, found: Listings
) -> ShippedLogs:
    """The log backups on the share and in the copy folder, which were listed before.

    ``facts``: sql_info's. Files that end before the restoring copy's position are not opened again,
    but for the newest, tails, and those that tell where a fork was left; by LSN, since what was
    restored into a database before it was restored anew says nothing. Those that are still to be
    applied are verified. Raises what the session raises.
    """
    names = {share: found.listed, folder: found.copied}
    blind = _unlisted(session, facts["databases"][database], names)
    seen = _is_folder(found.there) and share not in blind
    redo = _redo_lsn(facts["databases"][database])
    ends = _ends(found.restored)
    on_share = _log_files(found.listed if seen else [], database, ends, redo)
    in_folder = _log_files(found.copied, database, ends, redo)
    places = _placed("share", share, on_share) + _placed("copied", folder, in_folder)
    zone = zone_of(facts.get("time_zone"), int(facts.get("utc_offset_minutes") or 0))
    files = _headers(session, places, zone)
    if redo is not None:
        _mark_damaged(session, _beyond(redo, files))
    copied = _at("copied", files)
    # an empty listing of a folder that nobody sees is not "no files"
    if not _is_folder(found.copies) or folder in blind:
        unseen = f"{facts['server_name']} cannot see the folder {folder}"
        copied.append({"path": folder, "place": "copied", "error": unseen})
    if not seen:
        why = f"{facts['server_name']} cannot see {share}"
        return {"share": None, "copied": copied, "why": why}
    return {"share": _at("share", files), "copied": copied, "why": None}


def _placed(place: str, folder: str, names: Sequence[str]) -> list[tuple[str, str]]:
    """(place, path) of each file."""
    base = without_end(folder)
    return [(place, f"{base}\\{name}") for name in names]


def _at(place: str, files: Sequence[LogFile]) -> list[LogFile]:
    return [file for file in files if file["place"] == place]


def _unlisted(
    session: Session, facts: DatabaseFacts, listings: t.Mapping[str, Sequence[Record]]
) -> set[str]:
    """Folders whose listing is empty although a file is there by its name: whoever may pass through
    a folder need not be allowed to list it. The file is the one that log shipping copied last.
    """
    newest = _newest_copied(facts)
    places = {}
    for folder, rows in listings.items():
        if newest and not rows:
            places[folder] = f"{without_end(folder)}\\{newest}"
    if not places:
        return set()
    answers = session.read(*map(backup_files.exists, places.values()))
    return {folder for folder, rows in zip(places, answers, strict=True) if _is_file(rows)}


def _newest_copied(facts: DatabaseFacts) -> str:
    """Its name; empty where log shipping copied none."""
    secondary = facts["log_shipping_secondary"]
    return _file_name(secondary["last_copied_file"] or "") if secondary else ""


def without_end(folder: str) -> str:
    """A folder as names are put behind it."""
    return folder.rstrip("\\")


def _is_file(rows: Sequence[Record]) -> bool:
    return bool(rows) and flag(rows[0], "File Exists")


def _is_folder(rows: Sequence[Record]) -> bool:
    """What xp_fileexist said of it; False where it said nothing."""
    return bool(rows) and flag(rows[0], "File is a Directory")


def _redo_lsn(facts: DatabaseFacts) -> int | None:
    """Where a copy that waits for log stands; None for others."""
    if facts["database_state"] not in ("RESTORING", "STANDBY"):
        return None
    return int(facts["redo_lsn"] or 0)


# -- which files
def _ends(restored: Sequence[Record]) -> dict[str, int]:
    """Where each file ends that was restored, by its name, in the order of the restores."""
    return {_file_name(text(row, "path")): _whole(row, "last_lsn") for row in restored}


def _done(there: Iterable[str], ends: t.Mapping[str, int], redo_lsn: int | None) -> set[str]:
    """Names of files that need not be opened: of those that are there and end before the copy's
    position all but the newest and the tails, and the same of those that end right there, and of
    all for an online copy.

    Where nobody writes, each log backup ends where the one before it did, at the position itself:
    the newest tells all. Where the pool went on elsewhere from right there, the one before tells
    until when it surely had not.
    """
    if redo_lsn is None:
        return _older(ends)
    present = set(there)
    known = [(name, end) for name, end in ends.items() if name in present]
    before = _older(name for name, end in known if end < redo_lsn)
    return before | _older(name for name, end in known if end == redo_lsn)


def _older(names: Iterable[str]) -> set[str]:
    """All but the newest, which is the last one, and the tails."""
    return {name for name in [*names][:-1] if not name.endswith(_TAIL_FILE)}


def _file_name(path: str) -> str:
    return path.rpartition("\\")[2].lower()


def _log_files(
    rows: Sequence[Record], database: str, ends: t.Mapping[str, int], redo_lsn: int | None
) -> list[str]:
    """``<database>_....trn``, anchored: another database's name may begin alike."""
    pattern = re.compile(
        rf"{re.escape(database)}_([0-9]{{14}}|[0-9a-f]{{32}}-tail)\.trn", re.IGNORECASE
    )
    names = [text(row, "subdirectory") for row in rows if flag(row, "file")]
    ours = [name for name in names if pattern.fullmatch(name)]
    skipped = _done((name.lower() for name in ours), ends, redo_lsn)
    return sorted(name for name in ours if name.lower() not in skipped)


def _beyond(redo_lsn: int, files: Sequence[LogFile]) -> list[LogFile]:
    """Those that are still to be applied."""
    readable = [file for file in files if file["error"] is None]
    return [file for file in readable if file["last_lsn"] > redo_lsn]


# -- their headers
def _headers(session: Session, places: Sequence[tuple[str, str]], zone: Zone) -> list[LogFile]:
    """``places``: (place, path) of each file."""
    found: list[LogFile] = []
    for some in _batches(places):
        answers = _each(session, [backup_files.header(path) for _place, path in some])
        for (place, path), rows in zip(some, answers, strict=True):
            found += _in_file(path, place, rows, zone)
    return found


def _batches(items: Sequence[Item]) -> Iterable[Sequence[Item]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]


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


def _in_file(
    path: str, place: str, rows: Sequence[Record] | PChatError, zone: Zone
) -> list[LogFile]:
    if isinstance(rows, PChatError):
        return [_unread(path, place, str(rows))]
    if not rows:
        return [_unread(path, place, f"the file {path} is there, and its header shows no backup")]
    return _backups(path, place, rows, zone)


def _unread(path: str, place: str, error: str) -> LogFile:
    return {"path": path, "place": place, "error": error}


def _backups(path: str, place: str, rows: Sequence[Record], zone: Zone) -> list[LogFile]:
    """The log backups in a file.

    A header of which we cannot make sense is one that was not read: nobody knows what is in there.
    """
    try:
        return [_backup(path, place, row, zone) for row in rows if row.get("BackupType") == _LOG]
    except (KeyError, TypeError, ValueError) as odd:
        error = f"its header is none that we know ({type(odd).__name__}: {odd})"
        return [_unread(path, place, error)]


def _backup(path: str, place: str, row: Record, zone: Zone) -> LogFile:
    """Raises KeyError, TypeError or ValueError for what is no header of a log backup."""
    return {
        "path": path,
        "place": place,
        "first_lsn": _whole(row, "FirstLSN"),
        "last_lsn": _whole(row, "LastLSN"),
        "first_fork": _identity(row, "FirstRecoveryForkID"),
        "last_fork": _identity(row, "RecoveryForkID"),
        "fork_point": _whole(row, "ForkPointLSN") if text(row, "ForkPointLSN") else None,
        "family": _identity(row, "FamilyGUID"),
        "server": text_or_none(row, "ServerName"),
        "stamp": _stamp(text(row, "BackupName")),
        "at": began(path, text_or_none(row, "BackupStartDate"), zone),
        "uuid": _identity(row, "BackupSetGUID"),
        "position": _whole(row, "Position"),
        "damaged": flag(row, "IsDamaged"),
        "tail": flag(row, "IsForceOffline"),
        "error": None,
    }


def _whole(row: Record, name: str) -> int:
    return int(row[name])


def _identity(row: Record, name: str) -> str | None:
    """A GUID as SQL Server writes it."""
    value = text_or_none(row, name)
    return None if value is None else value.upper()


def _stamp(name: str) -> str | None:
    """Backups of the collection are named ``pchat <stamp>``."""
    return name.removeprefix("pchat ") if name.startswith("pchat ") else None


def began(path: str, local: str | None, zone: Zone) -> str | None:
    """Log shipping writes UTC into its file names; headers have the writer's local time without a
    zone (assumed: the zone of the reader).

    None: unknown. A name whose digits are no time was not given by log shipping, and nobody knows
    what its writer's clock said.
    """
    stamp = _STAMPED.search(path)
    try:
        if stamp is None:
            return None if local is None else zone.utc(local.rstrip("Z"))
        begun = dt.datetime.strptime(stamp[1], "%Y%m%d%H%M%S")
    except (ValueError, OverflowError):
        return None
    return begun.strftime("%Y-%m-%dT%H:%M:%SZ")


def _mark_damaged(session: Session, files: Sequence[LogFile]) -> None:
    """A header may be whole while what follows is not.

    Many files in one pipeline: thousands may wait.
    """
    for some in _batches(files):
        calls: list[Call] = [backup_files.verify(file["path"], file["position"]) for file in some]
        for file, answer in zip(some, _each(session, calls), strict=True):
            file["damaged"] = file["damaged"] or isinstance(answer, PChatError)
