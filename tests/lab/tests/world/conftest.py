"""Worlds for the tests of the lab's world: a small one by hand, and the estates of the lab on a
clock that stands still.
"""

from __future__ import annotations

import typing as t

import pytest

from pchat_lab.estate.build import build
from pchat_lab.powershell.commands import Called, Command
from pchat_lab.powershell.errors import ActionPreferenceStop, CmdletError
from pchat_lab.powershell.executor import Runspace
from pchat_lab.powershell.objects import PSObject, unwrapped
from pchat_lab.world.clock import Clock
from pchat_lab.world.machine import Machine, Share
from pchat_lab.world.network import Account, Caller
from pchat_lab.world.storage import Storage
from pchat_lab.world.world import World


class Streams:
    """What a pipeline gave."""

    def __init__(self) -> None:
        self.out: list[t.Any] = []
        self.errors: list[CmdletError] = []
        self.warnings: list[str] = []

    def output(self, value: t.Any) -> None:
        self.out.append(unwrapped(value))

    def error(self, error: CmdletError, called: Called) -> None:
        self.errors.append(error)

    def warning(self, text: str, called: Called) -> None:
        self.warnings.append(text)

    def verbose(self, text: str, called: Called) -> None:
        pass

    def record(self, kind: str, record: PSObject) -> None:
        pass


class Console:
    """Runs cmdlets on a machine through the lab's own binder and executor."""

    def __init__(self, world: World, machine: str, account: str, delegated: bool = False) -> None:
        self.world = world
        self.runspace = Runspace(
            world, world.machine(machine), Caller(world.account(account), delegated), "test"
        )

    def run(self, name: str, **parameters: t.Any) -> Streams:
        return self.pipe((name, parameters))

    def lasts(self, name: str, **parameters: t.Any) -> float:
        """Real seconds that it takes."""
        return self.runspace.lasts(Command(name, False, list(parameters.items())))

    def pipe(self, *commands: tuple[str, dict[str, t.Any]]) -> Streams:
        streams = Streams()
        try:
            self.runspace.run(
                [Command(name, False, list(parameters.items())) for name, parameters in commands],
                streams,
                "p",
            )
        except ActionPreferenceStop as stopped:
            raise stopped.error from stopped
        return streams


@pytest.fixture
def small() -> World:
    """Two machines in two sites, a share on the second."""
    world = World("small", Clock(running=False))
    world.domain = "CONTOSO"
    world.dns_suffix = "contoso.example"
    for name, site in (("one", "north"), ("two", "south")):
        machine = Machine(f"{name}.contoso.example", site, "file_server", "CONTOSO")
        machine.folders.update({"d:\\data", "d:\\data\\sub"})
        world.machines[machine.fqdn] = machine
    world.machine("two").shares["logs"] = Share(
        "logs",
        "D:\\data",
        {"CONTOSO\\writer": "Change", "CONTOSO\\reader": "Read", "CONTOSO\\ONE$": "Change"},
    )
    for name, groups in (
        ("writer", ()),
        ("reader", ()),
        ("nobody", ()),
        ("boss", ("Domain Admins",)),
    ):
        world.accounts[f"contoso\\{name}"] = Account(f"CONTOSO\\{name}", groups=frozenset(groups))
    world.storage = Storage(world)
    return world


@pytest.fixture
def estate() -> World:
    return build("default", clock_runs=False)


@pytest.fixture
def admin(estate: World) -> t.Callable[..., Console]:
    """A console of the estate's administrator on any machine."""

    def console(
        machine: str, account: str = "CONTOSO\\pchat-admin", delegated: bool = False
    ) -> Console:
        return Console(estate, machine, account, delegated)

    return console
