"""A log backup as an argument of a move. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import typing as t

from .chain import LogBackup


class RestorableFile(t.TypedDict):
    """What the module log_restore takes of a file. LSNs in digits."""

    path: str
    position: int
    first_lsn: str
    last_lsn: str
    uuid: str | None


def file_of(log: LogBackup) -> RestorableFile:
    """The file, as the role hands it on."""
    return {
        "path": log.path,
        "position": log.position,
        "first_lsn": str(log.first_lsn),
        "last_lsn": str(log.last_lsn),
        "uuid": log.uuid,
    }
