"""Clocks that are apart. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ..documents.instance import MAX_SKEW_SECONDS
from ..documents.look import Look, sql_seen
from ..documents.status import HostStatus
from ..two_clocks import lead
from .finding import Finding


def clock_ahead(look: Look, host: str) -> int | None:
    """Seconds by which a SQL Server's clock is ahead of the backup's, negative when it is behind.

    None where one of them was not read, 0 where the reading does not tell them apart.
    """
    here = sql_seen(look, host)["clock"]
    there = sql_seen(look, look["estate"]["sql"]["backup"])["clock"]
    if not here or not there:
        return None
    return lead(here, there)


def clock_findings(hosts: Mapping[str, HostStatus], backup: str) -> Iterator[Finding]:
    """Logs are named by one clock and their ages are counted by that of the backup SQL Server."""
    for name, host in hosts.items():
        ahead = host["clock_ahead_seconds"] or 0
        if abs(ahead) > MAX_SKEW_SECONDS:
            side = "ahead of" if ahead > 0 else "behind"
            yield Finding(
                "warning",
                "clock",
                f"The clock of {name} is {abs(ahead)} s {side} that of {backup}: ages of log"
                " backups are off by as much, and Kerberos may refuse.",
            )
