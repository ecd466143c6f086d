"""What every operation refuses: a sentence for whoever was called at night, and a stable code.

FOR INTERNAL COLLECTION USE ONLY.

Each function returns the refusal for its caller to raise: what was seen, why it matters, what to
do. ``docs/errors.md`` explains each code.
"""

from __future__ import annotations

from ...._engine.errors import Refused
from ...closed_by import Setting
from ..copies import Copy
from ..estate import Estate, Intent
from ..loss import Loss, foreign_text, stray_text
from ..moves import Move


def backup_unreachable(backup: Copy) -> Refused:
    """The SQL Server with the record of who is doing what cannot be read."""
    return Refused(
        f"{backup.host}, which holds the backup copy and the record of who is doing"
        f" what, does not answer or cannot be read: {backup.why}. Without it nothing can"
        " be decided; make it answer first.",
        code="backup_unreachable",
        where=backup.host,
    )


def no_backup_copy(backup: Copy) -> Refused:
    """The pool was never protected."""
    return Refused(
        f"There is no database mgc on {backup.host}: this pool has no backup copy. Build"
        " it first (site.yml).",
        code="no_backup_copy",
        where=backup.host,
    )


def seeds_unseen(copy: Copy, host: str) -> Refused:
    """``share_unseen``: what is to be seeded is another host."""
    return Refused(
        f"The SQL Server of {copy.host} does not see the share of the full backups, over which"
        f" {host} would be seeded. Nothing was changed. Bring the share back, or let its service"
        " account change files there, then run this again.",
        code="share_unseen",
        where=copy.host,
    )


def foreign_copy(estate: Estate) -> Refused:
    """``no_backup_copy``: what is there is of another family."""
    return Refused(
        f"{foreign_text(estate)} Protect the pool (site.yml), which seeds it again. If the pool"
        " runs on it all the same, compare the two by hand.",
        code="no_backup_copy",
        where=estate.backup.host,
        family=estate.backup.family,
        families=sorted(estate.families),
    )


def recovered_by_somebody(estate: Estate) -> Refused:
    """The backup copy is online, and no failover of ours put it to work."""
    fork_point = estate.backup.fork_point
    return Refused(
        f"{stray_text(estate)} Nobody is to work on it by accident. If it is left over, drop it"
        " and let site.yml seed it again. If the pool is to run on it, with the loss of"
        " everything later, say so by hand first: Set-CsPersistentChatState -PoolState"
        " FailedOver.",
        code="recovered_by_somebody",
        where=estate.backup.host,
        fork_point=None if fork_point is None else str(fork_point),
    )


def database_closed(copy: Copy, setting: Setting) -> Refused:
    """Somebody wants nothing to be written, or does not know what he has set."""
    return Refused(
        f"mgc on {copy.host} is {setting.name}: {setting.means}. Nothing here sets it so: somebody"
        " did. Find out why; if the pool is to go on with it, run there:"
        f" {setting.undone('mgc')}. Then run this again.",
        code="database_closed",
        where=copy.host,
        setting=setting.name,
    )


def would_overwrite(alone: Copy, other: Copy) -> Refused:
    """A former mirror may hold what the copy in use was restored from before."""
    return Refused(
        f"mgc is in use on {alone.host}, in no session, and {other.host} would mirror it: its copy"
        " waits for log, and would be overwritten. Nobody knows that"
        f" {alone.host} has all that it holds. Keep its files (stop SQL Server there, copy them),"
        f" then drop mgc by hand on {other.host}, and run this again.",
        code="would_overwrite",
        where=other.host,
    )


def not_synchronized(database: str, target: Copy) -> Refused:
    """Roles switch without loss only in a synchronized session with safety FULL (ALTER DATABASE
    database mirroring reference).
    """
    return Refused(
        f"The session of {database} is {target.mirroring} with safety {target.safety};"
        " roles switch without loss only when it is SYNCHRONIZED with safety FULL. Wait"
        " until it is (status.yml tells), or look why it is not.",
        code="not_synchronized",
        where=target.host,
    )


def mirrored(estate: Estate) -> Refused:
    """The backup copy is in a mirroring session, and waits for a principal that nobody sees."""
    host = estate.backup.host
    if estate.pool_state != "FailedOver" or estate.backup_mirror is None:
        return Refused(
            f"mgc on {host} is a mirror, not a log shipping secondary, and nobody knows of what."
            " Recovering it is refused. Look at it.",
            code="mirrored",
            where=host,
        )
    other = estate.backup_mirror
    seen = f"mgc is {other.state} there" if other.answers else f"it does not answer: {other.why}"
    return Refused(
        f"The pool runs on its backup site, and mgc on {host} is a mirror there: {other.host}"
        f" became the principal, and is not to be seen as such ({seen}). What was written last is"
        f" there, so nothing else is put to work. Bring {other.host} back and run this again. If it"
        " is gone for good, force the service by hand, which loses what it had not sent to"
        f" {host}; there: ALTER DATABASE mgc SET PARTNER FORCE_SERVICE_ALLOW_DATA_LOSS.",
        code="mirrored",
        where=host,
    )


def left_behind(estate: Estate) -> Refused:
    """The session of the backup pair was removed while its mirror was the principal."""
    host = estate.backup.host
    other = estate.backup_mirror.host if estate.backup_mirror else ""
    return Refused(
        f"The pool runs on its backup site, and mgc is online on {other}, in no session; {host},"
        " from which the pool goes home, waits for log without it. What was written last is on"
        f" {other}, so nothing else is put to work. Take it over by hand: BACKUP LOG mgc WITH"
        f" NORECOVERY on {other}, to a file that both see, and RESTORE LOG mgc WITH RECOVERY from"
        f" it on {host}; then run this again.",
        code="left_behind",
        where=other,
    )


def two_principals(estate: Estate) -> Refused:
    """Service was forced on one partner while the other one lived on."""
    newer = estate.principal
    told = ", ".join(
        f"{rival.host}: role sequence {rival.role_sequence}" for rival in estate.rivals
    )
    return Refused(
        f"Two SQL Servers of the primary pair are principals of mgc ({told}): service was"
        f" forced on {newer.host if newer else 'one'} while the other lived on. Stop the chat"
        " servers that use the older one, let the two meet again, and resume the session"
        " (mirror_failover.yml); or end the older one's session (ALTER DATABASE mgc SET"
        " PARTNER OFF) and take it offline.",
        code="two_principals",
        hosts=[rival.host for rival in estate.rivals],
    )


def two_copies_online(preferred: Copy, later: Copy) -> Refused:
    """``two_principals``: they are in no session with each other any more."""
    return Refused(
        f"mgc is online on {preferred.host} and on {later.host}, in no session with each other: the"
        f" history of {later.host} left that of {preferred.host}, and chat servers connect to"
        f" {preferred.host} first. Stop the chat servers, keep a backup of both, and find out which"
        f" of the two holds what was written last. If it is {later.host}, drop mgc on"
        f" {preferred.host} and run failback.yml; if it is {preferred.host}, drop it on"
        f" {later.host} and run site.yml. salvage.yml reads the backup of the other one.",
        code="two_principals",
        hosts=[preferred.host, later.host],
    )


def primary_refuses(copy: Copy, variable: str) -> Refused:
    """An answer is not silence. ``variable``: by which the operator takes the host for lost."""
    return Refused(
        f"{copy.host} is not lost: something there answers, but it could not be asked"
        f" ({copy.why}). Its copy of mgc may be in use, and whatever was written to it"
        " since the last log backup would be lost. Mend the logon, the certificate or the"
        " proxy and run again. If you know that the host is gone and something else"
        f" answers in its place, say so for this host alone: {variable}: [{copy.host}].",
        code="primary_refuses",
        where=copy.host,
    )


def intent_conflict(pool: str, declared: Intent, target: str) -> Refused:
    """Somebody goes the other way."""
    return Refused(
        f"{declared.operator} declared a {declared.target} of {pool} at {declared.at},"
        " and it has not ended. Ask them. If that run is over, finish it by running"
        f" {declared.target}.yml again, or take over with {target}_override_intent:"
        " true.",
        code="intent_conflict",
        intent=declared.as_dict(),
    )


def pool_not_found(pool: str) -> Refused:
    """The central management store answers and has no such pool."""
    return Refused(
        f"There is no Persistent Chat pool {pool} in the published topology. Check pchat_pool.",
        code="pool_not_found",
        pool=pool,
    )


def nobody_manages(lost: str) -> Refused:
    """``cms_lost``: nor is there a host that could move the store. ``lost``: of the store."""
    return Refused(
        f"{lost}, and no host of pchat_management answers either. A pool cannot be moved"
        " without one: bring a Front End server of the backup site up first.",
        code="cms_lost",
    )


def cms_lost(lost: str, estate: Estate, target: str) -> Refused:
    """The store could be moved, and nobody said that it may be."""
    return Refused(
        f"{lost}. The pool's state and its list of active servers are kept there, so it must"
        " answer before anything else. If it is gone with its data centre, let this run move"
        f" it to {estate.management} ({target}_cms: true and {target}_cms_sql_server:"
        " Invoke-CsManagementServerFailover), or move it yourself.",
        code="cms_lost",
        cms=estate.cms,
    )


def another_door(door: Move) -> Refused:
    """``plan_changed``: a one-way move that nobody agreed to."""
    return Refused(
        f"The estate changed while this ran: {door.name} on {door.host} is called for by"
        f" now ({door.why}), and that was not agreed to. Run again, look at the plan, and"
        " decide.",
        code="plan_changed",
        move=door.as_dict(),
    )


def greater_loss(loss: Loss, agreed: str) -> Refused:
    """``plan_changed``: more would be lost than was ``agreed``, a sentence."""
    return Refused(
        f"The estate changed while this ran: {loss.sentence} That is more than was agreed to"
        f" ({agreed}). Run again, look at the plan, and decide.",
        code="plan_changed",
        loss=loss.as_dict(),
    )


def no_room_on_share(what: str, needs: int, free: int) -> Refused:
    """``no_room``: a backup on the way would fail, with clients kept out.

    ``what``: the backup, in words; ``needs``, ``free``: megabytes.
    """
    return Refused(
        f"{free} MB are free where the share of {what} lies, which may take {needs} MB. Nothing was"
        " stopped. Make room there, then run this again.",
        code="no_room",
        needs=needs,
        free=free,
    )
