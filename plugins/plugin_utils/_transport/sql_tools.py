"""Invoke-Sqlcmd as a host has it: which module, which version, which parameters.

Documented: Invoke-Sqlcmd of SQLPS (SQL Server 2012 to 2016) and of the module SqlServer 21 and 22.
FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import dataclasses
import typing as t

from .._engine.errors import CmdletMissing, Refused
from .._engine.model import Cmdlet, Sql
from .._engine.sql_tool import NAME, SqlTool, names_asked

#: Clause of the statements that tell how far they are; Invoke-Sqlcmd passes that on with -Verbose.
_STATS = "STATS = "
#: Always passed, every version has them: documented limits would otherwise truncate in silence,
#: $(x) be replaced and ':' commands be obeyed.
_ALWAYS: dict[str, t.Any] = {
    "QueryTimeout": 65535,
    "ConnectionTimeout": 30,
    "MaxCharLength": 1000000,
    "MaxBinaryLength": 1000000,
    "AbortOnError": True,
    "DisableVariables": True,
    "DisableCommands": True,
    "ErrorAction": "Stop",
}
#: Passed where the host's version has them. Without the first, errors of a script are kept back.
_WHERE_THERE = ("IncludeSqlUserErrors", "SuppressProviderContextWarning", "IgnoreProviderContext")
#: Values of the variable pchat_sql_encryption -> parameter and value of the module SqlServer 22.
ENCRYPTION: dict[str, tuple[str, t.Any] | None] = {
    "default": None,
    "trust": ("TrustServerCertificate", True),
    "optional": ("Encrypt", "Optional"),
    "mandatory": ("Encrypt", "Mandatory"),
    "strict": ("Encrypt", "Strict"),
}
#: What any call of ours may pass, for whoever has to let it through.
PARAMETERS = frozenset(
    {
        "ServerInstance",
        "Database",
        "Query",
        "EncryptConnection",
        *_ALWAYS,
        *_WHERE_THERE,
        "TrustServerCertificate",
        "Encrypt",
    }
)


@dataclasses.dataclass(frozen=True)
class Choice:
    """What the user chose: the module to take (empty: whichever loads) and the encryption."""

    module: str = ""
    encryption: str = "default"

    def __post_init__(self) -> None:
        if self.encryption not in ENCRYPTION:
            raise Refused(
                f"pchat_sql_encryption is {self.encryption!r}. It must be one of "
                f"{', '.join(ENCRYPTION)}.",
                code="bad_option",
                value=self.encryption,
            )

    @property
    def cmdlet(self) -> str:
        return f"{self.module}\\{NAME}" if self.module else NAME


def asked(choice: Choice) -> Cmdlet:
    """The call whose answer ``sql_tool.tool_of`` reads."""
    names = names_asked(choice.module)
    return Cmdlet("Get-Command", {"Name": names, "ErrorAction": "SilentlyContinue"})


def invocation(call: Sql, instance: str, choice: Choice, tool: SqlTool | None) -> Cmdlet:
    """The batch as a call of the host's Invoke-Sqlcmd on the instance ('' = default) of that host.

    ``tool`` None: not known yet, so only what every version has is passed. Raises CmdletMissing,
    and Refused for an encryption that this version cannot do.
    """
    if tool is not None and tool.module is None:
        raise CmdletMissing(
            f"The cmdlet {choice.cmdlet} is not there for this session, so SQL Server cannot be"
            " asked. On the SQL Server host install its tools (module SQLPS comes with SQL Server"
            " 2012 to 2016; Install-Module SqlServer brings the newer one; SQLPS needs an"
            " execution policy that allows its scripts), or let the restricted endpoint show the"
            " cmdlet.",
            name=NAME,
            asked=choice.cmdlet,
        )
    parameters: dict[str, t.Any] = {
        "ServerInstance": f".\\{instance}" if instance else ".",
        "Database": call.database,
        "Query": call.text,
        **_ALWAYS,
    }
    if _STATS in call.text:
        parameters["Verbose"] = True
    if tool is not None:
        parameters.update({name: True for name in _WHERE_THERE if tool.has(name)})
        parameters.update(_encryption(choice, tool))
    return Cmdlet(choice.cmdlet, parameters)


def _encryption(choice: Choice, tool: SqlTool) -> dict[str, t.Any]:
    """Versions before 22 encrypt only when told to, and have one switch for it."""
    wanted = ENCRYPTION[choice.encryption]
    if wanted is None:
        return {}
    name, value = wanted
    if tool.has(name):
        return {name: value}
    if choice.encryption in ("trust", "optional"):
        return {}
    if choice.encryption == "mandatory" and tool.has("EncryptConnection"):
        return {"EncryptConnection": True}
    raise Refused(
        f"pchat_sql_encryption is {choice.encryption!r}, which {NAME} of {tool.label} cannot do on "
        "this host. Install the module SqlServer 22 there, or choose another value.",
        code="bad_option",
        value=choice.encryption,
    )


def hint(choice: Choice, tool: SqlTool | None) -> str:
    """What to say with a connection that could not be made."""
    if tool is None:
        return ""
    said = f"({NAME} comes from {tool.label} there"
    if tool.has("TrustServerCertificate") and choice.encryption == "default":
        said += (
            ", which encrypts and demands a certificate that the host trusts: give SQL Server one,"
            " or set pchat_sql_encryption to trust or optional for this host"
        )
    return said + ".)"
