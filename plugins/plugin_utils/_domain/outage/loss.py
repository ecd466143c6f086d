"""What a failover of this estate would lose, said before anything is done.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable

from ..documents.plan import LossDocument
from ..words import moment, plural
from .chain import Chain, LogBackup
from .copies import Copy
from .estate import Estate, Intent
from .tails import fits

#: Clocks of two servers may differ by this much (preflight's finding ``clock`` begins there); a
#: time further in the future is no time.
FUTURE_SECONDS = 120


@dataclasses.dataclass(frozen=True)
class Loss:
    """Everything that was written at or after ``lsn`` is lost.

    ``minutes``: between the begin of the last usable log backup and the moment from which nobody
    could write any more (the declared intent, else now); 0 when the tail was saved or the primary
    can still be asked; None when unknown.

    ``last_log``, ``last_log_at``: the last usable log backup and when it was begun, ISO 8601 in
    UTC; where the pool went on elsewhere, the last one that was surely begun before. ``unusable``:
    paths of log backups that cannot be applied.
    """

    minutes: int | None
    sentence: str
    lsn: int | None = None
    last_log: str | None = None
    last_log_at: str | None = None
    unusable: tuple[str, ...] = ()

    def as_dict(self) -> LossDocument:
        """As plain values; the LSN in digits."""
        return {
            "minutes": self.minutes,
            "lsn": None if self.lsn is None else str(self.lsn),
            "last_log": self.last_log,
            "last_log_at": self.last_log_at,
            "unusable": list(self.unusable),
            "sentence": self.sentence,
        }


def loss_of(estate: Estate) -> Loss:
    """What would be lost if the backup copy were put to work now."""
    if estate.stray:
        return Loss(minutes=None, sentence=stray_text(estate))
    if estate.foreign:
        return Loss(minutes=None, sentence=foreign_text(estate))
    if estate.recovered:
        return Loss(minutes=0, sentence="Nothing more is lost: the backup copy is in use already.")
    chain = estate.chain
    if not estate.backup.answers or chain is None:
        return Loss(minutes=None, sentence="Nobody can say what would be lost.")
    if chain.astray and estate.principal is None:
        return Loss(
            minutes=None,
            sentence=_astray_text(estate, chain),
            unusable=_unusable(estate, chain.reached),
        )
    return _loss_beyond(estate, chain)


def _loss_beyond(estate: Estate, chain: Chain) -> Loss:
    """What lies beyond the end of the chain, or beyond where the pool's history left it."""
    reached = chain.sound_to
    was_left = estate.left_before(reached + 1, chain.fork) is not None
    last = _last_before_left(estate, chain) if was_left else _applied_last(estate, chain)
    at = estate.backup.began_at if last is None and not was_left else None
    if last is not None:
        at = _begun(last, estate)
    unusable = _unusable(estate, reached)
    end = None if was_left else _the_end(estate, chain)
    if end is not None and not unusable:
        return Loss(
            minutes=0,
            lsn=reached,
            last_log=end.path,
            last_log_at=_begun(end, estate),
            sentence=f"Nothing is lost: {end.path} holds the tail of the log (up to LSN"
            f" {reached}).",
        )
    minutes: int | None = 0
    if estate.principal is not None:
        sentence = (
            f"Nothing is lost as long as {estate.principal.host} answers: its last log is backed"
            " up first."
        )
    else:
        minutes = _minutes(at, estate)
        sentence = _lost_text(reached, minutes, last, at, unusable)
    return Loss(
        minutes=minutes,
        lsn=reached,
        last_log=last.path if last else None,
        last_log_at=at,
        unusable=unusable,
        sentence=sentence,
    )


def _applied_last(estate: Estate, chain: Chain) -> LogBackup | None:
    return chain.last or _where_it_stands(estate, chain)


def _last_before_left(estate: Estate, chain: Chain) -> LogBackup | None:
    """The last log backup that was begun before the pool went on elsewhere; None when it is not
    there any more.
    """
    sound = [log for log in estate.logs if log.error is None and _is_before(estate, log, chain)]
    return max(sound, key=lambda log: log.last_lsn, default=None)


def _is_before(estate: Estate, log: LogBackup, chain: Chain) -> bool:
    """It is of the copy's history, and was begun while the pool was on that.

    One that ends right where a history was left may have been begun any time later: whoever was
    left behind goes on backing up a log to which nobody writes. A tail stops its own copy.
    """
    fork = chain.fork or ""
    end = log.last_lsn if log.tail else log.last_lsn + 1
    if end > chain.sound_to or log.last_fork not in estate.forks.path_to(fork):
        return False
    return estate.forks.left_before(end, log.last_fork, fork) is None


def _where_it_stands(estate: Estate, chain: Chain) -> LogBackup | None:
    """Nothing is left to apply: the last applied one is among the files whose end is where the copy
    stands, on its fork.
    """
    return max(_ending_there(estate, chain), key=lambda log: log.at or "", default=None)


def _ending_there(estate: Estate, chain: Chain) -> list[LogBackup]:
    """Log backups that end where the chain does, on its fork: LSNs of two may coincide."""
    readable = [log for log in estate.logs if log.error is None]
    ending = [log for log in readable if log.last_lsn == chain.reached]
    return [log for log in ending if fits(log.last_fork, chain.fork)]


def _unusable(estate: Estate, reached: int) -> tuple[str, ...]:
    """Paths of what cannot be read, and of what lies beyond."""
    paths = {log.path for log in estate.logs if log.error is not None or log.last_lsn > reached}
    return tuple(sorted(paths))


def _lost_text(
    reached: int,
    minutes: int | None,
    last: LogBackup | None,
    at: str | None,
    unusable: tuple[str, ...],
) -> str:
    text = f"What was written from LSN {reached} on is lost, {_span(minutes)}: {_since(last, at)}."
    if unusable:
        text += f" {plural(len(unusable), 'later file')} cannot be used."
    return text


def _astray_text(estate: Estate, chain: Chain) -> str:
    """Its LSNs and those of the pool's history cannot be compared."""
    return (
        f"Nobody can say what would be lost: the copy on {estate.backup.host} comes up to LSN"
        f" {chain.reached} of recovery fork {chain.fork}, there is log of another one, and nothing"
        " tells where that left this one. All that was written since may be missing."
    )


def _span(minutes: int | None) -> str:
    if minutes is None:
        return "an unknown number of minutes"
    return f"about {minutes} minute{'' if minutes == 1 else 's'}"


def _since(last: LogBackup | None, at: str | None) -> str:
    begun = at or "an unknown time"
    if last is None:
        return f"no log backup can be used, only what was restored, from a backup begun at {begun}"
    return f"the last usable log backup is {last.path}, begun at {begun}"


# -- copies that are not the pool's, or not ours to use
def stray_text(estate: Estate) -> str:
    """What an online copy holds that somebody else recovered, as far as anybody can say."""
    point = estate.backup.fork_point
    text = f"mgc on {estate.backup.host} is online, but no failover of this pool recovered it: "
    if point is None:
        text += "nobody can say up to where it holds the pool's log"
    else:
        text += f"it holds the pool's log up to LSN {point}"
        age = _age_of(estate, point)
        if age:
            text += f", of {age} or little later"
    written = _written_elsewhere(estate)
    if written:
        newest = max(written, key=lambda log: log.last_lsn)
        text += f", and the newest log backup, {newest.path}, reaches LSN {newest.last_lsn}"
    return text + "."


def _age_of(estate: Estate, point: int) -> str:
    """When the newest log backup up to this LSN was begun; empty when there is none."""
    behind = [log.at or "" for log in _written_elsewhere(estate) if log.last_lsn <= point]
    return max(behind, default="")


def _written_elsewhere(estate: Estate) -> list[LogBackup]:
    readable = [log for log in estate.logs if log.error is None]
    return [log for log in readable if not estate.is_of_backup_site(log)]


def foreign_text(estate: Estate) -> str:
    """Of which family the copy is, and of which the pool's database and its logs are."""
    return (
        f"mgc on {estate.backup.host} ({estate.backup.state}) is of the family"
        f" {estate.backup.family}, the pool's database and its log backups of"
        f" {', '.join(sorted(estate.families))}: it is no copy of what the pool holds."
    )


# -- the end of the log, and the time since
def _begun(log: LogBackup, estate: Estate) -> str | None:
    """When the log backup was begun: by its own stamp, which the clock of whoever wrote it gave; by
    ours it was there at the latest when it was copied.
    """
    there = estate.there_by.get(log.name.lower())
    if log.at is None or there is None:
        return log.at
    return min(log.at, there)


def _the_end(estate: Estate, chain: Chain) -> LogBackup | None:
    """The tail that ends where the copy stands or can come to.

    It may hold nothing, when nobody wrote since the log backup before it.
    """
    tails = [log for log in _ending_there(estate, chain) if _is_the_end(estate, log)]
    return max(tails, key=lambda log: log.path, default=None)


def _is_the_end(estate: Estate, last: LogBackup) -> bool:
    """A tail proves that nothing was written after it only while whoever took it has not been put
    to work again, and nobody else was put to work with it.
    """
    if not last.tail or last.stamp is None:
        return False
    attempt = last.stamp.removesuffix("-tail")
    declared = _declared_failover(estate)
    if declared is not None and declared.id == attempt:
        return True
    return _stopped_by(attempt, estate.primary_pair) or _waits_for(attempt, estate)


def _stopped_by(attempt: str, copies: Iterable[Copy]) -> bool:
    return any(copy.restoring and copy.tail == attempt for copy in copies)


def _waits_for(attempt: str, estate: Estate) -> bool:
    """The primary's copy was seeded for the tail that stopped the backup's."""
    waits = estate.primary.restoring and estate.primary.seed == attempt
    return waits and estate.backup.tail == attempt


def _declared_failover(estate: Estate) -> Intent | None:
    declared = estate.intent
    return declared if declared is not None and declared.target == "failover" else None


def _minutes(at: str | None, estate: Estate) -> int | None:
    """From then until nobody could write any more, begun ones counted; None when unknown."""
    until = _fenced_at(estate) or estate.now
    if at is None or not until:
        return None
    seconds = (moment(until) - moment(at)).total_seconds()
    if seconds < -FUTURE_SECONDS:
        # by a clock that is ahead, nobody knows how far
        return None
    return max(0, round(seconds / 60 + 0.499))


def _fenced_at(estate: Estate) -> str | None:
    """When clients were kept out: it is declared anew whenever the fence is found open."""
    declared = _declared_failover(estate)
    return declared.at if declared is not None and estate.active == () else None
