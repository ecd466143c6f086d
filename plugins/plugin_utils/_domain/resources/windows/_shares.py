"""Who is let in by a share. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from collections.abc import Iterable

from ...._engine.model import Record
from ...rows import lower, text


def allowed(entries: Iterable[Record]) -> dict[str, str]:
    """Account -> right in lower case, of the rows of Get-SmbShareAccess; denials are left out."""
    return {
        text(entry, "AccountName"): lower(entry, "AccessRight")
        for entry in entries
        if (text(entry, "AccessControlType") or "Allow") == "Allow"
    }
