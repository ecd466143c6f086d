"""A stamped backup of a database and the unbroken chain of log backups since.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Sequence

from ...._engine.errors import Refused
from ...._engine.model import LATER, ArgumentSpec, Resource, Session, Step
from ...calls.tsql import backup, catalog, history, quote
from ...calls.tsql.catalog import DatabaseRow
from ...calls.tsql.history import BackupRow
from ._instance import (
    INSTANCE_OPTION,
    DatabaseOptions,
    database_row,
    database_scope,
    is_lsn,
    rows_of,
)
from ._places import BackedUpFile, files_of

DATABASE_BACKUP_SPEC: ArgumentSpec = {
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


class DatabaseBackupOptions(DatabaseOptions):
    """``max_age``: minutes. ``covers``: an LSN that the full backup must reach, '' for none."""

    directory: str
    stamp: str
    log: bool
    copy_only: bool
    checksum: bool
    max_age: int
    manage_recovery_model: bool
    covers: str


class ChainLink(t.TypedDict):
    """A backup of a chain. ``type``: full or log; ``position``: in its file."""

    path: str
    position: int
    type: str
    first_lsn: str
    last_lsn: str
    uuid: str
    family: str | None


class DatabaseBackupFacts(t.TypedDict):
    """``chain``: the stamped full backup and every log backup since, whoever took it; empty when
    the logs do not join, or do not lead to where the next one begins. ``files``: of the database as
    it is now.
    """

    database_state: str | None
    recovery_model: str | None
    mirroring_role: str | None
    has_log_chain: bool
    chain: list[ChainLink]
    files: list[BackedUpFile]
    chain_is_fresh: bool


class DatabaseBackup(Resource[DatabaseBackupOptions, DatabaseBackupFacts]):
    """A full backup under a stamp, and the logs that lead on from it."""

    def __init__(self, options: DatabaseBackupOptions, host: str) -> None:
        self.wide = database_scope(options, host)
        self.options = options
        self.scope = f"{self.wide}/backup {options['stamp']}".lower()
        self.also_scopes = (self.wide,)
        self.database = options["database"]
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", options["stamp"]):
            raise Refused(
                f"stamp {options['stamp']!r}: it goes into a file name; use up to 40 letters,"
                " digits, _ and -.",
                code="bad_name",
            )
        folder = options["directory"].rstrip("\\")
        self.base = f"{folder}\\{self.database}_{options['stamp']}"
        quote.path(self.base + ".bak")
        if options["covers"] and not is_lsn(options["covers"]):
            raise Refused(
                f"covers {options['covers']!r} is not an LSN: where the full backup must not end"
                " before.",
                code="bad_lsn",
            )
        self.stamp = f"pchat {options['stamp']}"

    def read(self, session: Session) -> DatabaseBackupFacts:
        """The database, its files, and what msdb knows of its backups."""
        found, taken, files = session.read(
            catalog.databases([self.database]), history.backups([self.database]), catalog.files()
        )
        row = database_row(found, self.database)
        chain = self._chain(rows_of(BackupRow, taken), row)
        return {
            "database_state": row["database_state"],
            "recovery_model": row["recovery_model"],
            "mirroring_role": row["mirroring_role"],
            "has_log_chain": row["last_log_backup_lsn"] is not None,
            "chain": [_link(backup_set) for backup_set in chain],
            "files": files_of(rows_of(catalog.FileRow, files), self.database),
            "chain_is_fresh": self._is_fresh(chain),
        }

    def _is_fresh(self, chain: Sequence[BackupRow]) -> bool:
        return bool(chain) and int(chain[0]["age_minutes"]) <= self.options["max_age"]

    def _chain(self, taken: Sequence[BackupRow], now: DatabaseRow) -> list[BackupRow]:
        """The newest stamped full backup of the current recovery fork with all log backups after
        it, or nothing when the logs do not join, or the next one would not join them.
        """
        newest = self._newest_full(taken, now["recovery_fork"])
        if newest is None or not self._covers(taken[newest]):
            return []
        chain = [taken[newest]]
        reached = int(taken[newest]["last_lsn"])
        for backup_set in taken[newest + 1 :]:
            if not _is_shared_log(backup_set):
                continue
            if int(backup_set["first_lsn"]) > reached or not _is_one_file(backup_set):
                return []
            chain.append(backup_set)
            reached = max(reached, int(backup_set["last_lsn"]))
        return chain if _is_joined_at(reached, now["last_log_backup_lsn"]) else []

    def _newest_full(self, taken: Sequence[BackupRow], fork: str | None) -> int | None:
        """Its place among those that were taken."""
        for number in reversed(range(len(taken))):
            backup_set = taken[number]
            if self._is_our_full(backup_set) and fork in (None, backup_set["fork"]):
                return number
        return None

    def _is_our_full(self, backup_set: BackupRow) -> bool:
        if backup_set["type"] != "D" or backup_set["stamp"] != self.stamp:
            return False
        return backup_set["path"].lower() == f"{self.base}.bak".lower()

    def _covers(self, full: BackupRow) -> bool:
        wanted = self.options["covers"]
        if not wanted:
            return True
        return wanted.isdecimal() and int(full["last_lsn"]) >= int(wanted)

    def plan(self, current: DatabaseBackupFacts) -> list[Step[DatabaseBackupFacts]]:
        """Refused: no_database, not_online, simple_recovery."""
        self._must_be_online(current["database_state"])
        steps: list[Step[DatabaseBackupFacts]] = []
        has_full_recovery = current["recovery_model"] == "FULL"
        if not has_full_recovery:
            steps.append(self._set_full_recovery(current["recovery_model"]))
        if has_full_recovery and self._is_usable(current):
            return steps
        steps.append(self._back_up_database(current["has_log_chain"]))
        if self.options["log"]:
            steps.append(self._back_up_log())
        return steps

    def _must_be_online(self, state: str | None) -> None:
        if state is None:
            raise Refused(
                f"There is no database {self.database} on this instance to back up.",
                code="no_database",
            )
        if state != "ONLINE":
            raise Refused(
                f"{self.database} is {state} here; only an online copy can be backed up. Run this"
                " on the principal.",
                code="not_online",
                database_state=state,
            )

    def _set_full_recovery(self, model: str | None) -> Step[DatabaseBackupFacts]:
        if not self.options["manage_recovery_model"]:
            raise Refused(
                f"{self.database} is in {model} recovery, so its log cannot be backed up and"
                " neither mirroring nor log shipping can work. Set it to FULL, or allow that with"
                " manage_recovery_model: true.",
                code="simple_recovery",
                recovery_model=model,
            )
        return Step(
            name="set_full_recovery",
            why="Mirroring and log shipping need every change in the log.",
            sets={"recovery_model": "FULL"},
            calls=(backup.set_full_recovery(self.database),),
            also={self.wide: {"recovery_model": "FULL"}},
        )

    def _is_usable(self, current: DatabaseBackupFacts) -> bool:
        """A full backup that is not too old, with a log since if one is wanted."""
        if not current["chain_is_fresh"]:
            return False
        return len(current["chain"]) > 1 or not self.options["log"]

    def _options(self) -> list[str]:
        if self.options["checksum"]:
            return ["CHECKSUM"]
        return []

    def _back_up_database(self, has_log_chain: bool) -> Step[DatabaseBackupFacts]:
        options = self._options()
        if self.options["copy_only"] and has_log_chain:
            options.append("COPY_ONLY")
        has_log_chain_then: bool | str = LATER
        if not self.options["log"]:
            has_log_chain_then = True
        path = f"{self.base}.bak"
        return Step(
            name="back_up_database",
            why=(
                f"There is no usable backup stamped {self.options['stamp']!r} with an unbroken"
                " log chain since."
            ),
            sets={
                "chain": [_predicted(path, "full")],
                "chain_is_fresh": True,
                "has_log_chain": has_log_chain_then,
            },
            calls=(backup.back_up("DATABASE", self.database, path, self.stamp, options),),
            lasts=True,
        )

    def _back_up_log(self) -> Step[DatabaseBackupFacts]:
        path = f"{self.base}.trn"
        chain = [_predicted(f"{self.base}.bak", "full"), _predicted(path, "log")]
        return Step(
            name="back_up_log",
            why="A mirror needs the log that was written while the backup ran.",
            sets={"chain": chain, "has_log_chain": True},
            calls=(backup.back_up("LOG", self.database, path, self.stamp, self._options()),),
            lasts=True,
            also={self.wide: {"has_log_chain": True}},
        )


def _is_joined_at(reached: int, next_log: str | None) -> bool:
    """Whether the next log backup joins what ends here. ``next_log``: where it begins
    (sys.database_recovery_status); None since the recovery model was another one, and until a full
    backup is taken. A log backup that msdb has forgotten, or has never known, took its part as
    well.
    """
    return next_log is not None and int(next_log) <= reached


def _is_shared_log(backup_set: BackupRow) -> bool:
    """A log backup that others than its maker need: it took its part out of the log."""
    return backup_set["type"] == "L" and not backup_set["copy_only"]


def _is_one_file(backup_set: BackupRow) -> bool:
    """Not to nowhere, not to a program, not in stripes: something that can be restored from one
    file.
    """
    if int(backup_set["device_type"]) not in _DISK or int(backup_set["families"]) != 1:
        return False
    return str(backup_set["path"]).upper() != "NUL"


def _link(backup_set: BackupRow) -> ChainLink:
    kind = "log"
    if backup_set["type"] == "D":
        kind = "full"
    return {
        "path": backup_set["path"],
        "position": backup_set["position"],
        "type": kind,
        "first_lsn": backup_set["first_lsn"],
        "last_lsn": backup_set["last_lsn"],
        "uuid": backup_set["uuid"],
        "family": backup_set["family"],
    }


def _predicted(path: str, kind: str) -> ChainLink:
    return {
        "path": path,
        "position": 1,
        "type": kind,
        "first_lsn": LATER,
        "last_lsn": LATER,
        "uuid": LATER,
        "family": LATER,
    }
