"""Invoke-Sqlcmd of each of the SQL tools (world/sql_tools.py), run on a SQL Server machine or
towards another one.

Parameters: the reference pages of the modules SQLPS (SQL Server 2012 to 2016) and SqlServer (21 and
22). The snap-in of 2008 R2 has those of SQLPS without IncludeSqlUserErrors (assumed: no page of it
lists its parameters).
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Generator, Iterable

from ..powershell.errors import CmdletError, LabGap
from ..powershell.objects import DBNULL, PSObject
from ..powershell.registry import Invocation, Parameter, Source, cmdlet, signature
from ..world import sql_tools
from ..world.sql_tools import SqlTool
from ..world.storage import StorageError
from .language.errors import ConnectionFailed, SqlError
from .language.results import BatchResult, Event, Message, ResultSet
from .language.session import SqlSession
from .server.instance import SqlInstance
from .sqlcmd_rows import data_rows
from .sqlcmd_text import read_batches

if t.TYPE_CHECKING:
    from ..world.machine import Machine

_KINDS = {
    "ServerInstance": "object",
    "AccessToken": "object",
    "QueryTimeout": "int",
    "ConnectionTimeout": "int",
    "ErrorLevel": "int",
    "SeverityLevel": "int",
    "MaxCharLength": "int",
    "MaxBinaryLength": "int",
    "Variable": "string[]",
    "OutputSqlErrors": "bool",
    "Credential": "credential",
}
_TYPES = {name: Parameter(name, kind) for name, kind in _KINDS.items()}
_TYPES["OutputAs"] = Parameter("OutputAs", values=("DataSet", "DataTables", "DataRows"))
_TYPES["Encrypt"] = Parameter("Encrypt", values=("Mandatory", "Optional", "Strict"))
_SNAP_IN = (
    "[Query] -ServerInstance -Database -EncryptConnection? -Username -Password -QueryTimeout "
    "-ConnectionTimeout -ErrorLevel -SeverityLevel "
    "-MaxCharLength -MaxBinaryLength -AbortOnError? -DedicatedAdministratorConnection? "
    "-DisableVariables? -DisableCommands? -HostName "
    "-NewPassword -Variable -InputFile -OutputSqlErrors -SuppressProviderContextWarning? "
    "-IgnoreProviderContext?"
)
_SQLPS = f"{_SNAP_IN} -IncludeSqlUserErrors?"
_CONNECTION_STRING = (
    "ByConnectionString: [Query] -ConnectionString! -QueryTimeout -ErrorLevel -SeverityLevel "
    "-MaxCharLength -MaxBinaryLength "
    "-AbortOnError? -DisableVariables? -DisableCommands? -Variable -InputFile -OutputSqlErrors "
    "-IncludeSqlUserErrors? -OutputAs"
)
_SIGNATURES = {
    "snap-in 2008 R2": signature(f"Default: {_SNAP_IN}", types=_TYPES),
    "SQLPS 2012": signature(f"Default: {_SQLPS}", types=_TYPES),
    "SQLPS 2014": signature(f"Default: {_SQLPS}", types=_TYPES),
    "SqlServer 21": signature(
        f"ByConnectionParameters: {_SQLPS} -OutputAs -Credential", _CONNECTION_STRING, types=_TYPES
    ),
    "SqlServer 22": signature(
        f"ByConnectionParameters: {_SQLPS} -OutputAs -Credential -AccessToken -Encrypt "
        "-TrustServerCertificate? -HostNameInCertificate "
        "-ApplicationName -ApplicationIntent -MultiSubnetFailover? -FailoverPartner "
        "-StatisticsVariable",
        f"{_CONNECTION_STRING} -AccessToken -KeyVaultAccessToken -StatisticsVariable",
        types=_TYPES,
    ),
}
#: Parameters that the lab knows by name only.
_GAPS = (
    "DedicatedAdministratorConnection",
    "ConnectionString",
    "AccessToken",
    "Credential",
    "HostNameInCertificate",
    "FailoverPartner",
    "MultiSubnetFailover",
    "ApplicationIntent",
    "StatisticsVariable",
    "KeyVaultAccessToken",
)
_LIMITS = {
    "QueryTimeout": (1, 65535),
    "ConnectionTimeout": (0, 65534),
    "MaxCharLength": (1, 2**31 - 1),
    "MaxBinaryLength": (1, 2**31 - 1),
}
_EXCEPTION = "Microsoft.SqlServer.Management.PowerShell.SqlPowerShellSqlExecutionException"
_CLASS = "Microsoft.SqlServer.Management.PowerShell.GetScriptCommand"


def _sources(machine: Machine) -> list[Source]:
    return [
        Source(
            tool.name,
            tool.module,
            tool.version,
            _SIGNATURES[tool.name],
            sql_tools.loads(machine, tool),
            "SQLSERVER:" if "location_moves" in sql_tools.quirks_of(machine, tool) else "",
        )
        for tool in sql_tools.found_on(machine)
    ]


@cmdlet(
    "Invoke-Sqlcmd",
    _SIGNATURES["SQLPS 2012"],
    module="SQLPS",
    sources=_sources,
    implementing=_CLASS,
)
def invoke_sqlcmd(call: Invocation) -> Iterable[t.Any]:
    """Yields DataRows.

    Errors of severity 11 and above are non-terminating records in ``call.errors``, a failed
    connection ends the pipeline.
    """
    tool = sql_tools.TOOLS[call.source or call.machine.sql_tools[0]]
    quirks = sql_tools.quirks_of(call.machine, tool)
    _validate(call)
    text = _text(call)
    instance = _instance(call)
    _encrypt(call, tool, instance)
    account = call.caller.account
    database = call.params.get("Database") or None
    call.notes.update(
        tsql=text, database=database, instance=instance.network_name, version=instance.version_text
    )
    batches = list(read_batches(call, text))
    try:
        session = instance.connect(account, call.machine, database)
        session.before_write = call.before_write
    except ConnectionFailed as failure:
        raise _connection_error(failure.message) from None
    try:
        for batch in batches:
            lost = call.world.faults.lost_of_batch(batch, call.machine)
            for result in [] if lost == "everything" else _runs(call, session, batch, quirks):
                stop = yield from _output(call, quirks, _what_arrives(call, result, quirks, lost))
                if stop:
                    return
    finally:
        call.wrote = call.wrote or session.wrote
        session.close()


def _runs(
    call: Invocation, session: SqlSession, batch: str, quirks: frozenset[str]
) -> list[BatchResult]:
    """What each run of the batch gave: one, unless the tool, or a fault (``run_again`` in the
    notes), makes it two.

    assumed: what both runs say arrives. Of a batch that a fault strikes, only what the second says.
    """
    session.before_write = lambda: _about_to_write(call, session)
    session.stops_at_errors = "failed_batch_half_way" in quirks
    results = [session.execute(batch)]
    struck = "run_again" in call.notes
    session.stops_at_errors = False
    session.stops_after_writes = 0
    if struck:
        return [session.execute(batch)]
    if results[0].errors and quirks & {"failed_batch_twice", "failed_batch_half_way"}:
        call.notes["ran_again"] = call.notes.get("ran_again", 0) + 1
        results.append(session.execute(batch))
    return results


def _about_to_write(call: Invocation, session: SqlSession) -> None:
    call.before_write()
    session.stops_after_writes = call.notes.get("run_again", {}).get("after_writes", 0)


def _connection_error(message: str, client: str = "System.Data.SqlClient") -> CmdletError:
    return CmdletError(message, "SqlExceptionError", "InvalidOperation", f"{client}.SqlException")


def _encrypt(call: Invocation, tool: SqlTool, instance: SqlInstance) -> None:
    """A client that encrypts demands a certificate that it trusts, unless it is told to trust any
    (SQLServerPSModule issues 35, 46 and 49).
    """
    wanted = call.params.get("Encrypt") or (
        "Mandatory" if tool.encrypts or call.switch("EncryptConnection") else "Optional"
    )
    client = "Microsoft.Data.SqlClient" if tool.encrypts else "System.Data.SqlClient"
    if wanted == "Strict":  # TDS 8.0, which SQL Server 2022 brought; assumed: the text
        raise _connection_error(
            "A connection was successfully established with the server, but then an error occurred "
            "during the pre-login "
            "handshake. (provider: TCP Provider, error: 0 - An existing connection was forcibly "
            "closed by the remote host.)",
            client,
        )
    if (
        wanted == "Mandatory"
        and instance.machine.sql_certificate != "trusted"
        and not call.switch("TrustServerCertificate")
    ):
        raise _connection_error(
            "A connection was successfully established with the server, but then an error occurred "
            "during the login process. "
            "(provider: SSL Provider, error: 0 - The certificate chain was issued by an authority "
            "that is not trusted.)",
            client,
        )


def _validate(call: Invocation) -> None:
    for name, (low, high) in _LIMITS.items():
        value = call.params.get(name)
        if value is not None and not low <= value <= high:
            raise CmdletError(
                f"Cannot validate argument on parameter '{name}'. The {value} argument is "
                f"{'less' if value < low else 'greater'} than the "
                f"{'minimum' if value < low else 'maximum'} allowed range of "
                f"{low if value < low else high}.",
                "ParameterArgumentValidationError",
                "InvalidData",
                "System.Management.Automation.ParameterBindingException",
            )
    for name in _GAPS:
        if call.params.get(name):
            raise LabGap(f"Invoke-Sqlcmd -{name}")
    if call.params.get("OutputAs", "DataRows") != "DataRows":
        raise LabGap(f"Invoke-Sqlcmd -OutputAs {call.params['OutputAs']}")


def _text(call: Invocation) -> str:
    query = call.params.get("Query")
    path = call.params.get("InputFile")
    if path is not None:
        try:
            content = call.world.storage.read(path, call.machine, call.caller).content
        except StorageError as failure:
            raise CmdletError(
                f"Cannot find path '{path}' because it does not exist. {failure.text}",
                "PathNotFound",
                "ObjectNotFound",
                "System.Management.Automation.ItemNotFoundException",
                path,
            ) from None
        if not isinstance(content, str):
            raise LabGap(f"-InputFile {path} is not text")
        return f"{query}\n{content}" if query else content
    if not query:
        raise CmdletError(
            "Either the Query or the InputFile parameter must be specified.",
            "QueryOrInputFileMissing",
            "InvalidArgument",
            "System.ArgumentException",
        )
    return str(query)


# --- where to


def _instance(call: Invocation) -> SqlInstance:
    """The instance that -ServerInstance names, as the caller may reach it from this machine."""
    given = call.params.get("ServerInstance")
    text = str(given.to_string if isinstance(given, PSObject) else given or ".").strip()
    name = re.sub(r"^(tcp|np|lpc):", "", text, flags=re.IGNORECASE)
    host, _unused, instance = name.partition("\\")
    port: str = ""
    if "," in instance:
        instance, _unused, port = instance.partition(",")
    elif "," in host:
        host, _unused, port = host.partition(",")
    machine = _machine(call, host)
    if machine is not call.machine and not call.caller.goes_to("MSSQLSvc", machine.fqdn):
        # The second hop: the logon on this machine carries no credentials for another one.
        raise _connection_error("Login failed for user 'NT AUTHORITY\\ANONYMOUS LOGON'.")
    found = (
        next((i for i in machine.instances.values() if str(i.port) == port.strip()), None)
        if port
        else machine.instances.get(instance.lower())
    )
    if found is None:
        raise _connection_error(
            _unreachable(
                text,
                "26 - Error Locating Server/Instance Specified"
                if instance
                else "40 - Could not open a connection",
            )
        )
    if call.params.get("Username"):
        raise _connection_error(f"Login failed for user '{call.params['Username']}'.")
    return found


def _machine(call: Invocation, host: str) -> Machine:
    if host.lower() in (".", "", "(local)", "localhost", "127.0.0.1"):
        return call.machine
    try:
        machine = call.world.machine(host)
    except KeyError:
        raise _connection_error(
            _unreachable(host, "40 - Could not open a connection to SQL Server")
        ) from None
    if machine is not call.machine and not call.world.network.reachable(
        call.machine.fqdn, machine.fqdn
    ):
        raise _connection_error(
            _unreachable(host, "40 - Could not open a connection to SQL Server")
        )
    return machine


def _unreachable(server: str, reason: str) -> str:
    return (
        "A network-related or instance-specific error occurred while establishing a connection to "
        "SQL Server. The server was not found or was not "
        "accessible. Verify that the instance name is correct and that SQL Server is configured to "
        "allow remote connections. "
        f"(provider: SQL Network Interfaces, error: {reason}) [{server}]"
    )


# --- the text, as sqlcmd reads it


# --- what comes back


def _what_arrives(
    call: Invocation, result: BatchResult, quirks: frozenset[str], lost: str | None
) -> list[Event]:
    """The events of a run without those that the tool, or a fault on this batch, loses."""
    if lost == "answer":
        return []
    arrived: list[Event] = []
    for event in result.events:
        if isinstance(event, SqlError) and (lost == "errors" or _keeps_back(call, event, quirks)):
            call.notes.setdefault("lost_errors", []).append(event.number)
            if event.fetching:
                return arrived  # its reader is broken: nothing more is read of this batch
        elif isinstance(event, ResultSet) and lost == "half":
            return [*arrived, ResultSet(event.columns, event.rows[: len(event.rows) // 2])]
        elif (
            isinstance(event, ResultSet) and lost == "rows" and event is not result.result_sets[-1]
        ):
            arrived.append(ResultSet(event.columns, []))
        else:
            arrived.append(event)
    return arrived


def _keeps_back(call: Invocation, failure: SqlError, quirks: frozenset[str]) -> bool:
    if failure.severity >= 20:
        return False
    if "errors_lost" in quirks:
        return True
    told_to = call.switch("IncludeSqlUserErrors") or "errors_need_switch" not in quirks
    return not told_to and (failure.statement > 1 or failure.fetching)


def _output(
    call: Invocation, quirks: frozenset[str], events: list[Event]
) -> Generator[t.Any, None, bool]:
    """Rows, verbose messages and error records in the order they happened.

    True at the end: -AbortOnError met an error.
    """
    follows: set[int] = set()
    for event in events:
        if isinstance(event, Message):
            call.verbose.append(event.text)
        elif isinstance(event, ResultSet):
            yield from data_rows(
                event,
                call.params.get("MaxCharLength", 4000),
                call.params.get("MaxBinaryLength", 1024),
                b"" if "null_rowversion_is_empty" in quirks else DBNULL,
            )
        elif id(event) not in follows:
            follows |= {id(one) for one in event.all()[1:]}
            _error(call, event)
            if call.switch("AbortOnError"):
                return True
    return False


def _error(call: Invocation, failure: SqlError) -> None:
    """One record per failed statement: the cause and what followed it, line by line. assumed: SQLPS
    shows no "Msg n, Level m" in its text.
    """
    shown = [one for one in failure.all() if one.severity >= call.params.get("ErrorLevel", 0)]
    if not shown or call.params.get("OutputSqlErrors") is False:
        return
    call.notes.setdefault("sql_errors", []).extend(one.number for one in shown)
    call.errors.append(
        CmdletError(
            "\n".join(one.message for one in shown), "SqlError", "InvalidOperation", _EXCEPTION
        )
    )
