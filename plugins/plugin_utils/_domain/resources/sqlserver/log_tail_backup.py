"""A copy stopped, with its last log saved. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from ...._engine.errors import Refused
from ...._engine.model import LATER, ArgumentSpec, Resource, Session, Step
from ...calls.tsql import backup, catalog, history, quote
from ..lync._pool import pool_scope
from ._copies import is_attempt
from ._instance import INSTANCE_OPTION, DatabaseOptions, database_row, database_scope, rows_of

LOG_TAIL_BACKUP_SPEC: ArgumentSpec = {
    **INSTANCE_OPTION,
    "database": {"type": "str", "required": True},
    "directory": {"type": "str", "required": True},
    "id": {"type": "str", "required": True},
    "pool": {"type": "str", "required": True},
    "kind": {"type": "str", "choices": ["tail", "old"], "default": "tail"},
    "holds_intent": {"type": "bool", "default": False},
}


class LogTailBackupOptions(DatabaseOptions):
    """``id``: of the attempt. ``kind``: tail, or old for the log of a copy that nobody follows.
    ``holds_intent``: this instance holds the record of the attempt, and the batch tests it.
    """

    directory: str
    id: str
    pool: str
    kind: str
    holds_intent: bool


class Tail(t.TypedDict):
    """A log backup by which a copy was stopped."""

    path: str
    first_lsn: str
    last_lsn: str
    uuid: str
    position: int


class LogTailBackupFacts(t.TypedDict):
    """``tail``: the one of this attempt."""

    database_state: str | None
    mirroring_role: str | None
    tail: Tail | None


class LogTailBackup(Resource[LogTailBackupOptions, LogTailBackupFacts]):
    """A copy that is stopped by this attempt, and the file with the last of its log."""

    def __init__(self, options: LogTailBackupOptions, host: str) -> None:
        self.options = options
        self.scope = database_scope(options, host)
        self.database = options["database"]
        pool_scope(options["pool"])
        if not is_attempt(options["id"]):
            raise Refused(
                f"id {options['id']!r} is not the id of an attempt: 32 hexadecimal digits.",
                code="bad_intent",
            )
        name = f"{options['id']}-{options['kind']}"
        folder = options["directory"].rstrip("\\")
        self.stamp = f"pchat {name}"
        self.path = f"{folder}\\{self.database}_{name}.trn"
        quote.path(self.path)

    def read(self, session: Session) -> LogTailBackupFacts:
        """The copy, and the newest log backup of this attempt's stamp."""
        found, taken = session.read(
            catalog.databases([self.database]), history.backups([self.database])
        )
        row = database_row(found, self.database)
        return {
            "database_state": row["database_state"],
            "mirroring_role": row["mirroring_role"],
            "tail": self._tail(rows_of(history.BackupRow, taken)),
        }

    def _tail(self, backups: Sequence[history.BackupRow]) -> Tail | None:
        for backup_set in reversed(backups):
            if backup_set["type"] == "L" and backup_set["stamp"] == self.stamp:
                return {
                    "path": backup_set["path"],
                    "first_lsn": backup_set["first_lsn"],
                    "last_lsn": backup_set["last_lsn"],
                    "uuid": backup_set["uuid"],
                    "position": backup_set["position"],
                }
        return None

    def plan(self, current: LogTailBackupFacts) -> list[Step[LogTailBackupFacts]]:
        """Refused: not_online, mirrored."""
        state = current["database_state"]
        if state == "RESTORING" and current["tail"] is not None:
            return []
        if state != "ONLINE":
            raise Refused(
                f"{self.database} is {state or 'absent'} here; only an online copy has a tail of"
                " the log to save.",
                code="not_online",
                database_state=state,
            )
        if current["mirroring_role"] is not None:
            raise Refused(
                f"{self.database} is mirrored; BACKUP LOG WITH NORECOVERY is not allowed then."
                " Remove the session first (mirroring, state: absent).",
                code="mirrored",
            )
        tail: Tail = {
            "path": self.path,
            "first_lsn": LATER,
            "last_lsn": LATER,
            "uuid": LATER,
            "position": 1,
        }
        attempt = ""
        if self.options["holds_intent"]:
            attempt = self.options["id"]
        return [
            Step(
                name="back_up_tail",
                why=(
                    "The last of the log is saved in the statement that stops this copy: nobody can"
                    " write to it any more."
                ),
                sets={"database_state": "RESTORING", "tail": tail},
                calls=(
                    backup.back_up_tail(
                        self.database, self.path, self.stamp, self.options["pool"], attempt
                    ),
                ),
                one_way=True,
                lasts=True,
            )
        ]
