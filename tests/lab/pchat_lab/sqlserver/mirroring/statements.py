"""ALTER DATABASE ...

SET PARTNER / WITNESS, the guards that mirroring puts on other statements, and the catalog views.
"""

from __future__ import annotations

import re
import typing as t

from ...powershell.errors import LabGap
from ...world.firewall import lets_in
from ..language.errors import SqlError, error
from ..language.registry import alter_database_option
from ..server.endpoints import endpoint_of, listens
from .session import MirrorSession, Recorded, session_of, talk

if t.TYPE_CHECKING:
    from ..language.parser import Node
    from ..language.session import SqlSession
    from ..server.database import Database
    from ..server.instance import SqlInstance

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
    if machine is not instance.machine and not lets_in(
        machine, int(match[2]), instance.machine.address
    ):
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
    if database.is_read_only:
        raise _failed(1466, database.name)
    if database.is_auto_close_on:
        raise _failed(1469, database.name)
    if database.user_access == "SINGLE_USER":
        raise _failed(1488, database.name)
    # Assumed order of the last checks: the settings first, then the log.
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


def _not_replaced(database: Database, mirroring: MirrorSession) -> None:
    if database is mirroring.replaced:
        raise LabGap("SUSPEND and RESUME on a principal that another one replaced behind a cut")


def _suspend(
    session: SqlSession, database: Database, mirroring: MirrorSession, option: Node
) -> None:
    _not_replaced(database, mirroring)
    mirroring.suspend()


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
    _not_replaced(database, mirroring)
    mirroring.resume()


_OPTIONS: dict[str, t.Callable[[t.Any, t.Any, MirrorSession, t.Any], None]] = {
    "SafetyFull": _safety("FULL"),
    "SafetyOff": _safety("OFF"),
    "Timeout": _timeout,
    "Failover": _failover,
    "ForceServiceAllowDataLoss": _force,
    "Suspend": _suspend,
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
