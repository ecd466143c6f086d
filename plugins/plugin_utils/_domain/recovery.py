"""A copy put to work, stopped with its last log saved, or dropped when it follows nobody any more: the doors of an outage.
FOR INTERNAL COLLECTION USE ONLY.
"""
from __future__ import annotations

import re

from .._engine.errors import Refused
from .._engine.model import LATER, Record, Session, State, Step
from .calls import outage, quote, sql_read
from .pool import pool_scope
from .sql_common import INSTANCE_OPTION, database_row, database_scope, is_lsn

DATABASE_RECOVERY_SPEC: State = {
    **INSTANCE_OPTION,
    "database": {"type": "str", "required": True},
    "expect_lsn": {"type": "str", "required": True},
    "pool": {"type": "str", "required": True},
    "intent": {"type": "str", "default": ""},
}
LOG_TAIL_BACKUP_SPEC: State = {
    **INSTANCE_OPTION,
    "database": {"type": "str", "required": True},
    "directory": {"type": "str", "required": True},
    "id": {"type": "str", "required": True},
    "pool": {"type": "str", "required": True},
    "kind": {"type": "str", "choices": ["tail", "old"], "default": "tail"},
    "holds_intent": {"type": "bool", "default": False},
}
LEFTOVER_COPY_SPEC: State = {**INSTANCE_OPTION, "database": {"type": "str", "required": True}}
_FACTS = ("database_state", "mirroring_role", "redo_lsn")


def _facts(row: Record | None) -> State:
    return {k: (row or {}).get(k) for k in _FACTS}


def _is_tail(backup: Record) -> bool:
    return backup["type"] == "L" and bool(re.fullmatch(r"pchat [0-9a-f]{32}-tail", str(backup["stamp"])))


class DatabaseRecovery:
    """State: database_state, mirroring_role, redo_lsn, user_access, was_restored: by its recovery fork, by msdb's history, or because a
    tail of it was saved once."""

    def __init__(self, options: State, host: str) -> None:
        self.options, self.scope, self.database = options, database_scope(options, host), options["database"]
        pool_scope(options["pool"])
        if not is_lsn(options["expect_lsn"]):
            raise Refused(f"expect_lsn {options['expect_lsn']!r} is not an LSN: where the copy must stand before it may be recovered.", code="bad_lsn")
        if options["intent"] and not re.fullmatch(r"[0-9a-f]{32}", options["intent"]):
            raise Refused(f"intent {options['intent']!r} is not the id of an attempt: 32 hexadecimal digits.", code="bad_intent")

    def read(self, session: Session) -> State:
        found, history, taken = session.read(sql_read.databases([self.database]), sql_read.restores([self.database]), sql_read.backups([self.database]))
        row = database_row(found, self.database)
        forked = (row or {}).get("fork_point_lsn") is not None         # it was recovered, and no log of the new fork was backed up yet
        return {**_facts(row), "user_access": (row or {}).get("user_access"), "was_restored": forked or bool(history) or any(_is_tail(b) for b in taken)}

    def plan(self, current: State) -> list[Step]:
        o, state = self.options, current["database_state"]
        if state == "ONLINE" and current["was_restored"]:
            return self._opened(current)
        if state not in ("RESTORING", "STANDBY"):
            raise Refused(f"{self.database} is {state or 'absent'} here and was not restored; there is nothing to recover.", code="not_restoring",
                          database_state=state)
        if current["mirroring_role"] is not None:
            raise Refused(f"{self.database} is a mirror here; a mirror is never recovered by hand. Use mirror_failover.yml.", code="mirrored")
        known = LATER not in (current["redo_lsn"], o["expect_lsn"])
        if known and str(current["redo_lsn"]) != o["expect_lsn"]:
            raise Refused(f"{self.database} stands at LSN {current['redo_lsn']}, not at {o['expect_lsn']} as planned. Look again, then run again.",
                          code="other_position", redo_lsn=current["redo_lsn"])
        return [Step("recover_database", f"Nothing more can be applied after LSN {o['expect_lsn']}; from here on the copy has a history of its own.",
                     {"database_state": "ONLINE", "redo_lsn": None, "user_access": "MULTI_USER", "was_restored": True},
                     (outage.recover(self.database, o["expect_lsn"], o["pool"], o["intent"]),), one_way=True, lasts=True)]


    def _opened(self, current: State) -> list[Step]:
        """A run that was cut off may have left the copy that it put to work closed to its users."""
        if current.get("user_access") in (None, "MULTI_USER"):
            return []
        return [Step("open_database", f"{self.database} is in use and open to administrators only.", {"user_access": "MULTI_USER"},
                     (outage.open_copy(self.database),))]


class LogTailBackup:
    """State: database_state, mirroring_role, tail {path, first_lsn, last_lsn, uuid}|None (this attempt's)."""

    def __init__(self, options: State, host: str) -> None:
        self.options, self.scope, self.database = options, database_scope(options, host), options["database"]
        pool_scope(options["pool"])
        if not re.fullmatch(r"[0-9a-f]{32}", options["id"]):
            raise Refused(f"id {options['id']!r} is not the id of an attempt: 32 hexadecimal digits.", code="bad_intent")
        self.stamp = f"pchat {options['id']}-{options['kind']}"
        self.path = f"{options['directory'].rstrip(chr(92))}\\{self.database}_{options['id']}-{options['kind']}.trn"
        quote.path(self.path)

    def read(self, session: Session) -> State:
        found, taken = session.read(sql_read.databases([self.database]), sql_read.backups([self.database]))
        row = database_row(found, self.database)
        mine = next((r for r in reversed(taken) if r["type"] == "L" and r["stamp"] == self.stamp), None)
        return {**{k: _facts(row)[k] for k in ("database_state", "mirroring_role")},
                "tail": {k: mine[k] for k in ("path", "first_lsn", "last_lsn", "uuid", "position")} if mine else None}

    def plan(self, current: State) -> list[Step]:
        if current["database_state"] == "RESTORING" and current["tail"] is not None:
            return []
        if current["database_state"] != "ONLINE":
            raise Refused(f"{self.database} is {current['database_state'] or 'absent'} here; only an online copy has a tail of the log to save.",
                          code="not_online", database_state=current["database_state"])
        if current["mirroring_role"] is not None:
            raise Refused(f"{self.database} is mirrored; BACKUP LOG WITH NORECOVERY is not allowed then. Remove the session first (mirroring, state: absent).",
                          code="mirrored")
        tail = {"path": self.path, "first_lsn": LATER, "last_lsn": LATER, "uuid": LATER, "position": 1}
        attempt = self.options["id"] if self.options["holds_intent"] else ""
        return [Step("back_up_tail", "The last of the log is saved in the statement that stops this copy: nobody can write to it any more.",
                     {"database_state": "RESTORING", "tail": tail},
                     (outage.back_up_tail(self.database, self.path, self.stamp, self.options["pool"], attempt),), one_way=True,
                     lasts=True)]


class LeftoverCopy:
    """State: database_state, mirroring_role, redo_lsn. Only a restoring copy that nobody feeds is ever dropped."""

    def __init__(self, options: State, host: str) -> None:
        self.scope, self.database = database_scope(options, host), options["database"]

    def read(self, session: Session) -> State:
        return _facts(database_row(session.read(sql_read.databases([self.database]))[0], self.database))

    def plan(self, current: State) -> list[Step]:
        if current["database_state"] is None:
            return []
        if current["database_state"] != "RESTORING" or current["mirroring_role"] is not None:
            raise Refused(f"{self.database} is {current['database_state']}{' and mirrored' if current['mirroring_role'] else ''} here: it is no leftover "
                          "and is not dropped.", code="no_leftover", database_state=current["database_state"])
        return [Step("drop_leftover", f"This copy of {self.database} follows nobody any more.", dict.fromkeys(_FACTS),
                     (outage.drop_leftover(self.database),), one_way=True)]
