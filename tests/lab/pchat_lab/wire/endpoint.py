"""The WinRM service of one machine: shells, and the verbs of WS-Management on them."""

from __future__ import annotations

import asyncio
import base64
import collections
import struct
import time
import typing as t
import uuid
import xml.etree.ElementTree as ET
from collections.abc import Awaitable, Callable

import psrpcore

from ..powershell.executor import Runspace
from ..world.machine import Machine
from ..world.network import Caller
from ..world.world import World
from .shell import Shell
from .shell_fields import described
from .wsman import (
    COMMAND_STATE,
    INTERNAL,
    NS,
    POWERSHELL,
    RESOURCE_URI_UNKNOWN,
    SHELL_DISCONNECTED,
    SHELL_IN_USE,
    SHELL_NOT_FOUND,
    SHELL_QUOTA,
    STREAM_DISCONNECTED,
    Fault,
    Request,
    TimedOut,
    UnknownCommand,
    UnknownSelector,
    element,
    seconds,
)

Elements = list[ET.Element]
_T = t.TypeVar("_T")


#: Shells that one user may have open on a machine (Windows Server 2012 and later:
#: winrm/config/winrs, MaxShellsPerUser).
MAX_SHELLS_PER_USER = 30
#: Commands that one shell may have, ended ones included until their client closes them
#: (New-PSTransportOption, MaxConcurrentCommandsPerSession: 1000 by default).
MAX_COMMANDS_PER_SHELL = 1000
#: Session configurations that Windows brings.
BUILT_IN = ("microsoft.powershell", "microsoft.powershell32", "microsoft.powershell.workflow")


class Vanish(Exception):
    """The request is never answered.

    ``action``: drop closes the connection, hang leaves it open.
    """

    def __init__(self, action: str) -> None:
        super().__init__(action)
        self.action = action


class WinRM:
    """``open_cost``, ``import_cost``: real seconds that a runspace and the import of Lync's module
    take on a real host.
    """

    def __init__(
        self, world: World, machine: Machine, open_cost: float = 0.0, import_cost: float = 0.0
    ) -> None:
        self.world = world
        self.machine = machine
        self.open_cost = open_cost
        self.import_cost = import_cost
        self.shells: dict[str, Shell] = {}
        self.counts: collections.Counter[str] = collections.Counter()

    async def handle(self, request: Request, caller: Caller) -> Elements:
        answer = VERBS.get(request.verb.lower())
        if answer is None:
            raise Fault(
                RESOURCE_URI_UNKNOWN,
                f"The WS-Management service does not support the action {request.action}.",
                "wsa:ActionNotSupported",
            )
        return await answer(self, request, caller)

    def _shell(self, request: Request) -> Shell:
        self._expire()
        shell = self.shells.get(request.selectors.get("ShellId", "").upper())
        if shell is None:
            raise UnknownSelector(
                "The request for the Windows Remote Shell with ShellId "
                f"{request.selectors.get('ShellId')} failed because the "
                "shell was not found on the server."
            )
        return shell

    def _connected(self, request: Request) -> Shell:
        """The shell of a request that only its connected client may send."""
        shell = self._shell(request)
        if shell.state == "Disconnected":
            raise Fault(
                SHELL_DISCONNECTED,
                "The Windows Remote Shell cannot process the request: the shell is disconnected.",
            )
        return shell

    def _require_room(self, account: str) -> None:
        self._expire()
        fault = self.world.faults.answer(self.machine)
        open_ones = sum(
            s.runspace.caller.account.name.lower() == account.lower() for s in self.shells.values()
        )
        if open_ones >= MAX_SHELLS_PER_USER or (fault is not None and fault[0] == "quota"):
            raise Fault(
                SHELL_QUOTA,
                "The WS-Management service cannot process the request. This user is allowed a "
                "maximum number of "
                f"{MAX_SHELLS_PER_USER} concurrent shells, which has been exceeded. Close existing "
                "shells or raise the quota for this user.",
                "wsman:QuotaLimit",
            )

    def _expire(self) -> None:
        now = time.monotonic()
        for key, shell in list(self.shells.items()):
            busy = any(p.task is not None and not p.task.done() for p in shell.pipes.values())
            if now - shell.used > shell.idle_timeout and not busy:
                del self.shells[key]
                self.counts["expired"] += 1

    async def do_create(self, request: Request, caller: Caller) -> Elements:
        if not request.resource_uri.startswith(POWERSHELL):
            raise Fault(
                RESOURCE_URI_UNKNOWN,
                f"The service cannot process the request: the resource URI {request.resource_uri} "
                "is not offered "
                "here. Only PowerShell endpoints are.",
                "wsa:DestinationUnreachable",
            )
        asked = request.find("rsp:Shell")
        self._require_room(caller.account.name)
        await asyncio.sleep(self.open_cost)
        shell_id = _identity(asked.attrib.get("ShellId"))
        idle = seconds(
            asked.findtext("rsp:IdleTimeOut", None, NS)
            or asked.findtext("rsp:IdleTimeout", None, NS),
            7200.0,
        )
        if idle < 60:
            raise Fault(
                SHELL_NOT_FOUND,
                "The idle time-out is below the minimum of 60 seconds.",
                "wsman:InvalidOptions",
            )
        configuration = request.resource_uri.removeprefix(POWERSHELL)
        capability = self.world.session_configurations.get(configuration.lower())
        if capability is None and configuration.lower() not in BUILT_IN:
            raise Fault(
                RESOURCE_URI_UNKNOWN,
                "The WS-Management service cannot process the request. Cannot find the "
                f"{configuration} session "
                f"configuration in the WSMan: drive on the {self.machine.name} computer.",
                "wsa:DestinationUnreachable",
            )
        shell = Shell(
            Runspace(self.world, self.machine, caller, shell_id, capability),
            shell_id,
            configuration,
            request.session_id,
            idle,
            self.import_cost,
        )
        shell.process_id = 1000 + 4 * (self.counts["runspaces"] + 1)
        await _understood(shell.feed(asked.findtext("pwsh:creationXml", None, NS)))
        self.shells[shell_id] = shell
        self.counts["runspaces"] += 1
        created = element(None, "wst:ResourceCreated")
        element(created, "wsa:Address", "http://" + self.machine.fqdn + "/wsman")
        reference = element(created, "wsa:ReferenceParameters")
        element(reference, "wsman:ResourceURI", request.resource_uri)
        element(element(reference, "wsman:SelectorSet"), "wsman:Selector", shell_id, Name="ShellId")
        return [created, described(shell)]

    async def do_command(self, request: Request, caller: Caller) -> Elements:
        shell = self._connected(request)
        line = request.find("rsp:CommandLine")
        command = _identity(line.attrib.get("CommandId"))
        if len(shell.pipes) >= MAX_COMMANDS_PER_SHELL:
            raise Fault(
                # no recording tells the code of this quota; it is that of the shells'
                SHELL_QUOTA,
                "The WS-Management service cannot process the request. This shell has"
                f" {MAX_COMMANDS_PER_SHELL} commands, which is the maximum. Close those that have"
                " ended.",
                "wsman:QuotaLimit",
            )
        fault = self.world.faults.answer(self.machine)
        shell.new_pipe(command).silent = fault is not None and fault[0] == "silent"
        self.counts["pipelines"] += 1
        await _understood(
            shell.feed("".join(a.text or "" for a in line.findall("rsp:Arguments", NS)))
        )
        answer = element(None, "rsp:CommandResponse")
        element(answer, "rsp:CommandId", command)
        return [answer]

    async def do_send(self, request: Request, caller: Caller) -> Elements:
        shell = self._connected(request)
        for stream in request.find("rsp:Send").findall("rsp:Stream", NS):
            await _understood(shell.feed(stream.text))
        return [element(None, "rsp:SendResponse")]

    async def do_receive(self, request: Request, caller: Caller) -> Elements:
        shell = self._connected(request)
        command = (
            request.find("rsp:Receive/rsp:DesiredStream").attrib.get("CommandId") or ""
        ).upper() or None
        got = await self._received(shell, command, request)
        fragments, done = got
        answer = element(None, "rsp:ReceiveResponse")
        attributes = {"Name": "stdout", **({"CommandId": command} if command else {})}
        for fragment in fragments:
            element(answer, "rsp:Stream", base64.b64encode(fragment).decode(), **attributes)
        if command:
            state = element(
                answer,
                "rsp:CommandState",
                CommandId=command,
                State=COMMAND_STATE + ("Done" if done else "Running"),
            )
            if done:
                element(state, "rsp:ExitCode", "0")
        return [answer]

    async def _received(
        self, shell: Shell, command: str | None, request: Request
    ) -> tuple[list[bytes], bool]:
        """A Receive that is sent again (same MessageID) gets the same answer."""
        last = shell.last_answer.get(command)
        if last is not None and last[0] == request.message_id:
            return last[1]
        if command and (command not in shell.pipes or (last is not None and last[1][1])):
            raise UnknownCommand
        got = await shell.receive(
            command, request.operation_timeout, (request.max_envelope - 2048) * 3 // 4
        )
        pipe = shell.pipes.get(command or "")
        if pipe is not None and pipe.lost:
            raise Vanish(pipe.lost)
        if got is None:
            raise TimedOut
        if shell.state == "Closed":
            raise UnknownSelector("The shell was closed.")
        if shell.state == "Disconnected":  # while this Receive waited
            raise Fault(
                STREAM_DISCONNECTED,
                "The WS-Management service cannot process the request: the stream is disconnected.",
            )
        shell.used = time.monotonic()
        shell.last_answer[command] = (request.message_id, got)
        return got

    async def do_signal(self, request: Request, caller: Caller) -> Elements:
        shell = self._connected(request)
        signal = request.find("rsp:Signal")
        command = signal.attrib.get("CommandId", "").upper()
        await shell.stop_pipe(command)
        if (request.find("rsp:Signal/rsp:Code").text or "").lower().endswith("/terminate"):
            shell.forget(command)
        return [element(None, "rsp:SignalResponse")]

    async def do_delete(self, request: Request, caller: Caller) -> Elements:
        shell = self._shell(request)
        await shell.destroy()
        self.shells.pop(shell.id, None)
        return []

    async def do_disconnect(self, request: Request, caller: Caller) -> Elements:
        shell = self._connected(request)
        shell.core.begin_disconnect()
        shell.core.disconnect()
        shell.state = "Disconnected"
        shell.used = time.monotonic()
        async with shell.changed:
            shell.changed.notify_all()
        return []

    async def do_reconnect(self, request: Request, caller: Caller) -> Elements:
        shell = self._shell(request)
        if shell.session_id != request.session_id:
            raise Fault(
                SHELL_IN_USE, "The shell can be reconnected only by the session that created it."
            )
        shell.core.reconnect()
        shell.state = "Connected"
        return []

    async def do_connect(self, request: Request, caller: Caller) -> Elements:
        shell = self._shell(request)
        asked = request.find("rsp:Connect")
        answer = element(None, "rsp:ConnectResponse")
        if "CommandId" in asked.attrib:
            if asked.attrib["CommandId"].upper() not in shell.pipes:
                raise UnknownCommand
            return [answer]
        if shell.state != "Disconnected":
            raise Fault(SHELL_IN_USE, "The shell is connected to another client.")
        shell.core.connect()
        shell.session_id = request.session_id
        shell.state = "Connected"
        self.counts["connects"] += 1
        element(answer, "rsp:InputStreams", "stdin pr")
        element(answer, "rsp:OutputStreams", "stdout")
        taken_up = await _understood(shell.taken_up(asked.findtext("pwsh:connectXml", None, NS)))
        element(answer, "pwsh:connectResponseXml", base64.b64encode(taken_up).decode())
        return [answer]

    async def do_enumerate(self, request: Request, caller: Caller) -> Elements:
        self._expire()
        answer = element(None, "wsen:EnumerateResponse")
        element(answer, "wsen:EnumerationContext")
        items = element(answer, "wsman:Items")
        if request.resource_uri.endswith("/Command"):
            selector = request.body.find(".//wsman:Selector", NS)
            shell = self.shells.get((selector.text or "").upper()) if selector is not None else None
            for command in shell.pipes if shell else ():
                entry = element(items, "rsp:Command")
                element(entry, "rsp:CommandId", command)
                element(entry, "rsp:CommandLine")
                element(entry, "rsp:CommandState", "Running")
        else:
            items.extend(described(s, in_use=True) for s in self.shells.values())
        element(answer, "wsman:EndOfSequence")
        return [answer]

    async def do_get(self, request: Request, caller: Caller) -> Elements:
        if request.resource_uri.endswith("/config"):
            config = element(None, "cfg:Config")
            element(config, "cfg:MaxEnvelopeSizekb", "500")
            return [config]
        return [described(self._shell(request), in_use=True)]

    async def power_off(self) -> None:
        for shell in self.shells.values():
            await shell.destroy()
        self.shells.clear()

    def stats(self) -> dict[str, t.Any]:
        self._expire()
        return {**self.counts, "shells": len(self.shells)}


#: What answers each verb of WS-Management.
VERBS: dict[str, Callable[[WinRM, Request, Caller], Awaitable[Elements]]] = {
    "create": WinRM.do_create,
    "command": WinRM.do_command,
    "send": WinRM.do_send,
    "receive": WinRM.do_receive,
    "signal": WinRM.do_signal,
    "delete": WinRM.do_delete,
    "disconnect": WinRM.do_disconnect,
    "reconnect": WinRM.do_reconnect,
    "connect": WinRM.do_connect,
    "enumerate": WinRM.do_enumerate,
    "get": WinRM.do_get,
}


def _identity(asked: str | None) -> str:
    """The id that the client chose for its shell or command, or a new one."""
    try:
        return str(uuid.UUID(asked)).upper() if asked else str(uuid.uuid4()).upper()
    except ValueError as error:
        raise Fault(
            INTERNAL, f"{(asked or '')[:60]!r} is no GUID.", "wsman:SchemaValidationError"
        ) from error


async def _understood(feeding: Awaitable[_T]) -> _T:
    """A client's PSRP messages were taken in; a Fault when they are none."""
    try:
        return await feeding
    except (
        ValueError,
        KeyError,
        IndexError,
        AttributeError,
        TypeError,
        struct.error,
        RecursionError,
        psrpcore.PSRPCoreError,
        ET.ParseError,
    ) as error:
        raise Fault(
            INTERNAL,
            "The PowerShell remoting messages of this request cannot be read: "
            f"{type(error).__name__}: {str(error)[:200]}",
            "wsman:SchemaValidationError",
        ) from error
