"""The database mirroring endpoint of an instance, and who may connect to it.

FOR INTERNAL COLLECTION USE ONLY.

One endpoint serves every mirrored database of an instance, so an existing one wins: its name and
port are kept (Deploying SQL mirroring for Back End Server high availability), and only what
mirroring cannot do without is amended.
"""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from ...._engine.errors import CmdletMissing, Refused
from ...._engine.model import ArgumentSpec, Resource, Session, Settle, Step
from ...calls import windows
from ...calls.tsql import catalog, mirroring, quote
from ._instance import (
    INSTANCE_OPTION,
    STATE_OPTION,
    InstanceOptions,
    instance_scope,
    one,
    rows_of,
)

MIRRORING_ENDPOINT_SPEC: ArgumentSpec = {
    **INSTANCE_OPTION,
    "name": {"type": "str", "default": "Mirroring"},
    "port": {"type": "int", "default": 5022},
    "role": {"type": "str", "choices": ["all", "partner", "witness"], "default": "all"},
    "owner": {"type": "str", "default": ""},
    "connect": {"type": "list", "elements": "str", "default": []},
    "state": STATE_OPTION,
}
_SUFFICES = {"ALL": {"ALL"}, "PARTNER": {"ALL", "PARTNER"}, "WITNESS": {"ALL", "WITNESS"}}


class MirroringEndpointOptions(InstanceOptions):
    """``owner`` '': the built-in administrator. ``connect``: accounts, DOMAIN\\name."""

    name: str
    port: int
    role: str
    owner: str
    connect: list[str]
    state: str


class EndpointFacts(t.TypedDict):
    """``listening``: on its port; None where the instance cannot tell (before SQL Server 2012)."""

    name: str
    port: int
    state: str
    role: str
    algorithm: str
    owner: str | None
    listening: bool | None


class MirroringEndpointFacts(t.TypedDict):
    """``connect``: accounts. ``owner``: the login that would own a new endpoint; None: there is no
    such login. ``port_taken``: something listens where the endpoint is to.
    """

    endpoint: EndpointFacts | None
    connect: list[str]
    edition: str
    version: str
    owner: str | None
    port_taken: bool


class MirroringEndpoint(Resource[MirroringEndpointOptions, MirroringEndpointFacts]):
    """The one endpoint of an instance."""

    def __init__(self, options: MirroringEndpointOptions, host: str) -> None:
        self.options = options
        self.role = options["role"].upper()
        self.scope = instance_scope(options, host)
        if not 1 <= options["port"] <= 65535:
            raise Refused(f"port is {options['port']}; a TCP port is 1 to 65535.", code="bad_port")
        quote.plain_name(options["name"])
        for account in options["connect"]:
            quote.account(account)
        self.accounts = sorted(set(options["connect"]), key=str.lower)

    def read(self, session: Session) -> MirroringEndpointFacts:
        """The endpoint; then whether it is heard, or whether its port is free."""
        about, found, grants, owners = session.read(
            catalog.instance(),
            catalog.endpoint(),
            catalog.endpoint_grants(),
            catalog.login(self.options["owner"]),
        )
        instance = rows_of(catalog.InstanceRow, about)[0]
        row = one(rows_of(catalog.EndpointRow, found))
        endpoint = None
        port_taken = False
        if row is None:
            port_taken = is_taken(session, self.options["port"])
        else:
            endpoint = _endpoint(row, _is_listening(session, row["port"], instance["version"]))
        accounts = [grant["account"] for grant in rows_of(catalog.EndpointGrantRow, grants)]
        owner = one(rows_of(catalog.LoginNameRow, owners))
        return {
            "endpoint": endpoint,
            "connect": sorted(accounts, key=str.lower),
            "edition": instance["edition"],
            "version": instance["version"],
            "owner": owner["name"] if owner else None,
            "port_taken": port_taken,
        }

    def plan(self, current: MirroringEndpointFacts) -> list[Step[MirroringEndpointFacts]]:
        """Refused: edition, port_taken, login_missing."""
        endpoint = current["endpoint"]
        if self.options["state"] == "absent":
            return _absent(endpoint)
        if current["edition"].startswith("Express") and self.role != "WITNESS":
            raise Refused(
                f"This instance is {current['edition']}, which can only be a witness. Use another"
                " instance, or role: witness.",
                code="edition",
                edition=current["edition"],
            )
        if endpoint is None:
            endpoint = self._wanted(current)
            steps = [self._create(endpoint)]
        else:
            steps = _amend(endpoint, self.role)
        missing = self._without_connect(current["connect"])
        if missing:
            connect = sorted([*current["connect"], *missing], key=str.lower)
            steps.append(_grant(endpoint["name"], missing, connect))
        return steps

    def _wanted(self, current: MirroringEndpointFacts) -> EndpointFacts:
        if current["port_taken"]:
            raise Refused(
                f"Something on this host listens on port {self.options['port']} already, so a"
                " mirroring endpoint there would start and never be reached. Choose another"
                " port, or free this one.",
                code="port_taken",
                port=self.options["port"],
            )
        return {
            "name": self.options["name"],
            "port": self.options["port"],
            "state": "STARTED",
            "role": self.role,
            "algorithm": "AES",
            "owner": self._owner(current["owner"]),
            "listening": None if _cannot_tell(current["version"]) else True,
        }

    def _owner(self, login: str | None) -> str:
        if login is None:
            raise Refused(
                f"There is no login {self.options['owner']} on this instance to own the endpoint."
                " Create it, or leave owner out: then it belongs to the built-in administrator,"
                " whatever that is called here.",
                code="login_missing",
                login=self.options["owner"],
            )
        return login

    def _create(self, endpoint: EndpointFacts) -> Step[MirroringEndpointFacts]:
        call = mirroring.create_endpoint(
            endpoint["name"], endpoint["port"], endpoint["role"], str(endpoint["owner"])
        )
        return Step(
            name="create_endpoint",
            why="The instance has no mirroring endpoint, so no partner can reach it.",
            sets={"endpoint": endpoint},
            calls=(call,),
            settles=_HEARD,
        )

    def _without_connect(self, held: Sequence[str]) -> list[str]:
        known = {account.lower() for account in held}
        return [account for account in self.accounts if account.lower() not in known]


def is_heard(state: MirroringEndpointFacts) -> bool:
    """The endpoint listens on its port, as far as the instance can tell."""
    endpoint = state["endpoint"]
    return endpoint is not None and endpoint["listening"] is not False


#: Seconds. Another process that holds the port does not let go within them.
_HEARD: Settle[MirroringEndpointFacts] = Settle(
    until="the endpoint listens on its port", holds=is_heard, timeout=15
)


def _cannot_tell(version: str) -> bool:
    """SQL Server 2008 and 2008 R2 have no sys.dm_tcp_listener_states."""
    return str(version).startswith("10.")


def _is_listening(session: Session, port: int, version: str) -> bool | None:
    if _cannot_tell(version):
        return None
    listeners = rows_of(catalog.ListenerRow, session.read(catalog.listener())[0])
    return any(row["port"] == port and row["state"] == "ONLINE" for row in listeners)


def _endpoint(row: catalog.EndpointRow, listening: bool | None) -> EndpointFacts:
    return {
        "name": row["name"],
        "port": row["port"],
        "state": row["state"],
        "role": row["role"],
        "algorithm": row["algorithm"],
        "owner": row["owner"],
        "listening": listening,
    }


def _amend(endpoint: EndpointFacts, role: str) -> list[Step[MirroringEndpointFacts]]:
    """What mirroring cannot do without, one thing after the other."""
    steps = []
    if endpoint["role"] not in _SUFFICES[role]:
        wider = "ALL"
        if endpoint["role"] == "NONE":
            wider = role
        endpoint = {**endpoint, "role": wider}
        steps.append(_widen_role(endpoint, role))
    if "AES" not in str(endpoint["algorithm"]):
        endpoint = {**endpoint, "algorithm": "AES"}
        steps.append(_require_aes(endpoint))
    if endpoint["state"] != "STARTED":
        was = endpoint["state"].lower()
        listening = endpoint["listening"]
        if listening is not None:
            listening = True
        endpoint = {**endpoint, "state": "STARTED", "listening": listening}
        steps.append(_start(endpoint, was))
    return steps


def _widen_role(endpoint: EndpointFacts, role: str) -> Step[MirroringEndpointFacts]:
    clause = f"FOR DATABASE_MIRRORING (ROLE = {endpoint['role']})"
    return Step(
        name="widen_role",
        why=(
            f"The endpoint's role does not include {role}; altering it drops live mirroring"
            " sessions for a moment."
        ),
        sets={"endpoint": endpoint},
        calls=(mirroring.alter_endpoint(endpoint["name"], clause),),
    )


def _require_aes(endpoint: EndpointFacts) -> Step[MirroringEndpointFacts]:
    clause = "FOR DATABASE_MIRRORING (ENCRYPTION = REQUIRED ALGORITHM AES)"
    return Step(
        name="require_aes",
        why=(
            "The endpoint does not offer AES, so partners that require it could not agree with it;"
            " altering it drops live mirroring sessions for a moment."
        ),
        sets={"endpoint": endpoint},
        calls=(mirroring.alter_endpoint(endpoint["name"], clause),),
    )


def _start(endpoint: EndpointFacts, was: str) -> Step[MirroringEndpointFacts]:
    return Step(
        name="start_endpoint",
        why=f"The endpoint is {was}.",
        sets={"endpoint": endpoint},
        calls=(mirroring.alter_endpoint(endpoint["name"], "STATE = STARTED"),),
        settles=_HEARD,
    )


def _grant(
    endpoint: str, missing: Sequence[str], connect: list[str]
) -> Step[MirroringEndpointFacts]:
    return Step(
        name="grant_connect",
        why=(
            f"{', '.join(missing)} may not connect to the endpoint, so those partners would be"
            " turned away."
        ),
        sets={"connect": connect},
        calls=tuple(mirroring.grant_connect(endpoint, account) for account in missing),
    )


def _absent(endpoint: EndpointFacts | None) -> list[Step[MirroringEndpointFacts]]:
    if endpoint is None:
        return []
    return [
        Step(
            name="drop_endpoint",
            why="The endpoint is not wanted.",
            sets={"endpoint": None, "connect": []},
            calls=(mirroring.drop_endpoint(endpoint["name"]),),
        )
    ]


def is_taken(session: Session, port: int) -> bool:
    """Whether something listens on a port that is to become the endpoint's; False where the host
    cannot tell (before Windows Server 2012).
    """
    try:
        return bool(session.read(windows.listeners(port))[0])
    except CmdletMissing:
        return False
