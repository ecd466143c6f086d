"""What happens to an estate by itself: traffic, jobs, losses, returns, damaged files."""

from __future__ import annotations

from collections.abc import Callable

from .logs import Database
from .mirroring import refresh
from .world import SQL_HOSTS, World

#: Seconds after which every server that is up knows what the central store says, if that is up as
#: well.
REPLICATED_WITHIN = 600


def traffic(world: World) -> str:
    """Clients write."""
    posted = 0
    for _unused in range(world.rng.randint(1, 3)):
        posted += world.post()
    return f"{posted} messages"


def back_up_logs(world: World) -> str:
    """SQL Agent on either partner, whether or not anybody may use what it writes."""
    made = []
    for instance in world.sql.values():
        if instance.ships and instance.agent and world.serves(instance) and world.takes_backups:
            made.append(world.log_backup(instance).name)
    return f"logs backed up: {', '.join(made) or 'none'}"


def copy_logs(world: World) -> str:
    """The copy job of the secondary."""
    backup = world.sql["backup"]
    if not (backup.linked and backup.agent and world.share and world.up[backup.host]):
        return "nothing copied"
    copied = copy(world, [file.name for file in world.files])
    return f"{copied} files copied"


def copy(world: World, names: list[str]) -> int:
    """From the share into the copy folder, in the health that they have; how many."""
    copied = 0
    for file in world.files:
        if file.name in names and file.share is not None and file.copied is None:
            file.copied = file.share
            copied += 1
    return copied


def restore_log(world: World) -> str:
    """The restore job: one file that fits."""
    backup = world.sql["backup"]
    if (
        backup.linked
        and backup.agent
        and world.up[backup.host]
        and backup.db.state == "RESTORING"
        and backup.session is None
    ):
        for file in sorted(world.files, key=lambda one: one.first):
            if file.copied == "good" and backup.db.obstacle(file) is None:
                world.restore_log(backup, file)
                return f"{file.name} applied by the job"
    return "no log applied"


def ship(world: World) -> str:
    return "; ".join(step(world) for step in (back_up_logs, copy_logs, restore_log))


def replicate(world: World) -> str:
    world.replicate(*world.chat, *world.replicas)
    return "replicas are up to date"


def lose_site(world: World) -> str:
    world.power(world.hosts_of("primary"), False)
    return "the primary site is lost"


def return_site(world: World) -> str:
    world.power(world.hosts_of("primary"), True)
    return "the primary site is back"


def lose_backup_site(world: World) -> str:
    world.power(world.hosts_of("backup"), False)
    return "the backup site is lost"


def return_backup_site(world: World) -> str:
    world.power(world.hosts_of("backup"), True)
    return "the backup site is back"


def toggle_sql(world: World) -> str:
    host = world.rng.choice([SQL_HOSTS[slot] for slot in ("primary", "mirror", "backup_mirror")])
    world.power((host,), not world.up[host])
    return f"{host} is {_back_or_lost(world.up[host])}"


def toggle_share(world: World) -> str:
    world.share = not world.share
    return f"the share is {_back_or_lost(world.share)}"


def fill_or_clear(world: World) -> str:
    """Something else takes all the room of the file server, or leaves it again."""
    world.full = not world.full
    return f"the share {'is full' if world.full else 'has room again'}"


def toggle_winrm(world: World, host: str) -> str:
    """It is broken by an update or a policy, or mended; SQL Server goes on."""
    world.deaf ^= {host}
    return f"WinRM of {host} is {_back_or_lost(host not in world.deaf)}"


def change_backup_roles(world: World) -> str:
    """The witness of the backup site, or somebody there, makes the mirror the principal."""
    refresh(world)
    session = world.sql["backup"].session
    if session is None or not session.whole or session.state != "SYNCHRONIZED":
        return "the backup pair stays as it is"
    session.switch()
    return f"{session.principal.host} is the principal of the backup pair now"


def install_backup_anew(world: World) -> str:
    """With all that was on it, while the mirror is the principal of the pair."""
    backup = world.sql["backup"]
    session = world.sql["backup_mirror"].session
    if session is None or session.principal is backup or not world.up[backup.host]:
        return "the backup SQL Server stays as it is"
    backup.session = None
    backup.db = Database()
    backup.linked = False
    backup.ships = None
    backup.restored.clear()
    backup.taken.clear()
    world.intent = None
    forget_record(world)
    refresh(world)
    return f"{backup.host} was installed anew"


def set_read_only(world: World) -> str:
    """Somebody does not want a copy that is in use to change; of a mirrored one SQL Server refuses
    it (1468).
    """
    for instance in world.sql.values():
        if world.serves(instance) and instance.session is None and not instance.db.read_only:
            instance.db.read_only = True
            return f"mgc on {instance.host} is read-only"
    return "nothing to set read-only"


def forget_record(world: World) -> str:
    """Somebody drops an extended property that says nothing to him."""
    world.put_to_work = None
    world.put_to_work_left = None
    return "our record is gone"


def _back_or_lost(there: bool) -> str:
    return "back" if there else "lost"


def toggle_cut(world: World) -> str:
    world.cut = not world.cut
    verb = "does not reach" if world.cut else "reaches"
    return f"the controller {verb} the primary site"


def spoil(world: World) -> str:
    """One of the newest files vanishes, or can no longer be read, in one of its two places."""
    some = world.files[-4:]
    if not some:
        return "no file to spoil"
    file = world.rng.choice(some)
    place = world.rng.choice(("share", "copied"))
    if getattr(file, place) is not None:
        setattr(file, place, world.rng.choice((None, "damaged", "unreadable")))
    return f"{file.name} ({place}): {getattr(file, place)}"


def clean_history(world: World) -> str:
    """A maintenance job on one instance deletes msdb's history of backups and restores.

    All of it, or what is older than the last line.
    """
    instance = world.rng.choice(list(world.sql.values()))
    kept = world.rng.choice((0, 0, 1))
    for lines in (instance.restored, instance.taken):
        del lines[: len(lines) - kept]
    but = " but for the newest line" if kept else ""
    return f"history of {instance.host} cleaned{but}"


def back_up_elsewhere(world: World) -> str:
    """Somebody else's backup of the log of the copy in use: a file that log shipping never sees."""
    online = [instance for instance in world.sql.values() if world.serves(instance)]
    if not online:
        return "no log to back up elsewhere"
    instance = world.rng.choice(online)
    world.log_backup(instance, elsewhere=True)
    return f"the log of {instance.host} was backed up elsewhere"


def seed_again(world: World) -> str:
    """Somebody restores the secondary from the oldest full backup there is."""
    backup = world.sql["backup"]
    if (
        backup.db.state != "RESTORING"
        or backup.session is not None
        or not backup.linked
        or not world.up[backup.host]
    ):
        return "no secondary to seed again"
    world.restore_full(backup, world.fulls[0])
    return f"{backup.host} was seeded again from a backup of {world.fulls[0].at}"


def wait(world: World) -> str:
    seconds = world.rng.choice((60, 600, 3600))
    world.pass_time(seconds)
    if seconds >= REPLICATED_WITHIN:
        replicate(world)
    return "time passes"


EVENTS: tuple[tuple[Callable[[World], str], int], ...] = (
    (traffic, 30),
    (ship, 14),
    (back_up_logs, 6),
    (copy_logs, 4),
    (restore_log, 4),
    (replicate, 6),
    (lose_site, 8),
    (return_site, 7),
    (toggle_sql, 4),
    (toggle_share, 2),
    (toggle_cut, 2),
    (spoil, 3),
    (wait, 5),
    (lose_backup_site, 1),
    (return_backup_site, 4),
)


#: What administrators and their jobs do to an estate besides.
DIRT: tuple[tuple[Callable[[World], str], int], ...] = (
    (clean_history, 5),
    (back_up_elsewhere, 1),
    (seed_again, 1),
)
#: The same on some estates only; most of the others' histories are older than these.
RARE = (fill_or_clear, fill_or_clear, forget_record)


def mend(world: World) -> None:
    """Faults stop: everything is up and reachable, Agents run, the share is there, no batch fails.

    What is spoilt stays so.
    """
    world.share = True
    world.full = False
    world.rare = None
    world.cut = False
    world.deaf.clear()
    world.deafness = None
    world.again = None
    world.breaking = None
    world.power(tuple(world.up), True)
    world.replicate(*world.chat, *world.replicas)
