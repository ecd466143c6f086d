"""What a Windows host is: name, clock, time zone, services, shares, Lync's tools. FOR INTERNAL
COLLECTION USE ONLY.
"""

from __future__ import annotations

import datetime as dt

from ...._engine.model import Record, Resource, Session, State, Step
from ...calls import windows

HOST_INFO_SPEC: State = {"sql_tools": {"type": "bool", "default": True}}


class HostInfo(Resource[State, State]):
    """State: computer, domain, os_version, utc_now, utc_offset_minutes, services {name:
    {display_name, status}}, shares {name: {path, access {account: right}}}, has_lync_tools,
    sees_files (False: this session has no file system, whatever there is), sql_tools {module,
    version, parameters}, None when there is no Invoke-Sqlcmd or it was not asked for.
    """

    def __init__(self, options: State, host: str) -> None:
        self.scope = f"host/{host} info"
        self.with_sql_tools = bool(options["sql_tools"])

    def read(self, session: Session) -> State:
        more = [windows.command("Invoke-Sqlcmd")] if self.with_sql_tools else []
        system, computer, services, tools, shares, drive, *sql = session.read(
            windows.operating_system(),
            windows.computer(),
            windows.services("*Persistent Chat*"),
            windows.command("Set-CsPersistentChatState"),
            windows.shares(),
            windows.system_drive_exists(),
            *more,
        )
        about = system[0]
        machine = computer[0]
        # A share whose name ends with $ is merely not shown to people who browse; the
        # administrative ones are marked.
        shares = [s for s in shares if not s["Special"]]
        named = [s["Name"] for s in shares]
        access: State = {}
        for row in session.read(*(windows.share_access(name) for name in named)) if named else []:
            for entry in row:
                if str(entry.get("AccessControlType", "Allow")) == "Allow":
                    access.setdefault(entry["Name"], {})[entry["AccountName"]] = str(
                        entry["AccessRight"]
                    ).lower()
        return {
            "computer": machine.get("Name"),
            "domain": machine.get("Domain"),
            "os_version": about.get("Version"),
            "utc_now": _utc(about.get("LocalDateTime"), about.get("CurrentTimeZone")),
            "utc_offset_minutes": about.get("CurrentTimeZone"),
            "services": {
                s["Name"]: {
                    "display_name": s["DisplayName"],
                    "status": "started" if s["State"] == "Running" else "stopped",
                }
                for s in services
            },
            "shares": {
                s["Name"]: {"path": s["Path"], "access": access.get(s["Name"], {})} for s in shares
            },
            "has_lync_tools": bool(tools),
            "sees_files": bool(drive and drive[0]["value"]),
            "sql_tools": sql_tools(sql[0]) if sql else None,
        }

    def plan(self, current: State) -> list[Step[State]]:
        return []


def sql_tools(commands: list[Record]) -> State | None:
    """The first one is the one that a call by name runs (Get-Command reference, -All)."""
    if not commands:
        return None
    found = commands[0]
    return {
        "module": found.get("ModuleName") or found.get("PSSnapIn"),
        "version": found.get("Version"),
        "parameters": sorted(found.get("Parameters") or ()),
    }


def _utc(local: str | None, offset: int | None) -> str | None:
    """LocalDateTime may come with its zone (then it is UTC already) or without."""
    if local is None or local.endswith("Z") or offset is None:
        return local
    return (dt.datetime.fromisoformat(local) - dt.timedelta(minutes=offset)).strftime(
        "%Y-%m-%dT%H:%M:%SZ"
    )
