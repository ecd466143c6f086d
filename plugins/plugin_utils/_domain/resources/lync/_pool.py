"""A Persistent Chat pool as the central management store describes it.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from ...._engine.errors import Refused
from ...._engine.model import ArgumentSpec, Record
from ...documents.pool import PoolFacts, PoolStores, PublishedPool, Stores
from ...estate.estate_info import is_fqdn
from ...rows import lower, number_or_none, text, texts

POOL_OPTION: ArgumentSpec = {"pool": {"type": "str", "required": True}}
#: Slots of a pool's stores -> prefix of the property of Get-CsService -PersistentChatServer.
SLOTS = {"primary": "", "mirror": "Mirror", "backup": "Backup", "backup_mirror": "BackupMirror"}


class PoolOptions(t.TypedDict):
    """``pool``: the FQDN of the pool."""

    pool: str


def pool_scope(pool: str) -> str:
    """``pool/<fqdn>`` in lower case. Refuses (``bad_name``) what cannot be a pool's name."""
    if not is_fqdn(pool):
        raise Refused(
            f"pool {pool!r} is not a fully qualified domain name (ASCII letters, digits, hyphens"
            " and dots).",
            code="bad_name",
            pool=pool,
        )
    return f"pool/{pool.lower()}"


def after_colon(row: Record, name: str) -> str | None:
    """``Role:host[\\instance]`` -> ``host[\\instance]`` in lower case; None for an empty slot."""
    return lower(row, name).partition(":")[2] or None


def service_of(services: Sequence[Record], pool: str) -> Record | None:
    """The pool's row of Get-CsService -PersistentChatServer, None when it is not published."""
    for service in services:
        if lower(service, "PoolFqdn") == pool.lower():
            return service
    return None


def read_pool(pool: str, services: Sequence[Record], states: Sequence[Record]) -> PoolFacts:
    """One pool out of what Get-CsService -PersistentChatServer and Get-CsPersistentChatState return
    for all.

    A pool without a state of its own is Normal.
    """
    known = sorted(lower(service, "PoolFqdn") for service in services)
    service = service_of(services, pool)
    if service is None:
        return {
            "published": False,
            "identity": None,
            "members": [],
            "active": [],
            "pool_state": None,
            "state_identity": None,
            "known_pools": known,
        }
    state = _state_of(states, pool)
    active = _names(service, "ActiveServers")
    return {
        "published": True,
        "identity": text(service, "Identity"),
        "members": sorted({*active, *_names(service, "InactiveServers")}),
        "active": active,
        "pool_state": "Normal" if state is None else text(state, "PoolState"),
        "state_identity": text(service if state is None else state, "Identity"),
        "known_pools": known,
    }


def _state_of(states: Sequence[Record], pool: str) -> Record | None:
    for state in states:
        is_its_own = after_colon(state, "Identity") == pool.lower()
        if is_its_own or lower(state, "Identity").endswith(f":{pool.lower()}"):
            return state
    return None


def _names(row: Record, name: str) -> list[str]:
    return sorted(found.lower() for found in texts(row, name))


def stores_of(services: Sequence[Record], pool: str) -> PoolStores:
    """What the pool depends on, out of the rows of Get-CsService -PersistentChatServer."""
    service = service_of(services, pool)
    if service is None:
        return {
            "stores": None,
            "compliance_stores": None,
            "next_hop": None,
            "file_store": None,
            "mtls_port": None,
        }
    compliance = _slots(service, "PersistentChatComplianceDatabase")
    return {
        "stores": _slots(service, "PersistentChatDatabase"),
        "compliance_stores": compliance if any(compliance.values()) else None,
        "next_hop": after_colon(service, "Registrar"),
        "file_store": after_colon(service, "FileStore"),
        "mtls_port": number_or_none(service, "MtlsPort"),
    }


def _slots(service: Record, kind: str) -> Stores:
    return {slot: after_colon(service, f"{prefix}{kind}") for slot, prefix in SLOTS.items()}


def require_pool(current: PoolFacts, pool: str) -> PublishedPool:
    """The same facts. Refuses (``pool_not_found``) a pool that is not published."""
    if current["published"]:
        return t.cast(PublishedPool, current)
    known = current["known_pools"]
    are = "is" if len(known) == 1 else "are"
    raise Refused(
        f"There is no Persistent Chat pool {pool} in the published topology; there"
        f" {are} {', '.join(known) or 'none'}. Check the name, or define and publish"
        " the pool in Topology Builder.",
        code="pool_not_found",
        pool=pool,
        known_pools=known,
    )
