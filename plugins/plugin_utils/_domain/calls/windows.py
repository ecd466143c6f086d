"""Cmdlets of Windows itself: services, shares, files, machine facts. FOR INTERNAL COLLECTION USE
ONLY.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ..._engine import sql_tool
from ..._engine.model import Cmdlet

_QUIET = {"ErrorAction": "SilentlyContinue"}


def services(display_name: str) -> Cmdlet:
    """WQL's LIKE has % for any text."""
    pattern = display_name.replace("'", "''").replace("*", "%")
    return Cmdlet(
        "Get-CimInstance", {"ClassName": "Win32_Service", "Filter": f"DisplayName LIKE '{pattern}'"}
    )


def service(name: str) -> Cmdlet:
    """One service by its exact name."""
    exact = name.replace("'", "''")
    return Cmdlet("Get-CimInstance", {"ClassName": "Win32_Service", "Filter": f"Name = '{exact}'"})


def processes() -> Cmdlet:
    """All processes: ids, and when they were created."""
    return Cmdlet("Get-CimInstance", {"ClassName": "Win32_Process"})


def operating_system() -> Cmdlet:
    """Version and local time, with its offset from UTC in minutes."""
    return Cmdlet("Get-CimInstance", {"ClassName": "Win32_OperatingSystem"})


def computer() -> Cmdlet:
    """Name and domain."""
    return Cmdlet("Get-CimInstance", {"ClassName": "Win32_ComputerSystem"})


def drives() -> Cmdlet:
    """Local disks (DriveType 3), with what is free on them."""
    return Cmdlet("Get-CimInstance", {"ClassName": "Win32_LogicalDisk", "Filter": "DriveType = 3"})


def time_zone() -> Cmdlet:
    """The rule by which local time differs from UTC."""
    return Cmdlet("Get-CimInstance", {"ClassName": "Win32_TimeZone"})


def start_service(name: str) -> Cmdlet:
    """``name``: of the service, not its display name."""
    return Cmdlet("Start-Service", {"Name": name})


def stop_service(name: str) -> Cmdlet:
    """As ``start_service``; -Force: services that depend on it stop as well."""
    return Cmdlet("Stop-Service", {"Name": name, "Force": True})


def command(name: str) -> Cmdlet:
    """What would run by this name; no object when there is none."""
    return Cmdlet("Get-Command", {"Name": name, **_QUIET})


def sql_tools() -> Cmdlet:
    """Where Invoke-Sqlcmd comes from; ``sql_tool.tool_of`` reads it."""
    return Cmdlet("Get-Command", {"Name": sql_tool.names_asked(), **_QUIET})


def share(name: str) -> Cmdlet:
    """One share, no object when there is none."""
    return Cmdlet("Get-SmbShare", {"Name": name, **_QUIET})


def shares() -> Cmdlet:
    """All shares, the administrative ones as well."""
    return Cmdlet("Get-SmbShare", _QUIET)


def share_access(name: str) -> Cmdlet:
    """Who is let in by a share, and who is not; no object when there is none."""
    return Cmdlet("Get-SmbShareAccess", {"Name": name, **_QUIET})


def _place(path: str) -> str:
    """A path that means the same wherever the session stands: SQLPS moves it to SQLSERVER: when it
    is loaded, and there a UNC name without its provider is not found. One with a drive needs
    nothing.
    """
    return f"Microsoft.PowerShell.Core\\FileSystem::{path}" if path.startswith("\\\\") else path


def new_folder(path: str) -> Cmdlet:
    """-Force: an existing folder is no error."""
    return Cmdlet("New-Item", {"Path": _place(path), "ItemType": "Directory", "Force": True})


def new_share(name: str, path: str, access: Mapping[str, str]) -> Cmdlet:
    """``path``: a local folder. ``access``: account -> read, change or full; with nobody in it
    Everyone may read (New-SmbShare reference).
    """
    lists = {
        "ReadAccess": _with_right("read", access),
        "ChangeAccess": _with_right("change", access),
        "FullAccess": _with_right("full", access),
    }
    given = {parameter: accounts for parameter, accounts in lists.items() if accounts}
    return Cmdlet("New-SmbShare", {"Name": name, "Path": path, **given})


def _with_right(right: str, access: Mapping[str, str]) -> list[str]:
    return [account for account, granted in access.items() if granted == right]


def remove_share(name: str) -> Cmdlet:
    """Its folder stays."""
    return Cmdlet("Remove-SmbShare", {"Name": name, "Force": True})


def grant_access(name: str, account: str, right: str) -> Cmdlet:
    """``right``: read, change or full."""
    return Cmdlet(
        "Grant-SmbShareAccess",
        {"Name": name, "AccountName": account, "AccessRight": right.capitalize(), "Force": True},
    )


def revoke_access(name: str, account: str) -> Cmdlet:
    """Take away all that the account was granted."""
    return Cmdlet("Revoke-SmbShareAccess", {"Name": name, "AccountName": account, "Force": True})


def write_file(path: str, text: str) -> Cmdlet:
    """``text``: the whole of it; a file that is there is overwritten."""
    return Cmdlet("Set-Content", {"LiteralPath": _place(path), "Value": text, "Encoding": "UTF8"})


def folder_exists(path: str) -> Cmdlet:
    """One boolean."""
    return Cmdlet("Test-Path", {"LiteralPath": _place(path), "PathType": "Container"})


def system_drive_exists() -> Cmdlet:
    """The folder that every Windows host has.

    False for it means that this session has no file system: an endpoint without VisibleProviders
    answers False for every path, and no error.
    """
    return folder_exists("C:\\")


def firewall_rule(name: str) -> Cmdlet:
    """One rule, no object when there is none. ``name``: not its display name."""
    return Cmdlet("Get-NetFirewallRule", {"Name": name, **_QUIET})


def new_firewall_rule(name: str, port: int, remote: Sequence[str]) -> Cmdlet:
    """Let TCP connections to a port in, in networks of the domain. ``remote``: addresses and
    subnets that they may come from, none for any.
    """
    given = {"RemoteAddress": list(remote)} if remote else {}
    return Cmdlet(
        "New-NetFirewallRule",
        {
            "Name": name,
            "DisplayName": f"Persistent Chat: {name}",
            "Direction": "Inbound",
            "Protocol": "TCP",
            "LocalPort": str(port),
            "Action": "Allow",
            "Profile": "Domain",
            **given,
        },
    )


def enable_firewall_rule(name: str) -> Cmdlet:
    """A rule that is there lets connections in from now on."""
    return Cmdlet("Set-NetFirewallRule", {"Name": name, "Enabled": "True", "Action": "Allow"})


def listeners(port: int) -> Cmdlet:
    """Windows Server 2012 and later."""
    return Cmdlet("Get-NetTCPConnection", {"LocalPort": port, "State": "Listen", **_QUIET})


def connects(fqdn: str, port: int) -> Cmdlet:
    """Windows Server 2012 R2 and later; one boolean."""
    return Cmdlet(
        "Test-NetConnection",
        {
            "ComputerName": fqdn,
            "Port": port,
            "InformationLevel": "Quiet",
            "WarningAction": "SilentlyContinue",
        },
    )
