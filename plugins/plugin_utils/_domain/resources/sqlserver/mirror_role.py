"""Which partner of a mirrored database is principal, seen at one instance.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

from ...._engine.errors import Refused
from ...._engine.model import LATER, ArgumentSpec, Resource, Session, Settle, Step
from ...calls.tsql import mirroring
from ._instance import INSTANCE_OPTION, DatabaseOptions, database_scope, split_address
from ._mirrored import (
    MirroringFacts,
    has_become_mirror,
    has_become_principal,
    read_database,
)

MIRROR_ROLE_SPEC: ArgumentSpec = {
    **INSTANCE_OPTION,
    "database": {"type": "str", "required": True},
    "role": {"type": "str", "choices": ["principal", "mirror"], "required": True},
    "force": {"type": "bool", "default": False},
    "timeout": {"type": "int", "default": 300},
}


class MirrorRoleOptions(DatabaseOptions):
    """``timeout``: seconds that a switch may take."""

    role: str
    force: bool
    timeout: int


class MirrorRole(Resource[MirrorRoleOptions, MirroringFacts]):
    """Which role this instance's copy has now; a switch is asked of the principal, force of the
    mirror.
    """

    def __init__(self, options: MirrorRoleOptions, host: str) -> None:
        self.options = options
        self.scope = database_scope(options, host)
        self.database = options["database"]

    def read(self, session: Session) -> MirroringFacts:
        """The session as this instance sees it."""
        return read_database(session, self.database)

    def plan(self, current: MirroringFacts) -> list[Step[MirroringFacts]]:
        """Refused: not_mirrored, not_synchronized, ask_the_principal, partner_alive."""
        role = current["mirroring_role"]
        if role is None:
            raise Refused(
                f"{self.database} is not mirrored on this instance, so there are no roles to"
                " switch.",
                code="not_mirrored",
            )
        if role == self.options["role"].upper():
            return []
        partner = split_address(str(current["mirroring_partner"]))
        if role == "PRINCIPAL":
            return [self._fail_over(current, partner)]
        return [self._force(current, partner)]

    def _fail_over(self, current: MirroringFacts, partner: str) -> Step[MirroringFacts]:
        state = current["mirroring_state"]
        safety = current["mirroring_safety"]
        if state != "SYNCHRONIZED" or safety != "FULL":
            raise Refused(
                f"The session is {state} with safety {safety}; roles switch without loss only when"
                " it is SYNCHRONIZED with safety FULL.",
                code="not_synchronized",
                mirroring_state=state,
            )
        return Step(
            name="fail_over",
            why=f"This copy of {self.database} is the principal and {partner} is to be.",
            sets={
                "mirroring_role": "MIRROR",
                "database_state": "RESTORING",
                "mirroring_state": "SYNCHRONIZED",
            },
            calls=(mirroring.fail_over(self.database),),
            settles=Settle(
                until="this copy is the mirror",
                holds=has_become_mirror,
                timeout=float(self.options["timeout"]),
            ),
            also={
                f"sql/{partner}/{self.database}": {
                    "mirroring_role": "PRINCIPAL",
                    "database_state": "ONLINE",
                }
            },
        )

    def _force(self, current: MirroringFacts, partner: str) -> Step[MirroringFacts]:
        if not self.options["force"]:
            raise Refused(
                f"This copy of {self.database} is the mirror; a role switch without loss must be"
                f" asked of the principal, {partner}. Run this there with role: mirror. If that"
                " instance is gone, force: true makes this copy the principal and may lose data.",
                code="ask_the_principal",
                principal=partner,
            )
        state = current["mirroring_state"]
        if state != "DISCONNECTED":
            raise Refused(
                f"The partner {partner} is still there (the session is {state}); service is forced"
                " only when it is lost.",
                code="partner_alive",
                mirroring_state=state,
            )
        return Step(
            name="force_service",
            why=f"The principal {partner} is lost; what it had not sent is lost with it.",
            sets={
                "mirroring_role": "PRINCIPAL",
                "database_state": "ONLINE",
                "mirroring_state": LATER,
            },
            calls=(mirroring.force_service(self.database),),
            one_way=True,
            settles=Settle(
                until="this copy is the principal",
                holds=has_become_principal,
                timeout=float(self.options["timeout"]),
            ),
        )
