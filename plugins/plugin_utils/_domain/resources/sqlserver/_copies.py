"""Facts of a copy that the doors of an outage share. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import re

from ...._engine.model import Record, State

FACTS = ("database_state", "mirroring_role", "redo_lsn")


def facts_of(row: Record | None) -> State:
    return {k: (row or {}).get(k) for k in FACTS}


def is_tail(backup: Record) -> bool:
    return backup["type"] == "L" and bool(
        re.fullmatch(r"pchat [0-9a-f]{32}-tail", str(backup["stamp"]))
    )
