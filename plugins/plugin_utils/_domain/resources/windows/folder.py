"""A folder on a host, e.g. for copied log backups. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from ...._engine.errors import Refused
from ...._engine.model import Resource, Session, State, Step
from ...calls import windows
from ...calls.tsql import quote

#: What Test-Path's False for the system drive means, and what to do.
NO_FILE_SYSTEM = (
    "this session sees no drive C:, so it would take every folder for one that is not there. The"
    " restricted endpoint lacks VisibleProviders = 'FileSystem': register the files of"
    " extensions/jea again."
)
FOLDER_SPEC: State = {"path": {"type": "str", "required": True}}


class Folder(Resource[State, State]):
    """State: exists. A folder is made with its parents, and never removed."""

    def __init__(self, options: State, host: str) -> None:
        self.host = host
        self.path = str(options["path"])
        quote.path(self.path)
        if self.path.startswith("\\\\"):
            raise Refused(
                f"{self.path} is a share; a folder is made on the host itself, by its local path.",
                code="bad_path",
            )
        self.scope = f"host/{host}/folder {self.path}".lower()

    def read(self, session: Session) -> State:
        found, drive = session.read(windows.folder_exists(self.path), windows.system_drive_exists())
        exists = bool(found and found[0]["value"])
        if not exists and not (drive and drive[0]["value"]):
            raise Refused(f"{self.host}: {NO_FILE_SYSTEM}", code="no_file_system")
        return {"exists": exists}

    def plan(self, current: State) -> list[Step[State]]:
        return (
            []
            if current["exists"]
            else [
                Step(
                    name="make_folder",
                    why=f"There is no folder {self.path}.",
                    sets={"exists": True},
                    calls=(windows.new_folder(self.path),),
                )
            ]
        )
