"""Mirror failover: the other partner inside the primary data centre is to be the principal, for
every mirrored database of the pool. FOR INTERNAL COLLECTION USE ONLY.

Asked of the principal it loses nothing and needs a synchronized session with safety FULL; forced on
the mirror, when the principal is gone, it loses what had not been sent (ALTER DATABASE database
mirroring reference).
"""

from __future__ import annotations

import dataclasses
import typing as t

from .chain import LogBackup
from .copies import PARTNERS, Copy
from .estate import Estate
from .moves import Move
from .options import Options
from .prerequisites import (
    refuse_lost_principal,
    refuse_two_principals,
    refuse_unless_silent,
    refuse_without_backup,
)
from .refusals import mirror_failover as refusals
from .refusals import shared
from .rules import Rule, calls_for, first_of


def next_move(estate: Estate, options: Options) -> Move | None:
    """What is to be done next, None at the goal.

    Refused with a code and a sentence when it must not be done.
    """
    refuse_without_backup(estate)
    if estate.recovered:
        raise refusals.failed_over(estate.backup_in_use)
    refuse_lost_principal(estate)
    refuse_two_principals(estate)
    if estate.intent is not None and not _is_its_remedy(estate, options):
        raise refusals.intent_conflict(estate.pool, estate.intent)
    return first_of(ORDER, estate, options)


def _is_its_remedy(estate: Estate, options: Options) -> bool:
    """What was declared cannot go on without a principal, or with the mirror as the principal:
    those who declared it were sent here.
    """
    return estate.principal is None or estate.principal.slot in (options.to, "mirror")


@calls_for("resume_session", "switch_principal", "force_service")
def switch_content(estate: Estate, options: Options) -> Move | None:
    """The partner that was named becomes the principal of mgc; a session that was forced before is
    resumed first.
    """
    return _switch(estate, options, "mgc", estate.copies)


@calls_for("resume_session", "switch_principal", "force_service")
def switch_compliance(estate: Estate, options: Options) -> Move | None:
    """The same for mgccomp, where the pool has compliance and mirrors it."""
    return _switch(estate, options, "mgccomp", estate.compliance)


@dataclasses.dataclass(frozen=True)
class _Session:
    """One database's mirroring session: who is to be the principal, and the other partner."""

    database: str
    target: Copy
    other: Copy


def _switch(
    estate: Estate, options: Options, database: str, copies: t.Mapping[str, Copy]
) -> Move | None:
    target = copies.get(options.to)
    other = copies.get(PARTNERS[options.to])
    if target is None or other is None:
        return None
    session = _Session(database, target, other)
    if not target.answers:
        raise refusals.target_unreachable(target)
    if target.role is None:
        if database == "mgccomp":
            return None  # compliance need not be mirrored
        raise refusals.not_mirrored(database, target)
    if target.role == "PRINCIPAL":
        return _resume(database, principal=target, mirror=other)
    if other.answers and other.role == "PRINCIPAL":
        return _resume(database, principal=other, mirror=target) or _ask(session, options)
    _refuse_to_force(estate, options, session)
    return Move(
        name="force_service",
        why=f"{other.host} is gone; {target.host} becomes the principal of {database}, and what it"
        " was not sent is lost.",
        host=target.host,
        args={"database": database},
    )


def _resume(database: str, principal: Copy, mirror: Copy) -> Move | None:
    """A session is suspended when the old principal comes back after service was forced; somebody
    must decide that it becomes the mirror.
    """
    if "SUSPENDED" not in (principal.mirroring, mirror.mirroring) or not mirror.answers:
        return None
    return Move(
        name="resume_session",
        why=f"{mirror.host} came back after service was forced; the session of {database} waits to"
        f" be resumed, and what only {mirror.host} held is given up then.",
        host=principal.host,
        args={"database": database},
    )


def _ask(session: _Session, options: Options) -> Move:
    """The principal is asked to give its role away. Raises ``not_synchronized``."""
    target = session.target
    if not target.synchronized_fully:
        raise shared.not_synchronized(session.database, target)
    return Move(
        name="switch_principal",
        why=f"{session.other.host} is the principal of {session.database}, {target.host} is"
        " synchronized with it.",
        host=session.other.host,
        args={"database": session.database, "to": options.to},
    )


def _refuse_to_force(estate: Estate, options: Options, session: _Session) -> None:
    """Service is forced only when the principal is gone, the operator says so, and the mirror
    followed it to the end.

    Raises ``primary_refuses``, ``principal_unreachable``, ``partner_alive``, ``mirror_behind`` or
    ``primary_seen``.
    """
    database = session.database
    target = session.target
    other = session.other
    _refuse_what_was_left_behind(estate, session)
    refuse_unless_silent((other,), options, "mirror_failover_unasked")
    if not options.force:
        raise refusals.principal_unreachable(database, other, target)
    if target.mirroring != "DISCONNECTED":
        raise refusals.partner_alive(database, other, target)
    if database == "mgc" and estate.is_behind(target):
        raise refusals.mirror_behind(target, estate.backup)
    seen = [sentence for sentence in estate.seen_from if sentence.endswith(other.host)]
    if seen:
        raise refusals.primary_seen(other, seen)


def _refuse_what_was_left_behind(estate: Estate, session: _Session) -> None:
    """A partner that is online without a session, was stopped by a tail of its log, or waits for
    log further on has left this mirror behind; on a history that nobody can place it may have.
    Raises ``partner_alive`` or ``mirror_behind``.
    """
    other = session.other
    if other.online:
        raise refusals.partner_went_on(session.database, other, session.target)
    if other.stopped_by_tail:
        raise refusals.partner_stopped(session.database, other, session.target)
    if estate.outruns(other, session.target):
        raise refusals.partner_holds_more(session.database, other, session.target)
    if other.waits_alone and estate.are_strangers(other, session.target):
        raise refusals.partner_unplaced(session.database, other, session.target)


@calls_for("check_log_shipping")
def check_log_shipping(estate: Estate, options: Options) -> Move | None:
    """Log shipping must go on from the new principal: proven once, by one log that arrives."""
    principal = estate.principal
    if principal is None or not _is_shipped(principal, estate):
        return None
    newest = _newest(estate.logs)
    if newest is not None and newest.server == principal.server:
        return None
    writer = "nobody" if newest is None else newest.server
    return Move(
        name="check_log_shipping",
        why=f"The newest log backup was written by {writer}; the log of {principal.host} is to"
        f" reach {estate.backup.host} as well.",
        host=principal.host,
    )


def _is_shipped(principal: Copy, estate: Estate) -> bool:
    """Jobs carry the principal's log to the backup, and the share shows it."""
    jobs_run = principal.agent and estate.backup.agent
    linked = principal.ships_enabled and estate.backup.linked
    return linked and jobs_run and estate.logs_why is None


def _newest(logs: t.Iterable[LogBackup]) -> LogBackup | None:
    readable = [log for log in logs if log.error is None and log.at]
    return max(readable, key=lambda log: str(log.at), default=None)


ORDER: tuple[Rule, ...] = (switch_content, switch_compliance, check_log_shipping)
