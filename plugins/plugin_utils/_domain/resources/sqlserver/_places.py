"""Where the files of a restored database go: folders, drives and instance names differ between
partners. FOR INTERNAL COLLECTION USE ONLY.

RESTORE puts a file where it was when the backup was taken. Where that folder is missing it fails
(5133, 3156) unless MOVE names another place (RESTORE Statements - Arguments).
"""

from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Mapping, Sequence

from ...._engine.model import Session
from ...calls.tsql import backup_files, catalog
from ._instance import rows_of, same

_SEPARATOR = "\\"


class BackedUpFile(t.TypedDict):
    """A file of a database, as results and options have it. ``type``: ROWS, LOG, FILESTREAM or
    FULLTEXT (type_desc).
    """

    name: str
    type: str
    path: str


@dataclasses.dataclass(frozen=True)
class DatabaseFile:
    """A file of the database that was backed up. ``type``: ROWS or LOG."""

    name: str
    type: str
    path: str

    @property
    def folder(self) -> str:
        """Where the backup has it."""
        return self.path.rpartition(_SEPARATOR)[0]

    @property
    def base(self) -> str:
        """Its name without the folder."""
        return self.path.rpartition(_SEPARATOR)[2]


@dataclasses.dataclass(frozen=True)
class Here:
    """What the instance has: ``own``: the files of its present copy by logical name, ``taken``:
    paths of other databases, ``folders``: those of the backup's folders that are there; all keys in
    lower case.
    """

    data: str
    log: str
    own: Mapping[str, str]
    taken: frozenset[str]
    folders: frozenset[str]


def default_folders(rows: Sequence[catalog.DefaultFoldersRow]) -> tuple[str, str]:
    """Where the instance puts new data and log files; before SQL Server 2012, which cannot say,
    where those of master are.
    """
    row = rows[0]
    data = row["data"] or _folder_of(row["master_data"])
    log = row["log"] or _folder_of(row["master_log"])
    return data.rstrip(_SEPARATOR), log.rstrip(_SEPARATOR)


def _folder_of(path: str) -> str:
    return path.rpartition(_SEPARATOR)[0]


def files_of(rows: Sequence[catalog.FileRow], database: str) -> list[BackedUpFile]:
    """The files of one database, out of those of all."""
    found: list[BackedUpFile] = []
    for row in rows:
        if same(row["database_name"], database):
            found.append({"name": row["name"], "type": row["type"], "path": row["path"]})
    return found


def read_here(session: Session, database: str, files: Sequence[DatabaseFile]) -> Here:
    """What the instance has where these files of a backup of ``database`` are to go."""
    folders = sorted({file.folder for file in files})
    looks = [backup_files.exists(folder) for folder in folders]
    defaults, rows, *flags = session.read(catalog.default_folders(), catalog.files(), *looks)
    data, log = default_folders(rows_of(catalog.DefaultFoldersRow, defaults))
    there = set()
    for folder, found in zip(folders, flags, strict=True):
        if backup_files.is_folder(rows_of(backup_files.FileFlagsRow, found)):
            there.add(folder.lower())
    own: dict[str, str] = {}
    taken = set()
    for row in rows_of(catalog.FileRow, rows):
        if same(row["database_name"], database):
            own[row["name"].lower()] = row["path"]
        else:
            taken.add(row["path"].lower())
    return Here(data, log, own, frozenset(taken), frozenset(there))


def moves(files: Sequence[DatabaseFile], here: Here, declared: Mapping[str, str]) -> dict[str, str]:
    """Logical name -> path, of those files that cannot stay where the backup has them, or that are
    to go elsewhere.

    What was declared wins; then a file of the copy that is replaced keeps its place; then the
    backup's path, if its folder is there and nobody else uses the file; then the instance's default
    folder.
    """
    wanted = {name.lower(): path for name, path in declared.items()}
    elsewhere: dict[str, str] = {}
    for file in files:
        place = _place(file, here, wanted)
        if place.lower() != file.path.lower():
            elsewhere[file.name] = place
    known = {file.name.lower() for file in files}
    for name, path in declared.items():
        if name.lower() not in known:
            elsewhere[name] = path
    return elsewhere


def _place(file: DatabaseFile, here: Here, wanted: Mapping[str, str]) -> str:
    name = file.name.lower()
    if name in wanted:
        return wanted[name]
    if name in here.own:
        return here.own[name]
    if file.folder.lower() in here.folders and file.path.lower() not in here.taken:
        return file.path
    folder = here.data
    if file.type == "LOG":
        folder = here.log
    return f"{folder}{_SEPARATOR}{file.base}"


def from_options(files: Sequence[BackedUpFile]) -> list[DatabaseFile]:
    """The files that a module was told of."""
    return [DatabaseFile(file["name"], file["type"], file["path"]) for file in files]


def mount_of(path: str, volumes: Mapping[str, int]) -> str | None:
    """The longest mount point above a path, of those in ``volumes``; None: nobody knows its
    volume.
    """
    place = path.rstrip(_SEPARATOR).lower() + _SEPARATOR
    found = [mount for mount in volumes if place.startswith(mount.lower())]
    return max(found, key=len, default=None)


def room_at(path: str, volumes: Mapping[str, int]) -> int | None:
    """Megabytes that are free on the volume of a path; None: of that volume nobody knows."""
    mount = mount_of(path, volumes)
    return volumes[mount] if mount is not None else None
