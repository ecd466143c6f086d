"""The Lync deployment: central management store, its replicas, pools, and what the chat servers
make of it.
"""

from __future__ import annotations

import copy
import dataclasses
import datetime as dt
import typing as t

from ..powershell.errors import CmdletError
from ..world.machine import Machine, WindowsService
from ..world.network import Caller
from . import document
from .document import Pool, Topology

if t.TYPE_CHECKING:
    from ..sqlserver.server.instance import SqlInstance
    from ..world.world import World

#: Lab seconds until a change of the central store has reached a replica (minutes on a real
#: deployment; assumed).
REPLICATION_DELAY = 4.0
CHAT_SERVICE = "rtcchat"


@dataclasses.dataclass
class Settings:
    """What replicates: the topology, whether it was enabled, and the pool states."""

    version: int
    at: dt.datetime
    topology: Topology
    enabled: bool = True
    states: dict[str, str] = dataclasses.field(
        default_factory=dict
    )  # pool FQDN -> FailedOver; absent means Normal


class Deployment:
    def __init__(self, world: World, spec: dict[str, t.Any], instances: dict[str, str]) -> None:
        self._world = world
        self._spec = spec
        self._instances = instances
        self.cms_machine = world.machine(spec["cms"])
        self.cms_down = False
        self.settings = Settings(
            1, world.clock.now() - dt.timedelta(hours=1), document.bare(spec, world.dns_suffix)
        )
        self._replicas: dict[str, Settings] = {}
        for machine in world.machines.values():
            if machine.kind in ("front_end", "chat_server"):
                self._replicas[machine.fqdn] = copy.deepcopy(self.settings)
        world.service_guards.append(self.why_not_start)

    # --- the central store
    @property
    def pools(self) -> dict[str, Pool]:
        """Published and enabled or not, by FQDN."""
        return {p.fqdn.lower(): p for p in self.settings.topology.pools}

    def pool(self, fqdn: str) -> Pool:
        """CmdletError when no such pool is defined."""
        found = self.pools.get(fqdn.lower())
        if found is None:
            raise CmdletError(
                f'Cannot find pool "{fqdn}". Verify that the pool exists in the topology.',
                "ObjectNotFound",
                "ObjectNotFound",
                "Microsoft.Rtc.Management.ManagementException",
                fqdn,
            )
        return found

    def state(self, pool: str) -> str:
        return self.settings.states.get(pool.lower(), "Normal")

    def require_store(self, machine: Machine, caller: Caller) -> None:
        """The central management store is SQL Server on another machine: it must answer, and the
        caller's identity must get there.
        """
        if (
            self.cms_down
            or not self.cms_machine.up
            or not self._world.network.reachable(machine.fqdn, self.cms_machine.fqdn)
        ):
            raise CmdletError(
                f"Cannot connect to the Central Management Store on {self.cms_machine.fqdn}. A "
                "network-related or instance-specific "
                "error occurred while establishing a connection to SQL Server.",
                "SqlConnectionError",
                "ResourceUnavailable",
                "System.Data.SqlClient.SqlException",
                self.cms_machine.fqdn,
            )
        there = self.cms_machine
        if machine is not there and not caller.goes_to("MSSQLSvc", there.fqdn):
            raise CmdletError(
                'Cannot open database "xds" requested by the login. Login failed for user \'NT '
                "AUTHORITY\\ANONYMOUS LOGON'.",
                "SqlConnectionError",
                "AuthenticationError",
                "System.Data.SqlClient.SqlException",
                self.cms_machine.fqdn,
            )

    def require_rights(self, caller: Caller, *groups: str) -> None:
        missing = [
            g for g in groups or ("RTCUniversalServerAdmins",) if not caller.account.is_in(g)
        ]
        if missing:
            raise CmdletError(
                f"Access is denied. {caller.account.name} is not a member of "
                f"{' and '.join(missing)}.",
                "UnauthorizedAccess",
                "PermissionDenied",
                "System.UnauthorizedAccessException",
                caller.account.name,
            )

    def change(
        self,
        *,
        topology: Topology | None = None,
        enabled: bool | None = None,
        state: tuple[str, str] | None = None,
    ) -> None:
        """Write to the central store; replicas follow later."""
        states = dict(self.settings.states)
        if state is not None:
            pool, value = state
            states.pop(pool.lower(), None)
            if value != "Normal":
                states[pool.lower()] = value
        self.settings = Settings(
            self.settings.version + 1,
            self._world.clock.now(),
            topology or copy.deepcopy(self.settings.topology),
            self.settings.enabled if enabled is None else enabled,
            states,
        )

    def current_document(self) -> str:
        return document.write(self.settings.topology)

    def wanted_document(self) -> str:
        """The bare topology and everything that the estate file says an operator will define."""
        bare = document.bare(self._spec, self._world.dns_suffix)
        return document.write(
            document.with_pools(bare, self._spec["pools"], self._instances, self._world.dns_suffix)
        )

    # --- replicas
    def replica(self, machine: Machine) -> Settings | None:
        """What this machine knows, after whatever could reach it has reached it; None for machines
        without a replica.
        """
        known = self._replicas.get(machine.fqdn)
        if known is None:
            return None
        age = (self._world.clock.now() - self.settings.at).total_seconds()
        if (
            known.version != self.settings.version
            and age >= REPLICATION_DELAY
            and not self.cms_down
            and self._world.network.reachable(self.cms_machine.fqdn, machine.fqdn)
        ):
            known = self._replicas[machine.fqdn] = self.settings
        return known

    def up_to_date(self, machine: Machine) -> bool:
        known = self.replica(machine)
        return known is not None and known.version == self.settings.version

    def replicated(self) -> list[Machine]:
        """Machines of the published topology that replicate."""
        names: list[str] = []
        for cluster in self.settings.topology.clusters:
            if cluster.replicates:
                names += cluster.machines
        known = self._world.machines
        return [known[name.lower()] for name in dict.fromkeys(names) if name.lower() in known]

    # --- stores
    def instance(self, where: str) -> SqlInstance:
        """``fqdn[\\instance]`` -> the instance.

        CmdletError when there is no such machine or instance.
        """
        fqdn, _unused, name = where.partition("\\")
        machine = self._world.machines.get(fqdn.lower())
        found = machine.instances.get(name.lower()) if machine else None
        if found is None:
            raise CmdletError(
                f'SQL Server instance "{where}" was not found.',
                "SqlInstanceNotFound",
                "ObjectNotFound",
                "System.Data.SqlClient.SqlException",
                where,
            )
        return found

    def database_in_use(self, pool: Pool, state: str, database: str = "mgc") -> list[SqlInstance]:
        """The instances whose copy a server in this pool state would use: the store, then its
        mirror.
        """
        stores = pool.stores if database == "mgc" else pool.compliance_stores
        slots = ("primary", "mirror") if state == "Normal" else ("backup", "backup_mirror")
        return [self.instance(stores[s]) for s in slots if s in stores]

    # --- chat servers
    def pool_of(self, machine: Machine) -> Pool | None:
        """The pool that this machine's replica says it belongs to."""
        known = self.replica(machine)
        if known is None or not known.enabled:
            return None
        for pool in known.topology.pools:
            if machine.fqdn in (name.lower() for name in pool.machines):
                return pool
        return None

    def serving_instance(self, machine: Machine) -> SqlInstance | str:
        """The instance that a client's message through this server would reach, or the reason why
        it would reach none.
        """
        known = self.replica(machine)
        pool = self.pool_of(machine)
        service = machine.services.get(CHAT_SERVICE)
        if (
            not machine.up
            or service is None
            or service.status != "Running"
            or service.started_at is None
        ):
            return "its Persistent Chat service does not run"
        if pool is None or known is None:
            return "it does not know of any pool it belongs to"
        if machine.fqdn not in (a.lower() for a in pool.active):
            return "it is not active"
        hop = next(
            (c for c in known.topology.clusters if c.fqdn.lower() == pool.next_hop.lower()), None
        )
        if hop is None or not any(self._world.machines[m.lower()].up for m in hop.machines):
            return f"its next hop {pool.next_hop} is down"
        candidates = self.database_in_use(pool, known.states.get(pool.fqdn.lower(), "Normal"))
        for place, instance in enumerate(candidates):
            database = instance.databases.get("mgc")
            if (
                database is None
                or not database.serves_programs()
                or not self._world.network.reachable(machine.fqdn, instance.machine.fqdn)
            ):
                continue
            made = getattr(database.mirroring, "made_at", None)
            if place > 0 and (made is None or service.started_at < made):
                return "it was not restarted since the mirror was made, so it does not know it"
            return instance
        return "no copy of mgc that it knows is online and reachable"

    def why_not_start(self, machine: Machine, service: WindowsService) -> str | None:
        """The chat services start only where the enabled topology has reached the machine."""
        if "persistent chat" not in service.display_name.lower():
            return None
        if self.pool_of(machine) is None:
            return (
                f"{service.display_name} on {machine.fqdn} found no Persistent Chat pool in its "
                "local configuration store"
            )
        return None
