"""What administrators leave behind in years, done to a lab at its consoles.

The estate is ``lived_in``: sa renamed, other data folders, languages and accounts from server to
server. ``soil`` adds what happens again and again: histories cleaned up to the last row, backups of
other tools that leave the chain of logs alone, and clocks that are apart.
"""

from __future__ import annotations

import typing as t

from support.console import sql
from support.labs import Lab

#: Estate file of the lab, and the inventory that describes it.
ESTATE = "lived_in"
INVENTORY = "default"
NORTH = ("sql-n1", "sql-n2")
SOUTH = ("sql-s1", "sql-s2")
#: Seconds by which these hosts' clocks are apart from the others'; preflight allows two minutes.
_SKEWS: t.Mapping[str, int] = {"sql-n1": -50, "sql-s1": 60}
#: Weekly maintenance: no row of backups, restores or jobs is left (sp_delete_backuphistory,
#: sp_purge_jobhistory). A full backup to nowhere and one that is a copy only follow.
_CLEAN_UP = (
    "DECLARE @now datetime; SET @now = DATEADD(minute, 1, GETDATE());"
    " EXEC msdb.dbo.sp_delete_backuphistory @oldest_date = @now; EXEC msdb.dbo.sp_purge_jobhistory;"
)
_OTHER_TOOLS = (
    "IF EXISTS (SELECT 1 FROM sys.databases WHERE name = N'mgc' AND state_desc = N'ONLINE') BEGIN"
    " BACKUP DATABASE [mgc] TO DISK = N'NUL' WITH COPY_ONLY;"
    " BACKUP DATABASE [mgc] TO DISK = N'NUL'; END"
)


def set_clocks_apart(lab: Lab) -> None:
    """Clocks that nobody looked after, until the lab's faults are cleared: once, they add up."""
    for host, seconds in _SKEWS.items():
        lab.chatlab("fault", "add", "clock", f"host={host}", f"skew_seconds={seconds}")


def soil(lab: Lab, hosts: t.Sequence[str]) -> None:
    """Clean up all histories on these hosts, and let another tool back up what is online there."""
    for host in hosts:
        sql(lab, host, _OTHER_TOOLS)
        sql(lab, host, _CLEAN_UP)
