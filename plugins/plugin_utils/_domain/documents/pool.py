"""What a Persistent Chat pool is, as the modules of a pool return it.

FOR INTERNAL COLLECTION USE ONLY.

FQDNs are in lower case, lists are sorted. A store is ``host`` or ``host\\instance``.
"""

from __future__ import annotations

import typing as t

#: Slot of a pool (primary, mirror, backup, backup_mirror) -> its store, None for an empty one.
Stores = dict[str, str | None]


class PoolMembers(t.TypedDict):
    """``active``: those of ``members`` that accept clients. ``known_pools``: all that are
    published.
    """

    published: bool
    members: list[str]
    active: list[str]
    known_pools: list[str]


class PoolFacts(PoolMembers):
    """A pool; ``published`` False: the topology has none of that name.

    ``pool_state``: Normal or FailedOver (Set-CsPersistentChatState reference). ``identity``,
    ``state_identity``: what the Set- cmdlets of the active servers and of the state take.
    """

    identity: str | None
    pool_state: str | None
    state_identity: str | None


class PublishedPool(PoolMembers):
    """The same of a pool that is there."""

    identity: str
    pool_state: str
    state_identity: str


class PoolStores(t.TypedDict):
    """What a pool depends on; all None for one that is not published.

    ``compliance_stores`` None as well: compliance is not enabled.
    """

    stores: Stores | None
    compliance_stores: Stores | None
    next_hop: str | None
    file_store: str | None
    mtls_port: int | None


class DefinedPool(PoolFacts, PoolStores):
    """A pool and what it depends on."""


class Replica(t.TypedDict):
    """How far a machine has the configuration. ``last_update``: ISO 8601 in UTC."""

    up_to_date: bool
    last_update: str | None


class PoolInfoFacts(PoolFacts, PoolStores):
    """All that there is to know. ``replication``: machine -> its replica. ``cms``: the server that
    holds the central management store.
    """

    replication: dict[str, Replica]
    cms: str | None
