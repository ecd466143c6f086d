"""A copy put to work: the door of a failover. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import re

from ...._engine.errors import Refused
from ...._engine.model import LATER, Resource, Session, State, Step
from ...calls.tsql import catalog, recovery
from ...calls.tsql import history as history_calls
from ..lync._pool import pool_scope
from ._copies import facts_of, is_tail
from ._instance import INSTANCE_OPTION, database_row, database_scope, is_lsn

DATABASE_RECOVERY_SPEC: State = {
    **INSTANCE_OPTION,
    "database": {"type": "str", "required": True},
    "expect_lsn": {"type": "str", "required": True},
    "pool": {"type": "str", "required": True},
    "intent": {"type": "str", "default": ""},
}


class DatabaseRecovery(Resource[State, State]):
    """State: database_state, mirroring_role, redo_lsn, user_access, was_restored: by its recovery
    fork, by msdb's history, or because a tail of it was saved once.
    """

    def __init__(self, options: State, host: str) -> None:
        self.options = options
        self.scope = database_scope(options, host)
        self.database = options["database"]
        pool_scope(options["pool"])
        if not is_lsn(options["expect_lsn"]):
            raise Refused(
                f"expect_lsn {options['expect_lsn']!r} is not an LSN: where the copy must stand"
                " before it may be recovered.",
                code="bad_lsn",
            )
        if options["intent"] and not re.fullmatch(r"[0-9a-f]{32}", options["intent"]):
            raise Refused(
                f"intent {options['intent']!r} is not the id of an attempt: 32 hexadecimal digits.",
                code="bad_intent",
            )

    def read(self, session: Session) -> State:
        found, history, taken = session.read(
            catalog.databases([self.database]),
            history_calls.restores([self.database]),
            history_calls.backups([self.database]),
        )
        row = database_row(found, self.database)
        # it was recovered, and no log of the new fork was backed up yet
        forked = (row or {}).get("fork_point_lsn") is not None
        return {
            **facts_of(row),
            "user_access": (row or {}).get("user_access"),
            "was_restored": forked or bool(history) or any(is_tail(b) for b in taken),
        }

    def plan(self, current: State) -> list[Step[State]]:
        o = self.options
        state = current["database_state"]
        if state == "ONLINE" and current["was_restored"]:
            return self._opened(current)
        if state not in ("RESTORING", "STANDBY"):
            raise Refused(
                f"{self.database} is {state or 'absent'} here and was not restored; there is"
                " nothing to recover.",
                code="not_restoring",
                database_state=state,
            )
        if current["mirroring_role"] is not None:
            raise Refused(
                f"{self.database} is a mirror here; a mirror is never recovered by hand. Use"
                " mirror_failover.yml.",
                code="mirrored",
            )
        known = LATER not in (current["redo_lsn"], o["expect_lsn"])
        if known and str(current["redo_lsn"]) != o["expect_lsn"]:
            raise Refused(
                f"{self.database} stands at LSN {current['redo_lsn']}, not at {o['expect_lsn']} as"
                " planned. Look again, then run again.",
                code="other_position",
                redo_lsn=current["redo_lsn"],
            )
        return [
            Step(
                name="recover_database",
                why=(
                    f"Nothing more can be applied after LSN {o['expect_lsn']}; from here on the"
                    " copy has a history of its own."
                ),
                sets={
                    "database_state": "ONLINE",
                    "redo_lsn": None,
                    "user_access": "MULTI_USER",
                    "was_restored": True,
                },
                calls=(recovery.recover(self.database, o["expect_lsn"], o["pool"], o["intent"]),),
                one_way=True,
                lasts=True,
            )
        ]

    def _opened(self, current: State) -> list[Step[State]]:
        """A run that was cut off may have left the copy that it put to work closed to its users."""
        if current.get("user_access") in (None, "MULTI_USER"):
            return []
        return [
            Step(
                name="open_database",
                why=f"{self.database} is in use and open to administrators only.",
                sets={"user_access": "MULTI_USER"},
                calls=(recovery.open_copy(self.database),),
            )
        ]
