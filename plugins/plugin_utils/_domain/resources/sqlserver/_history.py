"""What msdb remembers, with its local times in UTC. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from collections.abc import Sequence

from ...._engine.model import Record
from ...calls.tsql.history import BackupRow, RestoreRow
from ...estate.time_zone import Zone
from ._instance import rows_of


class Backup(BackupRow):
    """``started_at``: ISO 8601 in UTC."""

    started_at: str | None


class Restore(RestoreRow):
    """``restored_at``, and ``began_at`` of the backup: ISO 8601 in UTC."""

    restored_at: str | None
    began_at: str | None


def backups_in(zone: Zone, records: Sequence[Record]) -> list[Backup]:
    """What ``history.backups`` returned on a server of this zone."""
    return [
        {**row, "started_at": zone.utc(row["started_local"])} for row in rows_of(BackupRow, records)
    ]


def restores_in(zone: Zone, records: Sequence[Record]) -> list[Restore]:
    """What ``history.restores`` returned on a server of this zone."""
    return [
        {
            **row,
            "restored_at": zone.utc(row["restored_local"]),
            "began_at": zone.utc(row["began_local"]),
        }
        for row in rows_of(RestoreRow, records)
    ]
