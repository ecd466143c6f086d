"""One running lab: a world, its listeners, and the control endpoint, in one asyncio loop."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import pathlib
import secrets
import time
import typing as t

import yaml
from aiohttp import web

from ..estate.build import build
from ..estate.shape import EstateError
from ..wire.auth import Tickets, write_user_file
from ..wire.server import WireServer
from ..wire.tls import Certificates
from ..world.machine import Machine
from ..world.network import Account
from ..world.world import World
from . import commands
from .checkpoints import Checkpoints, OtherEstateError
from .running import declared
from .states import KeptStates

log = logging.getLogger("lab")


class LabProcess:
    """``options``: estate, product, tools, net, ports, open_cost, import_cost, frozen_clock, keytab
    (as chatlab up takes them).
    """

    def __init__(self, folder: pathlib.Path, options: dict[str, t.Any]) -> None:
        self.folder = folder
        self.options = options
        self.world = self.fresh_world()
        self.checkpoints = Checkpoints()
        self._states: KeptStates | None = None
        self.certificates = Certificates(folder)
        write_user_file(
            folder / "users",
            ((a.name, a.password) for a in self.world.accounts.values() if a.interactive),
        )
        self.wire = WireServer(
            self.world,
            self.certificates,
            options["open_cost"],
            options["import_cost"],
            tickets=self._tickets(),
        )
        self._token = secrets.token_hex(16)
        self._runner: web.AppRunner | None = None
        self._stopping = asyncio.Event()

    def _tickets(self) -> Tickets | None:
        """EstateError when Kerberos is asked for and its libraries are missing."""
        keytab = self.options["keytab"]
        if not keytab:
            return None
        try:
            from ..wire.kerberos import Keys
        except ImportError as error:
            raise EstateError(
                f"--keytab needs the Python libraries gssapi and krb5: {error}"
            ) from error
        return Keys(pathlib.Path(keytab), self._realm, self.world.domain)

    @property
    def _realm(self) -> str:
        return self.world.dns_suffix.upper()

    def fresh_world(self) -> World:
        o = self.options
        world = build(
            o["estate"],
            product=o["product"],
            tools=o["tools"],
            net=o["net"],
            clock_runs=not o["frozen_clock"],
        )
        if o["ports"]:  # one address, a port for each machine
            for number, machine in enumerate(world.machines.values()):
                machine.address = "127.0.0.1"
                machine.port = 25985 + number
        return world

    def reset(self) -> None:
        """The estate as it was at the start; listeners stay, open runspaces are gone."""
        self._adopt(self.fresh_world())

    def revert(self, name: str) -> None:
        """The estate as it was at that checkpoint; listeners stay, open runspaces are gone.

        KeyError when there is none of that name, OtherEstateError when it has other machines.
        """
        world = self.checkpoints.world(name)
        if world.machines.keys() != self.world.machines.keys():
            raise OtherEstateError(
                f"the checkpoint {name} is of the estate {world.name}, and this lab is "
                f"{self.world.name}"
            )
        for key, machine in self.world.machines.items():
            world.machines[key].address = machine.address
            world.machines[key].port = machine.port
        self._adopt(world)

    def keep_states(self, name: str) -> None:
        """A checkpoint now and after each write, instead of those that were kept so before."""
        if self._states is not None:
            self._states.forget()
        self._states = KeptStates(name, self.world, self.checkpoints)

    def kept_states(self) -> list[int]:
        """Ends that; the numbers of what was kept."""
        if self._states is None:
            return []
        self._states.end()
        return list(self._states.numbers)

    def _adopt(self, world: World) -> None:
        self.world = world
        self.wire.adopt(world)

    def stop(self) -> None:
        self._stopping.set()

    async def run(self, max_life: float) -> None:
        """Serve until told to stop, until the folder vanishes, or for ``max_life`` seconds."""
        await self.wire.start()
        await self._start_control()
        self._write_connection_file()
        with declared(self.folder):
            ends = time.monotonic() + max_life
            while (
                time.monotonic() < ends
                and (self.folder / "lab.pid").exists()
                and not self._stopping.is_set()
            ):
                try:
                    await asyncio.wait_for(self._stopping.wait(), 1.0)
                except TimeoutError:
                    self.world.clock.catch_up()
            await self.wire.stop()
            if self._runner is not None:
                await self._runner.cleanup()
            for name in ("control.json", "connection.yml", "users"):
                (self.folder / name).unlink(missing_ok=True)

    async def _start_control(self) -> None:
        application = web.Application(client_max_size=8 << 20)
        application.router.add_route("*", "/{command:.*}", self._command)
        self._runner = web.AppRunner(application, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        address = self._runner.addresses[0]
        file = self.folder / "control.json"
        file.touch(mode=0o600)
        file.write_text(json.dumps({"port": address[1], "token": self._token}), encoding="ascii")

    async def _command(self, request: web.Request) -> web.Response:
        """A command's JSON answer; refused without the token.

        What cannot be understood is the caller's doing and gets a sentence.
        """
        if not secrets.compare_digest(
            request.headers.get("X-Lab-Token", "").encode(), self._token.encode()
        ):
            return _refusal(403, "wrong token: the lab's own is in control.json in its folder")
        if request.method != "POST":
            return _refusal(
                405,
                f"{request.method} is not how a lab is asked: POST /COMMAND with a JSON list of "
                "texts",
            )
        self.world.clock.catch_up()
        try:
            answer = commands.run(self, request.match_info["command"], await _arguments(request))
        except commands.Refused as error:
            return _refusal(400, str(error))
        except Exception as error:
            log.exception("control")
            return _refusal(500, f"LAB BUG {error!r}")
        return web.json_response(
            {"answer": answer}, dumps=lambda value: json.dumps(value, default=str)
        )

    def _write_connection_file(self) -> None:
        """An inventory that adds addresses and credentials to the operator's own; readable by the
        owner only.
        """
        user = next(
            a
            for a in self.world.accounts.values()
            if a.interactive and a.is_in("RTCUniversalServerAdmins")
        )
        document = {
            "all": {
                "vars": {
                    **self._logon_of(user),
                    "ansible_psrp_ca_cert": str(self.certificates.ca_file),
                    "ansible_winrm_ca_trust_path": str(self.certificates.ca_file),
                },
                "hosts": {m.fqdn: self._way_to(m) for m in self.world.machines.values()},
            }
        }
        file = self.folder / "connection.yml"
        file.touch(mode=0o600)
        file.write_text("---\n" + yaml.safe_dump(document, sort_keys=False), encoding="utf-8")

    def _logon_of(self, user: Account) -> dict[str, str]:
        """With Kerberos no password: whoever runs a playbook has a ticket."""
        if self.options["keytab"]:
            return {"ansible_user": f"{user.name.partition(chr(92))[2]}@{self._realm}"}
        return {"ansible_user": user.name, "ansible_password": user.password}

    def _way_to(self, machine: Machine) -> dict[str, t.Any]:
        way: dict[str, t.Any] = {
            "ansible_host": machine.address,
            "ansible_port": machine.port,
        }
        if self.options["keytab"]:
            # of the host, because group_vars of an inventory go before variables of all
            way["ansible_psrp_auth"] = "kerberos"
            # a ticket is for a name, and the way there is an address
            way["ansible_psrp_negotiate_hostname_override"] = machine.fqdn
        return way


def _refusal(status: int, sentence: str) -> web.Response:
    return web.json_response({"error": sentence}, status=status)


async def _arguments(request: web.Request) -> list[str]:
    """The words of the command line. Refused for any other body."""
    try:
        words = json.loads(await request.read())
    except web.HTTPRequestEntityTooLarge as error:
        raise commands.Refused("the request is larger than 8 MB; no command is") from error
    except (ValueError, RecursionError) as error:
        raise commands.Refused(
            f"the body of the request is no JSON document ({type(error).__name__}); it has to be a "
            "list of texts"
        ) from error
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise commands.Refused(
            "the body of the request has to be a JSON list of texts: the words after the command"
        )
    return words


def collect_seldom() -> None:
    """Every message makes thousands of elements that are gone with it, and hardly any cycle: to
    look through them, and through the estate, as often as Python does is a tenth of a lab's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
