"""What a Windows host is: name, clock, time zone, services, shares, Lync's tools. FOR INTERNAL COLLECTION USE ONLY."""
from __future__ import annotations

import datetime as dt

from .._engine.model import Session, State, Step
from .calls import windows

HOST_INFO_SPEC: State = {}


class HostInfo:
    """State: computer, domain, os_version, utc_now, utc_offset_minutes, services {name: {display_name, status}},
    shares {name: {path, access {account: right}}}, has_lync_tools."""

    def __init__(self, options: State, host: str) -> None:
        self.scope = f"host/{host} info"

    def read(self, session: Session) -> State:
        system, computer, services, tools, shares = session.read(
            windows.operating_system(), windows.computer(), windows.services("*Persistent Chat*"), windows.command("Set-CsPersistentChatState"),
            windows.shares())
        about, machine = system[0], computer[0]
        named = [s["Name"] for s in shares if not str(s["Name"]).endswith("$")]
        access: State = {}
        for row in session.read(*(windows.share_access(name) for name in named)) if named else []:
            for entry in row:
                if str(entry.get("AccessControlType", "Allow")) == "Allow":
                    access.setdefault(entry["Name"], {})[entry["AccountName"]] = str(entry["AccessRight"]).lower()
        return {"computer": machine.get("Name"), "domain": machine.get("Domain"), "os_version": about.get("Version"),
                "utc_now": _utc(about.get("LocalDateTime"), about.get("CurrentTimeZone")), "utc_offset_minutes": about.get("CurrentTimeZone"),
                "services": {s["Name"]: {"display_name": s["DisplayName"], "status": "started" if s["State"] == "Running" else "stopped"} for s in services},
                "shares": {s["Name"]: {"path": s["Path"], "access": access.get(s["Name"], {})} for s in shares}, "has_lync_tools": bool(tools)}

    def plan(self, current: State) -> list[Step]:
        return []


def _utc(local: str | None, offset: int | None) -> str | None:
    """LocalDateTime may come with its zone (then it is UTC already) or without."""
    if local is None or local.endswith("Z") or offset is None:
        return local
    return (dt.datetime.fromisoformat(local) - dt.timedelta(minutes=offset)).strftime("%Y-%m-%dT%H:%M:%SZ")
