"""Copies of the pool's databases that a build would overwrite, or leave: one function for each
finding. FOR INTERNAL COLLECTION USE ONLY.

A build seeds the mirror and the secondary from the preferred primary, and has Lync install what is
not there. Right after a disaster the only copy may be somewhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..calls.tsql import intent
from ..documents.instance import DatabaseFacts
from ..resources.sqlserver._instance import WAITS_FOR_LOG
from .seen import Finding, Seen, seen_copy

Findings = Iterator[Finding]

_DATABASES = ("mgc", "mgccomp")
#: Slots that hold a copy besides the preferred primary, the likeliest first.
_OTHERS = ("mirror", "backup", "backup_mirror")


def _outage_declared(seen: Seen) -> Findings:
    """Building in the middle of an outage would let clients at the copy that is about to be
    left.
    """
    backup = seen.instance_of("backup")
    if backup is None:
        return
    declared = backup["records"].get(intent.intent_name(seen.estate["pool"]).lower())
    if declared:
        yield Finding(
            seen.host_of("backup"),
            "intent",
            f"an outage is being dealt with: {declared}. Finish it first (failover.yml or"
            " failback.yml, as it says).",
        )


def _copy_in_use(seen: Seen) -> Findings:
    """Building would overwrite the copy that an outage put to work."""
    backup = seen.instance_of("backup")
    if backup is None:
        return
    copy = seen_copy(backup)
    if copy["database_state"] != "ONLINE":
        return
    record = backup["records"].get(intent.put_to_work_name(seen.estate["pool"]).lower())
    is_ours = copy["recovery_fork"] is not None and copy["recovery_fork"] in str(record)
    families = [database["family"] for database in _pair(seen).values()]
    is_related = copy["family"] is not None and copy["family"] in families
    if is_ours or is_related:
        yield Finding(
            seen.host_of("backup"),
            "copy_in_use",
            "mgc is online here and came from the pool's primary: it may be the copy in use,"
            " and building would leave or overwrite it. See status.yml; go back by"
            " failback.yml, or drop it if it is left over.",
        )


def _stopped_copy(seen: Seen) -> Findings:
    pair = _pair(seen)
    stopped = [host for host, database in pair.items() if _waits_for_log(database)]
    is_online = any(database["database_state"] == "ONLINE" for database in pair.values())
    if stopped and not is_online:
        yield Finding(
            stopped[0],
            "stopped_copy",
            "mgc waits for log here, is no mirror, and no copy of the primary site is online: a"
            " switchover or a failback stopped half-way. Run the playbook that was begun again.",
        )


def _copy_elsewhere(seen: Seen) -> Findings:
    """Lync would install an empty database on the preferred primary, and the pool would use that;
    what follows would overwrite the others.
    """
    primary = seen.instance_of("primary")
    if primary is None:
        return
    for database in _DATABASES:
        if seen_copy(primary, database)["database_state"] is not None:
            continue
        for slot in _OTHERS:
            state = _state_on(seen, slot, database)
            if state is not None:
                yield Finding(
                    seen.host_of("primary"),
                    "copy_elsewhere",
                    f"{database} is not here, and {seen.host_of(slot)} has a copy of it ({state})."
                    " Building would install an empty one here for the pool to use, and overwrite"
                    " that copy. See status.yml: failback.yml brings it back from a mirror that is"
                    " in use, failover.yml puts the backup site's to work. Drop it there if it may"
                    " go.",
                )
                break


def _mirror_in_use(seen: Seen) -> Findings:
    """Mirrors are seeded from the preferred primary."""
    primary = seen.instance_of("primary")
    mirror = seen.instance_of("mirror")
    if primary is None or mirror is None:
        return
    if _waits_for_log(seen_copy(primary)) and seen_copy(mirror)["database_state"] == "ONLINE":
        yield Finding(
            seen.host_of("mirror"),
            "mirror_in_use",
            f"mgc is in use here, alone: its copy on {seen.host_of('primary')} waits for log in no"
            " session. Building seeds from there. Run failback.yml: it mirrors this one, and"
            " returns the role.",
        )


def _stranger(seen: Seen) -> Findings:
    """What waits for log beside a primary that has never been shipped may be what the pool had
    before; what was restored and opened belongs to somebody else.
    """
    primary = seen.instance_of("primary")
    backup = seen.instance_of("backup")
    if primary is None or backup is None:
        return
    for database in _DATABASES:
        copy = seen_copy(backup, database)
        if not _are_unrelated(copy, seen_copy(primary, database)):
            continue
        waits = copy["database_state"] in WAITS_FOR_LOG and not _is_shipped(seen, database)
        was_opened = copy["database_state"] == "ONLINE" and copy["restored_at"] is not None
        if waits or was_opened:
            yield Finding(
                seen.host_of("backup"),
                "stranger",
                f"{database} was restored here ({copy['database_state']}), and is no copy of that"
                f" on {seen.host_of('primary')}: it comes from another database, perhaps from the"
                " one that this pool had before. Building would overwrite it. Look which of the two"
                " holds the pool's messages; drop this one if it may go.",
            )


def _are_unrelated(copy: DatabaseFacts, other: DatabaseFacts) -> bool:
    return None not in (copy["family"], other["family"]) and copy["family"] != other["family"]


def _is_shipped(seen: Seen, database: str) -> bool:
    copies = _pair(seen, database).values()
    return any(copy["log_shipping_primary"] is not None for copy in copies)


def _state_on(seen: Seen, slot: str, database: str) -> str | None:
    instance = seen.instance_of(slot)
    return None if instance is None else seen_copy(instance, database)["database_state"]


def _waits_for_log(database: DatabaseFacts) -> bool:
    return database["database_state"] == "RESTORING" and database["mirroring_role"] is None


def _pair(seen: Seen, database: str = "mgc") -> dict[str, DatabaseFacts]:
    """The copies of a database in the primary data centre, by host."""
    copies: dict[str, DatabaseFacts] = {}
    for slot in ("primary", "mirror"):
        instance = seen.instance_of(slot)
        if instance is not None:
            copies[seen.host_of(slot)] = seen_copy(instance, database)
    return copies


CHECKS_OF_COPIES: tuple[Callable[[Seen], Findings], ...] = (
    _outage_declared,
    _copy_in_use,
    _stopped_copy,
    _copy_elsewhere,
    _mirror_in_use,
    _stranger,
)
