"""Installing databases and mirrors, and switching principals: Lync's own way, by T-SQL on the
stores.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable

from ..powershell.errors import CmdletError
from ..powershell.registry import Invocation, cmdlet
from .common import DATABASES, lync_object, run_sql, store_of, stores_on
from .document import Pool
from .signatures import documented

if t.TYPE_CHECKING:
    from ..sqlserver.server.instance import SqlInstance


def _stores(call: Invocation, where: str) -> list[tuple[Pool, str, str]]:
    """(pool, database, slot) of every store that the published topology puts on this instance."""
    found = []
    for pool in call.world.lync.pools.values():
        for database, stores in (("mgc", pool.stores), ("mgccomp", pool.compliance_stores)):
            found += [
                (pool, database, slot)
                for slot, on in stores.items()
                if on.lower() == where.lower() and "witness" not in slot
            ]
    return found


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
        for _pool, name, slot in _stores(call, where):
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


def _pair(
    pool: Pool, database: str, slots: tuple[str, str] = ("primary", "mirror")
) -> tuple[str, str]:
    stores = pool.stores if database == "mgc" else pool.compliance_stores
    if slots[0] not in stores:
        raise CmdletError(
            f"{database} is not present on pool {pool.fqdn}.",
            "NotPresent",
            "ObjectNotFound",
            target=pool.fqdn,
        )
    if slots[1] not in stores:
        raise CmdletError(
            f"No mirror is defined for {database} of pool {pool.fqdn}.",
            "MirrorNotDefined",
            "InvalidOperation",
            target=pool.fqdn,
        )
    return stores[slots[0]], stores[slots[1]]


def _database(call: Invocation) -> str:
    kind = call.params.get("DatabaseType", "PersistentChat")
    if kind not in DATABASES:
        raise CmdletError(
            f"{kind} is not present on pool {call.params.get('PoolFqdn', '')}.",
            "NotPresent",
            "ObjectNotFound",
            target=kind,
        )
    return DATABASES[kind]


def _mirror_row(call: Invocation, instance: SqlInstance, database: str) -> dict[str, t.Any] | None:
    """The session as this instance sees it; None when the database or the session is not there, or
    the server does not answer.
    """
    try:
        rows = run_sql(
            call,
            instance,
            "SELECT m.mirroring_role_desc AS role, m.mirroring_state_desc AS state FROM "
            "sys.databases d JOIN "
            "sys.database_mirroring m ON m.database_id = d.database_id WHERE d.name = "
            f"N'{database}'",
        )
    except CmdletError:
        return None
    return rows[0] if rows and rows[0]["role"] else None


@cmdlet("Get-CsDatabaseMirrorState", documented("Get-CsDatabaseMirrorState"), module="Lync")
def get_mirror_state(call: Invocation) -> Iterable[t.Any]:
    lync = call.world.lync
    if not call.switch("LocalStore"):
        lync.require_store(call.machine, call.caller)
    pool = lync.pool(call.params["PoolFqdn"])
    wanted = ["mgc"]
    if "DatabaseType" in call.params:
        wanted = [_database(call)]
    elif pool.compliance:
        wanted = ["mgc", "mgccomp"]
    failed_over = (
        lync.state(pool.fqdn) == "FailedOver"
    )  # which pair it then reports is not documented: assumed the one in use
    for database in wanted:
        ends = _pair(
            pool, database, ("backup", "backup_mirror") if failed_over else ("primary", "mirror")
        )
        rows = [_mirror_row(call, lync.instance(where), database) for where in ends]
        roles = [
            str(r["role"]).capitalize() if r else "DatabaseInaccessibleOrMirroringNotEnabled"
            for r in rows
        ]
        states = [str(r["state"]).lower() if r else "" for r in rows]
        yield lync_object(
            "Deployment.DatabaseMirrorState",
            {
                "DatabaseName": database,
                "StateOnPrimary": roles[0],
                "StateOnMirror": roles[1],
                "MirroringStatusOnPrimary": states[0],
                "MirroringStatusOnMirror": states[1],
                "MirroringStatusOnSecondary": states[1],
            },
        )


@cmdlet(
    "Invoke-CsDatabaseFailover",
    documented("Invoke-CsDatabaseFailover"),
    module="Lync",
    changes=True,
)
def invoke_database_failover(call: Invocation) -> Iterable[t.Any]:
    lync = call.world.lync
    if not call.switch("LocalStore"):
        lync.require_store(call.machine, call.caller)
    lync.require_rights(call.caller)
    pool = lync.pool(call.params["PoolFqdn"])
    database = _database(call)
    failed_over = lync.state(pool.fqdn) == "FailedOver"
    ends = [
        lync.instance(w)
        for w in _pair(
            pool, database, ("backup", "backup_mirror") if failed_over else ("primary", "mirror")
        )
    ]
    target, other = ends if call.params["NewPrincipal"] == "Primary" else ends[::-1]
    row = _mirror_row(call, target, database)
    if row is None:
        raise CmdletError(
            f"{database} is not mirrored, or {target.network_name} does not answer.",
            "MirroringNotEnabled",
            "InvalidOperation",
            target=database,
        )
    if row["role"] == "PRINCIPAL":
        return ()
    if row["state"] == "SYNCHRONIZED":
        run_sql(call, other, f"ALTER DATABASE [{database}] SET PARTNER FAILOVER")
    elif call.switch("Force"):
        run_sql(
            call, target, f"ALTER DATABASE [{database}] SET PARTNER FORCE_SERVICE_ALLOW_DATA_LOSS"
        )
    else:
        raise CmdletError(
            f"{database} cannot fail over: the mirroring session is {str(row['state']).lower()}.",
            "NotSynchronized",
            "InvalidOperation",
            target=database,
        )
    return ()


@cmdlet(
    "Install-CsMirrorDatabase", documented("Install-CsMirrorDatabase"), module="Lync", changes=True
)
def install_mirror_database(call: Invocation) -> Iterable[t.Any]:
    lync = call.world.lync
    lync.require_store(call.machine, call.caller)
    lync.require_rights(call.caller)
    principal, where = store_of(
        call,
        call.params["SqlServerFqdn"],
        call.params.get("SqlInstanceName") or call.params.get("ForInstance"),
    )
    wanted = None if call.switch("ConfiguredDatabases") else _database(call)
    done = False
    for pool, database, slot in _stores(call, where):
        if (
            slot not in ("primary", "backup")
            or (wanted and database != wanted)
            or database in (call.params.get("ExcludeDatabaseList") or ())
        ):
            continue
        _mirror_one(call, pool, database, slot, principal)
        done = True
    if not done:
        raise CmdletError(
            f"No database of this kind has {where} as its primary store.",
            "NoDatabases",
            "ObjectNotFound",
            target=where,
        )
    return ()


def _mirror_one(
    call: Invocation, pool: Pool, database: str, slot: str, principal: SqlInstance
) -> None:
    lync = call.world.lync
    prefix = "" if slot == "primary" else "backup_"
    stores = pool.stores if database == "mgc" else pool.compliance_stores
    _ends = _pair(pool, database, (slot, f"{prefix}mirror"))
    mirror = lync.instance(_ends[1])
    witness = lync.instance(stores[f"{prefix}witness"]) if f"{prefix}witness" in stores else None
    members = {
        slot: principal,
        f"{prefix}mirror": mirror,
        **({f"{prefix}witness": witness} if witness else {}),
    }
    ports = {}
    for place, instance in members.items():
        others = [other for other in members.values() if other is not instance]
        ports[place] = _endpoint(call, instance, pool.ports.get(place, 5022), others)
    if _mirror_row(call, principal, database):
        return
    if run_sql(call, mirror, f"SELECT name FROM sys.databases WHERE name = N'{database}'"):
        if not call.switch("DropExistingDatabasesOnMirror"):
            raise CmdletError(
                f"{database} already exists on {mirror.network_name}. Use "
                "-DropExistingDatabasesOnMirror to drop it.",
                "DatabaseExists",
                "ResourceExists",
                target=database,
            )
        run_sql(call, mirror, f"DROP DATABASE [{database}]")
    share = call.params["FileShare"].rstrip("\\")
    full = f"{share}\\{database}.bak"
    log = f"{share}\\{database}.trn"
    run_sql(
        call,
        principal,
        f"ALTER DATABASE [{database}] SET RECOVERY FULL; BACKUP DATABASE [{database}] TO DISK = "
        f"N'{full}' WITH INIT, FORMAT; "
        f"BACKUP LOG [{database}] TO DISK = N'{log}' WITH INIT, FORMAT",
    )
    run_sql(
        call,
        mirror,
        f"RESTORE DATABASE [{database}] FROM DISK = N'{full}' WITH NORECOVERY; RESTORE LOG "
        f"[{database}] FROM DISK = N'{log}' WITH NORECOVERY",
    )
    address = {s: f"TCP://{i.machine.fqdn}:{ports[s]}" for s, i in members.items()}
    run_sql(call, mirror, f"ALTER DATABASE [{database}] SET PARTNER = N'{address[slot]}'")
    run_sql(
        call,
        principal,
        f"ALTER DATABASE [{database}] SET PARTNER = N'{address[f'{prefix}mirror']}'",
    )
    if witness:
        call.world.clock.advance(1)  # the cmdlet waits for the mirror to catch up
        run_sql(
            call,
            principal,
            f"ALTER DATABASE [{database}] SET WITNESS = N'{address[f'{prefix}witness']}'",
        )


def _endpoint(call: Invocation, instance: SqlInstance, port: int, others: list[SqlInstance]) -> int:
    """The instance's mirroring endpoint, made when missing (an existing one wins, with its port);
    CONNECT for the others' accounts.
    """
    found = run_sql(
        call,
        instance,
        "SELECT e.name, t.port FROM sys.database_mirroring_endpoints e JOIN sys.tcp_endpoints t ON "
        "t.endpoint_id = e.endpoint_id",
    )
    name = found[0]["name"] if found else "mirroring_endpoint"
    if not found:
        role = "WITNESS" if instance.edition.startswith("Express") else "ALL"
        run_sql(
            call,
            instance,
            f"CREATE ENDPOINT [{name}] STATE = STARTED AS TCP (LISTENER_PORT = {port}) FOR "
            "DATABASE_MIRRORING "
            f"(ENCRYPTION = REQUIRED ALGORITHM AES, ROLE = {role})",
        )
    for account in sorted({o.network_identity() for o in others}):
        run_sql(
            call,
            instance,
            f"IF SUSER_ID(N'{account}') IS NULL CREATE LOGIN [{account}] FROM WINDOWS; GRANT "
            f"CONNECT ON ENDPOINT::[{name}] TO [{account}]",
        )
    return int(found[0]["port"]) if found else port


@cmdlet(
    "Uninstall-CsMirrorDatabase",
    documented("Uninstall-CsMirrorDatabase"),
    module="Lync",
    changes=True,
)
def uninstall_mirror_database(call: Invocation) -> Iterable[t.Any]:
    lync = call.world.lync
    lync.require_store(call.machine, call.caller)
    lync.require_rights(call.caller)
    principal, where = store_of(
        call, call.params["SqlServerFqdn"], call.params.get("SqlInstanceName")
    )
    database = _database(call)
    for pool, name, slot in _stores(call, where):
        if name != database or slot not in ("primary", "backup"):
            continue
        mirror = lync.instance(
            _pair(pool, database, (slot, "mirror" if slot == "primary" else "backup_mirror"))[1]
        )
        row = _mirror_row(call, principal, database)
        if row is None:
            return ()
        run_sql(call, principal, f"ALTER DATABASE [{database}] SET PARTNER OFF")
        if call.switch("DropExistingDatabasesOnMirror"):
            run_sql(call, mirror, f"DROP DATABASE [{database}]")
        return ()
    raise CmdletError(
        f"The topology has no mirror for {database} on {where}.",
        "MirrorNotDefined",
        "InvalidOperation",
        target=where,
    )
