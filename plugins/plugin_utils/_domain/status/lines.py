"""The status document for people: what a tired reader needs first comes first. FOR INTERNAL
COLLECTION USE ONLY.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from ..documents.status import (
    AppliedLog,
    CopyStatus,
    DatabaseStatus,
    FailoverNow,
    FindingStatus,
    ShippedFrom,
    ShippingStatus,
    Status,
    Way,
)
from ..words import short_name, short_names

_LABELS = {
    "primary": "primary",
    "mirror": "its mirror",
    "backup": "backup",
    "backup_mirror": "backup's mirror",
}


def lines(document: Status) -> Iterator[str]:
    """The document in lines, findings last."""
    yield (
        f"Pool {document['pool']}: {document['situation']['name']}. {document['situation']['text']}"
    )
    yield (
        f"  state {document['pool_state'] or 'unknown'}, {_active(document)}, central management"
        f" store on {document['central_management_store']['host'] or 'unknown'}"
    )
    for name, database in document["databases"].items():
        yield from _copies(name, database)
    yield from _shipping(document["log_shipping"])
    yield from map(_way, document["advice"])
    yield _now(document["failover_now"])
    yield from _findings(document["findings"])


def _active(document: Status) -> str:
    active = document["active"]
    if active is None:
        return "active servers unknown"
    standby = document["standby"] or ()
    return f"{len(active)} servers active ({short_names(active)}), {len(standby)} standing by"


def _copies(name: str, database: DatabaseStatus) -> Iterator[str]:
    for slot, copy in database["copies"].items():
        if copy["database_state"] is not None or not copy["answers"]:
            yield f"  {name} on {short_name(copy['host'])} ({_LABELS[slot]}): {_copy(copy)}"


def _copy(copy: CopyStatus) -> str:
    if not copy["answers"]:
        return "does not answer"
    told = str(copy["database_state"])
    if copy["mirroring_role"]:
        told += (
            f", {copy['mirroring_role'].lower()}, {copy['mirroring_state']}, safety"
            f" {copy['mirroring_safety']}"
        )
    if copy["mirroring_witness"]:
        told += f", witness {copy['mirroring_witness_state']}"
    return told


def _shipping(shipping: ShippingStatus) -> Iterator[str]:
    yield from map(_backups, shipping["backups"].values())
    if shipping["linked"]:
        yield (
            f"  log shipping to the backup: copied {_ago(shipping['copied_minutes_ago'])}, applied"
            f" {_ago(shipping['restored_minutes_ago'])}; {_applied(shipping['newest_applied_log'])}"
            f"; {len(shipping['waiting'])} waiting"
        )


def _backups(backup: ShippedFrom) -> str:
    enabled = "enabled" if backup["enabled"] else "DISABLED"
    every = "/".join(map(str, backup["every_minutes"])) or "no schedule"
    return (
        f"  log backups from {short_name(backup['host'])}: {enabled}, every {every} min, last"
        f" {backup['last_backup_at'] or 'none yet'}"
    )


def _applied(newest: AppliedLog | None) -> str:
    if newest is None:
        return "no log applied yet"
    return f"newest applied log begun {newest['begun_at']} ({newest['age_minutes']} min ago)"


def _way(way: Way) -> str:
    told = f"  what leads on: {way['command']}"
    if way["refused"] is None:
        return told
    return f"{told}, which refuses as things are: {way['refused']}"


def _now(failover: FailoverNow) -> str:
    if not failover["possible"]:
        return f"  a failover now is not possible: {failover['why']}"
    return (
        f"  a failover now, with the primary site gone: {len(failover['moves'])} moves."
        f" {failover['loss']['sentence']}"
    )


def _findings(found: Sequence[FindingStatus]) -> Iterator[str]:
    if not found:
        yield "Nothing to look at: everything is as it should be."
        return
    yield "To look at:"
    for finding in found:
        yield f"  {finding['urgency']:8} {finding['text']}"


def _ago(minutes: int | None) -> str:
    if minutes is None:
        return "never"
    return f"{minutes} min ago"
