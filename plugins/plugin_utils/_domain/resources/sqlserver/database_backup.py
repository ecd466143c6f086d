"""A stamped backup of a database and the unbroken chain of log backups since.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import re

from ...._engine.errors import Refused
from ...._engine.model import LATER, Record, Resource, Session, State, Step
from ...calls.tsql import backup, catalog, history, quote
from ._instance import INSTANCE_OPTION, database_row, database_scope, is_lsn
from ._places import files_of

DATABASE_BACKUP_SPEC: State = {
    **INSTANCE_OPTION,
    "database": {"type": "str", "required": True},
    "directory": {"type": "str", "required": True},
    "stamp": {"type": "str", "required": True},
    "log": {"type": "bool", "default": True},
    "copy_only": {"type": "bool", "default": False},
    "checksum": {"type": "bool", "default": True},
    "max_age": {"type": "int", "default": 1440},
    "manage_recovery_model": {"type": "bool", "default": False},
    "covers": {"type": "str", "default": ""},
}
#: backupmediafamily.device_type of a file, and of a file by a backup device.
_DISK = (2, 102)


class DatabaseBackup(Resource[State, State]):
    """State: database_state, recovery_model, last_log_backup_lsn, chain [{path, position, type,
    first_lsn, last_lsn, uuid}] (the stamped full backup and every log backup since, whoever took
    it), files [{name, type, path}], chain_is_fresh.
    """

    def __init__(self, options: State, host: str) -> None:
        self.wide = database_scope(options, host)
        self.options = options
        self.scope = f"{self.wide}/backup {options['stamp']}".lower()
        self.also_scopes = (self.wide,)
        self.database: str = options["database"]
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", options["stamp"]):
            raise Refused(
                f"stamp {options['stamp']!r}: it goes into a file name; use up to 40 letters,"
                " digits, _ and -.",
                code="bad_name",
            )
        self.base = f"{options['directory'].rstrip(chr(92))}\\{self.database}_{options['stamp']}"
        quote.path(self.base + ".bak")
        if options["covers"] and not is_lsn(options["covers"]):
            raise Refused(
                f"covers {options['covers']!r} is not an LSN: where the full backup must not end"
                " before.",
                code="bad_lsn",
            )
        self.stamp = f"pchat {options['stamp']}"

    def read(self, session: Session) -> State:
        found, taken, files = session.read(
            catalog.databases([self.database]), history.backups([self.database]), catalog.files()
        )
        row = database_row(found, self.database) or {}
        chain = self._chain(taken, row.get("recovery_fork"))
        return {
            "database_state": row.get("database_state"),
            "recovery_model": row.get("recovery_model"),
            "mirroring_role": row.get("mirroring_role"),
            "has_log_chain": row.get("last_log_backup_lsn") is not None,
            "chain": [_link(r) for r in chain],
            "files": files_of(files, self.database),
            "chain_is_fresh": (
                bool(chain) and int(chain[0]["age_minutes"]) <= self.options["max_age"]
            ),
        }

    def _chain(self, taken: list[Record], fork: object) -> list[Record]:
        """The newest stamped full backup of the current recovery fork with all log backups after
        it, or nothing when the logs do not join.
        """
        full = next(
            (
                r
                for r in reversed(taken)
                if r["type"] == "D"
                and r["stamp"] == self.stamp
                and r["path"].lower() == f"{self.base}.bak".lower()
                and (fork is None or r["fork"] == fork)
            ),
            None,
        )
        if full is None or not self._covers(full):
            return []
        chain = [full]
        reached = int(full["last_lsn"])
        for row in taken[taken.index(full) + 1 :]:
            if row["type"] == "L" and not row["copy_only"]:
                if int(row["first_lsn"]) > reached or not _is_one_file(row):
                    return []
                chain.append(row)
                reached = max(reached, int(row["last_lsn"]))
        return chain

    def _covers(self, full: Record) -> bool:
        wanted = self.options["covers"]
        return not wanted or (wanted.isdecimal() and int(full["last_lsn"]) >= int(wanted))

    def plan(self, current: State) -> list[Step[State]]:
        if current["database_state"] is None:
            raise Refused(
                f"There is no database {self.database} on this instance to back up.",
                code="no_database",
            )
        if current["database_state"] != "ONLINE":
            raise Refused(
                f"{self.database} is {current['database_state']} here; only an online copy can be"
                " backed up. Run this on the principal.",
                code="not_online",
                database_state=current["database_state"],
            )
        steps: list[Step[State]] = []
        if current["recovery_model"] != "FULL":
            if not self.options["manage_recovery_model"]:
                raise Refused(
                    f"{self.database} is in {current['recovery_model']} recovery, so its log cannot"
                    " be backed up and neither mirroring nor log shipping can work. Set it to"
                    " FULL, or allow that with manage_recovery_model: true.",
                    code="simple_recovery",
                    recovery_model=current["recovery_model"],
                )
            steps.append(
                Step(
                    name="set_full_recovery",
                    why="Mirroring and log shipping need every change in the log.",
                    sets={"recovery_model": "FULL"},
                    calls=(backup.set_full_recovery(self.database),),
                    also={self.wide: {"recovery_model": "FULL"}},
                )
            )
        good = (
            current["chain_is_fresh"]
            and current["recovery_model"] == "FULL"
            and (len(current["chain"]) > 1 or not self.options["log"])
        )
        if good:
            return steps
        options = ["CHECKSUM"] if self.options["checksum"] else []
        chain = [_predicted(f"{self.base}.bak", "full")]
        full = (
            [*options, "COPY_ONLY"]
            if self.options["copy_only"] and current["has_log_chain"]
            else options
        )
        steps.append(
            Step(
                name="back_up_database",
                why=(
                    f"There is no usable backup stamped {self.options['stamp']!r} with an unbroken"
                    " log chain since."
                ),
                sets={
                    "chain": list(chain),
                    "chain_is_fresh": True,
                    "has_log_chain": True if not self.options["log"] else LATER,
                },
                calls=(
                    backup.back_up("DATABASE", self.database, f"{self.base}.bak", self.stamp, full),
                ),
                lasts=True,
            )
        )
        if self.options["log"]:
            chain.append(_predicted(f"{self.base}.trn", "log"))
            steps.append(
                Step(
                    name="back_up_log",
                    why="A mirror needs the log that was written while the backup ran.",
                    sets={"chain": chain, "has_log_chain": True},
                    calls=(
                        backup.back_up(
                            "LOG", self.database, f"{self.base}.trn", self.stamp, options
                        ),
                    ),
                    lasts=True,
                    also={self.wide: {"has_log_chain": True}},
                )
            )
        return steps


def _is_one_file(row: Record) -> bool:
    """Not to nowhere, not to a program, not in stripes: something that can be restored from one
    file.
    """
    return (
        int(row["device_type"]) in _DISK
        and int(row["families"]) == 1
        and str(row["path"]).upper() != "NUL"
    )


def _link(row: Record) -> State:
    return {
        "path": row["path"],
        "position": row["position"],
        "type": "full" if row["type"] == "D" else "log",
        "first_lsn": row["first_lsn"],
        "last_lsn": row["last_lsn"],
        "uuid": row["uuid"],
        "family": row["family"],
    }


def _predicted(path: str, kind: str) -> State:
    return {
        "path": path,
        "position": 1,
        "type": kind,
        "first_lsn": LATER,
        "last_lsn": LATER,
        "uuid": LATER,
        "family": LATER,
    }
