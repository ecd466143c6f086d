"""What we change of pypsrp: output as raw CLIXML, in the order of its arrival. FOR INTERNAL
COLLECTION USE ONLY.

Where pypsrp is missing this can be imported all the same: ``session.py`` tells the user.
"""

from __future__ import annotations

import contextlib
import copy
import threading
import typing as t

from . import failures, skeletons, tickets
from .line import Came, Output, Problem

try:
    from pypsrp.complex_objects import CommandParameter, PSInvocationState, RunspacePoolState
    from pypsrp.exceptions import (
        AuthenticationError,
        WinRMError,
        WinRMTransportError,
        WSManFaultError,
    )
    from pypsrp.messages import MessageType
    from pypsrp.powershell import PowerShell, RunspacePool
    from pypsrp.serializer import Serializer, TaggedValue
    from pypsrp.wsman import WSMan
    from requests import utils as requests_utils

    MISSING: str | None = None
except ImportError as missing:
    MISSING = str(missing)
    from .absent import (  # type: ignore[assignment,no-redef]
        AuthenticationError,
        CommandParameter,
        MessageType,
        PowerShell,
        PSInvocationState,
        RunspacePool,
        RunspacePoolState,
        Serializer,
        TaggedValue,
        WinRMError,
        WinRMTransportError,
        WSMan,
        WSManFaultError,
        requests_utils,
    )

__all__ = [
    "MISSING",
    "AuthenticationError",
    "PSInvocationState",
    "Pipeline",
    "RunspacePool",
    "RunspacePoolState",
    "WSManFaultError",
    "WinRMError",
    "WinRMTransportError",
    "connection",
    "drop",
    "encoded",
    "goes_through_proxy",
    "hurry",
    "is_old",
    "keep_logged_on",
    "log_on_again",
    "runspace_pool",
]

#: pypsrp's "nothing came within the time of this request"; the request is sent again.
_NOTHING_YET = 2150858793
#: Of a ticket, in which no request begins: the answer has to be unsealed in its time as well.
_LAST_SECONDS = 60.0
#: How a pipeline ended, in a word for people.
_ENDED = {PSInvocationState.COMPLETED: "completed", PSInvocationState.FAILED: "failed"}
#: Every new WSMan registers XML namespaces in one dictionary of the whole process, which threads
#: that look at many hosts must not do together.
_ONE_AT_A_TIME = threading.Lock()


#: Of an object of pypsrp: what its class says of itself, and what is told otherwise.
_NO_FACTS = (
    *("_adapted_properties", "_extended_properties", "_property_sets", "_types", "_to_string"),
    *("_xml", "_get_statements", "args", "commands", "host_info", "pipeline"),
)


class _RawOutput(Serializer):
    """Leaves objects of the output stream as they came; only those are read from text without a
    shape. A message that is written already is sent as it is.
    """

    def serialize(self, value: t.Any, *others: t.Any, **named: t.Any) -> t.Any:
        written = getattr(value, "written", None)
        return written if written is not None else super().serialize(value, *others, **named)

    def deserialize(self, element: t.Any, metadata: t.Any = None, clear: bool = True) -> t.Any:
        if isinstance(element, str) and metadata is None:
            return Output(element)
        return super().deserialize(element, metadata, clear)


class Pipeline(PowerShell):
    """A pipeline whose output and error records stay in one list, as they arrived."""

    def __init__(self, pool: t.Any) -> None:
        super().__init__(pool)
        self.received: list[Output | Problem] = []
        self._told: set[int] = set()

    def poll_invoke(self, timeout: int | None = None) -> None:
        """One Receive. Raises what pypsrp raises, but for "nothing came yet"."""
        try:
            responses = self.runspace_pool._receive(self.id, timeout=timeout)
        except WSManFaultError as fault:
            if fault.code != _NOTHING_YET:
                raise
            return
        for kind, response in responses:
            if kind == MessageType.PIPELINE_OUTPUT:
                self.received.append(response.data.data)

    def _invoke(self, msg: t.Any) -> None:
        """pypsrp writes each command twice, with every field; here a shape is written once."""
        self.commands[-1].end_of_statement = True
        with contextlib.suppress(skeletons.TooUnusual):
            msg.written = self._written(msg)
        msg.pipeline._get_statements = lambda: self._statements(None)
        super()._invoke(msg)

    def _written(self, msg: t.Any) -> bytes:
        """The message as XML. Raises TooUnusual where its shape is not to be told."""
        serializer: t.Any = self.runspace_pool._serializer
        texts: list[str] = []
        shape = self._shape(msg, texts)

        def write(others: t.Sequence[str]) -> bytes:
            msg.pipeline._get_statements = lambda: self._statements(iter(others))
            return skeletons.as_bytes(serializer.serialize(msg))

        shown = [serializer._serialize_string(text) for text in texts]
        return skeletons.shared().written(shape, shown, write)

    def _shape(self, msg: t.Any, texts: list[str]) -> skeletons.Shape:
        if msg.host_info.host is not None:
            raise skeletons.TooUnusual("a host")
        commands = []
        for command in self.commands:
            given = [(one.name, skeletons.shape_of(one.value, texts)) for one in command.args]
            commands.append((skeletons.facts_of(command, _NO_FACTS), tuple(given)))
        return (
            skeletons.facts_of(msg, _NO_FACTS),
            skeletons.facts_of(msg.pipeline, _NO_FACTS),
            tuple(commands),
        )

    def _statements(self, texts: t.Iterator[str] | None) -> list[list[t.Any]]:
        """The commands by statement, with other texts where there are some. The serializer writes
        on parameters, so those are new.
        """
        statements: list[list[t.Any]] = [[]]
        for command in self.commands:
            twin = copy.copy(command)
            twin.args = []
            for given in command.args:
                value = given.value
                if texts is not None:
                    value = skeletons.with_texts(value, texts)
                twin.args.append(CommandParameter(given.name, value))
            statements[-1].append(twin)
            if command.end_of_statement:
                statements.append([])
        return [statement for statement in statements if statement]

    def _process_error_record(self, message: t.Any) -> None:
        super()._process_error_record(message)
        self._told.add(id(message.data))
        self.received.append(failures.problem_of(message.data))

    def came(self) -> Came:
        """All that arrived; last the error record that came with the final state, and not as a
        record of its own.
        """
        items = list(self.received)
        if self.state == PSInvocationState.FAILED:
            for record in self.streams.error:
                if id(record) not in self._told:
                    items.append(failures.problem_of(record))
        return Came(tuple(items), _ENDED.get(self.state, "stopped"))

    @property
    def volume(self) -> int:
        """Grows whenever anything arrives."""
        said = self.streams
        others = len(said.error) + len(said.warning) + len(said.verbose)
        return len(self.received) + others + len(said.debug) + len(said.progress)

    @property
    def said_last(self) -> str:
        """BACKUP and RESTORE say every tenth percent, as an informational message."""
        said = self.streams.verbose
        return str(getattr(said[-1], "message", said[-1])).strip() if said else ""


def connection(options: t.Mapping[str, t.Any]) -> t.Any:
    """A WSMan for these options (see ``winrm_endpoint``)."""
    with _ONE_AT_A_TIME:
        return WSMan(**options)


def goes_through_proxy(url: str) -> bool:
    """By the environment, as requests decides it, with which pypsrp connects."""
    found = requests_utils.get_environ_proxies(url)
    return bool(requests_utils.select_proxy(url, found))


def runspace_pool(wsman: t.Any, configuration: str, idle_seconds: int) -> t.Any:
    """A RunspacePool, not opened, whose pipelines are ``Pipeline``."""
    pool = RunspacePool(wsman, configuration_name=configuration, idle_timeout=idle_seconds)
    pool._serializer = pool._fragmenter.serializer = _RawOutput()
    return pool


def drop(pool: t.Any, shell: Pipeline) -> None:
    """The pool keeps each of its pipelines, with all that came of it, unless it is told to."""
    pool.pipelines.pop(shell.id, None)


def is_old(pool: t.Any) -> bool:
    """Whether it is an engine before PowerShell 3, whose service allows 15 commands in a session
    (MS-PSRP: protocol version 2.1; WinRM 2.0: MaxProcessesPerShell).
    """
    return str(pool.protocol_version or "") in ("2.0", "2.1")


def hurry(wsman: t.Any, options: t.Mapping[str, t.Any]) -> None:
    """The time-outs of these options, for the requests that follow."""
    transport = wsman.transport
    wsman.operation_timeout = options.get("operation_timeout", 20)
    transport.connection_timeout = options.get("connection_timeout", 30)
    transport.read_timeout = options.get("read_timeout", 30)
    retries = options.get("reconnection_retries", 0)
    if retries != transport.reconnection_retries:  # they are told when it logs on
        transport.reconnection_retries = retries
        log_on_again(wsman)


def keep_logged_on(wsman: t.Any) -> None:
    """Before a request: a logon whose ticket ends soon is made anew, with the ticket that is there
    now. The shell is the user's and stays.
    """
    encryption = wsman.transport.encryption
    if encryption is None:
        return
    left = tickets.seconds_left(encryption.context)
    if left is not None and left < _LAST_SECONDS:
        log_on_again(wsman)


def log_on_again(wsman: t.Any) -> None:
    """The next request opens a connection, with a sealing state, of its own."""
    transport = wsman.transport
    transport.close()
    transport.session = None
    transport.encryption = None


def encoded(value: t.Any) -> t.Any:
    """A parameter; tagged where pypsrp would send a narrower type than it is."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int) and not -(2**31) <= value < 2**31:
        return TaggedValue("I64", value)
    if isinstance(value, float):
        return TaggedValue("Db", value)
    if isinstance(value, (list, tuple)):
        return [encoded(item) for item in value]
    if isinstance(value, dict):
        return {key: encoded(item) for key, item in value.items()}
    return value
