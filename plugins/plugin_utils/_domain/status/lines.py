"""The status document for people: what a tired reader needs first comes first. FOR INTERNAL
COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

from ..._engine.model import State

_LABELS = {
    "primary": "primary",
    "mirror": "its mirror",
    "backup": "backup",
    "backup_mirror": "backup's mirror",
}


def lines(document: State) -> Iterator[str]:
    yield (
        f"Pool {document['pool']}: {document['situation']['name']}. {document['situation']['text']}"
    )
    active = document["active"]
    told = (
        "active servers unknown"
        if active is None
        else (
            f"{len(active)} servers active ({_short(active)}), {len(document['standby'])}"
            " standing by"
        )
    )
    yield (
        f"  state {document['pool_state'] or 'unknown'}, {told}, central management store on"
        f" {document['central_management_store']['host'] or 'unknown'}"
    )
    for name, database in document["databases"].items():
        for slot, copy in database["copies"].items():
            if copy["database_state"] is not None or not copy["answers"]:
                yield f"  {name} on {_short([copy['host']])} ({_LABELS[slot]}): {_copy(copy)}"
    yield from _shipping(document["log_shipping"])
    yield from _advice(document["advice"])
    yield from _now(document["failover_now"])
    if document["findings"]:
        yield "To look at:"
        yield from (f"  {f['urgency']:8} {f['text']}" for f in document["findings"])
    else:
        yield "Nothing to look at: everything is as it should be."


def _copy(copy: State) -> str:
    if not copy["answers"]:
        return "does not answer"
    mirrored = (
        f", {copy['mirroring_role'].lower()}, {copy['mirroring_state']}, safety"
        f" {copy['mirroring_safety']}"
        if copy["mirroring_role"]
        else ""
    )
    return f"{copy['database_state']}{mirrored}" + (
        f", witness {copy['mirroring_witness_state']}" if copy["mirroring_witness"] else ""
    )


def _shipping(shipping: State) -> Iterator[str]:
    for backup in shipping["backups"].values():
        every = "/".join(map(str, backup["every_minutes"])) or "no schedule"
        yield (
            f"  log backups from {_short([backup['host']])}:"
            f" {'enabled' if backup['enabled'] else 'DISABLED'}, every {every} min, last"
            f" {backup['last_backup_at'] or 'none yet'}"
        )
    if shipping["linked"]:
        applied = shipping["newest_applied_log"]
        told = (
            f"newest applied log begun {applied['begun_at']} ({applied['age_minutes']} min ago)"
            if applied
            else "no log applied yet"
        )
        yield (
            f"  log shipping to the backup: copied {_ago(shipping['copied_minutes_ago'])}, applied"
            f" {_ago(shipping['restored_minutes_ago'])}; {told}; {len(shipping['waiting'])} waiting"
        )


def _advice(ways: t.Sequence[State]) -> Iterator[str]:
    for way in ways:
        if way["refused"] is None:
            yield f"  what leads on: {way['command']}"
        else:
            yield (
                f"  what leads on: {way['command']}, which refuses as things are: {way['refused']}"
            )


def _now(failover: State) -> Iterator[str]:
    if failover["possible"]:
        yield (
            f"  a failover now, with the primary site gone: {len(failover['moves'])} moves."
            f" {failover['loss']['sentence']}"
        )
    else:
        yield f"  a failover now is not possible: {failover['why']}"


def _ago(minutes: int | None) -> str:
    return "never" if minutes is None else f"{minutes} min ago"


def _short(names: t.Sequence[str]) -> str:
    return ", ".join(str(n).partition(".")[0] for n in names) or "none"
