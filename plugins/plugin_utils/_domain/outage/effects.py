"""What each move changes: the table by which a plan unfolds. FOR INTERNAL COLLECTION USE ONLY."""
from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Callable

from .chain import LogBackup
from .estate import Copy, Estate, Intent
from .moves import Move

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
