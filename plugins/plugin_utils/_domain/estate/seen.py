"""What the hosts of a pool told before anything is changed: the shapes that preflight judges.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Mapping

from ..._engine.model import Facts
from ..documents.declared import Declared
from ..documents.host import HostFacts
from ..documents.instance import NO_DATABASE, DatabaseFacts, InstanceFacts
from ..documents.pool import PoolFacts


class Told(t.TypedDict, total=False):
    """What a module's task left: ``state``, or why there is none."""

    unreachable: bool
    failed: bool
    msg: str
    code: str
    state: Facts


class PreflightOptions(t.TypedDict):
    """``facts``: host -> sql, host or pool -> what sql_info, host_info or pool_info told of it.

    Shares: UNC paths, '' for none. ``active_servers``: names or FQDNs, none for all.
    """

    estate: Declared
    facts: dict[str, dict[str, Told]]
    manage_recovery_model: bool
    log_share: str
    seed_share: str
    accept_foreign_log_backups: bool
    active_servers: list[str]


class Finding(t.NamedTuple):
    """Something that stands against building. ``code``: stable, listed in docs/errors.md."""

    host: str
    code: str
    text: str


@dataclasses.dataclass(frozen=True)
class Seen:
    """The facts of those hosts that answered, by host."""

    options: PreflightOptions
    sql: Mapping[str, InstanceFacts]
    machines: Mapping[str, HostFacts]
    pools: Mapping[str, PoolFacts]

    @property
    def estate(self) -> Declared:
        """What the inventory declares."""
        return self.options["estate"]

    def host_of(self, slot: str) -> str:
        """The SQL Server of this slot, '' when the pool has none."""
        return self.estate["sql"][slot] or ""

    def instance_of(self, slot: str) -> InstanceFacts | None:
        """What the SQL Server of this slot told; None when nothing came, or there is none."""
        return self.sql.get(self.host_of(slot))


def seen_of(options: PreflightOptions, answered: Mapping[str, Mapping[str, Told]]) -> Seen:
    """The facts, sorted by kind. ``answered``: what the reachable hosts told."""
    return Seen(
        options=options,
        sql=t.cast(dict[str, InstanceFacts], _states(answered, "sql")),
        machines=t.cast(dict[str, HostFacts], _states(answered, "host")),
        pools=t.cast(dict[str, PoolFacts], _states(answered, "pool")),
    )


def _states(answered: Mapping[str, Mapping[str, Told]], kind: str) -> dict[str, Facts]:
    states: dict[str, Facts] = {}
    for host, told in answered.items():
        result = told.get(kind, Told())
        if "state" in result:
            states[host] = result["state"]
    return states


def seen_copy(instance: InstanceFacts, database: str = "mgc") -> DatabaseFacts:
    """The copy of a database of the pool on this instance; all None when there is none."""
    return instance["databases"].get(database, NO_DATABASE)
