"""Failover: the pool is to run on the backup copy. FOR INTERNAL COLLECTION USE ONLY.

``next_move`` is asked again after every move, and by every run that finds a half-done failover: any
state has a next move, or a refusal that names what it saw. Order up to the door as the failover
page has it, with the fence and the intent before it; behind the door it can be chosen.
"""

from __future__ import annotations

from ..words import plural
from .acceptance import refuse_to_lose, refuse_to_pass_by
from .chain import Chain
from .copies import Copy
from .estate import Estate
from .moves import Move
from .options import Options
from .prerequisites import (
    LEAD_THE_BACKUP_PAIR,
    attempt_of,
    clear_intent,
    declare_intent,
    fence,
    reach_central_store,
    refuse_full_share,
    refuse_read_only,
    refuse_to_overwrite_backup_mirror,
    refuse_unclear_truth,
    refuse_unless_silent,
    refuse_unmirrored,
    refuse_unreachable_store,
    refuse_without_backup,
    to_end_half,
    to_open,
    to_restart,
    to_set_active,
    to_set_witness,
    to_start,
    to_unmirror,
)
from .refusals import failover as refusals
from .refusals import shared
from .restorable import file_of
from .rules import Rule, calls_for, first_of


def next_move(estate: Estate, options: Options) -> Move | None:
    """What is to be done next, None at the goal.

    Refused with a code and a sentence when it must not be done.
    """
    refuse_without_backup(estate)
    refuse_unclear_truth(estate)
    if estate.recovered:
        return _finish(estate, options)
    refuse_to_leave(estate, options)
    refuse_unreachable_store(estate, options)
    return first_of(ORDER, estate, options)


def _finish(estate: Estate, options: Options) -> Move | None:
    """The backup copy has the truth already."""
    _refuse_split_brain(estate)
    refuse_read_only(estate.backup_in_use)
    refuse_to_overwrite_backup_mirror(estate)
    order = ORDERS_AFTER_THE_DOOR[options.order]
    if first_of(order[1:], estate, options) is None:
        return clear_intent(estate, "The failover is complete.")
    return first_of(order, estate, options)


# -- what a failover refuses before its first move
def refuse_to_leave(estate: Estate, options: Options) -> None:
    """The primary site is left only when it is gone, or on purpose, and for a copy that follows it.

    Raises one of the refusals of a failover.
    """
    if not estate.backup.restoring:
        raise refusals.follows_nobody(estate.backup)
    if estate.backup.role is not None:
        raise shared.mirrored(estate)
    if options.mode == "planned":
        _refuse_switchover(estate)
    else:
        _refuse_disaster(estate, options)


def _refuse_disaster(estate: Estate, options: Options) -> None:
    """Unreachable is not dead, and one partner alive is no disaster."""
    if estate.principal is not None:
        raise refusals.primary_alive(estate.principal.host)
    refuse_unless_silent(estate.primary_pair, options, "failover_unasked")
    if estate.living_mirror is not None:
        raise refusals.mirror_alive(estate.living_mirror)
    if estate.seen_from:
        raise refusals.primary_seen(estate)


def _refuse_switchover(estate: Estate) -> None:
    """What a planned switchover needs later is looked at before anybody is kept out."""
    principal = estate.principal
    if principal is None:
        if not any(copy.restoring and copy.tail for copy in estate.primary_pair):
            raise refusals.primary_not_online(estate)
        return
    refuse_unmirrored(principal)
    if principal.sees_logs is False:
        raise refusals.share_unseen(principal)
    refuse_full_share(estate, principal)
    if estate.chain is not None:
        _refuse_where_no_tail_fits(estate, estate.chain, principal)
    _refuse_beside_a_longer_copy(estate)


def _refuse_beside_a_longer_copy(estate: Estate) -> None:
    """The former mirror of a principal that was restored from before: behind the stop the backup
    copy would not be put to work, since somebody else holds more.
    """
    pair = estate.lonely_pair
    if pair is None or not pair[1].waits_alone:
        return
    principal, other = pair
    left_at = estate.left_before(other.redo_lsn or 0, other.fork)
    if left_at is not None:
        raise refusals.former_mirror_holds_more(principal, other, left_at)


def _refuse_where_no_tail_fits(estate: Estate, chain: Chain, principal: Copy) -> None:
    """The tail must begin where the backup copy can come to, on the same history."""
    begins = principal.last_backup_lsn
    if chain.parted is not None:
        raise refusals.copy_parted(principal, estate.backup, chain.parted)
    if chain.astray:
        raise refusals.copy_astray(principal, estate.backup, chain.fork)
    if begins is not None and chain.reached < begins:
        raise refusals.gap_before_tail(principal, estate.backup, chain.reached)


# -- up to the one-way door
@calls_for("declare_intent")
def declare_again(estate: Estate, options: Options) -> Move | None:
    """What may be lost is counted from the declared time; it is told anew while clients can write.

    The declared time stands for the moment from which nobody could write; while servers accept
    clients, that moment has not come.
    """
    declared = estate.intent
    if declared is None or estate.active == () or not options.now or declared.at >= options.now:
        return None
    return Move(
        name="declare_intent",
        why=f"It was declared at {declared.at}, and clients could write since; what may be lost is"
        " counted from now.",
        host=estate.backup.host,
        args={
            "target": options.target,
            "id": declared.id,
            "operator": options.operator,
            "at": options.now,
            "replaces": declared.as_dict(),
        },
    )


@calls_for("unmirror")
def unmirror_primary(estate: Estate, options: Options) -> Move | None:
    """Planned: the session of the primary pair ends, because the tail of a mirrored database cannot
    be backed up.
    """
    principal = _to_be_stopped(estate, options)
    if principal is None:
        return None
    return to_unmirror(
        principal,
        why="The tail of a mirrored database cannot be backed up; the failback makes the mirror of"
        f" {principal.host} again.",
    )


@calls_for("back_up_tail")
def stop_primary(estate: Estate, options: Options) -> Move | None:
    """Planned: the principal's last log is saved, and its copy stops in the same statement."""
    principal = _to_be_stopped(estate, options)
    if principal is None:
        return None
    return Move(
        name="back_up_tail",
        why=f"The last log of {principal.host} goes to the share, and its copy stops: nothing is"
        " lost, nobody can write to it any more.",
        host=principal.host,
        args={"id": attempt_of(estate, options)},
    )


def _to_be_stopped(estate: Estate, options: Options) -> Copy | None:
    return estate.principal if options.mode == "planned" else None


@calls_for()
def weigh_loss(estate: Estate, options: Options) -> Move | None:
    """Refused where more would be lost than the operator allows."""
    refuse_to_pass_by(estate)
    refuse_to_lose(estate, options)
    return None


@calls_for("copy_logs")
def copy_logs(estate: Estate, options: Options) -> Move | None:
    """The copy job brings what is on the share only."""
    backup = estate.backup
    waiting = estate.uncopied
    if not (backup.linked and backup.copy_job and backup.agent and waiting):
        return None
    are = "are" if len(waiting) > 1 else "is"
    return Move(
        name="copy_logs",
        why=f"{plural(len(waiting), 'log backup')} {are} on the share only; the copy job brings"
        " what it can.",
        host=backup.host,
        args={"job": backup.copy_job, "names": [log.name for log in waiting]},
    )


@calls_for("unlink_log_shipping")
def unlink_log_shipping(estate: Estate, options: Options) -> Move | None:
    """No job may restore beside us, and none must wait for the lost primary."""
    if not estate.backup.linked:
        return None
    return Move(
        name="unlink_log_shipping",
        why="No job may restore beside us, and none must wait for the lost primary.",
        host=estate.backup.host,
    )


@calls_for("restore_logs")
def restore_logs(estate: Estate, options: Options) -> Move | None:
    """Every log backup that continues the copy's log is applied, by LSN and recovery fork."""
    chain = estate.chain
    if chain is None or not chain.apply:
        return None
    are = "are" if len(chain.apply) > 1 else "is"
    return Move(
        name="restore_logs",
        why=f"{plural(len(chain.apply), 'log backup')} up to LSN {chain.reached} {are} not applied"
        " yet.",
        host=estate.backup.host,
        args={
            "files": [file_of(log) for log in chain.apply],
            "reached": str(chain.reached),
            "fork": chain.fork,
        },
    )


@calls_for("recover_database")
def recover_database(estate: Estate, options: Options) -> Move | None:
    """The backup copy is put to work, and our record says on which fork: the one-way door."""
    backup = estate.backup
    return Move(
        name="recover_database",
        why=f"Everything that can be applied is applied, up to LSN {backup.redo_lsn}; from"
        f" here on {backup.host} has the truth.",
        host=backup.host,
        args={"expect_lsn": str(backup.redo_lsn), "id": attempt_of(estate, options)},
    )


# -- after it
def _refuse_split_brain(estate: Estate) -> None:
    """Raises ``split_brain`` where clients may be writing to either site's copy."""
    principal = estate.principal
    if principal is None or not estate.active:
        return
    if estate.pool_state == "Normal" and estate.store == "central":
        raise refusals.split_brain(principal, estate.backup, len(estate.active))


@calls_for("open_copy")
def open_backup(estate: Estate, options: Options) -> Move | None:
    """The copy in use is opened to the chat servers, where a run was cut off before it was."""
    return to_open(estate.backup)


@calls_for("fence")
def fence_again(estate: Estate, options: Options) -> Move | None:
    """A store that was moved knows an older list of active servers: it is emptied first."""
    if estate.pool_state == "FailedOver" or not estate.active:
        return None
    return fence(estate, options)


@calls_for("set_pool_failed_over")
def set_pool_failed_over(estate: Estate, options: Options) -> Move | None:
    """The pool uses its backup store."""
    if estate.pool_state == "FailedOver":
        return None
    return Move(
        name="set_pool_failed_over",
        why="The pool still uses its primary store.",
        host=estate.management,
    )


@calls_for("silence_old_primary")
def silence_old_primary(estate: Estate, options: Options) -> Move | None:
    """An old primary that is back stops writing log backups of a dead fork to the share."""
    loud = _loud(estate)
    if loud is None:
        return None
    return Move(
        name="silence_old_primary",
        why=f"{loud.host} answers again and would go on writing log backups of a dead fork to the"
        " share.",
        host=loud.host,
    )


def _loud(estate: Estate) -> Copy | None:
    for copy in estate.primary_pair:
        if copy.answers and copy.ships_enabled:
            return copy
    return None


@calls_for("unmirror")
def unmirror_half(estate: Estate, options: Options) -> Move | None:
    """Half of a session that the other side left is ended."""
    mirror = _free_mirror(estate, options)
    return None if mirror is None else to_end_half(mirror)


@calls_for("mirror_backup")
def mirror_backup(estate: Estate, options: Options) -> Move | None:
    """The copy in use gets a mirror of its own, unless the operator leaves it out."""
    mirror = _free_mirror(estate, options)
    if mirror is None or not _can_seed(estate.backup, mirror):
        return None
    return Move(
        name="mirror_backup",
        why=f"{estate.backup.host} holds the only copy; {mirror.host} can hold a second one.",
        host=estate.management,
        args={"replace": mirror.state is not None},
    )


def _free_mirror(estate: Estate, options: Options) -> Copy | None:
    """The backup's mirror, where it is wanted, answers, and the copy in use has none."""
    mirror = estate.backup_mirror
    if not options.mirror_backup or mirror is None or not mirror.answers:
        return None
    return mirror if estate.backup.role is None else None


def _can_seed(*copies: Copy) -> bool:
    """A mirror is seeded over the share of the seeds; clients do not wait for one that cannot be
    made.
    """
    return all(copy.sees_seeds is not False for copy in copies)


@calls_for("set_witness")
def set_backup_witness(estate: Estate, options: Options) -> Move | None:
    """The session of the backup pair gets its witness."""
    if not options.mirror_backup:
        return None
    return to_set_witness(estate, "backup", estate.backup, estate.backup_mirror)


@calls_for("restart_servers")
def start_backup_servers(estate: Estate, options: Options) -> Move | None:
    """Servers of the backup site that do not run are started."""
    return to_start(estate, ("backup",))


@calls_for("restart_servers")
def restart_backup_servers(estate: Estate, options: Options) -> Move | None:
    """Servers of the backup site that began before the mirror was made are started again."""
    return to_restart(estate, estate.backup_mirror, ("backup",))


@calls_for("set_active_servers")
def let_clients_in(estate: Estate, options: Options) -> Move | None:
    """Servers of the backup site accept clients."""
    wanted = options.active_failed_over
    return to_set_active(
        estate,
        wanted,
        why=f"{len(wanted)} servers of the backup site are to accept clients.",
    )


#: Up to the one-way door.
ORDER: tuple[Rule, ...] = (
    declare_intent,
    declare_again,
    reach_central_store,
    fence,
    unmirror_primary,
    stop_primary,
    weigh_loss,
    copy_logs,
    unlink_log_shipping,
    restore_logs,
    recover_database,
)
_FIRST: tuple[Rule, ...] = (declare_intent, *LEAD_THE_BACKUP_PAIR)
_SWITCH: tuple[Rule, ...] = (
    reach_central_store,
    open_backup,
    fence_again,
    set_pool_failed_over,
)
_SERVICE: tuple[Rule, ...] = (start_backup_servers, let_clients_in)
_PROTECTION: tuple[Rule, ...] = (
    silence_old_primary,
    unmirror_half,
    mirror_backup,
    set_backup_witness,
    restart_backup_servers,
)
#: Once the backup copy was put to work, by the option order: what is documented makes the mirror
#: before it lets clients in. The intent is cleared when nothing but its declaration is left.
ORDERS_AFTER_THE_DOOR: dict[str, tuple[Rule, ...]] = {
    "service": (*_FIRST, *_SWITCH, *_SERVICE, *_PROTECTION),
    "documented": (*_FIRST, *_SWITCH, *_PROTECTION, *_SERVICE),
}
