"""The topology document: real grammar where it is known, an encoding of our own, in a namespace
of our own, where it is not. Known (public documents of Get-CsTopology -AsXml): Topology,
InternalDomains, Sites, Clusters, SqlInstances, Services with ServiceId, DependsOn, InstalledOn
and Ports. Not public: how mirrors, witnesses, backup stores and the settings of a Persistent
Chat pool are written; these stand in the element INVENTED and nothing outside the lab may read
them. python -m pchat_lab.estate.wanted_topology default prints what an operator would have
defined in Topology Builder"""

from __future__ import annotations

import dataclasses
import typing as t
import uuid
import xml.etree.ElementTree as ET

TOPOLOGY = "urn:schema:Microsoft.Rtc.Management.Deploy.Topology.2008"
ROLES = "urn:schema:Microsoft.Rtc.Management.Deploy.ServiceRoles.2008"
INVENTED = "urn:lab:invented-persistent-chat"
ET.register_namespace("", TOPOLOGY)
ET.register_namespace("roles", ROLES)
ET.register_namespace("invented", INVENTED)
SLOTS = ("primary", "mirror", "witness", "backup", "backup_mirror", "backup_witness")


class BadDocument(Exception):
    """Publish-CsTopology would refuse the document; the text says why."""


@dataclasses.dataclass
class Cluster:
    """A pool of machines; SQL and file servers are clusters that do not replicate."""

    fqdn: str
    machines: list[str]
    replicates: bool


@dataclasses.dataclass
class Service:
    """``installed_on``: a cluster's FQDN, or ``fqdn\\instance`` for stores ('\\' and nothing for a
    default instance).
    """

    role: str
    instance: int
    installed_on: str
    depends_on: list[tuple[str, int]] = dataclasses.field(default_factory=list)
    share: str = ""


@dataclasses.dataclass
class Pool:
    """A Persistent Chat pool as defined in Topology Builder.

    Stores: slot -> ``fqdn`` or ``fqdn\\instance``.
    """

    fqdn: str
    machines: list[str]
    active: list[str]
    next_hop: str
    file_store: str
    compliance: bool
    stores: dict[str, str]
    compliance_stores: dict[str, str]
    ports: dict[str, int]
    mtls_port: int = 5041


@dataclasses.dataclass
class Topology:
    domain: str
    site: str
    clusters: list[Cluster]
    sql_instances: list[tuple[str, str]]  # cluster FQDN, instance name
    services: list[Service]
    pools: list[Pool]


def _add(
    parent: ET.Element,
    tag: str,
    text: str | None = None,
    namespace: str = TOPOLOGY,
    **attributes: str,
) -> ET.Element:
    made = ET.SubElement(parent, f"{{{namespace}}}{tag}", attributes)
    made.text = text
    return made


def write(topology: Topology) -> str:
    """The document, without an XML declaration, as PowerShell saves it."""
    root = ET.Element(
        f"{{{TOPOLOGY}}}Topology",
        {"Signature": str(uuid.uuid5(uuid.NAMESPACE_DNS, repr(topology)))},
    )
    domains = _add(root, "InternalDomains", AllowAllDomains="false", DefaultDomain=topology.domain)
    _add(
        domains,
        "InternalDomain",
        Name=topology.domain,
        Authoritative="true",
        AllowSubDomains="false",
    )
    site = _add(_add(root, "Sites"), "CentralSite", SiteId="1")
    _add(site, "Name", topology.site)
    _add(site, "Location", City="", State="", CountryCode="")
    numbers = {c.fqdn: str(n) for n, c in enumerate(topology.clusters, start=1)}
    clusters = _add(root, "Clusters")
    for cluster in topology.clusters:
        flag = str(cluster.replicates).lower()
        made = _add(
            clusters, "Cluster", Fqdn=cluster.fqdn, RequiresReplication=flag, RequiresSetup=flag
        )
        _add(made, "ClusterId", SiteId="1", Number=numbers[cluster.fqdn])
        for ordinal, machine in enumerate(cluster.machines, start=1):
            entry = _add(made, "Machine", OrdinalInCluster=str(ordinal), Fqdn=machine)
            _add(
                entry,
                "NetInterface",
                InterfaceSide="Primary",
                InterfaceNumber="1",
                IPAddress="0.0.0.0",
            )
    instances = _add(root, "SqlInstances")
    for fqdn, name in topology.sql_instances:
        entry = _add(_add(instances, "SqlInstance"), "SqlInstanceId", Name=name)
        _add(entry, "ClusterId", SiteId="1", Number=numbers[fqdn])
    services = _add(root, "Services")
    for service in topology.services:
        _write_service(services, service, numbers)
    for pool in topology.pools:
        _write_pool(root, pool)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode")


def _write_service(parent: ET.Element, service: Service, numbers: dict[str, str]) -> None:
    made = _add(parent, "Service", RoleVersion="1", ServiceVersion="6")
    _add(made, "ServiceId", SiteId="1", RoleName=service.role, Instance=str(service.instance))
    depends = _add(made, "DependsOn")
    for role, instance in service.depends_on:
        entry = _add(depends, "Dependency", Usage="Default")
        _add(entry, "ServiceId", SiteId="1", RoleName=role, Instance=str(instance))
    where = _add(made, "InstalledOn")
    fqdn, backslash, name = service.installed_on.partition("\\")
    if backslash:
        entry = _add(where, "SqlInstanceId", Name=name)
        _add(entry, "ClusterId", SiteId="1", Number=numbers[fqdn])
    else:
        _add(where, "ClusterId", SiteId="1", Number=numbers[fqdn])
    _add(made, "Ports")
    if service.share:
        _add(made, "FileStoreService", namespace=ROLES, ShareName=service.share)


def _write_pool(root: ET.Element, pool: Pool) -> None:
    made = _add(
        root,
        "PersistentChatPool",
        namespace=INVENTED,
        Fqdn=pool.fqdn,
        NextHop=pool.next_hop,
        FileStore=pool.file_store,
        Compliance=str(pool.compliance).lower(),
        MtlsPort=str(pool.mtls_port),
    )
    for machine in pool.machines:
        _add(
            made,
            "Server",
            namespace=INVENTED,
            Fqdn=machine,
            Active=str(machine in pool.active).lower(),
        )
    for kind, stores in (("Content", pool.stores), ("Compliance", pool.compliance_stores)):
        for slot, where in stores.items():
            _add(
                made,
                "Store",
                namespace=INVENTED,
                Kind=kind,
                Slot=slot,
                On=where,
                MirroringPort=str(pool.ports.get(slot, 5022)),
            )


def read(text: str) -> Topology:
    """Raises BadDocument for anything that is no topology document."""
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise BadDocument("document type declarations are not allowed")
    try:
        root = ET.fromstring(text.lstrip("\ufeff"))
    except ET.ParseError as error:
        raise BadDocument(f"the file is not well-formed XML: {error}") from error
    if root.tag != f"{{{TOPOLOGY}}}Topology":
        raise BadDocument(f"the root element is {root.tag}, not Topology")
    try:
        return _read(root)
    except (KeyError, AttributeError, ValueError) as error:
        raise BadDocument(f"an element or attribute is missing or wrong: {error!r}") from error


def _read(root: ET.Element) -> Topology:
    ns = {"t": TOPOLOGY, "r": ROLES, "i": INVENTED}
    numbers: dict[str, str] = {}
    clusters = []
    for entry in root.findall("t:Clusters/t:Cluster", ns):
        fqdn = entry.attrib["Fqdn"].lower()
        numbers[_one(entry, "t:ClusterId", ns).attrib["Number"]] = fqdn
        machines = [m.attrib["Fqdn"].lower() for m in entry.findall("t:Machine", ns)]
        clusters.append(Cluster(fqdn, machines, entry.attrib["RequiresReplication"] == "true"))
    instances = [
        (
            numbers[_one(e, "t:SqlInstanceId/t:ClusterId", ns).attrib["Number"]],
            _one(e, "t:SqlInstanceId", ns).attrib["Name"],
        )
        for e in root.findall("t:SqlInstances/t:SqlInstance", ns)
    ]
    services = [_read_service(e, numbers, ns) for e in root.findall("t:Services/t:Service", ns)]
    pools = [_read_pool(e, ns) for e in root.findall("i:PersistentChatPool", ns)]
    return Topology(
        _one(root, "t:InternalDomains", ns).attrib["DefaultDomain"],
        _one(root, "t:Sites/t:CentralSite/t:Name", ns).text or "",
        clusters,
        instances,
        services,
        pools,
    )


def _one(parent: ET.Element, path: str, ns: dict[str, str]) -> ET.Element:
    found = parent.find(path, ns)
    if found is None:
        raise ValueError(f"{path} is missing")
    return found


def _read_service(entry: ET.Element, numbers: dict[str, str], ns: dict[str, str]) -> Service:
    identity = _one(entry, "t:ServiceId", ns).attrib
    store = entry.find("t:InstalledOn/t:SqlInstanceId", ns)
    cluster = numbers[_one(entry, "t:InstalledOn//t:ClusterId", ns).attrib["Number"]]
    share = entry.find("r:FileStoreService", ns)
    depends = [
        (d.attrib["RoleName"], int(d.attrib["Instance"]))
        for d in entry.findall("t:DependsOn/t:Dependency/t:ServiceId", ns)
    ]
    return Service(
        identity["RoleName"],
        int(identity["Instance"]),
        cluster if store is None else f"{cluster}\\{store.attrib['Name']}",
        depends,
        "" if share is None else share.attrib["ShareName"],
    )


def _read_pool(entry: ET.Element, ns: dict[str, str]) -> Pool:
    servers = entry.findall("i:Server", ns)
    stores: dict[str, dict[str, str]] = {"Content": {}, "Compliance": {}}
    ports: dict[str, int] = {}
    for store in entry.findall("i:Store", ns):
        stores[store.attrib["Kind"]][store.attrib["Slot"]] = store.attrib["On"]
        ports[store.attrib["Slot"]] = int(store.attrib["MirroringPort"])
    a = entry.attrib
    return Pool(
        a["Fqdn"],
        [s.attrib["Fqdn"] for s in servers],
        [s.attrib["Fqdn"] for s in servers if s.attrib["Active"] == "true"],
        a["NextHop"],
        a["FileStore"],
        a["Compliance"] == "true",
        stores["Content"],
        stores["Compliance"],
        ports,
        int(a["MtlsPort"]),
    )


# --- from an estate file


def bare(spec: dict[str, t.Any], suffix: str) -> Topology:
    """What is published before anybody defined a chat pool: the site, the Front End pools, the
    central management store.
    """
    clusters = []
    services = []
    for number, pool in enumerate(spec["front_end_pools"], start=1):
        machines = [f"{m}.{suffix}" for m in pool["machines"]]
        clusters.append(Cluster(pool["fqdn"], machines, True))
        services += [
            Service("UserServices", number, pool["fqdn"]),
            Service("Registrar", number, pool["fqdn"], [("UserServices", number)]),
            Service("WebServices", number, pool["fqdn"], [("UserServices", number)]),
        ]
        if f"{spec['cms']}.{suffix}" in machines:
            services.append(Service("CentralMgmt", 1, pool["fqdn"]))
    return Topology(suffix, spec["site"], clusters, [], services, [])


def with_pools(
    topology: Topology, specs: list[dict[str, t.Any]], instances: dict[str, str], suffix: str
) -> Topology:
    """The same and these pools, as Topology Builder would write them.

    ``instances``: SQL machine -> its instance name.
    """
    for number, spec in enumerate(specs, start=1):
        machines = [f"{m}.{suffix}" for m in spec["machines"]]
        topology.clusters.append(Cluster(spec["fqdn"], machines, True))
        stores = {
            slot: f"{m}.{suffix}" + (f"\\{instances[m]}" if instances[m] else "")
            for slot, m in spec["stores"].items()
            if m
        }
        for slot, where in stores.items():
            fqdn, _unused, name = where.partition("\\")
            topology.clusters.append(Cluster(fqdn, [fqdn], False))
            topology.sql_instances.append((fqdn, name))
            if "witness" not in slot:
                role_number = number * 10 + SLOTS.index(slot)
                topology.services.append(
                    Service("PersistentChatStore", role_number, f"{fqdn}\\{name}")
                )
                if spec["compliance"]:
                    topology.services.append(
                        Service("PersistentChatComplianceStore", role_number, f"{fqdn}\\{name}")
                    )
        host, _unused, share = spec["file_store"].lstrip("\\").partition("\\")
        topology.clusters.append(Cluster(host, [host], False))
        topology.services.append(Service("FileStore", number, host, share=share))
        topology.services.append(
            Service("PersistentChatService", number, spec["fqdn"], [("FileStore", number)])
        )
        topology.pools.append(
            Pool(
                spec["fqdn"],
                machines,
                [f"{m}.{suffix}" for m in spec["active"]],
                spec["next_hop"],
                spec["file_store"],
                spec["compliance"],
                stores,
                dict(stores) if spec["compliance"] else {},
                dict(spec["mirroring_ports"]),
            )
        )
    return topology
