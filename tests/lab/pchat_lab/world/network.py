"""Who can reach whom, and as whom: data centres, links, accounts, the double hop."""

from __future__ import annotations

import dataclasses
import functools
import typing as t
from collections.abc import Callable

from .identities import LOCAL_SERVICE, in_domain_form, well_known_sid

if t.TYPE_CHECKING:
    from .world import World


@dataclasses.dataclass(frozen=True)
class Account:
    """A principal of the simulated domain.

    ``name`` is ``DOMAIN\\user``; machine accounts end in ``$``.
    """

    name: str
    password: str = ""
    groups: frozenset[str] = (
        frozenset()
    )  # e.g. RTCUniversalServerAdmins, "Domain Admins", "sysadmin" (of every instance)
    interactive: bool = False  # may log on over WinRM

    def is_in(self, group: str) -> bool:
        return group.lower() in {g.lower() for g in self.groups}


@dataclasses.dataclass(frozen=True)
class Caller:
    """An account as it arrived on a machine.

    ``delegated``: the logon carries credentials that may travel to any third machine (CredSSP, or
    a lab's shortcut for delegation). ``asks``: whether Kerberos lets it travel to a service on a
    machine (FQDN), where that is known. Without either every further hop is anonymous.
    """

    account: Account
    delegated: bool
    asks: Callable[[str, str], bool] | None = None

    def goes_to(self, service: str, machine: str) -> bool:
        """Whether the logon reaches a service (``MSSQLSvc``, ``cifs``, ``host``) on another machine
        as who it is.
        """
        return self.delegated or (self.asks is not None and self.asks(service, machine))


@functools.lru_cache(maxsize=4096)
def on_the_network(account: str, machine_account: str) -> str | None:
    """The name under which a service's account is seen by other machines (SQL Server: Configure
    Windows Service Accounts); None: anonymous.
    """
    sid = well_known_sid(account)
    if sid == LOCAL_SERVICE or account.startswith(".\\"):
        return None  # a local user is somebody else on every other machine
    if (
        sid is not None
        or account.lower() == "localsystem"
        or account.lower().startswith("nt service\\")
    ):
        return machine_account
    return in_domain_form(account, machine_account.partition("\\")[0])


class NetworkError(Exception):
    """One machine cannot reach another: down, cut off, or refused."""


class Network:
    """Reachability between machines, as the faults of the moment allow it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.cut_links: set[frozenset[str]] = (
            set()
        )  # pairs of data centre names, or pairs of machine FQDNs

    def reachable(self, source: str, target: str) -> bool:
        """Whether machine ``source`` (FQDN) gets an answer from machine ``target``: both up, none
        of them hanging, no cut link between them or their sites.
        """
        world = self._world
        a = world.machines[source.lower()]
        b = world.machines[target.lower()]
        if not (a.up and b.up):
            return False
        if a is not b and (a.hangs or b.hangs):
            return False
        pairs = {frozenset((a.site, b.site)), frozenset((a.fqdn, b.fqdn))}
        return a is b or not (pairs & self.cut_links)

    def require(self, source: str, target: str) -> None:
        """Raise NetworkError unless reachable."""
        if target.lower() not in self._world.machines:
            raise NetworkError(f"No such host is known: {target}")
        if not self.reachable(source, target):
            raise NetworkError(f"{target} did not respond to {source}")
