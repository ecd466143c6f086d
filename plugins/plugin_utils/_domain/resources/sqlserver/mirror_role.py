"""Which partner of a mirrored database is principal, seen at one instance.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

from ...._engine.errors import Refused
from ...._engine.model import LATER, Resource, Session, Settle, State, Step
from ...calls.tsql import mirroring
from ._instance import INSTANCE_OPTION, database_scope, split_address
from ._mirrored import read_database

MIRROR_ROLE_SPEC: State = {
    **INSTANCE_OPTION,
    "database": {"type": "str", "required": True},
    "role": {"type": "str", "choices": ["principal", "mirror"], "required": True},
    "force": {"type": "bool", "default": False},
    "timeout": {"type": "int", "default": 300},
}


class MirrorRole(Resource[State, State]):
    """Which role this instance's copy has now; a switch is asked of the principal, force of the
    mirror.
    """

    def __init__(self, options: State, host: str) -> None:
        self.options = options
        self.scope = database_scope(options, host)
        self.database: str = options["database"]

    def read(self, session: Session) -> State:
        return read_database(session, self.database)

    def plan(self, current: State) -> list[Step[State]]:
        role = current["mirroring_role"]
        wanted = self.options["role"].upper()
        if role is None:
            raise Refused(
                f"{self.database} is not mirrored on this instance, so there are no roles to"
                " switch.",
                code="not_mirrored",
            )
        if role == wanted:
            return []
        partner = split_address(str(current["mirroring_partner"]))
        if role == "PRINCIPAL":
            if (
                current["mirroring_state"] != "SYNCHRONIZED"
                or current["mirroring_safety"] != "FULL"
            ):
                raise Refused(
                    f"The session is {current['mirroring_state']} with safety"
                    f" {current['mirroring_safety']}; roles switch without loss only when it is"
                    " SYNCHRONIZED with safety FULL.",
                    code="not_synchronized",
                    mirroring_state=current["mirroring_state"],
                )
            return [
                Step(
                    name="fail_over",
                    why=f"This copy of {self.database} is the principal and {partner} is to be.",
                    sets={
                        "mirroring_role": "MIRROR",
                        "database_state": "RESTORING",
                        "mirroring_state": "SYNCHRONIZED",
                    },
                    calls=(mirroring.fail_over(self.database),),
                    settles=self._switched("MIRROR"),
                    also={
                        f"sql/{partner}/{self.database}": {
                            "mirroring_role": "PRINCIPAL",
                            "database_state": "ONLINE",
                        }
                    },
                )
            ]
        if not self.options["force"]:
            raise Refused(
                f"This copy of {self.database} is the mirror; a role switch without loss must be"
                f" asked of the principal, {partner}. Run this there with role: mirror. If that"
                " instance is gone, force: true makes this copy the principal and may lose data.",
                code="ask_the_principal",
                principal=partner,
            )
        if current["mirroring_state"] != "DISCONNECTED":
            raise Refused(
                f"The partner {partner} is still there (the session is"
                f" {current['mirroring_state']}); service is forced only when it is lost.",
                code="partner_alive",
                mirroring_state=current["mirroring_state"],
            )
        return [
            Step(
                name="force_service",
                why=f"The principal {partner} is lost; what it had not sent is lost with it.",
                sets={
                    "mirroring_role": "PRINCIPAL",
                    "database_state": "ONLINE",
                    "mirroring_state": LATER,
                },
                calls=(mirroring.force_service(self.database),),
                one_way=True,
                settles=self._switched("PRINCIPAL"),
            )
        ]

    def _switched(self, role: str) -> Settle[State]:
        return Settle(
            until=f"this copy is the {role.lower()}",
            holds=lambda state: (
                state["mirroring_role"] == role
                and (role == "PRINCIPAL" or state["mirroring_state"] == "SYNCHRONIZED")
            ),
            timeout=float(self.options["timeout"]),
        )
