"""One instance's copy of a database, as one frozen value. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import dataclasses

from ..closed_by import ACCESS, named
from ..two_clocks import ClockReading

#: Slots that hold a copy.
STORES = ("primary", "mirror", "backup", "backup_mirror")
#: Slot -> slot of the other partner of its pair.
PARTNERS = {
    "primary": "mirror",
    "mirror": "primary",
    "backup": "backup_mirror",
    "backup_mirror": "backup",
}


@dataclasses.dataclass(frozen=True)
class Copy:
    """One instance's copy of a database.

    ``state`` None: no such database; all facts mean something only where ``answers`` is true.

    What decides is what no clean-up of msdb removes: state, LSNs, forks, families. ``seed``,
    ``restored_at`` and ``full`` come from msdb's history and may be None although there was a
    restore or a backup.
    """

    slot: str
    host: str
    answers: bool = False
    why: str | None = None
    # online: names of settings that keep its users or a mirror away (``closed_by.py``)
    closed_by: tuple[str, ...] = ()
    # something answers there, but it cannot be asked: no sign that the host is lost
    refuses: bool = False
    server: str | None = None
    state: str | None = None
    role: str | None = None
    mirroring: str | None = None
    safety: str | None = None
    witness: str | None = None
    redo_lsn: int | None = None
    fork: str | None = None
    # where that fork began, and which one it left there, as long as the server tells (until the
    # first log backup on it)
    fork_point: int | None = None
    fork_left: str | None = None
    family: str | None = None
    sessions: int = 0
    seed: str | None = None  # stamp of the newest full restore
    restored_at: str | None = None  # when that was, by ``clock``
    clock: ClockReading | None = None
    # when the backup was begun that brought a restoring copy to where it stands
    began_at: str | None = None
    # stamp of the declared attempt's full backup taken here, else of the newest one
    full: str | None = None
    full_lsn: int | None = None  # where that one ends
    # the attempt whose tail this copy was stopped with, and stands at the end of
    tail: str | None = None
    # stopped by a failback, because it was about to be replaced
    retired: bool = False
    version: tuple[int, ...] | None = None  # major and minor of the SQL Server
    role_sequence: int | None = None  # grows with every switch of roles
    # whether its SQL Server sees the share of the logs, and that of the seeds
    sees_logs: bool | None = None
    sees_seeds: bool | None = None
    last_backup_lsn: int | None = None
    # of the newest log backup taken here, as msdb remembers it,
    last_backup_path: str | None = None
    last_backup_end: int | None = None  # and the LSN after its last record
    ships: bool = False  # configured as a primary of log shipping
    ships_enabled: bool = False
    # log backups that somebody else took within a day, and jobs on this server that take such
    foreign_backups: tuple[str, ...] = ()
    foreign_jobs: tuple[str, ...] = ()
    linked: bool = False  # configured as the secondary of log shipping
    copy_job: str | None = None
    # a job of the secondary is disabled, or gone
    stalled: bool = False
    agent: bool = False
    # at most so much is in the tail of its log; and how fast its last full backup was, a second
    log_mb: int | None = None
    # of its files, and what is free where a copy would go that is not there yet; megabytes
    size_mb: int | None = None
    room_mb: int | None = None
    backup_mb_a_second: int | None = None

    @property
    def online(self) -> bool:
        """It is in use, or can be; closed or not."""
        return self.answers and self.state == "ONLINE"

    @property
    def closed(self) -> bool:
        """Open to administrators only, as somebody, or a run that was cut off beside a tail, left
        it.
        """
        return any(name in ACCESS for name in self.closed_by)

    @property
    def takes_messages(self) -> bool:
        """Chat servers can write to it."""
        return self.online and not any(named(name).stops_clients for name in self.closed_by)

    @property
    def kept_from_mirror(self) -> tuple[str, ...]:
        """Settings with which SQL Server begins no session, and which nothing here takes back."""
        return tuple(name for name in self.closed_by if name not in ACCESS)

    @property
    def restoring(self) -> bool:
        """It can take more log.

        In STANDBY it can be read between two restores, and is a secondary all the same.
        """
        return self.answers and self.state in ("RESTORING", "STANDBY")

    @property
    def stopped_by_tail(self) -> bool:
        """Its last log was saved, and it waits for what comes after; it is no retired old copy."""
        return self.restoring and self.tail is not None and not self.retired

    @property
    def waits_alone(self) -> bool:
        """It can take more log, and is in no session to get it; it is no retired old copy."""
        return self.restoring and self.role is None and not self.retired

    @property
    def synchronized_fully(self) -> bool:
        """Roles switch without loss (ALTER DATABASE database mirroring reference)."""
        return self.mirroring == "SYNCHRONIZED" and self.safety == "FULL"
