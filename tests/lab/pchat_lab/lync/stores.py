"""Which databases a SQL Server holds for the pools of the topology, and how two of them mirror."""

from __future__ import annotations

import typing as t

from ..powershell.errors import CmdletError
from ..powershell.registry import Invocation
from .common import DATABASES, run_sql
from .document import Pool

if t.TYPE_CHECKING:
    from ..sqlserver.server.instance import SqlInstance


def stores_at(call: Invocation, where: str) -> list[tuple[Pool, str, str]]:
    """(pool, database, slot) of every store that the published topology puts on this instance."""
    found = []
    for pool in call.world.lync.pools.values():
        for database, stores in (("mgc", pool.stores), ("mgccomp", pool.compliance_stores)):
            found += [
                (pool, database, slot)
                for slot, on in stores.items()
                if on.lower() == where.lower() and "witness" not in slot
            ]
    return found


def ends_of(
    pool: Pool, database: str, slots: tuple[str, str] = ("primary", "mirror")
) -> tuple[str, str]:
    stores = pool.stores if database == "mgc" else pool.compliance_stores
    if slots[0] not in stores:
        raise CmdletError(
            f"{database} is not present on pool {pool.fqdn}.",
            "NotPresent",
            "ObjectNotFound",
            target=pool.fqdn,
        )
    if slots[1] not in stores:
        raise CmdletError(
            f"No mirror is defined for {database} of pool {pool.fqdn}.",
            "MirrorNotDefined",
            "InvalidOperation",
            target=pool.fqdn,
        )
    return stores[slots[0]], stores[slots[1]]


def asked_database(call: Invocation) -> str:
    kind = call.params.get("DatabaseType", "PersistentChat")
    if kind not in DATABASES:
        raise CmdletError(
            f"{kind} is not present on pool {call.params.get('PoolFqdn', '')}.",
            "NotPresent",
            "ObjectNotFound",
            target=kind,
        )
    return DATABASES[kind]


def mirror_row(call: Invocation, instance: SqlInstance, database: str) -> dict[str, t.Any] | None:
    """The session as this instance sees it; None when the database or the session is not there, or
    the server does not answer.
    """
    try:
        rows = run_sql(
            call,
            instance,
            "SELECT m.mirroring_role_desc AS role, m.mirroring_state_desc AS state FROM "
            "sys.databases d JOIN "
            "sys.database_mirroring m ON m.database_id = d.database_id WHERE d.name = "
            f"N'{database}'",
        )
    except CmdletError:
        return None
    return rows[0] if rows and rows[0]["role"] else None
