"""PowerShell asked what it knows. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from collections.abc import Sequence

from ..._engine.model import Cmdlet


def commands(names: Sequence[str]) -> Cmdlet:
    """Names that are not there give no object."""
    return Cmdlet("Get-Command", {"Name": list(names), "ErrorAction": "SilentlyContinue"})
