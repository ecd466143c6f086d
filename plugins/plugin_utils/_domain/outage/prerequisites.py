"""What several operations ask or do before their own moves. FOR INTERNAL COLLECTION USE ONLY.

``refuse_...`` raises, or returns nothing. Rules return a move, or None when there is nothing to do.
"""

from __future__ import annotations

import typing as t

from ..closed_by import READ_ONLY, named
from ..documents.look import IntentRecord
from ..resources.sqlserver.dr_intent import unreadable
from ..two_clocks import as_told_by
from .copies import Copy
from .estate import Estate, Intent, Server
from .moves import Move
from .options import Options
from .overwritten import holds_nothing_more
from .refusals import shared as refusals
from .rules import Rule, calls_for


def attempt_of(estate: Estate, options: Options) -> str:
    """The id of what is going on, else of what this run would declare."""
    return estate.intent.id if estate.intent else options.id


def refuse_without_backup(estate: Estate) -> None:
    """Without the backup SQL Server nobody can decide anything.

    Raises ``backup_unreachable``, ``intent_unreadable`` or ``no_backup_copy``.
    """
    if not estate.backup.answers:
        raise refusals.backup_unreachable(estate.backup)
    if estate.intent_why is not None:
        raise unreadable(estate.pool, estate.backup.host, estate.intent_why)
    if estate.backup.state is None and estate.lonely_backup is None:
        raise refusals.no_backup_copy(estate.backup)


def refuse_unclear_truth(estate: Estate) -> None:
    """Nothing is done where the facts do not settle which copy holds what the pool wrote.

    Raises ``no_backup_copy``, ``recovered_by_somebody``, ``mirrored``, ``left_behind`` or
    ``two_principals``.
    """
    if estate.foreign:
        raise refusals.foreign_copy(estate)
    if estate.stray:
        raise refusals.recovered_by_somebody(estate)
    refuse_lost_principal(estate)
    refuse_two_principals(estate)


def refuse_lost_principal(estate: Estate) -> None:
    """The other SQL Server of the backup site may hold what the pool wrote last. Raises
    ``mirrored`` or ``left_behind``.
    """
    if not estate.backup_left_behind:
        return
    if estate.backup.role is None:
        raise refusals.left_behind(estate)
    raise refusals.mirrored(estate)


def refuse_read_only(copy: Copy) -> None:
    """Nobody could write to what is to be served. Raises ``database_closed``."""
    if READ_ONLY.name in copy.closed_by:
        raise refusals.database_closed(copy, READ_ONLY)


def refuse_unmirrored(copy: Copy | None) -> None:
    """What is to be mirrored, or its copy elsewhere, must be able to. Raises
    ``database_closed``.
    """
    if copy is not None and copy.kept_from_mirror:
        raise refusals.database_closed(copy, named(copy.kept_from_mirror[0]))


def refuse_to_overwrite(estate: Estate, alone: Copy, other: Copy) -> None:
    """Nothing is going on: the pool was where it is all the time, and nobody has looked at what the
    partner of its copy holds, and kept it. Raises ``would_overwrite``.
    """
    if estate.intent is not None or not other.waits_alone:
        return
    if not holds_nothing_more(other, alone, estate.forks):
        raise refusals.would_overwrite(alone, other)


def refuse_to_overwrite_backup_mirror(estate: Estate) -> None:
    """The same in the backup site, while the pool runs there."""
    alone = estate.backup
    other = estate.backup_mirror
    if estate.pool_state != "FailedOver" or other is None or not other.answers:
        return
    if alone.online and alone.role is None:
        refuse_to_overwrite(estate, alone, other)


def refuse_two_principals(estate: Estate) -> None:
    """Clients may be writing to either. Raises ``two_principals``."""
    if estate.recovered:
        return
    if estate.rivals:
        raise refusals.two_principals(estate)
    if estate.outlived_in_use is not None and estate.principal is not None:
        raise refusals.two_copies_online(estate.outlived_in_use, estate.principal)


def refuse_unless_silent(copies: t.Iterable[Copy], options: Options, variable: str) -> None:
    """An answer is not silence: a copy that could not be asked may be in use, and what it holds
    would be lost.

    ``variable``: by which the operator names hosts that may be taken for lost. Raises
    ``primary_refuses``.
    """
    for copy in copies:
        if not copy.answers and copy.refuses and copy.host not in options.unasked:
            raise refusals.primary_refuses(copy, variable)


def refuse_full_share(estate: Estate, copy: Copy) -> None:
    """The tail of this copy's log is saved when nobody can write any more. Raises ``no_room``."""
    free = estate.room.get("log")
    if copy.log_mb is not None and free is not None and free < copy.log_mb:
        raise refusals.no_room_on_share("the last log", copy.log_mb, free)


def refuse_unreachable_store(estate: Estate, options: Options) -> None:
    """Pool state and active servers are writes to the central management store: it answers, or it
    may be moved. Raises ``cms_lost``.
    """
    if estate.store == "central":
        return
    if estate.management is None:
        raise refusals.nobody_manages(_lost_store(estate))
    if not options.move_cms:
        raise refusals.cms_lost(_lost_store(estate), estate, options.target)


def _lost_store(estate: Estate) -> str:
    named = f" ({estate.cms})" if estate.cms else ""
    why = estate.store_why or "no management host answers"
    return f"The central management store{named} does not answer ({why})"


@calls_for("unmirror")
def end_half_of_backup_session(estate: Estate, options: Options) -> Move | None:
    """Half of a session is ended where the backup SQL Server lost its copy."""
    there = estate.lonely_backup
    if there is None:
        return None
    return to_unmirror(
        there,
        why=f"{there.host} still has its half of a mirroring session, and {estate.backup.host} is"
        " in none any more.",
    )


@calls_for("mirror_to_backup")
def seed_backup_again(estate: Estate, options: Options) -> Move | None:
    """The backup SQL Server that lost its copy mirrors the only one; refused when it cannot."""
    there = estate.lonely_backup
    if there is None:
        return None
    for copy in (there, estate.backup):
        if copy.sees_seeds is False:
            raise refusals.seeds_unseen(copy, estate.backup.host)
    return Move(
        name="mirror_to_backup",
        why=f"{there.host} holds what the pool writes, alone; {estate.backup.host} can mirror it.",
        args={"replace": estate.backup.state is not None},
    )


@calls_for("switch_principal")
def take_role_back(estate: Estate, options: Options) -> Move | None:
    """The backup copy becomes the principal of its pair again, where the two changed roles."""
    there = estate.switched_backup
    if there is None:
        return None
    if not there.synchronized_fully:
        raise refusals.not_synchronized("mgc", there)
    return Move(
        name="switch_principal",
        why=f"{there.host} became the principal of the backup pair; {estate.backup.host}, from"
        " which the pool goes home, is synchronized with it.",
        host=there.host,
        args={"database": "mgc", "to": "backup"},
    )


#: The backup SQL Server leads its pair, as whatever follows expects.
LEAD_THE_BACKUP_PAIR: tuple[Rule, ...] = (
    end_half_of_backup_session,
    seed_backup_again,
    take_role_back,
)


@calls_for("declare_intent")
def declare_intent(estate: Estate, options: Options) -> Move | None:
    """Who else looks is to see what is going on; refused while somebody goes the other way."""
    return to_declare(estate, options)


def to_declare(estate: Estate, options: Options) -> Move | None:
    """The move that declares the intent, None when it is declared already.

    Raises ``intent_conflict`` when somebody goes the other way.
    """
    declared = estate.intent
    if declared is not None and declared.target == options.target:
        return None
    if declared is not None and not options.override_intent:
        raise refusals.intent_conflict(estate.pool, declared, options.target)
    return Move(
        name="declare_intent",
        why=_called_off(declared)
        + f"Who else looks at {estate.pool} is to see that a {options.target} is going on, and"
        " whose backups are this attempt's.",
        host=estate.backup.host,
        args={
            "target": options.target,
            "id": options.id,
            "operator": options.operator,
            "at": options.now or estate.now or "",
            "replaces": _record(declared),
        },
    )


def _called_off(declared: Intent | None) -> str:
    if declared is None:
        return ""
    return (
        f"The {declared.target} that {declared.operator} declared at {declared.at} is called off. "
    )


def _record(declared: Intent | None) -> IntentRecord | None:
    return None if declared is None else declared.as_dict()


def clear_intent(estate: Estate, why: str) -> Move | None:
    """The last move of all; None when nothing is declared."""
    if estate.intent is None:
        return None
    return Move(
        name="clear_intent",
        why=why,
        host=estate.backup.host,
        args={"intent": estate.intent.as_dict()},
    )


@calls_for("fail_over_cms")
def reach_central_store(estate: Estate, options: Options) -> Move | None:
    """The central management store must answer, or it is moved to the backup site."""
    if estate.store == "central":
        if not estate.published:
            raise refusals.pool_not_found(estate.pool)
        return None
    refuse_unreachable_store(estate, options)
    return Move(
        name="fail_over_cms",
        why=f"{_lost_store(estate)}; nothing about the pool can be changed before it does.",
        host=estate.management,
    )


@calls_for("fence")
def fence(estate: Estate, options: Options) -> Move | None:
    """Nobody may write to a copy that is about to be left: the list of active servers is emptied.

    An unknown list is not an empty one.
    """
    if estate.active == ():
        return None
    return Move(
        name="fence",
        why=f"{_who_accepts_clients(estate)}; from here on nobody may write to a copy that is about"
        " to be left.",
        host=estate.management,
        args={"servers": []},
    )


def _who_accepts_clients(estate: Estate) -> str:
    if estate.active is None:
        return "Nobody knows which servers accept clients"
    return f"{len(estate.active)} servers may accept clients"


def to_open(copy: Copy) -> Move | None:
    """Saving a tail closes a copy to its users, and the batch that puts it to work opens it last: a
    run that was cut off before leaves it closed.
    """
    if not (copy.online and copy.closed):
        return None
    return Move(
        name="open_copy",
        why=f"mgc on {copy.host} is in use and open to administrators only, so no chat server can"
        " work with it.",
        host=copy.host,
    )


def to_unmirror(copy: Copy, why: str) -> Move | None:
    """The move that ends the session of a copy; None for one that is in none."""
    if copy.role is None:
        return None
    return Move(
        name="unmirror",
        why=why,
        host=copy.host,
        args={"database": "mgc", "role": copy.role},
    )


def to_end_half(copy: Copy) -> Move | None:
    """The same of half a session, which the other side does not know any more."""
    return to_unmirror(
        copy,
        why=f"{copy.host} still has its half of a mirroring session that the other side left while"
        " it did not answer.",
    )


def to_set_witness(
    estate: Estate, pair: str, principal: Copy | None, partner: Copy | None
) -> Move | None:
    """A session begins without its witness: whoever was cut off right then left it so.

    ``pair``: primary or backup.
    """
    witness = estate.witnesses.get(pair)
    if witness is None or principal is None or partner is None:
        return None
    in_session = principal.role == "PRINCIPAL" and partner.role == "MIRROR"
    if not in_session or principal.witness is not None or not principal.synchronized_fully:
        return None
    return Move(
        name="set_witness",
        why=f"The mirroring session of mgc on {principal.host} has no witness; {witness} is ready.",
        host=principal.host,
        args={"database": "mgc", "witness": witness},
    )


def to_set_active(estate: Estate, wanted: t.Sequence[str], why: str) -> Move | None:
    """The move by which exactly these servers accept clients. ``wanted``: FQDNs in lower case."""
    if estate.active is not None and set(estate.active) == set(wanted):
        return None
    return Move(
        name="set_active_servers",
        why=why,
        host=estate.management,
        args={"servers": list(wanted)},
    )


def to_start(estate: Estate, sites: t.Sequence[str]) -> Move | None:
    """Services that do not run serve nobody, whatever the list of active servers says."""
    return to_restart(estate, None, sites)


def to_restart(estate: Estate, mirror: Copy | None, sites: t.Sequence[str]) -> Move | None:
    """Services that started before a mirror copy was made do not know it (documented: restart all
    servers after a change of mirroring).

    Whoever was killed while restarting them left some stopped.
    """
    for site in sites:
        for server in estate.servers_of(site):
            made = _made_at(mirror, server)
            why = _why_restart(server, made)
            if why is not None:
                return Move(
                    name="restart_servers",
                    why=why,
                    host=server.host,
                    args={"after": made or ""},
                )
    return None


def _made_at(mirror: Copy | None, server: Server) -> str | None:
    """By the clock of the server."""
    if mirror is None or not mirror.answers or mirror.role != "MIRROR":
        return None
    if mirror.restored_at is None:
        return None
    return as_told_by(mirror.restored_at, mirror.clock, server.clock)


def _why_restart(server: Server, made: str | None) -> str | None:
    if not server.answers:
        return None
    if server.stopped:
        return f"On {server.fqdn} {', '.join(server.stopped)} does not run."
    # Both are whole seconds: who started within the second may have started before.
    if made is None or server.started_at is None or server.started_at > made:
        return None
    return (
        f"{server.fqdn} runs since {server.started_at}, before the mirror copy was made,"
        " and does not know it."
    )
