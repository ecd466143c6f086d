"""What the cmdlets share: identities, objects of Lync's types, T-SQL on the stores."""

from __future__ import annotations

import fnmatch
import typing as t

from ..powershell.errors import CmdletError
from ..powershell.objects import PSObject
from ..powershell.registry import Invocation
from ..sqlserver.language.errors import SqlError
from .document import Pool

if t.TYPE_CHECKING:
    from ..sqlserver.server.instance import SqlInstance

#: DatabaseNameType -> database (the other types exist but none of their databases is simulated).
DATABASES = {"PersistentChat": "mgc", "PersistentChatCompliance": "mgccomp"}


def lync_object(
    type_name: str, properties: dict[str, t.Any], to_string: str | None = None
) -> PSObject:
    """An object of Lync's assemblies, as its cmdlets return it."""
    return PSObject(
        [f"Microsoft.Rtc.Management.{type_name}", "System.Object"], properties, to_string
    )


def pool_of_identity(call: Invocation, identity: str | None) -> Pool:
    """``PersistentChatServer:fqdn``, with or without ``Service:`` before it, or ``service:fqdn``;
    in any case (documented spellings).
    """
    pools = call.world.lync.pools
    if identity is None:
        if len(pools) == 1:
            return next(iter(pools.values()))
        raise CmdletError(
            "The identity is ambiguous: specify -Identity.",
            "ParameterArgumentValidation",
            "InvalidArgument",
        )
    text = identity.lower()
    for prefix in ("service:persistentchatserver:", "persistentchatserver:", "service:"):
        if text.startswith(prefix):
            return call.world.lync.pool(text.removeprefix(prefix))
    raise CmdletError(
        f'Cannot process argument transformation on parameter Identity. "{identity}" is not a '
        "valid service identity.",
        "ParameterArgumentTransformationError",
        "InvalidData",
        "System.Management.Automation.ParameterBindingException",
    )


def matches(value: str, pattern: str | None) -> bool:
    """Whether a value is meant by a parameter that takes wildcards; None means all."""
    return pattern is None or fnmatch.fnmatch(value.lower(), pattern.lower())


def stores_on(
    call: Invocation, sql_server: str, instance: str | None
) -> list[tuple[SqlInstance, str]]:
    """One instance when it is named (-SqlInstanceName, -ForInstance; '' for -ForDefaultInstance),
    else every instance of the server.
    """
    if instance is not None:
        return [store_of(call, sql_server, instance)]
    machine = call.world.machines.get(sql_server.lower())
    return (
        [store_of(call, sql_server, name) for name in machine.instances]
        if machine
        else [store_of(call, sql_server, None)]
    )


def store_of(call: Invocation, sql_server: str, instance: str | None) -> tuple[SqlInstance, str]:
    """The instance that -SqlServerFqdn and -SqlInstanceName name, reached from here, and its name
    as stores spell it.
    """
    if "." not in sql_server:
        raise CmdletError(
            f'Cannot connect to "{sql_server}": a fully qualified domain name is needed.',
            "SqlConnectionError",
            "ResourceUnavailable",
            "System.Data.SqlClient.SqlException",
            sql_server,
        )
    where = sql_server.lower() + (f"\\{instance.upper()}" if instance else "")
    found = call.world.lync.instance(where)
    call.world.network.require(call.machine.fqdn, found.machine.fqdn)
    return found, where


def run_sql(call: Invocation, instance: SqlInstance, text: str) -> list[dict[str, t.Any]]:
    """T-SQL on a store as the caller: a second hop.

    CmdletError with SQL Server's first message when it fails.
    """
    there = instance.machine
    if there is not call.machine and not call.caller.goes_to("MSSQLSvc", there.fqdn):
        raise CmdletError(
            f"Login failed for user 'NT AUTHORITY\\ANONYMOUS LOGON' on {instance.network_name}.",
            "SqlConnectionError",
            "AuthenticationError",
            "System.Data.SqlClient.SqlException",
            instance.network_name,
        )
    try:
        with instance.connect(
            call.caller.account, call.machine, "master", program="Lync Server Management Shell"
        ) as session:
            return session.execute(text).check().rows()
    except SqlError as error:
        raise CmdletError(
            f"Command execution failed: {error.message} ({instance.network_name})",
            "SqlException",
            "InvalidOperation",
            "System.Data.SqlClient.SqlException",
            instance.network_name,
        ) from error
    except Exception as error:
        if type(error).__name__ == "ConnectionFailed":
            raise CmdletError(
                f"Cannot connect to {instance.network_name}: {error}",
                "SqlConnectionError",
                "ResourceUnavailable",
                "System.Data.SqlClient.SqlException",
                instance.network_name,
            ) from error
        raise
