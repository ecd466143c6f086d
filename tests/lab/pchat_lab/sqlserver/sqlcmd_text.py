"""The text that Invoke-Sqlcmd is given, as sqlcmd reads it: batches, variables, commands."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterator

from ..powershell.errors import CmdletError, LabGap
from ..powershell.registry import Invocation

if t.TYPE_CHECKING:
    pass


_MARK = re.compile(r"\$\(([A-Za-z_][\w-]*)\)")


_COMMAND = re.compile(
    r"^\s*(?:(GO)(?:\s+(\d+))?\s*$|(QUIT|EXIT|RESET)\b.*$|(:\w+|!!)(.*)$)", re.IGNORECASE
)


def read_batches(call: Invocation, text: str) -> Iterator[str]:
    """Variables are replaced unless -DisableVariables, commands at the start of a line are obeyed
    unless -DisableCommands: both also inside literals and comments, as the tool does.
    """
    variables = _variables(call)
    commands = not call.switch("DisableCommands")
    lines: list[str] = []
    for line in text.split("\n"):
        command = _COMMAND.match(line.rstrip("\r")) if commands else None
        if command is None:
            lines.append(_replaced(call, line, variables))
            continue
        go, count, word, colon, rest = command.groups()
        if go:
            batch = "\n".join(lines)
            lines = []
            for _unused in range(int(count or 1)):
                if batch.strip():
                    yield batch
        elif word and word.upper() == "RESET":
            lines = []
        elif word:
            break
        elif colon.lower() == ":setvar":
            name, _blank, value = rest.strip().partition(" ")
            variables[name.lower()] = value.strip().strip('"')
        else:
            raise LabGap(f"sqlcmd command {colon}")
    if "\n".join(lines).strip():
        yield "\n".join(lines)


def _variables(call: Invocation) -> dict[str, str]:
    """Of -Variable, by lower-case name."""
    variables: dict[str, str] = {}
    for pair in call.params.get("Variable") or ():
        name, equals, value = str(pair).partition("=")
        if not equals or not name.strip():
            raise CmdletError(
                "The format used to define the new variable for Invoke-Sqlcmd cmdlet is invalid. "
                f"Please use the 'var=value' format: {pair}",
                "InvalidVariable",
                "InvalidArgument",
                "System.ArgumentException",
            )
        variables[name.strip().lower()] = value
    return variables


def _replaced(call: Invocation, line: str, variables: dict[str, str]) -> str:
    if call.switch("DisableVariables"):
        return line

    def value(match: re.Match[str]) -> str:
        if match[1].lower() not in variables:
            raise CmdletError(
                f"'{match[1]}' scripting variable not defined.",
                "ExecutionFailed",
                "InvalidOperation",
                "Microsoft.SqlServer.Management.PowerShell.SqlPowerShellSqlExecutionException",
            )
        return variables[match[1].lower()]

    return _MARK.sub(value, line)
