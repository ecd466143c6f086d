"""Whether what a failover would lose is what the operator accepts.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

from .copies import Copy
from .estate import Estate
from .loss import loss_of
from .options import Options
from .refusals import failover as refusals
from .tails import fits


def refuse_to_pass_by(estate: Estate) -> None:
    """A copy of the primary site that follows nobody and stands further than the backup copy can
    come: whatever is accepted, that would be lost for nothing.

    Raises ``position_unknown`` or ``stopped_copy_holds_more``.
    """
    if estate.backup.redo_lsn is None:
        raise refusals.position_unknown(estate.backup)
    chain = estate.chain
    if chain is None:
        return
    for copy in estate.primary_pair:
        if _stands_beyond(copy, chain.reached):
            _refuse_what_may_hold_more(copy, chain.reached, estate)


def _refuse_what_may_hold_more(copy: Copy, reached: int, estate: Estate) -> None:
    if copy.tail is not None:
        raise refusals.stopped_copy_holds_more(copy, reached)
    if copy.retired:
        return
    if _may_go_on_from(copy, estate):
        raise refusals.idle_copy_holds_more(copy, reached)
    if _may_be_later(copy, reached, estate):
        raise refusals.unplaced_copy_holds_more(copy, estate.backup, reached)


def _may_go_on_from(copy: Copy, estate: Estate) -> bool:
    """What it holds may continue the backup copy's history: it is known to be on the same one or a
    later one, or nobody knows the fork of either.
    """
    there = estate.backup.fork
    return fits(copy.fork, there) or estate.forks.follows(copy.fork, there)


def _may_be_later(copy: Copy, reached: int, estate: Estate) -> bool:
    """Nobody tells how its history belongs to the one of the backup copy. Where it is known that
    the pool left it, what it holds until then counts; what is going on may have stopped its
    partner, which is the one that was in use.
    """
    if estate.intent is not None and estate.partner_of(copy).tail == estate.intent.id:
        return False
    left_at = estate.left_before(copy.redo_lsn or 0, copy.fork)
    return estate.are_strangers(copy, estate.backup) and (left_at is None or left_at > reached)


def _stands_beyond(copy: Copy, reached: int) -> bool:
    return copy.restoring and copy.role is None and (copy.redo_lsn or 0) > reached


def refuse_to_lose(estate: Estate, options: Options) -> None:
    """Nothing is passed when the log cannot be followed to its end, or when more would be lost than
    the operator allows.

    Raises ``share_gone``, ``chain_...``, ``loss_unknown`` or ``loss_too_great``.
    """
    if options.data_loss == "accept":
        return
    loss = loss_of(estate)
    if estate.logs_why is not None:
        raise refusals.share_gone(estate.logs_why, loss)
    if estate.chain is not None and estate.chain.obstacle is not None:
        raise refusals.chain_ends(estate.chain.obstacle, loss)
    if loss.minutes is None:
        raise refusals.loss_unknown(loss)
    if loss.minutes > options.max_data_loss:
        raise refusals.loss_too_great(loss, options.max_data_loss)
