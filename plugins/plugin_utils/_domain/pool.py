"""A Persistent Chat pool as the central management store describes it. FOR INTERNAL COLLECTION USE ONLY."""
from __future__ import annotations

import typing as t

from .._engine.errors import Refused
from .._engine.model import Record, Session, Settle, State, Step
from .calls import lync
from .inventory import MAX_ACTIVE, MAX_SERVERS, is_fqdn

_POOL: State = {"pool": {"type": "str", "required": True}}
POOL_INFO_SPEC: State = dict(_POOL)
POOL_STATE_SPEC: State = {**_POOL, "state": {"type": "str", "choices": ["normal", "failed_over"], "default": "normal"},
                          "timeout": {"type": "int", "default": 300}}
ACTIVE_SERVERS_SPEC: State = {
    **_POOL,
    "servers": {"type": "list", "elements": "str", "required": True},
    "utc_offsets": {"type": "dict", "default": {}},
    "next_hop_utc_offset": {"type": "int"},
}
REPLICATION_SPEC: State = {**_POOL, "servers": {"type": "list", "elements": "str", "required": True}, "timeout": {"type": "int", "default": 900}}
#: Slots of a pool's stores -> prefix of the property of Get-CsService -PersistentChatServer.
SLOTS = {"primary": "", "mirror": "Mirror", "backup": "Backup", "backup_mirror": "BackupMirror"}


def pool_scope(pool: str) -> str:
    """Refuses what cannot be a pool's name."""
    if not is_fqdn(pool):
        raise Refused(f"pool {pool!r} is not a fully qualified domain name (ASCII letters, digits, hyphens and dots).", code="bad_name", pool=pool)
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
    """Canonical facts of one pool out of what the Get- cmdlets return for all; published False and None where there is no such pool."""
    service = next((s for s in services if text_of(s.get("PoolFqdn")).lower() == pool.lower()), None)
    known = sorted(text_of(s.get("PoolFqdn")).lower() for s in services)
    if service is None:
        return {"published": False, "identity": None, "members": [], "active": [], "pool_state": None, "state_identity": None, "known_pools": known}
    state = next((s for s in states if after_colon(s.get("Identity")) == pool.lower() or text_of(s.get("Identity")).lower().endswith(":" + pool.lower())), None)
    active = names(service.get("ActiveServers"))
    return {"published": True, "identity": text_of(service.get("Identity")), "members": sorted({*active, *names(service.get("InactiveServers"))}),
            "active": active, "pool_state": text_of(state["PoolState"]) if state else "Normal",
            "state_identity": text_of(state["Identity"]) if state else text_of(service.get("Identity")), "known_pools": known}


def stores_of(services: list[Record], pool: str) -> State:
    """{content: {slot: store|None}, compliance: {...}|None, next_hop, file_store, mtls_port}; all None for an unpublished pool."""
    service = next((s for s in services if text_of(s.get("PoolFqdn")).lower() == pool.lower()), None)
    if service is None:
        return {"stores": None, "compliance_stores": None, "next_hop": None, "file_store": None, "mtls_port": None}
    content, compliance = ({slot: after_colon(service.get(f"{prefix}{kind}")) for slot, prefix in SLOTS.items()}
                           for kind in ("PersistentChatDatabase", "PersistentChatComplianceDatabase"))
    return {"stores": content, "compliance_stores": compliance if any(compliance.values()) else None, "next_hop": after_colon(service.get("Registrar")),
            "file_store": after_colon(service.get("FileStore")), "mtls_port": service.get("MtlsPort")}


def require_pool(current: State, pool: str) -> None:
    if not current["published"]:
        raise Refused(f"There is no Persistent Chat pool {pool} in the published topology; there {'are' if len(current['known_pools']) != 1 else 'is'} "
                      f"{', '.join(current['known_pools']) or 'none'}. Check the name, or define and publish the pool in Topology Builder.",
                      code="pool_not_found", pool=pool, known_pools=current["known_pools"])


class PoolInfo:
    """State: what pool_state and active_servers know, stores, next hop, file store, replication {fqdn: {up_to_date, last_update}}, cms."""

    def __init__(self, options: State, host: str) -> None:
        self.pool: str = options["pool"]
        self.scope = f"{pool_scope(self.pool)} info"

    def read(self, session: Session) -> State:
        services, states, replicas, central = session.read(lync.chat_services(), lync.pool_states(), lync.replication_status(), lync.central_store_status())
        replication = {text_of(r.get("ReplicaFqdn")).lower(): {"up_to_date": bool(r.get("UpToDate")), "last_update": r.get("LastUpdateCreation")}
                       for r in replicas}
        return {**read_pool(self.pool, services, states), **stores_of(services, self.pool), "replication": dict(sorted(replication.items())),
                "cms": text_of(central[0].get("ActiveMasterFqdn")).lower() if central else None}

    def plan(self, current: State) -> list[Step]:
        return []


class PoolState:
    """Normal: the pool uses its primary store; FailedOver: its backup store (Set-CsPersistentChatState reference)."""

    def __init__(self, options: State, host: str) -> None:
        self.pool, self.scope = options["pool"], pool_scope(options["pool"])
        self.wanted = "Normal" if options["state"] == "normal" else "FailedOver"
        self.timeout = float(options["timeout"])

    def read(self, session: Session) -> State:
        services, states = session.read(lync.chat_services(), lync.pool_states())
        return read_pool(self.pool, services, states)

    def plan(self, current: State) -> list[Step]:
        require_pool(current, self.pool)
        if current["pool_state"] in (self.wanted, None) and (current["pool_state"] or self.wanted == "Normal"):
            return []
        use = "primary" if self.wanted == "Normal" else "backup"
        return [Step("set_pool_state", f"The pool is {current['pool_state']}; it is to use its {use} store.", {"pool_state": self.wanted},
                     (lync.set_pool_state(current["state_identity"], self.wanted),),
                     settles=Settle(f"the pool is {self.wanted}", lambda s: s["pool_state"] == self.wanted, timeout=self.timeout,
                                    seen=lambda s: f"it is {s['pool_state']}"))]


class ActiveServers:
    """Exactly these servers accept clients. An empty list is allowed: nobody does (failover and failback)."""

    def __init__(self, options: State, host: str) -> None:
        self.pool, self.scope = options["pool"], pool_scope(options["pool"])
        self.wanted = sorted({s.lower() for s in options["servers"]})
        if len(self.wanted) > MAX_ACTIVE:
            raise Refused(f"{len(self.wanted)} servers are to be active; a pool has at most {MAX_ACTIVE} at a time. Take some from the list.",
                          code="too_many_active", servers=self.wanted)
        offsets = {k.lower(): int(v) for k, v in options["utc_offsets"].items()}
        hop = options["next_hop_utc_offset"]
        strange = [s for s in self.wanted if hop is not None and s in offsets and offsets[s] != hop]
        if strange:
            raise Refused(f"{', '.join(strange)} stand in another time zone than the pool's next hop; active servers must be in the same one.",
                          code="time_zone", servers=strange)

    def read(self, session: Session) -> State:
        services, states = session.read(lync.chat_services(), lync.pool_states())
        return read_pool(self.pool, services, states)

    def plan(self, current: State) -> list[Step]:
        require_pool(current, self.pool)
        if len(current["members"]) > MAX_SERVERS:
            raise Refused(f"The pool has {len(current['members'])} servers; at most {MAX_SERVERS} are supported.", code="too_many_servers")
        strangers = sorted(set(self.wanted) - set(current["members"]))
        if strangers:
            raise Refused(f"{', '.join(strangers)} {'is' if len(strangers) == 1 else 'are'} not among the servers of {self.pool}: "
                          f"{', '.join(current['members'])}. Add the machine in Topology Builder, or correct the list.", code="not_a_member",
                          strangers=strangers)
        if self.wanted == current["active"]:
            return []
        shown = ", ".join(current["active"]) or "no server"
        return [Step("set_active_servers", f"{shown} accept{'s' if len(current['active']) < 2 else ''} clients now.", {"active": self.wanted},
                     (lync.set_active_servers(current["identity"], self.wanted),))]


class Replication:
    """Waits until the configuration has reached these machines: state replicas {fqdn: up_to_date}."""

    def __init__(self, options: State, host: str) -> None:
        self.scope, self.servers = f"{pool_scope(options['pool'])} replication", sorted(s.lower() for s in options["servers"])
        self.timeout = float(options["timeout"])

    def read(self, session: Session) -> State:
        rows = session.read(lync.replication_status())[0]
        found = {text_of(r.get("ReplicaFqdn")).lower(): bool(r.get("UpToDate")) for r in rows}
        return {"replicas": {s: found.get(s) for s in self.servers}}

    def plan(self, current: State) -> list[Step]:
        late = [s for s, up in current["replicas"].items() if not up]
        if not late:
            return []
        return [Step("replicate", f"The configuration has not reached {', '.join(late)}.", {"replicas": dict.fromkeys(self.servers, True)},
                     tuple(lync.replicate(s) for s in late),
                     settles=Settle(f"the configuration has reached {', '.join(late)}", lambda s: all(s["replicas"].values()), timeout=self.timeout,
                                    seen=lambda s: f"{sum(map(bool, s['replicas'].values()))} of {len(s['replicas'])} are up to date"))]
