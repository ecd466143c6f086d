"""What an instance is called, which services it runs as, and what time it has."""

from __future__ import annotations

import datetime as dt
import typing as t

from ...world.machine import Machine, WindowsService
from ...world.network import on_the_network

if t.TYPE_CHECKING:
    from ...world.world import World


_YEARS = {10: "2008 R2", 11: "2012", 12: "2014", 13: "2016"}
_ENGINE_EDITIONS = {
    "Express": 4,
    "Enterprise": 3,
    "Developer": 3,
    "Evaluation": 3,
}  # anything else: 2, Standard


class Identity:
    """The part of an instance that its machine decides."""

    world: World
    machine: Machine
    name: str
    edition: str
    major: int
    known_as: str

    @property
    def server_name(self) -> str:
        """@@SERVERNAME: what setup or sp_addserver wrote down; renaming the machine does not change
        it.
        """
        return self.known_as or self.network_name

    @property
    def network_name(self) -> str:
        """SERVERPROPERTY('ServerName'): the machine's name as it is now."""
        return f"{self.machine.name}\\{self.name}" if self.name else self.machine.name

    @property
    def engine_edition(self) -> int:
        return _ENGINE_EDITIONS.get(self.edition.split()[0], 2)

    @property
    def product_year(self) -> str:
        return _YEARS.get(self.major, str(self.major))

    @property
    def engine_service(self) -> WindowsService:
        return self.machine.services[self.engine_service_name.lower()]

    @property
    def agent_service(self) -> WindowsService:
        return self.machine.services[self.agent_service_name.lower()]

    @property
    def engine_service_name(self) -> str:
        return f"MSSQL${self.name}" if self.name else "MSSQLSERVER"

    @property
    def agent_service_name(self) -> str:
        return f"SQLAgent${self.name}" if self.name else "SQLSERVERAGENT"

    @property
    def running(self) -> bool:
        """The machine is up and the engine's service runs."""
        return self.machine.up and self.engine_service.status == "Running"

    @property
    def agent_running(self) -> bool:
        """Agent serves jobs: it runs, and so does the engine. Express editions have no Agent."""
        return self.running and self.agent_service.status == "Running" and self.engine_edition != 4

    def network_identity(self, service: WindowsService | None = None) -> str:
        """The account that the service (default: the engine) is seen as on other machines: its own
        domain account, or the machine account.
        """
        return (
            on_the_network((service or self.engine_service).account, self.machine.machine_account)
            or "NT AUTHORITY\\ANONYMOUS LOGON"
        )

    # --- time, by this machine's own clock

    def utc_now(self) -> dt.datetime:
        """GETUTCDATE: naive."""
        return (
            self.world.clock.now() + dt.timedelta(seconds=self.machine.clock_skew_seconds)
        ).replace(tzinfo=None)

    def local_now(self) -> dt.datetime:
        """GETDATE: naive, local time of the machine."""
        return self.utc_now() + dt.timedelta(minutes=self.machine.offset_at(self.utc_now()))
