"""PSRP shells: one queue of fragments per target, and the task that runs a pipeline."""

from __future__ import annotations

import asyncio
import base64
import collections
import time
import typing as t
import uuid

import psrpcore
from psrpcore.types import PSInvocationState, PSRPMessageType

from ..powershell.commands import Called, Command
from ..powershell.errors import ActionPreferenceStop, CmdletError
from ..powershell.executor import Lost, Runspace
from ..powershell.objects import PSObject
from ..powershell.records import error_record, informational_record, progress_record, state_record
from ..powershell.serialise import serialised
from ..powershell.statements import Course, State
from .pool import Pool

#: Windows PowerShell's fragment size; recorded servers send one Stream element per fragment.
FRAGMENT = 32 * 1024
_HEADER = 21
_RUNSPACEPOOL_STATE = (0x00021005).to_bytes(4, "little")


class PipelineStreams:
    """Writes a pipeline's records as PSRP messages; none any more once the client was told that it
    ended.
    """

    def __init__(self, pool: Pool, pipeline_id: uuid.UUID) -> None:
        self._pool = pool
        self._id = pipeline_id
        self.open = True

    def output(self, value: t.Any) -> None:
        self._send(PSRPMessageType.PipelineOutput, value)

    def error(self, error: CmdletError, called: Called) -> None:
        self._send(PSRPMessageType.ErrorRecord, error_record(error, called.info, terminating=False))

    def statement_failed(self, error: CmdletError) -> None:
        """The record that the engine itself writes of an error that ended the first of several
        statements.
        """
        self._send(PSRPMessageType.ErrorRecord, _thrown(error, told_by_engine=True))

    def warning(self, text: str, called: Called) -> None:
        self._informational(PSRPMessageType.WarningRecord, "Warning", text, called)

    def verbose(self, text: str, called: Called) -> None:
        self._informational(PSRPMessageType.VerboseRecord, "Verbose", text, called)

    def record(self, kind: str, record: PSObject) -> None:
        self._send(PSRPMessageType[kind], record)

    def state(self, state: State, failure: CmdletError | None = None) -> None:
        record = None if failure is None else _thrown(failure)
        self._send(PSRPMessageType.PipelineState, state_record(int(state), record))
        self.open = False

    def _informational(self, kind: PSRPMessageType, name: str, text: str, called: Called) -> None:
        self._send(kind, informational_record(name, text, called.info, called.bound, called.place))

    def _send(self, kind: PSRPMessageType, value: t.Any) -> None:
        if self.open:
            self._pool.send(kind, serialised(value), self._id)


def _thrown(error: CmdletError, told_by_engine: bool = False) -> PSObject:
    info = None if error.called is None else error.called.info
    return error_record(error, info, terminating=True, told_by_engine=told_by_engine)


class Pipe:
    def __init__(self, core: t.Any) -> None:
        self.core = core
        self.task: asyncio.Task[None] | None = None
        self.lost: str | None = None  # a fault swallowed the answer
        self.silent = False  # a fault: it is accepted and never runs


class Shell:
    """One runspace pool of one client on one machine."""

    def __init__(
        self,
        runspace: Runspace,
        shell_id: str,
        configuration: str,
        session_id: str,
        idle_timeout: float,
        import_cost: float,
    ) -> None:
        self.runspace = runspace
        self.id = shell_id
        self.configuration = configuration
        self.session_id = session_id
        self.idle_timeout = idle_timeout
        self.import_cost = import_cost
        self.process_id = 0  # of its wsmprovhost.exe
        self.prepared = False  # a pipeline was begun here before
        self.core = Pool(runspace.restricted.refusal if runspace.restricted is not None else "")
        self.state = "Connected"
        self.pipes: dict[str, Pipe] = {}
        self.queues: dict[str | None, collections.deque[bytes]] = collections.defaultdict(
            collections.deque
        )
        self.done: set[str] = set()
        self.last_answer: dict[str | None, tuple[str, tuple[list[bytes], bool]]] = {}
        self.changed = asyncio.Condition()
        self.created = self.used = time.monotonic()

    # --- in
    async def feed(self, fragments: str | None) -> None:
        self.used = time.monotonic()
        self.core.receive_data(
            psrpcore.PSRPPayload(
                base64.b64decode(fragments or ""), psrpcore.StreamType.default, None
            )
        )
        while (event := self.core.next_event()) is not None:
            if isinstance(event, psrpcore.CreatePipelineEvent):
                pipe = self.pipes[str(event.pipeline_id).upper()]
                # Recorded servers never announce Running; start() would.
                pipe.core._change_state(PSInvocationState.Running, emit=False)
                if pipe.silent:
                    continue
                self._prepare_modules(pipe)
                pipe.task = asyncio.create_task(
                    self._run(str(event.pipeline_id).upper(), pipe, self.core.statements(event))
                )
            elif isinstance(event, psrpcore.InitRunspacePoolEvent):
                if not 1 <= event.min_runspaces <= event.max_runspaces:
                    raise ValueError(
                        f"a pool of {event.min_runspaces} to {event.max_runspaces} runspaces"
                    )
            elif isinstance(event, psrpcore.SetMaxRunspacesEvent):
                self.core.runspace_availability_response(
                    event.ci, event.count >= self.core.min_runspaces
                )
            elif isinstance(event, psrpcore.SetMinRunspacesEvent):
                self.core.runspace_availability_response(
                    event.ci, 1 <= event.count <= self.core.max_runspaces
                )
            elif isinstance(event, psrpcore.ResetRunspaceStateEvent):
                self.core.runspace_availability_response(event.ci, True)
            elif isinstance(event, psrpcore.GetAvailableRunspacesEvent):
                self.core.runspace_availability_response(event.ci, self.core.max_runspaces)
        await self.flush()

    def _prepare_modules(self, pipe: Pipe) -> None:
        """Recorded servers tell of it as the first pipeline of a session begins; a restricted
        endpoint, whose modules are loaded before, does not.
        """
        if not self.prepared and self.runspace.capability is None:
            PipelineStreams(self.core, pipe.core.pipeline_id).record("ProgressRecord", _PREPARING)
        self.prepared = True

    async def taken_up(self, connect_xml: str | None) -> bytes:
        """Another client connects: what the answer carries, SESSION_CAPABILITY and
        RUNSPACEPOOL_INIT_DATA.

        The next Receive brings APPLICATION_PRIVATE_DATA and nothing more: the state of the pool,
        which psrpcore would send, is not told again.
        """
        await self.flush()
        queue = self.queues[None]
        waiting = [fragment for fragment in queue if not _is_state(fragment)]
        queue.clear()
        self.core.prepare_message(self.core.our_capability)
        await self.feed(connect_xml)
        capability, counts, *rest = [fragment for fragment in queue if not _is_state(fragment)]
        queue.clear()
        queue.extend((*waiting, *rest))
        return capability + counts

    def new_pipe(self, command_id: str) -> Pipe:
        self.pipes[command_id] = Pipe(psrpcore.ServerPipeline(self.core, uuid.UUID(command_id)))
        return self.pipes[command_id]

    # --- out
    async def flush(self) -> None:
        """Sort outgoing fragments by target and wake who waits for them."""
        while (payload := self.core.data_to_send(FRAGMENT)) is not None:
            key = str(payload.pipeline_id).upper() if payload.pipeline_id else None
            data = bytes(payload.data)
            while data:  # psrpcore merges small messages; a server sends them one by one
                size = _HEADER + int.from_bytes(data[17:_HEADER], "big")
                self.queues[key].append(data[:size])
                data = data[size:]
        async with self.changed:
            self.changed.notify_all()

    async def receive(
        self, key: str | None, timeout: float, budget: int
    ) -> tuple[list[bytes], bool] | None:
        """Fragments that fit the client's envelope, and whether that was the end; None when nothing
        came in time.
        """

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

    # --- execution
    async def _run(self, key: str, pipe: Pipe, statements: list[list[Command]]) -> None:
        streams = PipelineStreams(self.core, pipe.core.pipeline_id)
        course = Course(len(statements))
        try:
            for statement in statements:
                news = course.after(await self._ended(statement, streams, key))
                if news.write is not None:
                    streams.statement_failed(news.write)
                if news.state is not None:
                    await self._tell(key, streams, news.state, news.failure)
                if news.ends:
                    break
                await self.flush()
        except asyncio.CancelledError:
            if not course.told:
                await self._tell(key, streams, State.STOPPED, _STOPPED)
        except Lost as lost:
            pipe.lost = lost.action
            await self._end(key)

    async def _ended(
        self, statement: list[Command], streams: PipelineStreams, key: str
    ) -> CmdletError | ActionPreferenceStop | None:
        """Runs a statement; what it failed of."""
        try:
            for command in statement:
                if (
                    self.import_cost
                    and not command.is_script
                    and self.runspace.slow_import(self.runspace.lookup(command))
                ):
                    await asyncio.sleep(self.import_cost)
            delay = self.runspace.world.faults.latency(self.runspace.machine)
            delay += sum(self.runspace.lasts(command) for command in statement)
            if delay:
                await asyncio.sleep(delay)
            self.runspace.run(statement, streams, key)
        except (CmdletError, ActionPreferenceStop) as failure:
            return failure
        return None

    async def _tell(
        self, key: str, streams: PipelineStreams, state: State, failure: CmdletError | None
    ) -> None:
        """The client learns that the pipeline ended, whatever still runs."""
        streams.state(state, failure)
        pipe = self.pipes.get(key)
        if pipe is not None:
            pipe.core._change_state(PSInvocationState(int(state)), emit=False)
        await self._end(key)

    async def _end(self, key: str) -> None:
        self.done.add(key)
        await self.flush()

    async def stop_pipe(self, key: str) -> None:
        pipe = self.pipes.get(key)
        if pipe is not None and pipe.task is not None and not pipe.task.done():
            pipe.task.cancel()
            await asyncio.gather(pipe.task, return_exceptions=True)
        if pipe is not None and pipe.core.state == PSInvocationState.Running:  # it never ran
            await self._tell(
                key, PipelineStreams(self.core, pipe.core.pipeline_id), State.STOPPED, _STOPPED
            )

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


_PREPARING = progress_record("Preparing modules for first use.", " ", -1, completed=True)
_STOPPED = CmdletError(
    "The pipeline has been stopped.",
    "PipelineStopped",
    "OperationStopped",
    "System.Management.Automation.PipelineStoppedException",
)


def _is_state(fragment: bytes) -> bool:
    """Whether a fragment is RUNSPACEPOOL_STATE, which recorded servers send in a Receive of its own
    (MS-PSRP 2.2.1: the type follows the destination).
    """
    return fragment[_HEADER + 4 : _HEADER + 8] == _RUNSPACEPOOL_STATE


def _number(name: str) -> property:
    """A field of a message, whatever the case of its name."""

    def read(event: t.Any) -> int:
        properties = event._ps_object.PSObject.extended_properties
        return int(
            next(
                p.get_value(event._ps_object) for p in properties if p.name.lower() == name.lower()
            )
        )

    return property(read)


# psrpcore's own ``ci`` looks for an attribute that objects do not have when they came over the wire
# without type names, as pypsrp sends them.
for _kind in (
    psrpcore.SetMaxRunspacesEvent,
    psrpcore.SetMinRunspacesEvent,
    psrpcore.ResetRunspaceStateEvent,
    psrpcore.GetAvailableRunspacesEvent,
):
    setattr(_kind, "ci", _number("ci"))  # noqa: B010  (mypy knows ci as read-only)
for _kind, _name in (
    (psrpcore.SetMaxRunspacesEvent, "MaxRunspaces"),
    (psrpcore.SetMinRunspacesEvent, "MinRunspaces"),
):
    setattr(_kind, "count", _number(_name))  # noqa: B010
