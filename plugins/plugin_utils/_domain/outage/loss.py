"""What a failover of this estate would lose, said before anything is done.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing as t

from .chain import LogBackup
from .estate import Estate

#: Clocks of two servers may differ by this much (preflight's finding ``clock`` begins there); a
#: time further in the future is no time.
FUTURE_SECONDS = 120


@dataclasses.dataclass(frozen=True)
class Loss:
    """Everything that was written at or after ``lsn`` is lost.

    ``minutes``: between the begin of the last usable log backup and the moment from which nobody
    could write any more (the declared intent, else now); 0 when the tail was saved or the primary
    can still be asked; None when unknown.
    """

    minutes: int | None
    lsn: int | None
    last_log: str | None
    last_log_at: str | None
    unusable: tuple[str, ...]
    sentence: str

    def as_dict(self) -> dict[str, t.Any]:
        return {
            **dataclasses.asdict(self),
            "lsn": None if self.lsn is None else str(self.lsn),
            "unusable": list(self.unusable),
        }


def loss_of(estate: Estate) -> Loss:
    if estate.stray or estate.foreign:
        return Loss(
            None, None, None, None, (), stray_text(estate) if estate.stray else foreign_text(estate)
        )
    if estate.recovered:
        return Loss(
            0, None, None, None, (), "Nothing more is lost: the backup copy is in use already."
        )
    chain = estate.chain
    if not estate.backup.answers or chain is None:
        return Loss(None, None, None, None, (), "Nobody can say what would be lost.")
    last = chain.last
    # Nothing left to apply: the last applied one is among the files whose end is where the copy
    # stands.
    stands = max(
        (b for b in estate.logs if b.error is None and b.last_lsn == chain.reached),
        key=lambda backup: backup.at or "",
        default=None,
    )
    last = last or stands
    at = _begun(last, estate) if last else estate.backup.began_at
    unusable = tuple(
        sorted({b.path for b in estate.logs if b.error is not None or b.last_lsn > chain.reached})
    )
    where = (
        f"the last usable log backup is {last.path}, begun at {at or 'an unknown time'}"
        if last
        else (
            "no log backup can be used, only what was restored, from a backup begun at"
            f" {at or 'an unknown time'}"
        )
    )
    end = _the_end(estate, chain.reached)
    if end is not None and not unusable:
        return Loss(
            0,
            chain.reached,
            end.path,
            _begun(end, estate),
            (),
            f"Nothing is lost: {end.path} holds the tail of the log (up to LSN {chain.reached}).",
        )
    if estate.principal is not None:
        return Loss(
            0,
            chain.reached,
            last.path if last else None,
            at,
            unusable,
            f"Nothing is lost as long as {estate.principal.host} answers: its last log is backed up"
            " first.",
        )
    minutes = _minutes(at, estate)
    span = (
        "an unknown number of minutes"
        if minutes is None
        else f"about {minutes} minute{'' if minutes == 1 else 's'}"
    )
    text = f"What was written from LSN {chain.reached} on is lost, {span}: {where}."
    if unusable:
        text += f" {len(unusable)} later file{'s' if len(unusable) > 1 else ''} cannot be used."
    return Loss(minutes, chain.reached, last.path if last else None, at, unusable, text)


def stray_text(estate: Estate) -> str:
    """What an online copy holds that somebody else recovered, as far as anybody can say."""
    point = estate.backup.fork_point
    held = (
        "nobody can say up to where it holds the pool's log"
        if point is None
        else f"it holds the pool's log up to LSN {point}"
    )
    newest = max(
        (b for b in estate.logs if b.error is None and b.server != estate.backup.server),
        key=lambda backup: backup.last_lsn,
        default=None,
    )
    behind = [
        b
        for b in estate.logs
        if point is not None
        and b.error is None
        and b.at
        and b.last_lsn <= point
        and b.server != estate.backup.server
    ]
    age = max((b.at or "" for b in behind), default="")
    text = (
        f"mgc on {estate.backup.host} is online, but no failover of this pool recovered it: {held}"
    )
    if age:
        text += f", of {age} or little later"
    if newest is not None:
        text += f", and the newest log backup, {newest.path}, reaches LSN {newest.last_lsn}"
    return text + "."


def foreign_text(estate: Estate) -> str:
    return (
        f"mgc on {estate.backup.host} ({estate.backup.state}) is of the family"
        f" {estate.backup.family}, the pool's database and its log backups of"
        f" {', '.join(sorted(estate.families))}: it is no copy of what the pool holds."
    )


def _begun(log: LogBackup, estate: Estate) -> str | None:
    """When the log backup was begun: by its own stamp, which the clock of whoever wrote it gave; by
    ours it was there at the latest when it was copied.
    """
    there = estate.there_by.get(log.name.lower())
    return log.at if log.at is None or there is None else min(log.at, there)


def _the_end(estate: Estate, reached: int) -> LogBackup | None:
    """The tail that ends where the copy stands or can come to.

    It may hold nothing, when nobody wrote since the log backup before it.
    """
    tails = [
        b
        for b in estate.logs
        if b.error is None and b.last_lsn == reached and _is_the_end(estate, b)
    ]
    return max(tails, key=lambda backup: backup.path, default=None)


def _is_the_end(estate: Estate, last: LogBackup) -> bool:
    """A tail proves that nothing was written after it only while whoever took it has not been put
    to work again, and nobody else was put to work with it.
    """
    if not last.tail or last.stamp is None:
        return False
    attempt = last.stamp.removesuffix("-tail")
    ours = (
        estate.intent is not None
        and estate.intent.target == "failover"
        and estate.intent.id == attempt
    )
    stopped = any(c.restoring and c.tail == attempt for c in estate.primary_pair)
    waits = (
        estate.backup.tail == attempt
        and estate.primary.restoring
        and estate.primary.seed == attempt
    )
    return ours or stopped or waits


def _minutes(at: str | None, estate: Estate) -> int | None:
    # declared anew whenever the fence is found open
    fenced = (
        estate.active == () and estate.intent is not None and estate.intent.target == "failover"
    )
    until = (
        estate.intent.at
        if fenced and estate.intent is not None and estate.intent.at
        else estate.now
    )
    if at is None or not until:
        return None
    begun, ended = (dt.datetime.fromisoformat(text.replace("Z", "+00:00")) for text in (at, until))
    seconds = (ended - begun).total_seconds()
    if seconds < -FUTURE_SECONDS:
        # by a clock that is ahead, nobody knows how far
        return None
    return max(0, round(seconds / 60 + 0.499))
