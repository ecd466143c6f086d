"""Runs one statement of a pipeline: looks cmdlets up, binds, journals, and turns outcomes into
streams.
"""

from __future__ import annotations

import logging
import typing as t

from ..world.journal import Entry
from ..world.machine import Machine
from ..world.network import Caller, NetworkError
from ..world.world import World
from .binder import bind
from .capability import Capability
from .commands import Called, Command, as_sent, shown_arguments
from .errors import ActionPreferenceStop, CmdletError, LabGap, no_prompt, not_recognized
from .objects import PSObject, unwrapped
from .registry import CMDLETS, CmdletInfo, Invocation, Parameter
from .restricted import ONLY_HERE, Restricted

log = logging.getLogger("lab")


class Streams(t.Protocol):
    """Where a pipeline's records go."""

    def output(self, value: t.Any) -> None: ...
    def error(self, error: CmdletError, called: Called) -> None: ...
    def warning(self, text: str, called: Called) -> None: ...
    def verbose(self, text: str, called: Called) -> None: ...
    def record(self, kind: str, record: PSObject) -> None: ...


class _Errors(list[CmdletError]):
    """Non-terminating errors of a call: each is told when it is written, and ends the call under
    -ErrorAction Stop.
    """

    def __init__(self, streams: Streams, called: Called, entry: Entry) -> None:
        super().__init__()
        self._streams = streams
        self._called = called
        self._entry = entry
        self._action = str(called.bound.get("ErrorAction", "")).lower()

    def append(self, error: CmdletError) -> None:
        super().append(error)
        error.called = self._called
        self._entry.outcome = "error"
        self._entry.error = error.message
        if self._action == "stop":
            raise ActionPreferenceStop(error)
        if self._action not in ("silentlycontinue", "ignore"):
            self._streams.error(error, self._called)


class Lost(Exception):
    """A fault: the client never gets an answer to the request that started this pipeline.

    ``action``: drop or hang.
    """

    def __init__(self, action: str) -> None:
        super().__init__(action)
        self.action = action


class Runspace:
    """What survives between the pipelines of one shell."""

    def __init__(
        self,
        world: World,
        machine: Machine,
        caller: Caller,
        identity: str,
        capability: Capability | None = None,
    ) -> None:
        self.world = world
        self.machine = machine
        self.caller = caller
        self.identity = identity
        self.capability = capability
        self.imported: set[str] = set()
        self.taken: dict[
            str, str
        ] = {}  # cmdlet that several modules bring -> the source that was loaded last
        self.variables: dict[str, list[t.Any]] = {}  # lower-case name -> what -OutVariable kept
        self.location = (
            ""  # a provider's drive, SQLSERVER:; "": in the file system, nobody cares where
        )
        #: What a restricted endpoint shows; None: everything.
        self.restricted: Restricted | None = None
        if capability is not None:
            self.restricted = Restricted(capability, machine, self.there)
        for name in sorted(self.restricted.plain) if self.restricted is not None else ():
            self.find(name)  # their modules are loaded as the session opens

    def lookup(self, command: Command) -> CmdletInfo:
        """The cmdlet, its module loaded, or the error that a no-language runspace answers with."""
        if command.is_script:
            raise CmdletError(
                "The syntax is not supported by this runspace. This can occur if the runspace is "
                "in no-language mode.",
                "ScriptsNotAllowed",
                "ParserError",
                "System.Management.Automation.ParseException",
            )
        info = self.find(command.name)
        if info is None:
            raise not_recognized(command.name)
        return info

    def find(self, name: str) -> CmdletInfo | None:
        """The cmdlet as this session has it, its module loaded; None when there is none.

        ``name`` may begin with a module: ``SQLPS\\Invoke-Sqlcmd``.

        CmdletError when the module is there and cannot be loaded.
        """
        module, _unused, plain = name.rpartition("\\")
        info = CMDLETS.get(plain.lower())
        if info is None or not self.has(info, module):
            return None
        if info.sources is not None:
            return self._from_a_source(info, module)
        return info if module.lower() in ("", info.module.lower()) else None

    def _from_a_source(self, info: CmdletInfo, module: str) -> CmdletInfo | None:
        """What the session has loaded goes before what it would find; of several, the one that was
        loaded last (about_Command_Precedence).
        """
        found = (
            [s for s in info.sources(self.machine) if module.lower() in ("", s.module.lower())]
            if info.sources is not None
            else []
        )
        found.sort(key=lambda source: source.name != self.taken.get(info.name))
        if not found:
            return None
        source = found[0]
        if not source.loads:
            raise CmdletError(
                f"The '{info.name}' command was found in the module '{source.module}', but the "
                "module could not be loaded. For more "
                f"information, run 'Import-Module {source.module}'.",
                "CouldNotAutoLoadModule",
                "ObjectNotFound",
                "System.Management.Automation.CommandNotFoundException",
                info.name,
            )
        if self.taken.get(info.name) != source.name:
            self.taken[info.name] = source.name
            self.location = source.leaves_in or self.location
        return info.of(source)

    def has(self, info: CmdletInfo, module: str = "") -> bool:
        """Whether the session finds the cmdlet at all, by its name or as ``module\\name``."""
        return self.there(info) and (self.restricted is None or self.restricted.shows(info, module))

    def there(self, info: CmdletInfo) -> bool:
        """Whether the machine has the cmdlet.

        Lync's cmdlets are there under whichever of the two module names the machine's product has.
        """
        if not info.on(self.machine) or (
            self.restricted is None and info.name.lower() in ONLY_HERE
        ):
            return False
        if info.sources is not None:
            return bool(info.sources(self.machine))
        if info.module == "Lync":
            return bool(self.machine.products & {"Lync", "SkypeForBusiness"})
        return (
            not info.module
            or info.module in self.machine.products
            or info.module in self.machine.facts.get("modules", ())
        )

    def parameters(self, info: CmdletInfo) -> dict[str, Parameter]:
        """Those of the cmdlet itself that this endpoint lets through."""
        return (
            dict(info.signature.parameters)
            if self.restricted is None
            else self.restricted.parameters(info)
        )

    def slow_import(self, info: CmdletInfo) -> bool:
        """Whether this call is the first of Lync's module in this runspace, which costs seconds on
        a real host.
        """
        first = info.module == "Lync" and info.module not in self.imported
        self.imported.add(info.module)
        return first

    def lasts(self, command: Command) -> float:
        """Real seconds that this call takes; none for a command that is not there."""
        info = None if command.is_script else self.find(command.name)
        if info is None:
            return 0.0
        given = {str(name).lower(): value for name, value in command.arguments if name}
        return info.lasts(self.world, self.machine, given)

    def run(self, commands: list[Command], streams: Streams, pipeline: str) -> None:
        """One statement: the output of each command is the input of the next; that of the last goes
        to the output stream.

        CmdletError: a terminating error. ActionPreferenceStop: a non-terminating one, under
        -ErrorAction Stop. Both know the call they came out of.
        """
        data: list[t.Any] = []
        for position, command in enumerate(commands, start=1):
            called = Called(self.lookup(command), (position, len(commands)))
            given = data
            data = []
            write = streams.output if position == len(commands) else data.append
            self._call(
                called, command, [unwrapped(value) for value in given], write, streams, pipeline
            )

    def _call(
        self,
        called: Called,
        command: Command,
        data: list[t.Any],
        write: t.Callable[[t.Any], None],
        streams: Streams,
        pipeline: str,
    ) -> None:
        world = self.world
        info = called.info
        world.clock.catch_up()
        entry = world.journal.add(
            at=world.clock.now(),
            host=self.machine.fqdn,
            user=self.caller.account.name,
            runspace=self.identity,
            pipeline=pipeline,
            name=info.name,
            parameters=shown_arguments(command.arguments),
        )
        try:
            given: list[tuple[str | None, t.Any]] = command.arguments
            if self.restricted is not None:
                info, given = self.restricted.admit(info, given, qualified="\\" in command.name)
                called.info = info
            called.bound = bind(info, given, called.place[0] > 1)
            entry.parameters = {k: as_sent(v, command, k) for k, v in called.bound.items()}
            self._invoke(called, data, self._kept(called, write), streams, entry)
        except CmdletError as error:
            error.called = called
            entry.outcome = "error"
            entry.error = error.message
            entry.impossible = isinstance(error, LabGap)
            raise
        except (ActionPreferenceStop, Lost):
            raise
        except Exception as error:
            log.exception("%s on %s", info.name, self.machine.fqdn)
            entry.outcome = "error"
            entry.error = f"LAB BUG {error!r}"
            entry.impossible = True
            failure = CmdletError(
                f"LAB BUG: {error!r}", "LabBug", "NotSpecified", "System.Exception"
            )
            failure.called = called
            raise failure from error

    def _kept(self, called: Called, write: t.Callable[[t.Any], None]) -> t.Callable[[t.Any], None]:
        """-OutVariable: what a cmdlet writes stays in the runspace as well, behind what was there
        with a plus (about_CommonParameters).
        """
        given = called.bound.get("OutVariable")
        if not given:
            return write
        name = str(given).removeprefix("+").lower()
        if not str(given).startswith("+"):
            self.variables[name] = []
        kept = self.variables.setdefault(name, [])

        def write_and_keep(value: t.Any) -> None:
            kept.append(value)
            write(value)

        return write_and_keep

    def _invoke(
        self,
        called: Called,
        data: list[t.Any],
        write: t.Callable[[t.Any], None],
        streams: Streams,
        entry: Entry,
    ) -> None:
        info = called.info
        params = called.bound
        if called.info.signature.should_process and params.get("WhatIf"):
            return
        if _would_ask(called):
            raise no_prompt()

        def about_to_write() -> None:
            entry.write = True
            self._fault("before", entry)

        call = Invocation(
            self.world,
            self.machine,
            self.caller,
            info.name,
            params,
            data,
            errors=_Errors(streams, called, entry),
            tell=streams.record,
            notes=entry.notes,
            before_write=about_to_write,
            runspace=self,
            source=info.source,
        )
        failure = self.world.faults.cmdlet_failure(info.name, self.machine)
        if failure is not None:
            raise CmdletError(failure, "LabFault", "InvalidOperation")
        if info.changes:
            about_to_write()
        try:
            for value in info.run(call) or ():
                self._report(call, called, streams)
                for told in self.world.faults.deviated(info.name, [value]):
                    write(told)
        except NetworkError as error:
            raise CmdletError(
                str(error),
                "NetworkError",
                "ResourceUnavailable",
                "System.Net.Sockets.SocketException",
            ) from error
        except ActionPreferenceStop:
            if entry.write or call.wrote:
                self._written(entry)
            raise
        finally:
            entry.write = entry.write or call.wrote
            self._report(call, called, streams)
        if entry.write:
            self._written(entry)

    def _written(self, entry: Entry) -> None:
        self.world.written(entry)
        self._fault("after", entry)

    def _report(self, call: Invocation, called: Called, streams: Streams) -> None:
        """What the call has written to the other streams since the last time."""
        for text in call.warnings:
            streams.warning(text, called)
        if call.params.get("Verbose"):
            for text in call.verbose:
                streams.verbose(text, called)
        call.warnings.clear()
        call.verbose.clear()

    def _fault(self, when: str, entry: Entry) -> None:
        hook = self.world.faults.before_write if when == "before" else self.world.faults.after_write
        action = hook(entry)
        if action is None:
            return
        if action.startswith("fail"):
            raise CmdletError(
                action.partition(":")[2] or "The operation failed once.",
                "LabFault",
                "InvalidOperation",
            )
        entry.outcome = "lost"
        raise Lost(action)


def _would_ask(called: Called) -> bool:
    """Whether the cmdlet asks for a confirmation, which nobody can give."""
    confirm = called.bound.get("Confirm")
    if called.info.signature.should_process and confirm:
        return True
    return called.info.signature.confirms and confirm is not False and not called.bound.get("Force")
