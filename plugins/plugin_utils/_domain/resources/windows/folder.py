"""A folder on a host, e.g. for copied log backups. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from ...._engine.errors import Refused
from ...._engine.model import ArgumentSpec, Record, Resource, Session, Step
from ...calls import windows
from ...calls.tsql import quote
from ...rows import flag

#: What Test-Path's False for the system drive means, and what to do.
NO_FILE_SYSTEM = (
    "this session sees no drive C:, so it would take every folder for one that is not there. The"
    " restricted endpoint lacks VisibleProviders = 'FileSystem': register the files of"
    " extensions/jea again."
)
FOLDER_SPEC: ArgumentSpec = {"path": {"type": "str", "required": True}}


class FolderOptions(t.TypedDict):
    """``path``: a local path of the host."""

    path: str


class FolderFacts(t.TypedDict):
    """Whether it is there."""

    exists: bool


class Folder(Resource[FolderOptions, FolderFacts]):
    """A folder is made with its parents, and never removed."""

    def __init__(self, options: FolderOptions, host: str) -> None:
        self.host = host
        self.path = options["path"]
        quote.path(self.path)
        if self.path.startswith("\\\\"):
            raise Refused(
                f"{self.path} is a share; a folder is made on the host itself, by its local path.",
                code="bad_path",
            )
        self.scope = f"host/{host}/folder {self.path}".lower()

    def read(self, session: Session) -> FolderFacts:
        found, drive = session.read(windows.folder_exists(self.path), windows.system_drive_exists())
        exists = is_true(found)
        if not exists and not is_true(drive):
            raise Refused(f"{self.host}: {NO_FILE_SYSTEM}", code="no_file_system")
        return {"exists": exists}

    def plan(self, current: FolderFacts) -> list[Step[FolderFacts]]:
        if current["exists"]:
            return []
        return [
            Step(
                name="make_folder",
                why=f"There is no folder {self.path}.",
                sets={"exists": True},
                calls=(windows.new_folder(self.path),),
            )
        ]


def is_true(answer: Sequence[Record]) -> bool:
    """What Test-Path answered: one boolean."""
    return bool(answer) and flag(answer[0], "value")
