"""What each move changes: the table by which a plan unfolds. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Callable

from .chain import LogBackup
from .estate import Copy, Estate, Intent
from .moves import Move

# -- predicted effects
# ------------------------------------------------------------
Effect = Callable[[Estate, Move], Estate]


def _declare(estate: Estate, done: Move) -> Estate:
    return dataclasses.replace(
        estate,
        intent=Intent(done.args["target"], done.args["id"], done.args["operator"], done.args["at"]),
    )


def _active(estate: Estate, done: Move) -> Estate:
    return dataclasses.replace(estate, active=tuple(done.args.get("servers", ())))


def _copy_logs(estate: Estate, done: Move) -> Estate:
    names = {b.name.lower() for b in estate.uncopied}
    moved = tuple(
        dataclasses.replace(b, place="copied") if b.name.lower() in names else b
        for b in estate.logs
    )
    return dataclasses.replace(estate, logs=moved, copied=estate.copied | names)


def _restore_logs(estate: Estate, done: Move) -> Estate:
    return estate.change("backup", redo_lsn=int(done.args["reached"]), fork=done.args["fork"])


def _recover(estate: Estate, done: Move) -> Estate:
    """From here on our record names the fork that this copy is on."""
    fork = "(the new fork)"
    opened = estate.change(
        "backup",
        state="ONLINE",
        redo_lsn=None,
        fork=fork,
        fork_point=estate.backup.redo_lsn,
        tail=None,
    )
    return dataclasses.replace(opened, put_to_work=fork)


def _slot(estate: Estate, host: str | None) -> str:
    return next(c.slot for c in estate.copies.values() if c.host == host)


def _unmirror(estate: Estate, done: Move) -> Estate:
    partner = {
        "primary": "mirror",
        "mirror": "primary",
        "backup": "backup_mirror",
        "backup_mirror": "backup",
    }
    slot = _slot(estate, done.host)
    for each in (slot, partner[slot]):
        if each in estate.copies:
            estate = estate.change(each, role=None, mirroring=None, witness=None)
    return estate


def _unmirror_compliance(estate: Estate, done: Move) -> Estate:
    off = {
        slot: dataclasses.replace(c, role=None, mirroring=None) if slot.startswith("backup") else c
        for slot, c in estate.compliance.items()
    }
    return dataclasses.replace(estate, compliance=off)


def _tail(estate: Estate, done: Move) -> Estate:
    """The copy stops.

    What it held is on the share as one more log, which begins where the last log backup ended;
    where it ends nobody knows before.
    """
    slot = _slot(estate, done.host)
    chain = estate.chain
    here = estate.copies[slot]
    there = estate.primary if slot == "backup" else estate.backup
    reached = chain.reached if chain is not None and slot != "backup" else there.redo_lsn or 0
    begin = reached if here.last_backup_lsn is None else here.last_backup_lsn
    # what was its mirror holds no more than it
    end = max(reached, begin, *(c.redo_lsn or 0 for c in estate.primary_pair)) + 1
    fork = chain.fork if chain is not None and slot != "backup" else there.fork
    tail = LogBackup(
        "(the tail)",
        "copied",
        begin,
        end,
        fork,
        fork,
        family=here.family,
        server=here.server,
        at=estate.now,
        tail=True,
        stamp=f"{done.args['id']}-tail",
    )
    estate = dataclasses.replace(estate, logs=(*estate.logs, tail))
    return estate.change(slot, state="RESTORING", tail=done.args["id"], role=None, redo_lsn=end)


def _seeded(estate: Estate, done: Move) -> Estate:
    """The primary's copy stands where the full backup of the copy in use ended: not before its last
    log backup.
    """
    return estate.change(
        "primary",
        state="RESTORING",
        seed=done.args["id"],
        role=None,
        tail=None,
        redo_lsn=estate.backup.last_backup_lsn,
        fork=estate.backup.fork,
        family=estate.backup.family,
    )


def _mirrored(estate: Estate, principal: str, mirror: str) -> Estate:
    witness = (
        "CONNECTED"
        if estate.witnesses.get("backup" if principal == "backup" else "primary")
        else None
    )
    for slot, role, state in ((principal, "PRINCIPAL", "ONLINE"), (mirror, "MIRROR", "RESTORING")):
        estate = estate.change(
            slot, role=role, state=state, mirroring="SYNCHRONIZED", safety="FULL", witness=witness
        )
    return estate


def _witnessed(estate: Estate, done: Move) -> Estate:
    pair = next(p for p, host in estate.witnesses.items() if host == done.args["witness"])
    for slot in ("backup", "backup_mirror") if pair == "backup" else ("primary", "mirror"):
        estate = estate.change(slot, witness="CONNECTED")
    return estate


def _switched(estate: Estate, done: Move) -> Estate:
    """The copy that is asked becomes the mirror and its partner the principal; forced, it becomes
    the principal itself.
    """
    asked = _slot(estate, done.host)
    partner = "mirror" if asked == "primary" else "primary"
    forced = done.name == "force_service"
    principal, mirror = (asked, partner) if forced else (partner, asked)

    def turn(copies: t.Mapping[str, Copy]) -> dict[str, Copy]:
        known = {
            **copies,
            principal: dataclasses.replace(copies[principal], state="ONLINE", role="PRINCIPAL"),
        }
        if copies[mirror].answers:
            known[mirror] = dataclasses.replace(copies[mirror], state="RESTORING", role="MIRROR")
        return known

    if done.args["database"] == "mgc":
        return dataclasses.replace(estate, copies=turn(estate.copies))
    return dataclasses.replace(estate, compliance=turn(estate.compliance))


def _resumed(estate: Estate, done: Move) -> Estate:
    def turn(copies: t.Mapping[str, Copy]) -> dict[str, Copy]:
        return {
            slot: (
                dataclasses.replace(c, mirroring="SYNCHRONIZED")
                if c.slot in ("primary", "mirror") and c.role
                else c
            )
            for slot, c in copies.items()
        }

    if done.args["database"] == "mgc":
        return dataclasses.replace(estate, copies=turn(estate.copies))
    return dataclasses.replace(estate, compliance=turn(estate.compliance))


def _shipped(estate: Estate, done: Move) -> Estate:
    """One more log on the share, by the new principal, that the secondary has applied."""
    principal = estate.copies[_slot(estate, done.host)]
    at = (estate.backup.redo_lsn or 0) + 1
    newest = LogBackup("(its first log)", "copied", at - 1, at, server=principal.server, at="9999")
    return dataclasses.replace(estate, logs=(*estate.logs, newest)).change("backup", redo_lsn=at)


EFFECTS: dict[str, Effect] = {
    "declare_intent": _declare,
    "clear_intent": lambda estate, move: dataclasses.replace(estate, intent=None),
    "fail_over_cms": lambda estate, move: dataclasses.replace(
        estate, store="central", store_why=None, cms=move.host
    ),
    "fence": _active,
    "set_active_servers": _active,
    "set_pool_failed_over": lambda estate, move: dataclasses.replace(
        estate, pool_state="FailedOver"
    ),
    "set_pool_normal": lambda estate, move: dataclasses.replace(estate, pool_state="Normal"),
    "copy_logs": _copy_logs,
    "unlink_log_shipping": lambda estate, move: estate.change(
        "backup", linked=False, copy_job=None
    ),
    "restore_logs": _restore_logs,
    "recover_database": _recover,
    "open_copy": lambda estate, move: estate.change(_slot(estate, move.host), closed=False),
    "silence_old_primary": lambda estate, move: estate.change(
        _slot(estate, move.host), ships_enabled=False
    ),
    "unlink_old_primary": lambda estate, move: estate.change(
        _slot(estate, move.host), ships=False, ships_enabled=False
    ),
    "unmirror": _unmirror,
    "unmirror_compliance": _unmirror_compliance,
    "back_up_tail": _tail,
    "back_up_database": lambda estate, move: estate.change(
        "backup", full=move.args["id"], full_lsn=estate.backup.last_backup_lsn
    ),
    "keep_old_copy": lambda estate, move: estate.change(
        _slot(estate, move.host), full=move.args["stamp"]
    ),
    "retire_old_copy": lambda estate, move: estate.change(
        _slot(estate, move.host), state="RESTORING", retired=True
    ),
    "restore_on_primary": _seeded,
    "restore_tail": lambda estate, move: estate.change(
        "primary", state="ONLINE", redo_lsn=None, last_backup_lsn=estate.backup.redo_lsn
    ),
    "reopen_primary": lambda estate, move: estate.change(
        _slot(estate, move.host), state="ONLINE", tail=None
    ),
    "mirror_backup": lambda estate, move: _mirrored(estate, "backup", "backup_mirror"),
    "mirror_primary": lambda estate, move: _mirrored(estate, "primary", "mirror"),
    "mirror_to_primary": lambda estate, move: _mirrored(estate, "mirror", "primary"),
    "set_witness": _witnessed,
    "link_log_shipping": (
        lambda estate, move: estate.change("primary", ships=True, ships_enabled=True).change(
            "backup", linked=True
        )
    ),
    "link_log_shipping_of_mirror": lambda estate, move: estate.change(
        "mirror", ships=True, ships_enabled=True
    ),
    "drop_leftover": lambda estate, move: estate.change(_slot(estate, move.host), state=None),
    "switch_principal": _switched,
    "force_service": _switched,
    "resume_session": _resumed,
    "check_log_shipping": _shipped,
    "restart_servers": lambda estate, move: dataclasses.replace(
        estate,
        servers=tuple(
            (
                dataclasses.replace(
                    s, started=True, started_at=move.args["after"] or s.started_at, stopped=()
                )
                if s.host == move.host
                else s
            )
            for s in estate.servers
        ),
    ),
}


def effect(estate: Estate, done: Move) -> Estate:
    """The estate after this move, as far as planning goes."""
    return EFFECTS[done.name](estate, done)
