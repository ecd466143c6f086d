"""The only place where the cmdlets of Lync Server and Skype for Business Server are named.

FOR INTERNAL COLLECTION USE ONLY.

Both products have the same cmdlets, in the modules Lync and SkypeForBusiness, which load by
themselves (assumed for remoting sessions). Identities are always taken from what a Get- cmdlet
returned. Set-, Install- and Invoke- cmdlets get -Confirm:$false: nobody can answer a prompt over
PSRP.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..._engine.model import Cmdlet

#: Database name -> DatabaseNameType.
DATABASE_TYPES = {"mgc": "PersistentChat", "mgccomp": "PersistentChatCompliance"}
_SURE = {"Confirm": False}


def chat_services() -> Cmdlet:
    """Persistent Chat pools of the published topology: one object each."""
    return Cmdlet("Get-CsService", {"PersistentChatServer": True})


def pools() -> Cmdlet:
    """All pools of the published topology."""
    return Cmdlet("Get-CsPool")


def pool_states(local: bool = False) -> Cmdlet:
    """``local``: from this machine's replica, which answers when the central store does not.
    (Get-CsService has no such switch.)
    """
    return Cmdlet("Get-CsPersistentChatState", {"LocalStore": True} if local else {})


def fail_over_store(sql_server: str, instance: str) -> Cmdlet:
    """Run on a Front End server of the pool that is to receive the central management store;
    -Force: the old one does not answer.
    """
    named = {"BackupSqlInstanceName": instance} if instance else {}
    return Cmdlet(
        "Invoke-CsManagementServerFailover",
        {"BackupSqlServerFqdn": sql_server, **named, "Force": True, **_SURE},
    )


def set_pool_state(identity: str, state: str) -> Cmdlet:
    """``state``: Normal or FailedOver (Set-CsPersistentChatState reference)."""
    return Cmdlet(
        "Set-CsPersistentChatState",
        {"Identity": identity, "PoolState": state, "Force": True, **_SURE},
    )


def set_active_servers(identity: str, servers: Sequence[str]) -> Cmdlet:
    """An empty list is $null, as the failback page shows it."""
    return Cmdlet(
        "Set-CsPersistentChatActiveServer",
        {"Identity": identity, "ActiveServers": list(servers) or None, "Force": True, **_SURE},
    )


def topology_xml() -> Cmdlet:
    """The published topology as one text of XML."""
    return Cmdlet("Get-CsTopology", {"AsXml": True})


def test_topology() -> Cmdlet:
    """An error unless the published topology is enabled and works."""
    return Cmdlet("Test-CsTopology")


def publish_topology(path: str) -> Cmdlet:
    """``path``: of the document, on the host that the cmdlet runs on."""
    return Cmdlet("Publish-CsTopology", {"FileName": path, "Force": True, **_SURE})


def enable_topology() -> Cmdlet:
    """Make a published topology take effect."""
    return Cmdlet("Enable-CsTopology", {"Force": True, **_SURE})


def replication_status() -> Cmdlet:
    """How far each machine has the configuration: one object each."""
    return Cmdlet("Get-CsManagementStoreReplicationStatus")


def central_store_status() -> Cmdlet:
    """Which machine is master of the central management store; fails when it is out of reach."""
    return Cmdlet("Get-CsManagementStoreReplicationStatus", {"CentralManagementStoreStatus": True})


def replicate(fqdn: str) -> Cmdlet:
    """Send the configuration to this machine now; it does not wait for its arrival."""
    return Cmdlet("Invoke-CsManagementStoreReplication", {"ReplicaFqdn": fqdn})


def test_databases(sql_server: str) -> Cmdlet:
    """-ConfiguredDatabases takes no instance name: the rows tell the instance."""
    return Cmdlet("Test-CsDatabase", {"ConfiguredDatabases": True, "SqlServerFqdn": sql_server})


def install_databases(
    sql_server: str, instance: str, default_paths: bool, paths: Sequence[str]
) -> Cmdlet:
    """All databases of the topology that belong on this SQL Server. ``paths``: folders, unless its
    default ones are taken.
    """
    where: dict[str, object] = {}
    if default_paths:
        where = {"UseDefaultSqlPaths": True}
    elif paths:
        where = {"DatabasePaths": list(paths)}
    for_instance = {"ForInstance": instance} if instance else {"ForDefaultInstance": True}
    return Cmdlet(
        "Install-CsDatabase",
        {
            "ConfiguredDatabases": True,
            "SqlServerFqdn": sql_server,
            **for_instance,
            **where,
            **_SURE,
        },
    )


def mirror_state(pool: str, database: str) -> Cmdlet:
    """``database``: mgc or mgccomp. Fails for a pool that is not published."""
    return Cmdlet(
        "Get-CsDatabaseMirrorState", {"PoolFqdn": pool, "DatabaseType": DATABASE_TYPES[database]}
    )


def install_mirror(
    sql_server: str, instance: str, database: str, share: str, drop_existing: bool
) -> Cmdlet:
    """``share``: UNC path through which the mirror is seeded. ``drop_existing``: what the mirror
    has under that name goes.
    """
    drop = {"DropExistingDatabasesOnMirror": True} if drop_existing else {}
    return Cmdlet(
        "Install-CsMirrorDatabase",
        {
            "DatabaseType": DATABASE_TYPES[database],
            "FileShare": share,
            "SqlServerFqdn": sql_server,
            **_instance(instance),
            **drop,
            **_SURE,
        },
    )


def uninstall_mirror(sql_server: str, instance: str, database: str) -> Cmdlet:
    """End the mirroring of mgc or mgccomp on this SQL Server."""
    return Cmdlet(
        "Uninstall-CsMirrorDatabase",
        {
            "DatabaseType": DATABASE_TYPES[database],
            "SqlServerFqdn": sql_server,
            **_instance(instance),
            **_SURE,
        },
    )


def fail_over_database(pool: str, database: str, principal: str, force: bool) -> Cmdlet:
    """``principal``: primary or mirror, meaning the slots of the topology."""
    forced = {"Force": True} if force else {}
    return Cmdlet(
        "Invoke-CsDatabaseFailover",
        {
            "PoolFqdn": pool,
            "DatabaseType": DATABASE_TYPES[database],
            "NewPrincipal": principal.capitalize(),
            **forced,
            **_SURE,
        },
    )


def start_service(name: str) -> Cmdlet:
    """``name``: of the Windows service."""
    return Cmdlet("Start-CsWindowsService", {"Name": name, **_SURE})


def stop_service(name: str) -> Cmdlet:
    """``name``: of the Windows service."""
    return Cmdlet("Stop-CsWindowsService", {"Name": name, **_SURE})


def _instance(name: str) -> dict[str, str]:
    return {"SqlInstanceName": name} if name else {}
