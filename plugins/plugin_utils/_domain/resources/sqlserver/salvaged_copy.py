"""A kept backup of an old copy, opened beside the pool under a name of its own, to be read.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import json
import re
import typing as t
from collections.abc import Sequence

from ...._engine.errors import CmdletFailed, CmdletMissing, Refused
from ...._engine.model import ArgumentSpec, Record, Resource, Session, Step
from ...calls.tsql import backup_files, catalog, history, quote, salvage, space
from ...documents.salvage import KeptBackup
from ...rows import number, number_or_none, text, text_or_none
from ...words import plural
from . import _places
from ._instance import (
    INSTANCE_OPTION,
    STATE_OPTION,
    DatabaseOptions,
    instance_scope,
    one,
    rows_of,
    same,
)

SALVAGED_COPY_SPEC: ArgumentSpec = {
    **INSTANCE_OPTION,
    "database": {"type": "str", "default": "mgc"},
    "path": {"type": "str", "default": ""},
    "directory": {"type": "str", "default": ""},
    "position": {"type": "int", "default": 1},
    "name": {"type": "str", "default": ""},
    "folder": {"type": "str", "default": ""},
    "family": {"type": "str", "default": ""},
    "state": STATE_OPTION,
}
#: BackupType of a full backup of a database (RESTORE HEADERONLY reference).
_FULL = 1
#: Type of a log file (RESTORE FILELISTONLY reference).
_LOG = "L"
_NAMED = "pchat "
_STAMP = re.compile(r"([0-9a-f]{32})-(primary|mirror)")


class SalvagedCopyOptions(DatabaseOptions):
    """``database``: whose old copy it is. ``path``: the kept backup, or its name in ``directory``;
    '' for the only one there. ``name``: of the copy, '' for one after the backup. ``folder``: for
    its files, '' for the instance's own. ``family``: which the backup must be of, '' for any.
    """

    path: str
    directory: str
    position: int
    name: str
    folder: str
    family: str
    state: str


class SalvagedCopyFacts(t.TypedDict):
    """``kept``: the backup, None when there is none, or more than one to choose from.
    ``candidates``: kept backups that were found.

    ``name`` None: no name was given, and none follows from a backup. ``opened_set``: id of the
    backup set that the database of this name was marked with; ``restored_set``: of the one that it
    was restored from last. ``moves``: file of the backup -> where it goes, of a copy that is to be
    opened. ``needs`` and ``available``: megabytes that its files need on a volume, and that are
    free there, by mount point; only of volumes that are known.
    """

    name: str | None
    database_state: str | None
    is_read_only: bool | None
    user_access: str | None
    family: str | None
    sessions: int
    opened_set: str | None
    restored_set: str | None
    kept: KeptBackup | None
    candidates: list[KeptBackup]
    version: str | None
    moves: dict[str, str]
    needs: dict[str, int]
    available: dict[str, int]


class SalvagedCopy(Resource[SalvagedCopyOptions, SalvagedCopyFacts]):
    """A copy that nobody writes to, marked as ours; or none of that name."""

    def __init__(self, options: SalvagedCopyOptions, host: str) -> None:
        self.options = options
        self.database = quote.plain_name(options["database"])
        self.absent = options["state"] == "absent"
        self.path = _path_in(options["directory"], options["path"])
        self._refuse_bad_options()
        about = options["name"] or self.path or options["directory"]
        self.scope = f"{instance_scope(options, host)}/salvaged {about}".lower()

    def _refuse_bad_options(self) -> None:
        options = self.options
        if (
            not options["path"]
            and not options["directory"]
            and not (self.absent and options["name"])
        ):
            raise Refused(
                "Neither path nor directory says where the kept backup is. Give one of them.",
                code="contradiction",
            )
        for path in (self.path, options["directory"], options["folder"]):
            if path:
                quote.path(path)
        if options["name"] and not self._is_a_name(options["name"]):
            raise Refused(
                f"name {options['name']!r}: an opened copy is called {self._prefix}... with"
                " letters, digits, _ and - behind it, so that nothing and nobody takes it for the"
                " pool's database. Correct the option, or leave it out.",
                code="bad_name",
                value=options["name"],
            )

    @property
    def _prefix(self) -> str:
        return f"{self.database}_salvaged_"

    def _is_a_name(self, name: str) -> bool:
        rest = name[len(self._prefix) :]
        begins = name.lower().startswith(self._prefix.lower())
        return begins and len(name) <= 128 and re.fullmatch(r"[A-Za-z0-9_-]+", rest) is not None

    # -- what is there
    def read(self, session: Session) -> SalvagedCopyFacts:
        """The backup by its header, the database of that name, and where its files would go."""
        candidates = self._candidates(session)
        kept = candidates[0] if len(candidates) == 1 else None
        name = self.options["name"] or self._name_of(kept)
        facts: SalvagedCopyFacts = {
            "name": name,
            "database_state": None,
            "is_read_only": None,
            "user_access": None,
            "family": None,
            "sessions": 0,
            "opened_set": None,
            "restored_set": None,
            "kept": kept,
            "candidates": candidates,
            "version": None,
            "moves": {},
            "needs": {},
            "available": {},
        }
        if name is not None:
            self._read_database(session, name, facts)
        if not self.absent and kept is not None and facts["database_state"] is None:
            self._read_places(session, kept, facts)
        return facts

    def _candidates(self, session: Session) -> list[KeptBackup]:
        """The backup that was named, or all kept ones in the folder."""
        if self.absent and self.options["name"]:
            return []
        if not self.path:
            return [self._kept(session, found) for found in self._listed(session)]
        there = self._is_there(session, self.path)
        return [self._kept(session, self.path)] if there else []

    def _listed(self, session: Session) -> list[str]:
        folder = self.options["directory"].rstrip("\\")
        rows = rows_of(backup_files.FolderEntryRow, session.read(backup_files.files(folder))[0])
        names = [row["subdirectory"] for row in rows if row["file"]]
        return sorted(f"{folder}\\{name}" for name in names if is_kept(name, self.database))

    def _is_there(self, session: Session, path: str) -> bool:
        found = session.read(backup_files.exists(path))[0]
        return backup_files.is_file(rows_of(backup_files.FileFlagsRow, found))

    def _kept(self, session: Session, path: str) -> KeptBackup:
        """By its header; with the reason where that cannot be read."""
        try:
            headers = session.read(backup_files.header(path))[0]
        except CmdletMissing:
            raise
        except CmdletFailed as error:
            return _unread(path, str(error))
        for row in headers:
            if number_or_none(row, "Position") == self.options["position"]:
                return _told(path, row)
        return _unread(path, f"its header shows no backup at position {self.options['position']}")

    def _name_of(self, kept: KeptBackup | None) -> str | None:
        """After the time at which the backup was begun, to the minute, and the slot."""
        if kept is None or kept["began_local"] is None:
            return None
        digits = re.sub(r"\D", "", kept["began_local"])
        slot = f"_{kept['slot']}" if kept["slot"] else ""
        return f"{self._prefix}{digits[:8]}_{digits[8:12]}{slot}"

    def _read_database(self, session: Session, name: str, facts: SalvagedCopyFacts) -> None:
        found, marks, restores, instances = session.read(
            salvage.opened(name),
            salvage.copy_mark(name),
            history.restores([name]),
            catalog.instance(),
        )
        instance = one(rows_of(catalog.InstanceRow, instances))
        facts["version"] = instance["version"] if instance else None
        row = one(rows_of(salvage.OpenedRow, found))
        if row is None:
            return
        facts["database_state"] = row["database_state"]
        facts["is_read_only"] = bool(row["is_read_only"])
        facts["user_access"] = row["user_access"]
        facts["family"] = row["family"]
        facts["sessions"] = int(row["sessions"])
        facts["opened_set"] = _marked_with(one(rows_of(salvage.CopyMarkRow, marks)))
        last = rows_of(history.RestoreRow, restores)[-1:]
        facts["restored_set"] = last[0]["uuid"].upper() if last else None

    def _read_places(self, session: Session, kept: KeptBackup, facts: SalvagedCopyFacts) -> None:
        """Every file gets a name that no other database's file has."""
        if kept["error"] is not None:
            return
        listed, defaults, volumes = session.read(
            backup_files.file_list(kept["path"], self.options["position"]),
            catalog.default_folders(),
            space.volumes(),
        )
        data, log = _places.default_folders(rows_of(catalog.DefaultFoldersRow, defaults))
        free = {row["mount"]: row["free_mb"] for row in rows_of(space.VolumeRow, volumes)}
        wanted = self.options["folder"].rstrip("\\")
        for row in listed:
            folder = wanted or (log if text(row, "Type") == _LOG else data)
            ending = _ending_of(text(row, "PhysicalName"))
            file = f"{folder}\\{facts['name']}_{number(row, 'FileId')}{ending}"
            facts["moves"][text(row, "LogicalName")] = file
            mount = _places.mount_of(folder, free)
            if mount is not None:
                needed = facts["needs"].get(mount, 0) + _megabytes(number(row, "Size"))
                facts["needs"][mount] = needed
                facts["available"][mount] = free[mount]

    # -- what is to be done
    def plan(self, current: SalvagedCopyFacts) -> list[Step[SalvagedCopyFacts]]:
        """Refused: no_kept_copy, which_kept_copy, kept_copy_unreadable, other_family, version,
        no_room, name_taken; to close it: not_salvaged, being_read.
        """
        if self.absent:
            return self._closed(current)
        kept = self._the_one(current)
        self._must_be_of_the_family(kept)
        if current["database_state"] is None:
            return self._opened(current, kept)
        return self._finished(current, kept)

    def _the_one(self, current: SalvagedCopyFacts) -> KeptBackup:
        found = current["candidates"]
        if not found:
            raise self._none_there()
        if len(found) > 1:
            raise _several(found)
        kept = found[0]
        if kept["error"] is not None:
            raise _unreadable(kept["path"], kept["error"])
        if kept["kind"] != _FULL:
            raise _unreadable(kept["path"], "it is no full backup of a database")
        return kept

    def _none_there(self) -> Refused:
        where = self.path or f"{self.options['directory']} ({self.database}_<id>-...bak)"
        return Refused(
            f"This SQL Server finds no kept backup: {where}. It looks with the account of its own"
            " service. A failback keeps one of each old copy that it replaces, on the seed share;"
            " see that the file is there and that this account may read it, or name the file.",
            code="no_kept_copy",
            where=where,
        )

    def _must_be_of_the_family(self, kept: KeptBackup) -> None:
        wanted = self.options["family"]
        if wanted and not same(kept["family"], wanted):
            raise Refused(
                f"{kept['path']} is of the family {kept['family']}, and the pool's {self.database}"
                f" of {wanted}: it is no copy of what the pool holds. Name the right file.",
                code="other_family",
                family=kept["family"],
            )

    def _opened(
        self, current: SalvagedCopyFacts, kept: KeptBackup
    ) -> list[Step[SalvagedCopyFacts]]:
        self._must_not_be_newer(kept, current["version"])
        _must_fit(current)
        name = str(current["name"])
        verified: Step[SalvagedCopyFacts] = Step(
            name="verify_backup",
            why=f"Nothing is made of {kept['path']} before it is known to be whole.",
            sets={},
            calls=(backup_files.verify(kept["path"], self.options["position"]),),
            lasts=True,
        )
        restored: Step[SalvagedCopyFacts] = Step(
            name="restore_beside",
            why=f"{kept['path']} becomes {name}, beside everything that is there.",
            sets={
                "database_state": "ONLINE",
                "is_read_only": False,
                "user_access": "RESTRICTED_USER",
                "family": kept["family"],
                "restored_set": kept["uuid"],
                "moves": {},
                "needs": {},
                "available": {},
            },
            calls=(
                salvage.restore_beside(
                    name, kept["path"], self.options["position"], current["moves"]
                ),
            ),
            lasts=True,
        )
        return [verified, restored, self._marked(name, kept), _closed_to_writers(name)]

    def _must_not_be_newer(self, kept: KeptBackup, here: str | None) -> None:
        if here is None or kept["version"] is None or _release(kept["version"]) <= _release(here):
            return
        raise Refused(
            f"{kept['path']} was written by SQL Server {kept['version']} and cannot be opened by an"
            f" older one ({here}). Choose an instance of that version or a newer one.",
            code="version",
        )

    def _finished(
        self, current: SalvagedCopyFacts, kept: KeptBackup
    ) -> list[Step[SalvagedCopyFacts]]:
        """What a run that was cut off left to do; nothing of a database that is not ours."""
        name = str(current["name"])
        if not current["is_read_only"] and current["database_state"] == "ONLINE":
            if current["opened_set"] == kept["uuid"]:
                return [_closed_to_writers(name)]
            if current["opened_set"] is None and current["restored_set"] == kept["uuid"]:
                return [self._marked(name, kept), _closed_to_writers(name)]
        if current["opened_set"] == kept["uuid"]:
            return []
        raise _taken(current)

    def _marked(self, name: str, kept: KeptBackup) -> Step[SalvagedCopyFacts]:
        told = {
            "set": kept["uuid"],
            "family": kept["family"],
            "fork": kept["fork"],
            "last_lsn": kept["last_lsn"],
            "path": kept["path"],
        }
        return Step(
            name="mark_copy",
            why=f"{name} says of itself what it is: only a database with this mark is ever"
            " dropped.",
            sets={"opened_set": kept["uuid"]},
            calls=(salvage.mark(name, json.dumps(told, sort_keys=True)),),
        )

    def _closed(self, current: SalvagedCopyFacts) -> list[Step[SalvagedCopyFacts]]:
        """The copy goes, if it is ours and nobody is in it."""
        if not self.options["name"]:
            self._the_one(current)
        name = str(current["name"])
        if current["database_state"] is None:
            return []
        if current["opened_set"] is None:
            raise Refused(
                f"{name} is {current['database_state']} here and is not marked as a copy that was"
                " opened by salvage.yml, so it is not dropped. Look at it; if a run was cut off"
                " while it opened it, run salvage.yml once more and close it then.",
                code="not_salvaged",
                database_state=current["database_state"],
            )
        if current["sessions"]:
            raise Refused(
                f"{name} is being read here ({plural(current['sessions'], 'session')}), so it is"
                " not dropped. Ask who it is, then run again.",
                code="being_read",
                sessions=current["sessions"],
            )
        return [
            Step(
                name="drop_opened",
                why=f"{name} is not needed any more; the backup that it came from stays.",
                sets={
                    "database_state": None,
                    "is_read_only": None,
                    "user_access": None,
                    "family": None,
                    "opened_set": None,
                    "restored_set": None,
                },
                calls=(salvage.drop_opened(name),),
            )
        ]


def is_kept(file: str, database: str) -> bool:
    """Whether a file of this name is the backup of an old copy that a failback keeps."""
    pattern = rf"{re.escape(database)}_{_STAMP.pattern}\.bak"
    return re.fullmatch(pattern, file, re.IGNORECASE) is not None


def _path_in(folder: str, path: str) -> str:
    """A name without a folder is one in this folder."""
    if not path or not folder or "\\" in path:
        return path
    return folder.rstrip("\\") + "\\" + path


# -- headers
def _unread(path: str, error: str) -> KeptBackup:
    return {
        "path": path,
        "error": error,
        "kind": None,
        "attempt": None,
        "slot": None,
        "server": None,
        "database": None,
        "began_local": None,
        "uuid": None,
        "family": None,
        "fork": None,
        "first_lsn": None,
        "last_lsn": None,
        "version": None,
    }


def _told(path: str, row: Record) -> KeptBackup:
    stamp = _STAMP.fullmatch(text(row, "BackupName").removeprefix(_NAMED))
    began = text_or_none(row, "BackupStartDate")
    return {
        "path": path,
        "error": None,
        "kind": number_or_none(row, "BackupType"),
        "attempt": stamp[1] if stamp else None,
        "slot": stamp[2] if stamp else None,
        "server": text_or_none(row, "ServerName"),
        "database": text_or_none(row, "DatabaseName"),
        "began_local": began.rstrip("Z") if began else None,
        "uuid": text(row, "BackupSetGUID").upper() or None,
        "family": text(row, "FamilyGUID").upper() or None,
        "fork": text(row, "RecoveryForkID").upper() or None,
        "first_lsn": text_or_none(row, "FirstLSN"),
        "last_lsn": text_or_none(row, "LastLSN"),
        "version": f"{text(row, 'SoftwareVersionMajor')}.{text(row, 'SoftwareVersionMinor')}",
    }


def _marked_with(row: salvage.CopyMarkRow | None) -> str | None:
    """The backup set in a mark; '' for a mark that cannot be read, None without one."""
    if row is None:
        return None
    try:
        told = json.loads(row["value"] or "")
    except ValueError:
        return ""
    return str(told.get("set") or "").upper() if isinstance(told, dict) else ""


# -- places
def _ending_of(path: str) -> str:
    """``.mdf``; empty for a file without one."""
    file = path.rpartition("\\")[2]
    dot = file.rfind(".")
    return file[dot:] if dot > 0 else ""


def _release(version: str) -> tuple[int, ...]:
    """Databases go from a lower one of these to a higher one, and never back."""
    return tuple(int(part) for part in version.split(".")[:2])


# -- steps and refusals
def _closed_to_writers(name: str) -> Step[SalvagedCopyFacts]:
    return Step(
        name="close_to_writers",
        why=f"{name} is there to be read; nothing in it is ever changed.",
        sets={"is_read_only": True},
        calls=(salvage.close_to_writers(name),),
    )


def _must_fit(current: SalvagedCopyFacts) -> None:
    for mount, needed in current["needs"].items():
        free = current["available"][mount]
        if needed > free:
            raise Refused(
                f"The files of the copy need {needed} MB on the volume {mount}, and {free} MB are"
                " left there. Make room, or name another folder or instance.",
                code="no_room",
                needed=needed,
                available=free,
            )


def _megabytes(count: int) -> int:
    """Begun ones counted."""
    return -(-count // 2**20)


def _several(found: Sequence[KeptBackup]) -> Refused:
    told = [f"{kept['path']} ({kept['began_local'] or 'unreadable'})" for kept in found]
    return Refused(
        f"{plural(len(found), 'backup')} of old copies are kept: {', '.join(told)}. Say which one"
        " is to be opened.",
        code="which_kept_copy",
        paths=[kept["path"] for kept in found],
    )


def _unreadable(path: str, why: str) -> Refused:
    return Refused(
        f"{path} is there and cannot be opened: {why.rstrip('.')}. Look at the file, and at where"
        " it came from.",
        code="kept_copy_unreadable",
        path=path,
    )


def _taken(current: SalvagedCopyFacts) -> Refused:
    """A database of this name that is not what was asked for."""
    name = current["name"]
    text_of_it = f"There is a database {name} here already ({current['database_state']})"
    if current["opened_set"]:
        why = "it was opened from another kept backup. Give a name of its own to this one."
    elif current["database_state"] == "RESTORING":
        why = (
            "it was never opened. If a run of salvage.yml was cut off while it restored it, drop it"
            f" by hand (DROP DATABASE [{name}];) and run again; else give another name."
        )
    else:
        why = "it is not marked as opened by us. It is not touched; give another name."
    return Refused(
        f"{text_of_it}: {why}",
        code="name_taken",
        database_state=current["database_state"],
    )
