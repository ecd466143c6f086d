"""Pipelines through the lab's own PowerShell, in this process, and the messages that come of it.

The same code that the wire uses.
"""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import struct
import typing as t

import psrpcore

from pchat_lab.estate.build import build
from pchat_lab.powershell.executor import Runspace
from pchat_lab.wire.shell import FRAGMENT, Shell
from pchat_lab.world.network import Caller
from pchat_lab.world.world import World

_HEADER = 21
_BODY = 40
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_KINDS = {
    0x00041004: "PIPELINE_OUTPUT",
    0x00041005: "ERROR_RECORD",
    0x00041006: "PIPELINE_STATE",
    0x00041007: "DEBUG_RECORD",
    0x00041008: "VERBOSE_RECORD",
    0x00041009: "WARNING_RECORD",
    0x00041010: "PROGRESS_RECORD",
    0x00041011: "INFORMATION_RECORD",
}

#: A statement: commands with their parameters, a list of pairs where one is given twice or has no
#: name.
Command = tuple[str, t.Any]


@dataclasses.dataclass(frozen=True)
class Message:
    """``marked``: whether the body begins with a byte order mark."""

    kind: str
    marked: bool
    xml: str


class Engine:
    """A machine of a fresh default estate, and sessions of its administrator there.

    ``one_runspace``: all pipelines go through the same one; otherwise each has its own.
    """

    def __init__(
        self,
        machine: str = "sql-n1",
        account: str = "CONTOSO\\pchat-admin",
        one_runspace: bool = False,
    ) -> None:
        self.world: World = build("default", clock_runs=False)
        self.machine = self.world.machine(machine)
        self._caller = Caller(self.world.account(account), True)
        self._runspace = self._fresh() if one_runspace else None

    def _fresh(self) -> Runspace:
        return Runspace(self.world, self.machine, self._caller, "test")

    def messages(
        self, *statements: Command | list[Command], stop_at_state: bool = False
    ) -> list[Message]:
        """What a client of its own session gets.

        ``stop_at_state``: it closes the pipeline as soon as it was told that it ended.
        """
        return asyncio.run(self._messages(statements, stop_at_state))

    async def _messages(
        self, statements: t.Sequence[Command | list[Command]], stop_at_state: bool
    ) -> list[Message]:
        shell = Shell(
            self._runspace or self._fresh(), "TEST", "Microsoft.PowerShell", "", 60.0, 0.0
        )
        shell.prepared = True
        client = psrpcore.ClientRunspacePool()
        client.open()
        await shell.feed(_outgoing(client))
        for received in (*shell.queues[None],):
            client.receive_data(psrpcore.PSRPPayload(received, psrpcore.StreamType.default, None))
        while client.next_event() is not None:
            pass
        pipeline = psrpcore.ClientPowerShell(client)
        _fill(pipeline, statements)
        pipeline.start()
        key = str(pipeline.pipeline_id).upper()
        pipe = shell.new_pipe(key)
        await shell.feed(_outgoing(client))
        if stop_at_state:
            while key not in shell.done:
                await asyncio.sleep(0)
            await shell.stop_pipe(key)
        elif pipe.task is not None:
            await pipe.task
        return _assembled(shell.queues[key])


def _fill(pipeline: t.Any, statements: t.Sequence[Command | list[Command]]) -> None:
    for statement in statements:
        commands = statement if isinstance(statement, list) else [statement]
        for name, parameters in commands:
            pipeline.add_command(name)
            pairs = parameters.items() if isinstance(parameters, dict) else parameters
            for parameter, value in pairs:
                if parameter is None:
                    pipeline.add_argument(_array(value))
                else:
                    pipeline.add_parameter(parameter, _array(value))
        pipeline.add_statement()


def _array(value: t.Any) -> t.Any:
    """Lists are arrays, also inside, as the project's clients send them.

    psrpcore would make ArrayLists of them.
    """
    if isinstance(value, dict):
        return {name: _array(inner) for name, inner in value.items()}
    if not isinstance(value, list):
        return value
    made = psrpcore.types.PSList([_array(inner) for inner in value])
    made.PSObject.type_names = ["System.Object[]", "System.Array", "System.Object"]
    return made


def _outgoing(client: t.Any) -> str:
    data = b""
    while (payload := client.data_to_send(FRAGMENT)) is not None:
        data += payload.data
    return base64.b64encode(data).decode()


def _assembled(fragments: t.Iterable[bytes]) -> list[Message]:
    found: list[Message] = []
    data = b""
    for fragment in fragments:
        ends = bool(fragment[16] & 2)
        data += fragment[_HEADER:]
        if ends:
            (kind,) = struct.unpack("<I", data[4:8])
            body = data[_BODY:]
            marked = body.startswith(_BYTE_ORDER_MARK)
            found.append(
                Message(_KINDS[kind], marked, body.removeprefix(_BYTE_ORDER_MARK).decode())
            )
            data = b""
    return found
