"""What cmdlets answer alike that Windows makes from CIM classes (SmbShare, NetSecurity)."""

from __future__ import annotations

from ..powershell.errors import CmdletError
from ..powershell.registry import Invocation
from .common import is_administrator


def require_rights(call: Invocation) -> None:
    """Raises CmdletError for a logon that is no administrator."""
    if not is_administrator(call):
        raise windows_error(5, "Access is denied.", "PermissionDenied")


def windows_error(number: int, text: str, category: str = "NotSpecified") -> CmdletError:
    """An error of Windows by its number, as such a cmdlet reports it."""
    return CmdletError(
        f"{text} ",
        f"Windows System Error {number}",
        category,
        "Microsoft.Management.Infrastructure.CimException",
    )
