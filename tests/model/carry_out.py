"""What every move does to the world, write by write, with the guards that the plugins put into
their batches. A yield stands after each write: there a run may die, or somebody else may act.

The guards are written down again here, from what the statements mean; a move that a guard stops
raises Moved, one that a machine cannot do raises Failed.
"""

from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Callable, Iterator, Mapping

from .document import answers
from .logs import FullBackup, LogFile
from .mirroring import MirrorSession, refresh
from .nature import copy
from .world import PARTNER, Instance, Intent, World

Args = Mapping[str, t.Any]
Writes = Iterator[str]


class Moved(Exception):
    """A guard found the world changed since it was looked at."""


class Failed(Exception):
    """A machine does not answer, or cannot do what is asked."""


def guard(world: World, holds: bool, text: str) -> None:
    if not holds and "guards" not in world.off:
        raise Moved(text)


def batch(world: World, holds: Callable[[], bool], text: str, does: Callable[[], object]) -> None:
    """A batch of T-SQL: its guard, then what it does, or what SQL Server refuses. Where the tools
    of the estate execute a batch once more, that is the whole of it, the guard included: on what
    the first time left, which is something, or nothing yet.
    """
    guard(world, holds(), text)
    first = world.first_execution()
    if first != "broken off":
        does()
    if first != "all":
        guard(world, holds(), text)
        does()


def always() -> bool:
    return True


def need(holds: bool, text: str) -> None:
    if not holds:
        raise Failed(text)


def reach(world: World, slot: str) -> Instance:
    instance = world.sql[slot]
    need(answers(world, instance.host), f"{instance.host} does not answer")
    return instance


def asked(world: World, host: str | None) -> Instance:
    return reach(world, next(i.slot for i in world.sql.values() if i.host == host))


def holds_intent(world: World, attempt: str) -> bool:
    return "intent" in world.off or (world.intent is not None and world.intent.id == attempt)


# -- the record, the pool
# ------------------------------------------------------------------------------------------------------------------


def declare_intent(world: World, host: str | None, a: Args) -> Writes:
    asked(world, host)
    have, replaces = world.intent, a["replaces"]
    if (
        have is None
        or have.id != a["id"]
        or (replaces is not None and have.id == replaces["id"] and a["at"] > have.at)
    ):
        batch(
            world,
            lambda: (
                world.intent is None
                if replaces is None
                else world.intent is not None and world.intent.id == replaces["id"]
            ),
            "somebody else declared something meanwhile",
            lambda: setattr(world, "intent", Intent(a["target"], a["id"], a["operator"], a["at"])),
        )
        yield "declared"


def clear_intent(world: World, host: str | None, a: Args) -> Writes:
    asked(world, host)
    mine = a["intent"]["id"]
    if world.intent is not None and world.intent.id == mine:
        batch(
            world,
            lambda: world.intent is not None and world.intent.id == mine,
            "another intent by now",
            lambda: setattr(world, "intent", None),
        )
        yield "cleared"


def configure(world: World, host: str | None, **facts: t.Any) -> Writes:
    need(
        host is not None and answers(world, host) and world.up[world.cms],
        "the central store does not answer",
    )
    world.fenced = facts.get("active") == () if "active" in facts else world.fenced
    if not (world.fenced and "active" in facts and "fence" in world.off):
        world.config = dataclasses.replace(world.config, **facts)
        world.replicate(
            *world.replicas
        )  # the Front End servers, at once; chat servers when they get to it
    yield "configured"


def fence(world: World, host: str | None, a: Args) -> Writes:
    """Nobody waits for replication here: what the old servers write until it comes is in the tail,
    or counted as lost. It comes before long.
    """
    yield from configure(world, host, active=())
    world.replicate(*world.chat, *world.replicas)
    yield "replicated"


def set_active_servers(world: World, host: str | None, a: Args) -> Writes:
    yield from configure(world, host, active=tuple(s.split(".")[0] for s in a["servers"]))
    world.replicate(
        *world.chat, *world.replicas
    )  # those that answer are waited for; the others reach the store as well, and get it meanwhile
    yield "replicated"


def fail_over_cms(world: World, host: str | None, a: Args) -> Writes:
    """The new store begins with what its replica knew."""
    need(host is not None and answers(world, host), f"{host} does not answer")
    if not world.up[world.cms]:
        world.cms = str(host)
        world.config = dataclasses.replace(world.replicas[world.cms])
        yield "moved"


# -- logs
# --------------------------------------------------------------------------------------------------------------------------------


def copy_logs(world: World, host: str | None, a: Args) -> Writes:
    backup = asked(world, host)
    if backup.linked and backup.agent and world.share:
        copy(world, a["names"])
        yield "copied"


def unlink_log_shipping(world: World, host: str | None, a: Args) -> Writes:
    backup = asked(world, host)
    batch(world, always, "", lambda: setattr(backup, "linked", False))
    yield "unlinked"


def apply_log(world: World, instance: Instance, path: str, at: int | None) -> None:
    db = instance.db
    batch(
        world,
        lambda: db.state == "RESTORING" and instance.session is None and at in (None, db.end),
        "does not stand there any more",
        lambda: restore_from(world, instance, path),
    )


def restore_from(world: World, instance: Instance, path: str) -> None:
    """RESTORE LOG, with what SQL Server refuses."""
    file = next((f for f in world.files if f.name == path.rpartition("\\")[2]), None)
    place = "share" if path.startswith("\\\\") else "copied"
    need(
        instance.db.state == "RESTORING" and instance.session is None,
        "3101 or 3104: in use or mirrored",
    )
    need(
        file is not None and getattr(file, place) == "good" and (place == "copied" or world.share),
        f"3201, 3203 or 3241: {path}",
    )
    assert file is not None
    need(instance.db.obstacle(file) is None, f"{instance.db.obstacle(file)}: {path}")
    world.restore_log(instance, file)


def can_be_read(world: World, path: str) -> bool:
    place = "share" if path.startswith("\\\\") else "copied"
    return any(
        getattr(f, place) == "good" for f in world.files if f.name == path.rpartition("\\")[2]
    ) and (place == "copied" or world.share)


def restore_logs(world: World, host: str | None, a: Args) -> Writes:
    at = asked(world, host).db.end
    files = (
        a["files"]
        if "order" in world.off
        else sorted(a["files"], key=lambda f: (int(f["first_lsn"]), int(f["last_lsn"])))
    )
    for file in files:
        if int(file["last_lsn"]) > at and (
            "stop" not in world.off or can_be_read(world, file["path"])
        ):
            apply_log(world, asked(world, host), file["path"], at)
            at = int(file["last_lsn"])
            yield f"applied {file['path'].rpartition(chr(92))[2]}"


# -- doors
# -------------------------------------------------------------------------------------------------------------------------------


def recover(world: World, instance: Instance, expect: int, attempt: str) -> Writes:
    if instance.db.state == "ONLINE":
        return
    batch(
        world,
        lambda: (
            instance.db.state == "RESTORING"
            and instance.db.end == expect
            and (not attempt or holds_intent(world, attempt))
        ),
        "stands elsewhere, or another attempt was declared",
        lambda: recovery(world, instance, attempt),
    )
    yield "recovered"


def recovery(world: World, instance: Instance, attempt: str) -> None:
    """RESTORE DATABASE ... WITH RECOVERY."""
    need(instance.db.state == "RESTORING" and instance.session is None, "nothing to recover")
    instance.db.recover(world.fresh("F"))
    if attempt:
        world.put_to_work = instance.db.forks[-1].id


def recover_database(world: World, host: str | None, a: Args) -> Writes:
    yield from recover(world, asked(world, host), int(a["expect_lsn"]), a["id"])


def back_up_tail(world: World, host: str | None, a: Args, beside: bool = False) -> Writes:
    instance = asked(world, host)
    if instance.db.state == "RESTORING" and any(
        d.stamp == f"pchat {a['id']}-{'old' if beside else 'tail'}" for d in instance.taken
    ):
        return
    batch(
        world,
        lambda: (
            instance.db.state == "ONLINE"
            and (beside or instance.slot != "backup" or holds_intent(world, a["id"]))
        ),
        "not online, or another attempt was declared",
        lambda: save_tail(world, instance, a["id"], beside),
    )
    if "tail" in world.off:  # saved in one statement, stopped in another
        yield "saved, and still open"
        instance.db.state = "RESTORING"
    yield "stopped"


def save_tail(world: World, instance: Instance, attempt: str, beside: bool) -> None:
    """BACKUP LOG ... WITH NORECOVERY."""
    need(
        instance.db.state == "ONLINE" and instance.session is None and world.share,
        "no tail can be saved",
    )
    world.log_backup(instance, attempt, beside=beside)
    if "tail" not in world.off:
        instance.db.state = "RESTORING"


def retire_old_copy(world: World, host: str | None, a: Args) -> Writes:
    """The same statement; the file goes beside the full backups, where no chain is looked for."""
    yield from back_up_tail(world, host, a, beside=True)


def reopen_primary(world: World, host: str | None, a: Args) -> Writes:
    instance = asked(world, host)
    yield from recover(world, instance, instance.db.end, "")


A_DAY = 86400.0


def full_of(world: World, instance: Instance, stamp: str, covers: int = 0) -> FullBackup:
    """The newest stamped backup of the current fork that does not end before ``covers``, taken now
    if there is none; what of it the world still holds.
    """
    remembered = {d.uuid for d in instance.taken}  # msdb finds it, not the folder
    found = next(
        (
            f
            for f in world.fulls
            if (f.stamp, f.slot) == (stamp, instance.slot)
            and f.forks[-1] == instance.db.forks[-1]
            and f.uuid in remembered
            and f.last >= covers
            and (not stamp.endswith("_seed") or world.now - f.taken < A_DAY)
        ),
        None,
    )
    if found is None:
        need(instance.db.state == "ONLINE" and world.share, "no backup can be taken")
        batch(
            world,
            lambda: instance.db.state == "ONLINE",
            "not online any more",
            lambda: world.full_backup(instance, stamp),
        )
        found = next(f for f in world.fulls if (f.stamp, f.slot) == (stamp, instance.slot))
    return found


def back_up_database(world: World, host: str | None, a: Args) -> Writes:
    full_of(world, asked(world, host), a["id"], int(a["covers"] or 0))
    yield "backed up"


def keep_old_copy(world: World, host: str | None, a: Args) -> Writes:
    full_of(world, asked(world, host), a["stamp"])
    yield "kept"


def overwrite(
    world: World,
    instance: Instance,
    full: FullBackup,
    seen: str | None,
    recovered_too: bool = False,
) -> None:
    """RESTORE DATABASE with the plugin's refusals before it."""
    db = instance.db
    need(world.share, "the backup cannot be read")
    need(instance.session is None, f"3104: {instance.host} is mirrored")
    need(
        recovered_too or db.state != "ONLINE" or db.family != full.family,
        f"would_overwrite: {instance.host} was restored and recovered",
    )
    batch(
        world,
        lambda: instance.db.state == seen,
        f"{instance.host} is not what it was",
        lambda: world.restore_full(instance, full),
    )


def restore_on_primary(world: World, host: str | None, a: Args) -> Writes:
    full, primary = full_of(world, reach(world, "backup"), a["id"]), asked(world, host)
    if primary.db.state != "RESTORING" or last_full(primary) != full.uuid:
        overwrite(world, primary, full, a["seen"], recovered_too=True)
        yield "restored"


def last_full(instance: Instance) -> str | None:
    return next((d.uuid for d in reversed(instance.restored) if d.kind == "D"), None)


def restore_tail(world: World, host: str | None, a: Args) -> Writes:
    primary, last = asked(world, host), int(a["file"]["last_lsn"])
    if primary.db.state == "RESTORING" and primary.db.end < last:
        apply_log(world, primary, a["file"]["path"], primary.db.end)
        yield "tail applied"
    yield from recover(world, asked(world, host), last, "")


# -- the old primary and the pairs
# -----------------------------------------------------------------------------------------------------------


def silence_old_primary(world: World, host: str | None, a: Args) -> Writes:
    instance = asked(world, host)
    batch(world, always, "", lambda: setattr(instance, "ships", False))
    yield "silent"


def unlink_old_primary(world: World, host: str | None, a: Args) -> Writes:
    instance = asked(world, host)
    batch(world, always, "", lambda: setattr(instance, "ships", None))
    yield "unlinked"


def unmirror(world: World, host: str | None, a: Args) -> Writes:
    instance = asked(world, host)
    if instance.session is not None:
        batch(
            world,
            lambda: instance.session is not None,
            "no session any more",
            lambda: partner_off(world, instance),
        )
        yield "session removed"


def partner_off(world: World, instance: Instance) -> None:
    need(instance.session is not None, "1416: not mirrored")
    if instance.session is not None:
        instance.session.off(instance, connected=world.up[world.sql[PARTNER[instance.slot]].host])


def mirror(world: World, principal: str, replace: bool) -> Writes:
    """Seed, restore, set partner: the role ``mirror``."""
    ours, theirs = reach(world, principal), reach(world, PARTNER[principal])
    if ours.session is None:
        need(ours.db.state == "ONLINE", f"not_online: {ours.host}")
        full = full_of(world, ours, "mirror_seed")
        if ours.ships is not None and world.share:
            batch(world, always, "", lambda: world.log_backup(ours))
        yield "seed taken"
        theirs = reach(world, PARTNER[principal])
        logs = logs_since(world, ours, full)
        if theirs.db.state != "RESTORING" or last_full(theirs) != full.uuid:
            need(theirs.db.state is None or replace, f"would_overwrite: {theirs.host}")
            overwrite(world, theirs, full, theirs.db.state, recovered_too=principal == "primary")
        for file in logs:
            if theirs.session is None and theirs.db.obstacle(file) is None:
                apply_log(
                    world,
                    theirs,
                    f"\\\\share\\{file.name}" if file.share == "good" else file.name,
                    theirs.db.end,
                )
        yield "mirror seeded"
        ours, theirs = reach(world, principal), reach(world, PARTNER[principal])
        need(
            ours.db.state == "ONLINE"
            and theirs.db.state == "RESTORING"
            and ours.session is None is theirs.session,
            "the copies are not what they were",
        )
        need(
            theirs.db.end >= ours.db.next_backup and theirs.db.same_path(ours.db.forks),
            "1412: not rolled forward enough",
        )
        session = MirrorSession(ours, theirs)
        yield "mirrored"
        session.witness = world.witness and principal != "backup"
        yield "witness set"


def logs_since(world: World, instance: Instance, full: FullBackup) -> list[LogFile]:
    return sorted(
        (
            f
            for f in world.files
            if f.server == instance.host and f.last > full.last and f.readable(world.share)
        ),
        key=lambda f: f.first,
    )


def mirror_primary(world: World, host: str | None, a: Args) -> Writes:
    yield from mirror(world, "primary", True)
    yield from restart(world, tuple(world.chat), world.sql["mirror"])


def mirror_to_primary(world: World, host: str | None, a: Args) -> Writes:
    yield from mirror(world, "mirror", True)
    yield from restart(world, tuple(world.chat), world.sql["primary"])


def mirror_backup(world: World, host: str | None, a: Args) -> Writes:
    yield from mirror(world, "backup", a["replace"])
    yield from restart(
        world, tuple(c for c in world.chat if c == "chat-s1"), world.sql["backup_mirror"]
    )


def restart(world: World, hosts: tuple[str, ...], made: Instance) -> Writes:
    """Once each, if it started before the mirror was made, by the clocks of the two machines; that
    takes a while.
    """
    at = next((d.at for d in reversed(made.restored) if d.kind == "D"), "")
    for host in hosts:
        if (
            answers(world, host)
            and world.clock(world.chat[host].skew, world.chat[host].started) < at
        ):
            world.pass_time(60)
            world.chat[host].started = world.now
            yield f"restarted {host}"


def restart_servers(world: World, host: str | None, a: Args) -> Writes:
    need(host is not None and answers(world, host), f"{host} does not answer")
    world.pass_time(60)
    world.chat[str(host)].started = world.now
    yield "restarted"


def link_log_shipping(world: World, host: str | None, a: Args) -> Writes:
    primary = reach(world, "primary")
    reach(world, "backup")
    need(
        primary.agent and (primary.ships is not None or primary.db.state == "ONLINE"), "not_online"
    )
    batch(world, always, "", lambda: setattr(primary, "ships", True))
    yield "the primary ships"
    primary, backup = reach(world, "primary"), reach(world, "backup")
    if backup.db.state != "RESTORING" or (not backup.linked and a["reseed"]):
        full = full_of(world, primary, "secondary_seed")
        if backup.db.state != "RESTORING" or last_full(backup) != full.uuid:
            overwrite(world, backup, full, backup.db.state)
        yield "the secondary is seeded"
    backup = reach(world, "backup")
    batch(world, always, "", lambda: setattr(backup, "linked", True))
    yield "linked"


def link_log_shipping_of_mirror(world: World, host: str | None, a: Args) -> Writes:
    """Configured only while it is the principal: a switch there and back."""
    mirror_, primary = reach(world, "mirror"), reach(world, "primary")
    if mirror_.ships is None and mirror_.db.state != "ONLINE":
        switch(world, primary)
        yield "switched"
    reach(world, "mirror").ships = True
    yield "the mirror ships"
    if mirror_.role == "PRINCIPAL":
        switch(world, reach(world, "mirror"))
        yield "switched back"


def switch(world: World, principal: Instance) -> None:
    batch(
        world,
        lambda: principal.role == "PRINCIPAL",
        "not the principal any more",
        lambda: partner_failover(world, principal),
    )


def partner_failover(world: World, principal: Instance) -> None:
    refresh(world)
    session = principal.session
    need(
        session is not None and session.principal is principal and session.state == "SYNCHRONIZED",
        "not_synchronized",
    )
    assert session is not None
    session.switch()


def drop_leftover(world: World, host: str | None, a: Args) -> Writes:
    instance = asked(world, host)
    batch(
        world,
        lambda: (
            instance.db.state == "RESTORING" and instance.session is None and not instance.linked
        ),
        "no leftover any more",
        lambda: setattr(instance.db, "state", None),
    )
    yield "dropped"


# -- mirror failover
# ---------------------------------------------------------------------------------------------------------------------


def switch_principal(world: World, host: str | None, a: Args) -> Writes:
    switch(world, asked(world, host))
    yield "switched"


def force_service(world: World, host: str | None, a: Args) -> Writes:
    instance = asked(world, host)
    refresh(world)
    batch(
        world,
        lambda: instance.role == "MIRROR",
        "not the mirror any more",
        lambda: force(world, instance),
    )
    yield "forced"


def force(world: World, instance: Instance) -> None:
    session = instance.session
    need(
        session is not None and session.mirror is instance and session.state == "DISCONNECTED",
        "partner_alive",
    )
    assert session is not None
    session.force(world.fresh("F"))


def set_witness(world: World, host: str | None, a: Args) -> Writes:
    session = asked(world, host).session
    need(
        session is not None
        and session.whole
        and session.state == "SYNCHRONIZED"
        and asked(world, host) is session.principal,
        "no session to witness",
    )
    assert session is not None
    batch(world, always, "", lambda: setattr(session, "witness", True))
    yield "witness set"


def resume_session(world: World, host: str | None, a: Args) -> Writes:
    instance = asked(world, host)
    refresh(world)
    session = instance.session
    if session is not None and session.state == "SUSPENDED" and session.principal is instance:
        batch(world, always, "", session.resume)
        yield "resumed"


def check_log_shipping(world: World, host: str | None, a: Args) -> Writes:
    principal, backup = asked(world, host), reach(world, "backup")
    need(world.serves(principal) and world.share, "the job failed")
    file = world.log_backup(principal)
    yield "backed up"
    need(backup.linked and world.share, "the job failed")
    copy(world, [f.name for f in world.files])
    yield "copied"
    for each in sorted(world.files, key=lambda f: f.first):
        if (
            each.copied == "good"
            and backup.db.state == "RESTORING"
            and backup.db.obstacle(each) is None
            and each.first <= file.last
        ):
            world.restore_log(backup, each)
    yield "applied"


MOVES: dict[str, Callable[[World, str | None, Args], Writes]] = {
    "set_witness": set_witness,
    "fence": fence,
    "set_pool_failed_over": lambda w, h, a: configure(w, h, pool_state="FailedOver"),
    "set_pool_normal": lambda w, h, a: configure(w, h, pool_state="Normal"),
    **{
        f.__name__: f
        for f in (
            declare_intent,
            clear_intent,
            set_active_servers,
            fail_over_cms,
            copy_logs,
            unlink_log_shipping,
            restore_logs,
            recover_database,
            back_up_tail,
            retire_old_copy,
            reopen_primary,
            back_up_database,
            keep_old_copy,
            restore_on_primary,
            restore_tail,
            silence_old_primary,
            unlink_old_primary,
            unmirror,
            mirror_primary,
            mirror_to_primary,
            mirror_backup,
            restart_servers,
            link_log_shipping,
            link_log_shipping_of_mirror,
            drop_leftover,
            switch_principal,
            force_service,
            resume_session,
            check_log_shipping,
        )
    },
}
