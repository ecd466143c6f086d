"""A copy put to work: the door of a failover. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from ...._engine.errors import Refused
from ...._engine.model import LATER, ArgumentSpec, Resource, Session, Step
from ...calls.tsql import catalog, history, recovery
from ...calls.tsql.history import BackupRow
from ..lync._pool import pool_scope
from ._copies import CopyFacts, facts_of, is_attempt, is_tail
from ._instance import (
    INSTANCE_OPTION,
    WAITS_FOR_LOG,
    DatabaseOptions,
    database_row,
    database_scope,
    is_lsn,
    rows_of,
)

DATABASE_RECOVERY_SPEC: ArgumentSpec = {
    **INSTANCE_OPTION,
    "database": {"type": "str", "required": True},
    "expect_lsn": {"type": "str", "default": ""},
    "pool": {"type": "str", "required": True},
    "intent": {"type": "str", "default": ""},
}


class DatabaseRecoveryOptions(DatabaseOptions):
    """``expect_lsn``: where the copy must stand; '' of one that is in use, which is opened only.
    ``intent``: id of the attempt, '' when this instance does not hold the record.
    """

    expect_lsn: str
    pool: str
    intent: str


class DatabaseRecoveryFacts(CopyFacts):
    """``was_restored``: by its recovery fork, by msdb's history, or because a tail of it was saved
    once.
    """

    user_access: str | None
    was_restored: bool


class DatabaseRecovery(Resource[DatabaseRecoveryOptions, DatabaseRecoveryFacts]):
    """A copy that is recovered and open to its users."""

    def __init__(self, options: DatabaseRecoveryOptions, host: str) -> None:
        self.options = options
        self.scope = database_scope(options, host)
        self.database = options["database"]
        pool_scope(options["pool"])
        if options["expect_lsn"] and not is_lsn(options["expect_lsn"]):
            raise Refused(
                f"expect_lsn {options['expect_lsn']!r} is not an LSN: where the copy must stand"
                " before it may be recovered.",
                code="bad_lsn",
            )
        if options["intent"] and not is_attempt(options["intent"]):
            raise Refused(
                f"intent {options['intent']!r} is not the id of an attempt: 32 hexadecimal digits.",
                code="bad_intent",
            )

    def read(self, session: Session) -> DatabaseRecoveryFacts:
        """The copy, and whether it was ever restored."""
        found, restores, taken = session.read(
            catalog.databases([self.database]),
            history.restores([self.database]),
            history.backups([self.database]),
        )
        row = database_row(found, self.database)
        # it was recovered, and no log of the new fork was backed up yet
        is_forked = row.get("fork_point_lsn") is not None
        had_tail = any(map(is_tail, rows_of(BackupRow, taken)))
        return {
            **facts_of(row),
            "user_access": row.get("user_access"),
            "was_restored": is_forked or bool(restores) or had_tail,
        }

    def plan(self, current: DatabaseRecoveryFacts) -> list[Step[DatabaseRecoveryFacts]]:
        """Refused: not_online, not_restoring, mirrored, other_position."""
        state = current["database_state"]
        if not self.options["expect_lsn"]:
            return self._opened_only(current)
        if state == "ONLINE" and current["was_restored"]:
            return self._opened(current)
        if state not in WAITS_FOR_LOG:
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
        self._must_stand_as_planned(current["redo_lsn"])
        return [self._recover()]

    def _opened_only(self, current: DatabaseRecoveryFacts) -> list[Step[DatabaseRecoveryFacts]]:
        """Whether or not it was ever restored: somebody closed it, or a run that was cut off before
        it saved a tail.
        """
        state = current["database_state"]
        if state != "ONLINE":
            raise Refused(
                f"{self.database} is {state or 'absent'} here, and only a copy that is in use is"
                " opened to its users. Look again; to recover a copy, say where it must stand"
                " (expect_lsn).",
                code="not_online",
                database_state=state,
            )
        return self._opened(current)

    def _must_stand_as_planned(self, redo_lsn: str | None) -> None:
        planned = self.options["expect_lsn"]
        if LATER in (redo_lsn, planned) or str(redo_lsn) == planned:
            return
        raise Refused(
            f"{self.database} stands at LSN {redo_lsn}, not at {planned} as planned. Look again,"
            " then run again.",
            code="other_position",
            redo_lsn=redo_lsn,
        )

    def _recover(self) -> Step[DatabaseRecoveryFacts]:
        lsn = self.options["expect_lsn"]
        call = recovery.recover(self.database, lsn, self.options["pool"], self.options["intent"])
        return Step(
            name="recover_database",
            why=(
                f"Nothing more can be applied after LSN {lsn}; from here on the copy has a history"
                " of its own."
            ),
            sets={
                "database_state": "ONLINE",
                "redo_lsn": None,
                "user_access": "MULTI_USER",
                "was_restored": True,
            },
            calls=(call,),
            one_way=True,
            lasts=True,
        )

    def _opened(self, current: DatabaseRecoveryFacts) -> list[Step[DatabaseRecoveryFacts]]:
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
