"""What each move changes: the table by which a plan unfolds. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Callable, Sequence

from ..words import seconds_after
from .chain import LogBackup
from .copies import PARTNERS, Copy
from .estate import Estate, Intent, Server
from .moves import Move

Effect = Callable[[Estate, Move], Estate]
Copies = dict[str, Copy]

#: The fork on which a copy is opened, until the server has chosen it.
NEW_FORK = "(the new fork)"
PRIMARY_PAIR = ("primary", "mirror")
BACKUP_PAIR = ("backup", "backup_mirror")


def effect(estate: Estate, done: Move) -> Estate:
    """The estate after this move, as far as planning goes."""
    return EFFECTS[done.name](estate, done)


def _slot(estate: Estate, done: Move) -> str:
    """Of the copy on the host that the move is asked of."""
    for copy in estate.copies.values():
        if copy.host == done.host:
            return copy.slot
    raise KeyError(done.host)


def _asked(**facts: t.Any) -> Effect:
    """The copy on the host that is asked gets these facts."""

    def effect_of(estate: Estate, done: Move) -> Estate:
        return estate.change(_slot(estate, done), **facts)

    return effect_of


def _of_slot(slot: str, **facts: t.Any) -> Effect:
    """The copy in this slot gets these facts."""

    def effect_of(estate: Estate, _move: Move) -> Estate:
        return estate.change(slot, **facts)

    return effect_of


def _of_estate(**facts: t.Any) -> Effect:
    """The estate gets these facts."""

    def effect_of(estate: Estate, _move: Move) -> Estate:
        return dataclasses.replace(estate, **facts)

    return effect_of


def _changed(copies: t.Mapping[str, Copy], slots: Sequence[str], **facts: t.Any) -> Copies:
    """Copies of which those in these slots, where there are such, have other facts."""
    known = dict(copies)
    for slot in slots:
        if slot in known:
            known[slot] = dataclasses.replace(known[slot], **facts)
    return known


# -- the intent, the pool, its servers
def _declare(estate: Estate, done: Move) -> Estate:
    told = done.args
    intent = Intent(target=told["target"], id=told["id"], operator=told["operator"], at=told["at"])
    return dataclasses.replace(estate, intent=intent)


def _move_store(estate: Estate, done: Move) -> Estate:
    return dataclasses.replace(estate, store="central", store_why=None, cms=done.host)


def _activate(estate: Estate, done: Move) -> Estate:
    return dataclasses.replace(estate, active=tuple(done.args["servers"]))


def _restart(estate: Estate, done: Move) -> Estate:
    servers = [_restarted(server, done) for server in estate.servers]
    return dataclasses.replace(estate, servers=tuple(servers))


def _restarted(server: Server, done: Move) -> Server:
    if server.host != done.host:
        return server
    made = done.args["after"]
    since = seconds_after(made, 1) if made else server.started_at
    return dataclasses.replace(server, started=True, started_at=since, stopped=())


# -- the log
def _copy_logs(estate: Estate, done: Move) -> Estate:
    names = {log.name.lower() for log in estate.uncopied}
    logs = [_in_folder(log) if log.name.lower() in names else log for log in estate.logs]
    return dataclasses.replace(estate, logs=tuple(logs), copied=estate.copied | names)


def _in_folder(log: LogBackup) -> LogBackup:
    return dataclasses.replace(log, place="copied")


def _restore_logs(estate: Estate, done: Move) -> Estate:
    return estate.change("backup", redo_lsn=int(done.args["reached"]), fork=done.args["fork"])


def _stop(estate: Estate, done: Move) -> Estate:
    """The copy stops.

    What it held is on the share as one more log, which begins where the last log backup ended;
    where it ends nobody knows before.
    """
    slot = _slot(estate, done)
    tail = _tail_of(estate, estate.copies[slot], done.args["id"])
    stopped = estate.change(
        slot, state="RESTORING", tail=done.args["id"], role=None, redo_lsn=tail.last_lsn
    )
    return dataclasses.replace(stopped, logs=(*estate.logs, tail))


def _tail_of(estate: Estate, stopped: Copy, attempt: str) -> LogBackup:
    reached, fork = _other_end(estate, stopped)
    begin = reached if stopped.last_backup_lsn is None else stopped.last_backup_lsn
    # what was its mirror holds no more than it
    held = [copy.redo_lsn or 0 for copy in estate.primary_pair]
    return LogBackup(
        path="(the tail)",
        place="copied",
        first_lsn=begin,
        last_lsn=max(reached, begin, *held) + 1,
        first_fork=fork,
        last_fork=fork,
        family=stopped.family,
        server=stopped.server,
        at=estate.now,
        tail=True,
        stamp=f"{attempt}-tail",
    )


def _other_end(estate: Estate, stopped: Copy) -> tuple[int, str | None]:
    """Where the copy stands, or can come to, that the tail is for, and on which fork."""
    if stopped.slot == "backup":
        return estate.primary.redo_lsn or 0, estate.primary.fork
    if estate.chain is None:
        return estate.backup.redo_lsn or 0, estate.backup.fork
    return estate.chain.reached, estate.chain.fork


def _ship(estate: Estate, done: Move) -> Estate:
    """One more log on the share, by the new principal, that the secondary has applied."""
    principal = estate.copies[_slot(estate, done)]
    end = (estate.backup.redo_lsn or 0) + 1
    newest = LogBackup(
        path="(its first log)",
        place="copied",
        first_lsn=end - 1,
        last_lsn=end,
        server=principal.server,
        at="9999",
    )
    shipped = dataclasses.replace(estate, logs=(*estate.logs, newest))
    return shipped.change("backup", redo_lsn=end)


def _link(estate: Estate, _move: Move) -> Estate:
    return estate.change("primary", ships=True, ships_enabled=True).change("backup", linked=True)


# -- which copy is in use
def _recover(estate: Estate, _move: Move) -> Estate:
    """From here on our record names the fork that this copy is on."""
    opened = estate.change(
        "backup",
        state="ONLINE",
        redo_lsn=None,
        fork=NEW_FORK,
        fork_point=estate.backup.redo_lsn,
        tail=None,
    )
    return dataclasses.replace(opened, put_to_work=NEW_FORK)


def _back_up(estate: Estate, done: Move) -> Estate:
    return estate.change("backup", full=done.args["id"], full_lsn=estate.backup.last_backup_lsn)


def _keep(estate: Estate, done: Move) -> Estate:
    return estate.change(_slot(estate, done), full=done.args["stamp"])


def _seed_primary(estate: Estate, done: Move) -> Estate:
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


def _restore_tail(estate: Estate, _move: Move) -> Estate:
    return estate.change(
        "primary", state="ONLINE", redo_lsn=None, last_backup_lsn=estate.backup.redo_lsn
    )


# -- mirroring
def _unmirror(estate: Estate, done: Move) -> Estate:
    slot = _slot(estate, done)
    pair = (slot, PARTNERS[slot])
    copies = _changed(estate.copies, pair, role=None, mirroring=None, witness=None)
    return dataclasses.replace(estate, copies=copies)


def _unmirror_compliance(estate: Estate, _move: Move) -> Estate:
    copies = _changed(estate.compliance, BACKUP_PAIR, role=None, mirroring=None)
    return dataclasses.replace(estate, compliance=copies)


def _mirrored(principal: str, mirror: str) -> Effect:
    """The copy in the one slot is the principal, that in the other its synchronized mirror."""
    pair = "backup" if principal in BACKUP_PAIR else "primary"

    def effect_of(estate: Estate, _move: Move) -> Estate:
        session = {
            "mirroring": "SYNCHRONIZED",
            "safety": "FULL",
            "witness": "CONNECTED" if pair in estate.witnesses else None,
        }
        led = estate.change(principal, role="PRINCIPAL", state="ONLINE", **session)
        return led.change(mirror, role="MIRROR", state="RESTORING", **session)

    return effect_of


def _set_witness(estate: Estate, done: Move) -> Estate:
    serves_backup = estate.witnesses.get("backup") == done.args["witness"]
    pair = BACKUP_PAIR if serves_backup else PRIMARY_PAIR
    copies = _changed(estate.copies, pair, witness="CONNECTED")
    return dataclasses.replace(estate, copies=copies)


def _of_database(
    estate: Estate, done: Move, turn: Callable[[t.Mapping[str, Copy]], Copies]
) -> Estate:
    """The copies of the database that the move names are turned."""
    if done.args["database"] == "mgc":
        return dataclasses.replace(estate, copies=turn(estate.copies))
    return dataclasses.replace(estate, compliance=turn(estate.compliance))


def _switch(estate: Estate, done: Move) -> Estate:
    """The copy that is asked becomes the mirror and its partner the principal."""
    asked = _slot(estate, done)
    return _switched_to(PARTNERS[asked], estate, done)


def _force(estate: Estate, done: Move) -> Estate:
    """The copy that is asked becomes the principal."""
    return _switched_to(_slot(estate, done), estate, done)


def _switched_to(principal: str, estate: Estate, done: Move) -> Estate:
    mirror = PARTNERS[principal]

    def turn(copies: t.Mapping[str, Copy]) -> Copies:
        led = _changed(copies, (principal,), state="ONLINE", role="PRINCIPAL")
        if not copies[mirror].answers:
            return led
        return _changed(led, (mirror,), state="RESTORING", role="MIRROR")

    return _of_database(estate, done, turn)


def _resume(estate: Estate, done: Move) -> Estate:
    def turn(copies: t.Mapping[str, Copy]) -> Copies:
        slots = [slot for slot in PRIMARY_PAIR if slot in copies and copies[slot].role]
        return _changed(copies, slots, mirroring="SYNCHRONIZED")

    return _of_database(estate, done, turn)


EFFECTS: dict[str, Effect] = {
    "declare_intent": _declare,
    "clear_intent": _of_estate(intent=None),
    "fail_over_cms": _move_store,
    "fence": _activate,
    "set_active_servers": _activate,
    "set_pool_failed_over": _of_estate(pool_state="FailedOver"),
    "set_pool_normal": _of_estate(pool_state="Normal"),
    "restart_servers": _restart,
    "copy_logs": _copy_logs,
    "unlink_log_shipping": _of_slot("backup", linked=False, copy_job=None),
    "restore_logs": _restore_logs,
    "recover_database": _recover,
    "open_copy": _asked(closed_by=()),
    "silence_old_primary": _asked(ships_enabled=False),
    "unlink_old_primary": _asked(ships=False, ships_enabled=False),
    "unmirror": _unmirror,
    "unmirror_compliance": _unmirror_compliance,
    "back_up_tail": _stop,
    "back_up_database": _back_up,
    "keep_old_copy": _keep,
    "retire_old_copy": _asked(state="RESTORING", retired=True),
    "restore_on_primary": _seed_primary,
    "restore_tail": _restore_tail,
    "reopen_primary": _asked(state="ONLINE", tail=None),
    "mirror_backup": _mirrored("backup", "backup_mirror"),
    "mirror_to_backup": _mirrored("backup_mirror", "backup"),
    "mirror_primary": _mirrored("primary", "mirror"),
    "mirror_to_primary": _mirrored("mirror", "primary"),
    "set_witness": _set_witness,
    "link_log_shipping": _link,
    "link_log_shipping_of_mirror": _of_slot("mirror", ships=True, ships_enabled=True),
    "drop_leftover": _asked(state=None),
    "switch_principal": _switch,
    "force_service": _force,
    "resume_session": _resume,
    "check_log_shipping": _ship,
}
