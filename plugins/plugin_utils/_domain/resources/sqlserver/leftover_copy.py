"""A restoring copy that follows nobody any more. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from ...._engine.errors import Refused
from ...._engine.model import ArgumentSpec, Resource, Session, Step
from ...calls.tsql import catalog, restore
from ._copies import NO_COPY, CopyFacts, facts_of
from ._instance import (
    INSTANCE_OPTION,
    DatabaseOptions,
    database_row,
    database_scope,
    described,
)

LEFTOVER_COPY_SPEC: ArgumentSpec = {
    **INSTANCE_OPTION,
    "database": {"type": "str", "required": True},
}


class LeftoverCopyOptions(DatabaseOptions):
    """Which database."""


class LeftoverCopy(Resource[LeftoverCopyOptions, CopyFacts]):
    """Only a restoring copy that nobody feeds is ever dropped."""

    def __init__(self, options: LeftoverCopyOptions, host: str) -> None:
        self.scope = database_scope(options, host)
        self.database = options["database"]

    def read(self, session: Session) -> CopyFacts:
        """All None when there is no such database."""
        found = session.read(catalog.databases([self.database]))[0]
        return facts_of(database_row(found, self.database))

    def plan(self, current: CopyFacts) -> list[Step[CopyFacts]]:
        """Refused: no_leftover."""
        state = current["database_state"]
        if state is None:
            return []
        if state != "RESTORING" or current["mirroring_role"] is not None:
            raise Refused(
                f"{self.database} is {described(state, current['mirroring_role'])} here: it is no"
                " leftover and is not dropped.",
                code="no_leftover",
                database_state=state,
            )
        return [
            Step(
                name="drop_leftover",
                why=f"This copy of {self.database} follows nobody any more.",
                sets=dict(NO_COPY),
                calls=(restore.drop_leftover(self.database),),
                one_way=True,
            )
        ]
