"""xp_dirtree and xp_fileexist: folders and files as the engine's own account sees them, locally and
on shares.

Both are undocumented by Microsoft. assumed: result shapes as administrators' scripts use them, and
an empty result for a path that does not exist or cannot be read.
"""

from __future__ import annotations

import typing as t

from ...world.storage import StorageError
from ..language.registry import procedure
from ..language.results import Column, ResultSet
from . import files

if t.TYPE_CHECKING:
    from ..language.session import SqlSession


@procedure(
    "xp_dirtree",
    database="master",
    parameters="@directory nvarchar(4000), @depth int = 0, @file int = 0",
    writes=False,
)
def xp_dirtree(session: SqlSession, args: dict[str, t.Any]) -> int:
    """Columns subdirectory, depth, and file (1 for files) when ``@file`` is given.

    ``@depth`` 0: all levels.
    """
    with_files = bool(args["@file"])
    rows = list(_tree(session, args["@directory"] or "", 1, args["@depth"] or 2**31, with_files))
    session.emit_rows(
        "subdirectory nvarchar(512), depth int" + (", file int" if with_files else ""), rows
    )
    return 0


def _tree(
    session: SqlSession, path: str, level: int, deepest: int, with_files: bool
) -> t.Iterator[dict[str, t.Any]]:
    instance = session.instance
    try:
        entries = instance.world.storage.list(
            path.rstrip("\\"), instance.machine, instance.engine_service.account
        )
    except StorageError:
        return
    for entry in entries:
        if entry.is_folder or with_files:
            yield {"subdirectory": entry.name, "depth": level, "file": int(not entry.is_folder)}
        if entry.is_folder and level < deepest:
            yield from _tree(session, entry.path, level + 1, deepest, with_files)


@procedure(
    "xp_fileexist",
    database="master",
    parameters="@filename nvarchar(4000), @exists int = NULL OUTPUT",
    writes=False,
)
def xp_fileexist(session: SqlSession, args: dict[str, t.Any]) -> int:
    """One row of three flags, or only ``@exists`` when a variable for it is given."""
    instance = session.instance
    path = (args["@filename"] or "").rstrip("\\")
    account = instance.engine_service.account
    kind = instance.world.storage.kind(path, instance.machine, account)
    args["@exists"] = int(kind == "file")
    if "@exists" not in session.outputs:
        parent = (
            instance.world.storage.kind(files.folder_of(path), instance.machine, account)
            if files.folder_of(path)
            else None
        )
        columns = [
            Column(name, "tinyint")
            for name in ("File Exists", "File is a Directory", "Parent Directory Exists")
        ]
        session.emit(
            ResultSet(
                columns,
                [[int(kind == "file"), int(kind == "folder"), int("folder" in (kind, parent))]],
            )
        )
    return 0
