"""The way home of a failback: until a copy of the primary site is online and has the truth.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

from .chain import LogBackup, follow
from .copies import Copy
from .estate import Estate
from .moves import Move
from .options import Options
from .prerequisites import (
    LEAD_THE_BACKUP_PAIR,
    attempt_of,
    declare_intent,
    fence,
    reach_central_store,
    refuse_full_share,
    refuse_to_overwrite_backup_mirror,
    refuse_unmirrored,
    to_unmirror,
)
from .refusals import failback as refusals
from .refusals import shared
from .restorable import file_of
from .rules import Rule, calls_for
from .tails import fits


# -- the copy in use is the backup's
def refuse_way_home(estate: Estate, options: Options) -> None:
    """What the way home needs is looked at before anybody is kept out and before the only mirror is
    given up.

    Raises ``failover_unfinished``, ``database_closed``, ``would_overwrite``, ``version``,
    ``share_unseen`` or ``no_room``.
    """
    if estate.pool_state == "Normal" and estate.store == "central":
        raise refusals.failover_unfinished(estate.backup)
    refuse_unmirrored(estate.backup_in_use)
    refuse_to_overwrite_backup_mirror(estate)
    newer = estate.backup.version
    older = estate.primary.version
    if newer is not None and older is not None and newer > older:
        raise refusals.older_version(estate.backup, estate.primary)
    for copy in (estate.backup, estate.primary):
        if copy.sees_seeds is False:
            raise refusals.share_unseen(copy, "full backups")
        if copy.sees_logs is False:
            raise refusals.share_unseen(copy, "log backups")
    refuse_full_share(estate, estate.backup)
    _refuse_full_drives(estate, attempt_of(estate, options))


def _refuse_full_drives(estate: Estate, attempt: str) -> None:
    """The full backup of this attempt, as large as the database at most, and the copy that is made
    of it, whose files are as large as the database's.
    """
    backup = estate.backup
    primary = estate.primary
    if backup.size_mb is None:
        return
    free = estate.room.get("seed")
    if backup.full != attempt and free is not None and free < backup.size_mb:
        raise shared.no_room_on_share("the full backup", backup.size_mb, free)
    absent = primary.state is None
    if absent and primary.room_mb is not None and primary.room_mb < backup.size_mb:
        raise refusals.no_room_for_copy(primary, backup.size_mb)


@calls_for("unlink_old_primary")
def unlink_old_copies(estate: Estate, options: Options) -> Move | None:
    """Rows of log shipping that the lost site brought back with it are removed."""
    for old in estate.primary_pair:
        if old.answers and old.ships:
            return Move(
                name="unlink_old_primary",
                why=f"{old.host} still ships logs of a dead fork; log shipping is set up anew at"
                " the end.",
                host=old.host,
            )
    return None


@calls_for("unmirror")
def unmirror_old_copies(estate: Estate, options: Options) -> Move | None:
    """The old session of the primary pair ends: a restore over a mirrored database is refused by
    SQL Server (3104).
    """
    for old in estate.primary_pair:
        if old.answers and old.role is not None:
            return to_unmirror(
                old,
                why=f"The old copy on {old.host} is still in a mirroring session, and it is about"
                " to be replaced.",
            )
    return None


@calls_for("unmirror")
def unmirror_backup(estate: Estate, options: Options) -> Move | None:
    """The copy in use gives its mirror up, because the tail of a mirrored database cannot be backed
    up.
    """
    backup = estate.backup
    return to_unmirror(
        backup,
        why=f"The tail of a mirrored database cannot be backed up; {backup.host} goes home alone.",
    )


@calls_for("unmirror_compliance")
def unmirror_compliance(estate: Estate, options: Options) -> Move | None:
    """The backup site's compliance database is left behind, without a mirror."""
    compliance = estate.compliance.get("backup")
    if compliance is None or not compliance.answers or compliance.role is None:
        return None
    return Move(
        name="unmirror_compliance",
        why="The backup site's compliance database is mirrored, and it is left behind.",
        host=estate.backup.host,
        args={"database": "mgccomp", "role": compliance.role},
    )


@calls_for("back_up_database")
def back_up_database(estate: Estate, options: Options) -> Move | None:
    """A full backup of this attempt is taken of the copy in use."""
    mine = attempt_of(estate, options)
    begins = estate.backup.last_backup_lsn  # where the tail will begin
    if estate.backup.full == mine and not is_before(estate.backup.full_lsn, begins):
        return None
    return Move(
        name="back_up_database",
        why=f"A full backup of this attempt ({mine}) is what the primary is restored from; older"
        " ones are not taken.",
        host=estate.backup.host,
        args={"id": mine, "covers": None if begins is None else str(begins)},
    )


@calls_for("keep_old_copy")
def keep_old_copies(estate: Estate, options: Options) -> Move | None:
    """The copies of the primary site are backed up before they are replaced: they may hold messages
    that were never shipped.
    """
    mine = attempt_of(estate, options)
    for old in estate.primary_pair:
        if old.online and old.seed != mine:
            kept = to_keep(old, mine)
            if kept is not None:
                return kept
    return None


def to_keep(old: Copy, attempt: str) -> Move | None:
    """The move that backs an old copy up, None when that was done in this attempt."""
    stamp = f"{attempt}-{old.slot}"
    if old.full == stamp:
        return None
    return Move(
        name="keep_old_copy",
        why=f"The copy on {old.host} is about to be replaced, and may hold messages that were"
        " never shipped: it is backed up beside, to be looked at later.",
        host=old.host,
        args={"stamp": stamp},
    )


@calls_for("retire_old_copy")
def retire_old_mirror(estate: Estate, options: Options) -> Move | None:
    """An old principal on the mirror's SQL Server stops, so that no server can take it for the
    mirror of what comes home.
    """
    if not estate.mirror.online:
        return None
    return Move(
        name="retire_old_copy",
        why=f"The old copy on {estate.mirror.host} was the principal when the site was lost; it"
        " stops, so that no server can ever take it for the mirror of what comes home.",
        host=estate.mirror.host,
        args={"id": attempt_of(estate, options)},
    )


@calls_for("restore_on_primary")
def restore_on_primary(estate: Estate, options: Options) -> Move | None:
    """The primary's copy is replaced by that full backup, and waits for the tail."""
    mine = attempt_of(estate, options)
    primary = estate.primary
    seeded = primary.seed == mine and primary.state == "RESTORING"
    if seeded and not is_before(primary.redo_lsn, estate.backup.last_backup_lsn):
        return None
    return Move(
        name="restore_on_primary",
        why=f"The copy on {primary.host} ({primary.state or 'none'}) is older than"
        " the one in use and is replaced.",
        host=primary.host,
        args={"id": mine, "seen": primary.state},
    )


@calls_for("back_up_tail")
def stop_backup(estate: Estate, options: Options) -> Move | None:
    """The last log of the copy in use is saved, and that copy stops in the same statement; it goes
    on as the secondary.
    """
    return Move(
        name="back_up_tail",
        why=f"The last log of {estate.backup.host} goes to the share, and its copy stops; it goes"
        " on as the secondary.",
        host=estate.backup.host,
        args={"id": attempt_of(estate, options)},
    )


def is_before(lsn: int | None, other: int | None) -> bool:
    """Log between the two went into a backup that is not ours, and a tail could not be applied
    across it.
    """
    return lsn is not None and other is not None and lsn < other


_FIRST: tuple[Rule, ...] = (declare_intent, *LEAD_THE_BACKUP_PAIR, reach_central_store)
_CLEAR_THE_WAY: tuple[Rule, ...] = (unlink_old_copies, unmirror_old_copies)
_SEED: tuple[Rule, ...] = (
    back_up_database,
    keep_old_copies,
    retire_old_mirror,
    restore_on_primary,
)
_LEAVE: tuple[Rule, ...] = (unmirror_backup, unmirror_compliance)
#: While the copy in use is the backup's, by the option order: what is documented keeps clients out
#: before the full backup, service only before the tail, which holds what they wrote meanwhile.
ORDERS_OF_THE_WAY_HOME: dict[str, tuple[Rule, ...]] = {
    "service": (*_FIRST, *_CLEAR_THE_WAY, *_SEED, fence, *_LEAVE, stop_backup),
    "documented": (*_FIRST, fence, *_CLEAR_THE_WAY, *_LEAVE, *_SEED, stop_backup),
}


# -- no copy is online
@calls_for("restore_tail")
def restore_tail(estate: Estate, options: Options) -> Move | None:
    """The tail that stopped the backup's copy is applied to the primary's, which is opened."""
    if not waits_for_tail(estate):
        return None
    file = _tail_file(estate)
    if file is None:
        raise refusals.tail_missing(estate)
    return Move(
        name="restore_tail",
        why=f"{estate.primary.host} needs the tail of {estate.backup.host}'s log, and then has the"
        " truth.",
        host=estate.primary.host,
        args={"id": file.attempt or "", "file": file_of(file)},
    )


def waits_for_tail(estate: Estate) -> bool:
    """The tail that stopped the backup copy leads the primary's copy to the same end: whatever else
    is online in the primary site is older.
    """
    here = estate.primary
    if estate.backup.tail is None or not here.restoring or here.role is not None:
        return False
    file = _tail_file(estate)
    if file is None or here.redo_lsn is None:
        seeded = here.seed == estate.backup.tail
        return seeded and not is_before(estate.backup.redo_lsn, here.redo_lsn)
    if here.redo_lsn == file.last_lsn and fits(here.fork, file.last_fork):
        return True
    return follow(here.redo_lsn, here.fork, here.family, [file]).reached == file.last_lsn


def _tail_file(estate: Estate) -> LogBackup | None:
    """The file with the tail that stopped the backup copy, when it can be read; that in the copy
    folder first.
    """
    found = [log for log in estate.logs if _is_tail_of(log, estate.backup)]
    return max(found, key=lambda log: log.place == "copied", default=None)


def _is_tail_of(log: LogBackup, backup: Copy) -> bool:
    if log.error is not None or log.damaged or log.attempt is None:
        return False
    return log.attempt == backup.tail and log.last_lsn == backup.redo_lsn


@calls_for("reopen_primary")
def reopen_primary(estate: Estate, options: Options) -> Move | None:
    """A copy that a planned switchover stopped is opened again; nothing was written since."""
    for copy in estate.primary_pair:
        if _was_stopped(copy) and not is_before(copy.redo_lsn, estate.backup.redo_lsn):
            return Move(
                name="reopen_primary",
                why=f"A planned switchover stopped {copy.host} and went no further; nothing was"
                " written since.",
                host=copy.host,
                args={"id": copy.tail or ""},
            )
    return None


def _was_stopped(copy: Copy) -> bool:
    return copy.restoring and copy.role is None and copy.tail is not None


#: While no copy is online, or one that is older than a tail. Refused when none of them has a move.
ORDER_WITHOUT_A_COPY: tuple[Rule, ...] = (declare_intent, restore_tail, reopen_primary)
