"""What somebody may try at the restricted endpoint, as command lines, and what happens: on the lab
in this process, without any wire.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.fidelity import used
from dev.release import jea
from pchat_lab.estate.build import build, load_cmdlets
from pchat_lab.powershell.capability import Capability
from pchat_lab.powershell.command_line import Line, NotACommandLine, arguments, parse
from pchat_lab.powershell.commands import Command
from pchat_lab.powershell.errors import CmdletError
from pchat_lab.powershell.executor import Runspace
from pchat_lab.powershell.registry import CMDLETS
from pchat_lab.world.network import Caller

load_cmdlets()

DONE = "done"
_SQL = "sql-n1"


@dataclasses.dataclass(frozen=True)
class Attempt:
    """``text``: what is sent.

    ``outcome``: the first part of the error id, or DONE. ``note``: what that means, for people.
    """

    text: str
    outcome: str
    note: str = ""
    host: str = "fe-n1"


_RULE = "ParameterArgumentValidationError"
_PARAMETER = "NamedParameterNotFound"
_COMMAND = "CommandNotFoundException"
_FOLDER = "C:\\ProgramData\\lync.persistent_chat"
_MODULE = (
    "C:\\Program Files\\WindowsPowerShell\\Modules\\LyncPersistentChat\\LyncPersistentChat.psm1"
)


def _all(outcome: str, *texts: str, note: str = "", host: str = "fe-n1") -> list[Attempt]:
    return [Attempt(text, outcome, note, host) for text in texts]


ATTEMPTS: tuple[Attempt, ...] = (
    *_all(
        _RULE,
        "Set-Content -LiteralPath 'C:\\Windows\\System32\\evil.txt' -Value 'x'",
        f"Set-Content -LiteralPath '{_MODULE}' -Value 'x'",
        f"Set-Content -LiteralPath '{_FOLDER}\\evil.ps1' -Value 'x'",
        f"Set-Content -LiteralPath '{_FOLDER}\\..\\evil.xml' -Value 'x'",
        f"Set-Content -LiteralPath '{_FOLDER}\\a.xml:stream' -Value 'x'",
        f"Set-Content -LiteralPath '{_FOLDER}\\a.xml', 'C:\\evil.txt' -Value 'x'",
        "Set-Content -LiteralPath '\\\\fs\\share\\evil.xml' -Value 'x'",
        "Set-Content -LiteralPath 'FileSystem::C:\\evil.xml' -Value 'x'",
        "Set-Content -LiteralPath 'function:Get-CsPool' -Value 'x'",
        "Set-Content -LiteralPath 'env:PSModulePath' -Value 'x'",
        f"Set-Content -LiteralPath '{_FOLDER}\\a.xml' -Value 'x' -Encoding Byte",
        "New-Item -Path 'C:\\Windows\\System32\\evil' -ItemType Directory",
        "New-Item -Path 'D:\\pchat-copy\\evil.ps1' -ItemType Directory",
        "New-Item -Path 'D:\\pchat-copy\\x' -ItemType File",
        "New-Item -Path 'D:\\pchat-copy\\..\\evil' -ItemType Directory",
        "New-Item -Path '\\\\fs\\pchat-logs\\evil' -ItemType Directory",
        "Test-Path -LiteralPath 'C:\\Users\\Administrator\\Desktop'",
        "Test-Path -LiteralPath '\\\\fs\\c$'",
        "Test-Path -LiteralPath 'D:\\pchat-x' -PathType Leaf",
        "Publish-CsTopology -FileName '\\\\fs\\share\\evil.xml'",
        "Publish-CsTopology -FileName 'C:\\Users\\Public\\evil.xml'",
        "Get-CimInstance -ClassName Win32_Share",
        "Get-CimInstance -ClassName Win32_Service -Filter 'Name LIKE ''%'''",
        "Get-NetTCPConnection -State Established",
        "Grant-SmbShareAccess -Name 'C$' -AccountName 'Everyone' -AccessRight Full -Force",
        "Remove-SmbShare -Name 'SYSVOL' -Force",
        "New-SmbShare -Name 'pchat-x' -Path 'C:\\'",
        "Revoke-SmbShareAccess -Name 'ADMIN$' -AccountName 'x' -Force",
    ),
    *_all(
        "ParameterArgumentValidationErrorEmptyStringNotAllowed",
        "Set-Content -LiteralPath '' -Value 'x'",
    ),
    *_all(
        _PARAMETER,
        "Set-Content -Path 'C:\\evil.txt' -Value 'x'",
        f"Set-Content -LiteralPath '{_FOLDER}\\a.xml' -Value 'x' -Force",
        "New-Item -Path 'D:\\pchat-x' -ItemType Directory -Value 'x'",
        "New-Item -Path 'D:\\pchat-x' -Name 'evil.ps1' -ItemType Directory",
        "Test-CsTopology -Report 'C:\\evil.html'",
        "Get-CsPool -Filter '*'",
        "Get-CsPool -Identity 'x'",
        "Get-CsTopology -LocalStore",
        "Get-CimInstance -Query 'SELECT * FROM Win32_Share'",
        "Get-CimInstance -ClassName Win32_Service -ComputerName 'other'",
        "Get-CimInstance -ClassName Win32_Service -Namespace 'root\\x'",
        "Get-SmbShare -CimSession 'other'",
        "Stop-Service -Name 'x' -PassThru",
    ),
    *_all(
        DONE,
        "New-Item -Path 'D:\\pchat-x'",
        note="an empty file: that a parameter is there cannot be demanded."
        " It needs pchat in its path, and has no extension",
    ),
    *_all(
        "ParameterArgumentTransformationError",
        "Test-Path -Path 'C:\\Users'",
        note="-Path abbreviates -PathType here",
    ),
    *_all(
        _RULE,
        "Invoke-Sqlcmd -ServerInstance 'sql-n2' -Query 'SELECT 1'",
        "Invoke-Sqlcmd -ServerInstance 'tcp:sql-n2' -Query 'SELECT 1'",
        "Invoke-Sqlcmd -ServerInstance '.,1433' -Query 'SELECT 1'",
        "Invoke-Sqlcmd -ServerInstance '.\\x;Server=sql-n2' -Query 'SELECT 1'",
        "Invoke-Sqlcmd -ServerInstance 'localhost' -Query 'SELECT 1'",
        "Invoke-Sqlcmd -ServerInstance '' -Query 'SELECT 1'",
        "Invoke-Sqlcmd -ServerInstance @('.', 'sql-n2') -Query 'SELECT 1'",
        host=_SQL,
    ),
    *_all(
        _PARAMETER,
        "Invoke-Sqlcmd -ServerInstance . -InputFile 'C:\\evil.sql'",
        "Invoke-Sqlcmd -ServerInstance . -Query 'SELECT 1' -Username 'sa' -Password 'x'",
        "Invoke-Sqlcmd -ServerInstance . -Query 'SELECT 1' -Variable 'a=b'",
        "Invoke-Sqlcmd -ServerInstance . -Query 'SELECT 1' -HostName 'x'",
        host=_SQL,
    ),
    *_all(
        DONE,
        "Invoke-Sqlcmd -ServerInstance . -Query 'SELECT 1 AS x'",
        note="without -DisableVariables and -DisableCommands:"
        " that a switch is there cannot be demanded",
        host=_SQL,
    ),
    *_all(
        _COMMAND,
        "Get-Service",
        "Get-CsSite",
        "Get-Content -Path 'C:\\x'",
        "Remove-Item -Path 'C:\\x'",
        "Invoke-Expression -Command 'x'",
        "Import-Module -Name 'x'",
        "Invoke-Command -ComputerName 'x'",
        "Start-Process -FilePath 'cmd.exe'",
        "Add-Type -TypeDefinition 'x'",
        "New-Object -TypeName 'x'",
        "cmd.exe",
        "C:\\evil.ps1",
        "Get-Cs*",
        "Lync\\Get-CsPool",
        "Lync\\Set-CsPersistentChatState",
        "Microsoft.PowerShell.Management\\Set-Content -LiteralPath 'C:\\x' -Value 'x'",
        "SmbShare\\Remove-SmbShare -Name 'x'",
    ),
    *_all(
        _COMMAND,
        "SQLPS\\Invoke-Sqlcmd -ServerInstance 'sql-n2' -Query 'SELECT 1'",
        host=_SQL,
    ),
    *_all(
        "ScriptsNotAllowed",
        "$x = 1",
        "& 'cmd.exe'",
        "(Get-CsPool).Identity",
        "Get-CsPool; Get-CsPool > C:\\x",
    ),
    *_all(
        "VariableReferenceNotSupportedInDataSection",
        "Get-CsPool -OutVariable x",
        "Get-CsManagementStoreReplicationStatus -ErrorVariable x",
        "Get-CsPool -PipelineVariable x",
    ),
)


def happens(capability: Capability, attempt: Attempt) -> str:
    """What comes of it on a fresh default estate, in the terms of ``Attempt.outcome``."""
    world = build("default", clock_runs=False)
    runspace = Runspace(
        world,
        world.machine(attempt.host),
        Caller(world.account("CONTOSO\\pchat-admin"), True),
        "attempt",
        capability,
    )
    streams = _Streams()
    try:
        runspace.run(_commands(runspace, attempt.text), streams, "p")
    except CmdletError as error:
        return error.error_id.partition(",")[0]
    return streams.error_id or DONE


def _commands(runspace: Runspace, text: str) -> list[Command]:
    """A command line as commands; anything else is sent as script text."""
    try:
        pipelines = parse(text)
    except NotACommandLine:
        pipelines = []
    if len(pipelines) != 1:
        return [Command(text, True, [])]
    return [Command(line.name, False, _given(runspace, line)) for line in pipelines[0]]


def _given(runspace: Runspace, line: Line) -> list[tuple[str | None, t.Any]]:
    """PSRP carries names and values as they are: what a name means, the other side finds out.

    So is a name here that means nothing.
    """
    info = CMDLETS.get(line.name.rpartition("\\")[2].lower())
    if info is None:
        return []
    try:
        return arguments(info, line)
    except CmdletError:
        return [(given.name, given.value) for given in line.given if given.name is not None]


class _Streams:
    def __init__(self) -> None:
        self.error_id = ""

    def output(self, value: t.Any) -> None:
        pass

    def error(self, error: CmdletError, called: t.Any) -> None:
        self.error_id = error.error_id.partition(",")[0]

    def warning(self, text: str, called: t.Any) -> None:
        pass

    def verbose(self, text: str, called: t.Any) -> None:
        pass

    def record(self, kind: str, record: t.Any) -> None:
        pass


def table(attempts: t.Iterable[Attempt] = ATTEMPTS) -> str:
    """As README.md of the endpoint shows it, one row for each outcome and note."""
    rows: dict[tuple[str, str], list[str]] = {}
    for attempt in attempts:
        shown = attempt.text.replace("|", "\\|")
        rows.setdefault((attempt.outcome, attempt.note), []).append(f"`{shown}`")
    lines = ["| What happens | Attempts |", "|---|---|"]
    for (outcome, note), texts in rows.items():
        told = "**possible**" if outcome == DONE else f"`{outcome}`"
        if note:
            told += f": {note}"
        lines.append(f"| {told} | {'<br>'.join(texts)} |")
    return "\n".join(lines)


def without_loaders() -> str:
    """A role capability as it was once written.

    Modules are loaded only by what happens to stand there as a plain name.
    """
    rows = []
    for name, parameters in {**jea.exposed(), **used.cmdlets()}.items():
        listed = ", ".join(f"@{{ Name = '{parameter}' }}" for parameter in sorted(parameters))
        if name in ("Get-CsPool", "Test-CsTopology", "Set-Content"):
            rows.append(f"'{name}'")
        elif listed and name not in jea.PROVIDED:
            rows.append(f"@{{ Name = '{name}'; Parameters = {listed} }}")
    return "@{ VisibleProviders = 'FileSystem'\nVisibleCmdlets = " + ",\n".join(rows) + " }\n"
