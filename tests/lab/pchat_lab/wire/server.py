"""Every simulated machine's HTTP or HTTPS listener, in one asyncio loop."""

from __future__ import annotations

import asyncio
import logging
import ssl
import weakref

from aiohttp import web

from ..world.machine import Machine
from ..world.network import Caller
from ..world.world import World
from . import auth, refusals, wsman
from .endpoint import Vanish, WinRM
from .tls import Certificates

log = logging.getLogger("lab")
_SOAP = "application/soap+xml;charset=UTF-8"


class WireServer:
    """Listens for all machines of a world.

    ``world`` may be exchanged (reset) while the listeners stay. ``tickets``: where there is a key
    distribution centre, and delegation is what it says and not a setting of a machine.
    """

    def __init__(
        self,
        world: World,
        certificates: Certificates,
        open_cost: float = 0.0,
        import_cost: float = 0.0,
        tickets: auth.Tickets | None = None,
    ) -> None:
        self.certificates = certificates
        self.costs = (open_cost, import_cost)
        self._tickets = tickets
        self._logons: weakref.WeakKeyDictionary[asyncio.BaseTransport, auth.Logon] = (
            weakref.WeakKeyDictionary()
        )
        self._runner: web.AppRunner | None = None
        self.adopt(world)

    def adopt(self, world: World) -> None:
        """Serve this world from now on; shells of the one before are gone."""
        self.world = world
        self._counted_from = 0  # the number of the last journal entry that stats leave out
        self.endpoints = {
            (m.address, m.port): WinRM(world, m, *self.costs) for m in world.machines.values()
        }

    async def start(self) -> None:
        """Bind every machine's address. OSError when one is taken."""
        application = web.Application(client_max_size=64 << 20)
        application.router.add_route("*", "/{path:.*}", self._handle)
        # handler_cancellation: a Receive whose client went away must not consume output.
        self._runner = web.AppRunner(
            application,
            access_log=None,
            keepalive_timeout=300,
            handler_cancellation=True,
            shutdown_timeout=0.2,
        )
        await self._runner.setup()
        for machine in self.world.machines.values():
            context: ssl.SSLContext | None = self._context(machine) if machine.tls else None
            await web.TCPSite(
                self._runner, machine.address, machine.port, ssl_context=context, backlog=64
            ).start()

    def _context(self, machine: Machine) -> ssl.SSLContext:
        """The listener's TLS, which looks at the faults of the moment at every handshake.

        A reset exchanges the world, but no listener.
        """
        contexts = {
            "": self.certificates.context(machine),
            "untrusted": self.certificates.context(machine, "untrusted"),
            "expired": self.certificates.context(machine, "expired"),
        }

        def choose(
            connection: ssl.SSLObject, _name: str | None, _first: ssl.SSLContext
        ) -> int | None:
            mode = self._mode(machine)
            if mode == "handshake":
                return ssl.ALERT_DESCRIPTION_HANDSHAKE_FAILURE
            connection.context = contexts.get(mode, contexts[""])
            return None

        contexts[""].sni_callback = choose
        return contexts[""]

    def _mode(self, machine: Machine) -> str:
        """How this machine's listener answers at the moment; an empty text for: as it should."""
        found = self.world.faults.answer(self.world.machine(machine.fqdn))
        return found[0] if found is not None else ""

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    def stats(self) -> dict[str, object]:
        hosts = {e.machine.fqdn: e.stats() for e in self.endpoints.values()}
        total: dict[str, int] = {}
        for counts in hosts.values():
            for key, value in counts.items():
                total[key] = total.get(key, 0) + value
        writes = [
            entry for entry in self.world.journal.writes() if entry.number > self._counted_from
        ]
        total["writes"] = len(writes)
        for fqdn, counts in hosts.items():
            counts["writes"] = sum(e.host == fqdn for e in writes)
        return {"hosts": hosts, "total": total}

    def reset_stats(self) -> None:
        """Count from now on: everything that ``stats`` tells but the shells that are open."""
        for endpoint in self.endpoints.values():
            endpoint.counts.clear()
        self._counted_from = len(self.world.journal.entries)

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        transport = request.transport
        if transport is None:
            raise web.HTTPBadRequest
        endpoint = self.endpoints[transport.get_extra_info("sockname")[:2]]
        body = await request.read()  # always drained: keep-alive, and so NTLM, breaks otherwise
        machine = endpoint.machine
        fault = self.world.faults.answer(machine)
        if fault is not None and machine.up and not machine.ignores_controller:
            return await self._faulty(endpoint, request, body, *fault)
        return await self._answer(endpoint, request, body)

    async def _faulty(
        self, endpoint: WinRM, request: web.Request, body: bytes, mode: str, seconds: float
    ) -> web.StreamResponse:
        """As ``faults.answers`` says.

        What happens later, in a handshake or with a runspace, is looked at there.
        """
        blunt = refusals.BLUNT.get(mode)
        if blunt is not None or mode == "huge":
            endpoint.counts["requests"] += 1
            return blunt() if blunt is not None else await refusals.huge(request)
        if mode == "late":
            await asyncio.sleep(seconds)
        answer = await self._answer(endpoint, request, body, turned_away=mode == "unauthorized")
        return await refusals.trickled(request, answer, seconds) if mode == "trickle" else answer

    async def _answer(
        self, endpoint: WinRM, request: web.Request, body: bytes, turned_away: bool = False
    ) -> web.StreamResponse:
        """Who is calling, and then what is asked. ``turned_away``: no logon succeeds."""
        machine = endpoint.machine
        transport = request.transport
        if transport is None:
            raise web.HTTPBadRequest
        if machine.ignores_controller:
            endpoint.counts["unanswered"] += 1
            await asyncio.sleep(3600)
        if not machine.up or machine.ignores_controller:
            transport.abort()
            raise web.HTTPBadRequest
        endpoint.counts["requests"] += 1
        logon = self._logons.setdefault(transport, auth.Logon())
        header = request.headers.get("Authorization")
        headers: dict[str, str] = {}
        if header:
            answer = logon.step(header, self._door(machine, bool(request.secure)))
            if answer and not (turned_away and logon.complete):
                headers["WWW-Authenticate"] = answer
        if turned_away and logon.complete:
            self._logons[transport] = auth.Logon()  # nor is it a logon once the fault is over
        if not logon.complete or turned_away or not self._known(logon.user or ""):
            endpoint.counts["refused"] += not header
            return self._unauthorized(headers, self._door(machine, bool(request.secure)))
        if not body:
            return web.Response(status=200, headers=headers)
        return await self._message(endpoint, logon, request, body, headers)

    async def _message(
        self,
        endpoint: WinRM,
        logon: auth.Logon,
        request: web.Request,
        body: bytes,
        headers: dict[str, str],
    ) -> web.StreamResponse:
        kind = request.headers.get("Content-Type", "")
        sealed = auth.is_sealed(kind)
        if sealed:
            try:
                body = logon.unseal(kind, body)
            except Exception:  # a client that kept the context of a connection that is gone
                return web.Response(status=400)
        elif not request.secure:
            return web.Response(status=500, text="This listener refuses unencrypted messages.")
        status, payload = await self._dispatch(endpoint, logon, body, request)
        content_type = _SOAP
        if sealed:
            content_type, payload = logon.seal(payload)
        return web.Response(
            status=status, body=payload, headers={**headers, "Content-Type": content_type}
        )

    async def _dispatch(
        self, endpoint: WinRM, logon: auth.Logon, body: bytes, request: web.Request
    ) -> tuple[int, bytes]:
        parsed: wsman.Request | None = None
        try:
            parsed = wsman.parse(body)
            if parsed.verb == "Identify":
                return 200, wsman.identify_response()
            caller = self._caller(endpoint.machine, logon)
            return 200, wsman.response(parsed, await endpoint.handle(parsed, caller))
        except wsman.Fault as error:
            return 500, wsman.fault(parsed, error, endpoint.machine.fqdn)
        except Vanish as gone:
            if gone.action == "hang":
                await asyncio.sleep(3600)
            if request.transport is not None:
                request.transport.abort()
            raise web.HTTPBadRequest from gone
        except (asyncio.CancelledError, web.HTTPException):
            raise
        except Exception as error:
            log.exception("wire")
            return 500, wsman.fault(
                parsed,
                wsman.Fault(wsman.INTERNAL, f"LAB BUG {error!r}", "wsman:InternalError"),
                endpoint.machine.fqdn,
            )

    def _door(self, machine: Machine, secure: bool) -> auth.Door:
        """CredSSP is offered where delegation is set up (Enable-WSManCredSSP -Role Server)."""
        binding = None
        if secure:
            binding = self.certificates.binding(machine, self._mode(machine))
        return auth.Door(
            host=machine.fqdn,
            passwords=self._passwords(),
            basic=secure,
            credssp=machine.delegation,
            certificate_hash=binding,
            tickets=self._tickets,
        )

    def _caller(self, machine: Machine, logon: auth.Logon) -> Caller:
        """Who asks. Without a key distribution centre any logon on a machine with delegation
        travels.
        """
        account = self.world.account(logon.user or "")
        if logon.ticket is not None:
            return Caller(account, delegated=False, asks=logon.ticket.goes_to)
        by_setting = machine.delegation and self._tickets is None
        return Caller(account, delegated=logon.gave_password or by_setting)

    def _passwords(self) -> dict[str, str]:
        """Accounts that may log on remotely; service accounts may not."""
        return {a.name.lower(): a.password for a in self.world.accounts.values() if a.interactive}

    def _known(self, user: str) -> bool:
        return user.lower() in self._passwords()

    @staticmethod
    def _unauthorized(headers: dict[str, str], door: auth.Door) -> web.Response:
        response = web.Response(status=401)
        if "WWW-Authenticate" in headers:
            response.headers["WWW-Authenticate"] = headers["WWW-Authenticate"]
            return response
        response.headers.add("WWW-Authenticate", "Negotiate")
        if door.credssp:
            response.headers.add("WWW-Authenticate", "CredSSP")
        if door.basic:
            response.headers.add("WWW-Authenticate", 'Basic realm="WSMAN"')
        return response
