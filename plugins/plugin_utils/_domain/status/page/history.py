"""The runs that are kept: one line of JSON a run. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Iterable

from ...documents.status import Run, Status

_TEXTS = ("at", "pool", "situation")
KEYS = ("backup_minutes", "copy_minutes", "restore_minutes", "loss_minutes")


def entry(document: Status, made_at: str) -> Run:
    """This document as a line.

    ``made_at``: ISO 8601, for when the backup SQL Server did not answer, whose clock tells the time
    otherwise. Unknown is null.
    """
    shipping = document["log_shipping"]
    taken = [backup["minutes_ago"] for backup in shipping["backups"].values()]
    return {
        "at": document["at"] or made_at,
        "pool": document["pool"],
        "situation": document["situation"]["name"],
        "backup_minutes": _least(taken),
        "copy_minutes": shipping["copied_minutes_ago"],
        "restore_minutes": shipping["restored_minutes_ago"],
        "loss_minutes": document["failover_now"]["loss"]["minutes"],
    }


def _least(minutes: Iterable[int | None]) -> int | None:
    known = [passed for passed in minutes if passed is not None]
    return min(known, default=None)


def entries(text: str, pool: str) -> list[Run]:
    """The runs of this pool in a kept file.

    Lines that somebody damaged are not believed, and not worth a failure.
    """
    runs = map(_entry, text.splitlines())
    return [run for run in runs if run is not None and run["pool"] == pool]


def appended(text: str, document: Status, made_at: str, keep: int) -> str:
    """The kept file with one line more and at most ``keep`` lines, at least one."""
    runs = [*entries(text, document["pool"]), entry(document, made_at)]
    kept = runs[-max(keep, 1) :]
    return "".join(json.dumps(run, sort_keys=True) + "\n" for run in kept)


def _entry(line: str) -> Run | None:
    """The run that a line tells, None when it tells none."""
    try:
        found: object = json.loads(line)
    except ValueError:
        return None
    if not isinstance(found, dict):
        return None
    texts = {key: found.get(key) for key in _TEXTS}
    minutes = {key: found.get(key) for key in KEYS}
    if not all(isinstance(text, str) for text in texts.values()):
        return None
    if not all(map(_is_minutes, minutes.values())):
        return None
    return t.cast(Run, {**texts, **minutes})


def _is_minutes(value: object) -> bool:
    if value is None:
        return True
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
