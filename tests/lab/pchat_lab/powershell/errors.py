"""Errors as PowerShell reports them."""
from __future__ import annotations

import typing as t


class CmdletError(Exception):
    """A terminating error: the pipeline ends in state Failed with this error record.

    ``category`` is a name of System.Management.Automation.ErrorCategory; ``error_id`` becomes the FullyQualifiedErrorId,
    to which the wire adds ``,<cmdlet>`` as PowerShell does.
    """

    def __init__(self, message: str, error_id: str = "InvalidOperation", category: str = "InvalidOperation",
                 exception: str = "System.InvalidOperationException", target: t.Any = None) -> None:
        super().__init__(message)
        self.message, self.error_id, self.category, self.exception, self.target = message, error_id, category, exception, target


class LabGap(CmdletError):
    """The lab was asked for something it does not know. Never ignored: the caller sees it, the journal marks it as impossible."""

    def __init__(self, message: str) -> None:
        super().__init__(f"LAB: {message}", "LabGap", "NotImplemented", "System.NotImplementedException")
