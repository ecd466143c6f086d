"""What a failback refuses. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from ...._engine.errors import Refused
from ...words import put_to_work_by_hand
from ..copies import Copy
from ..estate import Estate


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


def copy_vanished(backup: Copy) -> Refused:
    """What the pool wrote since the failover is not to be seen."""
    return Refused(
        f"The pool is FailedOver, and the copy on which it ran waits for log on {backup.host}"
        f" ({backup.state}), although no failback stopped it: somebody restored over it, or removed"
        " the declaration of the failback that did. The copies of the primary site lack what was"
        " written since the failover, so none of them is put to work. Find what holds it (backups"
        f" that were taken on {backup.host}); if there is nothing, and the pool is to go on without"
        " it, say so by hand first: Set-CsPersistentChatState -PoolState Normal.",
        code="copy_vanished",
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


def no_room_for_copy(copy: Copy, needs: int) -> Refused:
    """``no_room``: SQL Server would refuse the restore (3257). ``needs``: megabytes."""
    return Refused(
        f"mgc has {needs} MB, and {copy.room_mb} MB are free on {copy.host} where its files would"
        " go. Nothing was stopped. Make room there, or choose another folder (database settings of"
        " the server's properties), then run this again.",
        code="no_room",
        where=copy.host,
        needs=needs,
        free=copy.room_mb,
    )


def no_copy_online(estate: Estate) -> Refused:
    """Nothing is online, and nothing of ours explains it."""
    told = ", ".join(_state_of(copy) for copy in estate.primary_pair)
    return Refused(
        f"No copy of mgc is online ({told}; {estate.backup.host}: {estate.backup.state}), and"
        f" nothing shows that we stopped one. {_way_out(estate)}",
        code="no_copy_online",
    )


def _way_out(estate: Estate) -> str:
    """What can be done where neither a tail among the files nor msdb tells who stopped a copy."""
    alone = [copy for copy in estate.primary_pair if copy.restoring and copy.role is None]
    if not alone:
        return (
            "If a mirror's principal is gone use mirror_failover.yml; if the primary site is gone"
            " use failover.yml."
        )
    last = _in_use_last(estate, alone)
    if last is None:
        return (
            "Nobody can tell from here which of them was in use last, and their LSNs cannot be"
            " compared where histories differ. Find it out (the chat servers' event logs name the"
            " SQL Server), put that copy to work by hand (RESTORE DATABASE mgc WITH RECOVERY), and"
            " run this again."
        )
    return (
        f"All stand on one history, and {last.host} furthest, at LSN {last.redo_lsn}. If nobody"
        f" wrote elsewhere since, {put_to_work_by_hand(last.host)}, then run this again."
    )


def _in_use_last(estate: Estate, alone: list[Copy]) -> Copy | None:
    """The copy that stands furthest, where all of them can be seen and LSNs can be compared: on one
    history, on which nobody was put to work elsewhere.
    """
    if estate.backup.tail is not None or any(copy.retired for copy in alone):
        return None
    if len(alone) < len(estate.primary_pair):
        return None
    forks = {copy.fork for copy in (*alone, estate.backup)}
    if len(forks - {None}) > 1 or (None in forks and estate.put_to_work is not None):
        return None
    return max(alone, key=lambda copy: copy.redo_lsn or 0)


def _state_of(copy: Copy) -> str:
    if not copy.answers:
        return f"{copy.host}: does not answer"
    role = f" ({copy.role})" if copy.role else ""
    stands = f" at LSN {copy.redo_lsn}" if copy.restoring and copy.redo_lsn is not None else ""
    return f"{copy.host}: {copy.state or 'no mgc'}{role}{stands}"


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
