"""A log backup as an argument of a move. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from ..documents.plan import RestorableFile
from .chain import LogBackup


def file_of(log: LogBackup) -> RestorableFile:
    """The file, as the role hands it on."""
    return {
        "path": log.path,
        "position": log.position,
        "first_lsn": str(log.first_lsn),
        "last_lsn": str(log.last_lsn),
        "uuid": log.uuid,
    }
