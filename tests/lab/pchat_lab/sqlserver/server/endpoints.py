"""Database mirroring endpoints (CREATE ENDPOINT; sys.database_mirroring_endpoints;
sys.tcp_endpoints).
"""

from __future__ import annotations

import dataclasses
import typing as t
from collections.abc import Iterable

from ...powershell.errors import LabGap
from ...world.machine import Machine
from ..language.errors import declare, error
from ..language.registry import statement, view
from .principals import ENDPOINT_CLASS

if t.TYPE_CHECKING:
    from ..language.parser import Node
    from ..language.session import SqlSession
    from .instance import SqlInstance

declare(
    {
        7807: (16, "An error ('{}') occurred while attempting to register the endpoint '{}'."),
        7860: (
            16,
            "An endpoint's transport or content cannot be changed through the ALTER ENDPOINT "
            "statement. Use DROP ENDPOINT and execute the CREATE "
            "ENDPOINT statement to make these changes.",
        ),
        7862: (
            16,
            "An endpoint of the requested type already exists.  Only one endpoint of this type is "
            "supported.",
        ),
        7863: (
            16,
            "The endpoint was not changed. The ALTER ENDPOINT statement did not contain any values "
            "to modify or update.",
        ),
        9692: (
            16,
            "The {} endpoint cannot listen on port {} because it is in use by another process.",
        ),
    }
)
_ROLES = {"None": 0, "Partner": 1, "Witness": 2, "All": 3}
_AUTH = {
    "NotSpecified": (3, "NEGOTIATE"),
    "Windows": (3, "NEGOTIATE"),
    "WindowsNegotiate": (3, "NEGOTIATE"),
    "WindowsNtlm": (1, "NTLM"),
    "WindowsKerberos": (2, "KERBEROS"),
}


@dataclasses.dataclass
class Endpoint:
    """``algorithms`` in order of preference; ``encryption``: Required, Supported or Disabled."""

    name: str
    endpoint_id: int
    owner: str
    port: int
    state: str = "Stopped"
    role: str = "None"
    encryption: str = "Required"
    algorithms: tuple[str, ...] = ("RC4",)
    authentication: tuple[int, str] = (3, "NEGOTIATE")

    @property
    def algorithm_id(self) -> int:
        required = {("RC4",): 1, ("AES",): 2, ("AES", "RC4"): 6, ("RC4", "AES"): 5}
        supported = {("RC4",): 3, ("AES",): 4, ("AES", "RC4"): 8, ("RC4", "AES"): 7}
        if self.encryption == "Disabled":
            return 0
        numbers = required if self.encryption == "Required" else supported
        return numbers[self.algorithms]

    @property
    def algorithm_text(self) -> str:
        return (
            "NONE",
            "RC4",
            "AES",
            "NONE, RC4",
            "NONE, AES",
            "RC4, AES",
            "AES, RC4",
            "NONE, RC4, AES",
            "NONE, AES, RC4",
        )[self.algorithm_id]


def endpoint_of(instance: SqlInstance) -> Endpoint | None:
    """The instance's mirroring endpoint, if it has one."""
    return next(iter(instance.endpoints.values()), None)


def listens(instance: SqlInstance) -> bool:
    """Whether the mirroring endpoint really answers on its port."""
    endpoint = endpoint_of(instance)
    return (
        instance.running
        and endpoint is not None
        and endpoint.state == "Started"
        and _owner_of_port(instance.machine, endpoint.port, instance) is None
    )


def _owner_of_port(machine: Machine, port: int, but: SqlInstance) -> str | None:
    """Who else listens on a port of this machine; the first instance that took it wins."""
    taken: dict[int, str] = machine.facts.get("listeners", {})
    if port in taken:
        return taken[port]
    for other in machine.instances.values():
        if other is but:
            return None
        theirs = endpoint_of(other)
        if theirs is not None and theirs.state == "Started" and theirs.port == port:
            return other.engine_service_name
    return None


def listening_ports(machine: Machine) -> dict[int, str]:
    """Every TCP port that something on the machine listens on, for Get-NetTCPConnection."""
    ports: dict[int, str] = dict(machine.facts.get("listeners", {}))
    for instance in machine.instances.values():
        if instance.running:
            ports.setdefault(instance.port, instance.engine_service_name)
            endpoint = endpoint_of(instance)
            if endpoint is not None and listens(instance):
                ports.setdefault(endpoint.port, instance.engine_service_name)
    return ports


def mirroring_ports(machine: Machine) -> set[int]:
    """Those that endpoints of its instances listen on; no setup program opens them."""
    found = set()
    for instance in machine.instances.values():
        endpoint = endpoint_of(instance)
        if endpoint is not None:
            found.add(endpoint.port)
    return found


def _apply(session: SqlSession, endpoint: Endpoint, node: Node) -> bool:
    """The options of CREATE or ALTER; whether anything was given."""
    given = False
    if node.get("State", "NotSpecified") != "NotSpecified":
        endpoint.state = node.State
        given = True
    for option in node.get("ProtocolOptions") or ():
        given = True
        if option.Kind == "TcpListenerPort":
            endpoint.port = int(option.Value.Value)
    for option in node.get("PayloadOptions") or ():
        given = True
        if option.Kind == "Role":
            if session.instance.edition.startswith("Express") and option.Role != "Witness":
                raise error(1844, "Database mirroring partner role", session.instance.edition)
            endpoint.role = option.Role
        elif option.Kind == "Encryption":
            endpoint.encryption = option.EncryptionSupport
            parts = [
                option.get(p, "NotSpecified") for p in ("AlgorithmPartOne", "AlgorithmPartTwo")
            ]
            named = tuple(p.upper() for p in parts if p != "NotSpecified")
            # The default is RC4 up to 2014 (CREATE ENDPOINT reference).
            endpoint.algorithms = named or ("AES" if session.instance.major >= 13 else "RC4",)
        elif option.Kind == "Authentication":
            endpoint.authentication = _AUTH[option.Protocol]
    if (
        endpoint.state == "Started"
        and not listens(session.instance)
        and endpoint.name.lower() in session.instance.endpoints
    ):
        session.instance.log(error(9692, "Database Mirroring", endpoint.port).message)
    return given


@statement("CreateEndpointStatement", writes=True)
def create_endpoint(session: SqlSession, node: Node) -> None:
    session.require_sysadmin()
    if session.transactions:
        raise error(226, "CREATE ENDPOINT")
    if node.EndpointType != "DatabaseMirroring":
        raise LabGap(f"endpoints other than for database mirroring: {node.text}")
    instance = session.instance
    if instance.endpoints:
        raise error(7862)
    owner = session.login
    if node.get("Owner") is not None:
        login = instance.principals.find(node.Owner.Value)
        if login is None:
            raise error(15151, "find", "server principal", node.Owner.Value)
        owner = login.name
    endpoint = Endpoint(
        node.Name.Value,
        65536 + len(instance.endpoints),
        owner,
        0,
        algorithms=("AES" if instance.major >= 13 else "RC4",),
    )
    instance.endpoints[endpoint.name.lower()] = endpoint
    try:
        _apply(session, endpoint, node)
    except Exception:
        del instance.endpoints[endpoint.name.lower()]
        raise


def _find(session: SqlSession, node: Node) -> Endpoint:
    session.require_sysadmin()
    found = session.instance.endpoints.get(node.Name.Value.lower())
    if found is None:
        raise error(15151, "alter", "endpoint", node.Name.Value)
    assert isinstance(found, Endpoint)
    return found


@statement("AlterEndpointStatement", writes=True)
def alter_endpoint(session: SqlSession, node: Node) -> None:
    endpoint = _find(session, node)
    before = dataclasses.astuple(endpoint)
    if not _apply(session, endpoint, node) or before == dataclasses.astuple(endpoint):
        raise error(7863)


@statement("DropEndpointStatement", writes=True)
def drop_endpoint(session: SqlSession, node: Node) -> None:
    endpoint = _find(session, node)
    session.instance.principals.drop_permissions_on(ENDPOINT_CLASS, endpoint.endpoint_id)
    del session.instance.endpoints[endpoint.name.lower()]


def change_owner(session: SqlSession, name: str, owner: str) -> None:
    """ALTER AUTHORIZATION ON ENDPOINT: the permissions granted on it are gone (assumed from field
    reports).
    """
    endpoint = session.instance.endpoints.get(name.lower())
    if endpoint is None:
        raise error(15151, "find", "endpoint", name)
    endpoint.owner = owner
    session.instance.principals.drop_permissions_on(ENDPOINT_CLASS, endpoint.endpoint_id)


def _common(session: SqlSession, endpoint: Endpoint) -> dict[str, t.Any]:
    owner = session.instance.principals.find(endpoint.owner)
    return {
        "name": endpoint.name,
        "endpoint_id": endpoint.endpoint_id,
        "principal_id": owner.principal_id if owner else None,
        "protocol": 2,
        "protocol_desc": "TCP",
        "type": 4,
        "type_desc": "DATABASE_MIRRORING",
        "state": {"Started": 0, "Stopped": 1, "Disabled": 2}[endpoint.state],
        "state_desc": endpoint.state.upper(),
        "is_admin_endpoint": False,
    }


_COLUMNS = (
    "name sysname, endpoint_id int, principal_id int, protocol tinyint, protocol_desc "
    "nvarchar(60), type tinyint, type_desc nvarchar(60), "
    "state tinyint, state_desc nvarchar(60), is_admin_endpoint bit"
)


@view("sys.endpoints", _COLUMNS)
def endpoints(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    return [_common(session, e) for e in session.instance.endpoints.values()]


@view("sys.tcp_endpoints", _COLUMNS + ", port int, is_dynamic_port bit, ip_address nvarchar(45)")
def tcp_endpoints(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    return [
        {**_common(session, e), "port": e.port, "is_dynamic_port": False}
        for e in session.instance.endpoints.values()
    ]


@view(
    "sys.database_mirroring_endpoints",
    _COLUMNS
    + ", role tinyint, role_desc nvarchar(60), is_encryption_enabled bit, connection_auth tinyint, "
    "connection_auth_desc nvarchar(60), certificate_id int, encryption_algorithm tinyint, "
    "encryption_algorithm_desc nvarchar(60)",
)
def mirroring_endpoints(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    return [
        {
            **_common(session, e),
            "role": _ROLES[e.role],
            "role_desc": e.role.upper(),
            "is_encryption_enabled": e.encryption != "Disabled",
            "connection_auth": e.authentication[0],
            "connection_auth_desc": e.authentication[1],
            "certificate_id": 0,
            "encryption_algorithm": e.algorithm_id,
            "encryption_algorithm_desc": e.algorithm_text,
        }
        for e in session.instance.endpoints.values()
    ]


@view(
    "sys.dm_tcp_listener_states",
    "listener_id int, ip_address nvarchar(48), is_ipv4 bit, port int, type smallint, type_desc "
    "nvarchar(20), "
    "state smallint, state_desc nvarchar(16), start_time datetime",
    since="11",
)
def listener_states(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    instance = session.instance
    rows = [
        {
            "listener_id": 1,
            "ip_address": "0.0.0.0",
            "is_ipv4": True,
            "port": instance.port,
            "type": 0,
            "type_desc": "TSQL",
            "state": 0,
            "state_desc": "ONLINE",
            "start_time": instance.started_at,
        }
    ]
    for endpoint in instance.endpoints.values():
        if endpoint.state == "Started":
            up = listens(instance)
            rows.append(
                {
                    "listener_id": 2,
                    "ip_address": "0.0.0.0",
                    "is_ipv4": True,
                    "port": endpoint.port,
                    "type": 2,
                    "type_desc": "DATABASE_MIRRORING",
                    "state": 0 if up else 1,
                    "state_desc": "ONLINE" if up else "PENDING_RESTART",
                    "start_time": instance.started_at,
                }
            )
    return rows
