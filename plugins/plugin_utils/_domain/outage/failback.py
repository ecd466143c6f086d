"""Failback: the pool is to run on the primary copy again, mirrored, with its logs shipped to the
backup. FOR INTERNAL COLLECTION USE ONLY.

It also calls off a failover that has not recovered the backup copy. The truth travels as a full
backup and then the tail of the log: the backup's copy stops writing in the same statement that
saves its last record, so that at no time two copies are online, and afterwards it goes on as the
secondary without being seeded again (sql-docs: change roles between primary and secondary log
shipping servers). The failback page restores one full backup with the list of active servers empty,
and that order can be chosen.
"""

from __future__ import annotations

from .copies import Copy
from .estate import Estate
from .homecoming import (
    ORDER_WITHOUT_A_COPY,
    ORDERS_OF_THE_WAY_HOME,
    refuse_way_home,
    to_keep,
    waits_for_tail,
)
from .moves import Move
from .options import Options
from .prerequisites import (
    attempt_of,
    clear_intent,
    declare_intent,
    reach_central_store,
    refuse_to_overwrite,
    refuse_unclear_truth,
    refuse_unmirrored,
    refuse_without_backup,
    to_end_half,
    to_open,
    to_restart,
    to_set_active,
    to_set_witness,
    to_start,
)
from .refusals import failback as refusals
from .rules import Rule, calls_for, first_of


def next_move(estate: Estate, options: Options) -> Move | None:
    """What is to be done next, None at the goal.

    Refused with a code and a sentence when it must not be done.
    """
    refuse_without_backup(estate)
    if not estate.primary.answers:
        raise refusals.primary_unreachable(estate.primary)
    refuse_unclear_truth(estate)
    if estate.recovered:
        refuse_way_home(estate, options)
        return first_of(ORDERS_OF_THE_WAY_HOME[options.order], estate, options)
    if not estate.backup.restoring:
        raise refusals.nothing_to_return_from(estate.backup)
    if estate.backup_vanished:
        raise refusals.copy_vanished(estate.backup)
    if estate.principal is None or waits_for_tail(estate):
        return _open_primary(estate, options)
    return _rebuild(estate, options)


def _open_primary(estate: Estate, options: Options) -> Move:
    """No copy is online: the tail of one is to be applied to the other, or a planned switchover
    stopped half-way and is called off.
    """
    found = first_of(ORDER_WITHOUT_A_COPY, estate, options)
    if found is None:
        raise refusals.no_copy_online(estate)
    return found


def _rebuild(estate: Estate, options: Options) -> Move | None:
    """A copy of the primary site is online and has the truth: what is missing for the estate that
    site.yml builds.
    """
    refuse_unmirrored(estate.principal)
    if estate.lonely_pair is not None:
        refuse_to_overwrite(estate, *estate.lonely_pair)
    left = first_of(ORDERS_OF_REBUILDING[options.order], estate, options)
    if left is None:
        return clear_intent(estate, "The failback is complete.")
    return declare_intent(estate, options) or left


# -- service
@calls_for("open_copy")
def open_principal(estate: Estate, options: Options) -> Move | None:
    """The copy in use is opened to the chat servers, where a run was cut off before it was."""
    return None if estate.principal is None else to_open(estate.principal)


@calls_for("set_pool_normal")
def set_pool_normal(estate: Estate, options: Options) -> Move | None:
    """The pool uses its primary store."""
    if estate.pool_state == "Normal":
        return None
    return Move(
        name="set_pool_normal",
        why="The pool still uses its backup store.",
        host=estate.management,
    )


@calls_for("restart_servers")
def start_all_servers(estate: Estate, options: Options) -> Move | None:
    """Servers that do not run are started."""
    return to_start(estate, ("primary", "backup"))


@calls_for("set_active_servers")
def let_clients_in(estate: Estate, options: Options) -> Move | None:
    """Servers of the primary site accept clients."""
    wanted = options.active_normal
    why = f"{len(wanted)} servers are to accept clients."
    return to_set_active(estate, wanted, why)


# -- log shipping
def _ships(estate: Estate) -> bool:
    principal = estate.principal
    return principal is not None and estate.backup.linked and principal.ships_enabled


def _mirror_in_use(estate: Estate) -> Copy | None:
    """The mirror's copy where it is the principal, and nothing ships its log."""
    principal = estate.principal
    if principal is None or principal.slot == "primary" or _ships(estate):
        return None
    return principal


@calls_for("switch_principal")
def switch_to_primary(estate: Estate, options: Options) -> Move | None:
    """Log shipping begins at the primary: a synchronized mirror in use gives the role back."""
    mirror = _mirror_in_use(estate)
    if mirror is None:
        return None
    why = (
        f"{mirror.host} became the principal; log shipping is set up from {estate.primary.host},"
        " which is synchronized."
    )
    return _to_switch_back("mgc", mirror, estate.primary, why)


def _to_switch_back(database: str, there: Copy, here: Copy, why: str) -> Move | None:
    """The mirror gives the role back to the primary, where that answers and nothing can be lost."""
    if not there.synchronized_fully or not here.answers:
        return None
    return Move(
        name="switch_principal",
        why=why,
        host=there.host,
        args={"database": database, "to": "primary"},
    )


@calls_for("unmirror", "mirror_to_primary")
def pair_up_to_switch(estate: Estate, options: Options) -> Move | None:
    """A mirror in use that is alone gets the primary for its mirror; refused when it cannot."""
    mirror = _mirror_in_use(estate)
    if mirror is None:
        return None
    found = first_of(PAIRING_UP, estate, options)
    if found is None:
        raise refusals.mirror_is_principal(mirror, estate.primary)
    return found


@calls_for("link_log_shipping")
def link_log_shipping(estate: Estate, options: Options) -> Move | None:
    """The primary's log is shipped to the backup; its copy goes on from where it stands, when it
    can.
    """
    if _ships(estate):
        return None
    return Move(
        name="link_log_shipping",
        why=f"Nothing ships the log of {estate.primary.host} to {estate.backup.host} yet.",
        args={"reseed": not _continues(estate)},
    )


def _continues(estate: Estate) -> bool:
    """Whether the restoring copy can go on from where it stands: it ended by our tail, or the log
    since is on the share.
    """
    chain = estate.chain
    goal = estate.principal.last_backup_lsn if estate.principal else None
    return chain is not None and goal is not None and chain.sound_to >= goal


@calls_for("link_log_shipping_of_mirror")
def link_log_shipping_of_mirror(estate: Estate, options: Options) -> Move | None:
    """Log shipping is set up on the mirror as well, for the day on which it is the principal."""
    mirror = estate.mirror
    if not mirror.answers or estate.primary.role is None or mirror.ships_enabled:
        return None
    if "SUSPENDED" in (estate.primary.mirroring, mirror.mirroring):
        # Roles cannot switch until somebody resumes it, and gives up what only one side has.
        return None
    return Move(
        name="link_log_shipping_of_mirror",
        why=f"Log shipping must go on when {mirror.host} becomes the principal.",
    )


@calls_for("switch_principal")
def end_on_primary(estate: Estate, options: Options) -> Move | None:
    """The switch there and back by which the mirror learned to ship may have been cut off between
    the two. A mirror that is in use without a failback under way stays so.
    """
    mirror = estate.principal
    declared = estate.intent
    if mirror is None or mirror.slot == "primary":
        return None
    if declared is None or declared.target != "failback":
        return None
    why = (
        f"{mirror.host} is the principal; the pool ends on {estate.primary.host}, which is"
        " synchronized."
    )
    return _to_switch_back("mgc", mirror, estate.primary, why)


# -- the mirror
@calls_for("unmirror")
def unmirror_half(estate: Estate, options: Options) -> Move | None:
    """Half of a session that the other side left is ended."""
    for copy in estate.lonely_pair or ():
        if copy.role is not None:
            return to_end_half(copy)
    return None


def _returned_mirror(estate: Estate) -> Copy | None:
    """An old copy that came back online on the mirror's SQL Server beside the primary."""
    pair = estate.lonely_pair
    if pair is None:
        return None
    alone, other = pair
    return other if alone.slot == "primary" and other.online else None


@calls_for("unlink_old_primary")
def unlink_returned_mirror(estate: Estate, options: Options) -> Move | None:
    """An old copy beside the primary stops shipping logs of a dead fork."""
    returned = _returned_mirror(estate)
    if returned is None or not returned.ships:
        return None
    return Move(
        name="unlink_old_primary",
        why=f"{returned.host} still ships logs of a dead fork; log shipping is set up anew when it"
        " is the mirror.",
        host=returned.host,
    )


@calls_for("keep_old_copy")
def keep_returned_mirror(estate: Estate, options: Options) -> Move | None:
    """It is backed up before it is replaced."""
    returned = _returned_mirror(estate)
    return None if returned is None else to_keep(returned, attempt_of(estate, options))


@calls_for("mirror_primary", "mirror_to_primary")
def mirror_again(estate: Estate, options: Options) -> Move | None:
    """The copy in use gets its partner for a mirror."""
    pair = estate.lonely_pair
    if pair is None:
        return None
    alone, other = pair
    return Move(
        name="mirror_primary" if alone.slot == "primary" else "mirror_to_primary",
        why=f"{alone.host} holds the only online copy; {other.host} can mirror it.",
        args={"replace": other.state is not None},
    )


@calls_for("set_witness")
def set_witness(estate: Estate, options: Options) -> Move | None:
    """The session of the primary pair gets its witness."""
    principal = estate.principal
    partner = estate.partner_of(principal) if principal is not None else None
    return to_set_witness(estate, "primary", principal, partner)


# -- the rest
@calls_for("drop_leftover")
def drop_leftover(estate: Estate, options: Options) -> Move | None:
    """The copy that was the backup's mirror follows nobody any more and is dropped."""
    leftover = _leftover(estate)
    if leftover is None:
        return None
    return Move(
        name="drop_leftover",
        why=f"The copy on {leftover.host} was the backup's mirror and follows nobody any more.",
        host=leftover.host,
    )


def _leftover(estate: Estate) -> Copy | None:
    copy = estate.backup_mirror
    if copy is None or not copy.restoring or copy.role is not None:
        return None
    protected = estate.primary.role is not None or not estate.mirror.answers
    safe = estate.primary.online and estate.backup.linked and protected
    return copy if safe else None


@calls_for("switch_principal")
def switch_compliance(estate: Estate, options: Options) -> Move | None:
    """The compliance database returns to the primary, where its witness switched it.

    It stayed in the primary site while the pool was away.
    """
    here = estate.compliance.get("primary")
    there = estate.compliance.get("mirror")
    if here is None or there is None or not there.answers or there.role != "PRINCIPAL":
        return None
    why = (
        f"{there.host} became the principal of mgccomp when the site was lost; {here.host} is the"
        " preferred one."
    )
    return _to_switch_back("mgccomp", there, here, why)


@calls_for("restart_servers")
def restart_all_servers(estate: Estate, options: Options) -> Move | None:
    """Servers that began before the mirror was made are started again."""
    return to_restart(estate, estate.mirror, ("primary", "backup"))


PAIRING_UP: tuple[Rule, ...] = (
    unmirror_half,
    unlink_returned_mirror,
    keep_returned_mirror,
    mirror_again,
)
_LOG_SHIPPING: tuple[Rule, ...] = (switch_to_primary, pair_up_to_switch, link_log_shipping)
_FIRST: tuple[Rule, ...] = (open_principal, reach_central_store)
_SERVICE: tuple[Rule, ...] = (start_all_servers, let_clients_in)
_PROTECTION: tuple[Rule, ...] = (
    *PAIRING_UP,
    set_witness,
    # Before anything is switched to the mirror: servers that do not know it would serve nobody.
    restart_all_servers,
    link_log_shipping_of_mirror,
    end_on_primary,
    drop_leftover,
    switch_compliance,
)
#: Once a copy of the primary site is online, by the option order: what is documented ships logs
#: first, and lets clients in before the pool is Normal. The intent is declared before any of it,
#: and cleared at the end.
ORDERS_OF_REBUILDING: dict[str, tuple[Rule, ...]] = {
    "service": (*_FIRST, set_pool_normal, *_SERVICE, *_LOG_SHIPPING, *_PROTECTION),
    "documented": (*_FIRST, *_LOG_SHIPPING, *_SERVICE, set_pool_normal, *_PROTECTION),
}
