"""Reading and publishing the topology; pools, services, replication."""

from __future__ import annotations

import itertools
import typing as t
from collections.abc import Iterable

from ..powershell.errors import CmdletError
from ..powershell.objects import PSObject, Xml
from ..powershell.registry import Invocation, cmdlet
from ..world.storage import StorageError
from . import document
from .common import lync_object, matches
from .document import Pool
from .signatures import documented

#: Get-CsService's role switches, and the role names that the topology document uses for them.
_ROLES = {
    "Registrar": "Registrar",
    "UserServer": "UserServices",
    "WebServer": "WebServices",
    "CentralManagement": "CentralMgmt",
    "FileStore": "FileStore",
    "PersistentChatServer": "PersistentChatService",
    "PersistentChatDatabase": "PersistentChatStore",
    "PersistentChatComplianceDatabase": "PersistentChatComplianceStore",
}


def _store(call: Invocation) -> None:
    if not call.switch("LocalStore"):
        call.world.lync.require_store(call.machine, call.caller)


@cmdlet("Get-CsPool", documented("Get-CsPool"), module="Lync")
def get_cs_pool(call: Invocation) -> Iterable[t.Any]:
    _store(call)
    topology = call.world.lync.settings.topology
    wanted = call.params.get("Identity")
    found = [
        c
        for c in topology.clusters
        if (wanted is None or c.fqdn.lower() == wanted.lower())
        and matches(c.fqdn, call.params.get("Filter"))
    ]
    if wanted is not None and not found:
        raise CmdletError(
            f'Cannot find pool "{wanted}".',
            "ObjectNotFound",
            "ObjectNotFound",
            "Microsoft.Rtc.Management.ManagementException",
            wanted,
        )
    for cluster in found:
        services = [
            f"{_role_name(s.role)}:{cluster.fqdn}"
            for s in topology.services
            if s.installed_on.partition("\\")[0] == cluster.fqdn
        ]
        yield lync_object(
            "Deploy.Internal.Cluster",
            {
                "Identity": cluster.fqdn,
                "Services": services,
                "Computers": list(cluster.machines),
                "Fqdn": cluster.fqdn,
                "Site": f"Site:{topology.site}",
            },
            cluster.fqdn,
        )


@cmdlet("Get-CsComputer", documented("Get-CsComputer"), module="Lync")
def get_cs_computer(call: Invocation) -> Iterable[t.Any]:
    _store(call)
    for cluster in call.world.lync.settings.topology.clusters:
        for machine in cluster.machines:
            if (
                (call.params.get("Identity") or machine).lower() == machine
                and (call.params.get("Pool") or cluster.fqdn).lower() == cluster.fqdn
                and matches(machine, call.params.get("Filter"))
                and (not call.switch("Local") or machine == call.machine.fqdn)
            ):
                yield lync_object(
                    "Deploy.Internal.Machine",
                    {"Identity": machine, "Pool": cluster.fqdn, "Fqdn": machine},
                    machine,
                )


def _role_name(role: str) -> str:
    return next((name for name, known in _ROLES.items() if known == role), role)


@cmdlet("Get-CsService", documented("Get-CsService"), module="Lync")
def get_cs_service(call: Invocation) -> Iterable[t.Any]:
    _store(call)
    lync = call.world.lync
    switches = [name for name in call.params if name in call_roles()]
    for name in switches:
        if name not in _ROLES:
            return
    role = _ROLES[switches[0]] if switches else None
    fqdn = call.params.get("PoolFqdn")
    identity = call.params.get("Identity")
    for service in lync.settings.topology.services:
        where = service.installed_on.partition("\\")[0]
        name = f"{_role_name(service.role)}:{where}"
        if (
            (role and service.role != role)
            or (fqdn and where != fqdn.lower())
            or (identity and identity.lower() != name.lower())
        ):
            continue
        common = {
            "ServiceId": f"1-{service.role}-{service.instance}",
            "SiteId": f"Site:{lync.settings.topology.site}",
            "PoolFqdn": where,
            "Version": 6,
            "Role": _role_name(service.role),
            "DependentServiceList": [],
        }
        if service.role == "PersistentChatService":
            yield lync_object(
                "Xds.DisplayPersistentChatServer",
                {"Identity": name, **_chat_server(lync.pools[where]), **common},
                name,
            )
        elif service.role == "FileStore":
            unc = f"\\\\{where}\\{service.share}"
            yield lync_object(
                "Xds.DisplayFileStore",
                {
                    "Identity": name,
                    "ShareName": service.share,
                    "UncPath": unc,
                    "IsDfsShare": False,
                    **common,
                },
                name,
            )
        else:
            extra = (
                {"SqlInstanceName": service.installed_on.partition("\\")[2]}
                if service.role.endswith("Store")
                else {}
            )
            yield lync_object(
                f"Xds.Display{_role_name(service.role)}",
                {"Identity": name, **extra, **common},
                name,
            )


def call_roles() -> set[str]:
    parameters = documented("Get-CsService").parameters
    return {
        name
        for name, parameter in parameters.items()
        if parameter.type == "switch" and name != "LocalStore"
    }


def _chat_server(pool: Pool) -> dict[str, t.Any]:
    stores: dict[str, t.Any] = {}
    for kind, held in (
        ("PersistentChatDatabase", pool.stores),
        ("PersistentChatComplianceDatabase", pool.compliance_stores),
    ):
        for slot, prefix in (
            ("primary", ""),
            ("mirror", "Mirror"),
            ("backup", "Backup"),
            ("backup_mirror", "BackupMirror"),
        ):
            stores[prefix + kind] = f"{kind}:{held[slot]}" if slot in held else None
    host = pool.file_store.lstrip("\\").partition("\\")[0]
    return {
        "Registrar": f"Registrar:{pool.next_hop}",
        "FileStore": f"FileStore:{host}",
        **stores,
        "MtlsPort": pool.mtls_port,
        "DisplayName": pool.fqdn,
        "ActiveServers": sorted(pool.active),
        "InactiveServers": sorted(set(pool.machines) - set(pool.active)),
    }


@cmdlet("Get-CsTopology", documented("Get-CsTopology"), module="Lync")
def get_cs_topology(call: Invocation) -> Iterable[t.Any]:
    _store(call)
    if call.switch("AsXml"):
        yield Xml(call.world.lync.current_document())
        return
    topology = call.world.lync.settings.topology
    clusters = [
        PSObject(
            ["Microsoft.Rtc.Management.Deploy.Internal.Cluster", "System.Object"],
            {"Fqdn": c.fqdn, "RequiresReplication": c.replicates, "IsOnEdge": False},
            c.fqdn,
        )
        for c in topology.clusters
    ]
    yield lync_object(
        "Deploy.Internal.DefaultTopology",
        {
            "Machines": list(itertools.chain(*[cluster.machines for cluster in topology.clusters])),
            "Clusters": clusters,
            "SqlInstances": [f"{f}\\{n}" for f, n in topology.sql_instances],
        },
    )


@cmdlet("Publish-CsTopology", documented("Publish-CsTopology"), module="Lync", changes=True)
def publish_cs_topology(call: Invocation) -> Iterable[t.Any]:
    lync = call.world.lync
    lync.require_store(call.machine, call.caller)
    lync.require_rights(call.caller, "Domain Admins", "RTCUniversalServerAdmins")
    if call.params.get("FinalizeUninstall"):
        raise CmdletError(
            "-FinalizeUninstall is not simulated.", "NotImplemented", "NotImplemented"
        )
    text = call.params.get("Document")
    if "FileName" in call.params:
        try:
            text = call.world.storage.read(
                call.params["FileName"], call.machine, call.caller
            ).content
        except StorageError as error:
            raise CmdletError(
                f"Could not find file '{call.params['FileName']}'. {error.text}",
                "FileNotFound",
                "ObjectNotFound",
                "System.IO.FileNotFoundException",
                call.params["FileName"],
            ) from error
    try:
        topology = document.read(str(text))
    except document.BadDocument as error:
        raise CmdletError(
            f"Command execution failed: the topology document is not valid: {error}",
            "InvalidTopology",
            "InvalidData",
            "Microsoft.Rtc.Management.Deploy.TopologyException",
        ) from error
    for pool in topology.pools:
        if not _share_exists(call, pool.file_store):
            raise CmdletError(
                f'Command execution failed: the file share "{pool.file_store}" does not exist.',
                "FileShareNotFound",
                "ObjectNotFound",
                "Microsoft.Rtc.Management.Deploy.TopologyException",
                pool.file_store,
            )
        if len(pool.machines) > 8:
            raise CmdletError(
                f"Command execution failed: pool {pool.fqdn} has more than 8 servers.",
                "InvalidTopology",
                "InvalidData",
            )
    lync.change(topology=topology, enabled=False)
    return ()


def _share_exists(call: Invocation, unc: str) -> bool:
    host, _unused, share = unc.lstrip("\\").partition("\\")
    try:
        return share.lower() in call.world.machine(host).shares
    except KeyError:
        return False


@cmdlet("Enable-CsTopology", documented("Enable-CsTopology"), module="Lync", changes=True)
def enable_cs_topology(call: Invocation) -> Iterable[t.Any]:
    lync = call.world.lync
    lync.require_store(call.machine, call.caller)
    lync.require_rights(call.caller, "Domain Admins", "RTCUniversalServerAdmins")
    if not lync.settings.enabled:
        lync.change(enabled=True)
    return ()


@cmdlet("Test-CsTopology", documented("Test-CsTopology"), module="Lync")
def test_cs_topology(call: Invocation) -> Iterable[t.Any]:
    """Verifies service activation: a topology that was published and not enabled fails here
    (assumed text).
    """
    lync = call.world.lync
    lync.require_store(call.machine, call.caller)
    if not lync.settings.enabled:
        call.warnings.append("Test-CsTopology failed.")
        call.errors.append(
            CmdletError(
                "Command execution failed: the topology was published but not enabled: trusted "
                "service entries are missing.",
                "ProcessingFailed",
                "InvalidOperation",
                "System.InvalidOperationException",
            )
        )
    return ()


@cmdlet(
    "Get-CsManagementStoreReplicationStatus",
    documented("Get-CsManagementStoreReplicationStatus"),
    module="Lync",
)
def replication_status(call: Invocation) -> Iterable[t.Any]:
    lync = call.world.lync
    lync.require_store(call.machine, call.caller)
    if call.switch("CentralManagementStoreStatus"):
        now = call.world.clock.now()
        yield lync_object(
            "Xds.CentralManagementStoreStatusResult",
            {
                "ActiveMasterFqdn": lync.cms_machine.fqdn,
                "ActiveMasterLastHeartbeat": now,
                "ActiveFileTransferAgentFqdn": lync.cms_machine.fqdn,
                "ActiveFileTransferAgentLastHeartbeat": now,
                "ActiveReplicas": [m.fqdn for m in lync.replicated()],
                "DeletedReplicas": None,
            },
        )
        return
    wanted = call.params.get("ReplicaFqdn")
    found = [m for m in lync.replicated() if wanted is None or m.fqdn == wanted.lower()]
    if wanted is not None and not found:
        raise CmdletError(
            f'Cannot find replica "{wanted}".', "ObjectNotFound", "ObjectNotFound", target=wanted
        )
    for machine in found:
        yield lync_object(
            "Xds.ReplicaState",
            {
                "UpToDate": lync.up_to_date(machine),
                "ReplicaFqdn": machine.fqdn,
                "LastStatusReport": call.world.clock.now(),
                "LastUpdateCreation": lync.settings.at,
                "ProductVersion": "5.0.8308.0",
            },
        )


@cmdlet(
    "Invoke-CsManagementStoreReplication",
    documented("Invoke-CsManagementStoreReplication"),
    module="Lync",
    changes=True,
)
def invoke_replication(call: Invocation) -> Iterable[t.Any]:
    """Asks for replication; it takes its time all the same."""
    call.world.lync.require_store(call.machine, call.caller)
    return ()


@cmdlet(
    "Invoke-CsManagementServerFailover",
    documented("Invoke-CsManagementServerFailover"),
    module="Lync",
    changes=True,
)
def management_failover(call: Invocation) -> Iterable[t.Any]:
    """Run on a server of the pool that is to receive the store (reference of the cmdlet)."""
    lync = call.world.lync
    lync.require_rights(call.caller)
    if call.machine.kind != "front_end":
        raise CmdletError(
            "This cmdlet must be run on a server of the pool that receives the Central Management "
            "Store.",
            "InvalidOperation",
        )
    lync.cms_machine = call.machine
    lync.cms_down = False
    lync.change()
    return ()
