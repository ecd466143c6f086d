"""Whether the log that is shipped can still reach the backup copy, whatever the jobs report.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from .chain import Chain, LogBackup, Obstacle, follow
from .copies import Copy
from .estate import Estate
from .forks import Forks

#: How log shipping and this collection name log backups of mgc.
_OURS = re.compile(
    r"mgc_([0-9]{14}|[0-9a-f]{32}-tail)\.trn|mgc_[A-Za-z0-9_-]{1,40}\.trn", re.IGNORECASE
)
#: Obstacles that no file will ever take away. An unreadable file may be read later; a fork is
#: somebody else's history, which is for a person to judge.
FOR_EVER = ("gap", "damaged")


def of_this_history(logs: Iterable[LogBackup], fork: str | None) -> list[LogBackup]:
    """Those that lead to ``fork``, the principal's.

    What a copy wrote that nobody went on with lies on the share after a failover and its way back.

    A log backup that spans a fork tells which fork was left there, and where (FirstRecoveryForkID,
    ForkPointLSN).
    """
    known = list(logs)
    if fork is None:
        return known
    forks = Forks.of(known)
    return [log for log in known if log.error is not None or _leads_on(log, fork, forks)]


def _leads_on(log: LogBackup, fork: str, forks: Forks) -> bool:
    if log.last_fork is None:
        return True
    return log.last_fork in forks.path_to(fork) and not forks.is_dead(log, fork)


def gap_before_empty(chain: Chain, logs: Iterable[LogBackup]) -> Obstacle | None:
    """A gap that shows in empty log backups only: they hold nothing, and yet begin where the log
    stood that somebody else had taken.
    """
    behind = [log for log in logs if log.empty and log.first_lsn > chain.reached]
    if not behind:
        return None
    first = min(behind, key=lambda log: log.first_lsn)
    return Obstacle(
        kind="gap",
        path=first.path,
        text=f"the log from LSN {chain.reached} to {first.first_lsn} is missing: {first.path},"
        " which holds nothing, begins after it",
    )


def broken(estate: Estate) -> str | None:
    """What the copy will never get, as a part of a sentence; None: it can follow, or nobody knows.

    A gap shows as soon as a later log backup lies behind it. Before that the primary's own history
    tells of a newest log backup that went elsewhere: to nowhere, to a program, to a file of
    somebody else.
    """
    principal = estate.principal
    chain = estate.chain
    if principal is None or chain is None or not estate.backup.linked:
        return None
    if chain.parted is not None and chain.obstacle is not None:
        return chain.obstacle.text
    return _broken_on_this_history(estate, principal)


def _broken_on_this_history(estate: Estate, principal: Copy) -> str | None:
    backup = estate.backup
    logs = of_this_history(estate.logs, principal.fork)
    chain = follow(backup.redo_lsn or 0, backup.fork, backup.family, logs)
    obstacle = chain.obstacle or gap_before_empty(chain, logs)
    if obstacle is None:
        return _gone_elsewhere(principal, chain)
    return obstacle.text if obstacle.kind in FOR_EVER else None


def _gone_elsewhere(principal: Copy, chain: Chain) -> str | None:
    """The newest log backup by the primary's own history, where it is no file of log shipping."""
    path = principal.last_backup_path
    end = principal.last_backup_end or 0
    if path is None or end <= chain.reached:
        return None
    if _OURS.fullmatch(path.rpartition("\\")[2]):
        return None  # it may be on its way
    return (
        f"the log from LSN {chain.reached} to {end} was backed up on {principal.host} to {path},"
        " which is no file of log shipping"
    )
