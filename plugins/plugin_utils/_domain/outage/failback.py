"""Failback: the pool is to run on the primary copy again, mirrored, with its logs shipped to the
backup. FOR INTERNAL COLLECTION USE ONLY.

It also calls off a failover that has not recovered the backup copy. The truth travels as a full
backup and then the tail of the log: the backup's copy stops writing in the same statement that
saves its last record, so that at no time two copies are online, and afterwards it goes on as the
secondary without being seeded again (sql-docs: change roles between primary and secondary log
shipping servers). The failback page restores one full backup with the list of active servers empty;
its order of the last steps can be chosen.
"""

from __future__ import annotations

from ..._engine.errors import Refused
from .chain import LogBackup, follow
from .estate import Copy, Estate
from .failover import require_truth
from .moves import Move, move
from .options import Options
from .prerequisites import (
    fence,
    open_copy,
    require_backup,
    require_intent,
    require_store,
    require_witness,
    stale_servers,
)
from .tails import fits


def next_move(estate: Estate, options: Options) -> Move | None:
    """What is to be done next, None at the goal.

    Refused with a code and a sentence when it must not be done.
    """
    require_backup(estate)
    if not estate.primary.answers:
        raise Refused(
            f"{estate.primary.host}, to which the databases are to return, does not answer or"
            f" cannot be read: {estate.primary.why}. The pool stays where it is. Bring the primary"
            " site back first.",
            code="primary_unreachable",
            where=estate.primary.host,
        )
    require_truth(estate)
    if estate.recovered:
        return _bring_home(estate, options)
    if not estate.backup.restoring:
        raise Refused(
            f"mgc on {estate.backup.host} is {estate.backup.state}, and nothing shows that it came"
            " from the primary: there is nothing to fail back from. Protect the pool (site.yml).",
            code="no_backup_copy",
            where=estate.backup.host,
            database_state=estate.backup.state,
        )
    if estate.principal is None or _waits_for_tail(estate):
        return require_intent(estate, options) or _open_primary(estate)
    todo = _left(estate, options)
    if todo is None:
        return (
            move(
                "clear_intent",
                "The failback is complete.",
                estate.backup.host,
                intent=estate.intent.as_dict(),
            )
            if estate.intent
            else None
        )
    return require_intent(estate, options) or todo


def _bring_home(estate: Estate, options: Options) -> Move:
    """The backup copy has the truth."""
    if estate.pool_state == "Normal" and estate.store == "central":
        raise Refused(
            f"mgc on {estate.backup.host} was recovered, but the pool is still Normal: a failover"
            " passed its one-way door and did not end. Run failover.yml again to finish it, then"
            " fail back.",
            code="failover_unfinished",
        )
    _can_go_home(estate)
    first = require_intent(estate, options) or require_store(estate, options) or fence(estate)
    if first or estate.intent is None:
        return first or move("declare_intent", "", estate.backup.host)
    mine = estate.intent.id
    return _retire_old(estate) or _unmirror_backup(estate) or _copy_home(estate, mine)


def _can_go_home(estate: Estate) -> None:
    """What the way home needs is looked at before anybody is kept out and before the only mirror is
    given up.
    """
    newer = estate.backup.version
    older = estate.primary.version
    if newer is not None and older is not None and newer > older:
        raise Refused(
            f"{estate.backup.host} runs SQL Server {_dotted(newer)}, {estate.primary.host}"
            f" {_dotted(older)}: a database never goes back to an older version, so nothing of"
            f" {estate.backup.host} can be restored there. The pool stays where it is. Upgrade"
            f" {estate.primary.host} first.",
            code="version",
            where=estate.primary.host,
            versions={estate.backup.host: _dotted(newer), estate.primary.host: _dotted(older)},
        )
    for copy in (estate.backup, estate.primary):
        for seen, what in ((copy.sees_seeds, "full backups"), (copy.sees_logs, "log backups")):
            if seen is False:
                raise Refused(
                    f"The SQL Server of {copy.host} does not see the share of the {what}, over"
                    " which the database goes home. Nothing was stopped. Bring the share back, or"
                    " let its service account change files there, then run this again.",
                    code="share_unseen",
                    where=copy.host,
                )


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _retire_old(estate: Estate) -> Move | None:
    """Rows and sessions that the lost site brought back with it; a restore over a mirrored database
    is refused by the server (3104).
    """
    for old in estate.primary_pair:
        if old.answers and old.ships:
            return move(
                "unlink_old_primary",
                f"{old.host} still ships logs of a dead fork; log shipping is set up anew at the"
                " end.",
                old.host,
            )
    for old in estate.primary_pair:
        if old.answers and old.role is not None:
            return move(
                "unmirror",
                f"The old copy on {old.host} is still in a mirroring session, and it is about to be"
                " replaced.",
                old.host,
                database="mgc",
                role=old.role,
            )
    return None


def _unmirror_backup(estate: Estate) -> Move | None:
    if estate.backup.role is not None:
        return move(
            "unmirror",
            f"The tail of a mirrored database cannot be backed up; {estate.backup.host} goes home"
            " alone.",
            estate.backup.host,
            database="mgc",
            role=estate.backup.role,
        )
    compliance = estate.compliance.get("backup")
    if compliance is not None and compliance.answers and compliance.role is not None:
        return move(
            "unmirror_compliance",
            "The backup site's compliance database is mirrored, and it is left behind.",
            estate.backup.host,
            database="mgccomp",
            role=compliance.role,
        )
    return None


def _copy_home(estate: Estate, mine: str) -> Move:
    begins = estate.backup.last_backup_lsn  # where the tail will begin
    if estate.backup.full != mine or _is_before(estate.backup.full_lsn, begins):
        return move(
            "back_up_database",
            f"A full backup of this attempt ({mine}) is what the primary is restored from; older"
            " ones are not taken.",
            estate.backup.host,
            id=mine,
            covers=None if begins is None else str(begins),
        )
    for old in estate.primary_pair:
        if old.online and old.seed != mine and old.full != f"{mine}-{old.slot}":
            return move(
                "keep_old_copy",
                f"The copy on {old.host} is about to be replaced, and may hold messages that were"
                " never shipped: it is backed up beside, to be looked at later.",
                old.host,
                stamp=f"{mine}-{old.slot}",
            )
    if estate.mirror.online:
        return move(
            "retire_old_copy",
            f"The old copy on {estate.mirror.host} was the principal when the site was lost; it"
            " stops, so that no server can ever take it for the mirror of what comes home.",
            estate.mirror.host,
            id=mine,
        )
    if (
        estate.primary.seed != mine
        or estate.primary.state != "RESTORING"
        or _is_before(estate.primary.redo_lsn, begins)
    ):
        return move(
            "restore_on_primary",
            f"The copy on {estate.primary.host} ({estate.primary.state or 'none'}) is older than"
            " the one in use and is replaced.",
            estate.primary.host,
            id=mine,
            seen=estate.primary.state,
        )
    return move(
        "back_up_tail",
        f"The last log of {estate.backup.host} goes to the share, and its copy stops; it goes on as"
        " the secondary.",
        estate.backup.host,
        id=mine,
    )


def _is_before(lsn: int | None, other: int | None) -> bool:
    """Log between the two went into a backup that is not ours, and a tail could not be applied
    across it.
    """
    return lsn is not None and other is not None and lsn < other


def _tail_file(estate: Estate) -> LogBackup | None:
    """The file with the tail that stopped the backup copy, when it can be read."""
    usable = (b for b in estate.logs if b.error is None and not b.damaged and b.attempt is not None)
    found = [
        b
        for b in usable
        if b.attempt == estate.backup.tail and b.last_lsn == estate.backup.redo_lsn
    ]
    return max(found, key=lambda backup: backup.place == "copied", default=None)


def _waits_for_tail(estate: Estate) -> bool:
    """The tail that stopped the backup copy leads the primary's copy to the same end: whatever else
    is online in the primary site is older.
    """
    here = estate.primary
    if estate.backup.tail is None or not here.restoring or here.role is not None:
        return False
    file = _tail_file(estate)
    if file is None or here.redo_lsn is None:
        return here.seed == estate.backup.tail and not _is_before(
            estate.backup.redo_lsn, here.redo_lsn
        )
    at_its_end = here.redo_lsn == file.last_lsn and fits(here.fork, file.last_fork)
    return (
        at_its_end or follow(here.redo_lsn, here.fork, here.family, [file]).reached == file.last_lsn
    )


def _open_primary(estate: Estate) -> Move:
    """No copy is online: the tail of one is to be applied to the other, or a planned switchover
    stopped half-way and is called off.
    """
    if _waits_for_tail(estate):
        return _restore_tail(estate)
    stopped = next(
        (
            c
            for c in estate.primary_pair
            if c.restoring
            and c.role is None
            and c.tail is not None
            and not _is_before(c.redo_lsn, estate.backup.redo_lsn)
        ),
        None,
    )
    if stopped is not None:
        return move(
            "reopen_primary",
            f"A planned switchover stopped {stopped.host} and went no further; nothing was written"
            " since.",
            stopped.host,
            id=stopped.tail,
        )
    told = ", ".join(_told(copy) for copy in estate.primary_pair)
    raise Refused(
        f"No copy of mgc is online ({told}; {estate.backup.host}: {estate.backup.state}), and none"
        " was stopped by us. If a mirror's principal is gone use mirror_failover.yml; if the"
        " primary site is gone use failover.yml.",
        code="no_copy_online",
    )


def _restore_tail(estate: Estate) -> Move:
    file = _tail_file(estate)
    if file is None:
        raise Refused(
            f"{estate.backup.host} was stopped with its last log saved, and that file"
            f" (mgc_{estate.backup.tail}-tail.trn) is not among the log backups that can be"
            f" read{f': {estate.logs_why}' if estate.logs_why else ''}. Both copies wait. Bring the"
            f" share or the file back and run this again; if it is lost, {estate.backup.host} holds"
            " everything: failover.yml puts it to work again.",
            code="tail_missing",
            where=estate.backup.host,
        )
    return move(
        "restore_tail",
        f"{estate.primary.host} needs the tail of {estate.backup.host}'s log, and then has the"
        " truth.",
        estate.primary.host,
        id=estate.backup.tail,
        file={
            "path": file.path,
            "position": file.position,
            "first_lsn": str(file.first_lsn),
            "last_lsn": str(file.last_lsn),
            "uuid": file.uuid,
        },
    )


def _left(estate: Estate, options: Options) -> Move | None:
    """A copy of the primary site is online and has the truth: what is missing for the estate that
    site.yml builds.
    """
    closed = open_copy(estate.principal) if estate.principal is not None else None
    if closed:
        return closed
    store = require_store(estate, options)
    if store:
        return store
    normal = (
        move("set_pool_normal", "The pool still uses its backup store.", estate.management)
        if estate.pool_state != "Normal"
        else None
    )
    active = (
        None
        if estate.active is not None and set(estate.active) == set(options.active_normal)
        else move(
            "set_active_servers",
            f"{len(options.active_normal)} servers are to accept clients.",
            estate.management,
            servers=list(options.active_normal),
        )
    )
    link = _link(estate, options)
    last = (link, active, normal) if options.order == "documented" else (normal, link, active)
    return next((m for m in last if m), None) or _protect(estate, options)


def _link(estate: Estate, options: Options) -> Move | None:
    if estate.backup.linked and estate.principal is not None and estate.principal.ships_enabled:
        return None
    if estate.principal is not None and estate.principal.slot != "primary":
        if (
            estate.principal.mirroring == "SYNCHRONIZED"
            and estate.principal.safety == "FULL"
            and estate.primary.answers
        ):
            return move(
                "switch_principal",
                f"{estate.principal.host} became the principal; log shipping is set up from"
                f" {estate.primary.host}, which is synchronized.",
                estate.principal.host,
                database="mgc",
                to="primary",
            )
        alone = _pair_up(estate, options)
        if alone is not None:
            return alone
        raise Refused(
            f"{estate.principal.host}, the mirror, is the principal now; log shipping is set up"
            f" from {estate.primary.host}. Run mirror_failover.yml with mirror_failover_to:"
            " primary, then this again.",
            code="mirror_is_principal",
            where=estate.principal.host,
        )
    return move(
        "link_log_shipping",
        f"Nothing ships the log of {estate.primary.host} to {estate.backup.host} yet.",
        None,
        reseed=not _continues(estate),
    )


def _continues(estate: Estate) -> bool:
    """Whether the restoring copy can go on from where it stands: it ended by our tail, or the log
    since is on the share.
    """
    chain = estate.chain
    goal = estate.principal.last_backup_lsn if estate.principal else None
    return chain is not None and goal is not None and chain.reached >= goal


def _protect(estate: Estate, options: Options) -> Move | None:
    mirror = estate.mirror
    alone = _pair_up(estate, options) or require_witness(
        estate,
        "primary",
        estate.principal,
        estate.primary if estate.principal is mirror else mirror,
    )
    if alone is not None:
        return alone
    if mirror.answers and estate.primary.role is not None and not mirror.ships_enabled:
        return move(
            "link_log_shipping_of_mirror",
            f"Log shipping must go on when {mirror.host} becomes the principal.",
            None,
        )
    leftover = _leftover(estate)
    if leftover:
        return move(
            "drop_leftover",
            f"The copy on {leftover.host} was the backup's mirror and follows nobody any more.",
            leftover.host,
        )
    return _compliance_home(estate) or stale_servers(estate, mirror, ("primary", "backup"))


def _pair_up(estate: Estate, options: Options) -> Move | None:
    """One partner is online and alone, and the other one answers."""
    alone = estate.principal
    other = None if alone is None else estate.mirror if alone.slot == "primary" else estate.primary
    if (
        alone is None
        or other is None
        or not other.answers
        or (alone.role is not None and other.role is not None)
    ):
        return None
    half = next((c for c in (alone, other) if c.role is not None), None)
    if half is not None:
        return move(
            "unmirror",
            f"{half.host} still has its half of a mirroring session that the other side left while"
            " it did not answer.",
            half.host,
            database="mgc",
            role=half.role,
        )
    if alone.slot == "primary" and other.online and other.ships:
        return move(
            "unlink_old_primary",
            f"{other.host} still ships logs of a dead fork; log shipping is set up anew when it is"
            " the mirror.",
            other.host,
        )
    attempt = estate.intent.id if estate.intent else options.id
    if alone.slot == "primary" and other.online and other.full != f"{attempt}-{other.slot}":
        return move(
            "keep_old_copy",
            f"The copy on {other.host} is about to be replaced, and may hold messages that were"
            " never shipped: it is backed up beside, to be looked at later.",
            other.host,
            stamp=f"{attempt}-{other.slot}",
        )
    name = "mirror_primary" if alone.slot == "primary" else "mirror_to_primary"
    return move(
        name,
        f"{alone.host} holds the only online copy; {other.host} can mirror it.",
        None,
        replace=other.state is not None,
    )


def _compliance_home(estate: Estate) -> Move | None:
    """mgccomp stayed in the primary site; its witness may have switched it while the site was going
    down.
    """
    here = estate.compliance.get("primary")
    there = estate.compliance.get("mirror")
    if (
        here
        and there
        and here.answers
        and there.answers
        and there.role == "PRINCIPAL"
        and there.mirroring == "SYNCHRONIZED"
        and there.safety == "FULL"
    ):
        return move(
            "switch_principal",
            f"{there.host} became the principal of mgccomp when the site was lost; {here.host} is"
            " the preferred one.",
            there.host,
            database="mgccomp",
            to="primary",
        )
    return None


def _leftover(estate: Estate) -> Copy | None:
    copy = estate.backup_mirror
    safe = (
        estate.primary.online
        and estate.backup.linked
        and (estate.primary.role is not None or not estate.mirror.answers)
    )
    return copy if copy is not None and copy.restoring and copy.role is None and safe else None


def _told(copy: Copy) -> str:
    if not copy.answers:
        return f"{copy.host}: does not answer"
    role = f" ({copy.role})" if copy.role else ""
    return f"{copy.host}: {copy.state or 'no mgc'}{role}"
