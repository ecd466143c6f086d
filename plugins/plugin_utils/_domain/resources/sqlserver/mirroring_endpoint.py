"""The database mirroring endpoint of an instance, and who may connect to it.

FOR INTERNAL COLLECTION USE ONLY.

One endpoint serves every mirrored database of an instance, so an existing one wins: its name and
port are kept (Deploying SQL mirroring for Back End Server high availability), and only what
mirroring cannot do without is amended.
"""

from __future__ import annotations

import typing as t

from ...._engine.errors import CmdletMissing, Refused
from ...._engine.model import Resource, Session, Settle, State, Step
from ...calls import windows
from ...calls.tsql import catalog, mirroring, quote
from ._instance import INSTANCE_OPTION, STATE_OPTION, instance_scope, one, same

MIRRORING_ENDPOINT_SPEC: State = {
    **INSTANCE_OPTION,
    "name": {"type": "str", "default": "Mirroring"},
    "port": {"type": "int", "default": 5022},
    "role": {"type": "str", "choices": ["all", "partner", "witness"], "default": "all"},
    "owner": {"type": "str", "default": ""},
    "connect": {"type": "list", "elements": "str", "default": []},
    "state": STATE_OPTION,
}
_SUFFICES = {"ALL": {"ALL"}, "PARTNER": {"ALL", "PARTNER"}, "WITNESS": {"ALL", "WITNESS"}}


class MirroringEndpoint(Resource[State, State]):
    """State: endpoint {name, port, state, role, algorithm, owner, listening}|None, connect
    [accounts], port_taken, edition, version, owner (the login that would own a new endpoint; None:
    there is no such login).
    """

    def __init__(self, options: State, host: str) -> None:
        self.options = options
        self.scope = instance_scope(options, host)
        if not 1 <= options["port"] <= 65535:
            raise Refused(f"port is {options['port']}; a TCP port is 1 to 65535.", code="bad_port")
        quote.plain_name(options["name"])
        self.accounts = sorted({a for a in options["connect"] if quote.account(a)}, key=str.lower)

    def read(self, session: Session) -> State:
        about, found, grants, owner = session.read(
            catalog.instance(),
            catalog.endpoint(),
            catalog.endpoint_grants(),
            catalog.login(self.options["owner"]),
        )
        row = one(found)
        instance = one(about) or {}
        listening: bool | None = None
        if row is not None and not str(instance["version"]).startswith("10."):
            listening = any(
                r["port"] == row["port"] and r["state"] == "ONLINE"
                for r in session.read(catalog.listener())[0]
            )
        endpoint = (
            None
            if row is None
            else {
                "name": row["name"],
                "port": row["port"],
                "state": row["state"],
                "role": row["role"],
                "algorithm": row["algorithm"],
                "owner": row["owner"],
                "listening": listening,
            }
        )
        return {
            "endpoint": endpoint,
            "connect": sorted((g["account"] for g in grants), key=str.lower),
            "edition": instance["edition"],
            "version": instance["version"],
            "owner": owner[0]["name"] if owner else None,
            "port_taken": row is None and is_taken(session, self.options["port"]),
        }

    def plan(self, current: State) -> list[Step[State]]:
        if self.options["state"] == "absent":
            return self._absent(current)
        role = self.options["role"].upper()
        if str(current["edition"]).startswith("Express") and role != "WITNESS":
            raise Refused(
                f"This instance is {current['edition']}, which can only be a witness. Use another"
                " instance, or role: witness.",
                code="edition",
                edition=current["edition"],
            )
        steps: list[Step[State]] = []
        endpoint = current["endpoint"]
        if endpoint is None:
            if current["port_taken"]:
                raise Refused(
                    f"Something on this host listens on port {self.options['port']} already, so a"
                    " mirroring endpoint there would start and never be reached. Choose another"
                    " port, or free this one.",
                    code="port_taken",
                    port=self.options["port"],
                )
            endpoint = {
                "name": self.options["name"],
                "port": self.options["port"],
                "state": "STARTED",
                "role": role,
                "algorithm": "AES",
                "owner": self._owner(current),
                "listening": None if str(current["version"]).startswith("10.") else True,
            }
            steps.append(
                Step(
                    name="create_endpoint",
                    why="The instance has no mirroring endpoint, so no partner can reach it.",
                    sets={"endpoint": endpoint},
                    calls=(
                        mirroring.create_endpoint(
                            endpoint["name"], endpoint["port"], role, endpoint["owner"]
                        ),
                    ),
                    settles=self._heard(),
                )
            )
        else:
            steps += self._amend(endpoint, role)
            for step in steps:
                endpoint = {**endpoint, **t.cast(State, step.sets["endpoint"])}
        missing = [
            a for a in self.accounts if not any(same(a, held) for held in current["connect"])
        ]
        if missing:
            connect = sorted([*current["connect"], *missing], key=str.lower)
            steps.append(
                Step(
                    name="grant_connect",
                    why=(
                        f"{', '.join(missing)} may not connect to the endpoint, so those partners"
                        " would be turned away."
                    ),
                    sets={"connect": connect},
                    calls=tuple(mirroring.grant_connect(endpoint["name"], a) for a in missing),
                )
            )
        return steps

    def _owner(self, current: State) -> str:
        if current["owner"] is None:
            raise Refused(
                f"There is no login {self.options['owner']} on this instance to own the endpoint."
                " Create it, or leave owner out: then it belongs to the built-in administrator,"
                " whatever that is called here.",
                code="login_missing",
                login=self.options["owner"],
            )
        return str(current["owner"])

    @staticmethod
    def _heard() -> Settle[State]:
        return Settle(
            until="the endpoint listens on its port",
            holds=lambda state: (
                state["endpoint"] is not None and state["endpoint"]["listening"] is not False
            ),
            timeout=15,
        )

    @staticmethod
    def _amend(endpoint: State, role: str) -> list[Step[State]]:
        name = endpoint["name"]
        steps: list[Step[State]] = []
        if endpoint["role"] not in _SUFFICES[role]:
            wider = "ALL" if endpoint["role"] != "NONE" else role
            endpoint = {**endpoint, "role": wider}
            steps.append(
                Step(
                    name="widen_role",
                    why=(
                        f"The endpoint's role does not include {role}; altering it drops live"
                        " mirroring sessions for a moment."
                    ),
                    sets={"endpoint": endpoint},
                    calls=(
                        mirroring.alter_endpoint(name, f"FOR DATABASE_MIRRORING (ROLE = {wider})"),
                    ),
                )
            )
        if "AES" not in str(endpoint["algorithm"]):
            endpoint = {**endpoint, "algorithm": "AES"}
            steps.append(
                Step(
                    name="require_aes",
                    why=(
                        "The endpoint does not offer AES, so partners that require it could not"
                        " agree with it; altering it drops live mirroring sessions for a moment."
                    ),
                    sets={"endpoint": endpoint},
                    calls=(
                        mirroring.alter_endpoint(
                            name, "FOR DATABASE_MIRRORING (ENCRYPTION = REQUIRED ALGORITHM AES)"
                        ),
                    ),
                )
            )
        if endpoint["state"] != "STARTED":
            was = endpoint["state"].lower()
            endpoint = {
                **endpoint,
                "state": "STARTED",
                "listening": True if endpoint["listening"] is not None else None,
            }
            steps.append(
                Step(
                    name="start_endpoint",
                    why=f"The endpoint is {was}.",
                    sets={"endpoint": endpoint},
                    calls=(mirroring.alter_endpoint(name, "STATE = STARTED"),),
                    settles=MirroringEndpoint._heard(),
                )
            )
        return steps

    @staticmethod
    def _absent(current: State) -> list[Step[State]]:
        if current["endpoint"] is None:
            return []
        return [
            Step(
                name="drop_endpoint",
                why="The endpoint is not wanted.",
                sets={"endpoint": None, "connect": []},
                calls=(mirroring.drop_endpoint(current["endpoint"]["name"]),),
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
