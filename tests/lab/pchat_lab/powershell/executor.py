"""Runs the statements of a pipeline: looks cmdlets up, binds, journals, and turns outcomes into streams."""
from __future__ import annotations

import dataclasses
import logging
import typing as t

from ..world.journal import Entry
from ..world.machine import Machine
from ..world.network import Caller, NetworkError
from ..world.world import World
from .binder import COMMON, bind
from .capability import Capability
from .clixml import Secret
from .errors import CmdletError, LabGap
from .registry import CMDLETS, CmdletInfo, Invocation, Parameter

log = logging.getLogger("lab")


@dataclasses.dataclass(frozen=True)
class Command:
    """One command of a pipeline as it arrived."""

    name: str
    is_script: bool
    arguments: list[tuple[str | None, t.Any]]


class Streams(t.Protocol):
    """Where a pipeline's records go."""

    def output(self, value: t.Any) -> None: ...
    def error(self, error: CmdletError, command: str) -> None: ...
    def warning(self, text: str) -> None: ...
    def verbose(self, text: str) -> None: ...


class Lost(Exception):
    """A fault: the client never gets an answer to the request that started this pipeline. ``action``: drop or hang."""

    def __init__(self, action: str) -> None:
        super().__init__(action)
        self.action = action


class Runspace:
    """What survives between the pipelines of one shell."""

    def __init__(self, world: World, machine: Machine, caller: Caller, identity: str, capability: Capability | None = None) -> None:
        self.world, self.machine, self.caller, self.identity, self.capability = world, machine, caller, identity, capability
        self.imported: set[str] = set()
        self.taken: dict[str, str] = {}                 # cmdlet that several modules bring -> the source that was loaded last
        self.location = ""                              # a provider's drive, SQLSERVER:; "": in the file system, nobody cares where

    def lookup(self, command: Command) -> CmdletInfo:
        """The cmdlet, its module loaded, or the error that a no-language runspace answers with."""
        if command.is_script:
            raise CmdletError("The syntax is not supported by this runspace. This can occur if the runspace is in no-language mode.",
                              "ScriptsNotAllowed", "ParserError", "System.Management.Automation.ParseException")
        info = self.find(command.name)
        if info is None:
            raise CmdletError(f"The term '{command.name}' is not recognized as the name of a cmdlet, function, script file, or operable program. "
                              "Check the spelling of the name, or if a path was included, verify that the path is correct and try again.",
                              "CommandNotFoundException", "ObjectNotFound", "System.Management.Automation.CommandNotFoundException",
                              command.name)
        return info

    def find(self, name: str) -> CmdletInfo | None:
        """The cmdlet as this session has it, its module loaded; None when there is none. ``name`` may begin with a module: ``SQLPS\\Invoke-Sqlcmd``.

        CmdletError when the module is there and cannot be loaded.
        """
        module, _unused, plain = name.rpartition("\\")
        info = CMDLETS.get(plain.lower())
        if info is None or not self.has(info):
            return None
        if info.sources is not None:
            return self._from_a_source(info, module)
        return info if module.lower() in ("", info.module.lower()) else None

    def _from_a_source(self, info: CmdletInfo, module: str) -> CmdletInfo | None:
        """What the session has loaded goes before what it would find; of several, the one that was loaded last (about_Command_Precedence)."""
        found = [s for s in info.sources(self.machine) if module.lower() in ("", s.module.lower())] if info.sources is not None else []
        found.sort(key=lambda source: source.name != self.taken.get(info.name))
        if not found:
            return None
        source = found[0]
        if not source.loads:
            raise CmdletError(f"The '{info.name}' command was found in the module '{source.module}', but the module could not be loaded. For more "
                              f"information, run 'Import-Module {source.module}'.", "CouldNotAutoLoadModule", "ObjectNotFound",
                              "System.Management.Automation.CommandNotFoundException", info.name)
        if self.taken.get(info.name) != source.name:
            self.taken[info.name] = source.name
            self.location = source.leaves_in or self.location
        return info.of(source)

    def has(self, info: CmdletInfo) -> bool:
        """Whether the session finds the cmdlet at all. Lync's cmdlets are there under whichever of the two module names the machine's product has."""
        if not info.on(self.machine) or (self.capability is not None and not self.capability.shows(info.name)):
            return False
        if info.sources is not None:
            return bool(info.sources(self.machine))
        if info.module == "Lync":
            return bool(self.machine.products & {"Lync", "SkypeForBusiness"})
        return not info.module or info.module in self.machine.products or info.module in self.machine.facts.get("modules", ())

    def parameters(self, info: CmdletInfo) -> dict[str, Parameter]:
        """Those of the cmdlet itself that this endpoint lets through."""
        hides = self.capability.hides if self.capability is not None else lambda cmdlet, name: False
        return {name: parameter for name, parameter in info.signature.parameters.items() if not hides(info.name, name)}

    def slow_import(self, info: CmdletInfo) -> bool:
        """Whether this call is the first of Lync's module in this runspace, which costs seconds on a real host."""
        first = info.module == "Lync" and info.module not in self.imported
        self.imported.add(info.module)
        return first

    def run(self, commands: list[Command], streams: Streams, pipeline: str) -> None:
        """One statement: the output of each command is the input of the next; that of the last goes to the output stream."""
        data: list[t.Any] = []
        for position, command in enumerate(commands):
            data = self._call(self.lookup(command), command, data, streams, pipeline, piped=position > 0)
        for value in data:
            streams.output(value)

    def _call(self, info: CmdletInfo, command: Command, data: list[t.Any], streams: Streams, pipeline: str, piped: bool) -> list[t.Any]:
        world = self.world
        world.clock.catch_up()
        entry = world.journal.add(at=world.clock.now(), host=self.machine.fqdn, user=self.caller.account.name, runspace=self.identity,
                                  pipeline=pipeline, name=info.name, parameters=_shown(command.arguments))
        try:
            params = bind(info, command.arguments, piped, self.parameters(info))
            entry.parameters = {k: _plain(v, command, k) for k, v in params.items()}
            return self._invoke(info, params, data, streams, entry)
        except CmdletError as error:
            entry.outcome, entry.error, entry.impossible = "error", error.message, isinstance(error, LabGap)
            raise
        except Lost:
            raise
        except Exception as error:
            log.exception("%s on %s", info.name, self.machine.fqdn)
            entry.outcome, entry.error, entry.impossible = "error", f"LAB BUG {error!r}", True
            raise CmdletError(f"LAB BUG: {error!r}", "LabBug", "NotSpecified", "System.Exception") from error

    def _invoke(self, info: CmdletInfo, params: dict[str, t.Any], data: list[t.Any], streams: Streams, entry: Entry) -> list[t.Any]:
        if params.get("WhatIf"):
            return []
        if info.signature.confirms and params.get("Confirm") is not False and not params.get("Force"):
            raise CmdletError("Windows PowerShell is in NonInteractive mode. Read and Prompt functionality is not available.", "InvalidOperation",
                              "InvalidOperation", "System.Management.Automation.PSInvalidOperationException")

        def about_to_write() -> None:
            entry.write = True
            self._fault("before", entry)
        call = Invocation(self.world, self.machine, self.caller, info.name, params, data, notes=entry.notes, before_write=about_to_write,
                          runspace=self, source=info.source)
        failure = self.world.faults.cmdlet_failure(info.name, self.machine)
        if failure is not None:
            raise CmdletError(failure, "LabFault", "InvalidOperation")
        if info.changes:
            about_to_write()
        out: list[t.Any] = []
        try:
            out = list(self.world.faults.deviated(info.name, list(info.run(call) or ())))
        except NetworkError as error:
            raise CmdletError(str(error), "NetworkError", "ResourceUnavailable", "System.Net.Sockets.SocketException") from error
        finally:
            entry.write = entry.write or call.wrote
            self._report(call, streams)
        if entry.write:
            self._fault("after", entry)
        for failed in call.errors:
            problem = failed if isinstance(failed, CmdletError) else CmdletError(str(failed))
            if str(params.get("ErrorAction", "")).lower() == "stop":
                raise problem
            entry.outcome, entry.error = "error", problem.message
            if str(params.get("ErrorAction", "")).lower() not in ("silentlycontinue", "ignore"):
                streams.error(problem, info.name)
        return out

    def _report(self, call: Invocation, streams: Streams) -> None:
        for text in call.warnings:
            streams.warning(text)
        if call.params.get("Verbose"):
            for text in call.verbose:
                streams.verbose(text)

    def _fault(self, when: str, entry: Entry) -> None:
        hook = self.world.faults.before_write if when == "before" else self.world.faults.after_write
        action = hook(entry)
        if action is None:
            return
        if action.startswith("fail"):
            raise CmdletError(action.partition(":")[2] or "The operation failed once.", "LabFault", "InvalidOperation")
        entry.outcome = "lost"
        raise Lost(action)


def _shown(arguments: list[tuple[str | None, t.Any]]) -> dict[str, t.Any]:
    return {name or f"[{n}]": "***" if isinstance(v, Secret) else v for n, (name, v) in enumerate(arguments)}


def _plain(bound: t.Any, command: Command, name: str) -> t.Any:
    """For the journal: what was sent rather than what it was converted to, so that it can be sent again."""
    if isinstance(bound, Secret):
        return "***"
    for given, value in command.arguments:
        if given is not None and name.lower().startswith(given.lstrip("-").lower()):
            return value
    return bound


__all__ = ["COMMON", "Command", "Lost", "Runspace", "Streams"]
