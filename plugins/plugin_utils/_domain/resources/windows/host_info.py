"""What a Windows host is: name, clock, time zone, services, shares, Lync's tools. FOR INTERNAL
COLLECTION USE ONLY.
"""

from __future__ import annotations

import datetime as dt
import typing as t
from collections.abc import Sequence

from ...._engine.model import ArgumentSpec, Record, Resource, Session, Step
from ...._engine.sql_tool import SqlToolDocument, tool_of
from ...calls import windows
from ...documents.host import HostFacts, Service, Share
from ...rows import flag, number, number_or_none, text, text_or_none
from ._shares import allowed
from .folder import is_true

HOST_INFO_SPEC: ArgumentSpec = {"sql_tools": {"type": "bool", "default": True}}


class HostInfoOptions(t.TypedDict):
    """``sql_tools``: whether Invoke-Sqlcmd is asked for."""

    sql_tools: bool


class HostInfo(Resource[HostInfoOptions, HostFacts]):
    """Read only."""

    tells_only = True

    def __init__(self, options: HostInfoOptions, host: str) -> None:
        self.scope = f"host/{host} info"
        self.with_sql_tools = options["sql_tools"]

    def read(self, session: Session) -> HostFacts:
        more = [windows.sql_tools()] if self.with_sql_tools else []
        system, computer, services, tools, shares, drive, disks, *sql = session.read(
            windows.operating_system(),
            windows.computer(),
            windows.services("*Persistent Chat*"),
            windows.command("Set-CsPersistentChatState"),
            windows.shares(),
            windows.system_drive_exists(),
            windows.drives(),
            *more,
        )
        about = system[0]
        machine = computer[0]
        offset = number_or_none(about, "CurrentTimeZone")
        return {
            "computer": text_or_none(machine, "Name"),
            "domain": text_or_none(machine, "Domain"),
            "os_version": text_or_none(about, "Version"),
            "utc_now": utc_of(about),
            "utc_offset_minutes": offset,
            "services": _services(services),
            "shares": _shares(session, shares),
            "drives": free_on_drives(disks),
            "has_lync_tools": bool(tools),
            "sees_files": is_true(drive),
            "sql_tools": sql_tools(sql[0]) if sql else None,
        }

    def plan(self, current: HostFacts) -> list[Step[HostFacts]]:
        return []


def _services(rows: Sequence[Record]) -> dict[str, Service]:
    """Of Win32_Service."""
    services: dict[str, Service] = {}
    for row in rows:
        services[text(row, "Name")] = {
            "display_name": text(row, "DisplayName"),
            "status": "started" if text(row, "State") == "Running" else "stopped",
        }
    return services


def free_on_drives(rows: Sequence[Record]) -> dict[str, int]:
    """Megabytes by drive, of Win32_LogicalDisk, which tells of bytes."""
    return {text(row, "DeviceID"): number(row, "FreeSpace") >> 20 for row in rows}


def _shares(session: Session, rows: Sequence[Record]) -> dict[str, Share]:
    """A share whose name ends with $ is merely not shown to people who browse; the administrative
    ones are marked.
    """
    paths = {text(row, "Name"): text(row, "Path") for row in rows if not flag(row, "Special")}
    if not paths:
        return {}
    found = session.read(*map(windows.share_access, paths))
    shares: dict[str, Share] = {}
    for name, entries in zip(paths, found, strict=True):
        shares[name] = {"path": paths[name], "access": allowed(entries)}
    return shares


def sql_tools(commands: Sequence[Record]) -> SqlToolDocument | None:
    """None: there is no Invoke-Sqlcmd."""
    tool = tool_of(commands)
    if tool.module is None:
        return None
    return {**tool.as_dict(), "module": tool.module or None}


def utc_of(system: Record) -> str | None:
    """What the clock of a host showed, by Win32_OperatingSystem: ISO 8601 in UTC, to the second.

    LocalDateTime may come with its zone (then it is UTC already) or without.
    """
    local = text_or_none(system, "LocalDateTime")
    offset = number_or_none(system, "CurrentTimeZone")
    if local is None or local.endswith("Z") or offset is None:
        return local
    utc = dt.datetime.fromisoformat(local) - dt.timedelta(minutes=offset)
    return utc.strftime("%Y-%m-%dT%H:%M:%SZ")
