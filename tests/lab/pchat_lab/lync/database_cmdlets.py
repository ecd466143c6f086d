"""Installing databases and mirrors, and switching principals: Lync's own way, by T-SQL on the
stores.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable

from ..powershell.errors import CmdletError
from ..powershell.registry import Invocation, cmdlet
from .common import DATABASES, lync_object, run_sql, stores_on
from .signatures import documented
from .stores import stores_at

if t.TYPE_CHECKING:
    from ..sqlserver.server.instance import SqlInstance


@cmdlet("Test-CsDatabase", documented("Test-CsDatabase"), module="Lync")
def test_cs_database(call: Invocation) -> Iterable[t.Any]:
    call.world.lync.require_store(call.machine, call.caller)
    if "SqlServerFqdn" not in call.params:
        raise CmdletError(
            "-SqlServerFqdn is needed: no databases of the central store are simulated.",
            "NotImplemented",
            "NotImplemented",
        )
    wanted = DATABASES.get(call.params.get("DatabaseType", ""), None)
    bad = 0
    places = stores_on(call, call.params["SqlServerFqdn"], call.params.get("SqlInstanceName"))
    for instance, name in _principal_databases(call, places):
        if wanted and name != wanted:
            continue
        rows = run_sql(
            call, instance, f"SELECT state_desc FROM sys.databases WHERE name = N'{name}'"
        )
        good = bool(rows) and rows[0]["state_desc"] == "ONLINE"
        bad += not good
        yield lync_object(
            "Deployment.DatabaseState",
            {
                "SqlServerFqdn": instance.machine.fqdn,
                "SqlInstanceName": instance.name,
                "MirrorSqlServerFqdn": None,
                "MirrorSqlInstanceName": None,
                "DatabaseName": name,
                "DataSource": instance.network_name,
                "SQLServerVersion": None,
                "ExpectedVersion": "10.13.2",
                "InstalledVersion": "10.13.2" if good else "",
                "Succeed": good,
            },
        )
    if bad:
        call.warnings.append(
            "Test-CsDatabase encountered errors. Consult the log file for a detailed analysis."
        )


def _principal_databases(
    call: Invocation, places: list[tuple[SqlInstance, str]]
) -> list[tuple[SqlInstance, str]]:
    """The databases that begin their life there: those of primary and backup stores."""
    found = []
    for instance, where in places:
        for _pool, name, slot in stores_at(call, where):
            if slot in ("primary", "backup"):
                found.append((instance, name))
    return found


@cmdlet("Install-CsDatabase", documented("Install-CsDatabase"), module="Lync", changes=True)
def install_cs_database(call: Invocation) -> Iterable[t.Any]:
    call.world.lync.require_store(call.machine, call.caller)
    call.world.lync.require_rights(call.caller)
    if (
        "SqlServerFqdn" not in call.params
        or call.switch("LocalDatabases")
        or call.switch("CentralManagementDatabase")
    ):
        raise CmdletError(
            "Only databases of Persistent Chat stores are simulated.",
            "NotImplemented",
            "NotImplemented",
        )
    chosen = call.params.get("SqlInstanceName") or call.params.get("ForInstance")
    places = stores_on(
        call, call.params["SqlServerFqdn"], "" if call.switch("ForDefaultInstance") else chosen
    )
    stores = _principal_databases(call, places)
    if "DatabaseType" in call.params:
        stores = [
            (instance, name)
            for instance, name in stores
            if name == DATABASES.get(call.params["DatabaseType"])
        ]
    if not stores:
        raise CmdletError(
            f"No databases are configured for {call.params['SqlServerFqdn']} in the topology.",
            "NoDatabases",
            "ObjectNotFound",
            target=call.params["SqlServerFqdn"],
        )
    for instance, name in stores:
        present = {
            r["name"].lower() for r in run_sql(call, instance, "SELECT name FROM sys.databases")
        }
        if name in present and call.switch("Clean"):
            run_sql(call, instance, f"DROP DATABASE [{name}]")
        if name not in present or call.switch("Clean"):
            if not instance.principals.is_in_role(call.caller.account, "sysadmin"):
                raise CmdletError(
                    f"{call.caller.account.name} is not sysadmin on {instance.network_name}.",
                    "SqlException",
                    "PermissionDenied",
                )
            instance.create_lync_database(name)
    return ()
