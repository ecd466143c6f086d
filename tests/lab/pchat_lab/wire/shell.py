"""PSRP shells: psrpcore's server state machine, one queue of fragments per target, and the task that runs a pipeline."""
from __future__ import annotations

import asyncio
import base64
import collections
import time
import typing as t
import uuid

import psrpcore
from psrpcore.types import ErrorCategory, ErrorCategoryInfo, ErrorRecord, NETException, ProgressRecordType, PSInvocationState

from ..powershell.clixml import from_wire, to_wire
from ..powershell.errors import CmdletError
from ..powershell.executor import Command, Lost, Runspace

#: Windows PowerShell's fragment size; recorded servers send one Stream element per fragment.
FRAGMENT = 32 * 1024
_HEADER = 21
_RUNSPACEPOOL_STATE = (0x00021005).to_bytes(4, "little")


def _exception(error: CmdletError) -> NETException:
    made = NETException(Message=error.message)
    made.PSObject.type_names = [error.exception, "System.Exception", "System.Object"]
    made.PSObject.to_string = f"{error.exception}: {error.message}"
    return made


def _category(error: CmdletError, command: str) -> ErrorCategoryInfo:
    return ErrorCategoryInfo(Category=ErrorCategory[error.category] if error.category in ErrorCategory.__members__ else ErrorCategory.NotSpecified,
                             Activity=command, Reason=error.exception.rsplit(".", 1)[-1], TargetName=str(error.target or ""))


def _error_id(error: CmdletError, command: str) -> str:
    return f"{error.error_id},{command}" if command else error.error_id


class PipelineStreams:
    """Writes a pipeline's records as PSRP messages."""

    def __init__(self, core: t.Any) -> None:
        self._core = core

    def output(self, value: t.Any) -> None:
        self._core.write_output(to_wire(value))

    def error(self, error: CmdletError, command: str) -> None:
        self._core.write_error(_exception(error), _category(error, command), target_object=error.target,
                               fully_qualified_error_id=_error_id(error, command))

    def warning(self, text: str) -> None:
        self._core.write_warning(text)

    def verbose(self, text: str) -> None:
        self._core.write_verbose(text)


class Pipe:
    def __init__(self, core: t.Any) -> None:
        self.core = core
        self.task: asyncio.Task[None] | None = None
        self.lost: str | None = None                  # a fault swallowed the answer
        self.silent = False                           # a fault: it is accepted and never runs


class Shell:
    """One runspace pool of one client on one machine."""

    def __init__(self, runspace: Runspace, shell_id: str, configuration: str, session_id: str, idle_timeout: float, import_cost: float) -> None:
        self.runspace, self.id, self.configuration, self.session_id = runspace, shell_id, configuration, session_id
        self.idle_timeout, self.import_cost = idle_timeout, import_cost
        self.process_id = 0                           # of its wsmprovhost.exe
        self.prepared = False                         # a pipeline was begun here before
        self.core = psrpcore.ServerRunspacePool()
        self.state = "Connected"
        self.pipes: dict[str, Pipe] = {}
        self.queues: dict[str | None, collections.deque[bytes]] = collections.defaultdict(collections.deque)
        self.done: set[str] = set()
        self.last_answer: dict[str | None, tuple[str, tuple[list[bytes], bool]]] = {}
        self.changed = asyncio.Condition()
        self.created = self.used = time.monotonic()

    # -- in ------------------------------------------------------------------------------------------------------------------
    async def feed(self, fragments: str | None) -> None:
        self.used = time.monotonic()
        self.core.receive_data(psrpcore.PSRPPayload(base64.b64decode(fragments or ""), psrpcore.StreamType.default, None))
        while (event := self.core.next_event()) is not None:
            if isinstance(event, psrpcore.CreatePipelineEvent):
                pipe = self.pipes[str(event.pipeline_id).upper()]
                # Recorded servers never announce Running; start() would.
                pipe.core._change_state(PSInvocationState.Running, emit=False)
                if pipe.silent:
                    continue
                self._prepare_modules(pipe)
                pipe.task = asyncio.create_task(self._run(str(event.pipeline_id).upper(), pipe, event.pipeline))
            elif isinstance(event, psrpcore.InitRunspacePoolEvent):
                if not 1 <= event.min_runspaces <= event.max_runspaces:
                    raise ValueError(f"a pool of {event.min_runspaces} to {event.max_runspaces} runspaces")
            elif isinstance(event, psrpcore.SetMaxRunspacesEvent):
                self.core.runspace_availability_response(event.ci, event.count >= self.core.min_runspaces)
            elif isinstance(event, psrpcore.SetMinRunspacesEvent):
                self.core.runspace_availability_response(event.ci, 1 <= event.count <= self.core.max_runspaces)
            elif isinstance(event, psrpcore.ResetRunspaceStateEvent):
                self.core.runspace_availability_response(event.ci, True)
            elif isinstance(event, psrpcore.GetAvailableRunspacesEvent):
                self.core.runspace_availability_response(event.ci, self.core.max_runspaces)
        await self.flush()

    def _prepare_modules(self, pipe: Pipe) -> None:
        """Recorded servers tell of it as the first pipeline of a session begins; a restricted endpoint, whose modules are loaded before, does not."""
        if not self.prepared and self.runspace.capability is None:
            pipe.core.write_progress("Preparing modules for first use.", 0, " ", record_type=ProgressRecordType.Completed)
        self.prepared = True

    async def taken_up(self, connect_xml: str | None) -> bytes:
        """Another client connects: what the answer carries, SESSION_CAPABILITY and RUNSPACEPOOL_INIT_DATA.

        The next Receive brings APPLICATION_PRIVATE_DATA and nothing more: the state of the pool, which psrpcore would send, is not told again.
        """
        self.core.prepare_message(self.core.our_capability)
        await self.feed(connect_xml)
        queue = self.queues[None]
        if queue and _is_state(queue[-1]):
            queue.pop()
        return queue.popleft() + queue.popleft()

    def new_pipe(self, command_id: str) -> Pipe:
        self.pipes[command_id] = Pipe(psrpcore.ServerPipeline(self.core, uuid.UUID(command_id)))
        return self.pipes[command_id]

    # -- out -----------------------------------------------------------------------------------------------------------------
    async def flush(self) -> None:
        """Sort outgoing fragments by target and wake who waits for them."""
        while (payload := self.core.data_to_send(FRAGMENT)) is not None:
            key = str(payload.pipeline_id).upper() if payload.pipeline_id else None
            data = bytes(payload.data)
            while data:                               # psrpcore merges small messages; a server sends them one by one
                size = _HEADER + int.from_bytes(data[17:_HEADER], "big")
                self.queues[key].append(data[:size])
                data = data[size:]
        async with self.changed:
            self.changed.notify_all()

    async def receive(self, key: str | None, timeout: float, budget: int) -> tuple[list[bytes], bool] | None:
        """Fragments that fit the client's envelope, and whether that was the end; None when nothing came in time."""
        def ready() -> bool:
            return bool(self.queues[key]) or key in self.done or self.state != "Connected"
        async with self.changed:
            try:
                await asyncio.wait_for(self.changed.wait_for(ready), timeout)
            except TimeoutError:
                return None
        taken: list[bytes] = []
        queue = self.queues[key]
        while queue and (not taken or (budget >= len(queue[0]) and not _is_state(queue[0]))):
            budget -= len(queue[0])
            taken.append(queue.popleft())
        return taken, key in self.done and not queue

    # -- execution -----------------------------------------------------------------------------------------------------------
    async def _run(self, key: str, pipe: Pipe, pipeline: t.Any) -> None:
        streams, name = PipelineStreams(pipe.core), ""
        try:
            for statement in _statements(pipeline.commands):
                for command in statement:
                    name = command.name if not command.is_script else ""
                    if self.import_cost and not command.is_script and self.runspace.slow_import(self.runspace.lookup(command)):
                        await asyncio.sleep(self.import_cost)
                delay = self.runspace.world.faults.latency(self.runspace.machine)
                if delay:
                    await asyncio.sleep(delay)
                self.runspace.run(statement, streams, key)
                await self.flush()
            pipe.core.complete()
        except asyncio.CancelledError:
            pipe.core.stop()
        except Lost as lost:
            pipe.lost = lost.action
        except CmdletError as error:
            # psrpcore has complete() and stop() but no fail(); a terminating error sends only this state (see recorded servers).
            record = ErrorRecord(Exception=_exception(error), TargetObject=error.target, CategoryInfo=_category(error, name),
                                 FullyQualifiedErrorId=_error_id(error, name))
            pipe.core._change_state(PSInvocationState.Failed, error=record)
        self.done.add(key)
        await self.flush()

    async def stop_pipe(self, key: str) -> None:
        pipe = self.pipes.get(key)
        if pipe is not None and pipe.task is not None and not pipe.task.done():
            pipe.task.cancel()
            await asyncio.gather(pipe.task, return_exceptions=True)
        if pipe is not None and pipe.core.state == PSInvocationState.Running:      # it never ran
            pipe.core.stop()
            self.done.add(key)
            await self.flush()

    def forget(self, key: str) -> None:
        pipe = self.pipes.pop(key, None)
        if pipe is not None:
            pipe.core.close()
        self.queues.pop(key, None)
        self.last_answer.pop(key, None)
        self.done.discard(key)

    async def destroy(self) -> None:
        for key in list(self.pipes):
            await self.stop_pipe(key)
            self.forget(key)
        self.state = "Closed"
        async with self.changed:
            self.changed.notify_all()


def _is_state(fragment: bytes) -> bool:
    """Whether a fragment is RUNSPACEPOOL_STATE, which recorded servers send in a Receive of its own (MS-PSRP 2.2.1: the type follows the destination)."""
    return fragment[_HEADER + 4:_HEADER + 8] == _RUNSPACEPOOL_STATE


def _number(name: str) -> property:
    """A field of a message, whatever the case of its name."""
    def read(event: t.Any) -> int:
        properties = event._ps_object.PSObject.extended_properties
        return int(next(p.get_value(event._ps_object) for p in properties if p.name.lower() == name.lower()))
    return property(read)


# psrpcore's own ``ci`` looks for an attribute that objects do not have when they came over the wire without type names, as pypsrp sends them.
for _kind in (psrpcore.SetMaxRunspacesEvent, psrpcore.SetMinRunspacesEvent, psrpcore.ResetRunspaceStateEvent, psrpcore.GetAvailableRunspacesEvent):
    setattr(_kind, "ci", _number("ci"))  # noqa: B010  (mypy knows ci as read-only)
for _kind, _name in ((psrpcore.SetMaxRunspacesEvent, "MaxRunspaces"), (psrpcore.SetMinRunspacesEvent, "MinRunspaces")):
    setattr(_kind, "count", _number(_name))  # noqa: B010


def _statements(commands: t.Iterable[t.Any]) -> list[list[Command]]:
    out: list[list[Command]] = [[]]
    for command in commands:
        out[-1].append(Command(str(command.command_text), bool(command.is_script),
                               [(None if n is None else str(n), from_wire(v)) for n, v in command.parameters]))
        if command.end_of_statement:
            out.append([])
    return [statement for statement in out if statement]
