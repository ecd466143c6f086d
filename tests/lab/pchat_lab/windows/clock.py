"""Get-Date (Microsoft.PowerShell.Utility) and Get-TimeZone (Microsoft.PowerShell.Management, from
PowerShell 5.1).
"""

from __future__ import annotations

import datetime as dt
import typing as t
from collections.abc import Iterable

from ..powershell.errors import CmdletError
from ..powershell.objects import PSObject, enum, noted
from ..powershell.registry import Invocation, cmdlet, signature
from .common import MANAGEMENT, UTILITY, local, since, utc_now


@cmdlet("Get-Date", signature("Default: [Date]"), module=UTILITY)
def get_date(call: Invocation) -> Iterable[t.Any]:
    given = call.params.get("Date")
    when = local(call, utc_now(call)) if given is None else _moment(call, given)
    return [
        noted(
            when,
            {"DisplayHint": enum("Microsoft.PowerShell.Commands.DisplayHintType", "DateTime", 2)},
        )
    ]


def _moment(call: Invocation, text: str) -> dt.datetime:
    """A date in ISO 8601 in the machine's own zone; without one it stays of no kind."""
    try:
        when = dt.datetime.fromisoformat(text)
    except ValueError as error:
        raise CmdletError(
            f"Cannot bind parameter 'Date'. Cannot convert value \"{text}\" to type "
            '"System.DateTime".',
            "CannotConvertArgumentNoMessage",
            "InvalidArgument",
            "System.Management.Automation.ParameterBindingException",
        ) from error
    return when if when.tzinfo is None else local(call, when)


@cmdlet("Get-TimeZone", signature("Default:"), module=MANAGEMENT, on=since(powershell="5.1"))
def get_time_zone(call: Invocation) -> Iterable[t.Any]:
    machine = call.machine
    minutes = machine.utc_offset_minutes
    sign = "-" if minutes < 0 else ""
    text = f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}:00"
    return [
        PSObject(
            ["System.TimeZoneInfo", "System.Object"],
            {
                "Id": machine.time_zone,
                "DisplayName": f"(UTC{'' if minutes < 0 else '+'}{text[:-3]}) {machine.time_zone}",
                "StandardName": machine.time_zone,
                "DaylightName": machine.time_zone.replace("Standard", "Daylight"),
                "BaseUtcOffset": dt.timedelta(minutes=minutes),
                "SupportsDaylightSavingTime": True,
            },
            machine.time_zone,
        )
    ]
