"""The moves of a failover and a failback, and what each is predicted to change. FOR INTERNAL COLLECTION USE ONLY.

A move is data: the role has one file of tasks for each name, and the planner unfolds a plan by predicting effects, move by move.
"""
from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Callable

from ..._engine.errors import Refused
from ..intent import unreadable
from .chain import LogBackup
from .estate import Copy, Estate, Intent


@dataclasses.dataclass(frozen=True)
class Options:
    """What the operator said. Minutes for max_data_loss; ``id``: of the intent, should this run declare one."""

    target: str = "failover"                       # failover | failback | mirror_failover
    mode: str = "disaster"                         # disaster | planned; of a failover
    id: str = ""
    operator: str = ""
    now: str = ""
    active_failed_over: tuple[str, ...] = ()
    active_normal: tuple[str, ...] = ()
    max_data_loss: int = 30
    accept_data_loss: bool = False
    override_intent: bool = False
    move_cms: bool = False
    mirror_backup: bool = True
    order: str = "safe"                            # safe | documented; of a failback
    to: str = "mirror"                             # primary | mirror; of a mirror failover
    force: bool = False
    unasked: frozenset[str] = frozenset()          # hosts that may be taken for lost although something there answers and refuses


@dataclasses.dataclass(frozen=True)
class Move:
    """``host``: the inventory host that it is asked of, None for one that several hosts take part in. ``one_way``: no plan leads back."""

    name: str
    why: str
    host: str | None = None
    one_way: bool = False
    args: t.Mapping[str, t.Any] = dataclasses.field(default_factory=dict)

    @property
    def key(self) -> tuple[str, str | None]:
        """What makes it the same move after another look: minutes and LSNs in the sentences may differ."""
        return self.name, self.host

    def as_dict(self) -> dict[str, t.Any]:
        return {"name": self.name, "host": self.host, "why": self.why, "one_way": self.one_way, "args": dict(self.args)}


#: Whatever puts a copy to work, stops it or replaces it. The estate is looked at again right before each of them and after it.
ONE_WAY = frozenset({"recover_database", "back_up_tail", "restore_on_primary", "restore_tail", "reopen_primary", "force_service", "retire_old_copy"})


def move(name: str, why: str, host: str | None = None, **args: t.Any) -> Move:
    return Move(name, why, host, name in ONE_WAY, args)


# -- predicted effects -----------------------------------------------------------------------------------------------------------------
Effect = Callable[[Estate, Move], Estate]


def _declare(e: Estate, m: Move) -> Estate:
    return dataclasses.replace(e, intent=Intent(m.args["target"], m.args["id"], m.args["operator"], m.args["at"]))


def _active(e: Estate, m: Move) -> Estate:
    return dataclasses.replace(e, active=tuple(m.args.get("servers", ())))


def _copy_logs(e: Estate, m: Move) -> Estate:
    names = {b.name.lower() for b in e.uncopied}
    moved = tuple(dataclasses.replace(b, place="copied") if b.name.lower() in names else b for b in e.logs)
    return dataclasses.replace(e, logs=moved, copied=e.copied | names)


def _restore_logs(e: Estate, m: Move) -> Estate:
    return e.change("backup", redo_lsn=int(m.args["reached"]), fork=m.args["fork"])


def _recover(e: Estate, m: Move) -> Estate:
    """From here on our record names the fork that this copy is on."""
    fork = "(the new fork)"
    opened = e.change("backup", state="ONLINE", redo_lsn=None, fork=fork, fork_point=e.backup.redo_lsn, tail=None)
    return dataclasses.replace(opened, put_to_work=fork)


def _slot(e: Estate, host: str | None) -> str:
    return next(c.slot for c in e.copies.values() if c.host == host)


def _unmirror(e: Estate, m: Move) -> Estate:
    partner = {"primary": "mirror", "mirror": "primary", "backup": "backup_mirror", "backup_mirror": "backup"}
    slot = _slot(e, m.host)
    for each in (slot, partner[slot]):
        if each in e.copies:
            e = e.change(each, role=None, mirroring=None, witness=None)
    return e


def _unmirror_compliance(e: Estate, m: Move) -> Estate:
    off = {slot: dataclasses.replace(c, role=None, mirroring=None) if slot.startswith("backup") else c for slot, c in e.compliance.items()}
    return dataclasses.replace(e, compliance=off)


def _tail(e: Estate, m: Move) -> Estate:
    """The copy stops. What it held is on the share as one more log, which begins where the last log backup ended; where it ends nobody knows before."""
    slot, chain = _slot(e, m.host), e.chain
    here, there = e.copies[slot], e.primary if slot == "backup" else e.backup
    reached = chain.reached if chain is not None and slot != "backup" else there.redo_lsn or 0
    begin = reached if here.last_backup_lsn is None else here.last_backup_lsn
    end = max(reached, begin, *(c.redo_lsn or 0 for c in e.primary_pair)) + 1               # what was its mirror holds no more than it
    fork = chain.fork if chain is not None and slot != "backup" else there.fork
    tail = LogBackup("(the tail)", "copied", begin, end, fork, fork, family=here.family, server=here.server, at=e.now, tail=True,
                     stamp=f"{m.args['id']}-tail")
    e = dataclasses.replace(e, logs=(*e.logs, tail))
    return e.change(slot, state="RESTORING", tail=m.args["id"], role=None, redo_lsn=end)


def _seeded(e: Estate, m: Move) -> Estate:
    """The primary's copy stands where the full backup of the copy in use ended: not before its last log backup."""
    return e.change("primary", state="RESTORING", seed=m.args["id"], role=None, tail=None, redo_lsn=e.backup.last_backup_lsn, fork=e.backup.fork,
                    family=e.backup.family)


def _mirrored(e: Estate, principal: str, mirror: str) -> Estate:
    witness = "CONNECTED" if e.witnesses.get("backup" if principal == "backup" else "primary") else None
    for slot, role, state in ((principal, "PRINCIPAL", "ONLINE"), (mirror, "MIRROR", "RESTORING")):
        e = e.change(slot, role=role, state=state, mirroring="SYNCHRONIZED", safety="FULL", witness=witness)
    return e


def _witnessed(e: Estate, m: Move) -> Estate:
    pair = next(p for p, host in e.witnesses.items() if host == m.args["witness"])
    for slot in (("backup", "backup_mirror") if pair == "backup" else ("primary", "mirror")):
        e = e.change(slot, witness="CONNECTED")
    return e


def _switched(e: Estate, m: Move) -> Estate:
    """The copy that is asked becomes the mirror and its partner the principal; forced, it becomes the principal itself."""
    asked = _slot(e, m.host)
    partner = "mirror" if asked == "primary" else "primary"
    forced = m.name == "force_service"
    principal, mirror = (asked, partner) if forced else (partner, asked)

    def turn(copies: t.Mapping[str, Copy]) -> dict[str, Copy]:
        known = {**copies, principal: dataclasses.replace(copies[principal], state="ONLINE", role="PRINCIPAL")}
        if copies[mirror].answers:
            known[mirror] = dataclasses.replace(copies[mirror], state="RESTORING", role="MIRROR")
        return known
    if m.args["database"] == "mgc":
        return dataclasses.replace(e, copies=turn(e.copies))
    return dataclasses.replace(e, compliance=turn(e.compliance))


def _resumed(e: Estate, m: Move) -> Estate:
    def turn(copies: t.Mapping[str, Copy]) -> dict[str, Copy]:
        return {slot: dataclasses.replace(c, mirroring="SYNCHRONIZED") if c.slot in ("primary", "mirror") and c.role else c for slot, c in copies.items()}
    if m.args["database"] == "mgc":
        return dataclasses.replace(e, copies=turn(e.copies))
    return dataclasses.replace(e, compliance=turn(e.compliance))


def _shipped(e: Estate, m: Move) -> Estate:
    """One more log on the share, by the new principal, that the secondary has applied."""
    principal, at = e.copies[_slot(e, m.host)], (e.backup.redo_lsn or 0) + 1
    newest = LogBackup("(its first log)", "copied", at - 1, at, server=principal.server, at="9999")
    return dataclasses.replace(e, logs=(*e.logs, newest)).change("backup", redo_lsn=at)


EFFECTS: dict[str, Effect] = {
    "declare_intent": _declare,
    "clear_intent": lambda e, m: dataclasses.replace(e, intent=None),
    "fail_over_cms": lambda e, m: dataclasses.replace(e, store="central", store_why=None, cms=m.host),
    "fence": _active,
    "set_active_servers": _active,
    "set_pool_failed_over": lambda e, m: dataclasses.replace(e, pool_state="FailedOver"),
    "set_pool_normal": lambda e, m: dataclasses.replace(e, pool_state="Normal"),
    "copy_logs": _copy_logs,
    "unlink_log_shipping": lambda e, m: e.change("backup", linked=False, copy_job=None),
    "restore_logs": _restore_logs,
    "recover_database": _recover,
    "open_copy": lambda e, m: e.change(_slot(e, m.host), closed=False),
    "silence_old_primary": lambda e, m: e.change(_slot(e, m.host), ships_enabled=False),
    "unlink_old_primary": lambda e, m: e.change(_slot(e, m.host), ships=False, ships_enabled=False),
    "unmirror": _unmirror,
    "unmirror_compliance": _unmirror_compliance,
    "back_up_tail": _tail,
    "back_up_database": lambda e, m: e.change("backup", full=m.args["id"], full_lsn=e.backup.last_backup_lsn),
    "keep_old_copy": lambda e, m: e.change(_slot(e, m.host), full=m.args["stamp"]),
    "retire_old_copy": lambda e, m: e.change(_slot(e, m.host), state="RESTORING", retired=True),
    "restore_on_primary": _seeded,
    "restore_tail": lambda e, m: e.change("primary", state="ONLINE", redo_lsn=None, last_backup_lsn=e.backup.redo_lsn),
    "reopen_primary": lambda e, m: e.change(_slot(e, m.host), state="ONLINE", tail=None),
    "mirror_backup": lambda e, m: _mirrored(e, "backup", "backup_mirror"),
    "mirror_primary": lambda e, m: _mirrored(e, "primary", "mirror"),
    "mirror_to_primary": lambda e, m: _mirrored(e, "mirror", "primary"),
    "set_witness": _witnessed,
    "link_log_shipping": lambda e, m: e.change("primary", ships=True, ships_enabled=True).change("backup", linked=True),
    "link_log_shipping_of_mirror": lambda e, m: e.change("mirror", ships=True, ships_enabled=True),
    "drop_leftover": lambda e, m: e.change(_slot(e, m.host), state=None),
    "switch_principal": _switched,
    "force_service": _switched,
    "resume_session": _resumed,
    "check_log_shipping": _shipped,
    "restart_servers": lambda e, m: dataclasses.replace(e, servers=tuple(
        dataclasses.replace(s, started=True, started_at=m.args["after"] or s.started_at, stopped=()) if s.host == m.host else s for s in e.servers)),
}


def effect(e: Estate, m: Move) -> Estate:
    """The estate after this move, as far as planning goes."""
    return EFFECTS[m.name](e, m)


# -- what both directions ask ----------------------------------------------------------------------------------------------------------

def open_copy(copy: Copy) -> Move | None:
    """Saving a tail closes a copy to its users, and the batch that puts it to work opens it last: a run that was cut off before leaves it closed."""
    if not (copy.online and copy.closed):
        return None
    return move("open_copy", f"mgc on {copy.host} is in use and open to administrators only, so no chat server can work with it.", copy.host)


def require_silence(copies: t.Iterable[Copy], o: Options, variable: str) -> None:
    """An answer is not silence: a copy that could not be asked may be in use, and what it holds would be lost."""
    for copy in copies:
        if not copy.answers and copy.refuses and copy.host not in o.unasked:
            raise Refused(f"{copy.host} is not lost: something there answers, but it could not be asked ({copy.why}). Its copy of mgc may be in use, and "
                          "whatever was written to it since the last log backup would be lost. Mend the logon, the certificate or the proxy and run again. If "
                          "you know that the host is gone and something else answers in its place, say so for this host alone: "
                          f"{variable}: [{copy.host}].",
                          code="primary_refuses", where=copy.host)


def require_backup(e: Estate) -> None:
    if not e.backup.answers:
        raise Refused(f"{e.backup.host}, which holds the backup copy and the record of who is doing what, does not answer or cannot be read: "
                      f"{e.backup.why}. Without it nothing can be decided; make it answer first.", code="backup_unreachable", where=e.backup.host)
    if e.intent_why is not None:
        raise unreadable(e.pool, e.backup.host, e.intent_why)
    if e.backup.state is None:
        raise Refused(f"There is no database mgc on {e.backup.host}: this pool has no backup copy. Build it first (site.yml).", code="no_backup_copy",
                      where=e.backup.host)


def require_witness(e: Estate, pair: str, principal: Copy | None, partner: Copy | None) -> Move | None:
    """A session begins without its witness: whoever was cut off right then left it so."""
    witness = e.witnesses.get(pair)
    if witness is None or principal is None or partner is None or principal.role != "PRINCIPAL" or partner.role != "MIRROR":
        return None
    if principal.witness is not None or principal.mirroring != "SYNCHRONIZED" or principal.safety != "FULL":
        return None
    return move("set_witness", f"The mirroring session of mgc on {principal.host} has no witness; {witness} is ready.", principal.host, database="mgc",
                witness=witness)


def require_intent(e: Estate, o: Options) -> Move | None:
    """The move that declares the intent, if it is not declared yet. Refused when somebody goes the other way."""
    declared = e.intent
    if declared is not None and declared.target == o.target:
        return None
    if declared is not None and not o.override_intent:
        raise Refused(f"{declared.operator} declared a {declared.target} of {e.pool} at {declared.at}, and it has not ended. Ask them. If that run is over, "
                      f"finish it by running {declared.target}.yml again, or take over with {o.target}_override_intent: true.", code="intent_conflict",
                      intent=declared.as_dict())
    why = f"Who else looks at {e.pool} is to see that a {o.target} is going on, and whose backups are this attempt's."
    if declared is not None:
        why = f"The {declared.target} that {declared.operator} declared at {declared.at} is called off. " + why
    return move("declare_intent", why, e.backup.host, target=o.target, id=o.id, operator=o.operator, at=o.now or e.now or "",
                replaces=declared.as_dict() if declared else None)


def require_store(e: Estate, o: Options) -> Move | None:
    """Pool state and active servers are writes to the central management store."""
    if e.store == "central":
        if not e.published:
            raise Refused(f"There is no Persistent Chat pool {e.pool} in the published topology. Check pchat_pool.", code="pool_not_found", pool=e.pool)
        return None
    here = next((name for name in (e.management,) if name), None)
    lost = f"The central management store{f' ({e.cms})' if e.cms else ''} does not answer ({e.store_why or 'no management host answers'})"
    if here is None:
        raise Refused(f"{lost}, and no host of pchat_management answers either. A pool cannot be moved without one: bring a Front End server of the backup "
                      "site up first.", code="cms_lost")
    if not o.move_cms:
        raise Refused(f"{lost}. The pool's state and its list of active servers are kept there, so it must answer before anything else. If it is gone with its "
                      f"data centre, let this run move it to {here} ({o.target}_cms: true and {o.target}_cms_sql_server: "
                      "Invoke-CsManagementServerFailover), or move it yourself.",
                      code="cms_lost", cms=e.cms)
    return move("fail_over_cms", f"{lost}; nothing about the pool can be changed before it does.", here)


def fence(e: Estate) -> Move | None:
    """An unknown list is not an empty one."""
    if e.active == ():
        return None
    who = "Nobody knows which servers accept clients" if e.active is None else f"{len(e.active)} servers may accept clients"
    return move("fence", f"{who}; from here on nobody may write to a copy that is about to be left.", e.management, servers=[])


def stale_servers(e: Estate, mirror: Copy | None, sites: tuple[str, ...]) -> Move | None:
    """Services that started before a mirror copy was made do not know it (documented: restart all servers after a change of mirroring).

    Whoever was killed while restarting them left some stopped.
    """
    made = mirror.restored_at if mirror is not None and mirror.answers and mirror.role == "MIRROR" else None
    for server in (s for site in sites for s in e.servers_of(site) if s.answers):
        if server.stopped:
            return move("restart_servers", f"On {server.fqdn} {', '.join(server.stopped)} does not run.", server.host, after=made or "")
        if made is not None and server.started_at is not None and server.started_at < made:
            return move("restart_servers", f"{server.fqdn} runs since {server.started_at}, before the mirror copy was made, and does not know it.",
                        server.host, after=made)
    return None
