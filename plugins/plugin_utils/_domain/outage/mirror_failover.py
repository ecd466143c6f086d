"""Mirror failover: the other partner inside the primary data centre is to be the principal, for every mirrored database of the pool.
FOR INTERNAL COLLECTION USE ONLY.

Asked of the principal it loses nothing and needs a synchronized session with safety FULL; forced on the mirror, when the principal is
gone, it loses what had not been sent (ALTER DATABASE database mirroring reference).
"""
from __future__ import annotations

from ..._engine.errors import Refused
from .estate import Copy, Estate
from .failover import require_one_principal
from .moves import Move, move
from .options import Options
from .prerequisites import require_backup, require_silence

_OTHER = {"primary": "mirror", "mirror": "primary"}


def next_move(e: Estate, o: Options) -> Move | None:
    """What is to be done next, None at the goal. Refused with a code and a sentence when it must not be done."""
    require_backup(e)
    if e.recovered:
        raise Refused(f"The pool's backup copy on {e.backup.host} was put to work; the primary pair is not in use. Use failback.yml.", code="failed_over",
                      where=e.backup.host)
    require_one_principal(e)
    if e.intent is not None and not _is_its_remedy(e, o):
        raise Refused(f"{e.intent.operator} declared a {e.intent.target} of {e.pool} at {e.intent.at}, and it has not ended. Finish it by running "
                      f"{e.intent.target}.yml again.", code="intent_conflict", intent=e.intent.as_dict())
    for database, copies in (("mgc", e.copies), ("mgccomp", e.compliance)):
        if o.to in copies and _OTHER[o.to] in copies:
            found = _of_one(e, o, database, copies[o.to], copies[_OTHER[o.to]])
            if found is not None:
                return found
    return _check(e)


def _is_its_remedy(e: Estate, o: Options) -> bool:
    """What was declared cannot go on without a principal, or with the mirror as the principal: those who declared it were sent here."""
    return e.principal is None or e.principal.slot in (o.to, "mirror")


def _of_one(e: Estate, o: Options, database: str, target: Copy, other: Copy) -> Move | None:
    if not target.answers:
        raise Refused(f"{target.host}, which is to be the principal, does not answer or cannot be read: {target.why}.", code="target_unreachable",
                      where=target.host)
    if target.role is None:
        if database == "mgccomp":
            return None                                # compliance need not be mirrored
        raise Refused(f"{database} is not mirrored on {target.host}, so there are no roles to switch. Mirror it first (site.yml).", code="not_mirrored",
                      where=target.host)
    if target.role == "PRINCIPAL":
        return _resume(database, target, other)
    if other.answers and other.role == "PRINCIPAL":
        resumed = _resume(database, other, target)
        if resumed is not None:
            return resumed
        if target.mirroring != "SYNCHRONIZED" or target.safety != "FULL":
            raise Refused(f"The session of {database} is {target.mirroring} with safety {target.safety}; roles switch without loss only when it is "
                          "SYNCHRONIZED with safety FULL. Wait until it is (status.yml tells), or look why it is not.", code="not_synchronized",
                          where=target.host)
        return move("switch_principal", f"{other.host} is the principal of {database}, {target.host} is synchronized with it.", other.host, database=database,
                    to=o.to)
    require_silence((other,), o, "mirror_failover_unasked")
    if not o.force:
        raise Refused(f"{other.host}, the principal of {database}, does not answer ({other.why}), so a switch cannot be asked of it. With a witness SQL Server "
                      f"would have switched by itself. If it is gone for good, mirror_failover_force: true makes {target.host} the principal; what had not "
                      "been sent to it is lost.", code="principal_unreachable", where=other.host)
    if target.mirroring != "DISCONNECTED":
        raise Refused(f"{target.host} still sees its partner {other.host} (the session of {database} is {target.mirroring}): it is alive, only this controller "
                      "does not reach it. Service is not forced.", code="partner_alive", where=target.host)
    if database == "mgc" and e.is_behind(target):
        raise Refused(f"mgc on {target.host} stands at LSN {target.redo_lsn}, and {e.backup.host} has the log up to LSN {e.backup.redo_lsn} already: this "
                      "mirror stopped following long ago. Service is not forced; if the principal is gone for good, use failover.yml.", code="mirror_behind",
                      where=target.host)
    seen = [s for s in e.seen_from if s.endswith(other.host)]
    if seen:
        raise Refused(f"{other.host} does not answer this controller, but {'; '.join(seen)}: it is cut off, not gone. Service is not forced.",
                      code="primary_seen", seen_from=seen)
    return move("force_service", f"{other.host} is gone; {target.host} becomes the principal of {database}, and what it was not sent is lost.", target.host,
                database=database)


def _resume(database: str, principal: Copy, mirror: Copy) -> Move | None:
    """A session is suspended when the old principal comes back after service was forced; somebody must decide that it becomes the mirror."""
    if "SUSPENDED" not in (principal.mirroring, mirror.mirroring) or not mirror.answers:
        return None
    return move("resume_session", f"{mirror.host} came back after service was forced; the session of {database} waits to be resumed, and what only "
                f"{mirror.host} held is given up then.", principal.host, database=database)


def _check(e: Estate) -> Move | None:
    """Log shipping must go on from the new principal: proven once by one log that arrives."""
    principal = e.principal
    if principal is None or not principal.ships_enabled or not e.backup.linked or e.logs_why is not None or not (principal.agent and e.backup.agent):
        return None
    newest = max((b for b in e.logs if b.error is None and b.at), key=lambda b: str(b.at), default=None)
    if newest is not None and newest.server == principal.server:
        return None
    return move("check_log_shipping", f"The newest log backup was written by {newest.server if newest else 'nobody'}; the log of {principal.host} is to reach "
                f"{e.backup.host} as well.", principal.host)
