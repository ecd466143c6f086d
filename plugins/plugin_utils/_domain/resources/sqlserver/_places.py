"""Where the files of a restored database go: folders, drives and instance names differ between
partners. FOR INTERNAL COLLECTION USE ONLY.

RESTORE puts a file where it was when the backup was taken. Where that folder is missing it fails
(5133, 3156) unless MOVE names another place (RESTORE Statements - Arguments).
"""

from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Mapping, Sequence

from ...._engine.model import Record, Session
from ...calls.tsql import backup_files, catalog
from ._instance import same

_SEPARATOR = "\\"


@dataclasses.dataclass(frozen=True)
class DatabaseFile:
    """A file of the database that was backed up. ``type``: ROWS or LOG."""

    name: str
    type: str
    path: str

    @property
    def folder(self) -> str:
        return self.path.rpartition(_SEPARATOR)[0]

    @property
    def base(self) -> str:
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


def default_folders(rows: Sequence[Record]) -> tuple[str, str]:
    """Where the instance puts new data and log files; before SQL Server 2012, which cannot say,
    where those of master are.
    """
    row = rows[0]
    data = row["data"] or str(row["master_data"]).rpartition(_SEPARATOR)[0]
    log = row["log"] or str(row["master_log"]).rpartition(_SEPARATOR)[0]
    return str(data).rstrip(_SEPARATOR), str(log).rstrip(_SEPARATOR)


def files_of(rows: Sequence[Record], database: str) -> list[dict[str, str]]:
    """[{name, type, path}] of one database, out of the files of all."""
    return [
        {key: str(row[key]) for key in ("name", "type", "path")}
        for row in rows
        if same(row["database_name"], database)
    ]


def read_here(session: Session, database: str, files: Sequence[DatabaseFile]) -> Here:
    folders = sorted({file.folder for file in files})
    defaults, rows, *looks = session.read(
        catalog.default_folders(),
        catalog.files(),
        *(backup_files.exists(folder) for folder in folders),
    )
    data, log = default_folders(defaults)
    there = {
        folder.lower()
        for folder, look in zip(folders, looks, strict=True)
        if look and look[0].get("File is a Directory")
    }
    own = {
        str(row["name"]).lower(): str(row["path"])
        for row in rows
        if same(row["database_name"], database)
    }
    taken = {str(row["path"]).lower() for row in rows if not same(row["database_name"], database)}
    return Here(data, log, own, frozenset(taken), frozenset(there))


def moves(files: Sequence[DatabaseFile], here: Here, declared: Mapping[str, str]) -> dict[str, str]:
    """Logical name -> path, of those files that cannot stay where the backup has them, or that are
    to go elsewhere.

    What was declared wins; then a file of the copy that is replaced keeps its place; then the
    backup's path, if its folder is there and nobody else uses the file; then the instance's default
    folder.
    """
    wanted = {name.lower(): path for name, path in declared.items()}
    found = {file.name: _place(file, here, wanted) for file in files}
    unknown = {
        name: path
        for name, path in declared.items()
        if name.lower() not in {file.name.lower() for file in files}
    }
    elsewhere = {
        file.name: found[file.name]
        for file in files
        if found[file.name].lower() != file.path.lower()
    }
    return {**elsewhere, **unknown}


def _place(file: DatabaseFile, here: Here, wanted: Mapping[str, str]) -> str:
    name = file.name.lower()
    if name in wanted:
        return wanted[name]
    if name in here.own:
        return here.own[name]
    if file.folder.lower() in here.folders and file.path.lower() not in here.taken:
        return file.path
    return f"{here.log if file.type == 'LOG' else here.data}{_SEPARATOR}{file.base}"


def from_options(rows: Sequence[Mapping[str, t.Any]]) -> list[DatabaseFile]:
    return [DatabaseFile(row["name"], row["type"], row["path"]) for row in rows]
