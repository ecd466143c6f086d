"""The SmbShare module, which came with Windows Server 2012: shares and who may use them (SmbShare
reference).
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable

from ..powershell.errors import CmdletError
from ..powershell.objects import PSObject, enum
from ..powershell.registry import Invocation, Parameter, cmdlet, signature
from ..world.machine import Share
from ..world.storage import StorageError
from .cdxml import require_rights, windows_error
from .common import is_wild, matches, names_from_input, since, strings

MODULE = "SmbShare"
_ON = since(windows="6.2")
_CLASS = "Microsoft.Management.Infrastructure.CimInstance#ROOT/Microsoft/Windows/SMB/{}"
_GENERATED = "Microsoft.PowerShell.Cmdletization.GeneratedTypes.SmbShare."
_RIGHTS = {"Full": 0, "Change": 1, "Read": 2}
_NAME = {"Name": strings("Name", 0, pipeline=True)}


@cmdlet(
    "Get-SmbShare",
    signature("Default: [Name] Special", types={**_NAME, "Special": Parameter("Special", "bool")}),
    module=MODULE,
    on=_ON,
)
def get_smb_share(call: Invocation) -> Iterable[t.Any]:
    shares = {**call.machine.shares, **_special(call)}
    wanted = call.params.get("Special")
    for share in _chosen(call, shares):
        if wanted is None or wanted == _is_special(share):
            yield _share_object(call, share)


@cmdlet(
    "New-SmbShare",
    signature(
        "Default: [Name]! [Path]! Description FullAccess ChangeAccess ReadAccess NoAccess",
        types={
            "FullAccess": strings("FullAccess"),
            "ChangeAccess": strings("ChangeAccess"),
            "ReadAccess": strings("ReadAccess"),
            "NoAccess": strings("NoAccess"),
        },
        should_process=True,
    ),
    module=MODULE,
    changes=True,
    on=_ON,
)
def new_smb_share(call: Invocation) -> Iterable[t.Any]:
    require_rights(call)
    name = call.params["Name"]
    path = call.params["Path"].rstrip("\\")
    if name.lower() in call.machine.shares:
        raise windows_error(2118, "The name has already been shared.")
    try:
        local = (
            not path.startswith("\\\\")
            and call.world.storage.kind(path, call.machine, call.caller) == "folder"
        )
    except StorageError:
        local = False
    if not local:
        raise windows_error(3, "The system cannot find the path specified.")
    rights: dict[str, str] = {}
    for parameter, right in (
        ("ReadAccess", "Read"),
        ("ChangeAccess", "Change"),
        ("FullAccess", "Full"),
        ("NoAccess", "Deny"),
    ):
        for account in call.params.get(parameter) or ():
            rights[_known_account(call, account)] = right
    share = Share(name, path, rights or {"Everyone": "Read"}, call.params.get("Description") or "")
    call.machine.shares[name.lower()] = share
    return [_share_object(call, share)]


@cmdlet(
    "Remove-SmbShare",
    signature("Default: [Name]! Force?", types=_NAME, should_process=True, confirms=True),
    module=MODULE,
    changes=True,
    on=_ON,
)
def remove_smb_share(call: Invocation) -> Iterable[t.Any]:
    require_rights(call)
    for share in _chosen(call, call.machine.shares):
        del call.machine.shares[share.name.lower()]
    return []


@cmdlet("Get-SmbShareAccess", signature("Default: [Name]!", types=_NAME), module=MODULE, on=_ON)
def get_smb_share_access(call: Invocation) -> Iterable[t.Any]:
    for share in _chosen(call, call.machine.shares):
        yield from _access_objects(share)


@cmdlet(
    "Grant-SmbShareAccess",
    signature(
        "Default: [Name]! AccountName! AccessRight! Force?",
        types={
            **_NAME,
            "AccountName": strings("AccountName"),
            "AccessRight": Parameter("AccessRight", "string", values=tuple(_RIGHTS)),
        },
        should_process=True,
        confirms=True,
    ),
    module=MODULE,
    changes=True,
    on=_ON,
)
def grant_smb_share_access(call: Invocation) -> Iterable[t.Any]:
    require_rights(call)
    out: list[t.Any] = []
    accounts = [_known_account(call, account) for account in call.params["AccountName"]]
    for share in _chosen(call, call.machine.shares):
        for account in accounts:
            _forget(share, account)
            share.rights[account] = call.params["AccessRight"]
        out += _access_objects(share)
    return out


@cmdlet(
    "Revoke-SmbShareAccess",
    signature(
        "Default: [Name]! AccountName! Force?",
        types={**_NAME, "AccountName": strings("AccountName")},
        should_process=True,
        confirms=True,
    ),
    module=MODULE,
    changes=True,
    on=_ON,
)
def revoke_smb_share_access(call: Invocation) -> Iterable[t.Any]:
    require_rights(call)
    out: list[t.Any] = []
    for share in _chosen(call, call.machine.shares):
        for account in call.params["AccountName"]:
            _forget(share, _known_account(call, account))
        out += _access_objects(share)
    return out


def _chosen(call: Invocation, shares: dict[str, Share]) -> list[Share]:
    """By name; a plain name that no share has is a non-terminating error."""
    names = call.params.get("Name") or names_from_input(call, "Name") or ["*"]
    for name in names:
        if not is_wild(name) and name.lower() not in shares:
            call.errors.append(
                CmdletError(
                    f"No MSFT_SMBShare objects found with property 'Name' equal to '{name}'.  "
                    "Verify the value of the "
                    "property and retry.",
                    "CmdletizationQuery_NotFound_Name",
                    "ObjectNotFound",
                    "Microsoft.PowerShell.Cmdletization.Cim.CimJobException",
                    name,
                )
            )
    return [share for _unused, share in sorted(shares.items()) if matches(share.name, names)]


def _special(call: Invocation) -> dict[str, Share]:
    """The administrative shares that every machine has."""
    made = {
        f"{drive[0]}$": Share(f"{drive[0].upper()}$", f"{drive.upper()}\\", {}, "Default share")
        for drive in call.machine.drives
    }
    return {
        **made,
        "admin$": Share("ADMIN$", "C:\\Windows", {}, "Remote Admin"),
        "ipc$": Share("IPC$", "", {}, "Remote IPC"),
    }


def _is_special(share: Share) -> bool:
    """An administrative share.

    A share with $ at its end is merely not shown to people who browse.
    """
    return share.description in ("Default share", "Remote Admin", "Remote IPC")


def _known_account(call: Invocation, text: str) -> str:
    """The account as Windows shows it: DOMAIN\\name, or a well-known name.

    Windows System Error 1332 for one that does not exist.
    """
    world = call.world
    low = text.lower()
    for known in (
        "Everyone",
        "BUILTIN\\Administrators",
        "BUILTIN\\Users",
        "NT AUTHORITY\\Authenticated Users",
        "NT AUTHORITY\\SYSTEM",
    ):
        if low in (known.lower(), known.rpartition("\\")[2].lower()):
            return known
    domain, _unused, name = low.rpartition("\\")
    if domain in ("", world.domain.lower(), world.dns_suffix):
        full = f"{world.domain.lower()}\\{name}"
        if full in world.accounts:
            return world.accounts[full].name
        for machine in world.machines.values():
            if machine.machine_account.lower() == full:
                return machine.machine_account
        group_names = {"Domain Admins", "Domain Users", "Domain Computers"}
        for each in world.accounts.values():
            group_names |= each.groups - {"sysadmin"}
        groups = {group.lower(): group for group in group_names}
        if name in groups:
            return f"{world.domain}\\{groups[name]}"
    raise windows_error(1332, "No mapping between account names and security IDs was done.")


def _forget(share: Share, account: str) -> None:
    for name in [name for name in share.rights if name.lower() == account.lower()]:
        del share.rights[name]


def _share_object(call: Invocation, share: Share) -> PSObject:
    special = _is_special(share)
    return PSObject(
        [
            _CLASS.format("MSFT_SmbShare"),
            "Microsoft.Management.Infrastructure.CimInstance#MSFT_SmbShare",
            "Microsoft.Management.Infrastructure.CimInstance",
            "System.Object",
        ],
        {
            "ShareState": enum(_GENERATED + "ShareState", "Online", 1),
            "AvailabilityType": enum(_GENERATED + "AvailabilityType", "NonClustered", 0),
            "ShareType": enum(_GENERATED + "ShareType", "FileSystemDirectory", 0),
            "CATimeout": 0,
            "ConcurrentUserLimit": 0,
            "ContinuouslyAvailable": False,
            "CurrentUsers": 0,
            "Description": share.description,
            "EncryptData": False,
            "Name": share.name,
            "Path": share.path,
            "Scoped": False,
            "ScopeName": "*",
            "ShadowCopy": False,
            "Special": special,
            "Temporary": False,
            "PSComputerName": call.machine.name,
        },
        f'MSFT_SmbShare (Name = "{share.name}", ScopeName = "*")',
    )


def _access_objects(share: Share) -> list[PSObject]:
    types = [
        _CLASS.format("MSFT_SmbShareAccessControlEntry"),
        "Microsoft.Management.Infrastructure.CimInstance#MSFT_SmbShareAccessControlEntry",
        "Microsoft.Management.Infrastructure.CimInstance",
        "System.Object",
    ]
    return [
        PSObject(
            types,
            {
                "AccessControlType": enum(
                    _GENERATED + "AccessControlType",
                    *(("Deny", 1) if right == "Deny" else ("Allow", 0)),
                ),
                "AccessRight": enum(
                    _GENERATED + "ShareAccessRight",
                    *(("Full", 0) if right == "Deny" else (right, _RIGHTS[right])),
                ),
                "AccountName": account,
                "Name": share.name,
                "ScopeName": "*",
            },
            "MSFT_SmbShareAccessControlEntry",
        )
        for account, right in share.rights.items()
    ]
