"""Names for what is seen, for people, logs and refusals. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import typing as t
from collections.abc import Callable

from .estate import Estate
from .shipping import broken


class Situation(t.NamedTuple):
    name: str
    text: str


def _pair_gone(estate: Estate) -> bool:
    return not any(c.answers for c in estate.primary_pair)


def _intent(estate: Estate) -> str:
    return estate.intent.target if estate.intent else ""


def _has_stopped(estate: Estate) -> bool:
    """One copy was stopped by what is going on.

    The backup copy keeps standing at its tail after a failback has ended, until a log arrives.
    """
    attempt = estate.intent.id if estate.intent and estate.intent.target == "failback" else None
    home = any(c.restoring and c.tail for c in estate.primary_pair)
    return home or (estate.backup.tail is not None and estate.backup.tail == attempt)


Row = tuple[str, Callable[[Estate], bool], str]
#: The first row that holds names the situation.
TABLE: tuple[Row, ...] = (
    (
        "Unknown",
        lambda estate: not estate.backup.answers,
        "The backup SQL Server could not be read, so nothing can be concluded.",
    ),
    (
        "TwoPrincipals",
        lambda estate: bool(estate.rivals) and not estate.recovered,
        (
            "Both SQL Servers of the primary pair are principals: service was forced on one while"
            " the other lived on, cut off, and clients may be writing to either."
        ),
    ),
    (
        "NotPublished",
        lambda estate: estate.store == "central" and not estate.published,
        "The published topology has no such pool.",
    ),
    (
        "SplitBrain",
        lambda estate: (
            estate.recovered
            and estate.principal is not None
            and estate.pool_state == "Normal"
            and bool(estate.active)
        ),
        (
            "Both sites have an online copy and clients may be writing to either: neither playbook"
            " acts."
        ),
    ),
    (
        "FailbackCallable",
        lambda estate: (
            estate.recovered
            and _intent(estate) == "failback"
            and estate.primary.seed != (estate.intent.id if estate.intent else None)
        ),
        "A failback was begun; the backup copy is still the one in use, and it can be called off.",
    ),
    (
        "PrimarySeeded",
        lambda estate: estate.recovered and _intent(estate) == "failback",
        "The primary is restored from this failback's backup and waits for the tail.",
    ),
    (
        "BackupRecovered",
        lambda estate: estate.recovered and estate.pool_state != "FailedOver",
        (
            "The backup copy was recovered, but the pool does not use it yet: a failover passed its"
            " one-way door and did not end."
        ),
    ),
    (
        "FailedOverUnprotected",
        lambda estate: estate.recovered and estate.backup.role is None,
        "The pool runs on its backup copy, which has no mirror.",
    ),
    (
        "FailedOver",
        lambda estate: estate.recovered,
        "The pool runs on its backup copy, which is mirrored.",
    ),
    (
        "StrayCopy",
        lambda estate: estate.stray,
        (
            "The backup copy was recovered by hand: no failover was declared, and the pool does not"
            " use it. It follows nobody, and a failover is refused."
        ),
    ),
    (
        "Unprotected",
        lambda estate: not estate.backup.restoring,
        "No copy of the backup site follows the primary: a failover is not possible.",
    ),
    (
        "TailTaken",
        lambda estate: estate.principal is None and _has_stopped(estate),
        (
            "One copy was stopped with its last log saved; nothing is online, and nothing can be"
            " lost. Run the playbook that was begun again."
        ),
    ),
    (
        "FailbackEnding",
        lambda estate: _intent(estate) == "failback" and estate.principal is not None,
        "The primary has the truth again; its protection is being rebuilt.",
    ),
    (
        "FailoverCallable",
        lambda estate: (
            _intent(estate) == "failover"
            or (estate.active == () and not estate.backup.linked and estate.pool_state == "Normal")
        ),
        (
            "A failover was begun and has not recovered the backup copy; it can be finished, or"
            " called off (failback.yml with failback_override_intent: true)."
        ),
    ),
    (
        "PrimaryRefuses",
        lambda estate: estate.principal is None and any(c.refuses for c in estate.primary_pair),
        (
            "A SQL Server of the primary pair answers but refuses, so nobody knows what it holds:"
            " it is not lost."
        ),
    ),
    ("PrimaryLost", _pair_gone, "No SQL Server of the primary pair answers."),
    (
        "MirrorRemedy",
        lambda estate: (
            estate.principal is None
            and any(
                c.answers and c.role == "MIRROR" and not estate.is_behind(c)
                for c in estate.primary_pair
            )
        ),
        "The principal is gone and its mirror answers: the remedy is a mirror failover.",
    ),
    (
        "PrimaryDown",
        lambda estate: estate.principal is None,
        "A SQL Server of the primary pair answers, but no copy of mgc is online there.",
    ),
    (
        "Unlinked",
        lambda estate: (
            not estate.backup.linked or not any(c.ships_enabled for c in estate.primary_pair)
        ),
        "The primary is online, but its log does not reach the backup copy.",
    ),
    (
        "ChainBroken",
        lambda estate: broken(estate) is not None,
        (
            "The jobs of log shipping run, but a part of the primary's log is in no backup that the"
            " copy can be given: it does not follow any more."
        ),
    ),
    (
        "StoreLost",
        lambda estate: estate.store != "central",
        "The databases are as they should be, but the central management store does not answer.",
    ),
    (
        "MirrorLost",
        lambda estate: (
            estate.principal is not None and estate.principal.mirroring != "SYNCHRONIZED"
        ),
        "The primary is online without a synchronized mirror.",
    ),
    (
        "Fenced",
        lambda estate: estate.active == (),
        "All copies are as they should be, but no server accepts clients.",
    ),
    (
        "Degraded",
        lambda estate: any(not c.answers for c in estate.copies.values()),
        "The pool runs; some of its SQL Servers do not answer.",
    ),
    (
        "Healthy",
        lambda estate: True,
        "The pool runs on its primary copy, mirrored, with its log shipped to the backup.",
    ),
)


def classify(estate: Estate) -> Situation:
    return next(Situation(name, text) for name, holds, text in TABLE if holds(estate))
