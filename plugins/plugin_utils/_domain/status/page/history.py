"""The runs that are kept: one line of JSON a run. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import json
import typing as t

from ...._engine.model import State

KEYS = ("backup_minutes", "copy_minutes", "restore_minutes", "loss_minutes")


def entry(document: State, made_at: str) -> State:
    """``made_at``: when the backup SQL Server did not answer, whose clock tells the time otherwise.
    Unknown is null.
    """
    shipping = document["log_shipping"]
    taken = [b["minutes_ago"] for b in shipping["backups"].values() if b["minutes_ago"] is not None]
    return {
        "at": document["at"] or made_at,
        "pool": document["pool"],
        "situation": document["situation"]["name"],
        "backup_minutes": min(taken, default=None),
        "copy_minutes": shipping["copied_minutes_ago"],
        "restore_minutes": shipping["restored_minutes_ago"],
        "loss_minutes": document["failover_now"]["loss"]["minutes"],
    }


def entries(text: str, pool: str) -> list[State]:
    """The runs of this pool in a kept file.

    Lines that somebody damaged are not believed, and not worth a failure.
    """
    return [
        found
        for line in text.splitlines()
        if (found := _entry(line)) is not None and found["pool"] == pool
    ]


def appended(text: str, document: State, made_at: str, keep: int) -> str:
    kept = [*entries(text, document["pool"]), entry(document, made_at)][-max(keep, 1) :]
    return "".join(json.dumps(found, sort_keys=True) + "\n" for found in kept)


def _entry(line: str) -> State | None:
    try:
        found: t.Any = json.loads(line)
    except ValueError:
        return None
    if not isinstance(found, dict) or not all(
        isinstance(found.get(k), str) for k in ("at", "pool", "situation")
    ):
        return None
    minutes = {k: found.get(k) for k in KEYS}
    if not all(
        m is None or (isinstance(m, int) and not isinstance(m, bool) and m >= 0)
        for m in minutes.values()
    ):
        return None
    return {**{k: found[k] for k in ("at", "pool", "situation")}, **minutes}
