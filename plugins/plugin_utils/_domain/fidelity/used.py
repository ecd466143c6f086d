"""Everything that the collection can send, found in the code that makes the calls and not in a list
beside it.

Every public function of ``calls`` is called with sample arguments: with everything that can be
given, with every flag off, and with as little as possible. A function that a new module adds is
found by itself; its parameters need a sample here only where a type does not tell enough. FOR
INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
import typing as t
from collections.abc import Iterator
from types import ModuleType

from ..._engine.errors import Refused
from ..._engine.model import Call, Cmdlet, Sql
from ..calls import lync, powershell, windows
from ..calls.tsql import (
    agent,
    backup,
    backup_files,
    catalog,
    guard,
    history,
    intent,
    log_shipping,
    mirroring,
    probes,
    recovery,
    restore,
    text,
)
from . import tsql

MODULES: tuple[ModuleType, ...] = (
    lync,
    powershell,
    windows,
    agent,
    backup,
    backup_files,
    catalog,
    guard,
    history,
    intent,
    log_shipping,
    mirroring,
    probes,
    recovery,
    restore,
    text,
)
#: Parameters that every cmdlet has, or that those that ask before they act have.
COMMON = frozenset({"ErrorAction", "WarningAction", "Verbose", "Debug", "Confirm", "WhatIf"})


class _Options(dict[str, t.Any]):
    """Options of a module: text for whatever is not known better."""

    def __missing__(self, key: str) -> str:
        return "sample"


_SECONDARY = {"server": "SECONDARY", "database": "mgc"}
_OPTIONS = _Options(
    database="mgc",
    backup_directory="\\\\fs\\logs",
    backup_share="\\\\fs\\logs",
    backup_retention=4320,
    backup_compression=2,
    backup_threshold=60,
    threshold_alert_enabled=True,
    history_retention=5760,
    interval=15,
    secondaries=[_SECONDARY],
    enabled=True,
    source_directory="\\\\fs\\logs",
    destination_directory="D:\\copy",
    retention=4320,
    copy_interval=15,
    restore_interval=15,
    restore_delay=0,
    restore_mode_bit=0,
    disconnect_users=False,
    restore_threshold=45,
)
_PATH = "\\\\fs\\share\\sample"
#: Parameter name (or function.parameter) -> sample, where "sample", 1 or True would be refused or
#: would not be T-SQL.
_SAMPLES: dict[str, t.Any] = {
    "database": "mgc",
    "databases": ["mgc"],
    "names": ["mgc"],
    "numbers": [1],
    "ids": [1],
    "port": 5022,
    "settings": _OPTIONS,
    "secondary": _SECONDARY,
    "secondaries": [_SECONDARY],
    "gone": [_SECONDARY],
    "added": [_SECONDARY],
    "path": _PATH,
    "folder": _PATH,
    "share": _PATH,
    "address": "TCP://sql.example:5022",
    "account": "DOMAIN\\account",
    "clause": "STATE = STARTED",
    "condition": "1 = 1",
    "change": "PRINT N''",
    "body": "PRINT N''",
    "select": "SELECT 1 AS one",
    "declare": "",
    "kind": "LOG",
    "level": "full",
    "role": "PRINCIPAL",
    "state": "ONLINE",
    "seen": "RESTORING",
    "moves": {"mgc": "D:\\data\\mgc.mdf"},
    "options": ["CHECKSUM"],
    "at_lsn": "1",
    "lsn": "1",
    "old": [1],
    "right": "read",
    "record": _Options(),
    "replaces": _Options(),
    "principal": "mirror",
    "create_endpoint.role": "all",
    "set_pool_state.state": "Normal",
}
#: What the sparing call passes instead.
_SPARING: dict[str, t.Any] = {
    "seen": None,
    "replaces": None,
    "instance": "",
    "sql_server": "",
    "attempt": "",
    "paths": [],
    "servers": [],
    "options": [],
    "moves": {},
    "address": "",
}


def _argument(function: str, parameter: inspect.Parameter, flags: bool, sparing: bool) -> t.Any:
    name = parameter.name
    kind = str(parameter.annotation)
    if f"{function}.{name}" in _SAMPLES:
        return _SAMPLES[f"{function}.{name}"]
    if sparing and parameter.default is not inspect.Parameter.empty:
        return parameter.default
    if sparing and name in _SPARING:
        return _SPARING[name]
    if name in _SAMPLES:
        return _SAMPLES[name]
    if kind.startswith("bool"):
        return flags
    if kind.startswith("int"):
        return 1
    if kind.startswith(("Sequence", "t.Sequence", "list")):
        return ["sample"]
    if kind.startswith(("Mapping", "t.Mapping", "dict")):
        return _Options()
    return "sample"


def _made(function: t.Callable[..., t.Any], flags: bool, sparing: bool) -> t.Any:
    positional = []
    named = {}
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY:
            named[parameter.name] = _argument(function.__name__, parameter, flags, sparing)
        else:
            positional.append(_argument(function.__name__, parameter, flags, sparing))
    return function(*positional, **named)


def _functions() -> Iterator[tuple[str, t.Callable[..., t.Any]]]:
    for module in MODULES:
        for name, function in inspect.getmembers(module, inspect.isfunction):
            wanted = str(inspect.signature(function).return_annotation)
            if (
                function.__module__ == module.__name__
                and not name.startswith("_")
                and wanted in ("Cmdlet", "Sql")
            ):
                yield f"{module.__name__.rpartition('.')[2]}.{name}", function


@functools.cache
def calls() -> dict[str, tuple[Call, ...]]:
    """Function -> its calls with samples.

    The sparing one is left out where the function has nothing to spare (an empty address, say, is
    refused).
    """
    found: dict[str, tuple[Call, ...]] = {}
    for name, function in _functions():
        made = [
            _made(function, flags=True, sparing=False),
            _made(function, flags=False, sparing=False),
        ]
        with contextlib.suppress(Refused):
            made.append(_made(function, flags=False, sparing=True))
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
    return {name: frozenset(found[name]) for name in sorted(found)}


def batches() -> dict[str, tuple[Sql, ...]]:
    """Function -> batches of T-SQL with samples."""
    return {
        name: tuple(c for c in made if isinstance(c, Sql))
        for name, made in calls().items()
        if isinstance(made[0], Sql)
    }


def columns() -> dict[str, frozenset[str]]:
    """``database.view`` -> columns that some batch reads, all in lower case."""
    found: dict[str, set[str]] = {}
    for sent in (b for made in batches().values() for b in made):
        for view, names in tsql.columns(sent.text).items():
            found.setdefault(view, set()).update(names)
    return {view: frozenset(found[view]) for view in sorted(found)}


def procedures() -> dict[str, dict[str, bool]]:
    """``database.procedure`` -> arguments, with their @, that some call passes -> whether as
    OUTPUT.
    """
    found: dict[str, dict[str, bool]] = {}
    for sent in (b for made in batches().values() for b in made):
        for name, arguments in tsql.procedures(sent.text):
            known = found.setdefault(name, {})
            for argument, output in arguments.items():
                known[argument] = known.get(argument, False) or output
    return {name: found[name] for name in sorted(found)}


def sparsest() -> dict[str, frozenset[str]]:
    """``database.procedure`` -> arguments that every call passes: what it needs besides must have a
    default.
    """
    found: dict[str, frozenset[str]] = {}
    for sent in (b for made in batches().values() for b in made):
        for name, arguments in tsql.procedures(sent.text):
            found[name] = found.get(name, frozenset(arguments)) & frozenset(arguments)
    return found
