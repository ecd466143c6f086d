"""A folder on a host, e.g. for copied log backups. FOR INTERNAL COLLECTION USE ONLY."""
from __future__ import annotations

from .._engine.errors import Refused
from .._engine.model import Session, State, Step
from .calls import quote, windows

FOLDER_SPEC: State = {"path": {"type": "str", "required": True}}


class Folder:
    """State: exists. A folder is made with its parents, and never removed."""

    def __init__(self, options: State, host: str) -> None:
        self.path: str = options["path"]
        quote.path(self.path)
        if self.path.startswith("\\\\"):
            raise Refused(f"{self.path} is a share; a folder is made on the host itself, by its local path.", code="bad_path")
        self.scope = f"host/{host}/folder {self.path}".lower()

    def read(self, session: Session) -> State:
        found = session.read(windows.folder_exists(self.path))[0]
        return {"exists": bool(found and found[0]["value"])}

    def plan(self, current: State) -> list[Step]:
        return [] if current["exists"] else [Step("make_folder", f"There is no folder {self.path}.", {"exists": True}, (windows.new_folder(self.path),))]
