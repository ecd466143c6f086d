"""./run jea: write extensions/jea, a role capability and a session configuration that expose exactly what the collection calls."""
from __future__ import annotations

import pathlib
import sys

from . import labs

sys.path.insert(0, str(labs.ROOT / ".cache" / "collections"))
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.fidelity import used
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport import sql_tools

FOLDER = labs.ROOT / "extensions" / "jea"
NAME = "PersistentChat"
#: Every restricted session has these by itself.
PROVIDED = frozenset({"Get-Command"})
#: The provider of the file system adds parameters that we pass (-Encoding), and a list of parameters would shut those out.
WHOLE = frozenset({"Set-Content"})
_HEAD = "# Written by ./run jea from the calls in plugins/: do not edit. See README.md beside it.\n"


def exposed() -> dict[str, frozenset[str]]:
    """Cmdlet -> parameters. A cmdlet that is called without any, or that stands in WHOLE, is exposed as it is."""
    own = {"Invoke-Sqlcmd": sql_tools.PARAMETERS - used.COMMON, "Write-Output": frozenset({"InputObject"})}
    found = {name: frozenset() if name in WHOLE else parameters for name, parameters in {**used.cmdlets(), **own}.items() if name not in PROVIDED}
    return {name: found[name] for name in sorted(found)}


def role_capability() -> str:
    rows = []
    for name, parameters in exposed().items():
        named = ", ".join(f"@{{ Name = '{p}' }}" for p in sorted(parameters))
        rows.append(f"        @{{ Name = '{name}'; Parameters = {named} }}" if named else f"        '{name}'")
    body = ",\n".join(rows)
    return (f"{_HEAD}@{{\n    GUID = '6f0c8f4e-5f0e-4a53-9a8e-0c1b7d0f5a11'\n    Author = 'The lync.persistent_chat developers'\n"
            "    Description = 'What the Ansible collection lync.persistent_chat calls, and nothing else'\n"
            f"    VisibleCmdlets = @(\n{body}\n    )\n    VisibleProviders = 'FileSystem'\n}}\n")


def session_configuration() -> str:
    return (f"{_HEAD}@{{\n    SchemaVersion = '2.0.0.0'\n    GUID = '0f7b2f52-3c1b-4f0f-8a44-7f3f0d1d3b77'\n"
            "    Author = 'The lync.persistent_chat developers'\n"
            "    Description = 'PSRP endpoint of the Ansible collection lync.persistent_chat'\n    SessionType = 'RestrictedRemoteServer'\n"
            "    LanguageMode = 'NoLanguage'\n    TranscriptDirectory = 'C:\\ProgramData\\lync.persistent_chat\\transcripts'\n"
            f"    RoleDefinitions = @{{ 'CONTOSO\\pchat-automation' = @{{ RoleCapabilities = '{NAME}' }} }}\n}}\n")


def files() -> dict[pathlib.Path, str]:
    """PowerShell reads files without a byte order mark as ANSI: both are ASCII only."""
    return {FOLDER / f"{NAME}.psrc": role_capability(), FOLDER / f"{NAME}.pssc": session_configuration()}


def main() -> int:
    for path, text in files().items():
        path.write_text(text, encoding="ascii")
        print(path.relative_to(labs.ROOT))
    return 0


if __name__ == "__main__":
    sys.exit(main())
