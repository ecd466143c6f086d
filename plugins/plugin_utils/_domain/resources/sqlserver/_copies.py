"""Facts of a copy that the doors of an outage share. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import re
import typing as t

from ...calls.tsql.catalog import DatabaseRow
from ...calls.tsql.history import BackupRow


class CopyFacts(t.TypedDict):
    """``redo_lsn``: where a copy stands that waits for log."""

    database_state: str | None
    mirroring_role: str | None
    redo_lsn: str | None


NO_COPY: CopyFacts = {"database_state": None, "mirroring_role": None, "redo_lsn": None}


def facts_of(row: DatabaseRow) -> CopyFacts:
    """What of a database matters to a door. Tests hand in rows with these columns only."""
    return {
        "database_state": row.get("database_state"),
        "mirroring_role": row.get("mirroring_role"),
        "redo_lsn": row.get("redo_lsn"),
    }


def is_attempt(text: str | None) -> bool:
    """The id of an attempt: 32 hexadecimal digits."""
    return re.fullmatch(r"[0-9a-f]{32}", text or "") is not None


def is_tail(backup: BackupRow) -> bool:
    """A log backup that stopped a copy, by its stamp."""
    stamp = str(backup["stamp"])
    return backup["type"] == "L" and re.fullmatch(r"pchat [0-9a-f]{32}-tail", stamp) is not None
