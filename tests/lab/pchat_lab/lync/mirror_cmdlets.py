"""The cmdlets that make, tell and remove mirrors of the databases of Persistent Chat."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable

from ..powershell.errors import CmdletError
from ..powershell.registry import Invocation, cmdlet
from .common import lync_object, run_sql, store_of
from .document import Pool
from .signatures import documented
from .stores import asked_database, ends_of, mirror_row, stores_at

if t.TYPE_CHECKING:
    from ..sqlserver.server.instance import SqlInstance


@cmdlet("Get-CsDatabaseMirrorState", documented("Get-CsDatabaseMirrorState"), module="Lync")
def get_mirror_state(call: Invocation) -> Iterable[t.Any]:
    lync = call.world.lync
    if not call.switch("LocalStore"):
        lync.require_store(call.machine, call.caller)
    pool = lync.pool(call.params["PoolFqdn"])
    wanted = ["mgc"]
    if "DatabaseType" in call.params:
        wanted = [asked_database(call)]
    elif pool.compliance:
        wanted = ["mgc", "mgccomp"]
    failed_over = (
        lync.state(pool.fqdn) == "FailedOver"
    )  # which pair it then reports is not documented: assumed the one in use
    for database in wanted:
        ends = ends_of(
            pool, database, ("backup", "backup_mirror") if failed_over else ("primary", "mirror")
        )
        rows = [mirror_row(call, lync.instance(where), database) for where in ends]
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
    database = asked_database(call)
    failed_over = lync.state(pool.fqdn) == "FailedOver"
    ends = [
        lync.instance(w)
        for w in ends_of(
            pool, database, ("backup", "backup_mirror") if failed_over else ("primary", "mirror")
        )
    ]
    target, other = ends if call.params["NewPrincipal"] == "Primary" else ends[::-1]
    row = mirror_row(call, target, database)
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
    wanted = None if call.switch("ConfiguredDatabases") else asked_database(call)
    done = False
    for pool, database, slot in stores_at(call, where):
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
    _ends = ends_of(pool, database, (slot, f"{prefix}mirror"))
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
    if mirror_row(call, principal, database):
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
        call.world.clock.advance(2)  # the cmdlet waits for the mirror to catch up
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
    database = asked_database(call)
    for pool, name, slot in stores_at(call, where):
        if name != database or slot not in ("primary", "backup"):
            continue
        mirror = lync.instance(
            ends_of(pool, database, (slot, "mirror" if slot == "primary" else "backup_mirror"))[1]
        )
        row = mirror_row(call, principal, database)
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
