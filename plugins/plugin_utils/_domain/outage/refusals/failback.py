"""What a failback refuses. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from ...._engine.errors import Refused
from ..estate import Copy, Estate


def primary_unreachable(primary: Copy) -> Refused:
    """There is nowhere to return to."""
    return Refused(
        f"{primary.host}, to which the databases are to return, does not answer or"
        f" cannot be read: {primary.why}. The pool stays where it is. Bring the primary"
        " site back first.",
        code="primary_unreachable",
        where=primary.host,
    )


def nothing_to_return_from(backup: Copy) -> Refused:
    """``no_backup_copy``: an online copy of which nothing shows where it came from."""
    return Refused(
        f"mgc on {backup.host} is {backup.state}, and nothing shows that it came"
        " from the primary: there is nothing to fail back from. Protect the pool (site.yml).",
        code="no_backup_copy",
        where=backup.host,
        database_state=backup.state,
    )


def failover_unfinished(backup: Copy) -> Refused:
    """The backup copy is recovered, and the pool does not use it yet."""
    return Refused(
        f"mgc on {backup.host} was recovered, but the pool is still Normal: a failover"
        " passed its one-way door and did not end. Run failover.yml again to finish it, then"
        " fail back.",
        code="failover_unfinished",
    )


def older_version(backup: Copy, primary: Copy) -> Refused:
    """``version``: a database never goes back to an older SQL Server."""
    newer = _dotted(backup.version)
    older = _dotted(primary.version)
    return Refused(
        f"{backup.host} runs SQL Server {newer}, {primary.host}"
        f" {older}: a database never goes back to an older version, so nothing of"
        f" {backup.host} can be restored there. The pool stays where it is. Upgrade"
        f" {primary.host} first.",
        code="version",
        where=primary.host,
        versions={backup.host: newer, primary.host: older},
    )


def _dotted(version: tuple[int, ...] | None) -> str:
    return ".".join(map(str, version or ()))


def share_unseen(copy: Copy, what: str) -> Refused:
    """``what``: the backups for which the share is, in words."""
    return Refused(
        f"The SQL Server of {copy.host} does not see the share of the {what}, over"
        " which the database goes home. Nothing was stopped. Bring the share back, or"
        " let its service account change files there, then run this again.",
        code="share_unseen",
        where=copy.host,
    )


def no_copy_online(estate: Estate) -> Refused:
    """Nothing is online, and nothing of ours explains it."""
    told = ", ".join(_state_of(copy) for copy in estate.primary_pair)
    return Refused(
        f"No copy of mgc is online ({told}; {estate.backup.host}: {estate.backup.state}), and none"
        " was stopped by us. If a mirror's principal is gone use mirror_failover.yml; if the"
        " primary site is gone use failover.yml.",
        code="no_copy_online",
    )


def _state_of(copy: Copy) -> str:
    if not copy.answers:
        return f"{copy.host}: does not answer"
    role = f" ({copy.role})" if copy.role else ""
    return f"{copy.host}: {copy.state or 'no mgc'}{role}"


def tail_missing(estate: Estate) -> Refused:
    """Both copies wait for a file that is not there."""
    backup = estate.backup
    unlisted = f": {estate.logs_why}" if estate.logs_why else ""
    return Refused(
        f"{backup.host} was stopped with its last log saved, and that file"
        f" (mgc_{backup.tail}-tail.trn) is not among the log backups that can be"
        f" read{unlisted}. Both copies wait. Bring the"
        f" share or the file back and run this again; if it is lost, {backup.host} holds"
        " everything: failover.yml puts it to work again.",
        code="tail_missing",
        where=backup.host,
    )


def mirror_is_principal(principal: Copy, primary: Copy) -> Refused:
    """Roles cannot be switched without loss, and log shipping begins at the primary."""
    return Refused(
        f"{principal.host}, the mirror, is the principal now; log shipping is set up"
        f" from {primary.host}. Run mirror_failover.yml with mirror_failover_to:"
        " primary, then this again.",
        code="mirror_is_principal",
        where=principal.host,
    )
