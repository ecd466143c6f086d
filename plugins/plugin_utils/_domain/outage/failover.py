"""Failover: the pool is to run on the backup copy. FOR INTERNAL COLLECTION USE ONLY.

``next_move`` is asked again after every move, and by every run that finds a half-done failover: any
state has a next move, or a refusal that names what it saw. Order as the failover page has it, with
the fence and the intent before it.
"""

from __future__ import annotations

from ..._engine.errors import Refused
from .estate import Copy, Estate
from .loss import foreign_text, loss_of, stray_text
from .moves import Move, move
from .options import Options
from .prerequisites import (
    fence,
    open_copy,
    require_backup,
    require_intent,
    require_silence,
    require_store,
    require_witness,
    stale_servers,
)


def next_move(estate: Estate, options: Options) -> Move | None:
    """What is to be done next, None at the goal.

    Refused with a code and a sentence when it must not be done.
    """
    require_backup(estate)
    require_truth(estate)
    if estate.recovered:
        return _finish(estate, options)
    if not estate.backup.restoring:
        raise Refused(
            f"mgc on {estate.backup.host} is {estate.backup.state}, and nothing shows that it came"
            " from the primary: it is no copy of what the pool holds. Protect the pool first"
            " (site.yml).",
            code="no_backup_copy",
            where=estate.backup.host,
            database_state=estate.backup.state,
        )
    if estate.backup.role is not None:
        raise Refused(
            f"mgc on {estate.backup.host} is a mirror, not a log shipping secondary; recovering it"
            " is refused. Look at it.",
            code="mirrored",
            where=estate.backup.host,
        )
    _may_leave(estate, options)
    _looks_through(estate, options)
    opening = (
        require_intent(estate, options) or _declare_anew(estate, options)
        if estate.store == "central"
        else require_store(estate, options)
        and (require_intent(estate, options) or _declare_anew(estate, options))
    )
    if opening:
        return opening
    return (
        require_store(estate, options)
        or fence(estate)
        or _stop_primary(estate, options)
        or _bring_logs(estate, options)
        or move(
            "recover_database",
            f"Everything that can be applied is applied, up to LSN {estate.backup.redo_lsn}; from"
            f" here on {estate.backup.host} has the truth.",
            estate.backup.host,
            expect_lsn=str(estate.backup.redo_lsn),
            id=estate.intent.id if estate.intent else options.id,
        )
    )


def require_truth(estate: Estate) -> None:
    """Refuses where the facts do not settle which copy holds what the pool wrote.

    Shared with the failback.
    """
    if estate.foreign:
        raise Refused(
            f"{foreign_text(estate)} Protect the pool (site.yml), which seeds it again. If the pool"
            " runs on it all the same, compare the two by hand.",
            code="no_backup_copy",
            where=estate.backup.host,
            family=estate.backup.family,
            families=sorted(estate.families),
        )
    if estate.stray:
        raise Refused(
            f"{stray_text(estate)} Nobody is to work on it by accident. If it is left over, drop it"
            " and let site.yml seed it again. If the pool is to run on it, with the loss of"
            " everything later, say so by hand first: Set-CsPersistentChatState -PoolState"
            " FailedOver.",
            code="recovered_by_somebody",
            where=estate.backup.host,
            fork_point=None if estate.backup.fork_point is None else str(estate.backup.fork_point),
        )
    require_one_principal(estate)


def require_one_principal(estate: Estate) -> None:
    if estate.rivals and not estate.recovered:
        newer = estate.principal
        told = ", ".join(f"{c.host}: role sequence {c.role_sequence}" for c in estate.rivals)
        raise Refused(
            f"Two SQL Servers of the primary pair are principals of mgc ({told}): service was"
            f" forced on {newer.host if newer else 'one'} while the other lived on. Stop the chat"
            " servers that use the older one, let the two meet again, and resume the session"
            " (mirror_failover.yml); or end the older one's session (ALTER DATABASE mgc SET"
            " PARTNER OFF) and take it offline.",
            code="two_principals",
            hosts=[c.host for c in estate.rivals],
        )


def _declare_anew(estate: Estate, options: Options) -> Move | None:
    """The declared time stands for the moment from which nobody could write; while servers accept
    clients, that moment has not come.
    """
    declared = estate.intent
    if declared is None or estate.active == () or not options.now or declared.at >= options.now:
        return None
    return move(
        "declare_intent",
        f"It was declared at {declared.at}, and clients could write since; what may be lost is"
        " counted from now.",
        estate.backup.host,
        target=options.target,
        id=declared.id,
        operator=options.operator,
        at=options.now,
        replaces=declared.as_dict(),
    )


def _may_leave(estate: Estate, options: Options) -> None:
    """Unreachable is not dead, and one partner alive is no disaster."""
    alive = estate.principal
    if options.mode == "planned":
        if alive is None and not any(c.restoring and c.tail for c in estate.primary_pair):
            raise Refused(
                "failover_mode is planned, but no copy of mgc is online in the primary site"
                f" ({_told(estate)}). A planned switchover ships the last log from there. If the"
                " site is gone, say failover_mode: disaster.",
                code="primary_not_online",
            )
        return
    if alive is not None:
        raise Refused(
            f"mgc is ONLINE on {alive.host}: the primary answers, and a failover would discard what"
            " only it holds. If you want to leave it, say failover_mode: planned, which ships its"
            " last log.",
            code="primary_alive",
            where=alive.host,
        )
    require_silence(estate.primary_pair, options, "failover_unasked")
    mirror = next(
        (
            c
            for c in estate.primary_pair
            if c.answers and c.role == "MIRROR" and not estate.is_behind(c)
        ),
        None,
    )
    if mirror is not None:
        raise Refused(
            f"{mirror.host} answers and holds the mirror of mgc ({mirror.mirroring}): one partner"
            " alive is not a disaster, and it holds more than was shipped. Use mirror_failover.yml"
            " (with mirror_failover_force: true when its principal is gone).",
            code="mirror_alive",
            where=mirror.host,
        )
    if estate.seen_from:
        raise Refused(
            f"The primary site does not answer this controller, but {'; '.join(estate.seen_from)}:"
            " the controller is cut off, not the site gone. Run from where the site can be"
            " reached, or cut it off for good first.",
            code="primary_seen",
            seen_from=list(estate.seen_from),
        )


def _looks_through(estate: Estate, options: Options) -> None:
    """What a planned switchover needs later is looked at before anybody is kept out."""
    alive = estate.principal
    if options.mode == "planned" and alive is not None and alive.sees_logs is False:
        raise Refused(
            f"The SQL Server of {alive.host} does not see the share of the log backups, so its last"
            " log could not be saved there. Nothing was stopped. Let its service account change"
            " files in the share, then run this again.",
            code="share_unseen",
            where=alive.host,
        )

    begins = alive.last_backup_lsn if alive is not None else None
    if (
        options.mode == "planned"
        and alive is not None
        and begins is not None
        and estate.chain is not None
        and estate.chain.reached < begins
    ):
        raise Refused(
            f"The last log of {alive.host} would begin at LSN {begins}, but with the files there"
            f" are, {estate.backup.host} comes to LSN {estate.chain.reached} only: the log from LSN"
            f" {estate.chain.reached} to {begins} went into a backup that log shipping does not"
            " have. Nothing was stopped. Bring that file to the share, or let site.yml seed the"
            " secondary again, then run this again.",
            code="chain_gap",
            where=alive.host,
        )


def _told(estate: Estate) -> str:
    return ", ".join(
        f"{c.host}: {c.state or 'no mgc' if c.answers else 'does not answer'}"
        for c in estate.primary_pair
    )


def _stop_primary(estate: Estate, options: Options) -> Move | None:
    """Planned: the principal's last log is backed up in a way that leaves its copy restoring, so
    that nobody can write to it any more.
    """
    alive = estate.principal
    if options.mode != "planned" or alive is None:
        return None
    if alive.role is not None:
        return move(
            "unmirror",
            "The tail of a mirrored database cannot be backed up; the failback makes the mirror of"
            f" {alive.host} again.",
            alive.host,
            database="mgc",
            role=alive.role,
        )
    return move(
        "back_up_tail",
        f"The last log of {alive.host} goes to the share, and its copy stops: nothing is lost,"
        " nobody can write to it any more.",
        alive.host,
        id=estate.intent.id if estate.intent else options.id,
    )


def _bring_logs(estate: Estate, options: Options) -> Move | None:
    _may_lose(estate, options)
    if estate.backup.linked and estate.uncopied and estate.backup.copy_job and estate.backup.agent:
        return move(
            "copy_logs",
            f"{len(estate.uncopied)} log backup{'s are' if len(estate.uncopied) > 1 else ' is'} on"
            " the share only; the copy job brings what it can.",
            estate.backup.host,
            job=estate.backup.copy_job,
            names=[b.name for b in estate.uncopied],
        )
    if estate.backup.linked:
        return move(
            "unlink_log_shipping",
            "No job may restore beside us, and none must wait for the lost primary.",
            estate.backup.host,
        )
    chain = estate.chain
    if chain and chain.apply:
        files = [
            {
                "path": b.path,
                "position": b.position,
                "first_lsn": str(b.first_lsn),
                "last_lsn": str(b.last_lsn),
                "uuid": b.uuid,
            }
            for b in chain.apply
        ]
        return move(
            "restore_logs",
            f"{len(files)} log backup{'s' if len(files) > 1 else ''} up to LSN {chain.reached} "
            f"{'are' if len(files) > 1 else 'is'} not applied yet.",
            estate.backup.host,
            files=files,
            reached=str(chain.reached),
            fork=chain.fork,
        )
    return None


def _may_lose(estate: Estate, options: Options) -> None:
    """Refuses when the log cannot be followed to its end, or when more would be lost than the
    operator allows.
    """
    if estate.backup.redo_lsn is None:
        raise Refused(
            f"The redo position of mgc on {estate.backup.host} cannot be read, so nobody can say"
            " which log is missing. The account needs sysadmin there.",
            code="position_unknown",
            where=estate.backup.host,
        )
    loss = loss_of(estate)
    _may_pass_by(estate)
    if options.accept_data_loss:
        return
    gone = estate.logs_why is not None
    if gone or (estate.chain is not None and estate.chain.obstacle is not None):
        kind = (
            "share_gone"
            if gone
            else (
                f"chain_{estate.chain.obstacle.kind}"
                if estate.chain and estate.chain.obstacle
                else "chain_gap"
            )
        )
        what = (
            f"The share cannot be listed ({estate.logs_why})"
            if gone
            else str(estate.chain.obstacle.text if estate.chain and estate.chain.obstacle else "")
        )
        raise Refused(
            f"{what[:1].upper()}{what[1:]}. {loss.sentence} Repair it and run again, or accept"
            " exactly this loss with failover_data_loss: accept.",
            code=kind,
            loss=loss.as_dict(),
        )
    if loss.minutes is None:
        raise Refused(
            f"Nobody can say how much would be lost. {loss.sentence} Accept it with"
            " failover_data_loss: accept.",
            code="loss_unknown",
            loss=loss.as_dict(),
        )
    if loss.minutes > options.max_data_loss:
        raise Refused(
            f"{loss.sentence} That is more than failover_max_data_loss allows"
            f" ({options.max_data_loss} minutes). Accept it with failover_data_loss: accept, or"
            " raise the limit.",
            code="loss_too_great",
            loss=loss.as_dict(),
        )


def _may_pass_by(estate: Estate) -> None:
    """A copy of the primary site that follows nobody and stands further than the backup copy can
    come; whatever is accepted, that would be lost for nothing.
    """
    chain = estate.chain
    for copy in estate.primary_pair:
        if (
            chain is None
            or not copy.restoring
            or copy.role is not None
            or (copy.redo_lsn or 0) <= chain.reached
        ):
            continue
        told = (
            f"holds the log up to LSN {copy.redo_lsn}, but with the files there are, the backup"
            f" copy comes to LSN {chain.reached} only"
        )
        if copy.tail is not None:
            raise Refused(
                f"{copy.host} answers, and its copy was stopped with its last log saved: it {told}."
                f" Bring the files back and run this again, or let failback.yml put {copy.host}"
                " back to work.",
                code="stopped_copy_holds_more",
                where=copy.host,
            )
        if not copy.retired and copy.fork in (None, estate.backup.fork):
            raise Refused(
                f"{copy.host} answers, and its copy was the mirror until its session was removed:"
                f" it {told}. Bring its principal or the files back. If the principal is gone for"
                f" good, put {copy.host} to work by hand (RESTORE DATABASE mgc WITH RECOVERY).",
                code="stopped_copy_holds_more",
                where=copy.host,
            )


def _finish(estate: Estate, options: Options) -> Move | None:
    """The backup copy has the truth already."""
    if (
        estate.pool_state == "Normal"
        and estate.active
        and estate.principal is not None
        and estate.store == "central"
    ):
        raise Refused(
            f"mgc is online on {estate.principal.host} and on {estate.backup.host}, and"
            f" {len(estate.active)} servers accept clients: two copies may be in use. Stop the chat"
            " servers, compare the two copies, and decide by hand which one is to stay.",
            code="split_brain",
            hosts=[estate.principal.host, estate.backup.host],
        )
    todo = _left(estate, options)
    if todo is None:
        return (
            move(
                "clear_intent",
                "The failover is complete.",
                estate.backup.host,
                intent=estate.intent.as_dict(),
            )
            if estate.intent
            else None
        )
    return (
        require_intent(estate, options) or require_store(estate, options) or _left(estate, options)
    )


def _left(estate: Estate, options: Options) -> Move | None:
    closed = open_copy(estate.backup)
    if closed:
        return closed
    if estate.store != "central":
        return require_store(estate, options)
    if estate.pool_state != "FailedOver":
        if estate.active:
            # a store that was moved knows an older list
            return fence(estate)
        return move(
            "set_pool_failed_over", "The pool still uses its primary store.", estate.management
        )
    loud = _loud(estate)
    if loud:
        return move(
            "silence_old_primary",
            f"{loud.host} answers again and would go on writing log backups of a dead fork to the"
            " share.",
            loud.host,
        )
    mirror = estate.backup_mirror
    if (
        options.mirror_backup
        and mirror is not None
        and mirror.answers
        and mirror.role is not None
        and estate.backup.role is None
    ):
        return move(
            "unmirror",
            f"{mirror.host} still has its half of a mirroring session that the other side left"
            " while it did not answer.",
            mirror.host,
            database="mgc",
            role=mirror.role,
        )
    if (
        options.mirror_backup
        and mirror is not None
        and mirror.answers
        and estate.backup.role is None
        and _can_seed(estate.backup, mirror)
    ):
        return move(
            "mirror_backup",
            f"{estate.backup.host} holds the only copy; {mirror.host} can hold a second one.",
            estate.management,
            replace=mirror.state is not None,
        )
    witness = (
        require_witness(estate, "backup", estate.backup, mirror) if options.mirror_backup else None
    )
    return (
        witness
        or stale_servers(estate, mirror, ("backup",))
        or (
            None
            if estate.active is not None and set(estate.active) == set(options.active_failed_over)
            else move(
                "set_active_servers",
                f"{len(options.active_failed_over)} servers of the backup site are to accept"
                " clients.",
                estate.management,
                servers=list(options.active_failed_over),
            )
        )
    )


def _can_seed(*copies: Copy) -> bool:
    """A mirror is seeded over the share of the seeds; clients do not wait for one that cannot be
    made.
    """
    return all(c.sees_seeds is not False for c in copies)


def _loud(estate: Estate) -> Copy | None:
    return next((c for c in estate.primary_pair if c.answers and c.ships_enabled), None)
