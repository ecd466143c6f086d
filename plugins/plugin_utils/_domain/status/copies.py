"""The copies of the pool's databases, as the status document has them. FOR INTERNAL COLLECTION USE
ONLY.
"""

from __future__ import annotations

from collections.abc import Mapping

from ..closed_by import closed_by, names_of
from ..documents.instance import DatabaseFacts
from ..documents.look import Look, database_seen, host_seen, sql_seen
from ..documents.status import CopyStatus, DatabaseStatus
from ..outage.copies import STORES


def names_of_databases(look: Look) -> list[str]:
    """All databases that some instance was asked for, sorted."""
    names: set[str] = set()
    for host in look["hosts"]:
        names.update(sql_seen(look, host)["databases"])
    return sorted(names)


def database_status(look: Look, name: str) -> DatabaseStatus:
    """One database in all slots that the inventory has."""
    copies: dict[str, CopyStatus] = {}
    for slot, host in look["estate"]["sql"].items():
        if host and slot in STORES:
            copies[slot] = _copy(look, host, name)
    return {"copies": copies, "principal": _principal(copies)}


def _copy(look: Look, host: str, name: str) -> CopyStatus:
    facts = database_seen(sql_seen(look, host), name)
    return {
        "host": host,
        "answers": host_seen(look, host)["sql"] is not None,
        "database_state": facts["database_state"],
        "recovery_model": facts["recovery_model"],
        "mirroring_role": facts["mirroring_role"],
        "mirroring_state": facts["mirroring_state"],
        "mirroring_safety": facts["mirroring_safety"],
        "mirroring_witness": facts["mirroring_witness"],
        "mirroring_witness_state": facts["mirroring_witness_state"],
        "closed_by": [*names_of(closed_by(facts))],
        "redo_lsn": facts["redo_lsn"],
        "restored_at": facts["restored_at"],
        "log_shipped": _log_shipped(facts),
        "owner": facts["owner"],
        "owner_sid": facts["owner_sid"],
        "dbo_sid": facts["dbo_sid"],
        "space": facts["space"],
    }


def _log_shipped(facts: DatabaseFacts) -> bool:
    primary = facts["log_shipping_primary"]
    return primary is not None and bool(primary["enabled"])


def _principal(copies: Mapping[str, CopyStatus]) -> str | None:
    """The slot on which the database runs: the session's principal, or a primary without one."""
    for slot, copy in copies.items():
        if copy["mirroring_role"] == "PRINCIPAL":
            return slot
        if slot == "primary" and copy["database_state"] == "ONLINE":
            return slot
    return None
