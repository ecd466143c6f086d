"""Cmdlets register themselves here; the binder checks every call against the documented parameter
sets.

    @cmdlet("Get-CsPool", module="Lync", parameters=documented("Get-CsPool"))
    def get_cs_pool(call: Invocation) -> Iterable[object]: ...

A cmdlet is a plain synchronous function: it reads ``call.params`` (canonical parameter names,
converted values; a switch that was given is True), yields what goes to the output stream
(powershell.objects), writes to the other streams through ``call``, and raises CmdletError to end
the pipeline.
"""

from __future__ import annotations

import dataclasses
import functools
import typing as t
from collections.abc import Callable, Iterable, Mapping, Sequence

if t.TYPE_CHECKING:
    from ..world.machine import Machine
    from ..world.network import Caller
    from ..world.world import World
    from .errors import CmdletError
    from .executor import Runspace
    from .objects import PSObject


@dataclasses.dataclass(frozen=True)
class Parameter:
    """One parameter.

    ``type`` is one of: string, string[], int, int64, bool, switch, object, hashtable, securestring,
    credential, xml, listmodifier (string[], or a hashtable of Add/Remove/Replace, or $null).
    """

    name: str
    type: str = "string"
    aliases: tuple[str, ...] = ()
    position: int | None = None
    values: tuple[str, ...] = ()  # ValidateSet / enum names; empty: anything
    pipeline: bool = False  # takes pipeline input
    dotnet: str = ""  # its .NET type, where texts name another one than ``type`` stands for

    @functools.cached_property
    def names(self) -> tuple[str, ...]:
        """Its name and its aliases, in lower case."""
        return tuple(name.lower() for name in (self.name, *self.aliases))


@dataclasses.dataclass(frozen=True)
class ParameterSet:
    """Names of the parameters that may, and that must, be given together."""

    name: str
    members: frozenset[str]
    required: frozenset[str]


@dataclasses.dataclass(frozen=True)
class Signature:
    """All parameters and parameter sets of a cmdlet.

    Common parameters are always allowed; ``should_process`` adds -WhatIf and -Confirm.
    """

    parameters: Mapping[str, Parameter]
    sets: tuple[ParameterSet, ...]
    should_process: bool = False
    # ConfirmImpact High: without -Confirm:$false it asks, and nobody can answer over PSRP
    confirms: bool = False


@dataclasses.dataclass
class Invocation:
    """One call of a cmdlet as it arrived and was bound."""

    world: World
    machine: Machine  # where it runs
    caller: Caller  # as whom, and whether that identity may travel further
    name: str
    params: dict[str, t.Any]
    inputs: list[t.Any] = dataclasses.field(default_factory=list)
    #: Non-terminating CmdletErrors, in order. In a pipeline the client is told at once, and
    #: ``append`` does not return under -ErrorAction Stop.
    errors: list[CmdletError] = dataclasses.field(default_factory=list)
    warnings: list[str] = dataclasses.field(default_factory=list)
    verbose: list[str] = dataclasses.field(default_factory=list)
    tell: Callable[[str, PSObject], None] = lambda kind, record: (
        None
    )  # any other record: its message type and what it says
    wrote: bool = False  # set by cmdlets that find out at run time whether they change anything
    before_write: Callable[[], None] = lambda: (
        None
    )  # such cmdlets call it just before the first change
    runspace: Runspace | None = None  # which one the call came through
    source: str = ""  # which of the cmdlet's sources it is of, for those that have several
    notes: dict[str, t.Any] = dataclasses.field(
        default_factory=dict
    )  # goes to the journal, e.g. {"tsql": ..., "instance": ...}

    def switch(self, name: str) -> bool:
        return bool(self.params.get(name))


@dataclasses.dataclass(frozen=True)
class Source:
    """A module, or a snap-in, that a machine has a cmdlet from.

    ``loads``: False where its import fails. ``leaves_in``: the drive in which the import leaves the
    session; "" where it was.
    """

    name: str  # as the lab calls it
    module: str  # as Get-Command shows it
    version: str
    signature: Signature
    loads: bool = True
    leaves_in: str = ""


#: Where a call runs, and what it was given (names in lower case) -> real seconds that it takes.
Lasts = Callable[["World", "Machine", Mapping[str, t.Any]], float]


def at_once(world: World, machine: Machine, given: Mapping[str, t.Any]) -> float:
    """Of a call that takes no time."""
    return 0.0


@dataclasses.dataclass(frozen=True)
class CmdletInfo:
    name: str
    # "" for what every runspace has; "Lync" and "SkypeForBusiness" need the product on the machine
    module: str
    signature: Signature
    run: Callable[[Invocation], Iterable[t.Any] | None]
    # True: a call is a write, whatever it finds; False: a read, unless call.wrote says otherwise
    changes: bool
    on: Callable[[Machine], bool] = lambda machine: (
        True
    )  # whether this machine's versions have it, given that the module is there
    #: For a cmdlet that more than one module brings: those that this machine has it from; the first
    #: one is that of a call by its plain name.
    sources: Callable[[Machine], Sequence[Source]] | None = None
    version: str = ""  # of the module, where the lab knows it
    source: str = ""  # name of the source that it was taken from
    implementing: str = ""  # the .NET class, where it is known and not made of the name as usual
    lasts: Lasts = at_once

    def of(self, source: Source) -> CmdletInfo:
        """This cmdlet as that module has it."""
        return dataclasses.replace(
            self,
            module=source.module,
            version=source.version,
            signature=source.signature,
            source=source.name,
        )

    @property
    def implementing_type(self) -> str:
        """The full name of its class, which stands in the id of every error that comes out of it;
        the name itself for a function.
        """
        if self.implementing:
            return self.implementing
        verb, _dash, noun = self.name.partition("-")
        pattern = _CLASSES.get(self.module, _OWN_CLASSES)
        return pattern.format(verb=verb, noun=noun, name=self.name)

    @property
    def home(self) -> str:
        """The module that Get-Command names."""
        return self.module or "Microsoft.PowerShell.Utility"


#: Module -> names of its classes. assumed for Lync, whose classes are not documented.
_OWN_CLASSES = "Microsoft.PowerShell.Commands.{verb}{noun}Command"
_CLASSES = {
    "Lync": "Microsoft.Rtc.Management.{verb}{noun}Cmdlet",
    "CimCmdlets": "Microsoft.Management.Infrastructure.CimCmdlets.{verb}{noun}Command",
    "SmbShare": "{name}",
    "NetTCPIP": "{name}",
    "NetSecurity": "{name}",
}


CMDLETS: dict[str, CmdletInfo] = {}
Implementation = Callable[[Invocation], Iterable[t.Any] | None]


def cmdlet(
    name: str,
    signature: Signature,
    *,
    module: str = "",
    changes: bool = False,
    on: Callable[[Machine], bool] = lambda machine: True,
    sources: Callable[[Machine], Sequence[Source]] | None = None,
    implementing: str = "",
    lasts: Lasts = at_once,
) -> Callable[[Implementation], Implementation]:
    """Register a cmdlet. The same name twice is a programming error."""

    def register(run: Implementation) -> Implementation:
        if name.lower() in CMDLETS:
            raise ValueError(f"cmdlet {name} is registered twice")
        CMDLETS[name.lower()] = CmdletInfo(
            name,
            module,
            signature,
            run,
            changes,
            on,
            sources,
            implementing=implementing,
            lasts=lasts,
        )
        return run

    return register


def signature(
    *sets: str,
    types: Mapping[str, Parameter] | None = None,
    should_process: bool = False,
    confirms: bool = False,
) -> Signature:
    """A signature from short texts, one per parameter set: ``"Explicit: [Identity] -ActiveServers!
    Force?"``.

    Grammar of a word: ``Name`` string; ``Name?`` switch; trailing ``!`` mandatory; ``[Name]``
    positional (in order).
    ``types`` overrides or details parameters by name.
    """
    parameters: dict[str, Parameter] = {}
    parsed: list[ParameterSet] = []
    for text in sets:
        label, _unused, rest = text.partition(":")
        members: set[str] = set()
        required: set[str] = set()
        position = 0
        for word in rest.split():
            must = word.endswith("!")
            word = word.rstrip("!")
            switch = word.endswith("?")
            word = word.rstrip("?").lstrip("-")
            place: int | None = None
            if word.startswith("["):
                word = word.strip("[]")
                place = position
                position = position + 1
            members.add(word)
            if must:
                required.add(word)
            given = (types or {}).get(word)
            parameters.setdefault(
                word, given or Parameter(word, "switch" if switch else "string", position=place)
            )
        parsed.append(ParameterSet(label.strip(), frozenset(members), frozenset(required)))
    return Signature(parameters, tuple(parsed), should_process, confirms)
