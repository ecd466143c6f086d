"""The lab's listeners in a thread of this process, on free ports of the loopback address."""

from __future__ import annotations

import asyncio
import dataclasses
import pathlib
import socket
import threading
import typing as t
from collections.abc import Callable, Iterator

import pytest
from pypsrp.wsman import WSMan

from pchat_lab.estate.build import build
from pchat_lab.wire.auth import write_user_file
from pchat_lab.wire.server import WireServer
from pchat_lab.wire.tls import Certificates
from pchat_lab.world.machine import Machine
from pchat_lab.world.world import World

_T = t.TypeVar("_T")


@dataclasses.dataclass
class Listeners:
    """``world`` is changed only through ``inside``, in the thread that serves it."""

    world: World
    wire: WireServer
    loop: asyncio.AbstractEventLoop

    def inside(self, action: Callable[[], _T]) -> _T:
        """Let the serving thread do it, and return its answer."""

        async def done() -> _T:
            return action()

        return asyncio.run_coroutine_threadsafe(done(), self.loop).result(10)

    def fault(self, host: str, mode: str, **fields: object) -> str:
        return self.inside(
            lambda: self.world.faults.add({"kind": "answer", "host": host, "mode": mode, **fields})
        )

    def clear(self) -> None:
        self.inside(self.world.faults.clear)

    def machine(self, name: str) -> Machine:
        return self.world.machine(name)

    def account(self) -> tuple[str, str]:
        found = next(
            a
            for a in self.world.accounts.values()
            if a.interactive and a.is_in("RTCUniversalServerAdmins")
        )
        return found.name, found.password

    def arguments(self, name: str) -> dict[str, t.Any]:
        """What pypsrp's WSMan needs to log on to a host, without patience."""
        machine = self.machine(name)
        (user, password) = self.account()
        return {
            "server": machine.address,
            "port": machine.port,
            "username": user,
            "password": password,
            "auth": "negotiate",
            "ssl": machine.tls,
            "cert_validation": str(self.wire.certificates.ca_file) if machine.tls else True,
            "connection_timeout": 5,
            "read_timeout": 10,
            "operation_timeout": 5,
            "reconnection_retries": 0,
            "no_proxy": True,
        }

    def wsman(self, name: str, **changes: t.Any) -> WSMan:
        return WSMan(**{**self.arguments(name), **changes})


def _free_ports(count: int) -> list[int]:
    probes = [socket.socket() for _number in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def _serve(estate: str, folder: pathlib.Path) -> Iterator[Listeners]:
    world = build(estate, clock_runs=False)
    for machine, port in zip(
        world.machines.values(), _free_ports(len(world.machines)), strict=True
    ):
        machine.address = "127.0.0.1"
        machine.port = port
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NTLM_USER_FILE", "")
        write_user_file(
            folder / "users",
            ((a.name, a.password) for a in world.accounts.values() if a.interactive),
        )
        wire = WireServer(world, Certificates(folder))
        asyncio.run_coroutine_threadsafe(wire.start(), loop).result(10)
        try:
            yield Listeners(world, wire, loop)
        finally:
            asyncio.run_coroutine_threadsafe(wire.stop(), loop).result(10)
            loop.call_soon_threadsafe(loop.stop)
            thread.join(10)
            loop.close()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listeners]:
    """The default estate: plain HTTP with sealed messages."""
    yield from _serve("default", tmp_path_factory.mktemp("plain"))


@pytest.fixture(scope="module")
def secure(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listeners]:
    """An estate whose listeners have TLS."""
    yield from _serve("low_bandwidth", tmp_path_factory.mktemp("secure"))
