"""Names for what is seen, for people, logs and refusals. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

from .estate import Estate
from .shipping import broken


class Situation(t.NamedTuple):
    """``name``: a row of the operating guide's table; ``text``: its sentence."""

    name: str
    text: str


def classify(estate: Estate) -> Situation:
    """The first row of ``TABLE`` that holds; the last one always does."""
    for row in TABLE:
        if row.holds(estate):
            return Situation(row.name, row.text)
    raise AssertionError("the last row of the table holds for every estate")


# -- what the rows ask
def _backup_unread(estate: Estate) -> bool:
    return not estate.backup.answers


def _two_principals(estate: Estate) -> bool:
    are_two = bool(estate.rivals) or estate.outlived_in_use is not None
    return are_two and not estate.recovered


def _not_published(estate: Estate) -> bool:
    return estate.store == "central" and not estate.published


def _split_brain(estate: Estate) -> bool:
    both = estate.recovered and estate.principal is not None
    return both and estate.pool_state == "Normal" and bool(estate.active)


def _declared(estate: Estate) -> str:
    return estate.intent.target if estate.intent else ""


def _failback_callable(estate: Estate) -> bool:
    if not estate.recovered or estate.intent is None or estate.intent.target != "failback":
        return False
    return estate.primary.seed != estate.intent.id


def _primary_seeded(estate: Estate) -> bool:
    return estate.recovered and _declared(estate) == "failback"


def _backup_recovered(estate: Estate) -> bool:
    return estate.recovered and estate.pool_state != "FailedOver"


def _backup_mirror_alone(estate: Estate) -> bool:
    return estate.recovered and estate.lonely_backup is not None


def _failed_over_unprotected(estate: Estate) -> bool:
    return estate.recovered and estate.backup.role is None


def _failover_ending(estate: Estate) -> bool:
    return estate.recovered and _declared(estate) == "failover"


def _backup_switched(estate: Estate) -> bool:
    return estate.recovered and estate.switched_backup is not None


def _failed_over(estate: Estate) -> bool:
    return estate.recovered


def _stray_copy(estate: Estate) -> bool:
    return estate.stray


def _backup_principal_lost(estate: Estate) -> bool:
    return estate.backup_left_behind


def _copy_vanished(estate: Estate) -> bool:
    return estate.backup_vanished


def _mirror_alone(estate: Estate) -> bool:
    """What a failback pairs up and gives the role back to; a build would leave it."""
    pair = estate.lonely_pair
    return pair is not None and pair[0].slot != "primary"


def _unprotected(estate: Estate) -> bool:
    return not estate.backup.restoring


def _tail_taken(estate: Estate) -> bool:
    return estate.principal is None and _has_stopped(estate)


def _has_stopped(estate: Estate) -> bool:
    """One copy was stopped by what is going on.

    The backup copy keeps standing at its tail after a failback has ended, until a log arrives.
    """
    if any(copy.restoring and copy.tail for copy in estate.primary_pair):
        return True
    returning = estate.intent if _declared(estate) == "failback" else None
    attempt = returning.id if returning else None
    return estate.backup.tail is not None and estate.backup.tail == attempt


def _failback_ending(estate: Estate) -> bool:
    return _declared(estate) == "failback" and estate.principal is not None


def _failover_callable(estate: Estate) -> bool:
    if _declared(estate) == "failover":
        return True
    cut_off = estate.active == () and not estate.backup.linked
    return cut_off and estate.pool_state == "Normal"


def _primary_refuses(estate: Estate) -> bool:
    return estate.principal is None and any(copy.refuses for copy in estate.primary_pair)


def _primary_unseen(estate: Estate) -> bool:
    return _primary_lost(estate) and bool(estate.seen_from)


def _primary_lost(estate: Estate) -> bool:
    return not any(copy.answers for copy in estate.primary_pair)


def _mirror_remedy(estate: Estate) -> bool:
    return estate.principal is None and estate.living_mirror is not None


def _primary_down(estate: Estate) -> bool:
    return estate.principal is None


def _copy_closed(estate: Estate) -> bool:
    copy = estate.copy_of_clients
    return copy is not None and copy.online and not copy.takes_messages


def _unlinked(estate: Estate) -> bool:
    principal = estate.principal
    writes = estate.primary_pair if principal is None else (principal,)
    ships = any(copy.ships_enabled for copy in writes)
    return not ships or not estate.backup.linked or estate.backup.stalled


def _chain_broken(estate: Estate) -> bool:
    return broken(estate) is not None


def _store_lost(estate: Estate) -> bool:
    return estate.store != "central"


def _mirror_lost(estate: Estate) -> bool:
    return estate.principal is not None and estate.principal.mirroring != "SYNCHRONIZED"


def _fenced(estate: Estate) -> bool:
    return estate.active == ()


def _degraded(estate: Estate) -> bool:
    return not all(copy.answers for copy in estate.copies.values())


def _healthy(_estate: Estate) -> bool:
    return True


class Row(t.NamedTuple):
    """One situation: what it is called, when it holds, and what it means."""

    name: str
    holds: Callable[[Estate], bool]
    text: str


#: The first row that holds names the situation.
TABLE: tuple[Row, ...] = (
    Row(
        "Unknown",
        _backup_unread,
        "The backup SQL Server could not be read, so nothing can be concluded.",
    ),
    Row(
        "TwoPrincipals",
        _two_principals,
        "mgc is in use on both SQL Servers of the primary pair: service was forced on one while "
        "the other lived on, or came back, and clients may be writing to either.",
    ),
    Row(
        "NotPublished",
        _not_published,
        "The published topology has no such pool.",
    ),
    Row(
        "SplitBrain",
        _split_brain,
        "Both sites have an online copy and clients may be writing to either: neither "
        "playbook acts.",
    ),
    Row(
        "FailbackCallable",
        _failback_callable,
        "A failback was begun; the backup copy is still the one in use, and it can be called off.",
    ),
    Row(
        "PrimarySeeded",
        _primary_seeded,
        "The primary is restored from this failback's backup and waits for the tail.",
    ),
    Row(
        "BackupRecovered",
        _backup_recovered,
        "The backup copy was recovered, but the pool does not use it yet: a failover passed "
        "its one-way door and did not end.",
    ),
    Row(
        "BackupMirrorAlone",
        _backup_mirror_alone,
        "The pool runs on the mirror of its backup copy, alone: the backup SQL Server answers, and "
        "has no copy in its session. Failback and failover seed it from there first.",
    ),
    Row(
        "FailedOverUnprotected",
        _failed_over_unprotected,
        "The pool runs on its backup copy, which has no mirror.",
    ),
    Row(
        "FailoverEnding",
        _failover_ending,
        "The pool runs on its backup copy; the failover that brought it there has not ended.",
    ),
    Row(
        "BackupSwitched",
        _backup_switched,
        "The pool runs on the mirror of its backup copy: the SQL Servers of the backup site "
        "changed roles. Failover and failback give the role back first.",
    ),
    Row(
        "FailedOver",
        _failed_over,
        "The pool runs on its backup copy, which is mirrored.",
    ),
    Row(
        "StrayCopy",
        _stray_copy,
        "The backup copy was recovered by hand: no failover was declared, and the pool does "
        "not use it. It follows nobody, and a failover is refused.",
    ),
    Row(
        "BackupPrincipalLost",
        _backup_principal_lost,
        "The backup copy waits for the other SQL Server of its site, which may hold what was "
        "written last and is not its principal any more: nothing is decided without it.",
    ),
    Row(
        "CopyVanished",
        _copy_vanished,
        "The pool is FailedOver, and the copy on which it ran waits for log although no failback "
        "stopped it: what was written since the failover is to be found first.",
    ),
    Row(
        "MirrorAlone",
        _mirror_alone,
        "The mirror's copy is in use, alone: the preferred SQL Server answers, and has no copy in "
        "its session.",
    ),
    Row(
        "Unprotected",
        _unprotected,
        "No copy of the backup site follows the primary: a failover is not possible.",
    ),
    Row(
        "TailTaken",
        _tail_taken,
        "One copy was stopped with its last log saved; nothing is online, and nothing can be "
        "lost. Run the playbook that was begun again.",
    ),
    Row(
        "FailbackEnding",
        _failback_ending,
        "The primary has the truth again; its protection is being rebuilt.",
    ),
    Row(
        "FailoverCallable",
        _failover_callable,
        "A failover was begun and has not recovered the backup copy; it can be finished, or "
        "called off (failback.yml with failback_override_intent: true).",
    ),
    Row(
        "PrimaryRefuses",
        _primary_refuses,
        "A SQL Server of the primary pair answers but refuses, so nobody knows what it holds: "
        "it is not lost.",
    ),
    Row(
        "PrimaryUnseen",
        _primary_unseen,
        "No SQL Server of the primary pair answers this controller, but another host reaches "
        "it: it is not lost.",
    ),
    Row(
        "PrimaryLost",
        _primary_lost,
        "No SQL Server of the primary pair answers.",
    ),
    Row(
        "MirrorRemedy",
        _mirror_remedy,
        "The principal is gone and its mirror answers: the remedy is a mirror failover.",
    ),
    Row(
        "PrimaryDown",
        _primary_down,
        "A SQL Server of the primary pair answers, but no copy of mgc is online there.",
    ),
    Row(
        "CopyClosed",
        _copy_closed,
        "The copy that the pool uses is read-only, or open to administrators only: no message can "
        "be written, whatever servers accept.",
    ),
    Row(
        "Unlinked",
        _unlinked,
        "The primary is online, but its log does not reach the backup copy.",
    ),
    Row(
        "ChainBroken",
        _chain_broken,
        "The jobs of log shipping run, but a part of the primary's log is in no backup that "
        "the copy can be given: it does not follow any more.",
    ),
    Row(
        "StoreLost",
        _store_lost,
        "The databases are as they should be, but the central management store does not answer.",
    ),
    Row(
        "MirrorLost",
        _mirror_lost,
        "The primary is online without a synchronized mirror.",
    ),
    Row(
        "Fenced",
        _fenced,
        "All copies are as they should be, but no server accepts clients.",
    ),
    Row(
        "Degraded",
        _degraded,
        "The pool runs; some of its SQL Servers do not answer.",
    ),
    Row(
        "Healthy",
        _healthy,
        "The pool runs on its primary copy, mirrored, with its log shipped to the backup.",
    ),
)
