"""What a management host tells of the pool, as long as somebody tells anything.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..._engine.errors import CmdletFailed, CmdletMissing
from ..._engine.model import Record, Session
from ..calls import lync
from ..documents.look import NO_POOL, PoolLook
from ..resources.lync._pool import read_pool, stores_of
from ..rows import flag, lower, text, texts


def read_pool_state(session: Session, pool: str) -> PoolLook:
    """From the central store; when that does not answer, what this host's replica of it said
    last.

    Raises ``CmdletMissing``, which says nothing of the store, and what else the session raises.
    """
    try:
        return _from_central_store(session, pool)
    except CmdletMissing:
        raise
    except CmdletFailed as error:
        lost = str(error)
    try:
        return _from_replica(session, pool, lost)
    except CmdletFailed as error:
        why = f"{lost} The local replica does not help either: {error}"
        return {**NO_POOL, "published": False, "why": why}


def _from_central_store(session: Session, pool: str) -> PoolLook:
    services, states, replicas, central, pools = session.read(
        lync.chat_services(),
        lync.pool_states(),
        lync.replication_status(),
        lync.central_store_status(),
        lync.pools(),
    )
    told = read_pool(pool, services, states)
    next_hop = stores_of(services, pool)["next_hop"]
    return {
        "store": "central",
        "why": None,
        "identity": None,
        "cms": lower(central[0], "ActiveMasterFqdn") if central else None,
        "late": _late(replicas),
        "published": told["published"],
        "members": told["members"],
        "active": told["active"],
        "pool_state": told["pool_state"],
        "next_hop": next_hop,
        "next_hop_servers": _servers_of(next_hop, pools),
    }


def _late(replicas: Sequence[Record]) -> list[str]:
    """Hosts whose replica is not up to date."""
    return sorted(lower(row, "ReplicaFqdn") for row in replicas if not flag(row, "UpToDate"))


def _servers_of(pool: str | None, pools: Sequence[Record]) -> list[str]:
    for row in pools:
        if lower(row, "Fqdn") == pool:
            return sorted(name.lower() for name in texts(row, "Computers"))
    return []


def _from_replica(session: Session, pool: str, lost: str) -> PoolLook:
    states = session.read(lync.pool_states(local=True))[0]
    mine = _state_of(pool, states)
    return {
        **NO_POOL,
        "store": "local",
        "why": lost,
        "identity": None if mine is None else text(mine, "Identity"),
        "pool_state": None if mine is None else text(mine, "PoolState"),
    }


def _state_of(pool: str, states: Sequence[Record]) -> Record | None:
    for state in states:
        if lower(state, "Identity").endswith(f":{pool.lower()}"):
            return state
    return None
