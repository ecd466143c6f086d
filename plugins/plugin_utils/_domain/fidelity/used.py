"""Everything that the collection can send, found in the code that makes the calls and not in a list
beside it.

Every public function of ``calls`` is called with sample arguments: with everything that can be
given, with every flag off, and with as little as possible. A function that a new module adds is
found by itself; its parameters need one of ``samples`` only where a type does not tell enough. FOR
INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import typing as t
from collections.abc import Iterator, Mapping
from types import ModuleType

from ..._engine.errors import Refused
from ..._engine.model import Call, Cmdlet, Sql
from ..calls import lync, powershell, windows
from ..calls.tsql import (
    agent,
    backup,
    backup_files,
    catalog,
    content,
    guard,
    history,
    intent,
    log_shipping,
    logins,
    mirroring,
    ownership,
    probes,
    recovery,
    restore,
    salvage,
    space,
    text,
)
from . import tsql
from .samples import SAMPLES, SPARING, Options

MODULES: tuple[ModuleType, ...] = (
    lync,
    powershell,
    windows,
    agent,
    backup,
    backup_files,
    catalog,
    content,
    guard,
    history,
    intent,
    log_shipping,
    logins,
    mirroring,
    ownership,
    probes,
    recovery,
    restore,
    salvage,
    space,
    text,
)
#: Parameters that every cmdlet has, or that those that ask before they act have.
COMMON = frozenset({"ErrorAction", "WarningAction", "Verbose", "Debug", "Confirm", "WhatIf"})
#: Types as they are written -> a sample, for parameters that have none by their name.
_BY_TYPE: tuple[tuple[tuple[str, ...], t.Any], ...] = (
    (("int",), 1),
    (("Sequence", "t.Sequence", "list"), ["sample"]),
    (("Mapping", "t.Mapping", "dict"), Options()),
    (("",), "sample"),
)


class _Caller(t.NamedTuple):
    """How a function is called. ``flags``: the value of its flags. ``sparing``: with as little as
    possible.
    """

    flags: bool
    sparing: bool

    def made(self, function: t.Callable[..., t.Any]) -> t.Any:
        """What the function makes of samples."""
        positional = []
        named = {}
        for name, parameter in inspect.signature(function).parameters.items():
            value = self._argument(function.__name__, parameter)
            if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
                named[name] = value
            else:
                positional.append(value)
        return function(*positional, **named)

    def _argument(self, function: str, parameter: inspect.Parameter) -> t.Any:
        name = parameter.name
        special = f"{function}.{name}"
        if special in SAMPLES:
            return SAMPLES[special]
        if self.sparing and parameter.default is not inspect.Parameter.empty:
            return parameter.default
        if self.sparing and name in SPARING:
            return SPARING[name]
        if name in SAMPLES:
            return SAMPLES[name]
        written = str(parameter.annotation)
        if written.startswith("bool"):
            return self.flags
        return next(sample for types, sample in _BY_TYPE if written.startswith(types))


_EVERYTHING = _Caller(flags=True, sparing=False)
_FLAGS_OFF = _Caller(flags=False, sparing=False)
_LITTLE = _Caller(flags=False, sparing=True)


def _functions() -> Iterator[tuple[str, t.Callable[..., t.Any]]]:
    for module in MODULES:
        room = module.__name__.rpartition(".")[2]
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and _makes_a_call(name, function):
                yield f"{room}.{name}", function


def _makes_a_call(name: str, function: t.Callable[..., t.Any]) -> bool:
    made = str(inspect.signature(function).return_annotation)
    return made in ("Cmdlet", "Sql") and not name.startswith("_")


@functools.cache
def calls() -> dict[str, tuple[Call, ...]]:
    """Function -> its calls with samples.

    The sparing one is left out where the function has nothing to spare (an empty address, say, is
    refused).
    """
    found: dict[str, tuple[Call, ...]] = {}
    for name, function in _functions():
        made = [_EVERYTHING.made(function), _FLAGS_OFF.made(function)]
        with contextlib.suppress(Refused):
            made.append(_LITTLE.made(function))
        found[name] = tuple(made)
    return found


def cmdlets(*modules: str) -> dict[str, frozenset[str]]:
    """Cmdlet -> parameters that are passed to it, without those that every cmdlet has.

    ``modules``: only what these files of ``calls`` name.
    """
    found: dict[str, set[str]] = {}
    for name, made in calls().items():
        if modules and name.partition(".")[0] not in modules:
            continue
        for call in made:
            if isinstance(call, Cmdlet):
                found.setdefault(call.name, set()).update(set(call.params) - COMMON)
    return _sorted(found)


def _sorted(found: Mapping[str, set[str]]) -> dict[str, frozenset[str]]:
    return {name: frozenset(found[name]) for name in sorted(found)}


def batches() -> dict[str, tuple[Sql, ...]]:
    """Function -> batches of T-SQL with samples."""
    found: dict[str, tuple[Sql, ...]] = {}
    for name, made in calls().items():
        sent = tuple(call for call in made if isinstance(call, Sql))
        if sent:
            found[name] = sent
    return found


def _texts() -> Iterator[str]:
    """Every batch with samples."""
    for made in batches().values():
        for batch in made:
            yield batch.text


def columns() -> dict[str, frozenset[str]]:
    """``database.view`` -> columns that some batch reads, all in lower case."""
    found: dict[str, set[str]] = {}
    for batch in _texts():
        for view, names in tsql.columns(batch).items():
            found.setdefault(view, set()).update(names)
    return _sorted(found)


def procedures() -> dict[str, dict[str, bool]]:
    """``database.procedure`` -> arguments, with their @, that some call passes -> whether as
    OUTPUT.
    """
    found: dict[str, dict[str, bool]] = {}
    for batch in _texts():
        for name, arguments in tsql.procedures(batch):
            known = found.setdefault(name, {})
            for argument, output in arguments.items():
                known[argument] = known.get(argument, False) or output
    return dict(sorted(found.items()))


def sparsest() -> dict[str, frozenset[str]]:
    """``database.procedure`` -> arguments that every call passes: what it needs besides must have a
    default.
    """
    found: dict[str, frozenset[str]] = {}
    for batch in _texts():
        for name, arguments in tsql.procedures(batch):
            passed = frozenset(arguments)
            found[name] = found.get(name, passed) & passed
    return dict(sorted(found.items()))
