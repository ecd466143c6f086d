"""Which commands a host of some kind needs, and which it has. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from ..._engine.errors import CmdletFailed
from ..._engine.model import Record, Session
from ..calls import powershell
from ..documents.fidelity import CommandSeen
from . import used
from .verdicts import NO_COMMANDS

#: Windows Server 2012 (R2) and later; the readers do without them.
LATE = frozenset({"Get-NetTCPConnection", "Test-NetConnection"})
#: Sent by every session, whatever the host is for.
_ALWAYS = ("Get-Command", "Write-Output")
_SQL = "Invoke-Sqlcmd"
#: File of ``calls`` -> the kinds of hosts that it is for.
_USERS = {"lync": {"lync"}, "windows": {"lync", "windows", "chat"}}


def expected(kinds: Iterable[str]) -> dict[str, frozenset[str]]:
    """Cmdlet -> parameters that the collection uses on hosts of these kinds; none where the session
    itself sees to them.
    """
    kinds = set(kinds)
    found: dict[str, frozenset[str]] = dict.fromkeys(_ALWAYS, frozenset())
    if "sql" in kinds:
        found[_SQL] = frozenset()
    modules = [module for module, users in _USERS.items() if kinds & users]
    if modules:
        found.update(used.cmdlets(*modules))
    return found


def is_blind(kind: str, commands: Mapping[str, object]) -> bool:
    """Whether a cmdlet that reads is missing: what its readers then stumble over would say nothing
    of the assumptions.
    """
    if NO_COMMANDS in commands:
        return False
    there = {name.lower() for name in commands}
    readers = {name for name in expected([kind]) if name.startswith("Get-") or name == _SQL}
    return any(name.lower() not in there for name in readers - LATE)


def commands_there(session: Session, kinds: Sequence[str]) -> dict[str, CommandSeen | str]:
    """Name -> module and parameters, for those of the expected ones that the host has; when it
    cannot be asked, why.
    """
    try:
        rows = session.read(powershell.commands(sorted(expected(kinds))))[0]
    except CmdletFailed as error:
        return {NO_COMMANDS: str(error)}
    return {str(row.get("Name")): _command(row) for row in rows}


def _command(row: Record) -> CommandSeen:
    return {
        "module": str(row.get("ModuleName") or row.get("Source") or ""),
        "parameters": _parameters_of(row),
    }


def _parameters_of(command: Record) -> list[str] | None:
    """Its Parameters are a dictionary; a host that sends it as text alone still has the syntax in
    Definition.
    """
    parameters = command.get("Parameters")
    if isinstance(parameters, dict) and parameters:
        return sorted(name for name in parameters if not name.startswith("_"))
    return sorted(set(re.findall(r"-(\w+)", str(command.get("Definition") or "")))) or None
