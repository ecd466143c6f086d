"""ALTER DATABASE ...

SET PARTNER / WITNESS, the guards that mirroring puts on other statements, and the catalog views.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterable

from ..language.errors import SqlError, declare, error
from ..language.registry import alter_database_option, guard, view
from ..server.endpoints import endpoint_of, listens
from .session import MirrorSession, Recorded, session_of, talk

if t.TYPE_CHECKING:
    from ..language.parser import Node
    from ..language.session import SqlSession
    from ..server.database import Database
    from ..server.instance import SqlInstance

declare(
    {
        954: (14, 'The database "{}" cannot be opened. It is acting as a mirror database.'),
        955: (
            14,
            "Database {} is enabled for Database Mirroring, but the database lacks quorum: the "
            "database cannot be opened.  Check the partner and "
            "witness connections if configured.",
        ),
        1405: (16, 'The database "{}" is already enabled for database mirroring.'),
        1407: (
            16,
            'The remote copy of database "{}" is not related to the local copy of the database.',
        ),
        1416: (16, 'Database "{}" is not configured for database mirroring.'),
        1418: (
            16,
            'The server network address "{}" can not be reached or does not exist. Check the '
            "network address name and that the ports for the local "
            "and remote endpoints are operational.",
        ),
        1422: (
            16,
            'The mirror server instance is not caught up to the recent changes to database "{}". '
            "Unable to fail over.",
        ),
        1426: (
            16,
            "To issue ALTER DATABASE SET WITNESS, all three server instances must be "
            "interconnected, and the mirror database must be caught up.",
        ),
        1427: (
            16,
            "The server instance '{}' could not act as the witness. The ALTER DATABASE SET WITNESS "
            "command failed.",
        ),
        1429: (
            16,
            "The witness server instance name must be distinct from both of the server instances "
            "that manage the database. The ALTER DATABASE SET "
            "WITNESS command failed.",
        ),
        1431: (
            16,
            'Neither the partner nor the witness server instance for database "{}" is available. '
            "Reissue the command when at least one of the "
            "instances becomes available.",
        ),
        1439: (16, 'There is currently no witness associated with the database "{}".'),
        1447: (
            16,
            'ALTER DATABASE "{}" command cannot be executed until both partner server instances '
            "are up, running, and connected.",
        ),
        1448: (
            16,
            'The remote copy of database "{}" does not exist. Check the database name and reissue '
            "the command.",
        ),
        1449: (16, "ALTER DATABASE command failed due to an invalid server connection string."),
        1452: (
            16,
            "The partner server instance name must be distinct from the server instance that "
            "manages the database. The ALTER DATABASE SET PARTNER "
            "command failed.",
        ),
        1455: (
            16,
            'The database mirroring service cannot be forced for database "{}" because the '
            "database is not in the correct state to become the "
            "principal database.",
        ),
        1456: (
            16,
            "The ALTER DATABASE command could not be sent to the remote server instance '{}'. The "
            "database mirroring configuration was not changed.",
        ),
        1464: (
            16,
            'Database "{}" is not in a recovering state which is required for a mirror database or '
            "secondary database.",
        ),
        1465: (
            16,
            'Database "{}" database is not in full recovery mode on each of the server instances.',
        ),
        1468: (
            16,
            'The operation cannot be performed on database "{}" because it is involved in a '
            "database mirroring session.",
        ),
        1470: (
            16,
            "The alter database for this partner config values may only be initiated on the "
            'current principal server for database "{}".',
        ),
        1473: (
            16,
            "This SQL Server edition does not allow changing the safety level. ALTER DATABASE "
            "command failed.",
        ),
        1476: (16, "Database mirroring timeout value {} exceeds the maximum value 32767."),
        1477: (
            16,
            'The database mirroring safety level must be FULL to manually failover database "{}".  '
            "Set safety level to FULL and retry.",
        ),
        1478: (
            16,
            'The mirror database, "{}", has insufficient transaction log data to preserve the log '
            "backup chain of the principal database.  This "
            "may happen if a log backup from the principal database has not been taken or has not "
            "been restored on the mirror database.",
        ),
        1486: (10, "Database Mirroring Transport is disabled in the endpoint configuration."),
        3059: (
            16,
            "This BACKUP or RESTORE command is not supported on a database mirror or secondary "
            "replica.",
        ),
        3104: (
            16,
            "RESTORE cannot operate on database '{}' because it is configured for database "
            "mirroring or has joined an availability group. If you "
            "intend to restore the database, use ALTER DATABASE to remove mirroring.",
        ),
    }
)
_ADDRESS = re.compile(r"TCP://([A-Za-z0-9._-]+):(\d{1,5})", re.IGNORECASE)


def _failed(number: int, *args: t.Any) -> SqlError:
    return error(number, *args, also=error(5069))


def _resolve(instance: SqlInstance, address: str) -> SqlInstance | None:
    """The instance that listens at an address and can be reached from here; None when nobody does.

    SqlError 1449 for a bad address.
    """
    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise _failed(1449)
    try:
        machine = instance.world.machine(match[1])
    except KeyError:
        return None
    if not instance.world.network.reachable(instance.machine.fqdn, machine.fqdn):
        return None
    for candidate in machine.instances.values():
        endpoint = endpoint_of(candidate)
        if endpoint is not None and endpoint.port == int(match[2]) and listens(candidate):
            return candidate
    return None


@alter_database_option("Partner")
def set_partner(session: SqlSession, database: Database, option: Node, node: Node) -> None:
    session.require_sysadmin()
    if option.PartnerOption == "PartnerServer":
        _set_partner(session.instance, database, option.PartnerServer.Value)
        return
    mirror_session = session_of(database)
    if mirror_session is None:
        if option.PartnerOption == "Off" and isinstance(database.mirroring, Recorded):
            database.mirroring = None
            return
        raise _failed(1416, database.name)
    _OPTIONS[option.PartnerOption](session, database, mirror_session, option)


def _set_partner(instance: SqlInstance, database: Database, address: str) -> None:
    if isinstance(database.mirroring, MirrorSession):
        raise _failed(1405, database.name)
    if _ADDRESS.fullmatch(address) is None:
        raise _failed(1449)
    mine = endpoint_of(instance)
    if mine is None or mine.state != "Started":
        raise _failed(1418, address)
    if database.state == "RESTORING":
        database.mirroring = Recorded(address)
        return
    other = _resolve(instance, address)
    if other is instance:
        raise _failed(1452)
    theirs = endpoint_of(other) if other is not None else None
    if (
        other is None
        or theirs is None
        or not talk(instance, other)
        or "Witness" in (mine.role, theirs.role)
    ):
        raise _failed(1418, address)
    remote = other.databases.get(database.name.lower())
    if remote is None:
        raise _failed(1448, database.name)
    if remote.state != "RESTORING":
        raise _failed(1464, database.name)
    if remote.family_guid != database.family_guid or not remote.same_path(database.forks):
        raise _failed(1407, database.name)
    if (
        not isinstance(remote.mirroring, Recorded)
        or _resolve(other, remote.mirroring.partner) is not instance
    ):
        raise _failed(1416, database.name)
    if database.recovery_model != "FULL":
        raise _failed(1465, database.name)
    # Assumed order of the last checks: model first, then the log.
    if database.last_log_backup_lsn is None or remote.end_lsn < database.last_log_backup_lsn:
        raise _failed(1478, database.name)
    MirrorSession(database, remote, remote.mirroring.partner, address)


def _principal(database: Database, mirroring: MirrorSession) -> None:
    if mirroring.role(database) != "PRINCIPAL":
        raise _failed(1470, database.name)


def _safety(level: str) -> t.Callable[[SqlSession, Database, MirrorSession, Node], None]:
    def run(
        session: SqlSession, database: Database, mirroring: MirrorSession, option: Node
    ) -> None:
        _principal(database, mirroring)
        if not mirroring.connected():
            raise _failed(1447, database.name)
        if level == "OFF" and session.instance.engine_edition != 3:
            raise _failed(1473)
        mirroring.safety = level
        mirroring.safety_sequence = mirroring.safety_sequence + 1

    return run


def _timeout(
    session: SqlSession, database: Database, mirroring: MirrorSession, option: Node
) -> None:
    _principal(database, mirroring)
    seconds = int(option.Timeout.Value)
    if seconds > 32767:
        raise _failed(1476, seconds)
    mirroring.timeout = max(seconds, 5)


def _failover(
    session: SqlSession, database: Database, mirroring: MirrorSession, option: Node
) -> None:
    _principal(database, mirroring)
    if mirroring.safety != "FULL":
        raise _failed(1477, database.name)
    if not mirroring.connected():
        raise _failed(1447, database.name)
    if mirroring.state != "SYNCHRONIZED":
        raise _failed(1422, database.name)
    mirroring.switch()


def _force(session: SqlSession, database: Database, mirroring: MirrorSession, option: Node) -> None:
    if mirroring.role(database) != "MIRROR" or mirroring.connected():
        raise _failed(1455, database.name)
    if mirroring.witness is not None and not mirroring.sees_witness(session.instance):
        raise _failed(1431, database.name)
    mirroring.force()


def _resume(
    session: SqlSession, database: Database, mirroring: MirrorSession, option: Node
) -> None:
    _principal(database, mirroring)
    mirroring.resume()


_OPTIONS: dict[str, t.Callable[[t.Any, t.Any, MirrorSession, t.Any], None]] = {
    "SafetyFull": _safety("FULL"),
    "SafetyOff": _safety("OFF"),
    "Timeout": _timeout,
    "Failover": _failover,
    "ForceServiceAllowDataLoss": _force,
    "Suspend": lambda session, database, mirroring, option: mirroring.suspend(),
    "Resume": _resume,
    "Off": lambda session, database, mirroring, option: mirroring.off(session.instance),
}


@alter_database_option("Witness")
def set_witness(session: SqlSession, database: Database, option: Node, node: Node) -> None:
    session.require_sysadmin()
    mirroring = session_of(database)
    if mirroring is None:
        raise _failed(1416, database.name)
    if option.get("IsOff"):  # either partner may (ALTER DATABASE database mirroring reference)
        if mirroring.witness is None:
            raise _failed(1439, database.name)
        if not mirroring.connected() and not mirroring.sees_witness(session.instance):
            raise _failed(1431, database.name)
        mirroring.witness = None
        mirroring.witness_address = ""
        return
    _principal(database, mirroring)
    address = option.WitnessServer.Value
    witness = _resolve(session.instance, address)
    if witness in (mirroring.principal.instance, mirroring.mirror.instance):
        raise _failed(1429)
    if not mirroring.connected() or mirroring.state != "SYNCHRONIZED":
        raise _failed(1426)
    endpoint = endpoint_of(witness) if witness is not None else None
    if (
        witness is None
        or endpoint is None
        or not all(
            talk(i, witness) for i in (mirroring.principal.instance, mirroring.mirror.instance)
        )
    ):
        raise _failed(1456, address)
    if endpoint.role not in ("Witness", "All"):
        raise _failed(1427, address)
    mirroring.witness = witness
    mirroring.witness_address = address
    witnessed: list[MirrorSession] = witness.parts.setdefault("witnessed", [])
    if mirroring not in witnessed:
        witnessed.append(mirroring)


# --- guards


@guard("open")
def open_guard(instance: SqlInstance, database: Database, session: SqlSession | None) -> None:
    """Nobody uses a mirror."""
    mirroring = session_of(database)
    if mirroring is None:
        return
    if mirroring.role(database) == "MIRROR":
        raise error(954, database.name)
    if not mirroring.has_quorum(instance):
        raise error(955, database.name)


@guard("backup")
def backup_guard(instance: SqlInstance, database: Database, session: SqlSession | None) -> None:
    """A mirror cannot be backed up."""
    mirroring = session_of(database)
    if mirroring is not None and mirroring.role(database) == "MIRROR":
        raise error(3059) if instance.major >= 11 else error(954, database.name)


@guard("tail")
def tail_guard(instance: SqlInstance, database: Database, session: SqlSession | None) -> None:
    """BACKUP LOG WITH NORECOVERY is documented as not allowed; its number is not (assumed 1468)."""
    if session_of(database) is not None:
        raise error(1468, database.name)


@guard("restore")
def restore_guard(instance: SqlInstance, database: Database, session: SqlSession | None) -> None:
    """A mirrored database cannot be restored."""
    if session_of(database) is not None:
        raise error(3104, database.name)


@guard("drop")
def drop_guard(instance: SqlInstance, database: Database, session: SqlSession | None) -> None:
    """A mirrored database cannot be dropped."""
    if session_of(database) is not None:
        raise error(3743, database.name)


@guard("alter")
def alter_guard(instance: SqlInstance, database: Database, session: SqlSession | None) -> None:
    if session_of(database) is not None:
        raise error(1468, database.name)


# --- views

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
        "mirroring_role_sequence": mirroring.role_sequence,
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
