"""The switch of principals by Lync's own cmdlet. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from ...._engine.errors import Refused
from ...._engine.model import LATER, Resource, Session, Settle, State, Step
from ...calls import lync
from ._pool import pool_scope
from ._stores import DATABASE_OPTION, read_sides

MIRROR_PRINCIPAL_SPEC: State = {
    "pool": {"type": "str", "required": True},
    "database": DATABASE_OPTION,
    "principal": {"type": "str", "choices": ["primary", "mirror"], "required": True},
    "primary_sql": {"type": "str"},
    "mirror_sql": {"type": "str"},
    "expect_mirrored": {"type": "bool", "default": False},
    "force": {"type": "bool", "default": False},
    "timeout": {"type": "int", "default": 300},
}


class MirrorPrincipal(Resource[State, State]):
    """Which of the two partners is principal now, switched by Invoke-CsDatabaseFailover."""

    def __init__(self, options: State, host: str) -> None:
        self.options = options
        self.scope = f"{pool_scope(options['pool'])}/{options['database']}"

    def read(self, session: Session) -> State:
        return read_sides(session, self.options["pool"], self.options["database"])

    def plan(self, current: State) -> list[Step[State]]:
        o = self.options
        principal = current["principal"]
        assumed = False
        if principal is None:
            if not o["expect_mirrored"]:
                raise Refused(
                    f"{o['database']} of {o['pool']} is not mirrored, or neither partner answers;"
                    " there are no roles to switch.",
                    code="not_mirrored",
                )
            # Only a check run says expect_mirrored (the role passes ansible_check_mode): earlier
            # tasks of it would have mirrored the database.
            principal = "primary"
            assumed = True
        if principal == o["principal"]:
            return []
        if not assumed and not current["synchronized"] and not o["force"]:
            raise Refused(
                f"{o['database']} of {o['pool']} is not synchronized"
                f" ({', '.join(current['status']) or 'unknown'}); a switch would lose data or fail."
                " Wait until it is, or, if the principal is lost, force it.",
                code="not_synchronized",
                status=current["status"],
            )
        new, old = (
            (o["primary_sql"], o["mirror_sql"])
            if o["principal"] == "primary"
            else (o["mirror_sql"], o["primary_sql"])
        )
        also = {}
        if new and old:
            also = {
                f"sql/{new}/{o['database']}": {
                    "database_state": "ONLINE",
                    "mirroring_role": "PRINCIPAL",
                    "recovery_model": "FULL",
                },
                f"sql/{old}/{o['database']}": {
                    "database_state": "RESTORING",
                    "mirroring_role": "MIRROR",
                },
            }
        forced = o["force"] and not current["synchronized"]
        return [
            Step(
                name="switch_principal",
                why=(
                    f"The {principal} is principal of {o['database']}, and the {o['principal']} is"
                    " to be."
                ),
                sets={
                    "principal": o["principal"],
                    "synchronized": True if not forced else LATER,
                    "status": ["synchronized"] if not forced else LATER,
                },
                calls=(lync.fail_over_database(o["pool"], o["database"], o["principal"], forced),),
                one_way=forced,
                also=also,
                settles=Settle(
                    until=f"the {o['principal']} is principal"
                    + ("" if forced else " and synchronized"),
                    holds=lambda state: (
                        state["principal"] == o["principal"] and (forced or state["synchronized"])
                    ),
                    timeout=float(o["timeout"]),
                ),
            )
        ]
