"""What msdb knows of log shipping on one instance, and what the three jobs do (sql-docs: About Log
Shipping; sqllogship).
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import re
import typing as t
import uuid

from ...world.storage import StorageError
from ..agent.jobs import Agent, Job, JobFailed, of
from ..language.errors import SqlError, error
from ..language.session import SqlSession

if t.TYPE_CHECKING:
    from ..server.instance import SqlInstance

BACKUP = 0
COPY = 1
RESTORE = 2


@dataclasses.dataclass
class Primary:
    """A row of log_shipping_primary_databases and log_shipping_monitor_primary."""

    primary_id: uuid.UUID
    database: str
    backup_directory: str
    backup_share: str
    retention: int
    job: Job
    threshold: int
    threshold_alert: int
    alert_enabled: bool
    history_retention: int
    compression: int
    secondaries: list[tuple[str, str]] = dataclasses.field(default_factory=list)
    last_file: str | None = None
    last_utc: dt.datetime | None = None


@dataclasses.dataclass
class SecondaryDatabase:
    """A row of log_shipping_secondary_databases and log_shipping_monitor_secondary."""

    database: str
    restore_delay: int
    restore_all: bool
    restore_mode: bool
    disconnect_users: bool
    restore_threshold: int
    threshold_alert: int
    alert_enabled: bool
    history_retention: int
    block_size: int | None = None
    buffer_count: int | None = None
    max_transfer_size: int | None = None
    last_file: str | None = None
    last_utc: dt.datetime | None = None
    last_latency: int | None = None


@dataclasses.dataclass
class Secondary:
    """A row of log_shipping_secondary, with the databases that it feeds."""

    secondary_id: uuid.UUID
    primary_server: str
    primary_database: str
    source: str
    destination: str
    file_retention: int
    copy_job: Job
    restore_job: Job
    databases: dict[str, SecondaryDatabase] = dataclasses.field(default_factory=dict)
    last_file: str | None = None
    last_utc: dt.datetime | None = None


class LogShipping:
    """``of_instance(instance)``."""

    def __init__(self, instance: SqlInstance) -> None:
        self.instance = instance
        self.primaries: dict[str, Primary] = {}  # by lower-case database name
        self.secondaries: dict[uuid.UUID, Secondary] = {}
        self.alert_job: Job | None = None
        self.history: list[dict[str, t.Any]] = []
        self.errors: list[dict[str, t.Any]] = []
        self._sessions = 0

    @property
    def agent(self) -> Agent:
        return of(self.instance)

    # --- history
    def note(
        self, agent_id: uuid.UUID, kind: int, database: str, status: int, message: str
    ) -> None:
        """``status``: 2 success, 3 error, 4 warning."""
        self._sessions += 1
        row = {
            "agent_id": agent_id,
            "agent_type": kind,
            "session_id": self._sessions,
            "database_name": database,
            "session_status": status,
            "log_time": self.instance.local_now(),
            "log_time_utc": self.instance.utc_now(),
            "message": message,
        }
        self.history.append(row)
        if status == 3:
            self.errors.append(
                {k: v for k, v in row.items() if k != "session_status"}
                | {"sequence_number": 1, "source": "sqllogship", "help_url": ""}
            )

    # --- backup job
    def back_up(self, primary: Primary) -> str:
        """BACKUP LOG by the engine's account.

        A database that is not online is no failure: message 32008, nothing written.
        """
        database = self.instance.databases.get(primary.database.lower())
        if database is None or not database.is_serving():
            text = (
                f"Database {primary.database} is not ONLINE. The backup job will not be performed "
                "on this database."
            )
            self.note(primary.primary_id, BACKUP, primary.database, 2, text)
            return text
        name = f"{primary.database}_{self.instance.utc_now():%Y%m%d%H%M%S}.trn"
        path = f"{primary.backup_directory.rstrip(chr(92))}\\{name}"
        with SqlSession.internal(self.instance, program="sqllogship") as session:
            result = session.execute(
                f"BACKUP LOG [{primary.database.replace(']', ']]')}] TO DISK = N'{_text(path)}' "
                "WITH INIT, NAME = N'log shipping'"
            )
        if result.errors:
            self.note(primary.primary_id, BACKUP, primary.database, 3, result.errors[0].message)
            raise JobFailed(f"Could not back up the log: {result.errors[0].message}")
        primary.last_file = path
        primary.last_utc = self.instance.utc_now()
        self._expire(primary.backup_directory, primary.database, primary.retention)
        self.note(primary.primary_id, BACKUP, primary.database, 2, f"Backed up to {path}")
        return f"Backed up to {path}"

    def _expire(self, folder: str, database: str, minutes: int) -> None:
        """Files older than the retention go, by the rights of the Agent account."""
        account = self.instance.network_identity(self.instance.agent_service)
        limit = self.instance.utc_now() - dt.timedelta(minutes=minutes)
        for name in self._files(folder, database, account):
            made = stamp(name)
            if made is not None and made >= limit:
                return  # by name is by age
            if made is None:
                continue
            try:
                self.instance.world.storage.delete(
                    f"{folder.rstrip(chr(92))}\\{name}", self.instance.machine, account
                )
            except StorageError as failure:
                self.instance.log(f"log shipping could not delete {name}: {failure}")

    def _files(self, folder: str, database: str, account: str) -> list[str]:
        """Log shipping's own files in a folder, by name."""
        pattern = re.compile(re.escape(database.lower()) + r"_\d{14}\.trn")
        try:
            names = self.instance.world.storage.file_names(folder, self.instance.machine, account)
        except StorageError as failure:
            raise JobFailed(f"Could not read {folder}: {failure}") from failure
        return sorted(name for name in names if pattern.fullmatch(name.lower()))

    # --- copy job
    def copy(self, secondary: Secondary) -> str:
        """Pull what is not there yet, by the secondary's Agent account, under a .wrk name until it
        is complete.
        """
        storage = self.instance.world.storage
        machine = self.instance.machine
        account = self.instance.network_identity(self.instance.agent_service)
        try:
            source = self._files(secondary.source, secondary.primary_database, account)
            present = set(self._files(secondary.destination, secondary.primary_database, account))
            last = (secondary.last_file or "").rsplit("\\", 1)[-1].lower()
            copied = 0
            for name in source:
                if name in present or name.lower() <= last:
                    continue
                target = f"{secondary.destination.rstrip(chr(92))}\\{name}"
                storage.copy(
                    f"{secondary.source.rstrip(chr(92))}\\{name}",
                    target.replace(".trn", ".wrk"),
                    machine,
                    account,
                )
                storage.copy(target.replace(".trn", ".wrk"), target, machine, account)
                storage.delete(target.replace(".trn", ".wrk"), machine, account)
                secondary.last_file = target
                secondary.last_utc = self.instance.utc_now()
                copied += 1
        except (StorageError, JobFailed) as failure:
            self.note(secondary.secondary_id, COPY, "", 3, str(failure))
            raise JobFailed(f"The copy operation failed: {failure}") from failure
        self.note(secondary.secondary_id, COPY, "", 2, f"Copied {copied} files")
        return f"Copied {copied} files"

    # --- restore job
    def restore(self, secondary: Secondary) -> str:
        """Apply what was copied, in order of the names: too early is skipped, too late looks
        further back, a gap fails.
        """
        account = self.instance.network_identity()
        done: list[str] = []
        for database in list(secondary.databases.values()):
            names = self._files(secondary.destination, secondary.primary_database, account)
            last = (database.last_file or "").rsplit("\\", 1)[-1].lower()
            pending = [n for n in names if n.lower() > last and self._is_due(n, database)]
            try:
                done += self._roll_forward(secondary, database, names, pending)
            except SqlError as failure:
                self.note(secondary.secondary_id, RESTORE, database.database, 3, failure.message)
                raise JobFailed(
                    f"Could not apply log backups to {database.database}: {failure.message}"
                ) from failure
            self._expire(
                secondary.destination, secondary.primary_database, secondary.file_retention
            )
            self.note(
                secondary.secondary_id,
                RESTORE,
                database.database,
                2,
                f"Restored {len(done)} files"
                if done
                else "Could not find a log backup file that could be applied to secondary "
                "database.",
            )
        return f"Restored {len(done)} files"

    def _is_due(self, name: str, database: SecondaryDatabase) -> bool:
        made = stamp(name)
        return (
            made is not None
            and made + dt.timedelta(minutes=database.restore_delay) <= self.instance.utc_now()
        )

    def _roll_forward(
        self,
        secondary: Secondary,
        database: SecondaryDatabase,
        names: list[str],
        pending: list[str],
    ) -> list[str]:
        done: list[str] = []
        for name in pending:
            try:
                applied = self._apply(secondary, database, name)
            except SqlError as failure:
                if failure.number != 4305 or not self._search_back(
                    secondary, database, names, name
                ):
                    raise
                applied = self._apply(secondary, database, name)
            if applied:
                done.append(name)
            if applied and not database.restore_all:
                break
        return done

    def _search_back(
        self, secondary: Secondary, database: SecondaryDatabase, names: list[str], until: str
    ) -> bool:
        """A log is missing before ``until``: try the older files once more, newest last; whether
        any could be applied.
        """
        found = False
        for name in [n for n in names if n < until]:
            try:
                found = self._apply(secondary, database, name) or found
            except SqlError as failure:
                if failure.number != 4305:
                    raise
        return found

    def _apply(self, secondary: Secondary, database: SecondaryDatabase, name: str) -> bool:
        """One RESTORE LOG; False when it was already applied (4326)."""
        path = f"{secondary.destination.rstrip(chr(92))}\\{name}"
        with SqlSession.internal(self.instance, program="sqllogship") as session:
            mode = (
                "NORECOVERY"
                if not database.restore_mode
                else f"STANDBY = N'{_text(path[:-4])}.tuf'"
            )
            result = session.execute(
                f"RESTORE LOG [{database.database.replace(']', ']]')}] FROM DISK = "
                f"N'{_text(path)}' WITH {mode}"
            )
        if result.errors:
            if result.errors[0].number == 4326:
                return False
            raise result.errors[0]
        database.last_file = path
        database.last_utc = self.instance.utc_now()
        made = stamp(name)
        database.last_latency = (
            int((self.instance.utc_now() - made).total_seconds() // 60) if made else None
        )
        return True

    def raise_alerts(self) -> str:
        """14420 and 14421 into the error log, by the UTC columns."""
        now = self.instance.utc_now()
        for primary in self.primaries.values():
            if (
                primary.alert_enabled
                and primary.last_utc
                and (now - primary.last_utc).total_seconds() > primary.threshold * 60
            ):
                self._alert(14420, primary.database, primary.threshold)
        for secondary in self.secondaries.values():
            for database in secondary.databases.values():
                if (
                    database.alert_enabled
                    and database.last_utc
                    and (now - database.last_utc).total_seconds() > database.restore_threshold * 60
                ):
                    self._alert(14421, database.database, database.restore_threshold)
        return "checked"

    def _alert(self, number: int, database: str, threshold: int) -> None:
        self.instance.log(
            f"Error: {number}, Severity: 16. "
            f"{error(number, self.instance.server_name, database, threshold).message}"
        )


@functools.lru_cache(maxsize=1 << 16)
def stamp(name: str) -> dt.datetime | None:
    """The UTC time in a log shipping file's name; None when there is none, or no such day."""
    match = re.search(r"_(\d{8})(\d{6})\.trn$", name, re.IGNORECASE | re.ASCII)
    if match is None:
        return None
    try:
        return dt.datetime.fromisoformat(f"{match[1]}T{match[2]}")
    except ValueError:
        return None


def _text(value: str) -> str:
    return value.replace("'", "''")


def of_instance(instance: SqlInstance) -> LogShipping:
    found = instance.parts.get("log_shipping") or LogShipping(instance)
    instance.parts["log_shipping"] = found
    return found
