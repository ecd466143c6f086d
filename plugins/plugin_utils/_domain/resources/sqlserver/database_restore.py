"""A copy of a database that descends from a chain of backups and waits for more.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from ...._engine.errors import Refused
from ...._engine.model import LATER, ArgumentSpec, Resource, Session, Step
from ...calls.tsql import backup_files, catalog, history, intent, log_shipping, restore
from . import _places
from ._instance import (
    INSTANCE_OPTION,
    WAITS_FOR_LOG,
    DatabaseOptions,
    database_row,
    database_scope,
    rows_of,
)

DATABASE_RESTORE_SPEC: ArgumentSpec = {
    **INSTANCE_OPTION,
    "database": {"type": "str", "required": True},
    "chain": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "path": {"type": "str", "required": True},
            "position": {"type": "int", "default": 1},
            "type": {"type": "str", "choices": ["full", "log"], "required": True},
            "first_lsn": {"type": "str"},
            "last_lsn": {"type": "str"},
            "uuid": {"type": "str"},
            "family": {"type": "str"},
        },
    },
    "replace": {"type": "bool", "default": False},
    "replace_recovered": {"type": "bool", "default": False},
    "verify": {"type": "bool", "default": False},
    "move": {"type": "dict", "default": {}},
    "files": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "type": {
                "type": "str",
                "choices": ["ROWS", "LOG", "FILESTREAM", "FULLTEXT"],
                "default": "ROWS",
            },
            "path": {"type": "str", "required": True},
        },
    },
}


class ChainOption(t.TypedDict):
    """A backup of the chain. ``type``: full or log; LSNs and ids as its header tells them."""

    path: str
    position: int
    type: str
    first_lsn: str | None
    last_lsn: str | None
    uuid: str | None
    family: str | None


class DatabaseRestoreOptions(DatabaseOptions):
    """``chain``: a full backup and logs, in order. ``move``: logical name -> path. ``files``: of
    the database that was backed up.
    """

    chain: list[ChainOption]
    replace: bool
    replace_recovered: bool
    verify: bool
    move: dict[str, str]
    files: list[_places.BackedUpFile]


class DatabaseRestoreFacts(t.TypedDict):
    """A copy that is, or is to be, restored.

    ``restored``: ids of the backup sets that a copy has which waits for log, since the last full
    one. ``redo_lsn``: where such a copy stands. ``was_recovered``: online, and restored since it
    was made, or put to work by a failover as our record says. ``moves``: logical name -> path, of a
    full restore that is to come: files that cannot lie where the backup has them.
    """

    database_state: str | None
    mirroring_role: str | None
    sessions: int
    is_log_shipping_secondary: bool
    restored: list[str]
    redo_lsn: str | None
    family: str | None
    was_recovered: bool
    moves: dict[str, str]


class DatabaseRestore(Resource[DatabaseRestoreOptions, DatabaseRestoreFacts]):
    """A copy with everything that a chain of backups holds."""

    def __init__(self, options: DatabaseRestoreOptions, host: str) -> None:
        self.options = options
        self.scope = database_scope(options, host)
        self.database = options["database"]
        self.chain = options["chain"]
        if not _is_chain(self.chain):
            raise Refused(
                "chain must be one full backup followed by log backups, in order.", code="bad_chain"
            )
        self.files = _places.from_options(options["files"] or [])

    def read(self, session: Session) -> DatabaseRestoreFacts:
        """The copy and its history; a second look for places if the full backup is to come."""
        found, history_rows, linked, record_rows = session.read(
            catalog.databases([self.database]),
            history.restores([self.database]),
            log_shipping.secondaries([self.database]),
            intent.records(),
        )
        row = database_row(found, self.database)
        restores = rows_of(history.RestoreRow, history_rows)
        restored: list[str] = []
        redo_lsn = None
        if row["database_state"] in WAITS_FOR_LOG:
            restored = _since_the_last_full(restores)
            redo_lsn = row["redo_lsn"]
        was_restored = bool(restores) or _is_on_record(
            row["recovery_fork"], rows_of(intent.RecordRow, record_rows)
        )
        facts: DatabaseRestoreFacts = {
            "database_state": row["database_state"],
            "mirroring_role": row["mirroring_role"],
            "sessions": row["sessions"] or 0,
            "is_log_shipping_secondary": bool(linked),
            "restored": restored,
            "redo_lsn": redo_lsn,
            "family": row["family"],
            "was_recovered": row["database_state"] == "ONLINE" and was_restored,
            "moves": {},
        }
        if not self._has_the_full(facts):
            facts["moves"] = self._moves(session)
        return facts

    def _has_the_full(self, facts: DatabaseRestoreFacts) -> bool:
        """Whether the copy that waits for log descends from the chain's full backup."""
        if facts["database_state"] not in WAITS_FOR_LOG or not facts["restored"]:
            return False
        return facts["restored"][0] == self.chain[0].get("uuid")

    def _moves(self, session: Session) -> dict[str, str]:
        """Without the source's files only what was declared is known."""
        if not self.files:
            return dict(self.options["move"])
        here = _places.read_here(session, self.database, self.files)
        return _places.moves(self.files, here, self.options["move"])

    def plan(self, current: DatabaseRestoreFacts) -> list[Step[DatabaseRestoreFacts]]:
        """Refused: mirrored, would_overwrite."""
        missing = self._missing(current)
        if not missing:
            return []
        if current["mirroring_role"] is not None:
            raise _mirrored(self.database, current["mirroring_role"])
        steps: list[Step[DatabaseRestoreFacts]] = []
        done = list(current["restored"])
        for link in missing:
            if link["type"] == "full":
                done = [_id_of(link)]
                steps += self._begin_anew(link, current)
            else:
                done = [*done, _id_of(link)]
                steps.append(self._restore_log(link, done))
        return steps

    def _missing(self, current: DatabaseRestoreFacts) -> list[ChainOption]:
        """The whole chain, unless the copy descends from its full backup."""
        if not self._has_the_full(current):
            return self.chain
        return [link for link in self.chain if _is_missing(link, current)]

    def _begin_anew(
        self, full: ChainOption, current: DatabaseRestoreFacts
    ) -> list[Step[DatabaseRestoreFacts]]:
        self._may_overwrite(current)
        steps = [self._restore_full(full, current)]
        if self.options["verify"] and current["database_state"] is not None:
            steps.insert(0, self._verify(full))
        return steps

    def _verify(self, full: ChainOption) -> Step[DatabaseRestoreFacts]:
        return Step(
            name="verify_backup",
            why=(
                f"The copy of {self.database} that is there stays until {full['path']} is known to"
                " be whole."
            ),
            sets={},
            calls=(backup_files.verify(full["path"], full["position"]),),
            lasts=True,
        )

    def _restore_full(
        self, full: ChainOption, current: DatabaseRestoreFacts
    ) -> Step[DatabaseRestoreFacts]:
        is_there = current["database_state"] is not None
        call = restore.restore_full(
            self.database,
            full["path"],
            full["position"],
            seen=current["database_state"],
            replace=is_there,
            moves=current["moves"],
        )
        return Step(
            name="restore_database",
            why=self._why(current),
            sets={
                "database_state": "RESTORING",
                "restored": [_id_of(full)],
                "redo_lsn": LATER,
                "sessions": 0,
                "family": LATER,
            },
            calls=(call,),
            one_way=is_there,
            lasts=True,
        )

    def _restore_log(self, link: ChainOption, done: list[str]) -> Step[DatabaseRestoreFacts]:
        return Step(
            name="restore_log",
            why=f"{link['path']} holds log that this copy does not have.",
            sets={"restored": list(done), "redo_lsn": LATER},
            calls=(restore.restore_log(self.database, link["path"], link["position"]),),
            lasts=True,
        )

    def _why(self, current: DatabaseRestoreFacts) -> str:
        why = f"There is no copy of {self.database} here."
        if current["database_state"] is not None:
            why = (
                f"The {current['database_state'].lower()} copy of {self.database} here does not"
                " descend from this backup; it is replaced."
            )
        for name, path in sorted(current["moves"].items()):
            why += f" {name} goes to {path}."
        return why

    def _may_overwrite(self, current: DatabaseRestoreFacts) -> None:
        state = current["database_state"]
        if state is None:
            return
        if not self.options["replace"]:
            raise _not_allowed(self.database, state)
        if current["sessions"]:
            raise _in_use(self.database, current["sessions"])
        if state == "ONLINE" and not self.options["replace_recovered"]:
            is_related = self._is_related(current["family"])
            if is_related or current["was_recovered"]:
                raise _maybe_at_work(self.database, is_related)
        if state != "ONLINE" and state not in WAITS_FOR_LOG:
            raise _broken(self.database, state)

    def _is_related(self, family: str | None) -> bool:
        return family is not None and family == self.chain[0].get("family")


def _is_chain(chain: Sequence[ChainOption]) -> bool:
    kinds = [link["type"] for link in chain]
    return bool(kinds) and kinds == ["full", *["log"] * (len(kinds) - 1)]


def _id_of(link: ChainOption) -> str:
    return link.get("uuid") or LATER


def _is_on_record(fork: str | None, records: Sequence[intent.RecordRow]) -> bool:
    """Whether a failover of ours opened the copy that is on this recovery fork."""
    if fork is None:
        return False
    for record in records:
        is_ours = str(record["name"]).lower().startswith(intent.PUT_TO_WORK)
        if is_ours and fork in str(record["value"]):
            return True
    return False


def _is_missing(link: ChainOption, current: DatabaseRestoreFacts) -> bool:
    if link.get("uuid") in current["restored"]:
        return False
    return not _has_passed(link, current["redo_lsn"])


def _has_passed(link: ChainOption, redo_lsn: str | None) -> bool:
    """The copy has this log without having restored it: a mirror is sent what it needs. SQL Server
    would refuse it (4326).
    """
    last_lsn = str(link.get("last_lsn"))
    if link["type"] != "log" or not last_lsn.isdigit():
        return False
    return redo_lsn is not None and redo_lsn.isdigit() and int(last_lsn) <= int(redo_lsn)


def _since_the_last_full(restores: Sequence[history.RestoreRow]) -> list[str]:
    """Backup set ids of the newest full restore and the logs after it; none without a full one."""
    since: list[str] = []
    has_full = False
    for restored in restores:
        if restored["type"] == "D":
            since = []
            has_full = True
        since.append(restored["uuid"])
    if not has_full:
        return []
    return since


def _mirrored(database: str, role: str) -> Refused:
    return Refused(
        f"{database} is mirrored on this instance; nothing can be restored into it. Remove the"
        " session first if it is not wanted.",
        code="mirrored",
        mirroring_role=role,
    )


def _not_allowed(database: str, state: str) -> Refused:
    return Refused(
        f"{database} exists here ({state}) and would be overwritten. Look at it; if it may go, say"
        " replace: true.",
        code="would_overwrite",
        database_state=state,
    )


def _in_use(database: str, sessions: int) -> Refused:
    return Refused(
        f"{database} is in use here ({sessions} sessions); it is not overwritten. Find out who uses"
        " it.",
        code="would_overwrite",
        sessions=sessions,
    )


def _maybe_at_work(database: str, is_related: bool) -> Refused:
    kin = ""
    if is_related:
        kin = " (it is of the same family as the backup, although it is online)"
    return Refused(
        f"{database} was restored and recovered on this instance, so it may be the copy that a"
        f" failover put to work{kin}. It is not overwritten. If the pool runs on it, use the"
        " failback; if it is left over, drop it yourself.",
        code="would_overwrite",
    )


def _broken(database: str, state: str) -> Refused:
    return Refused(
        f"{database} is {state} here; find out why before it is overwritten.",
        code="would_overwrite",
        database_state=state,
    )
