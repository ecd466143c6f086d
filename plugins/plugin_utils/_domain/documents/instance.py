"""What the module sql_info returns of one SQL Server instance. FOR INTERNAL COLLECTION USE ONLY.

LSNs and forks are texts as SQL Server writes them, times are ISO 8601 in UTC. None: not there, or
nobody can tell.
"""

from __future__ import annotations

import typing as t

from ..._engine.sql_tool import SqlToolDocument
from ..two_clocks import ClockReading

#: Clocks further apart than this break Kerberos, and file names of log backups order by them.
MAX_SKEW_SECONDS = 120


class Folder(t.TypedDict):
    """Where an instance puts new files of one kind."""

    path: str
    exists: bool


class Endpoint(t.TypedDict):
    """The mirroring endpoint (sys.database_mirroring_endpoints)."""

    name: str
    port: int
    state: str
    role: str
    is_encrypted: bool
    algorithm: str
    owner: str | None


class Login(t.TypedDict):
    """``sid``: in hexadecimal digits."""

    name: str
    sid: str


class DatabaseUser(t.TypedDict):
    """A user that needs a login. ``type``: S, U or G (sys.database_principals)."""

    name: str
    type: str
    sid: str


class LastBackup(t.TypedDict):
    """The newest backup of its kind, as msdb remembers it. ``stamp``: the backup set's name."""

    path: str | None
    started_at: str | None
    first_lsn: str | None
    last_lsn: str | None
    uuid: str | None
    stamp: str | None
    fork: str | None


class ShippedTo(t.TypedDict):
    """One secondary that a primary of log shipping knows."""

    server: str
    database: str


class ShippingPrimary(t.TypedDict):
    """A primary of log shipping (log_shipping_primary_databases, log_shipping_monitor_primary).

    Retention, threshold and intervals are in minutes. ``enabled``, ``owned``: 0 or 1; whether the
    job runs, and whether sa owns it. ``foreign_backups``: paths of log backups that somebody else
    took within a day.
    """

    backup_directory: str
    backup_share: str
    backup_retention: int
    backup_compression: int | None
    last_backup_file: str | None
    backup_threshold: int | None
    threshold_alert_enabled: bool | None
    history_retention: int | None
    last_backup_at: str | None
    backup_job: str | None
    enabled: int | None
    owned: int | None
    backup_job_intervals: list[int]
    secondaries: list[ShippedTo]
    foreign_backups: list[str]


class ShippingSecondary(t.TypedDict):
    """A secondary of log shipping (log_shipping_secondary and its databases and monitor).

    Retention, delay, threshold, latency and intervals are in minutes. ``..._enabled``,
    ``..._owned``: 0 or 1; whether the job runs, and whether sa owns it.
    """

    primary_server: str
    primary_database: str
    source_directory: str
    destination_directory: str
    retention: int
    restore_delay: int
    restore_mode: int
    disconnect_users: bool
    restore_threshold: int | None
    threshold_alert_enabled: bool | None
    history_retention: int | None
    last_copied_file: str | None
    last_restored_file: str | None
    last_copied_at: str | None
    last_restored_at: str | None
    last_restored_latency: int | None
    copy_job: str | None
    copy_enabled: int | None
    restore_job: str | None
    restore_enabled: int | None
    copy_owned: int | None
    restore_owned: int | None
    copy_job_intervals: list[int]
    restore_job_intervals: list[int]


class DatabaseSpace(t.TypedDict):
    """Megabytes; None: nobody knows. ``log_used_mb``: what the log cannot use again yet, because of
    ``log_reuse_wait`` (log_reuse_wait_desc). ``log_room_mb``: free on the drive of the log.
    ``backup_mb_a_second``: of the newest full backup that lasted long enough to tell.
    """

    log_reuse_wait: str | None
    size_mb: int | None
    log_used_mb: int | None
    log_room_mb: int | None
    backup_mb_a_second: int | None


class DatabaseFacts(t.TypedDict):
    """One database of an instance; ``database_state`` None: there is none of that name.

    ``database_state``: state_desc of sys.databases, STANDBY for a copy that can be read between two
    restores. ``mirroring_...``: of sys.database_mirroring, all None without a session.
    ``restored_...``: of the newest restore in msdb, ``restored_at`` and ``restored_stamp`` of the
    newest full one. ``owner``: of this copy, None when its login is gone; ``dbo_sid``: of the owner
    where the database came from, told by a copy that is online. ``full_stamps``: names of the full
    backups taken here on this fork, newest first.
    """

    database_state: str | None
    user_access: str | None
    is_read_only: bool | None
    is_auto_close_on: bool | None
    recovery_model: str | None
    mirroring_role: str | None
    mirroring_state: str | None
    mirroring_partner: str | None
    mirroring_safety: str | None
    mirroring_witness: str | None
    mirroring_witness_state: str | None
    mirroring_timeout: int | None
    mirroring_role_sequence: int | None
    redo_lsn: str | None
    recovery_fork: str | None
    fork_point_lsn: str | None
    first_recovery_fork: str | None
    family: str | None
    last_log_backup_lsn: str | None
    sessions: int | None
    restored_at: str | None
    restored_uuid: str | None
    restored_last_lsn: str | None
    restored_stamp: str | None
    restored_fork: str | None
    restored_began_at: str | None
    full_stamps: list[str]
    last_full_backup: LastBackup | None
    last_log_backup: LastBackup | None
    log_shipping_primary: ShippingPrimary | None
    log_shipping_secondary: ShippingSecondary | None
    owner: str | None
    owner_sid: str | None
    dbo_sid: str | None
    users: list[DatabaseUser]
    space: DatabaseSpace | None


class InstanceFacts(t.TypedDict):
    """An instance. ``databases``: those that were asked for, by name.

    ``clock``: ``utc_now`` with when it was asked for. ``utc_offset_minutes``: how far its local
    time is ahead of UTC now; ``time_zone``: the properties of Win32_TimeZone. ``connect``: accounts
    with CONNECT on the endpoint. ``records``: extended properties of master that are ours, name in
    lower case -> text. ``log_backup_jobs``: jobs of others that back up the log of one of the
    databases. ``port_taken``: something else listens on the port of mirroring. ``volumes``: mount
    point -> megabytes that are free there, of every volume with files of databases.
    """

    server_name: str | None
    network_name: str | None
    machine: str | None
    version: str | None
    edition: str | None
    engine_edition: int | None
    collation: str | None
    utc_now: str | None
    clock: ClockReading | None
    utc_offset_minutes: int | None
    time_zone: dict[str, t.Any] | None
    is_sysadmin: bool
    service_account: str | None
    service_account_raw: str | None
    agent_account: str | None
    agent_running: bool
    endpoint: Endpoint | None
    connect: list[str]
    sql_tools: SqlToolDocument | None
    log_backup_jobs: list[str]
    port_taken: bool
    default_folders: dict[str, Folder]
    records: dict[str, str]
    databases: dict[str, DatabaseFacts]
    logins: list[Login]
    volumes: dict[str, int]


NO_BACKUP: LastBackup = {
    "path": None,
    "started_at": None,
    "first_lsn": None,
    "last_lsn": None,
    "uuid": None,
    "stamp": None,
    "fork": None,
}

NO_SPACE: DatabaseSpace = {
    "log_reuse_wait": None,
    "size_mb": None,
    "log_used_mb": None,
    "log_room_mb": None,
    "backup_mb_a_second": None,
}

NO_DATABASE: DatabaseFacts = {
    "database_state": None,
    "user_access": None,
    "is_read_only": None,
    "is_auto_close_on": None,
    "recovery_model": None,
    "mirroring_role": None,
    "mirroring_state": None,
    "mirroring_partner": None,
    "mirroring_safety": None,
    "mirroring_witness": None,
    "mirroring_witness_state": None,
    "mirroring_timeout": None,
    "mirroring_role_sequence": None,
    "redo_lsn": None,
    "recovery_fork": None,
    "fork_point_lsn": None,
    "first_recovery_fork": None,
    "family": None,
    "last_log_backup_lsn": None,
    "sessions": None,
    "restored_at": None,
    "restored_uuid": None,
    "restored_last_lsn": None,
    "restored_stamp": None,
    "restored_fork": None,
    "restored_began_at": None,
    "full_stamps": [],
    "last_full_backup": None,
    "last_log_backup": None,
    "log_shipping_primary": None,
    "log_shipping_secondary": None,
    "owner": None,
    "owner_sid": None,
    "dbo_sid": None,
    "users": [],
    "space": None,
}
