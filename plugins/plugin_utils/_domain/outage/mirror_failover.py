"""Mirror failover: the other partner inside the primary data centre is to be the principal, for
every mirrored database of the pool. FOR INTERNAL COLLECTION USE ONLY.

Asked of the principal it loses nothing and needs a synchronized session with safety FULL; forced on
the mirror, when the principal is gone, it loses what had not been sent (ALTER DATABASE database
mirroring reference).
"""

from __future__ import annotations

from ..._engine.errors import Refused
from .estate import Copy, Estate
from .failover import require_one_principal
from .moves import Move, move
from .options import Options
from .prerequisites import require_backup, require_silence

_OTHER = {"primary": "mirror", "mirror": "primary"}


def next_move(estate: Estate, options: Options) -> Move | None:
    """What is to be done next, None at the goal.

    Refused with a code and a sentence when it must not be done.
    """
    require_backup(estate)
    if estate.recovered:
        raise Refused(
            f"The pool's backup copy on {estate.backup.host} was put to work; the primary pair is"
            " not in use. Use failback.yml.",
            code="failed_over",
            where=estate.backup.host,
        )
    require_one_principal(estate)
    if estate.intent is not None and not _is_its_remedy(estate, options):
        raise Refused(
            f"{estate.intent.operator} declared a {estate.intent.target} of {estate.pool} at"
            f" {estate.intent.at}, and it has not ended. Finish it by running"
            f" {estate.intent.target}.yml again.",
            code="intent_conflict",
            intent=estate.intent.as_dict(),
        )
    for database, copies in (("mgc", estate.copies), ("mgccomp", estate.compliance)):
        if options.to in copies and _OTHER[options.to] in copies:
            found = _of_one(
                estate, options, database, copies[options.to], copies[_OTHER[options.to]]
            )
            if found is not None:
                return found
    return _check(estate)


def _is_its_remedy(estate: Estate, options: Options) -> bool:
    """What was declared cannot go on without a principal, or with the mirror as the principal:
    those who declared it were sent here.
    """
    return estate.principal is None or estate.principal.slot in (options.to, "mirror")


def _of_one(
    estate: Estate, options: Options, database: str, target: Copy, other: Copy
) -> Move | None:
    if not target.answers:
        raise Refused(
            f"{target.host}, which is to be the principal, does not answer or cannot be read:"
            f" {target.why}.",
            code="target_unreachable",
            where=target.host,
        )
    if target.role is None:
        if database == "mgccomp":
            return None  # compliance need not be mirrored
        raise Refused(
            f"{database} is not mirrored on {target.host}, so there are no roles to switch. Mirror"
            " it first (site.yml).",
            code="not_mirrored",
            where=target.host,
        )
    if target.role == "PRINCIPAL":
        return _resume(database, target, other)
    if other.answers and other.role == "PRINCIPAL":
        resumed = _resume(database, other, target)
        if resumed is not None:
            return resumed
        if target.mirroring != "SYNCHRONIZED" or target.safety != "FULL":
            raise Refused(
                f"The session of {database} is {target.mirroring} with safety {target.safety};"
                " roles switch without loss only when it is SYNCHRONIZED with safety FULL. Wait"
                " until it is (status.yml tells), or look why it is not.",
                code="not_synchronized",
                where=target.host,
            )
        return move(
            "switch_principal",
            f"{other.host} is the principal of {database}, {target.host} is synchronized with it.",
            other.host,
            database=database,
            to=options.to,
        )
    require_silence((other,), options, "mirror_failover_unasked")
    if not options.force:
        raise Refused(
            f"{other.host}, the principal of {database}, does not answer ({other.why}), so a switch"
            " cannot be asked of it. With a witness SQL Server would have switched by itself. If"
            f" it is gone for good, mirror_failover_force: true makes {target.host} the principal;"
            " what had not been sent to it is lost.",
            code="principal_unreachable",
            where=other.host,
        )
    if target.mirroring != "DISCONNECTED":
        raise Refused(
            f"{target.host} still sees its partner {other.host} (the session of {database} is"
            f" {target.mirroring}): it is alive, only this controller does not reach it. Service is"
            " not forced.",
            code="partner_alive",
            where=target.host,
        )
    if database == "mgc" and estate.is_behind(target):
        raise Refused(
            f"mgc on {target.host} stands at LSN {target.redo_lsn}, and {estate.backup.host} has"
            f" the log up to LSN {estate.backup.redo_lsn} already: this mirror stopped following"
            " long ago. Service is not forced; if the principal is gone for good, use"
            " failover.yml.",
            code="mirror_behind",
            where=target.host,
        )
    seen = [s for s in estate.seen_from if s.endswith(other.host)]
    if seen:
        raise Refused(
            f"{other.host} does not answer this controller, but {'; '.join(seen)}: it is cut off,"
            " not gone. Service is not forced.",
            code="primary_seen",
            seen_from=seen,
        )
    return move(
        "force_service",
        f"{other.host} is gone; {target.host} becomes the principal of {database}, and what it was"
        " not sent is lost.",
        target.host,
        database=database,
    )


def _resume(database: str, principal: Copy, mirror: Copy) -> Move | None:
    """A session is suspended when the old principal comes back after service was forced; somebody
    must decide that it becomes the mirror.
    """
    if "SUSPENDED" not in (principal.mirroring, mirror.mirroring) or not mirror.answers:
        return None
    return move(
        "resume_session",
        f"{mirror.host} came back after service was forced; the session of {database} waits to be"
        f" resumed, and what only {mirror.host} held is given up then.",
        principal.host,
        database=database,
    )


def _check(estate: Estate) -> Move | None:
    """Log shipping must go on from the new principal: proven once by one log that arrives."""
    principal = estate.principal
    if (
        principal is None
        or not principal.ships_enabled
        or not estate.backup.linked
        or estate.logs_why is not None
        or not (principal.agent and estate.backup.agent)
    ):
        return None
    newest = max(
        (b for b in estate.logs if b.error is None and b.at),
        key=lambda backup: str(backup.at),
        default=None,
    )
    if newest is not None and newest.server == principal.server:
        return None
    return move(
        "check_log_shipping",
        f"The newest log backup was written by {newest.server if newest else 'nobody'}; the log of"
        f" {principal.host} is to reach {estate.backup.host} as well.",
        principal.host,
    )
