"""Errors as PowerShell reports them."""

from __future__ import annotations

import typing as t

from .type_names import AUTOMATION


class CmdletError(Exception):
    """An error of a cmdlet.

    Raised, it is a terminating one; appended to ``call.errors``, a non-terminating one.

    ``category`` is a name of System.Management.Automation.ErrorCategory; ``error_id`` becomes the
    first part of the FullyQualifiedErrorId, behind which comes the class of the cmdlet that it came
    out of; ``details`` are properties that the exception has of its own.
    """

    def __init__(
        self,
        message: str,
        error_id: str = "InvalidOperation",
        category: str = "InvalidOperation",
        exception: str = "System.InvalidOperationException",
        target: t.Any = None,
        details: dict[str, t.Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.error_id = error_id
        self.category = category
        self.exception = exception
        self.target = target
        self.details = details or {}
        #: The call that it came out of (executor.Called); None where no cmdlet was found.
        self.called: t.Any = None
        #: What its InnerException says.
        self.cause: CmdletError | None = None


class ActionPreferenceStop(Exception):
    """A non-terminating error met ``-ErrorAction Stop``: nothing of the pipeline runs after it."""

    def __init__(self, error: CmdletError) -> None:
        super().__init__(error.message)
        self.error = error


class LabGap(CmdletError):
    """The lab was asked for something it does not know.

    Never ignored: the caller sees it, the journal marks it as impossible.
    """

    def __init__(self, message: str) -> None:
        super().__init__(
            f"LAB: {message}", "LabGap", "NotImplemented", "System.NotImplementedException"
        )


def not_recognized(name: str) -> CmdletError:
    """What an unknown command is answered with."""
    return CmdletError(
        f"The term '{name}' is not recognized as the name of a cmdlet, function, script file, or "
        "operable program. Check the "
        "spelling of the name, or if a path was included, verify that the path is correct and try "
        "again.",
        "CommandNotFoundException",
        "ObjectNotFound",
        f"{AUTOMATION}.CommandNotFoundException",
        name,
        {"CommandName": name},
    )


def no_prompt(message: str = "") -> CmdletError:
    """What a cmdlet gets that asks the user: without a host nobody can answer."""
    return CmdletError(
        "A command that prompts the user failed because the host program or the command type does "
        "not support user interaction. "
        f"The host was attempting to request confirmation with the following message: {message}",
        "HostFunctionNotImplemented",
        "NotImplemented",
        f"{AUTOMATION}.Host.HostException",
    )
