"""What befalls an estate at night: hosts and links, other administrators and their tools, time."""

from __future__ import annotations

import random
import typing as t
from collections.abc import Callable, Mapping

from support.console import sql
from support.dirt import NORTH, SOUTH
from support.labs import Lab, LabError

SITES = ("north", "south")
FILE_SERVER = "fs-s1"
SHARES = ("pchat-logs", "pchat-seed")
#: Hosts that are struck, the pair in use more often.
_STRUCK = (*NORTH * 3, *SOUTH, "chat-n1", "chat-s1", "fe-n1")
_OTHER_JOB = "Other"
_CLEAN = (
    "DECLARE @oldest datetime; SET @oldest = DATEADD(minute, {minutes}, GETDATE());"
    " EXEC msdb.dbo.sp_delete_backuphistory @oldest_date = @oldest;"
)
OLDEST_SEED = (
    "SELECT TOP 1 f.physical_device_name FROM msdb.dbo.backupset b"
    " JOIN msdb.dbo.backupmediafamily f ON f.media_set_id = b.media_set_id"
    " WHERE b.database_name = N'mgc' AND b.type = 'D' AND f.physical_device_name LIKE N'\\\\%'"
    " ORDER BY b.backup_set_id"
)


class Posted(t.TypedDict):
    """What became of some messages."""

    acknowledged: int
    refused: int
    reasons: dict[str, int]


class Scene:
    """An estate and what was done to it. ``trace``: a line for each thing that happened;
    ``faults``: id -> kind and fields of what is broken now.
    """

    def __init__(self, lab: Lab, rng: random.Random) -> None:
        self.lab = lab
        self.rng = rng
        self.trace: list[str] = []
        self.faults: dict[str, tuple[str, ...]] = {}

    def say(self, text: str) -> None:
        """One more line of the trace."""
        self.trace.append(text)

    def break_(self, kind: str, *fields: str) -> None:
        """A fault of the lab, until somebody mends it."""
        told = f"{kind} {' '.join(fields)}"
        try:
            self.faults[self.lab.add_fault(kind, *fields)] = (kind, *fields)
            self.say(f"fault: {told}")
        except LabError as error:
            self.say(f"fault: {told}: {error}")

    def mend(self, fault: str) -> None:
        """This fault is over."""
        self.lab.chatlab("fault", "clear", fault)
        self.say(f"mended: {' '.join(self.faults.pop(fault))}")

    def mend_all(self) -> None:
        """Whatever was broken works again; what was written stays."""
        self.lab.chatlab("fault", "clear")
        self.faults.clear()
        self.say("everything is mended")

    def pass_time(self, minutes: int) -> None:
        """Jobs run meanwhile."""
        self.lab.chatlab("clock", "advance", f"{minutes}m")
        self.say(f"{minutes} minutes later")

    def run_sql(self, host: str, text: str) -> list[t.Any]:
        """Somebody at a console; what SQL Server refuses is told and is no fault of anybody."""
        return self.try_sql(host, text) or []

    def values(self, host: str, text: str) -> list[t.Any]:
        """Of each row its only column."""
        found: list[t.Any] = []
        for row in self.run_sql(host, text):
            found += row.adapted_properties.values()
        return found

    def try_sql(self, host: str, text: str) -> list[t.Any] | None:
        """The same; None where it was refused, or not reached."""
        try:
            rows = sql(self.lab, host, text)
        except AssertionError as refusal:
            self.say(f"{host}: {text[:100]}: refused: {str(refusal)[:100]}")
            return None
        except Exception as error:
            self.say(f"{host}: {text[:100]}: not reached: {type(error).__name__}")
            return None
        self.say(f"{host}: {text[:100]}")
        return rows


def chat(scene: Scene) -> None:
    """Clients write."""
    told: Posted = scene.lab.chatlab("chat", "post", str(scene.rng.randint(1, 6)))
    scene.say(f"{told['acknowledged']} messages acknowledged, {told['refused']} refused")


def wait(scene: Scene) -> None:
    """Less than an interval of log shipping, or more."""
    scene.pass_time(scene.rng.choice([1, 3, 7, 16, 31, 50]))


def clean_history(scene: Scene) -> None:
    """Maintenance deletes old rows of msdb."""
    hosts = scene.rng.sample(NORTH + SOUTH, scene.rng.randint(1, 4))
    for host in hosts:
        scene.run_sql(host, _CLEAN.format(minutes=scene.rng.choice([-40, -20, -5, 1])))


def back_up_elsewhere(scene: Scene) -> None:
    """Somebody else's tool takes a part of the log."""
    place = scene.rng.choice(["NUL", r"C:\other.trn"])
    host = scene.rng.choice([*NORTH, SOUTH[0]])
    scene.run_sql(host, f"BACKUP LOG [mgc] TO DISK = N'{place}'")


def restore_old_seed(scene: Scene) -> None:
    """Somebody restores the first full backup over the secondary."""
    for host in (SOUTH[0], *NORTH):
        for path in scene.values(host, OLDEST_SEED):
            over = f"RESTORE DATABASE [mgc] FROM DISK = N'{path}' WITH REPLACE, NORECOVERY"
            scene.run_sql(SOUTH[0], over)
            return


def add_backup_job(scene: Scene) -> None:
    """Another tool begins to back logs up every so often."""
    tool = scene.rng.choice(["batch", "sqlcmd", "solution", "plan"])
    host = scene.rng.choice(NORTH)
    scene.break_("backup_job", f"host={host}", f"name={_OTHER_JOB}", f"tool={tool}")


def lose_host(scene: Scene) -> None:
    """One host is down, hangs, or cannot be managed."""
    mode = scene.rng.choice(["down", "hang", "deaf", "unseen"])
    scene.break_("host", f"host={scene.rng.choice(_STRUCK)}", f"mode={mode}")


def lose_site(scene: Scene) -> None:
    """A data centre is gone, cut off, or cannot be managed."""
    mode = scene.rng.choice(["down", "down", "hang", "isolated", "deaf", "unseen"])
    scene.break_("site", f"site={scene.rng.choice(SITES)}", f"mode={mode}")


def restart_host(scene: Scene) -> None:
    """A SQL Server is away for a minute, and its witness may choose the other partner."""
    before = set(scene.faults)
    scene.break_("host", f"host={scene.rng.choice(NORTH + SOUTH)}", "mode=down")
    scene.pass_time(1)
    for fault in set(scene.faults) - before:
        scene.mend(fault)


def break_something(scene: Scene) -> None:
    """A share, an Agent, a clock, a link, or what SQL Server tells of its forks."""
    rng = scene.rng
    host = f"host={rng.choice(NORTH + SOUTH)}"
    mode = f"mode={rng.choice(['gone', 'denied', 'full', 'unlisted'])}"
    skew = f"skew_seconds={rng.choice([-3600, -300, -90, 90, 300, 7200])}"
    scene.break_(
        *rng.choice(
            [
                ("share", f"host={FILE_SERVER}", f"share={rng.choice(SHARES)}", mode),
                ("sql_agent", host),
                ("clock", host, skew),
                ("link", f"between={','.join(rng.sample(NORTH + SOUTH, 2))}"),
                ("hidden_forks", host),
            ]
        )
    )


def strike_a_write(scene: Scene) -> None:
    """One of the next writes loses its answer, fails, or runs more than once."""
    rng = scene.rng
    number = f"number={rng.randint(1, 40)}"
    action = f"action={rng.choice(['drop', 'fail', 'twice', 'half_way'])}"
    scene.break_("write", number, f"when={rng.choice(['before', 'after'])}", action)


def mend_one(scene: Scene) -> None:
    """One thing works again."""
    if scene.faults:
        scene.mend(scene.rng.choice(list(scene.faults)))


def mend_everything(scene: Scene) -> None:
    """All of it does."""
    scene.mend_all()


def remove_other_jobs(scene: Scene) -> None:
    """The other tool is told to leave the pool's databases alone."""
    for host in NORTH:
        scene.run_sql(
            host,
            f"IF EXISTS (SELECT 1 FROM msdb.dbo.sysjobs WHERE name = N'{_OTHER_JOB}')"
            f" EXEC msdb.dbo.sp_delete_job @job_name = N'{_OTHER_JOB}';",
        )


#: How often each happens, relative to the others.
EVENTS: Mapping[Callable[[Scene], None], int] = {
    chat: 6,
    wait: 6,
    clean_history: 3,
    lose_host: 3,
    lose_site: 3,
    mend_one: 4,
    mend_everything: 3,
    break_something: 3,
    back_up_elsewhere: 2,
    restart_host: 2,
    strike_a_write: 2,
    restore_old_seed: 1,
    add_backup_job: 1,
}


def happens(scene: Scene, events: Mapping[Callable[[Scene], None], int] = EVENTS) -> None:
    """Any one of them."""
    (event,) = scene.rng.choices(list(events), list(events.values()))
    event(scene)
