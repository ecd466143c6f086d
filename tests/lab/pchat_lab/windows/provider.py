"""What the file system provider notes on everything that it hands out: where the item lies, its
drive and the provider itself.
"""

from __future__ import annotations

import functools
import typing as t

from ..powershell.objects import Collection, Int64, PSObject

_CORE = "Microsoft.PowerShell.Core"
_AUTOMATION = "System.Management.Automation"
_ASSEMBLY = f"{_AUTOMATION}, Version=3.0.0.0, Culture=neutral, PublicKeyToken=31bf3856ad364e35"


def provider_notes(path: str) -> dict[str, t.Any]:
    """PSPath, PSParentPath, PSChildName, PSDrive (not of a share, which is on no drive) and
    PSProvider.
    """
    parent, _unused, name = path.rpartition("\\")
    drive, provider = _drive_and_provider(path[:1].upper() if path[1:2] == ":" else "")
    notes: dict[str, t.Any] = {
        "PSPath": f"{_CORE}\\FileSystem::{path}",
        "PSParentPath": f"{_CORE}\\FileSystem::{parent}",
        "PSChildName": name,
    }
    if drive is not None:
        notes["PSDrive"] = drive
    return {**notes, "PSProvider": provider}


@functools.cache
def _drive_and_provider(letter: str) -> tuple[PSObject | None, PSObject]:
    """They know each other: the provider's list of drives refers to the drive that was written
    before it.
    """
    credential = PSObject(
        [f"{_AUTOMATION}.PSCredential", "System.Object"],
        {"UserName": None, "Password": None},
        f"{_AUTOMATION}.PSCredential",
    )
    drive = (
        None
        if not letter
        else PSObject(
            [f"{_AUTOMATION}.PSDriveInfo", "System.Object"],
            {
                "CurrentLocation": "",
                "Name": letter,
                "Provider": f"{_CORE}\\FileSystem",
                "Root": f"{letter}:\\",
                "Description": "",
                "Credential": credential,
                "DisplayRoot": None,
            },
            letter,
            notes={"Used": Int64(40 * 2**30), "Free": Int64(60 * 2**30)},
        )
    )
    drives = Collection(
        [drive] if drive is not None else ["C"],
        f"System.Collections.ObjectModel.Collection`1[[{_AUTOMATION}.PSDriveInfo, {_ASSEMBLY}]]",
        "System.Object",
    )
    return drive, PSObject(
        [f"{_AUTOMATION}.ProviderInfo", "System.Object"],
        {
            "ImplementingType": "Microsoft.PowerShell.Commands.FileSystemProvider",
            "HelpFile": f"{_AUTOMATION}.dll-Help.xml",
            "Name": "FileSystem",
            "PSSnapIn": _CORE,
            "ModuleName": _CORE,
            "Module": None,
            "Description": "",
            "Capabilities": "Filter, ShouldProcess, Credentials",
            "Home": "C:\\Users\\Administrator",
            "Drives": drives,
        },
        f"{_CORE}\\FileSystem",
    )
