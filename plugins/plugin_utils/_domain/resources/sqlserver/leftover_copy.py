"""A restoring copy that follows nobody any more. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from ...._engine.errors import Refused
from ...._engine.model import Resource, Session, State, Step
from ...calls.tsql import catalog, restore
from ._copies import FACTS, facts_of
from ._instance import INSTANCE_OPTION, database_row, database_scope

LEFTOVER_COPY_SPEC: State = {**INSTANCE_OPTION, "database": {"type": "str", "required": True}}


class LeftoverCopy(Resource[State, State]):
    """State: database_state, mirroring_role, redo_lsn. Only a restoring copy that nobody feeds is
    ever dropped.
    """

    def __init__(self, options: State, host: str) -> None:
        self.scope = database_scope(options, host)
        self.database = options["database"]

    def read(self, session: Session) -> State:
        return facts_of(
            database_row(session.read(catalog.databases([self.database]))[0], self.database)
        )

    def plan(self, current: State) -> list[Step[State]]:
        if current["database_state"] is None:
            return []
        if current["database_state"] != "RESTORING" or current["mirroring_role"] is not None:
            mirrored = " and mirrored" if current["mirroring_role"] else ""
            raise Refused(
                f"{self.database} is"
                f" {current['database_state']}{mirrored}"
                " here: it is no leftover and is not dropped.",
                code="no_leftover",
                database_state=current["database_state"],
            )
        return [
            Step(
                name="drop_leftover",
                why=f"This copy of {self.database} follows nobody any more.",
                sets=dict.fromkeys(FACTS),
                calls=(restore.drop_leftover(self.database),),
                one_way=True,
            )
        ]
