"""A database of a simulated instance: state, options, files, and a log whose records are its
content.

The content is the replay of the records: chat messages are payloads, user tables and extended
properties are ``changes``. A copy that was made by restoring or mirroring therefore holds exactly
the records that reached it, and nothing else.
"""

from __future__ import annotations

import bisect
import dataclasses
import datetime as dt
import operator
import typing as t
import uuid
from collections.abc import Callable, Sequence

from ..language.errors import SqlError, error
from ..language.registry import check_guards
from .log import FIRST_LSN, LOG_UNIT, Fork, Record, fork_of, next_lsn, path_at

if t.TYPE_CHECKING:
    from ..language.session import SqlSession
    from .instance import SqlInstance

#: sys.databases.state by state_desc.
STATES = {
    "ONLINE": 0,
    "RESTORING": 1,
    "RECOVERING": 2,
    "RECOVERY_PENDING": 3,
    "SUSPECT": 4,
    "EMERGENCY": 5,
    "OFFLINE": 6,
}
RECOVERY_MODELS = {"FULL": 1, "BULK_LOGGED": 2, "SIMPLE": 3}
#: Where the content keeps the SID of the owner: it goes with the data, sys.databases stays behind.
DBO_SID = "dbo_sid"
USER_ACCESS = {"MULTI_USER": 0, "SINGLE_USER": 1, "RESTRICTED_USER": 2}


def _by_nobody() -> tuple[str, int] | None:
    return None


def _as_large_as_needed(size: int) -> bool:
    return True


@dataclasses.dataclass
class DataFile:
    """A database file. ``type``: ROWS or LOG. ``size`` in 8 KB pages."""

    file_id: int
    name: str
    path: str
    type: str
    size: int = 640
    guid: uuid.UUID = dataclasses.field(default_factory=uuid.uuid4)
    create_lsn: int = 0


class Database:
    """Made by ``SqlInstance.create_database`` or by a restore; dropped by
    ``SqlInstance.drop_database``.
    """

    def __init__(self, instance: SqlInstance, name: str, database_id: int, owner: str) -> None:
        self.instance = instance
        self.name = name
        self.database_id = database_id
        self.owner = owner  # login name
        self.state = "ONLINE"
        self.recovery_model = "FULL"
        self.user_access = "MULTI_USER"
        self.single_user: int | None = None  # the session that holds the one place, if any
        self.is_read_only = False
        self.is_in_standby = False
        self.standby_file: str | None = None
        self.is_auto_close_on = False
        self.is_trustworthy_on = False
        self.is_broker_enabled = True
        self.containment = 0
        self.options: dict[str, t.Any] = {}  # other SET options, as they were given
        self.collation = instance.collation
        self.compatibility_level = instance.major * 10
        self.create_date = instance.local_now()
        self.database_guid = uuid.uuid4()
        self.family_guid = self.database_guid
        self.broker_guid = uuid.uuid4()
        self.files: list[DataFile] = []
        self.forks: tuple[Fork, ...] = (Fork(uuid.uuid4(), 0),)
        self.records: list[Record] = []  # everything that makes up the content, in LSN order
        self._weights: list[int] = []  # sums of the records' weights
        self.content: dict[str, t.Any] = {}  # replay of the records' changes
        self.end_lsn = (
            FIRST_LSN  # LSN that the next record gets; for a RESTORING copy: what it needs next
        )
        self.last_log_backup_lsn: int | None = (
            None  # where the next log backup begins; None: no chain (pseudo-simple)
        )
        self.chain_begins = False  # the next log backup is the first of its chain
        self.differential_base: tuple[int, uuid.UUID] | None = (
            None  # last full backup: checkpoint LSN, set GUID
        )
        self.restore_interrupted = False
        self.mirroring: t.Any = None  # the mirroring package's own object; None: not mirrored
        #: Who else needs the log: log_reuse_wait_desc, and from which LSN on.
        self.log_needed: Callable[[], tuple[str, int] | None] = _by_nobody
        #: Makes room in the files of the log for so many bytes; False: there is none.
        self.grow_log: Callable[[int], bool] = _as_large_as_needed
        self.on_append: list[
            Callable[[Record], None]
        ] = []  # called after a record was hardened here by a user of this copy

    # --- what others may do with it

    @property
    def is_system(self) -> bool:
        return self.database_id <= 4

    @property
    def redo_start_lsn(self) -> int | None:
        """Where roll forward goes on while the copy is being restored (sys.master_files); None when
        online.
        """
        return self.end_lsn if self.state == "RESTORING" else None

    @property
    def recovery_fork_guid(self) -> uuid.UUID:
        return self.forks[-1].id

    def require_open(self, session: SqlSession | None = None) -> None:
        """Raise the error that somebody gets who uses the database now: 922, 924, 926, 927, 942, or
        a guard's (954, 955 ...).
        """
        check_guards("open", self.instance, self, session)
        numbers = {
            "RESTORING": 927,
            "RECOVERING": 922,
            "RECOVERY_PENDING": 945,
            "SUSPECT": 926,
            "OFFLINE": 942,
        }
        if self.state in numbers:
            raise error(numbers[self.state], self.name)
        if self.user_access == "SINGLE_USER" and session is not None:
            taken = self.single_user if self.single_user in self.instance.sessions else None
            if taken not in (None, session.spid) or any(
                u.database == self for u in self.instance.attached
            ):
                raise error(924, self.name)

    def require_writable(self, session: SqlSession | None = None) -> None:
        """Like require_open, and 3906 for a read-only database."""
        self.require_open(session)
        if self.is_read_only or self.is_in_standby:
            raise error(3906, self.name)

    def is_serving(self) -> bool:
        """Whether users can read and write right now."""
        try:
            self.require_writable()
        except SqlError:
            return False
        return self.instance.running

    def serves_programs(self) -> bool:
        """Whether programs that are no administrators can read and write right now."""
        return self.user_access == "MULTI_USER" and self.is_serving()

    # --- writing

    def append(
        self,
        payload: dict[str, t.Any] | None = None,
        *,
        changes: dict[str, t.Any] | None = None,
        weight: int = 1,
    ) -> int:
        """Write and harden one record as a user of this copy; its LSN.

        SqlError when the database cannot be written (927, 955, 3906 ...).
        """
        self.require_writable()
        if not self.grow_log(self.log_used + weight * LOG_UNIT):
            raise error(9002, self.name, self.log_reuse_wait)
        record = self.log(payload, changes=changes, weight=weight)
        for follower in list(self.on_append):
            follower(record)
        return record.lsn

    def log(
        self,
        payload: dict[str, t.Any] | None = None,
        *,
        changes: dict[str, t.Any] | None = None,
        weight: int = 1,
    ) -> Record:
        """Write one record without asking whether the database is open, and without telling
        followers: for the server itself.
        """
        record = Record(self.end_lsn, self.instance.utc_now(), payload, dict(changes or {}), weight)
        self._add(record)
        self.end_lsn = next_lsn(record.lsn, weight)
        return record

    def checkpoint(self) -> int:
        """Write a checkpoint record as backups do; its LSN. Followers get it."""
        record = self.log()
        for follower in list(self.on_append):
            follower(record)
        return record.lsn

    def payloads(self) -> list[dict[str, t.Any]]:
        """What clients wrote, as far as this copy holds it, oldest first."""
        return [record.payload for record in self.records if record.payload is not None]

    # --- roll forward

    def receive(self, records: Sequence[Record], until_lsn: int, forks: tuple[Fork, ...]) -> None:
        """Roll forward with records of another copy: those at or after ``end_lsn`` are applied;
        afterwards this copy ends at ``until_lsn``.

        ``forks``: the history of the copy that wrote them. The caller has checked ``same_path``.
        """
        for record in records:
            if self.end_lsn <= record.lsn < until_lsn:
                self._add(record)
        self.end_lsn = max(self.end_lsn, until_lsn)
        # A fork that starts exactly at the new end holds no record of this copy yet, but the
        # writer's next ones belong to it.
        self.forks = tuple(fork for fork in forks if fork.start_lsn <= self.end_lsn)

    def same_path(self, forks: tuple[Fork, ...], lsn: int | None = None) -> bool:
        """Whether another copy's fork history agrees with this one's for everything before ``lsn``
        (default: this copy's end).
        """
        at = self.end_lsn if lsn is None else lsn
        return path_at(self.forks, at) == path_at(forks, at)

    def rewind(self, lsn: int) -> int:
        """Undo everything at and after ``lsn`` (a mirror that followed a dead fork); the number of
        records with payload that were lost.
        """
        lost = [record for record in self.records if record.lsn >= lsn]
        self.load(
            [record for record in self.records if record.lsn < lsn],
            min(self.end_lsn, lsn),
            path_at(self.forks, lsn),
        )
        return sum(1 for record in lost if record.payload is not None)

    def load(self, records: Sequence[Record], end_lsn: int, forks: tuple[Fork, ...]) -> None:
        """Replace the whole content, as restoring a full backup does."""
        self.records = []
        self._weights = []
        self.content = {}
        for record in records:
            self._add(record)
        self.end_lsn = end_lsn
        self.forks = forks

    def recover(self) -> None:
        """Bring a restored copy online on a new recovery fork (each recovery of restored data
        starts one: RESTORE HEADERONLY reference).
        """
        self.state = "ONLINE"
        self.is_in_standby = False
        self.standby_file = None
        self.is_broker_enabled = (
            False  # stays off after a restore until ENABLE_BROKER or NEW_BROKER
        )
        self.new_fork()
        self.log()

    def new_fork(self) -> Fork:
        """From here on this copy's history is its own."""
        fork = Fork(uuid.uuid4(), self.end_lsn)
        self.forks = (*path_at(self.forks, self.end_lsn), fork)
        return fork

    def fork_before(self, lsn: int) -> Fork:
        return fork_of(self.forks, lsn)

    def _add(self, record: Record) -> None:
        self.records.append(record)
        self._weights.append(record.weight + (self._weights[-1] if self._weights else 0))
        for key, value in record.changes.items():
            if value is None:
                self.content.pop(key, None)
            else:
                self.content[key] = value

    # --- facts for the catalog

    @property
    def log_reuse_wait(self) -> str:
        """log_reuse_wait_desc."""
        needed = self.log_needed()
        if needed is not None:
            return needed[0]
        if (
            self.recovery_model != "SIMPLE"
            and self.last_log_backup_lsn is not None
            and self.state == "ONLINE"
            and any(record.lsn >= self.last_log_backup_lsn for record in self.records[-1:])
        ):
            return "LOG_BACKUP"
        return "NOTHING"

    @property
    def log_used(self) -> int:
        """Bytes of log that cannot be reused: not backed up yet, or needed by somebody else."""
        needed = self.log_needed()
        first = needed[1] if needed is not None else self.end_lsn
        if self.recovery_model != "SIMPLE" and self.last_log_backup_lsn is not None:
            first = min(first, self.last_log_backup_lsn)
        place = bisect.bisect_left(self.records, first, key=operator.attrgetter("lsn"))
        before = self._weights[place - 1] if place else 0
        return (self._weights[-1] - before) * LOG_UNIT if self._weights else 0

    def last_write(self) -> dt.datetime | None:
        return self.records[-1].at if self.records else None
