"""./run jea: write extensions/jea, restricted endpoints that show exactly what the collection
calls, from the calls themselves.
"""

from __future__ import annotations

import dataclasses
import itertools
import pathlib
import re
import sys

from support import labs

sys.path.insert(0, str(labs.ROOT / ".cache" / "collections"))
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.calls import lync
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.fidelity import used
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.lync import (
    topology,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.windows import (  # noqa: E501
    file_share,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import Cmdlet
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport import sql_tools

FOLDER = labs.ROOT / "extensions" / "jea"
NAME = "PersistentChat"
OLDER = f"{NAME}-PowerShell3"
#: Every restricted session has these by itself.
PROVIDED = frozenset({"Get-Command"})
# An entry with parameters loads no module (README.md), so something else must, of each module that
# is needed.
#: Modules of Windows, imported by name. One that is not there is passed over unless it stands last:
#: the last one is part of PowerShell itself.
MODULES = ("CimCmdlets", "NetSecurity", "NetTCPIP", "SmbShare", "Microsoft.PowerShell.Management")
#: Plain names, which load the module that has them, under whichever name it goes, and are passed
#: over where there is none. Neither changes anything: a status of replication that is read anyway,
#: of Lync or SkypeForBusiness, and a conversion of one text into another, of SQLPS or SqlServer.
LOADERS = ("Convert-UrnToPath", "Get-CsManagementStoreReplicationStatus")
#: Commands that are functions on Windows (CDXML and script modules), and so stand under
#: VisibleFunctions.
FUNCTIONS = re.compile(r".*-(Smb|Net).*|Test-NetConnection")

_WORD = r"[A-Za-z0-9_-]+(?: [A-Za-z0-9_-]+)*"
#: A folder or share of ours has pchat in its name, or is the one that the topology is written to.
_OURS = r"(?:lync\.persistent_chat|[A-Za-z0-9_-]*pchat[A-Za-z0-9_-]*)"
#: A local path with our folder in it. No dots but in that one name, so no way up and no extension;
#: \z: nothing behind it, no line feed either.
PATH = rf"[A-Za-z]:\\(?:{_WORD}\\)*{_OURS}(?:\\{_WORD})*\z"
SHARE = r"[A-Za-z0-9_-]*pchat[A-Za-z0-9_-]*\$?\z"
#: A firewall rule of ours has pchat in its name as well.
RULE = r"[A-Za-z0-9_-]*pchat[A-Za-z0-9_-]*\z"


def _topology_file() -> str:
    """Any .xml in the folder of the module's default."""
    path = str(topology.TOPOLOGY_SPEC["path"]["default"])
    folder = path.rpartition("\\")[0]
    return re.escape(folder).replace("\\_", "_") + rf"\\{_WORD}\.xml\z"


def _passed(cmdlet: str, parameter: str) -> tuple[str, ...]:
    """The values that stand in the code of the calls."""
    found = set()
    for call in itertools.chain.from_iterable(used.calls().values()):
        if isinstance(call, Cmdlet) and call.name == cmdlet and parameter in call.params:
            found.add(str(call.params[parameter]))
    return tuple(sorted(found))


@dataclasses.dataclass(frozen=True)
class Limit:
    """What may be passed to one parameter: one of ``values``, or what matches ``pattern``."""

    values: tuple[str, ...] = ()
    pattern: str = ""


#: Parameters whose values all stand in the code of the calls.
CONSTANTS = (
    ("Get-CimInstance", "ClassName"),
    ("Get-NetTCPConnection", "State"),
    *itertools.product(("New-NetFirewallRule",), ("Action", "Direction", "Profile", "Protocol")),
    *itertools.product(("Set-NetFirewallRule",), ("Action", "Enabled")),
    ("New-Item", "ItemType"),
    ("Set-Content", "Encoding"),
    ("Test-NetConnection", "InformationLevel"),
    ("Test-Path", "PathType"),
)
#: Cmdlets that are told which kind of database.
OF_DATABASES = (
    "Get-CsDatabaseMirrorState",
    "Install-CsMirrorDatabase",
    "Invoke-CsDatabaseFailover",
    "Uninstall-CsMirrorDatabase",
)
#: Cmdlets that are told the name of a share.
OF_SHARES = (
    "New-SmbShare",
    "Remove-SmbShare",
    "Grant-SmbShareAccess",
    "Revoke-SmbShareAccess",
)


def limits() -> dict[tuple[str, str], Limit]:
    """(cmdlet, parameter) -> limit, from the calls, the options and the tables of both."""
    found: dict[tuple[str, str], Limit] = {}
    for cmdlet, parameter in CONSTANTS:
        found[cmdlet, parameter] = Limit(values=_passed(cmdlet, parameter))
    for cmdlet in OF_DATABASES:
        found[cmdlet, "DatabaseType"] = Limit(values=tuple(lync.DATABASE_TYPES.values()))
    found["Grant-SmbShareAccess", "AccessRight"] = Limit(
        values=tuple(right.capitalize() for right in file_share.RIGHTS)
    )
    found["Get-CimInstance", "Filter"] = Limit(
        pattern=r"(?:DriveType = 3|(?:DisplayName LIKE|Name =) \x27(?:[^\x27]|\x27\x27)*\x27)\z"
    )
    found["Invoke-Sqlcmd", "ServerInstance"] = Limit(pattern=r"\.(?:\\[A-Za-z0-9_$#]+)?\z")
    found["Set-Content", "LiteralPath"] = Limit(pattern=_topology_file())
    found["Publish-CsTopology", "FileName"] = Limit(pattern=_topology_file())
    for cmdlet in ("New-Item", "New-SmbShare"):
        found[cmdlet, "Path"] = Limit(pattern=PATH)
    found["Test-Path", "LiteralPath"] = Limit(pattern=rf"[A-Za-z]:\\\z|{PATH}")
    for cmdlet in ("New-NetFirewallRule", "Set-NetFirewallRule"):
        found[cmdlet, "Name"] = Limit(pattern=RULE)
    for cmdlet in OF_SHARES:
        found[cmdlet, "Name"] = Limit(pattern=SHARE)
    return found


def exposed() -> dict[str, frozenset[str]]:
    """Cmdlet -> parameters that are passed to it."""
    own = {
        "Invoke-Sqlcmd": sql_tools.PARAMETERS - used.COMMON,
        "Write-Output": frozenset({"InputObject"}),
        **{name: frozenset() for name in LOADERS},
    }
    found = {**used.cmdlets(), **own}
    return {name: found[name] for name in sorted(found) if name not in PROVIDED}


def _quoted(text: str) -> str:
    doubled = text.replace("'", "''")
    return f"'{doubled}'"


def _parameter(cmdlet: str, parameter: str) -> str:
    limit = limits().get((cmdlet, parameter), Limit())
    rule = ""
    if limit.values:
        rule = "; ValidateSet = " + ", ".join(map(_quoted, limit.values))
    if limit.pattern:
        rule = f"; ValidatePattern = {_quoted(limit.pattern)}"
    return f"@{{ Name = '{parameter}'{rule} }}"


def _entry(cmdlet: str, parameters: frozenset[str]) -> str:
    if cmdlet in LOADERS:
        return _quoted(cmdlet)
    if not parameters:
        return f"@{{ Name = '{cmdlet}'; Parameters = @() }}"
    listed = [_parameter(cmdlet, parameter) for parameter in sorted(parameters)]
    if len(listed) < 3 and not any("Validate" in one for one in listed):
        return f"@{{ Name = '{cmdlet}'; Parameters = {', '.join(listed)} }}"
    lines = ",\n            ".join(listed)
    return f"@{{ Name = '{cmdlet}'; Parameters = @(\n            {lines}) }}"


def _list(key: str, entries: list[str]) -> str:
    body = ",\n        ".join(entries)
    return f"    {key} = @(\n        {body}\n    )\n"


def _visible(plain: bool) -> str:
    """VisibleCmdlets, VisibleFunctions, VisibleProviders and ModulesToImport.

    ``plain``: names alone.
    """
    cmdlets: list[str] = []
    functions: list[str] = []
    for name, parameters in exposed().items():
        rows = functions if FUNCTIONS.fullmatch(name) else cmdlets
        rows.append(_quoted(name) if plain else _entry(name, parameters))
    modules = ", ".join(map(_quoted, MODULES))
    return (
        f"    ModulesToImport = {modules}\n    VisibleProviders = 'FileSystem'\n"
        + _list("VisibleCmdlets", cmdlets)
        + _list("VisibleFunctions", functions)
    )


_HEAD = """\
# Written by ./run jea from the calls in plugins/. See README.md beside it.
@{
"""
_AUTHOR = "    Author = 'The lync.persistent_chat developers'\n"
_SESSION = """\
    SessionType = 'RestrictedRemoteServer'
    LanguageMode = 'NoLanguage'
"""


def role_capability() -> str:
    """What the role may do: cmdlets with their parameters and limits."""
    return (
        f"{_HEAD}    GUID = '6f0c8f4e-5f0e-4a53-9a8e-0c1b7d0f5a11'\n{_AUTHOR}"
        "    Description = 'What the Ansible collection lync.persistent_chat calls,"
        " and nothing else'\n"
        f"{_visible(plain=False)}}}\n"
    )


def session_configuration() -> str:
    """Who gets the role, in which kind of session."""
    return (
        f"{_HEAD}    SchemaVersion = '2.0.0.0'\n"
        f"    GUID = '0f7b2f52-3c1b-4f0f-8a44-7f3f0d1d3b77'\n{_AUTHOR}"
        "    Description = 'PSRP endpoint of the Ansible collection lync.persistent_chat'\n"
        f"{_SESSION}"
        "    TranscriptDirectory = 'C:\\ProgramData\\lync.persistent_chat\\transcripts'\n"
        "    RoleDefinitions = @{ 'CONTOSO\\pchat-automation' ="
        f" @{{ RoleCapabilities = '{NAME}' }} }}\n}}\n"
    )


def older_session_configuration() -> str:
    """For PowerShell 3 and 4, which know neither roles nor entries with parameters."""
    return (
        f"{_HEAD}    SchemaVersion = '1.0.0.0'\n"
        f"    GUID = '5d0b1a0e-1f0d-4a6e-9b57-2b7f0c1e6c02'\n{_AUTHOR}"
        "    Description = 'PSRP endpoint of the Ansible collection lync.persistent_chat"
        " for PowerShell 3 and 4: by names alone'\n"
        f"{_SESSION}{_visible(plain=True)}}}\n"
    )


def files() -> dict[pathlib.Path, str]:
    """PowerShell reads files without a byte order mark as ANSI: all are ASCII only."""
    return {
        FOLDER / f"{NAME}.psrc": role_capability(),
        FOLDER / f"{NAME}.pssc": session_configuration(),
        FOLDER / f"{OLDER}.pssc": older_session_configuration(),
    }


def main() -> int:
    for path, text in files().items():
        path.write_text(text, encoding="ascii")
        print(path.relative_to(labs.ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
