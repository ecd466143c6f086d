"""An estate whose hosts take Kerberos tickets: a centre that knows its hosts and accounts, and a
lab that has their keys.
"""

from __future__ import annotations

import contextlib
import typing as t
from collections.abc import Iterator

from pchat_lab.estate import document
from support import kdc, labs

#: Services of each host; those with SQL Server have MSSQLSvc besides: a central management store is
#: a SQL Server as well, on a Front End.
SERVICES = ("WSMAN", "HTTP", "host", "cifs")


class Estate:
    """What an estate's file says of its names.

    ``hosts``: FQDN -> kind of machine. ``passwords``: of accounts, by name without domain.
    """

    def __init__(self, name: str) -> None:
        read: dict[str, t.Any] = document.read(name)
        self.suffix: str = read["dns_suffix"]
        self.hosts: dict[str, str] = {}
        for host, machine in read["machines"].items():
            self.hosts[f"{host}.{self.suffix}"] = machine["kind"]
        self.passwords: dict[str, str] = {}
        for account in read["accounts"]:
            self.passwords[account["name"].rpartition("\\")[2]] = account["password"]

    def of_kind(self, *kinds: str) -> list[str]:
        """The hosts of these kinds."""
        return [host for host, kind in self.hosts.items() if kind in kinds]

    def services(self) -> list[str]:
        """All names that tickets are for."""
        found = self.sql_servers()
        for service in SERVICES:
            found.extend(f"{service}/{host}" for host in self.hosts)
        return found

    def sql_servers(self) -> list[str]:
        """The names of SQL Server that tickets are for."""
        return [f"MSSQLSvc/{host}" for host in self.of_kind("sql", "front_end")]

    def reached_from_front_ends(self) -> list[str]:
        """What the accounts of Front Ends have to be allowed to delegate to."""
        return [
            *self.sql_servers(),
            *(f"host/{host}" for host in self.of_kind("chat_server")),
        ]


@contextlib.contextmanager
def running(estate_name: str = "default") -> Iterator[tuple[labs.Lab, kdc.Centre, Estate]]:
    """A lab and its centre, without delegation and without a ticket; both stopped at the end."""
    estate = Estate(estate_name)
    with kdc.running(estate.suffix) as centre:
        centre.add_users(estate.passwords)
        centre.add_services(estate.services())
        keys = ("--keytab", str(centre.keytab))
        with labs.running(estate_name, up=keys) as lab:
            lab.environment = centre.environment
            yield lab, centre, estate
