"""Catalog views of database mirroring."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable

from ..language.registry import view
from .session import MirrorSession, session_of

if t.TYPE_CHECKING:
    from ..language.session import SqlSession
    from ..server.database import Database


_STATES = {
    "SUSPENDED": 0,
    "DISCONNECTED": 1,
    "SYNCHRONIZING": 2,
    "PENDING_FAILOVER": 3,
    "SYNCHRONIZED": 4,
}


@view(
    "sys.database_mirroring",
    "database_id int, mirroring_guid uniqueidentifier, mirroring_state tinyint, "
    "mirroring_state_desc nvarchar(60), "
    "mirroring_role tinyint, mirroring_role_desc nvarchar(60), mirroring_role_sequence int, "
    "mirroring_safety_level tinyint, "
    "mirroring_safety_level_desc nvarchar(60), mirroring_safety_sequence int, "
    "mirroring_partner_name nvarchar(128), "
    "mirroring_partner_instance nvarchar(128), mirroring_witness_name nvarchar(128), "
    "mirroring_witness_state tinyint, "
    "mirroring_witness_state_desc nvarchar(60), mirroring_failover_lsn numeric(25.0), "
    "mirroring_connection_timeout int, mirroring_redo_queue int, "
    "mirroring_redo_queue_type nvarchar(60), mirroring_end_of_log_lsn numeric(25.0), "
    "mirroring_replication_lsn numeric(25.0)",
)
def database_mirroring(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    """One row per database; everything NULL for databases without a session, and for callers
    without the rights to see it.
    """
    for database in session.instance.databases.values():
        row: dict[str, t.Any] = {"database_id": database.database_id}
        mirroring = session_of(database)
        if mirroring is not None and session.is_sysadmin:
            row.update(_shown(database, mirroring))
        yield row


def _shown(database: Database, mirroring: MirrorSession) -> dict[str, t.Any]:
    other = mirroring.partner(database)
    role = mirroring.role(database)
    witness = 0
    if mirroring.witness is not None:
        witness = 1 if mirroring.sees_witness(database.instance) else 2
    return {
        "mirroring_guid": mirroring.guid,
        "mirroring_state": _STATES[mirroring.state],
        "mirroring_state_desc": mirroring.state,
        "mirroring_role": 1 if role == "PRINCIPAL" else 2,
        "mirroring_role_desc": role,
        "mirroring_role_sequence": mirroring.role_sequence_of(database),
        "mirroring_safety_level": 2 if mirroring.safety == "FULL" else 1,
        "mirroring_safety_level_desc": mirroring.safety,
        "mirroring_safety_sequence": mirroring.safety_sequence,
        "mirroring_partner_name": mirroring.addresses[other.instance],
        "mirroring_partner_instance": other.instance.network_name,
        "mirroring_witness_name": mirroring.witness_address,
        "mirroring_witness_state": witness,
        "mirroring_witness_state_desc": ("UNKNOWN", "CONNECTED", "DISCONNECTED")[witness],
        "mirroring_failover_lsn": mirroring.mirror.end_lsn,
        "mirroring_connection_timeout": mirroring.timeout,
        "mirroring_redo_queue_type": "UNLIMITED",
        "mirroring_end_of_log_lsn": database.end_lsn,
        "mirroring_replication_lsn": 0,
    }


@view(
    "sys.database_mirroring_witnesses",
    "database_name sysname, principal_server_name sysname, mirror_server_name sysname, "
    "safety_level tinyint, "
    "safety_level_desc nvarchar(60), safety_sequence_number int, role_sequence_number int, "
    "mirroring_guid uniqueidentifier, "
    "family_guid uniqueidentifier, is_suspended bit, is_suspended_sequence_number int, "
    "partner_sync_state tinyint, partner_sync_state_desc nvarchar(60)",
)
def witnesses(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    for mirroring in session.instance.parts.get("witnessed", []):
        if mirroring.witness is session.instance:
            mirroring.refresh()
            synchronized = mirroring.state == "SYNCHRONIZED"
            yield {
                "database_name": mirroring.principal.name,
                "principal_server_name": mirroring.addresses[mirroring.principal.instance],
                "mirror_server_name": mirroring.addresses[mirroring.mirror.instance],
                "safety_level": 2 if mirroring.safety == "FULL" else 1,
                "safety_level_desc": mirroring.safety,
                "safety_sequence_number": mirroring.safety_sequence,
                "role_sequence_number": mirroring.role_sequence,
                "mirroring_guid": mirroring.guid,
                "family_guid": mirroring.principal.family_guid,
                "is_suspended": mirroring.state == "SUSPENDED",
                "is_suspended_sequence_number": 1,
                "partner_sync_state": 5 if synchronized else 6,
                "partner_sync_state_desc": "SYNCHRONIZED" if synchronized else "UNSYNCHRONIZED",
            }
