"""The topology document: published and enabled, by its known grammar only. FOR INTERNAL COLLECTION
USE ONLY.

What only Topology Builder can define (mirrors, witnesses, backup stores, chat pools) is written in
parts of the document that are not public: they are carried along and never read or written.
Compared are clusters with their machines, SQL instances and services.
"""

from __future__ import annotations

import typing as t
import xml.etree.ElementTree as ET
from collections.abc import Iterator

from ...._engine.errors import CmdletFailed, CmdletMissing, Refused
from ...._engine.model import ArgumentSpec, Resource, Session, Settle, Step
from ...calls import lync, windows
from ...documents.pool import PoolFacts
from ...rows import text
from ._pool import pool_scope, read_pool

_NS = {"t": "urn:schema:Microsoft.Rtc.Management.Deploy.Topology.2008"}
TOPOLOGY_SPEC: ArgumentSpec = {
    "pool": {"type": "str", "required": True},
    "document": {"type": "str", "required": True},
    "path": {"type": "str", "default": "C:\\ProgramData\\lync.persistent_chat\\topology.xml"},
    "allow_removals": {"type": "bool", "default": False},
    "timeout": {"type": "int", "default": 300},
}


class TopologyOptions(t.TypedDict):
    """``document``: the XML itself. ``path``: where it is written on the host. ``timeout``:
    seconds.
    """

    pool: str
    document: str
    path: str
    allow_removals: bool
    timeout: int


class TopologyFacts(PoolFacts):
    """The pool, and the document compared with the published topology.

    ``missing``: parts of the document that are not published. ``extra``: published parts that the
    document lacks. ``enabled``: Test-CsTopology finds nothing.
    """

    missing: list[str]
    extra: list[str]
    enabled: bool


#: What each cluster is called in the document: (site, number) -> FQDN.
Numbers = dict[tuple[str, str], str]


def parts(document: str, whose: str) -> tuple[set[str], dict[str, list[str]]]:
    """(every known part as a readable sentence, machines by cluster).

    ``whose``: what the document is called in a sentence. Refuses (``bad_document``) anything that
    is no topology document.
    """
    root = _root(document, whose)
    clusters: dict[str, list[str]] = {}
    numbers: Numbers = {}
    for cluster in root.findall("t:Clusters/t:Cluster", _NS):
        fqdn = _fqdn(cluster)
        clusters[fqdn] = sorted(map(_fqdn, cluster.findall("t:Machine", _NS)))
        identity = cluster.find("t:ClusterId", _NS)
        if identity is not None:
            numbers[_number(identity)] = fqdn
    found = {*_machines(clusters), *_instances(root, numbers), *_services(root, numbers)}
    return found, clusters


def _root(document: str, whose: str) -> ET.Element:
    if "<!DOCTYPE" in document or "<!ENTITY" in document:
        raise Refused(
            f"{whose} declares a document type, which a topology document never does; it is not"
            " read.",
            code="bad_document",
        )
    try:
        root = ET.fromstring(document.lstrip("\ufeff"))
    except ET.ParseError as error:
        raise Refused(
            f"{whose} is not well-formed XML: {error}. Export it again with Get-CsTopology -AsXml.",
            code="bad_document",
        ) from error
    if root.tag != f"{{{_NS['t']}}}Topology":
        raise Refused(
            f"{whose} is no topology document: its root element is {root.tag}.", code="bad_document"
        )
    return root


def _machines(clusters: dict[str, list[str]]) -> Iterator[str]:
    for fqdn, machines in clusters.items():
        for machine in machines:
            yield f"machine {machine} in {fqdn}"


def _instances(root: ET.Element, numbers: Numbers) -> Iterator[str]:
    for instance in root.findall("t:SqlInstances/t:SqlInstance/t:SqlInstanceId", _NS):
        place = f"{_cluster(instance, numbers)}\\{instance.get('Name', '')}"
        yield f"SQL instance {place}".lower()


def _services(root: ET.Element, numbers: Numbers) -> Iterator[str]:
    for service in root.findall("t:Services/t:Service", _NS):
        identity = service.find("t:ServiceId", _NS)
        where = service.find("t:InstalledOn", _NS)
        if identity is not None and where is not None:
            yield f"service {identity.get('RoleName')} on {_cluster(where, numbers)}"


def _fqdn(element: ET.Element) -> str:
    return element.get("Fqdn", "").lower()


def _number(identity: ET.Element) -> tuple[str, str]:
    return identity.get("SiteId", ""), identity.get("Number", "")


def _cluster(element: ET.Element, numbers: Numbers) -> str:
    identity = element.find(".//t:ClusterId", _NS)
    return "?" if identity is None else numbers.get(_number(identity), "?")


class Topology(Resource[TopologyOptions, TopologyFacts]):
    """The topology document of a pool, published and enabled."""

    def __init__(self, options: TopologyOptions, host: str) -> None:
        self.options = options
        self.pool = options["pool"].lower()
        self.scope = pool_scope(options["pool"])
        self.wanted, self.clusters = parts(options["document"], "The document")
        self.members = self.clusters.get(self.pool, [])
        if not self.members:
            raise Refused(
                f"The document has no cluster {options['pool']}; it is not the topology of this"
                " pool.",
                code="bad_document",
            )

    def read(self, session: Session) -> TopologyFacts:
        services, states, xml = session.read(
            lync.chat_services(), lync.pool_states(), lync.topology_xml()
        )
        published, _clusters = parts(text(xml[0], "value") if xml else "", "The published topology")
        return {
            **read_pool(self.options["pool"], services, states),
            "missing": sorted(self.wanted - published),
            "extra": sorted(published - self.wanted),
            "enabled": self._enabled(session),
        }

    @staticmethod
    def _enabled(session: Session) -> bool:
        """Publishing without enabling has no effect on services; that Test-CsTopology notices is
        assumed.
        """
        try:
            session.read(lync.test_topology())
        except CmdletMissing:
            raise
        except CmdletFailed:
            return False
        return True

    def plan(self, current: TopologyFacts) -> list[Step[TopologyFacts]]:
        if current["missing"]:
            self._require_no_removals(current["extra"])
            return [self._publish(current), self._enable()]
        return [] if current["enabled"] else [self._enable()]

    def _require_no_removals(self, extra: list[str]) -> None:
        if extra and not self.options["allow_removals"]:
            raise Refused(
                "The published topology has parts that the document lacks, and publishing it"
                f" would remove them: {'; '.join(extra)}. Export a fresh document,"
                " or say allow_removals: true.",
                code="would_remove",
                extra=extra,
            )

    def _publish(self, current: TopologyFacts) -> Step[TopologyFacts]:
        missing = current["missing"]
        path = self.options["path"]
        identity = f"PersistentChatServer:{self.pool}"
        return Step(
            name="publish_topology",
            why=(
                f"{len(missing)} parts of the document are not published, among them {missing[0]}."
            ),
            sets={
                "published": True,
                "members": self.members,
                "missing": [],
                "extra": [],
                "enabled": False,
                "identity": identity,
                "state_identity": identity,
                "pool_state": "Normal",
                "known_pools": sorted({*current["known_pools"], self.pool}),
            },
            calls=(
                windows.new_folder(path.rpartition("\\")[0]),
                windows.write_file(path, self.options["document"]),
                lync.publish_topology(path),
            ),
            lasts=True,
        )

    def _enable(self) -> Step[TopologyFacts]:
        return Step(
            name="enable_topology",
            why="A topology that is published and not enabled has no effect.",
            sets={"enabled": True},
            calls=(lync.enable_topology(),),
            lasts=True,
            settles=Settle(
                until="the topology is enabled",
                holds=_is_enabled,
                timeout=float(self.options["timeout"]),
            ),
        )


def _is_enabled(topology: TopologyFacts) -> bool:
    return topology["enabled"]
