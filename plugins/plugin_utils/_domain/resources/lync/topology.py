"""The topology document: published and enabled, by its known grammar only. FOR INTERNAL COLLECTION
USE ONLY.

What only Topology Builder can define (mirrors, witnesses, backup stores, chat pools) is written in
parts of the document that are not public: they are carried along and never read or written.
Compared are clusters with their machines, SQL instances and services.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from ...._engine.errors import CmdletFailed, CmdletMissing, Refused
from ...._engine.model import Resource, Session, Settle, State, Step
from ...calls import lync, windows
from ...documents.pool import DefinedPool, Stores
from ._pool import pool_scope, read_pool

_NS = {"t": "urn:schema:Microsoft.Rtc.Management.Deploy.Topology.2008"}
TOPOLOGY_SPEC: State = {
    "pool": {"type": "str", "required": True},
    "document": {"type": "str", "required": True},
    "path": {"type": "str", "default": "C:\\ProgramData\\lync.persistent_chat\\topology.xml"},
    "allow_removals": {"type": "bool", "default": False},
    "timeout": {"type": "int", "default": 300},
}


def parts(text: str, whose: str) -> tuple[set[str], dict[str, list[str]]]:
    """(every known part as a readable sentence, machines by cluster).

    Refused for anything that is no topology document.
    """
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Refused(
            f"{whose} declares a document type, which a topology document never does; it is not"
            " read.",
            code="bad_document",
        )
    try:
        root = ET.fromstring(text.lstrip("\ufeff"))
    except ET.ParseError as error:
        raise Refused(
            f"{whose} is not well-formed XML: {error}. Export it again with Get-CsTopology -AsXml.",
            code="bad_document",
        ) from error
    if root.tag != f"{{{_NS['t']}}}Topology":
        raise Refused(
            f"{whose} is no topology document: its root element is {root.tag}.", code="bad_document"
        )
    clusters: dict[str, list[str]] = {}
    numbers: dict[tuple[str, str], str] = {}
    for cluster in root.findall("t:Clusters/t:Cluster", _NS):
        fqdn = cluster.get("Fqdn", "").lower()
        clusters[fqdn] = sorted(
            m.get("Fqdn", "").lower() for m in cluster.findall("t:Machine", _NS)
        )
        identity = cluster.find("t:ClusterId", _NS)
        if identity is not None:
            numbers[identity.get("SiteId", ""), identity.get("Number", "")] = fqdn
    found = {f"machine {m} in {fqdn}" for fqdn, machines in clusters.items() for m in machines}
    for instance in root.findall("t:SqlInstances/t:SqlInstance/t:SqlInstanceId", _NS):
        found.add(f"SQL instance {_cluster(instance, numbers)}\\{instance.get('Name', '')}".lower())
    for service in root.findall("t:Services/t:Service", _NS):
        identity = service.find("t:ServiceId", _NS)
        where = service.find("t:InstalledOn", _NS)
        if identity is not None and where is not None:
            found.add(f"service {identity.get('RoleName')} on {_cluster(where, numbers)}")
    return found, clusters


def _cluster(element: ET.Element, numbers: dict[tuple[str, str], str]) -> str:
    identity = element.find(".//t:ClusterId", _NS)
    return (
        "?"
        if identity is None
        else numbers.get((identity.get("SiteId", ""), identity.get("Number", "")), "?")
    )


class Topology(Resource[State, State]):
    """State: published, members, identity ... of the pool, missing [parts of the document that are
    not published], extra [published parts that the document lacks], enabled.
    """

    def __init__(self, options: State, host: str) -> None:
        self.options = options
        self.scope = pool_scope(options["pool"])
        self.wanted, self.clusters = parts(options["document"], "The document")
        self.members = self.clusters.get(options["pool"].lower(), [])
        if not self.members:
            raise Refused(
                f"The document has no cluster {options['pool']}; it is not the topology of this"
                " pool.",
                code="bad_document",
            )

    def read(self, session: Session) -> State:
        services, states, xml = session.read(
            lync.chat_services(), lync.pool_states(), lync.topology_xml()
        )
        published, _clusters = parts(str(xml[0]["value"] if xml else ""), "The published topology")
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

    def plan(self, current: State) -> list[Step[State]]:
        steps: list[Step[State]] = []
        if current["missing"]:
            if current["extra"] and not self.options["allow_removals"]:
                raise Refused(
                    "The published topology has parts that the document lacks, and publishing it"
                    f" would remove them: {'; '.join(current['extra'])}. Export a fresh document,"
                    " or say allow_removals: true.",
                    code="would_remove",
                    extra=current["extra"],
                )
            folder = self.options["path"].rpartition("\\")[0]
            identity = f"PersistentChatServer:{self.options['pool'].lower()}"
            steps.append(
                Step(
                    name="publish_topology",
                    why=(
                        f"{len(current['missing'])} parts of the document are not published, among"
                        f" them {current['missing'][0]}."
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
                        "known_pools": sorted(
                            {*current["known_pools"], self.options["pool"].lower()}
                        ),
                    },
                    calls=(
                        windows.new_folder(folder),
                        windows.write_file(self.options["path"], self.options["document"]),
                        lync.publish_topology(self.options["path"]),
                    ),
                    lasts=True,
                )
            )
        if current["missing"] or not current["enabled"]:
            steps.append(
                Step(
                    name="enable_topology",
                    why="A topology that is published and not enabled has no effect.",
                    sets={"enabled": True},
                    calls=(lync.enable_topology(),),
                    lasts=True,
                    settles=Settle(
                        until="the topology is enabled",
                        holds=lambda state: bool(state["enabled"]),
                        timeout=float(self.options["timeout"]),
                    ),
                )
            )
        return steps


def work_order(current: DefinedPool, wanted: State) -> list[str]:
    """What an administrator has to set in Topology Builder so that the pool is as declared; empty
    when it is.
    """
    order: list[str] = []
    missing = sorted(set(wanted["members"]) - set(current["members"]))
    extra = sorted(set(current["members"]) - set(wanted["members"]))
    if missing:
        order.append(
            f"Add the computer{'s' if len(missing) > 1 else ''} {', '.join(missing)} to the pool."
        )
    if extra:
        order.append(
            f"Remove the computer{'s' if len(extra) > 1 else ''} {', '.join(extra)} from the pool"
            " (or add them to the inventory)."
        )
    order += _store_orders("", current["stores"] or {}, wanted["stores"])
    if wanted["compliance"] and current["compliance_stores"] is None:
        order.append("Tick 'Enable compliance' and choose the compliance SQL Server store.")
    elif not wanted["compliance"] and current["compliance_stores"] is not None:
        order.append("Untick 'Enable compliance' (or set pchat_compliance: true).")
    elif wanted["compliance"]:
        order += _store_orders(
            "compliance ", current["compliance_stores"] or {}, wanted["compliance_stores"]
        )
    for what, have, want in (
        ("next hop", current["next_hop"], wanted["next_hop"]),
        ("file store server", current["file_store"], wanted["file_store"]),
    ):
        if want and have != want.lower():
            order.append(f"Set the {what} to {want} (it is {have}).")
    return order


_BOXES = {
    "primary": "the SQL Server store",
    "mirror": "'Enable SQL Server store mirroring' and the mirroring SQL Server store",
    "backup": (
        "'Use backup SQL Server stores to enable disaster recovery' and the backup SQL Server store"
    ),
    "backup_mirror": "mirroring of the backup store and the backup SQL Server store mirror",
}


def _store_orders(kind: str, current: Stores, wanted: State) -> list[str]:
    order = []
    for slot, box in _BOXES.items():
        have = current.get(slot)
        want = (wanted.get(slot) or "").lower() or None
        if want and have != want:
            order.append(
                f"Set {box} of the {kind}database to {want}"
                + (
                    f" (it is {have})."
                    if have
                    else (
                        "; on that store tick 'This SQL instance is in "
                        "mirroring relation' and give its port."
                        if "mirror" in slot
                        else "."
                    )
                )
            )
        elif have and not want:
            order.append(
                f"Clear {box} of the {kind}database (it is {have}), or declare that host in the"
                " inventory."
            )
    return order
