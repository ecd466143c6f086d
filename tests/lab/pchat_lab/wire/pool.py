"""A runspace pool as psrpcore's server state machine keeps it, with what is read and written
otherwise here.
"""

from __future__ import annotations

import typing as t
import uuid

import psrpcore
from psrpcore.types import ErrorRecord, PSRPMessageType, RunspacePoolState

from ..powershell.arguments import from_wire
from ..powershell.commands import Command
from . import pipelines
from .broken_pool import refusal_record

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
#: Where a message's body begins: destination, type, and the ids of the pool and the pipeline stand
#: before it.
_BODY = 40


class Pool(psrpcore.ServerRunspacePool):
    """psrpcore's runspace pool, as an engine writes: a byte order mark before every body, and
    bodies of the lab's own.

    ``refusal``: why the endpoint cannot open its sessions; the client is then told Broken instead
    of Opened. "" when it can.
    """

    def __init__(self, refusal: str = "") -> None:
        super().__init__()
        self._refusal = refusal
        #: What pipelines are to run that were created and not begun.
        self._plain: dict[uuid.UUID, list[list[Command]]] = {}

    def _process_message(self, message: t.Any) -> psrpcore.PSRPEvent[t.Any, t.Any]:
        """What a pipeline runs is read without psrpcore's objects, which take a third of a lab's
        time, where it is as plain as usual.
        """
        created = message.message_type == PSRPMessageType.CreatePipeline
        if not created or message.pipeline_id not in self.pipeline_table:
            return super()._process_message(message)
        plain = pipelines.read(bytes(message.data))
        if plain is None:
            return super()._process_message(message)
        self._plain[message.pipeline_id] = plain
        unread = t.cast("psrpcore.types.CreatePipeline", None)
        return psrpcore.CreatePipelineEvent(
            message.message_type, unread, self.runspace_pool_id, message.pipeline_id
        )

    def statements(self, event: psrpcore.CreatePipelineEvent) -> list[list[Command]]:
        """What the pipeline that was created is to run; asked once."""
        plain = self._plain.pop(event.pipeline_id, None)
        return statements_of(event.pipeline.commands) if plain is None else plain

    def _change_state(
        self, state: RunspacePoolState, error: ErrorRecord | None = None, emit: bool = True
    ) -> None:
        if state == RunspacePoolState.Opened and self._refusal:
            super()._change_state(RunspacePoolState.Broken, refusal_record(self._refusal), emit)
            return
        super()._change_state(state, error, emit)

    def prepare_message(self, *arguments: t.Any, **named: t.Any) -> None:
        super().prepare_message(*arguments, **named)
        data = self._send_buffer[-1]._data
        if len(data) > _BODY:
            data[_BODY:_BODY] = _BYTE_ORDER_MARK

    def send(self, kind: PSRPMessageType, body: str, pipeline_id: uuid.UUID) -> None:
        """One message of a pipeline."""
        super().prepare_message(
            None, None, pipeline_id
        )  # an output without a body, which is turned into what it is to be
        message = self._send_buffer[-1]
        message.message_type = kind
        message._data[4:8] = kind.value.to_bytes(4, "little")
        if body:
            message._data += _BYTE_ORDER_MARK + body.encode()


def statements_of(commands: t.Iterable[t.Any]) -> list[list[Command]]:
    out: list[list[Command]] = [[]]
    for command in commands:
        out[-1].append(
            Command(
                str(command.command_text),
                bool(command.is_script),
                [(None if n is None else str(n), from_wire(v)) for n, v in command.parameters],
            )
        )
        if command.end_of_statement:
            out.append([])
    return [statement for statement in out if statement]
