"""What site.yml would refuse as things are, and what it has to be told. FOR INTERNAL COLLECTION USE
ONLY.

It overwrites no copy and resumes no session that somebody suspended unless it is told to: of a copy
all of which the principal has, status says so with the command; of any other one a person decides.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping

from ..outage.copies import PARTNERS, Copy
from ..outage.estate import Estate
from ..outage.forks import Forks
from ..outage.overwritten import holds_nothing_more


@dataclasses.dataclass(frozen=True)
class Obstacle:
    """A copy for which the build stops.

    ``variable``: what it is told so that it goes on; None: nothing. ``risk``: why a person has to
    decide; None where the principal has all that the copy holds.
    """

    variable: str | None
    risk: str | None


def variables(estate: Estate) -> dict[str, bool]:
    """What the build is told of copies that it may overwrite, or may let follow again."""
    found = [obstacle.variable for obstacle in _obstacles(estate)]
    return {variable: True for variable in found if variable is not None}


def refusal(estate: Estate) -> str | None:
    """Its preflight wants every host, the central store and a pool that runs at home; and of a copy
    that may hold more than the principal a person decides.
    """
    if estate.unreachable:
        do = "does" if len(estate.unreachable) == 1 else "do"
        return f"Every host must answer it, and {', '.join(estate.unreachable)} {do} not."
    if estate.store != "central":
        return (
            "The central management store does not answer:"
            f" {estate.store_why or 'nobody can be asked'}."
        )
    if estate.pool_state == "FailedOver":
        return (
            f"The pool is FailedOver, and {estate.backup.host} has no copy that it could run on."
            " Find out what became of that. If the pool is to run on its primary copy, and what was"
            " written since a failover may be lost, set it to Normal by hand"
            " (Set-CsPersistentChatState)."
        )
    risks = [obstacle.risk for obstacle in _obstacles(estate) if obstacle.risk is not None]
    return " ".join(risks) or None


def _obstacles(estate: Estate) -> Iterator[Obstacle]:
    for database, copies in (("mgc", estate.copies), ("mgccomp", estate.compliance)):
        principal = _principal(estate, database)
        if principal is not None:
            yield from _of_database(database, principal, copies, estate.forks)
    yield from _of_foreign_log_backups(estate)
    yield from _of_closed("mgc", estate.copies)
    yield from _of_closed("mgccomp", estate.compliance)
    yield from _of_backup(estate)


def _of_closed(database: str, copies: Mapping[str, Copy]) -> Iterator[Obstacle]:
    for copy in copies.values():
        if copy.online and copy.closed_by:
            yield Obstacle(None, _is_closed(database, copy))


def _of_backup(estate: Estate) -> Iterator[Obstacle]:
    backup = estate.backup
    if estate.foreign and backup.online and backup.restored_at is not None:
        yield Obstacle(None, _restored_by_somebody(backup))
    left_at = _left_by_the_pool(estate)
    if left_at is not None:
        yield Obstacle(None, _holds_more(backup, left_at))


def _of_database(
    database: str, principal: Copy, copies: Mapping[str, Copy], forks: Forks
) -> Iterator[Obstacle]:
    mirror = copies.get(PARTNERS[principal.slot])
    if mirror is not None and mirror.answers:
        yield from _of_partner(_Pair(database, principal, mirror), forks)
    secondary = copies.get("backup")
    ships = any(copies[slot].ships for slot in ("primary", "mirror") if slot in copies)
    if secondary is not None and not ships and _is_stranger(secondary, principal):
        yield Obstacle(None, _is_of_another(database, principal, secondary))


def _of_foreign_log_backups(estate: Estate) -> Iterator[Obstacle]:
    """Those that were taken are over, unless there is a job that takes more."""
    for copy in (*estate.primary_pair, estate.backup):
        if copy.foreign_jobs:
            yield Obstacle(None, _take_logs(copy))
            return
    shipped = [*estate.primary_pair]
    shipped += [copy for slot, copy in estate.compliance.items() if slot in ("primary", "mirror")]
    if any(copy.foreign_backups for copy in shipped):
        yield Obstacle("log_shipping_primary_accept_foreign_log_backups", None)


def _left_by_the_pool(estate: Estate) -> int | None:
    """Where the primary's history is known to have left that of the secondary, before its end: the
    primary was restored from an older backup, or service was forced on a mirror that was behind.
    """
    secondary = estate.backup
    if not secondary.restoring or secondary.redo_lsn is None or estate.principal is None:
        return None
    return estate.left_before(secondary.redo_lsn, secondary.fork)


def _principal(estate: Estate, database: str) -> Copy | None:
    if database == "mgc":
        return estate.principal
    pair = [estate.compliance.get(slot) for slot in ("primary", "mirror")]
    online = [copy for copy in pair if copy is not None and copy.online]
    return online[0] if online else None


@dataclasses.dataclass(frozen=True)
class _Pair:
    """Of one database: who is the principal, and the copy of the other partner."""

    database: str
    principal: Copy
    partner: Copy


def _of_partner(pair: _Pair, forks: Forks) -> Iterator[Obstacle]:
    principal = pair.principal
    partner = pair.partner
    if partner.waits_alone and principal.slot != "primary":
        yield Obstacle(None, _in_use_on_the_mirror(pair))
    elif partner.waits_alone:
        risk = (
            None
            if holds_nothing_more(pair.partner, pair.principal, forks)
            else _may_be_overwritten(pair)
        )
        yield Obstacle("mirror_replace_existing", risk)
    elif partner.online and partner.role is None:
        yield Obstacle(None, _both_online(pair))
    elif "SUSPENDED" in (principal.mirroring, partner.mirroring):
        is_same = partner.fork == principal.fork and holds_nothing_more(
            pair.partner, pair.principal, forks
        )
        yield Obstacle("mirror_resume", None if is_same else _may_be_given_up(pair))


def _is_stranger(secondary: Copy, principal: Copy) -> bool:
    """Of a database that was never shipped from here, it may be what the pool had before."""
    if not secondary.restoring or None in (secondary.family, principal.family):
        return False
    return secondary.family != principal.family


def _take_logs(copy: Copy) -> str:
    return (
        f"On {copy.host} jobs back up the log of this pool's databases"
        f" ({', '.join(copy.foreign_jobs)}), and break the chain of log shipping each time. Leave"
        " these databases out there, or disable the jobs."
    )


def _is_closed(database: str, copy: Copy) -> str:
    return (
        f"{database} on {copy.host} is {', '.join(copy.closed_by)}: somebody set it so, and it does"
        " not take that back."
    )


def _restored_by_somebody(backup: Copy) -> str:
    return (
        f"mgc on {backup.host} is online, was restored there, and is no copy of this pool's: it"
        " belongs to somebody else, or to another pool. Find out whose it is, and drop it by hand"
        " if it may go."
    )


def _holds_more(secondary: Copy, left_at: int) -> str:
    return (
        f"mgc on {secondary.host} holds log up to LSN {secondary.redo_lsn}, and the primary's"
        f" history left it at LSN {left_at}: the primary was restored from an older backup, or"
        " service was forced on a mirror that was behind. What was written between is only there."
        " Look what it is (RESTORE DATABASE mgc WITH STANDBY opens the copy for reading), then drop"
        " the copy by hand; it is seeded anew then."
    )


def _may_be_overwritten(pair: _Pair) -> str:
    return (
        f"{pair.database} on {pair.partner.host} waits for log in no session, and nobody knows that"
        f" {pair.principal.host} has all that it holds. Keep its files (stop SQL Server there, copy"
        " them), then run it with mirror_replace_existing: true."
    )


def _in_use_on_the_mirror(pair: _Pair) -> str:
    return (
        f"{pair.database} is in use on {pair.principal.host}, alone, and mirrors are seeded from"
        f" {pair.partner.host}: have {pair.partner.host} mirror it by hand, and give it the role."
    )


def _both_online(pair: _Pair) -> str:
    return (
        f"{pair.database} is online on {pair.principal.host} and on {pair.partner.host}, in no"
        " session. Find out which of the two the pool used last, keep a backup of both, and drop"
        " the other one by hand."
    )


def _may_be_given_up(pair: _Pair) -> str:
    return (
        f"The session of {pair.database} is suspended, and nobody knows that"
        f" {pair.principal.host} has all that {pair.partner.host} holds: what only"
        f" {pair.partner.host} holds is given up when it is resumed. Keep its files first, then run"
        " it with mirror_resume: true."
    )


def _is_of_another(database: str, principal: Copy, secondary: Copy) -> str:
    return (
        f"{database} on {secondary.host} waits for log, and is no copy of that on {principal.host}:"
        " it comes from another database, perhaps from the one that this pool had before. Look"
        f" which of the two holds the pool's messages, and drop that on {secondary.host} by hand if"
        " it may go."
    )
