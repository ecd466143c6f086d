"""A copy of a database that descends from a chain of backups and waits for more.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

from ...._engine.errors import Refused
from ...._engine.model import LATER, Record, Resource, Session, State, Step
from ...calls.tsql import backup_files, catalog, intent, log_shipping, restore
from ...calls.tsql import history as history_calls
from . import _places
from ._instance import INSTANCE_OPTION, database_row, database_scope

DATABASE_RESTORE_SPEC: State = {
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


class DatabaseRestore(Resource[State, State]):
    """State: database_state, mirroring_role, sessions, is_log_shipping_secondary, restored [backup
    set ids since the last full], redo_lsn (where a restoring copy stands), family, was_recovered
    (online, and restored since it was made, or put to work by a failover as our record says), moves
    {logical name: path} (of a full restore that is to come: files that cannot lie where the backup
    has them).
    """

    def __init__(self, options: State, host: str) -> None:
        self.options = options
        self.scope = database_scope(options, host)
        self.database: str = options["database"]
        self.chain: list[State] = options["chain"]
        if (
            not self.chain
            or self.chain[0]["type"] != "full"
            or any(link["type"] != "log" for link in self.chain[1:])
        ):
            raise Refused(
                "chain must be one full backup followed by log backups, in order.", code="bad_chain"
            )
        self.files = _places.from_options(options["files"] or [])

    def read(self, session: Session) -> State:
        found, history, linked, records = session.read(
            catalog.databases([self.database]),
            history_calls.restores([self.database]),
            log_shipping.secondaries([self.database]),
            intent.records(),
        )
        row = database_row(found, self.database) or {}
        waits = row.get("database_state") in ("RESTORING", "STANDBY")
        restored = _since_the_last_full(history)
        state: State = {
            "database_state": row.get("database_state"),
            "mirroring_role": row.get("mirroring_role"),
            "sessions": row.get("sessions") or 0,
            "is_log_shipping_secondary": bool(linked),
            "restored": restored if waits else [],
            "redo_lsn": row.get("redo_lsn") if waits else None,
            "family": row.get("family"),
            "was_recovered": (
                row.get("database_state") == "ONLINE"
                and (bool(history) or _is_on_record(row.get("recovery_fork"), records))
            ),
        }
        state["moves"] = {} if self._has_the_full(state) else self._moves(session)
        return state

    def _has_the_full(self, state: State) -> bool:
        """Whether the copy that waits for log descends from the chain's full backup."""
        waits = state["database_state"] in ("RESTORING", "STANDBY")
        return (
            waits and bool(state["restored"]) and state["restored"][0] == self.chain[0].get("uuid")
        )

    def _moves(self, session: Session) -> dict[str, str]:
        """Without the source's files only what was declared is known."""
        if not self.files:
            return dict(self.options["move"])
        return _places.moves(
            self.files, _places.read_here(session, self.database, self.files), self.options["move"]
        )

    def plan(self, current: State) -> list[Step[State]]:
        have = current["restored"]
        usable = self._has_the_full(current)
        missing = (
            [
                link
                for link in self.chain
                if link.get("uuid") not in have and not _passed(link, current["redo_lsn"])
            ]
            if usable
            else self.chain
        )
        if not missing:
            return []
        if current["mirroring_role"] is not None:
            raise Refused(
                f"{self.database} is mirrored on this instance; nothing can be restored into it."
                " Remove the session first if it is not wanted.",
                code="mirrored",
                mirroring_role=current["mirroring_role"],
            )
        steps: list[Step[State]] = []
        done = list(have) if usable else []
        if missing[0]["type"] == "full":
            self._may_overwrite(current)
            done = [missing[0].get("uuid") or LATER]
            if self.options["verify"] and current["database_state"] is not None:
                steps.append(
                    Step(
                        name="verify_backup",
                        why=(
                            f"The copy of {self.database} that is there stays until"
                            f" {missing[0]['path']} is known to be whole."
                        ),
                        sets={},
                        calls=(backup_files.verify(missing[0]["path"], missing[0]["position"]),),
                        lasts=True,
                    )
                )
            steps.append(
                Step(
                    name="restore_database",
                    why=self._why(current),
                    sets={
                        "database_state": "RESTORING",
                        "restored": list(done),
                        "redo_lsn": LATER,
                        "sessions": 0,
                        "family": LATER,
                    },
                    calls=(
                        restore.restore_full(
                            self.database,
                            missing[0]["path"],
                            missing[0]["position"],
                            seen=current["database_state"],
                            replace=current["database_state"] is not None,
                            moves=current["moves"],
                        ),
                    ),
                    one_way=current["database_state"] is not None,
                    lasts=True,
                )
            )
        for link in missing:
            if link["type"] == "log":
                done = [*done, link.get("uuid") or LATER]
                steps.append(
                    Step(
                        name="restore_log",
                        why=f"{link['path']} holds log that this copy does not have.",
                        sets={"restored": list(done), "redo_lsn": LATER},
                        calls=(restore.restore_log(self.database, link["path"], link["position"]),),
                        lasts=True,
                    )
                )
        return steps

    def _why(self, current: State) -> str:
        moved = "".join(
            f" {name} goes to {path}." for name, path in sorted(current["moves"].items())
        )
        if current["database_state"] is None:
            return f"There is no copy of {self.database} here.{moved}"
        return (
            f"The {current['database_state'].lower()} copy of {self.database} here does not descend"
            f" from this backup; it is replaced.{moved}"
        )

    def _may_overwrite(self, current: State) -> None:
        state = current["database_state"]
        if state is None:
            return
        if not self.options["replace"]:
            raise Refused(
                f"{self.database} exists here ({state}) and would be overwritten. Look at it; if it"
                " may go, say replace: true.",
                code="would_overwrite",
                database_state=state,
            )
        if current["sessions"]:
            raise Refused(
                f"{self.database} is in use here ({current['sessions']} sessions); it is not"
                " overwritten. Find out who uses it.",
                code="would_overwrite",
                sessions=current["sessions"],
            )
        related = current["family"] is not None and current["family"] == self.chain[0].get("family")
        if (
            state == "ONLINE"
            and (related or current["was_recovered"])
            and not self.options["replace_recovered"]
        ):
            kin = ""
            if related:
                kin = " (it is of the same family as the backup, although it is online)"
            raise Refused(
                f"{self.database} was restored and recovered on this instance, so it may be the"
                f" copy that a failover put to work{kin}."
                " It is not overwritten. If the pool runs on it, use the failback; if it is left"
                " over, drop it yourself.",
                code="would_overwrite",
            )
        if state not in ("ONLINE", "RESTORING", "STANDBY"):
            raise Refused(
                f"{self.database} is {state} here; find out why before it is overwritten.",
                code="would_overwrite",
                database_state=state,
            )


def _is_on_record(fork: str | None, records: list[Record]) -> bool:
    """Whether a failover of ours opened the copy that is on this recovery fork."""
    return fork is not None and any(
        str(r["name"]).lower().startswith(intent.PUT_TO_WORK) and fork in str(r["value"])
        for r in records
    )


def _passed(link: State, redo_lsn: str | None) -> bool:
    """The copy has this log without having restored it: a mirror is sent what it needs. SQL Server
    would refuse it (4326).
    """
    known = [str(lsn) for lsn in (link.get("last_lsn"), redo_lsn)]
    return (
        link["type"] == "log"
        and all(lsn.isdigit() for lsn in known)
        and int(known[0]) <= int(known[1])
    )


def _since_the_last_full(history: list[Record]) -> list[str]:
    """Backup set ids of the newest full restore and the logs after it."""
    last = max((n for n, row in enumerate(history) if row["type"] == "D"), default=None)
    return [] if last is None else [row["uuid"] for row in history[last:]]
