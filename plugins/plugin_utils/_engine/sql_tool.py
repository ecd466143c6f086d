"""Where a host's Invoke-Sqlcmd comes from: read from ``Get-Command``.

A restricted endpoint puts a function of its own in the cmdlet's place, which tells no module and
shows every parameter that the endpoint lists, whether the cmdlet behind has it or not. The cmdlet
beside it, which the endpoint shows as it is, tells the module and its version.
FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .model import Record

NAME = "Invoke-Sqlcmd"
#: Of the same module, SQLPS and SqlServer alike; the role file lists it by its plain name.
BESIDE = "Convert-UrnToPath"
#: What Invoke-Sqlcmd has from this version of the module SqlServer on (its reference and release
#: notes: 22.0.59 brought both), however much more an endpoint shows.
_SINCE = 22
_NEWER = frozenset({"Encrypt", "TrustServerCertificate"})


class SqlToolDocument(t.TypedDict):
    """A ``SqlTool`` as JSON: kept between two tasks, and told by modules."""

    module: str | None
    version: str | None
    parameters: list[str]


@dataclasses.dataclass(frozen=True)
class SqlTool:
    """``module`` is None when the cmdlet is not there, "" when nothing tells what brings it.
    ``parameters``: those that a call may pass.
    """

    module: str | None
    version: str | None
    parameters: frozenset[str]

    def has(self, parameter: str) -> bool:
        return parameter in self.parameters

    @property
    def label(self) -> str:
        return f"{self.module or 'no module'} {self.version or 'of unknown version'}"

    def as_dict(self) -> SqlToolDocument:
        return {
            "module": self.module,
            "version": self.version,
            "parameters": sorted(self.parameters),
        }


def names_asked(module: str = "") -> list[str]:
    """What ``Get-Command`` is asked for, of this module ('' = of the one that loads)."""
    before = f"{module}\\" if module else ""
    return [f"{before}{NAME}", f"{before}{BESIDE}"]


def tool_of(records: t.Sequence[Record]) -> SqlTool:
    """From the records of ``names_asked``. The first of a name is the one that a call by name
    runs (Get-Command reference, -All).
    """
    found = _first(records, NAME)
    if found is None:
        return SqlTool(None, None, frozenset())
    if found.get("CommandType") != "Function":
        return SqlTool(_module(found), _version(found), _parameters(found))
    beside = _first(records, BESIDE)
    if beside is None:
        return SqlTool("", None, _parameters(found))
    version = _version(beside)
    shown = _parameters(found)
    if not _is_newer(version):
        shown -= _NEWER
    return SqlTool(_module(beside), version, shown)


def tool_from(stored: SqlToolDocument) -> SqlTool:
    """The inverse of ``SqlTool.as_dict``."""
    return SqlTool(stored["module"], stored["version"], frozenset(stored["parameters"]))


def _first(records: t.Sequence[Record], name: str) -> Record | None:
    return next((record for record in records if record.get("Name") == name), None)


def _module(command: Record) -> str:
    return str(command.get("ModuleName") or command.get("PSSnapIn") or "")


def _version(command: Record) -> str | None:
    version = command.get("Version")
    return str(version) if version else None


def _parameters(command: Record) -> frozenset[str]:
    parameters = command.get("Parameters")
    return frozenset(parameters) if isinstance(parameters, dict) else frozenset()


def _is_newer(version: str | None) -> bool:
    """An unknown version is an old one: PowerShell tells none before 5.0, and SqlServer 22 needs
    5.1.
    """
    major = (version or "").partition(".")[0]
    return major.isdigit() and int(major) >= _SINCE
