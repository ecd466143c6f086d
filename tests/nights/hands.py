"""What other administrators do by hand to a pool that is not theirs, in a night of haste."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping

from support.console import console
from support.dirt import NORTH, SOUTH
from support.outage import POOL

from .events import FILE_SERVER, OLDEST_SEED, Scene

_CHAT = {"north": ("chat-n1", "chat-n2"), "south": ("chat-s1", "chat-s2")}
_DOMAIN = POOL.partition(".")[2]
#: What is typed about a session of mirroring.
_SESSION = (
    "SET PARTNER FAILOVER",
    "SET PARTNER FAILOVER",
    "SET PARTNER OFF",
    "SET PARTNER FORCE_SERVICE_ALLOW_DATA_LOSS",
    "SET PARTNER SUSPEND",
    "SET PARTNER RESUME",
    "SET WITNESS OFF",
    "SET PARTNER SAFETY OFF",
)
#: What is typed about a database itself.
_DATABASE = (
    "RESTORE DATABASE [{name}] WITH RECOVERY",
    "RESTORE DATABASE [{name}] WITH RECOVERY",
    "ALTER DATABASE [{name}] SET RECOVERY SIMPLE; ALTER DATABASE [{name}] SET RECOVERY FULL",
    "ALTER DATABASE [{name}] SET OFFLINE WITH ROLLBACK IMMEDIATE",
    "ALTER DATABASE [{name}] SET ONLINE",
    "ALTER DATABASE [{name}] SET READ_ONLY WITH ROLLBACK IMMEDIATE",
    "ALTER DATABASE [{name}] SET READ_WRITE",
    "ALTER DATABASE [{name}] SET RESTRICTED_USER WITH ROLLBACK IMMEDIATE",
    "ALTER DATABASE [{name}] SET MULTI_USER",
    "BACKUP DATABASE [{name}] TO DISK = N'C:\\Backup\\other.bak' WITH INIT",
    "BACKUP LOG [{name}] TO DISK = N'C:\\Backup\\tail.trn' WITH NORECOVERY",
    "DROP DATABASE [{name}]",
)


class Machine(t.TypedDict):
    """What is read here of a machine of the lab."""

    files: dict[str, object]


class State(t.TypedDict):
    """The same of its estate."""

    machines: dict[str, Machine]


_JOBS = "SELECT name FROM msdb.dbo.sysjobs WHERE name LIKE N'LS%'"


def _any_host(scene: Scene) -> str:
    return scene.rng.choice([*NORTH, *SOUTH])


def _any_database(scene: Scene) -> str:
    return scene.rng.choice(["mgc", "mgc", "mgc", "mgccomp"])


def meddle_with_mirroring(scene: Scene) -> None:
    """One statement about the session."""
    command = scene.rng.choice(_SESSION)
    _type_somewhere(scene, f"ALTER DATABASE [{_any_database(scene)}] {command}")


def meddle_with_a_database(scene: Scene) -> None:
    """One statement about the database itself."""
    command = scene.rng.choice(_DATABASE)
    _type_somewhere(scene, command.format(name=_any_database(scene)))


def _type_somewhere(scene: Scene, text: str) -> None:
    """On one host after the other, until one takes it."""
    hosts = [*NORTH, *SOUTH]
    scene.rng.shuffle(hosts)
    for host in hosts:
        if scene.try_sql(host, text) is not None:
            return


def roll_back(scene: Scene) -> None:
    """The primary is restored from the first full backup, and its mirror with it, or not."""
    host = scene.rng.choice(NORTH)
    for path in scene.values(host, OLDEST_SEED):
        scene.try_sql(host, "ALTER DATABASE [mgc] SET PARTNER OFF")
        scene.try_sql(host, f"RESTORE DATABASE [mgc] FROM DISK = N'{path}' WITH REPLACE")


def install_anew(scene: Scene) -> None:
    """SQL Servers of a site have lost their databases."""
    for host in scene.rng.choice([NORTH[:1], NORTH[1:], NORTH, SOUTH]):
        for name in ("mgc", "mgccomp"):
            scene.try_sql(host, f"ALTER DATABASE [{name}] SET PARTNER OFF")
            scene.try_sql(host, f"DROP DATABASE [{name}]")


def meddle_with_jobs(scene: Scene) -> None:
    """A job of log shipping is disabled, enabled or deleted."""
    host = _any_host(scene)
    command = scene.rng.choice(
        [
            "sp_update_job @job_name = N'{name}', @enabled = 0",
            "sp_update_job @job_name = N'{name}', @enabled = 1",
            "sp_delete_job @job_name = N'{name}'",
        ]
    )
    names = [str(row) for row in scene.values(host, _JOBS)]
    if names:
        name = scene.rng.choice(sorted(names))
        scene.run_sql(host, f"EXEC msdb.dbo.{command.format(name=name)}")


def meddle_with_the_pool(scene: Scene) -> None:
    """The pool's state, or its list of active servers."""
    rng = scene.rng
    active = [f"{name}.{_DOMAIN}" for name in _CHAT[rng.choice(["north", "south"])]]
    commands: list[tuple[str, dict[str, object]]] = [
        ("Set-CsPersistentChatState", {"PoolState": "Normal"}),
        ("Set-CsPersistentChatState", {"PoolState": "FailedOver"}),
        ("Set-CsPersistentChatActiveServer", {"ActiveServers": active}),
        ("Set-CsPersistentChatActiveServer", {"ActiveServers": None}),
    ]
    cmdlet, parameters = rng.choice(commands)
    identity = f"service:PersistentChatServer:{POOL}"
    host = rng.choice(["fe-n1", "fe-s1"])
    told = f"{host}: {cmdlet} {parameters}"
    try:
        with console(scene.lab, host) as run:
            run(cmdlet, Identity=identity, **parameters)
    except Exception as error:
        scene.say(f"{told}: {type(error).__name__}: {str(error)[:100]}")
        return
    scene.say(told)


def stop_a_service(scene: Scene) -> None:
    """A chat server's service, or SQL Server itself, on a machine that goes on."""
    host = scene.rng.choice([*NORTH, *SOUTH, "chat-n1", "chat-s1"])
    service = "RTCCHAT" if host.startswith("chat") else "MSSQLSERVER"
    scene.break_("service", f"host={host}", f"service={service}")


def lose_a_file(scene: Scene) -> None:
    """A log backup or a seed is deleted, or cannot be read."""
    state: State = scene.lab.chatlab("state")
    paths: list[str] = []
    for name, machine in state["machines"].items():
        if name.partition(".")[0] == FILE_SERVER:
            paths += [path for path in machine["files"] if path.lower().endswith((".trn", ".bak"))]
    if paths:
        mode = scene.rng.choice(["missing", "corrupt"])
        path = scene.rng.choice(sorted(paths))
        scene.break_("file", f"host={FILE_SERVER}", f"path={path}", f"mode={mode}")


#: How often each happens, relative to the others and to what befalls the estate.
HANDS: Mapping[Callable[[Scene], None], int] = {
    meddle_with_mirroring: 5,
    meddle_with_a_database: 5,
    meddle_with_the_pool: 3,
    meddle_with_jobs: 2,
    stop_a_service: 2,
    lose_a_file: 2,
    roll_back: 1,
    install_anew: 1,
}
