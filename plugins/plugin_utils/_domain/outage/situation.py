"""Names for what is seen, for people, logs and refusals. FOR INTERNAL COLLECTION USE ONLY."""
from __future__ import annotations

import typing as t
from collections.abc import Callable

from .estate import Estate
from .shipping import broken


class Situation(t.NamedTuple):
    name: str
    text: str


def _pair_gone(e: Estate) -> bool:
    return not any(c.answers for c in e.primary_pair)


def _intent(e: Estate) -> str:
    return e.intent.target if e.intent else ""


def _has_stopped(e: Estate) -> bool:
    """One copy was stopped by what is going on. The backup copy keeps standing at its tail after a failback has ended, until a log arrives."""
    attempt = e.intent.id if e.intent and e.intent.target == "failback" else None
    home = any(c.restoring and c.tail for c in e.primary_pair)
    return home or (e.backup.tail is not None and e.backup.tail == attempt)


Row = tuple[str, Callable[[Estate], bool], str]
#: The first row that holds names the situation.
TABLE: tuple[Row, ...] = (
    ("Unknown", lambda e: not e.backup.answers, "The backup SQL Server could not be read, so nothing can be concluded."),
    ("TwoPrincipals", lambda e: bool(e.rivals) and not e.recovered,
     "Both SQL Servers of the primary pair are principals: service was forced on one while the other lived on, cut off, and clients may be writing to either."),
    ("NotPublished", lambda e: e.store == "central" and not e.published, "The published topology has no such pool."),
    ("SplitBrain", lambda e: e.recovered and e.principal is not None and e.pool_state == "Normal" and bool(e.active),
     "Both sites have an online copy and clients may be writing to either: neither playbook acts."),
    ("FailbackCallable", lambda e: e.recovered and _intent(e) == "failback" and e.primary.seed != (e.intent.id if e.intent else None),
     "A failback was begun; the backup copy is still the one in use, and it can be called off."),
    ("PrimarySeeded", lambda e: e.recovered and _intent(e) == "failback", "The primary is restored from this failback's backup and waits for the tail."),
    ("BackupRecovered", lambda e: e.recovered and e.pool_state != "FailedOver",
     "The backup copy was recovered, but the pool does not use it yet: a failover passed its one-way door and did not end."),
    ("FailedOverUnprotected", lambda e: e.recovered and e.backup.role is None, "The pool runs on its backup copy, which has no mirror."),
    ("FailedOver", lambda e: e.recovered, "The pool runs on its backup copy, which is mirrored."),
    ("StrayCopy", lambda e: e.stray,
     "The backup copy was recovered by hand: no failover was declared, and the pool does not use it. It follows nobody, and a failover is refused."),
    ("Unprotected", lambda e: not e.backup.restoring, "No copy of the backup site follows the primary: a failover is not possible."),
    ("TailTaken", lambda e: e.principal is None and _has_stopped(e),
     "One copy was stopped with its last log saved; nothing is online, and nothing can be lost. Run the playbook that was begun again."),
    ("FailbackEnding", lambda e: _intent(e) == "failback" and e.principal is not None, "The primary has the truth again; its protection is being rebuilt."),
    ("FailoverCallable", lambda e: _intent(e) == "failover" or (e.active == () and not e.backup.linked and e.pool_state == "Normal"),
     "A failover was begun and has not recovered the backup copy; it can be finished, or called off "
     "(failback.yml with failback_override_intent: true)."),
    ("PrimaryRefuses", lambda e: e.principal is None and any(c.refuses for c in e.primary_pair),
     "A SQL Server of the primary pair answers but refuses, so nobody knows what it holds: it is not lost."),
    ("PrimaryLost", _pair_gone, "No SQL Server of the primary pair answers."),
    ("MirrorRemedy", lambda e: e.principal is None and any(c.answers and c.role == "MIRROR" and not e.is_behind(c) for c in e.primary_pair),
     "The principal is gone and its mirror answers: the remedy is a mirror failover."),
    ("PrimaryDown", lambda e: e.principal is None, "A SQL Server of the primary pair answers, but no copy of mgc is online there."),
    ("Unlinked", lambda e: not e.backup.linked or not any(c.ships_enabled for c in e.primary_pair),
     "The primary is online, but its log does not reach the backup copy."),
    ("ChainBroken", lambda e: broken(e) is not None,
     "The jobs of log shipping run, but a part of the primary's log is in no backup that the copy can be given: it does not follow any more."),
    ("StoreLost", lambda e: e.store != "central", "The databases are as they should be, but the central management store does not answer."),
    ("MirrorLost", lambda e: e.principal is not None and e.principal.mirroring != "SYNCHRONIZED", "The primary is online without a synchronized mirror."),
    ("Fenced", lambda e: e.active == (), "All copies are as they should be, but no server accepts clients."),
    ("Degraded", lambda e: any(not c.answers for c in e.copies.values()), "The pool runs; some of its SQL Servers do not answer."),
    ("Healthy", lambda e: True, "The pool runs on its primary copy, mirrored, with its log shipped to the backup."),
)


def classify(e: Estate) -> Situation:
    return next(Situation(name, text) for name, holds, text in TABLE if holds(e))
