"""The SQL tools of a machine: where its Invoke-Sqlcmd comes from, and in what each of them differs
from its documentation.

Sources: "Invoke-Sqlcmd" of the modules SQLPS and SqlServer, "SQL Server PowerShell" (2008 R2:
snap-ins; 2012: the module SQLPS), about_PSModulePath, about_Command_Precedence,
about_Execution_Policies. Quirks are from public reports: each says from where.
"""

from __future__ import annotations

import dataclasses

from .machine import Machine

#: quirk -> what it does, for people
QUIRKS: dict[str, str] = {
    # The documentation of -IncludeSqlUserErrors; Microsoft Connect 779320; SQLServerPSModule issue
    # 120.
    "errors_need_switch": "without -IncludeSqlUserErrors, errors below severity 20 are lost: those "
    "of every statement but the first, "
    "and those that come while rows are fetched, with the rows after them",
    # Nobody reported this one: a tool that trusts the switch must be told apart from one that
    # looks.
    "errors_lost": "every error below severity 20 is lost, with -IncludeSqlUserErrors as well",
    # A question on SQLPS of SQL Server 2012 and 2014, "Invoke-Sqlcmd runs script twice", with a
    # Connect item.
    "failed_batch_twice": "a batch that failed is run once more, in whole",
    "failed_batch_half_way": "a batch is stopped by its first error, and then run once more, in "
    "whole",
    # Known of SQLPS: its post script ends with Set-Location SQLSERVER:.
    "location_moves": "the import leaves the session in SQLSERVER:, where a path without drive and "
    "provider is none of the file system",
    # Release notes of Microsoft.Data.SqlClient 3.0: from then on a NULL rowversion is DBNull, no
    # empty array of bytes.
    "null_rowversion_is_empty": "a NULL rowversion is an empty array of bytes",
}


@dataclasses.dataclass(frozen=True)
class SqlTool:
    """``name``: as estate files call it.

    ``module``: as Get-Command shows it. ``quirks``: what is reported of it.
    """

    name: str
    module: str
    version: str
    quirks: frozenset[str]
    is_snap_in: bool = (
        False  # no module: a session has it only when its endpoint's startup script adds it
    )
    has_scripts: bool = False  # the import runs scripts: an execution policy must allow that
    powershell: str = ""  # the oldest Windows PowerShell that can import it; "": any
    encrypts: bool = False  # Encrypt is Mandatory unless the call says otherwise


#: assumed: the version of the snap-in. SQLPS of 2012 and of 2014 both call themselves 1.0.
TOOLS: dict[str, SqlTool] = {
    tool.name: tool
    for tool in (
        SqlTool(
            "snap-in 2008 R2",
            "SqlServerCmdletSnapin100",
            "10.0.0.0",
            frozenset({"errors_need_switch", "null_rowversion_is_empty"}),
            is_snap_in=True,
        ),
        SqlTool(
            "SQLPS 2012",
            "SQLPS",
            "1.0",
            frozenset(
                {
                    "errors_need_switch",
                    "failed_batch_twice",
                    "location_moves",
                    "null_rowversion_is_empty",
                }
            ),
            has_scripts=True,
        ),
        SqlTool(
            "SQLPS 2014",
            "SQLPS",
            "1.0",
            frozenset(
                {
                    "errors_need_switch",
                    "failed_batch_half_way",
                    "location_moves",
                    "null_rowversion_is_empty",
                }
            ),
            has_scripts=True,
        ),
        SqlTool(
            "SqlServer 21",
            "SqlServer",
            "21.1.18256",
            frozenset({"errors_need_switch", "null_rowversion_is_empty"}),
            powershell="5.0",
        ),
        # SQLServerPSModule issue 120: since 22 errors arrive without the switch, which is called a
        # regression.
        SqlTool(
            "SqlServer 22", "SqlServer", "22.3.0", frozenset(), powershell="5.1", encrypts=True
        ),
    )
}

#: about_Execution_Policies: the default of Windows Server was Restricted until 2012, and is
#: RemoteSigned since 2012 R2.
POLICIES = ("Restricted", "AllSigned", "RemoteSigned", "Unrestricted", "Bypass")
#: Policies under which a script of Microsoft's, signed, on a local disk, runs without a question.
#: AllSigned asks whether the publisher is trusted.
_LETS_RUN = frozenset({"RemoteSigned", "Unrestricted", "Bypass"})


def policy_of(windows: str) -> str:
    """The execution policy that this version of Windows Server has unless somebody changed it."""
    return "RemoteSigned" if _numbers(windows) >= (6, 3) else "Restricted"


def found_on(machine: Machine) -> list[SqlTool]:
    """Those that a session can come upon, the one that a call by its plain name takes first.

    That is the order of the folders in PSModulePath, which is how estate files list them: a module
    that Install-Module brought lies in a folder before Windows' own, the one of SQL Server's setup
    in a folder behind it. Snap-ins are not looked for at all; one that is there was added as the
    session began, and what a session has already goes before what it would have to load.
    """
    if machine.session_bits == 32:
        return []
    tools = [TOOLS[name] for name in machine.sql_tools]
    added = [tool for tool in tools if tool.is_snap_in and machine.adds_snap_ins]
    return added + [tool for tool in tools if not tool.is_snap_in]


def loads(machine: Machine, tool: SqlTool) -> bool:
    """Whether the machine's execution policy lets the import run the module's own scripts."""
    return not tool.has_scripts or machine.execution_policy in _LETS_RUN


def quirks_of(machine: Machine, tool: SqlTool) -> frozenset[str]:
    """The machine's setting instead of the tool's own, and what faults add."""
    own = tool.quirks if machine.sql_quirks is None else machine.sql_quirks
    return own | frozenset(machine.more_quirks)


def powershell_for(names: list[str], given: str) -> str:
    """The version of PowerShell that a machine has on which these tools were installed, when it had
    ``given`` before.
    """
    needed = [TOOLS[name].powershell for name in names if TOOLS[name].powershell]
    return max([given, *needed], key=_numbers)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
