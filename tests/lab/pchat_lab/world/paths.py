"""Windows paths, where they lead, and what Windows says when they lead nowhere (System Error Codes
0-499).
"""

from __future__ import annotations

import dataclasses
import datetime as dt

from .machine import Machine, Share

Parts = list[str]
TEXTS = {
    2: "The system cannot find the file specified.",
    3: "The system cannot find the path specified.",
    5: "Access is denied.",
    32: "The process cannot access the file because it is being used by another process.",
    53: "The network path was not found.",
    67: "The network name cannot be found.",
    112: "There is not enough space on the disk.",
    123: "The filename, directory name, or volume label syntax is incorrect.",
    145: "The directory is not empty.",
    183: "Cannot create a file when that file already exists.",
}


class StorageError(Exception):
    """What Windows answers: ``os_code`` (2, 3, 5, 32, 53, 67, 112, 123, 145, 183), its ``text``,
    and the ``path`` as it was asked for.

    ``no_drive``: it is 3 because there is no such drive, which PowerShell says and Windows does
    not.
    """

    def __init__(self, os_code: int, path: str, text: str = "", no_drive: bool = False) -> None:
        self.no_drive = no_drive
        self.os_code = os_code
        self.path = path
        self.text = text or TEXTS[os_code]
        super().__init__(f"{self.text} ({path})")


@dataclasses.dataclass(frozen=True)
class Entry:
    """One line of a folder's listing. ``written_at``: UTC; ``size`` in bytes."""

    name: str
    path: str  # as it was asked for, with the name at its end
    is_folder: bool
    size: int
    written_at: dt.datetime


@dataclasses.dataclass(frozen=True)
class Place:
    """Where a path leads: the machine that keeps it, the local path there, and the share it was
    reached through.
    """

    machine: Machine
    path: str  # no backslash at the end; a drive's root is "d:"
    share: Share | None

    @property
    def key(self) -> str:
        return self.path.lower()

    @property
    def parent(self) -> str:
        return self.key.rpartition("\\")[0]


def split(path: str) -> Parts:
    """The parts of a path after drive or host; StorageError 123 for parts that no path may have."""
    parts = [part for part in path.replace("/", "\\").split("\\") if part]
    if any(part in (".", "..") or set(part) & set('<>"|?*') for part in parts) or any(
        ":" in part for part in parts[1:]
    ):
        raise StorageError(123, path)
    return parts
