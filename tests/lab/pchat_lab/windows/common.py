"""What the Windows cmdlets share: module names, versions, times, names with wildcards, error
records.
"""

from __future__ import annotations

import datetime as dt
import fnmatch
import re
import typing as t
from collections.abc import Callable

from ..powershell.errors import CmdletError
from ..powershell.objects import PSObject
from ..powershell.registry import Invocation, Parameter
from ..world.machine import Machine
from ..world.storage import StorageError

MANAGEMENT = "Microsoft.PowerShell.Management"
UTILITY = "Microsoft.PowerShell.Utility"
ADMINISTRATORS = "Domain Admins"  # members of every machine's own Administrators group


def numbers(text: str) -> tuple[int, ...]:
    """``6.3.9600`` -> (6, 3, 9600)."""
    return tuple(int(part) for part in text.split("."))


def since(*, windows: str = "", powershell: str = "") -> Callable[[Machine], bool]:
    """For ``cmdlet(on=...)``: machines with at least these versions."""

    def on(machine: Machine) -> bool:
        new_enough = not windows or numbers(machine.windows) >= numbers(windows)
        return new_enough and (not powershell or numbers(machine.powershell) >= numbers(powershell))

    return on


def utc_now(call: Invocation) -> dt.datetime:
    """By the clock of the machine the cmdlet runs on."""
    return call.world.clock.now() + dt.timedelta(seconds=call.machine.clock_skew_seconds)


def local(call: Invocation, when: dt.datetime) -> dt.datetime:
    """A time in the machine's own time zone.

    The zone has a name, so that one without an offset is not taken for UTC.
    """
    return when.astimezone(dt.timezone(dt.timedelta(minutes=call.machine.offset_at(when)), "local"))


def matches(name: str, patterns: t.Iterable[str]) -> bool:
    """PowerShell wildcards: * ? [a-z], case-insensitive."""
    return any(
        fnmatch.fnmatchcase(name.lower(), pattern.lower().replace("[!", "[[]!"))
        for pattern in patterns
    )


def is_wild(text: str) -> bool:
    """Whether a text has wildcards of PowerShell."""
    return bool(re.search(r"[*?\[]", text))


def is_administrator(call: Invocation) -> bool:
    """Whether the caller may change the machine."""
    return call.caller.account.is_in(ADMINISTRATORS)


def strings(
    name: str,
    position: int | None = None,
    *,
    pipeline: bool = False,
    aliases: tuple[str, ...] = (),
    values: tuple[str, ...] = (),
) -> Parameter:
    """A parameter of type string[]."""
    return Parameter(name, "string[]", aliases, position, values, pipeline)


def names_from_input(call: Invocation, *properties: str) -> list[str]:
    """Names in what came down the pipeline: texts, or objects that have one of these properties."""
    found = []
    for item in call.inputs:
        if isinstance(item, str):
            found.append(item)
        elif isinstance(item, PSObject) and any(name in item.members for name in properties):
            found.append(
                str(next(item.members[name] for name in properties if name in item.members))
            )
        else:
            raise CmdletError(
                "The input object cannot be bound to any parameters for the command either because "
                "the command does not take "
                "pipeline input or the input and its properties do not match any of the parameters "
                "that take pipeline input.",
                "InputObjectNotBound",
                "InvalidArgument",
                "System.Management.Automation.ParameterBindingException",
                item,
            )
    return found


#: OS error of a storage access -> FullyQualifiedErrorId, category, exception, text of the file
#: system provider
_NOT_FOUND = (
    "PathNotFound",
    "ObjectNotFound",
    "System.Management.Automation.ItemNotFoundException",
    "Cannot find path '{path}' because it does not exist.",
)
_PROVIDER = {
    2: _NOT_FOUND,
    3: _NOT_FOUND,
    53: _NOT_FOUND,
    67: _NOT_FOUND,
    5: (
        "UnauthorizedAccessError",
        "PermissionDenied",
        "System.UnauthorizedAccessException",
        "Access to the path '{path}' is denied.",
    ),
    32: (
        "IOError",
        "WriteError",
        "System.IO.IOException",
        "The process cannot access the file '{path}' because it is being used by another process.",
    ),
    112: (
        "IOError",
        "WriteError",
        "System.IO.IOException",
        "There is not enough space on the disk.\r\n",
    ),
    123: (
        "ItemExistsArgumentError",
        "InvalidArgument",
        "System.ArgumentException",
        "Illegal characters in path.",
    ),
    145: (
        "RemoveFileSystemItemIOError",
        "WriteError",
        "System.IO.IOException",
        "The directory is not empty.\r\n",
    ),
    183: (
        "NewItemIOError",
        "WriteError",
        "System.IO.IOException",
        "The file '{path}' already exists.",
    ),
}


def no_drive(name: str) -> CmdletError:
    """The error for a drive that there is not."""
    return CmdletError(
        f"Cannot find drive. A drive with the name '{name}' does not exist.",
        "DriveNotFound",
        "ObjectNotFound",
        "System.Management.Automation.DriveNotFoundException",
        name,
    )


def provider_error(error: StorageError) -> CmdletError:
    """A storage error as the file system provider reports it."""
    if error.no_drive:
        return no_drive(error.path.partition(":")[0])
    error_id, category, exception, text = _PROVIDER[error.os_code]
    return CmdletError(text.format(path=error.path), error_id, category, exception, error.path)


def file_path(call: Invocation, text: str) -> str:
    """A path without the provider's name in front of it, and without a backslash at its end.

    CmdletError for other providers and relative paths.

    A path without drive and provider is one of the session's location (about_Providers): where that
    is no file system, a share is not found.
    """
    plain = re.sub(r"^(Microsoft\.PowerShell\.Core\\)?FileSystem::", "", text, flags=re.IGNORECASE)
    location = call.runspace.location if call.runspace is not None else ""
    if location and plain == text and text.startswith("\\\\"):
        return f"\\\\{location}{text[1:]}"  # no host has such a name
    drive = re.match(r"([A-Za-z][\w.]+):", plain)
    if drive or "::" in plain:  # the name of a file system drive has one letter
        name = drive.group(1) if drive else plain.partition("::")[0]
        raise no_drive(name)
    plain = plain.replace("/", "\\")
    if not plain.startswith("\\\\") and not re.match(r"[A-Za-z]:", plain):
        raise CmdletError(
            f"Cannot find path '{text}' because it does not exist.",
            "PathNotFound",
            "ObjectNotFound",
            "System.Management.Automation.ItemNotFoundException",
            text,
        )
    return plain.rstrip("\\") if len(plain.rstrip("\\")) > 2 else plain.rstrip("\\") + "\\"
