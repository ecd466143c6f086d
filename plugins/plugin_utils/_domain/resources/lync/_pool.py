"""A Persistent Chat pool as the central management store describes it.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t

from ...._engine.errors import Refused
from ...._engine.model import Record, State
from ...estate.estate_info import is_fqdn

POOL_OPTION: State = {"pool": {"type": "str", "required": True}}
#: Slots of a pool's stores -> prefix of the property of Get-CsService -PersistentChatServer.
SLOTS = {"primary": "", "mirror": "Mirror", "backup": "Backup", "backup_mirror": "BackupMirror"}


def pool_scope(pool: str) -> str:
    """Refuses what cannot be a pool's name."""
    if not is_fqdn(pool):
        raise Refused(
            f"pool {pool!r} is not a fully qualified domain name (ASCII letters, digits, hyphens"
            " and dots).",
            code="bad_name",
            pool=pool,
        )
    return f"pool/{pool.lower()}"


def text_of(value: t.Any) -> str:
    """An identity may come as text or as an object that prints as one."""
    if isinstance(value, dict):
        return str(value.get("_text") or value.get("value") or "")
    return "" if value is None else str(value)


def after_colon(value: t.Any) -> str | None:
    """``Role:host[\\instance]`` -> ``host[\\instance]`` in lower case; None for an empty slot."""
    text = text_of(value)
    return text.partition(":")[2].lower() or None if text else None


def names(value: t.Any) -> list[str]:
    items = value if isinstance(value, list) else [] if value is None else [value]
    return sorted(text_of(i).lower() for i in items)


def read_pool(pool: str, services: list[Record], states: list[Record]) -> State:
    """Canonical facts of one pool out of what the Get- cmdlets return for all; published False and
    None where there is no such pool.
    """
    service = next(
        (s for s in services if text_of(s.get("PoolFqdn")).lower() == pool.lower()), None
    )
    known = sorted(text_of(s.get("PoolFqdn")).lower() for s in services)
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
    state = next(
        (
            s
            for s in states
            if after_colon(s.get("Identity")) == pool.lower()
            or text_of(s.get("Identity")).lower().endswith(":" + pool.lower())
        ),
        None,
    )
    active = names(service.get("ActiveServers"))
    return {
        "published": True,
        "identity": text_of(service.get("Identity")),
        "members": sorted({*active, *names(service.get("InactiveServers"))}),
        "active": active,
        "pool_state": text_of(state["PoolState"]) if state else "Normal",
        "state_identity": text_of(state["Identity"]) if state else text_of(service.get("Identity")),
        "known_pools": known,
    }


def stores_of(services: list[Record], pool: str) -> State:
    """{content: {slot: store|None}, compliance: {...}|None, next_hop, file_store, mtls_port}; all
    None for an unpublished pool.
    """
    service = next(
        (s for s in services if text_of(s.get("PoolFqdn")).lower() == pool.lower()), None
    )
    if service is None:
        return {
            "stores": None,
            "compliance_stores": None,
            "next_hop": None,
            "file_store": None,
            "mtls_port": None,
        }
    content, compliance = (
        {slot: after_colon(service.get(f"{prefix}{kind}")) for slot, prefix in SLOTS.items()}
        for kind in ("PersistentChatDatabase", "PersistentChatComplianceDatabase")
    )
    return {
        "stores": content,
        "compliance_stores": compliance if any(compliance.values()) else None,
        "next_hop": after_colon(service.get("Registrar")),
        "file_store": after_colon(service.get("FileStore")),
        "mtls_port": service.get("MtlsPort"),
    }


def require_pool(current: State, pool: str) -> None:
    if not current["published"]:
        raise Refused(
            f"There is no Persistent Chat pool {pool} in the published topology; there"
            f" {'are' if len(current['known_pools']) != 1 else 'is'}"
            f" {', '.join(current['known_pools']) or 'none'}. Check the name, or define and publish"
            " the pool in Topology Builder.",
            code="pool_not_found",
            pool=pool,
            known_pools=current["known_pools"],
        )
