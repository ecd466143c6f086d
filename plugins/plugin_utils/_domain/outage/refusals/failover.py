"""What a failover refuses. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from ...._engine.errors import Refused
from ...words import put_to_work_by_hand
from ..chain import Obstacle
from ..copies import Copy
from ..estate import Estate
from ..loss import Loss


def follows_nobody(backup: Copy) -> Refused:
    """``no_backup_copy``: an online copy of which nothing shows where it came from."""
    return Refused(
        f"mgc on {backup.host} is {backup.state}, and nothing shows that it came"
        " from the primary: it is no copy of what the pool holds. Protect the pool first"
        " (site.yml).",
        code="no_backup_copy",
        where=backup.host,
        database_state=backup.state,
    )


def primary_not_online(estate: Estate) -> Refused:
    """A planned switchover needs a copy whose last log it can save."""
    told = ", ".join(_state_of(copy) for copy in estate.primary_pair)
    return Refused(
        "failover_mode is planned, but no copy of mgc is online in the primary site"
        f" ({told}). A planned switchover ships the last log from there. If the"
        " site is gone, say failover_mode: disaster.",
        code="primary_not_online",
    )


def _state_of(copy: Copy) -> str:
    if not copy.answers:
        return f"{copy.host}: does not answer"
    return f"{copy.host}: {copy.state or 'no mgc'}"


def primary_alive(host: str) -> Refused:
    """A failover would discard what only the primary holds."""
    return Refused(
        f"mgc is ONLINE on {host}: the primary answers, and a failover would discard what"
        " only it holds. If you want to leave it, say failover_mode: planned, which ships its"
        " last log.",
        code="primary_alive",
        where=host,
    )


def mirror_alive(mirror: Copy) -> Refused:
    """The mirror holds more than was shipped; roles may have been switched before, so that it is
    the primary's copy.
    """
    return Refused(
        f"{mirror.host} answers and holds the mirror of mgc ({mirror.mirroring}): one partner"
        " alive is not a disaster, and it holds more than was shipped. Use mirror_failover.yml with"
        f" mirror_failover_to: {mirror.slot} (and mirror_failover_force: true when its principal is"
        " gone).",
        code="mirror_alive",
        where=mirror.host,
    )


def primary_seen(estate: Estate) -> Refused:
    """The controller is cut off, or only WinRM is broken there."""
    return Refused(
        f"The primary site does not answer this controller, but {'; '.join(estate.seen_from)}:"
        " it is not gone. The controller is cut off, or it is WinRM alone that does not answer"
        " there. Run from where the site can be reached, repair WinRM (on the host: winrm"
        " quickconfig), or, to leave the site all the same, cut it off for good first.",
        code="primary_seen",
        seen_from=list(estate.seen_from),
    )


def share_unseen(principal: Copy) -> Refused:
    """A planned switchover could not save the last log."""
    return Refused(
        f"The SQL Server of {principal.host} does not see the share of the log backups, so its last"
        " log could not be saved there. Nothing was stopped. Let its service account change"
        " files in the share, then run this again.",
        code="share_unseen",
        where=principal.host,
    )


def gap_before_tail(principal: Copy, backup: Copy, reached: int) -> Refused:
    """``chain_gap``: the tail could not be applied. ``reached``: the LSN at which files end."""
    begins = principal.last_backup_lsn
    return Refused(
        f"The last log of {principal.host} would begin at LSN {begins}, but with the files there"
        f" are, {backup.host} comes to LSN {reached} only: the log from LSN"
        f" {reached} to {begins} went into a backup that log shipping does not"
        " have. Nothing was stopped. Bring that file to the share, or let site.yml seed the"
        " secondary again, then run this again.",
        code="chain_gap",
        where=principal.host,
    )


def copy_parted(principal: Copy, backup: Copy, parted: int) -> Refused:
    """``chain_fork``: the tail could not be applied. ``parted``: the LSN at which the principal's
    log left the copy's.
    """
    return Refused(
        f"The log of {principal.host} left the one that {backup.host} follows at LSN {parted}, and"
        f" the copy on {backup.host} stands beyond that, at LSN {backup.redo_lsn}: no log of"
        f" {principal.host} can be applied to it. Nothing was stopped. What was written between is"
        f" on {backup.host} only: look what it is (RESTORE DATABASE mgc WITH STANDBY opens the copy"
        " for reading), then drop the copy, let site.yml seed the secondary again, and run this"
        " again.",
        code="chain_fork",
        where=backup.host,
    )


def copy_astray(principal: Copy, backup: Copy, fork: str | None) -> Refused:
    """``chain_fork``: nobody knows whether the tail could be applied. ``fork``: of the copy."""
    return Refused(
        f"{principal.host} is on recovery fork {principal.fork}, the copy on {backup.host} on"
        f" {fork}, and no log backup tells where they parted: nobody knows whether a log of"
        f" {principal.host} can be applied to it. Nothing was stopped. Let the jobs of log shipping"
        " run, and run this again; if that does not help, drop the restoring copy on"
        f" {backup.host}, let site.yml seed it again, then run this again.",
        code="chain_fork",
        where=backup.host,
    )


def position_unknown(backup: Copy) -> Refused:
    """Nobody can say which log is missing."""
    return Refused(
        f"The redo position of mgc on {backup.host} cannot be read, so nobody can say"
        " which log is missing. The account needs sysadmin there.",
        code="position_unknown",
        where=backup.host,
    )


def share_gone(why: str, loss: Loss) -> Refused:
    """Nobody knows which log backups there are."""
    return _unfollowed(f"The share cannot be listed ({why})", "share_gone", loss)


def chain_ends(obstacle: Obstacle, loss: Loss) -> Refused:
    """``chain_gap``, ``chain_fork``, ``chain_damaged`` or ``chain_unreadable``."""
    return _unfollowed(obstacle.text, f"chain_{obstacle.kind}", loss)


def _unfollowed(what: str, code: str, loss: Loss) -> Refused:
    return Refused(
        f"{what[:1].upper()}{what[1:]}. {loss.sentence} Repair it and run again, or accept"
        " exactly this loss with failover_data_loss: accept.",
        code=code,
        loss=loss.as_dict(),
    )


def loss_unknown(loss: Loss) -> Refused:
    """Nobody can say how many minutes would be lost."""
    return Refused(
        f"Nobody can say how much would be lost. {loss.sentence} Accept it with"
        " failover_data_loss: accept.",
        code="loss_unknown",
        loss=loss.as_dict(),
    )


def loss_too_great(loss: Loss, limit: int) -> Refused:
    """``limit``: in minutes."""
    return Refused(
        f"{loss.sentence} That is more than failover_max_data_loss allows"
        f" ({limit} minutes). Accept it with failover_data_loss: accept, or"
        " raise the limit.",
        code="loss_too_great",
        loss=loss.as_dict(),
    )


def stopped_copy_holds_more(copy: Copy, reached: int) -> Refused:
    """A copy stands at its own tail, which is not among the files."""
    return Refused(
        f"{copy.host} answers, and its copy was stopped with its last log saved: it"
        f" {_more_than(copy, reached)}."
        f" Bring the files back and run this again, or let failback.yml put {copy.host}"
        " back to work.",
        code="stopped_copy_holds_more",
        where=copy.host,
    )


def former_mirror_holds_more(principal: Copy, other: Copy, left_at: int) -> Refused:
    """``stopped_copy_holds_more``: told before anything is stopped. ``left_at``: LSN."""
    return Refused(
        f"The history of {principal.host} left that of {other.host} at LSN {left_at}, and"
        f" {other.host}, its former mirror, holds the log up to LSN {other.redo_lsn}:"
        f" {principal.host} was restored from an older backup. What was written between is on"
        f" {other.host} only. Nothing was stopped. Keep its files (stop SQL Server there, copy"
        f" them), then drop mgc by hand on {other.host}, and run this again.",
        code="stopped_copy_holds_more",
        where=other.host,
    )


def idle_copy_holds_more(copy: Copy, reached: int) -> Refused:
    """``stopped_copy_holds_more``: the same of one of which nobody tells who stopped it: a mirror
    whose session was removed, or a copy whose tail is gone from the files and from history.
    """
    return Refused(
        f"{copy.host} answers, and its copy was a mirror until its session was removed, or was"
        f" stopped: it {_more_than(copy, reached)}. Bring its principal or the files back. If"
        f" there is no other, {put_to_work_by_hand(copy.host)}.",
        code="stopped_copy_holds_more",
        where=copy.host,
    )


def unplaced_copy_holds_more(copy: Copy, backup: Copy, reached: int) -> Refused:
    """``stopped_copy_holds_more``: the same of one on a history that nobody can place."""
    return Refused(
        f"{copy.host} answers, and its copy waits for log on recovery fork {copy.fork}, the one on"
        f" {backup.host} on {backup.fork}; nothing tells which of them was in use later. It"
        f" {_more_than(copy, reached)}. Bring its principal back, or the files, which tell it. If"
        f" you know that it is the later one, {put_to_work_by_hand(copy.host)}; if you know that it"
        " is not, stop the SQL Server there and run this again.",
        code="stopped_copy_holds_more",
        where=copy.host,
    )


def _more_than(copy: Copy, reached: int) -> str:
    return (
        f"holds the log up to LSN {copy.redo_lsn}, but with the files there are, the backup"
        f" copy comes to LSN {reached} only"
    )


def split_brain(principal: Copy, backup: Copy, active: int) -> Refused:
    """Both sites have an online copy, and so many servers accept clients."""
    return Refused(
        f"mgc is online on {principal.host} and on {backup.host}, and"
        f" {active} servers accept clients: two copies may be in use. Stop the chat"
        " servers, compare the two copies, and decide by hand which one is to stay.",
        code="split_brain",
        hosts=[principal.host, backup.host],
    )
