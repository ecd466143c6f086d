"""Who else reaches a SQL Server of the primary pair that does not answer the controller. FOR
INTERNAL COLLECTION USE ONLY.

Silence of WinRM says nothing of SQL Server: the controller may be cut off, or WinRM alone may be
what is broken. So others are asked: a chat server whether it reaches SQL Server itself, by which it
lives, or else a management host whether it reaches what this controller does not.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from ..._engine.errors import Refused
from ..._engine.model import Call, Record, Session
from ..calls import windows
from ..documents.declared import Declared

#: Of a default instance (Configure the Windows Firewall to allow SQL Server access).
SQL_PORT = 1433


class View(t.NamedTuple):
    """``watcher`` is asked whether it reaches a port of ``host``; inventory names. ``port`` None:
    nobody knows which, so it cannot tell.
    """

    watcher: str
    host: str
    port: int | None


class Watcher(t.Protocol):
    """A session that can be told how long an answer may take."""

    def read_within(self, seconds: float, *calls: Call) -> list[list[Record]]: ...


def primary_pair(declared: Declared, ports: Mapping[str, int]) -> tuple[str, ...]:
    """Its SQL Servers, where the controller knows how to reach them. ``ports``: host -> port of
    WinRM.
    """
    pair = (declared["sql"]["primary"], declared["sql"]["mirror"])
    return tuple(host for host in pair if host is not None and host in ports)


def sql_port(declared: Declared, host: str, said: t.Any) -> int | None:
    """Of its SQL Server; None where nobody knows it: a named instance has any port.

    ``said``: the variable pchat_sql_port, None without one. Raises Refused (``bad_option``).
    """
    if said in (None, ""):
        return None if declared["instance"][host] else SQL_PORT
    text = str(said)
    if not (text.isascii() and text.isdigit() and 0 < int(text) < 65536):
        raise Refused(
            f"pchat_sql_port of {host} is {said!r}, which is no TCP port, so nobody could be asked"
            " whether its SQL Server is reached. Name the port that its administrator fixed"
            " (SQL Server Configuration Manager, TCP/IP), or leave the variable out.",
            code="bad_option",
        )
    return int(text)


def rounds(
    declared: Declared, ports: Mapping[str, int], sql_ports: Mapping[str, int | None]
) -> Iterator[tuple[tuple[tuple[str, ...], ...], Mapping[str, int | None]]]:
    """Who is asked, site by site, and about which ports: chat servers first, by whom SQL Server is
    used; where none of them can tell, management hosts.

    ``sql_ports``: host -> port of its SQL Server, None where nobody knows it.
    """
    sites = ("primary", "backup")
    yield tuple(tuple(declared["servers"][site]) for site in sites), sql_ports
    yield tuple(_managers(declared, site) for site in sites), ports


def _managers(declared: Declared, site: str) -> tuple[str, ...]:
    sites = declared["site"]
    return tuple(host for host in declared["management"] if sites[host] == site)


def views(
    groups: Iterable[Sequence[str]],
    ports: Mapping[str, int | None],
    silent: t.Collection[str],
    first: Callable[[Sequence[str]], str | None],
) -> tuple[View, ...]:
    """What is asked about these silent hosts. ``first``: the one of a group that answers first."""
    found = []
    for group in groups if silent else ():
        watcher = first(group)
        if watcher is not None:
            found += [View(watcher, host, ports[host]) for host in silent]
    return tuple(found)


def untold(sees: Mapping[str, Mapping[str, bool | None]], silent: Iterable[str]) -> tuple[str, ...]:
    """Those of which none of the asked can tell whether it is reached."""
    told: set[str] = set()
    for reached in sees.values():
        told.update(host for host, reaches in reached.items() if reaches is not None)
    return tuple(host for host in silent if host not in told)


def begin(session: Session, fqdn: str, port: int) -> None:
    """The cmdlet is tried on the watcher itself: with its module loaded, nothing but the other host
    is waited for from then on.
    """
    session.read(windows.connects(fqdn, port))


def reaches(session: Watcher, fqdn: str, port: int, seconds: float) -> bool:
    """Whether it connects. Raises TimedOut where nothing answers: Windows gives up after 21 s only
    (a first try and two more), and its cmdlet cannot be told to wait for less.
    """
    (rows,) = session.read_within(seconds, windows.connects(fqdn, port))
    if not rows:
        return False
    # -InformationLevel Quiet answers with a value, which is no object with properties.
    value: t.Any = rows[0]
    return bool(value.get("value") if isinstance(value, dict) else value)
