"""The simulated estate as one value: what an estate file describes and everything that happened to
it since.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable

from . import services
from .clock import Clock
from .journal import Entry, Journal
from .machine import Machine, WindowsService
from .network import Account, Network

if t.TYPE_CHECKING:
    from ..chat.ledger import Ledger
    from ..faults.faults import Faults
    from ..lync.deployment import Deployment
    from ..powershell.capability import Capability
    from ..sqlserver.server.instance import SqlInstance
    from .storage import Storage


class World:
    """Built from an estate file by ``estate.build``, which hangs the other rooms' parts in."""

    def __init__(self, name: str, clock: Clock) -> None:
        self.name = name
        self.clock = clock
        self.journal = Journal()
        self.machines: dict[str, Machine] = {}  # by FQDN in lower case
        self.accounts: dict[str, Account] = {}  # by DOMAIN\\name in lower case
        self.network = Network(self)
        self.domain = ""  # NetBIOS name
        self.dns_suffix = ""
        self.sites: list[str] = []
        self.session_configurations: dict[
            str, Capability
        ] = {}  # restricted endpoints of all machines, by name in lower case
        self.estate: dict[
            str, t.Any
        ] = {}  # the estate file as it was read and validated, overrides applied
        #: Called after a Windows service of any machine changed its status, and after a machine
        #: went down or came up.
        self.on_service: list[Callable[[Machine, WindowsService], None]] = []
        self.on_power: list[Callable[[Machine], None]] = []
        #: Asked before a service starts: a text is the reason why it stops again at once, None lets
        #: it start.
        self.service_guards: list[Callable[[Machine, WindowsService], str | None]] = []
        #: Called after each write, before its client hears of it. They look from outside, so they
        #: are no part of a checkpoint.
        self.witnesses: list[Callable[[Entry], None]] = []
        self.storage: Storage  # files and shares, with rights
        self.lync: Deployment
        self.chat: Ledger
        self.faults: Faults

    def __getstate__(self) -> dict[str, t.Any]:
        return {**self.__dict__, "witnesses": []}

    def written(self, entry: Entry) -> None:
        """A client wrote, and has not heard of it yet."""
        for witness in tuple(self.witnesses):
            witness(entry)

    def machine(self, fqdn: str) -> Machine:
        """By FQDN or computer name, in any case. KeyError when there is none."""
        key = fqdn.lower()
        return (
            self.machines[key]
            if key in self.machines
            else self.machines[f"{key}.{self.dns_suffix}"]
        )

    def instances(self) -> t.Iterator[SqlInstance]:
        for machine in self.machines.values():
            yield from machine.instances.values()

    def account(self, name: str) -> Account:
        """A known account; machine accounts and local identities (``LocalSystem``) exist without
        being declared.
        """
        return self.accounts.get(name.lower()) or Account(name)

    # --- life of machines and services: what they mean is in services.py

    def power_off(self, machine: Machine) -> None:
        """Everything on it stops at once, as when the power fails."""
        services.power_off(self, machine)

    def power_on(self, machine: Machine) -> None:
        """It boots: services that start automatically run again, as far as they can."""
        services.power_on(self, machine)

    def stop_service(self, machine: Machine, service: WindowsService) -> None:
        """With everything that depends on it."""
        services.stop(self, machine, service.name, with_dependants=True)

    def start_service(self, machine: Machine, service: WindowsService) -> None:
        """With everything it depends on. services.ServiceError (a RuntimeError) with the reason
        when it does not start.
        """
        services.start(self, machine, service.name)
