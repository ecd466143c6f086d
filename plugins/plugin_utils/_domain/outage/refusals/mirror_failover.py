"""What a mirror failover refuses. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from collections.abc import Sequence

from ...._engine.errors import Refused
from ...words import put_to_work_by_hand
from ..copies import Copy
from ..estate import Intent


def failed_over(backup: Copy) -> Refused:
    """The primary pair is not in use."""
    return Refused(
        f"The pool's backup copy on {backup.host} was put to work; the primary pair is"
        " not in use. Use failback.yml.",
        code="failed_over",
        where=backup.host,
    )


def intent_conflict(pool: str, declared: Intent) -> Refused:
    """Somebody is on the way, and this is not what they were sent to do."""
    return Refused(
        f"{declared.operator} declared a {declared.target} of {pool} at"
        f" {declared.at}, and it has not ended. Finish it by running"
        f" {declared.target}.yml again.",
        code="intent_conflict",
        intent=declared.as_dict(),
    )


def target_unreachable(target: Copy) -> Refused:
    """Whoever is to become the principal cannot be asked."""
    return Refused(
        f"{target.host}, which is to be the principal, does not answer or cannot be read:"
        f" {target.why}.",
        code="target_unreachable",
        where=target.host,
    )


def not_mirrored(database: str, target: Copy) -> Refused:
    """Without a session there are no roles."""
    return Refused(
        f"{database} is not mirrored on {target.host}, so there are no roles to switch. Mirror"
        " it first (site.yml).",
        code="not_mirrored",
        where=target.host,
    )


def principal_unreachable(database: str, principal: Copy, target: Copy) -> Refused:
    """Whoever would give its role away is silent, and nobody said that service may be forced."""
    return Refused(
        f"{principal.host}, the principal of {database}, does not answer ({principal.why}), so a"
        " switch cannot be asked of it. With a witness SQL Server would have switched by itself. If"
        f" it is gone for good, mirror_failover_force: true makes {target.host} the principal;"
        " what had not been sent to it is lost.",
        code="principal_unreachable",
        where=principal.host,
    )


def partner_alive(database: str, principal: Copy, target: Copy) -> Refused:
    """The mirror still sees its partner."""
    return Refused(
        f"{target.host} still sees its partner {principal.host} (the session of {database} is"
        f" {target.mirroring}): it is alive, only this controller does not reach it. Service is"
        " not forced.",
        code="partner_alive",
        where=target.host,
    )


def partner_went_on(database: str, other: Copy, target: Copy) -> Refused:
    """``partner_alive``: the session that the mirror waits for was ended while it was away."""
    return Refused(
        f"{database} on {other.host} is online and in no session; {target.host} still waits in one"
        f" that has ended, and lacks what {other.host} wrote since. Service is not forced:"
        " failback.yml makes the mirror anew.",
        code="partner_alive",
        where=target.host,
    )


def partner_stopped(database: str, other: Copy, target: Copy) -> Refused:
    """``mirror_behind``: the partner holds more, and so does the tail that stopped it."""
    return Refused(
        f"{database} on {other.host} was stopped by a backup of its last log, in which stands what"
        f" {target.host} lacks. Service is not forced: run the playbook again that was begun, or"
        " failover.yml.",
        code="mirror_behind",
        where=target.host,
    )


def partner_holds_more(database: str, other: Copy, target: Copy) -> Refused:
    """``mirror_behind``: the same of a partner of which nobody tells who stopped it, because the
    tail and its history are gone.
    """
    return Refused(
        f"{database} on {other.host} is in no session and waits for log at LSN {other.redo_lsn};"
        f" {target.host} still waits in one that has ended, and lacks what {other.host} wrote"
        " since. Service is not forced: failover.yml says how what it holds is kept.",
        code="mirror_behind",
        where=target.host,
    )


def partner_unplaced(database: str, other: Copy, target: Copy) -> Refused:
    """``mirror_behind``: the same of a partner on a history that nobody can place."""
    return Refused(
        f"{database} on {other.host} is in no session and waits for log on recovery fork"
        f" {other.fork}, {target.host} in a session that has ended on {target.fork}; nothing tells"
        " which of them was in use later. Service is not forced. Bring the files of log shipping"
        f" back, which tell it. If you know that it is {other.host},"
        f" {put_to_work_by_hand(other.host, database)}; if you know that it is not, stop the SQL"
        " Server there and run this again.",
        code="mirror_behind",
        where=target.host,
    )


def mirror_behind(target: Copy, backup: Copy) -> Refused:
    """The mirror lacks what was shipped already."""
    return Refused(
        f"mgc on {target.host} stands at LSN {target.redo_lsn}, and {backup.host} has the"
        f" log up to LSN {backup.redo_lsn} already, or can get a tail beyond it: this mirror"
        " stopped following long ago. Service is not forced; if the principal is gone for good, use"
        " failover.yml.",
        code="mirror_behind",
        where=target.host,
    )


def primary_seen(principal: Copy, seen_from: Sequence[str]) -> Refused:
    """Somebody else reaches the principal."""
    return Refused(
        f"{principal.host} does not answer this controller, but {'; '.join(seen_from)}: it is not"
        " gone. The controller is cut off, or it is WinRM alone that does not answer there (repair"
        " it on the host: winrm quickconfig). Service is not forced.",
        code="primary_seen",
        seen_from=list(seen_from),
    )
