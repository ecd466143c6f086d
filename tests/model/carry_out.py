"""What every move does to the world, write by write, with the guards of the plugins' batches.

A yield stands after each write: there a run may die, or somebody else may act.

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
#: What a move does: to the world, on a host, with these arguments.
Carried = Callable[[World, str | None, Args], Writes]


class Moved(Exception):
    """A guard found the world changed since it was looked at."""


class Failed(Exception):
    """A machine does not answer, or cannot do what is asked."""


def guard(world: World, holds: bool, text: str) -> None:
    """Raises Moved when what a batch was planned for does not hold any more."""
    if not holds and "guards" not in world.off:
        raise Moved(text)


def batch(world: World, holds: Callable[[], bool], text: str, does: Callable[[], object]) -> None:
    """A batch of T-SQL: its guard, then what it does, or what SQL Server refuses.

    Where the tools of the estate execute a batch once more, that is the whole of it, the guard
    included: on what the first time left, which is something, or nothing yet.
    """
    guard(world, holds(), text)
    first = world.first_execution()
    if first != "broken off":
        does()
    if first != "all":
        guard(world, holds(), text)
        does()


def always() -> bool:
    """The guard of a statement that may be sent at any time."""
    return True


def need(holds: bool, text: str) -> None:
    """Raises Failed when a machine cannot do what is asked."""
    if not holds:
        raise Failed(text)


def reach(world: World, slot: str) -> Instance:
    """The instance, which must answer."""
    instance = world.sql[slot]
    need(answers(world, instance.host), f"{instance.host} does not answer")
    return instance


def asked(world: World, host: str | None) -> Instance:
    """The instance on the host that a move names, which must answer."""
    (slot,) = (slot for slot, instance in world.sql.items() if instance.host == host)
    return reach(world, slot)


def name_of(path: str) -> str:
    """The last part of a Windows path."""
    return path.rpartition("\\")[2]


def holds_intent(world: World, attempt: str) -> bool:
    """Whether it is this attempt that is declared."""
    return "intent" in world.off or (world.intent is not None and world.intent.id == attempt)


# the record, the pool


def declare_intent(world: World, host: str | None, args: Args) -> Writes:
    asked(world, host)
    have = world.intent
    replaces = args["replaces"]
    wanted = Intent(args["target"], args["id"], args["operator"], args["at"])

    def stands_as_it_was_seen() -> bool:
        if replaces is None:
            return world.intent is None
        return world.intent is not None and world.intent.id == replaces["id"]

    if have is not None and have.id == wanted.id:
        # It is there; declared again only when it is the one to be replaced, and older.
        is_replaced = replaces is not None and have.id == replaces["id"]
        if not is_replaced or wanted.at <= have.at:
            return
    batch(
        world,
        stands_as_it_was_seen,
        "somebody else declared something meanwhile",
        lambda: setattr(world, "intent", wanted),
    )
    yield "declared"


def clear_intent(world: World, host: str | None, args: Args) -> Writes:
    asked(world, host)
    mine = args["intent"]["id"]
    if world.intent is not None and world.intent.id == mine:
        batch(
            world,
            lambda: world.intent is not None and world.intent.id == mine,
            "another intent by now",
            lambda: setattr(world, "intent", None),
        )
        yield "cleared"


def configure(world: World, host: str | None, **facts: t.Any) -> Writes:
    """What the central store says from now on: of the pool's state, or of its active servers."""
    need(
        host is not None and answers(world, host) and world.up[world.cms],
        "the central store does not answer",
    )
    if "active" in facts:
        world.fenced = facts["active"] == ()
    ablated = world.fenced and "active" in facts and "fence" in world.off
    if not ablated:
        world.config = dataclasses.replace(world.config, **facts)
        # The Front End servers, at once; chat servers when they get to it.
        world.replicate(*world.replicas)
    yield "configured"


def set_pool_failed_over(world: World, host: str | None, args: Args) -> Writes:
    return configure(world, host, pool_state="FailedOver")


def set_pool_normal(world: World, host: str | None, args: Args) -> Writes:
    return configure(world, host, pool_state="Normal")


def fence(world: World, host: str | None, args: Args) -> Writes:
    """Nobody waits for replication here, which comes before long.

    What the old servers write until then is in the tail, or counted as lost.
    """
    yield from configure(world, host, active=())
    world.replicate(*world.chat, *world.replicas)
    yield "replicated"


def set_active_servers(world: World, host: str | None, args: Args) -> Writes:
    """Those that answer are waited for; the others get it meanwhile, by the store."""
    names = [server.partition(".")[0] for server in args["servers"]]
    yield from configure(world, host, active=tuple(names))
    world.replicate(*world.chat, *world.replicas)
    yield "replicated"


def fail_over_cms(world: World, host: str | None, args: Args) -> Writes:
    """The new store begins with what its replica knew."""
    need(host is not None and answers(world, host), f"{host} does not answer")
    if not world.up[world.cms]:
        world.cms = str(host)
        world.config = dataclasses.replace(world.replicas[world.cms])
        yield "moved"


# logs


def copy_logs(world: World, host: str | None, args: Args) -> Writes:
    backup = asked(world, host)
    if backup.linked and backup.agent and world.share:
        copy(world, args["names"])
        yield "copied"


def unlink_log_shipping(world: World, host: str | None, args: Args) -> Writes:
    backup = asked(world, host)
    batch(world, always, "", lambda: setattr(backup, "linked", False))
    yield "unlinked"


def apply_log(world: World, instance: Instance, path: str, at: int) -> None:
    """The batch that restores one log backup to a copy that stands ``at`` this LSN."""
    db = instance.db
    batch(
        world,
        lambda: db.state == "RESTORING" and instance.session is None and at == db.end,
        "does not stand there any more",
        lambda: restore_from(world, instance, path),
    )


def restore_from(world: World, instance: Instance, path: str) -> None:
    """RESTORE LOG, with what SQL Server refuses."""
    need(
        instance.db.state == "RESTORING" and instance.session is None,
        "3101 or 3104: in use or mirrored",
    )
    file = file_at(world, path)
    if file is None:
        raise Failed(f"3201, 3203 or 3241: {path}")
    obstacle = instance.db.obstacle(file)
    need(obstacle is None, f"{obstacle}: {path}")
    world.restore_log(instance, file)


def file_at(world: World, path: str) -> LogFile | None:
    """The log backup at a path on the share or in the copy folder; None when it cannot be read."""
    on_the_share = path.startswith("\\\\")
    if on_the_share and not world.share:
        return None
    for file in world.files:
        health = file.share if on_the_share else file.copied
        if file.name == name_of(path) and health == "good":
            return file
    return None


def restore_logs(world: World, host: str | None, args: Args) -> Writes:
    at = asked(world, host).db.end
    files = args["files"]
    if "order" not in world.off:
        files = sorted(files, key=lambda file: (int(file["first_lsn"]), int(file["last_lsn"])))
    for file in files:
        path = file["path"]
        last = int(file["last_lsn"])
        passed_over = "stop" in world.off and file_at(world, path) is None
        if last > at and not passed_over:
            apply_log(world, asked(world, host), path, at)
            at = last
            yield f"applied {name_of(path)}"


# doors


def recover(world: World, instance: Instance, expect: int, attempt: str) -> Writes:
    """Unless it is online. ``attempt``: the one that must be declared; empty: none."""
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
    left = instance.db.forks[-1].id, instance.db.end
    instance.db.recover(world.fresh("F"))
    if attempt:
        world.put_to_work = instance.db.forks[-1].id
        world.put_to_work_left = left if world.tells_left else None
    need(not (instance.db.closed and world.breaks_off()), "broken off before the copy was opened")
    instance.db.closed = False


def open_copy(world: World, host: str | None, args: Args) -> Writes:
    asked(world, host).db.closed = False
    yield "opened"


def recover_database(world: World, host: str | None, args: Args) -> Writes:
    yield from recover(world, asked(world, host), int(args["expect_lsn"]), args["id"])


def back_up_tail(world: World, host: str | None, args: Args, beside: bool = False) -> Writes:
    instance = asked(world, host)
    kind = "old" if beside else "tail"
    stamps = [line.stamp for line in instance.taken]
    if instance.db.state == "RESTORING" and f"pchat {args['id']}-{kind}" in stamps:
        return
    batch(
        world,
        lambda: (
            instance.db.state == "ONLINE"
            and (beside or instance.slot != "backup" or holds_intent(world, args["id"]))
        ),
        "not online, or another attempt was declared",
        lambda: save_tail(world, instance, args["id"], beside),
    )
    if "tail" in world.off:
        # Saved in one statement, stopped in another.
        yield "saved, and still open"
        instance.db.state = "RESTORING"
    yield "stopped"


def save_tail(world: World, instance: Instance, attempt: str, beside: bool) -> None:
    """BACKUP LOG ... WITH NORECOVERY."""
    need(
        instance.db.state == "ONLINE" and instance.session is None and world.takes_backups,
        "no tail can be saved",
    )
    world.log_backup(instance, attempt, beside=beside)
    instance.db.closed = True
    if "tail" not in world.off:
        instance.db.state = "RESTORING"


def retire_old_copy(world: World, host: str | None, args: Args) -> Writes:
    """The same statement; the file goes beside the full backups, where no chain is looked for."""
    yield from back_up_tail(world, host, args, beside=True)


def reopen_primary(world: World, host: str | None, args: Args) -> Writes:
    instance = asked(world, host)
    yield from recover(world, instance, instance.db.end, "")


A_DAY = 86400.0


def full_of(world: World, instance: Instance, stamp: str, covers: int = 0) -> FullBackup:
    """The stamped backup of the current fork that does not end before ``covers``.

    Taken now if there is none, or if what there is of it is too old for a seed.
    """
    found = stamped_backup(world, instance, stamp)
    if found is None or not is_good_for(world, instance, found, covers):
        need(instance.db.state == "ONLINE" and world.takes_backups, "no backup can be taken")
        batch(
            world,
            lambda: instance.db.state == "ONLINE",
            "not online any more",
            lambda: world.full_backup(instance, stamp),
        )
        found = stamped_backup(world, instance, stamp)
        assert found is not None
    return found


def stamped_backup(world: World, instance: Instance, stamp: str) -> FullBackup | None:
    """What the world still holds: one file for each stamp."""
    for full in world.fulls:
        if full.stamp == stamp and full.slot == instance.slot:
            return full
    return None


def is_good_for(world: World, instance: Instance, full: FullBackup, covers: int) -> bool:
    """Whether msdb, by which it is found, still knows it, and it is what is looked for."""
    if full.uuid not in {line.uuid for line in instance.taken}:
        return False
    if full.forks[-1] != instance.db.forks[-1] or full.last < covers:
        return False
    return not full.stamp.endswith("_seed") or world.now - full.taken < A_DAY


def back_up_database(world: World, host: str | None, args: Args) -> Writes:
    full_of(world, asked(world, host), args["id"], int(args["covers"] or 0))
    yield "backed up"


def keep_old_copy(world: World, host: str | None, args: Args) -> Writes:
    full_of(world, asked(world, host), args["stamp"])
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


def restore_on_primary(world: World, host: str | None, args: Args) -> Writes:
    full = full_of(world, reach(world, "backup"), args["id"])
    primary = asked(world, host)
    if primary.db.state != "RESTORING" or last_full(primary) != full.uuid:
        overwrite(world, primary, full, args["seen"], recovered_too=True)
        yield "restored"


def last_full(instance: Instance) -> str | None:
    """The full backup from which it was restored last, as far as msdb remembers."""
    for line in reversed(instance.restored):
        if line.kind == "D":
            return line.uuid
    return None


def restore_tail(world: World, host: str | None, args: Args) -> Writes:
    primary = asked(world, host)
    last = int(args["file"]["last_lsn"])
    if primary.db.state == "RESTORING" and primary.db.end < last:
        apply_log(world, primary, args["file"]["path"], primary.db.end)
        yield "tail applied"
    yield from recover(world, asked(world, host), last, "")


# the old primary and the pairs


def silence_old_primary(world: World, host: str | None, args: Args) -> Writes:
    instance = asked(world, host)
    batch(world, always, "", lambda: setattr(instance, "ships", False))
    yield "silent"


def unlink_old_primary(world: World, host: str | None, args: Args) -> Writes:
    instance = asked(world, host)
    batch(world, always, "", lambda: setattr(instance, "ships", None))
    yield "unlinked"


def unmirror(world: World, host: str | None, args: Args) -> Writes:
    instance = asked(world, host)
    if instance.session is not None:
        batch(
            world,
            lambda: instance.role == args.get("role"),
            "no session any more, or the partners changed roles",
            lambda: partner_off(world, instance),
        )
        yield "session removed"


def partner_off(world: World, instance: Instance) -> None:
    """ALTER DATABASE ... SET PARTNER OFF."""
    if instance.session is None:
        raise Failed("1416: not mirrored")
    partner = world.sql[PARTNER[instance.slot]]
    instance.session.off(instance, connected=world.up[partner.host])


def mirror(world: World, principal: str, replace: bool) -> Writes:
    """Seed, restore, set partner: the role ``mirror``."""
    ours = reach(world, principal)
    reach(world, PARTNER[principal])
    if ours.session is not None:
        return
    need(ours.db.state == "ONLINE", f"not_online: {ours.host}")
    full = full_of(world, ours, "mirror_seed")
    if ours.ships is not None and world.takes_backups:
        batch(world, always, "", lambda: world.log_backup(ours))
    yield "seed taken"
    theirs = reach(world, PARTNER[principal])
    seed(world, theirs, full, logs_since(world, ours, full), replace)
    yield "mirror seeded"
    session = set_partner(world, principal)
    yield "mirrored"
    session.witness = world.witness and not principal.startswith("backup")
    yield "witness set"


def seed(
    world: World, theirs: Instance, full: FullBackup, logs: list[LogFile], replace: bool
) -> None:
    """Restore the copy that is to be a mirror, and what logs can be applied to it."""
    if theirs.db.state != "RESTORING" or last_full(theirs) != full.uuid:
        need(theirs.db.state is None or replace, f"would_overwrite: {theirs.host}")
        of_primary = theirs.slot == "mirror"
        overwrite(world, theirs, full, theirs.db.state, recovered_too=of_primary)
    for file in logs:
        if theirs.session is None and theirs.db.obstacle(file) is None:
            path = f"\\\\share\\{file.name}" if file.share == "good" else file.name
            apply_log(world, theirs, path, theirs.db.end)


def set_partner(world: World, principal: str) -> MirrorSession:
    """ALTER DATABASE ... SET PARTNER, on either side."""
    ours = reach(world, principal)
    theirs = reach(world, PARTNER[principal])
    need(
        ours.db.state == "ONLINE"
        and theirs.db.state == "RESTORING"
        and ours.session is None
        and theirs.session is None,
        "the copies are not what they were",
    )
    need(not ours.db.read_only, f"1466: {ours.host} is read-only")
    need(
        theirs.db.end >= ours.db.next_backup and theirs.db.same_path(ours.db.forks),
        "1412: not rolled forward enough",
    )
    return MirrorSession(ours, theirs)


def logs_since(world: World, instance: Instance, full: FullBackup) -> list[LogFile]:
    """Log backups of an instance after a full one, as far as they can be read, in order."""
    found = []
    for file in world.files:
        if file.server == instance.host and file.last > full.last and file.readable(world.share):
            found.append(file)
    return sorted(found, key=lambda file: file.first)


def mirror_primary(world: World, host: str | None, args: Args) -> Writes:
    yield from mirror(world, "primary", True)
    yield from restart(world, tuple(world.chat), world.sql["mirror"])


def mirror_to_primary(world: World, host: str | None, args: Args) -> Writes:
    yield from mirror(world, "mirror", True)
    yield from restart(world, tuple(world.chat), world.sql["primary"])


def mirror_backup(world: World, host: str | None, args: Args) -> Writes:
    yield from _mirror_in_backup_site(world, "backup", args)


def mirror_to_backup(world: World, host: str | None, args: Args) -> Writes:
    yield from _mirror_in_backup_site(world, "backup_mirror", args)


def _mirror_in_backup_site(world: World, principal: str, args: Args) -> Writes:
    yield from mirror(world, principal, args["replace"])
    yield from restart(world, ("chat-s1",), world.sql[PARTNER[principal]])


def restart(world: World, hosts: tuple[str, ...], made: Instance) -> Writes:
    """Once each, if it started before the mirror was made, by the clocks of the two machines.

    That takes a while.
    """
    restores = [line.at for line in made.restored if line.kind == "D"]
    made_at = restores[-1] if restores else ""
    for host in hosts:
        server = world.chat[host]
        if answers(world, host) and world.clock(server.skew, server.started) <= made_at:
            world.pass_time(60)
            server.started = world.now
            yield f"restarted {host}"


def restart_servers(world: World, host: str | None, args: Args) -> Writes:
    need(host is not None and answers(world, host), f"{host} does not answer")
    world.pass_time(60)
    world.chat[str(host)].started = world.now
    yield "restarted"


def link_log_shipping(world: World, host: str | None, args: Args) -> Writes:
    primary = reach(world, "primary")
    reach(world, "backup")
    need(
        primary.agent and (primary.ships is not None or primary.db.state == "ONLINE"), "not_online"
    )
    batch(world, always, "", lambda: setattr(primary, "ships", True))
    yield "the primary ships"
    primary = reach(world, "primary")
    backup = reach(world, "backup")
    if backup.db.state != "RESTORING" or (not backup.linked and args["reseed"]):
        full = full_of(world, primary, "secondary_seed")
        if backup.db.state != "RESTORING" or last_full(backup) != full.uuid:
            overwrite(world, backup, full, backup.db.state)
        yield "the secondary is seeded"
    backup = reach(world, "backup")
    batch(world, always, "", lambda: setattr(backup, "linked", True))
    yield "linked"


def link_log_shipping_of_mirror(world: World, host: str | None, args: Args) -> Writes:
    """Configured only while it is the principal: a switch there and back."""
    ours = reach(world, "mirror")
    primary = reach(world, "primary")
    if ours.ships is None and ours.db.state != "ONLINE":
        switch(world, primary)
        yield "switched"
    reach(world, "mirror").ships = True
    yield "the mirror ships"
    if ours.role == "PRINCIPAL":
        switch(world, reach(world, "mirror"))
        yield "switched back"


def switch(world: World, principal: Instance) -> None:
    """The batch that changes the roles of a pair."""
    batch(
        world,
        lambda: principal.role == "PRINCIPAL",
        "not the principal any more",
        lambda: partner_failover(world, principal),
    )


def partner_failover(world: World, principal: Instance) -> None:
    """ALTER DATABASE ... SET PARTNER FAILOVER."""
    refresh(world)
    session = principal.session
    need(
        session is not None and session.principal is principal and session.state == "SYNCHRONIZED",
        "not_synchronized",
    )
    assert session is not None
    session.switch()


def drop_leftover(world: World, host: str | None, args: Args) -> Writes:
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


# mirror failover


def switch_principal(world: World, host: str | None, args: Args) -> Writes:
    switch(world, asked(world, host))
    yield "switched"


def force_service(world: World, host: str | None, args: Args) -> Writes:
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
    """ALTER DATABASE ... SET PARTNER FORCE_SERVICE_ALLOW_DATA_LOSS."""
    session = instance.session
    need(
        session is not None and session.mirror is instance and session.state == "DISCONNECTED",
        "partner_alive",
    )
    assert session is not None
    session.force(world.fresh("F"))


def set_witness(world: World, host: str | None, args: Args) -> Writes:
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


def resume_session(world: World, host: str | None, args: Args) -> Writes:
    instance = asked(world, host)
    refresh(world)
    session = instance.session
    if session is not None and session.state == "SUSPENDED" and session.principal is instance:
        batch(world, always, "", session.resume)
        yield "resumed"


def check_log_shipping(world: World, host: str | None, args: Args) -> Writes:
    """The jobs are started one after the other."""
    principal = asked(world, host)
    backup = reach(world, "backup")
    need(world.serves(principal) and world.takes_backups, "the job failed")
    file = world.log_backup(principal)
    yield "backed up"
    need(backup.linked and world.share, "the job failed")
    copy(world, [one.name for one in world.files])
    yield "copied"
    for each in sorted(world.files, key=lambda one: one.first):
        if backup.db.state != "RESTORING" or each.copied != "good" or each.first > file.last:
            continue
        if backup.db.obstacle(each) is None:
            world.restore_log(backup, each)
    yield "applied"


_CARRIED_OUT: tuple[Carried, ...] = (
    declare_intent,
    clear_intent,
    fence,
    set_active_servers,
    set_pool_failed_over,
    set_pool_normal,
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
    open_copy,
    unlink_old_primary,
    unmirror,
    mirror_primary,
    mirror_to_primary,
    mirror_backup,
    mirror_to_backup,
    restart_servers,
    link_log_shipping,
    link_log_shipping_of_mirror,
    drop_leftover,
    switch_principal,
    force_service,
    resume_session,
    check_log_shipping,
    set_witness,
)
#: Name of each move -> what it does.
MOVES: dict[str, Carried] = {function.__name__: function for function in _CARRIED_OUT}
