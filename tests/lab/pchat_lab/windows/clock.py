"""Get-Date (Microsoft.PowerShell.Utility) and Get-TimeZone (Microsoft.PowerShell.Management, from PowerShell 5.1)."""
from __future__ import annotations

import typing as t
from collections.abc import Iterable

from ..powershell.objects import Int64, PSObject
from ..powershell.registry import Invocation, cmdlet, signature
from .common import MANAGEMENT, UTILITY, local, since, utc_now


@cmdlet("Get-Date", signature("Default:"), module=UTILITY)
def get_date(call: Invocation) -> Iterable[t.Any]:
    return [local(call, utc_now(call))]


@cmdlet("Get-TimeZone", signature("Default:"), module=MANAGEMENT, on=since(powershell="5.1"))
def get_time_zone(call: Invocation) -> Iterable[t.Any]:
    machine = call.machine
    minutes = machine.utc_offset_minutes
    sign = "-" if minutes < 0 else ""
    text = f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}:00"
    span = PSObject(["System.TimeSpan", "System.ValueType", "System.Object"], {"Ticks": Int64(minutes * 600_000_000), "TotalMinutes": minutes}, text)
    return [PSObject(["System.TimeZoneInfo", "System.Object"],
                     {"Id": machine.time_zone, "DisplayName": f"(UTC{'' if minutes < 0 else '+'}{text[:-3]}) {machine.time_zone}",
                      "StandardName": machine.time_zone, "DaylightName": machine.time_zone.replace("Standard", "Daylight"), "BaseUtcOffset": span,
                      "SupportsDaylightSavingTime": True}, machine.time_zone)]
