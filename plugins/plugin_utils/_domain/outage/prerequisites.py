"""What several operations ask or do before their own moves. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import typing as t

from ..._engine.errors import Refused
from ..resources.sqlserver.dr_intent import unreadable
from .estate import Copy, Estate
from .moves import Move, move
from .options import Options


def open_copy(copy: Copy) -> Move | None:
    """Saving a tail closes a copy to its users, and the batch that puts it to work opens it last: a
    run that was cut off before leaves it closed.
    """
    if not (copy.online and copy.closed):
        return None
    return move(
        "open_copy",
        f"mgc on {copy.host} is in use and open to administrators only, so no chat server can work"
        " with it.",
        copy.host,
    )


def require_silence(copies: t.Iterable[Copy], options: Options, variable: str) -> None:
    """An answer is not silence: a copy that could not be asked may be in use, and what it holds
    would be lost.
    """
    for copy in copies:
        if not copy.answers and copy.refuses and copy.host not in options.unasked:
            raise Refused(
                f"{copy.host} is not lost: something there answers, but it could not be asked"
                f" ({copy.why}). Its copy of mgc may be in use, and whatever was written to it"
                " since the last log backup would be lost. Mend the logon, the certificate or the"
                " proxy and run again. If you know that the host is gone and something else"
                f" answers in its place, say so for this host alone: {variable}: [{copy.host}].",
                code="primary_refuses",
                where=copy.host,
            )


def require_backup(estate: Estate) -> None:
    if not estate.backup.answers:
        raise Refused(
            f"{estate.backup.host}, which holds the backup copy and the record of who is doing"
            f" what, does not answer or cannot be read: {estate.backup.why}. Without it nothing can"
            " be decided; make it answer first.",
            code="backup_unreachable",
            where=estate.backup.host,
        )
    if estate.intent_why is not None:
        raise unreadable(estate.pool, estate.backup.host, estate.intent_why)
    if estate.backup.state is None:
        raise Refused(
            f"There is no database mgc on {estate.backup.host}: this pool has no backup copy. Build"
            " it first (site.yml).",
            code="no_backup_copy",
            where=estate.backup.host,
        )


def require_witness(
    estate: Estate, pair: str, principal: Copy | None, partner: Copy | None
) -> Move | None:
    """A session begins without its witness: whoever was cut off right then left it so."""
    witness = estate.witnesses.get(pair)
    if (
        witness is None
        or principal is None
        or partner is None
        or principal.role != "PRINCIPAL"
        or partner.role != "MIRROR"
    ):
        return None
    if (
        principal.witness is not None
        or principal.mirroring != "SYNCHRONIZED"
        or principal.safety != "FULL"
    ):
        return None
    return move(
        "set_witness",
        f"The mirroring session of mgc on {principal.host} has no witness; {witness} is ready.",
        principal.host,
        database="mgc",
        witness=witness,
    )


def require_intent(estate: Estate, options: Options) -> Move | None:
    """The move that declares the intent, if it is not declared yet.

    Refused when somebody goes the other way.
    """
    declared = estate.intent
    if declared is not None and declared.target == options.target:
        return None
    if declared is not None and not options.override_intent:
        raise Refused(
            f"{declared.operator} declared a {declared.target} of {estate.pool} at {declared.at},"
            " and it has not ended. Ask them. If that run is over, finish it by running"
            f" {declared.target}.yml again, or take over with {options.target}_override_intent:"
            " true.",
            code="intent_conflict",
            intent=declared.as_dict(),
        )
    why = (
        f"Who else looks at {estate.pool} is to see that a {options.target} is going on, and whose"
        " backups are this attempt's."
    )
    if declared is not None:
        why = (
            f"The {declared.target} that {declared.operator} declared at {declared.at} is called"
            " off. " + why
        )
    return move(
        "declare_intent",
        why,
        estate.backup.host,
        target=options.target,
        id=options.id,
        operator=options.operator,
        at=options.now or estate.now or "",
        replaces=declared.as_dict() if declared else None,
    )


def require_store(estate: Estate, options: Options) -> Move | None:
    """Pool state and active servers are writes to the central management store."""
    if estate.store == "central":
        if not estate.published:
            raise Refused(
                f"There is no Persistent Chat pool {estate.pool} in the published topology. Check"
                " pchat_pool.",
                code="pool_not_found",
                pool=estate.pool,
            )
        return None
    here = next((name for name in (estate.management,) if name), None)
    lost = (
        f"The central management store{f' ({estate.cms})' if estate.cms else ''} does not answer"
        f" ({estate.store_why or 'no management host answers'})"
    )
    if here is None:
        raise Refused(
            f"{lost}, and no host of pchat_management answers either. A pool cannot be moved"
            " without one: bring a Front End server of the backup site up first.",
            code="cms_lost",
        )
    if not options.move_cms:
        raise Refused(
            f"{lost}. The pool's state and its list of active servers are kept there, so it must"
            " answer before anything else. If it is gone with its data centre, let this run move"
            f" it to {here} ({options.target}_cms: true and {options.target}_cms_sql_server:"
            " Invoke-CsManagementServerFailover), or move it yourself.",
            code="cms_lost",
            cms=estate.cms,
        )
    return move(
        "fail_over_cms", f"{lost}; nothing about the pool can be changed before it does.", here
    )


def fence(estate: Estate) -> Move | None:
    """An unknown list is not an empty one."""
    if estate.active == ():
        return None
    who = (
        "Nobody knows which servers accept clients"
        if estate.active is None
        else f"{len(estate.active)} servers may accept clients"
    )
    return move(
        "fence",
        f"{who}; from here on nobody may write to a copy that is about to be left.",
        estate.management,
        servers=[],
    )


def stale_servers(estate: Estate, mirror: Copy | None, sites: tuple[str, ...]) -> Move | None:
    """Services that started before a mirror copy was made do not know it (documented: restart all
    servers after a change of mirroring).

    Whoever was killed while restarting them left some stopped.
    """
    made = (
        mirror.restored_at
        if mirror is not None and mirror.answers and mirror.role == "MIRROR"
        else None
    )
    for server in (s for site in sites for s in estate.servers_of(site) if s.answers):
        if server.stopped:
            return move(
                "restart_servers",
                f"On {server.fqdn} {', '.join(server.stopped)} does not run.",
                server.host,
                after=made or "",
            )
        if made is not None and server.started_at is not None and server.started_at < made:
            return move(
                "restart_servers",
                f"{server.fqdn} runs since {server.started_at}, before the mirror copy was made,"
                " and does not know it.",
                server.host,
                after=made,
            )
    return None
