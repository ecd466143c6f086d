"""The simulated estate as one value: what an estate file describes and everything that happened to it since."""
from __future__ import annotations

import typing as t

from .clock import Clock
from .journal import Journal
from .machine import Machine
from .network import Account, Network

if t.TYPE_CHECKING:
    from ..chat.ledger import Ledger
    from ..faults.faults import Faults
    from ..lync.deployment import Deployment
    from ..sqlserver.instance import SqlInstance
    from .storage import Storage


class World:
    """Built from an estate file by ``world.estate.build``; the other packages hang their parts in."""

    def __init__(self, name: str, clock: Clock) -> None:
        self.name = name
        self.clock = clock
        self.journal = Journal()
        self.machines: dict[str, Machine] = {}             # by FQDN in lower case
        self.accounts: dict[str, Account] = {}             # by DOMAIN\\name in lower case
        self.network = Network(self)
        self.domain = ""                                   # NetBIOS name
        self.dns_suffix = ""
        self.storage: Storage                              # files and shares, with rights
        self.lync: Deployment
        self.chat: Ledger
        self.faults: Faults

    def machine(self, fqdn: str) -> Machine:
        """By FQDN or computer name, in any case. KeyError when there is none."""
        key = fqdn.lower()
        return self.machines[key] if key in self.machines else self.machines[f"{key}.{self.dns_suffix}"]

    def instances(self) -> t.Iterator[SqlInstance]:
        for machine in self.machines.values():
            yield from machine.instances.values()

    def account(self, name: str) -> Account:
        """A known account; machine accounts and local identities (``LocalSystem``) exist without being declared."""
        return self.accounts.get(name.lower()) or Account(name)
