"""A copy stopped, with its last log saved. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import re

from ...._engine.errors import Refused
from ...._engine.model import LATER, Resource, Session, State, Step
from ...calls.tsql import backup, catalog, history, quote
from ..lync._pool import pool_scope
from ._copies import facts_of
from ._instance import INSTANCE_OPTION, database_row, database_scope

LOG_TAIL_BACKUP_SPEC: State = {
    **INSTANCE_OPTION,
    "database": {"type": "str", "required": True},
    "directory": {"type": "str", "required": True},
    "id": {"type": "str", "required": True},
    "pool": {"type": "str", "required": True},
    "kind": {"type": "str", "choices": ["tail", "old"], "default": "tail"},
    "holds_intent": {"type": "bool", "default": False},
}


class LogTailBackup(Resource[State, State]):
    """State: database_state, mirroring_role, tail {path, first_lsn, last_lsn, uuid}|None (this
    attempt's).
    """

    def __init__(self, options: State, host: str) -> None:
        self.options = options
        self.scope = database_scope(options, host)
        self.database = options["database"]
        pool_scope(options["pool"])
        if not re.fullmatch(r"[0-9a-f]{32}", options["id"]):
            raise Refused(
                f"id {options['id']!r} is not the id of an attempt: 32 hexadecimal digits.",
                code="bad_intent",
            )
        self.stamp = f"pchat {options['id']}-{options['kind']}"
        folder = options["directory"].rstrip("\\")
        self.path = f"{folder}\\{self.database}_{options['id']}-{options['kind']}.trn"
        quote.path(self.path)

    def read(self, session: Session) -> State:
        found, taken = session.read(
            catalog.databases([self.database]), history.backups([self.database])
        )
        row = database_row(found, self.database)
        mine = next(
            (r for r in reversed(taken) if r["type"] == "L" and r["stamp"] == self.stamp), None
        )
        return {
            **{k: facts_of(row)[k] for k in ("database_state", "mirroring_role")},
            "tail": (
                {k: mine[k] for k in ("path", "first_lsn", "last_lsn", "uuid", "position")}
                if mine
                else None
            ),
        }

    def plan(self, current: State) -> list[Step[State]]:
        if current["database_state"] == "RESTORING" and current["tail"] is not None:
            return []
        if current["database_state"] != "ONLINE":
            raise Refused(
                f"{self.database} is {current['database_state'] or 'absent'} here; only an online"
                " copy has a tail of the log to save.",
                code="not_online",
                database_state=current["database_state"],
            )
        if current["mirroring_role"] is not None:
            raise Refused(
                f"{self.database} is mirrored; BACKUP LOG WITH NORECOVERY is not allowed then."
                " Remove the session first (mirroring, state: absent).",
                code="mirrored",
            )
        tail = {
            "path": self.path,
            "first_lsn": LATER,
            "last_lsn": LATER,
            "uuid": LATER,
            "position": 1,
        }
        attempt = self.options["id"] if self.options["holds_intent"] else ""
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
