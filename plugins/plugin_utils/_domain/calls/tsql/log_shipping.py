"""Batches that configure log shipping: the documented procedures in the documented order, each
return code checked. FOR INTERNAL COLLECTION USE ONLY.

Thresholds, retentions and intervals are in minutes.
"""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from ...._engine.model import Sql
from ...documents.instance import ShippedTo
from . import quote
from .agent import NAMED_SA, SA, schedule
from .guard import execute, guarded, step
from .quote import literals
from .text import one_line, query

#: Message numbers, not minutes (sp_add_log_shipping_primary_database, ..._secondary_database).
_PRIMARY_ALERT = 14420
_SECONDARY_ALERT = 14421


def _plain_utc(column: str) -> str:
    """A datetime that is UTC already."""
    return f"CONVERT(varchar(19), {column}, 126) + 'Z'"


def _of_sa(job: str) -> str:
    """Whether a job of sysjobs belongs to the built-in administrator: 1 or 0."""
    return f"CASE WHEN {job}.owner_sid = 0x01 THEN 1 ELSE 0 END"


class PrimaryRow(t.TypedDict):
    """A primary, with its monitor's row and its job.

    ``enabled``, ``owned``: 0 or 1, of the job; 0 and None as well when there is none.
    ``last_backup_at``: ISO 8601 in UTC.
    """

    name: str
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


def primaries(names: list[str]) -> Sql:
    """Which of these databases are primaries here: rows ``PrimaryRow``."""
    return query(
        f"""
        SELECT p.primary_database AS name,
               p.backup_directory AS backup_directory,
               p.backup_share AS backup_share,
               p.backup_retention_period AS backup_retention,
               p.backup_compression AS backup_compression,
               p.last_backup_file AS last_backup_file,
               m.backup_threshold AS backup_threshold,
               m.threshold_alert_enabled AS threshold_alert_enabled,
               m.history_retention_period AS history_retention,
               {_plain_utc("m.last_backup_date_utc")} AS last_backup_at,
               j.name AS backup_job,
               j.enabled AS enabled,
               {_of_sa("j")} AS owned
        FROM msdb.dbo.log_shipping_primary_databases p
        LEFT JOIN msdb.dbo.log_shipping_monitor_primary m ON m.primary_id = p.primary_id
        LEFT JOIN msdb.dbo.sysjobs j ON j.job_id = p.backup_job_id
        WHERE p.primary_database IN ({literals(names)})
        """,
        "msdb",
    )


class ShippedToRow(t.TypedDict):
    """A secondary that a primary knows. ``name``: the primary database."""

    name: str
    server: str
    secondary_database: str


def shipped_to(names: list[str]) -> Sql:
    """The secondaries that the primaries among these databases know: rows ``ShippedToRow``."""
    return query(
        f"""
        SELECT p.primary_database AS name,
               s.secondary_server AS server,
               s.secondary_database AS secondary_database
        FROM msdb.dbo.log_shipping_primary_databases p
        JOIN msdb.dbo.log_shipping_primary_secondaries s ON s.primary_id = p.primary_id
        WHERE p.primary_database IN ({literals(names)})
        ORDER BY s.secondary_server, s.secondary_database
        """,
        "msdb",
    )


class SecondaryRow(t.TypedDict):
    """A secondary, with its monitor's row and its two jobs.

    ``name`` None: an entry without its database, of which everything else that is the database's
    is None as well. ``restore_mode``: 0 norecovery, 1 standby. ``..._at``: ISO 8601 in UTC.
    ``..._enabled``, ``..._owned``: 0 or 1, of a job.
    """

    name: str | None
    primary_server: str
    primary_database: str
    source_directory: str
    destination_directory: str
    retention: int
    restore_delay: int | None
    restore_mode: int | None
    disconnect_users: bool | None
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


def secondaries(names: list[str]) -> Sql:
    """Which of these databases are secondaries here, and entries for them without a database: rows
    ``SecondaryRow``.
    """
    return query(
        f"""
        SELECT d.secondary_database AS name,
               s.primary_server AS primary_server,
               s.primary_database AS primary_database,
               s.backup_source_directory AS source_directory,
               s.backup_destination_directory AS destination_directory,
               s.file_retention_period AS retention,
               d.restore_delay AS restore_delay,
               d.restore_mode AS restore_mode,
               d.disconnect_users AS disconnect_users,
               m.restore_threshold AS restore_threshold,
               m.threshold_alert_enabled AS threshold_alert_enabled,
               m.history_retention_period AS history_retention,
               s.last_copied_file AS last_copied_file,
               d.last_restored_file AS last_restored_file,
               {_plain_utc("m.last_copied_date_utc")} AS last_copied_at,
               {_plain_utc("m.last_restored_date_utc")} AS last_restored_at,
               m.last_restored_latency AS last_restored_latency,
               c.name AS copy_job,
               c.enabled AS copy_enabled,
               r.name AS restore_job,
               r.enabled AS restore_enabled,
               {_of_sa("c")} AS copy_owned,
               {_of_sa("r")} AS restore_owned
        FROM msdb.dbo.log_shipping_secondary s
        LEFT JOIN msdb.dbo.log_shipping_secondary_databases d ON d.secondary_id = s.secondary_id
        LEFT JOIN msdb.dbo.log_shipping_monitor_secondary m
        ON m.secondary_id = s.secondary_id
        AND m.secondary_database = d.secondary_database
        LEFT JOIN msdb.dbo.sysjobs c ON c.job_id = s.copy_job_id
        LEFT JOIN msdb.dbo.sysjobs r ON r.job_id = s.restore_job_id
        WHERE d.secondary_database IN ({literals(names)})
        OR (d.secondary_database IS NULL AND s.primary_database IN ({literals(names)}))
        """,
        "msdb",
    )


class PrimarySettings(t.TypedDict):
    """A primary as it is to be. ``backup_compression``: 0 no, 1 yes, 2 the server's default."""

    database: str
    backup_directory: str
    backup_share: str
    backup_job: str
    backup_retention: int
    backup_compression: int
    backup_threshold: int
    threshold_alert_enabled: bool
    history_retention: int
    schedule_name: str
    interval: int
    secondaries: list[ShippedTo]
    enabled: bool


def add_primary(settings: PrimarySettings) -> Sql:
    """The primary half: alert job, database, schedule, secondaries, and last the job enabled.

    The alert job comes first (it is there once for all, sp_add_log_shipping_alert_job), because
    nothing would miss it later. What is missing of the rest after a batch that was cut off shows in
    the state, and the next run adds it.
    """
    database = settings["database"]
    steps = [
        _add_alert_job(),
        execute(
            "master",
            "sp_add_log_shipping_primary_database",
            {
                "database": database,
                "backup_directory": settings["backup_directory"],
                "backup_share": settings["backup_share"],
                "backup_job_name": settings["backup_job"],
                "backup_retention_period": settings["backup_retention"],
                "backup_compression": settings["backup_compression"],
                "backup_threshold": settings["backup_threshold"],
                "threshold_alert": _PRIMARY_ALERT,
                "threshold_alert_enabled": settings["threshold_alert_enabled"],
                "history_retention_period": settings["history_retention"],
                "backup_job_id": ("@job OUTPUT",),
                "primary_id": ("@pid OUTPUT",),
                "overwrite": 0,
            },
        ),
        schedule("@job", settings["schedule_name"], settings["interval"]),
    ]
    for secondary in settings["secondaries"]:
        steps.append(add_secondary(database, secondary))
    steps.append(NAMED_SA)
    steps.append(_hand_over("@job", settings["enabled"]))
    return guarded(
        _absent("log_shipping_primary_databases", "primary_database", database),
        f"{database} is a log shipping primary by now",
        "\n".join(steps),
        declare=(
            "@sa sysname, @job uniqueidentifier, @pid uniqueidentifier, @alert uniqueidentifier,"
            " @sid int"
        ),
    )


def add_secondary(database: str, secondary: ShippedTo) -> str:
    """A step: the primary knows this secondary."""
    add = execute(
        "master",
        "sp_add_log_shipping_primary_secondary",
        {
            "primary_database": database,
            "secondary_server": secondary["server"],
            "secondary_database": secondary["database"],
            "overwrite": 0,
        },
    )
    return one_line(f"""
        IF NOT {_ships_to(database, secondary)}
        BEGIN
            {add}
        END
    """)


def remove_secondary(database: str, secondary: ShippedTo) -> str:
    """A step: the primary does not know this secondary."""
    remove = execute(
        "master",
        "sp_delete_log_shipping_primary_secondary",
        {
            "primary_database": database,
            "secondary_server": secondary["server"],
            "secondary_database": secondary["database"],
        },
    )
    return one_line(f"""
        IF {_ships_to(database, secondary)}
        BEGIN
            {remove}
        END
    """)


def change_secondaries(database: str, gone: Sequence[ShippedTo], added: Sequence[ShippedTo]) -> Sql:
    """The primary forgets the secondaries that are gone and knows those that were added."""
    steps = [remove_secondary(database, secondary) for secondary in gone]
    steps += [add_secondary(database, secondary) for secondary in added]
    return _on_primary(database, "\n".join(steps))


def _on_primary(database: str, body: str) -> Sql:
    """A change of a primary that exists."""
    return guarded(
        _present("log_shipping_primary_databases", "primary_database", database),
        f"{database} is no log shipping primary any more",
        body,
    )


def change_primary(settings: PrimarySettings) -> Sql:
    """All that can be changed of a primary in one procedure."""
    change = execute(
        "master",
        "sp_change_log_shipping_primary_database",
        {
            "database": settings["database"],
            "backup_directory": settings["backup_directory"],
            "backup_share": settings["backup_share"],
            "backup_retention_period": settings["backup_retention"],
            "backup_compression": settings["backup_compression"],
            "backup_threshold": settings["backup_threshold"],
            "threshold_alert": _PRIMARY_ALERT,
            "threshold_alert_enabled": settings["threshold_alert_enabled"],
            "history_retention_period": settings["history_retention"],
        },
    )
    return _on_primary(settings["database"], change)


def remove_primary(database: str, secondaries: Sequence[ShippedTo]) -> Sql:
    """No log is shipped from here any more; takes the backup job along."""
    steps = [remove_secondary(database, secondary) for secondary in secondaries]
    steps.append(
        execute("master", "sp_delete_log_shipping_primary_database", {"database": database})
    )
    return _on_primary(database, "\n".join(steps))


def reschedule(job: str, name: str, minutes: int, old: Sequence[int]) -> Sql:
    """One schedule with this interval instead of those with these ids, which must be all that the
    job has.
    """
    named = f"name = {quote.literal(quote.plain_name(job))}"
    steps = [
        step(f"SELECT @job = job_id FROM msdb.dbo.sysjobs WHERE {named};", "the look for the job")
    ]
    for number in old:
        steps.append(_detach(number))
    steps.append(schedule("@job", name, minutes))
    others = f"""
        SELECT 1
        FROM msdb.dbo.sysjobschedules a
        JOIN msdb.dbo.sysjobs j ON j.job_id = a.job_id
        WHERE j.{named}
    """
    if old:
        others += f"AND a.schedule_id NOT IN ({quote.numbers(old)})"
    there = f"EXISTS (SELECT 1 FROM msdb.dbo.sysjobs WHERE {named})"
    return guarded(
        f"{there} AND NOT EXISTS ({one_line(others)})",
        f"the job {job} is gone, or has another schedule by now",
        "\n".join(steps),
        "msdb",
        declare="@job uniqueidentifier, @sid int",
    )


def _detach(schedule_id: int) -> str:
    """Of the job whose id is in @job, and away with the schedule if no other job uses it."""
    detach = execute(
        "msdb",
        "sp_detach_schedule",
        {"job_id": ("@job",), "schedule_id": int(schedule_id), "delete_unused_schedule": 1},
    )
    return one_line(f"""
        IF EXISTS (SELECT 1
                   FROM msdb.dbo.sysjobschedules
                   WHERE job_id = @job
                   AND schedule_id = {int(schedule_id)})
        BEGIN
            {detach}
        END
    """)


class SecondarySettings(t.TypedDict):
    """A secondary as it is to be. ``restore_mode_bit``: 0 norecovery, 1 standby."""

    database: str
    primary_server: str
    primary_database: str
    source_directory: str
    destination_directory: str
    copy_job: str
    restore_job: str
    retention: int
    copy_schedule_name: str
    restore_schedule_name: str
    copy_interval: int
    restore_interval: int
    restore_delay: int
    restore_mode_bit: int
    disconnect_users: bool
    restore_threshold: int
    threshold_alert_enabled: bool
    history_retention: int
    enabled: bool


def add_on_secondary(settings: SecondarySettings) -> Sql:
    """The secondary half: primary's entry with both jobs, schedules, database, and last the jobs
    enabled.
    """
    steps = [
        execute(
            "master",
            "sp_add_log_shipping_secondary_primary",
            {
                "primary_server": settings["primary_server"],
                "primary_database": settings["primary_database"],
                "backup_source_directory": settings["source_directory"],
                "backup_destination_directory": settings["destination_directory"],
                "copy_job_name": settings["copy_job"],
                "restore_job_name": settings["restore_job"],
                "file_retention_period": settings["retention"],
                "copy_job_id": ("@copy OUTPUT",),
                "restore_job_id": ("@restore OUTPUT",),
                "secondary_id": ("@pid OUTPUT",),
                "overwrite": 1,
            },
        ),
        schedule("@copy", settings["copy_schedule_name"], settings["copy_interval"]),
        schedule("@restore", settings["restore_schedule_name"], settings["restore_interval"]),
        # Before the database: an entry without it is made again by the next run, should this one
        # be cut off.
        _add_alert_job(),
        execute(
            "master",
            "sp_add_log_shipping_secondary_database",
            {
                "secondary_database": settings["database"],
                "primary_server": settings["primary_server"],
                "primary_database": settings["primary_database"],
                "restore_delay": settings["restore_delay"],
                "restore_all": 1,
                "restore_mode": settings["restore_mode_bit"],
                "disconnect_users": settings["disconnect_users"],
                "restore_threshold": settings["restore_threshold"],
                "threshold_alert": _SECONDARY_ALERT,
                "threshold_alert_enabled": settings["threshold_alert_enabled"],
                "history_retention_period": settings["history_retention"],
                "overwrite": 1,
            },
        ),
        NAMED_SA,
        _hand_over("@copy", settings["enabled"]),
        _hand_over("@restore", settings["enabled"]),
    ]
    database = settings["database"]
    restoring = one_line(f"""
        EXISTS (SELECT 1
                FROM sys.databases
                WHERE name = {quote.literal(quote.plain_name(database))}
                AND state_desc = N'RESTORING')
    """)
    unlinked = _absent("log_shipping_secondary_databases", "secondary_database", database)
    return guarded(
        f"{restoring} AND {unlinked}",
        f"{database} is not an unlinked restoring copy any more",
        "\n".join(steps),
        declare=(
            "@sa sysname, @copy uniqueidentifier, @restore uniqueidentifier, @pid uniqueidentifier,"
            " @alert uniqueidentifier, @sid int"
        ),
    )


def _on_secondary(database: str, body: str) -> Sql:
    """A change of a secondary that exists."""
    return guarded(
        _present("log_shipping_secondary_databases", "secondary_database", database),
        f"{database} is no log shipping secondary any more",
        body,
    )


def change_on_secondary(settings: SecondarySettings) -> Sql:
    """All that can be changed of a secondary: the primary's entry, then the database's."""
    entry = execute(
        "master",
        "sp_change_log_shipping_secondary_primary",
        {
            "primary_server": settings["primary_server"],
            "primary_database": settings["primary_database"],
            "backup_source_directory": settings["source_directory"],
            "backup_destination_directory": settings["destination_directory"],
            "file_retention_period": settings["retention"],
        },
    )
    database = execute(
        "master",
        "sp_change_log_shipping_secondary_database",
        {
            "secondary_database": settings["database"],
            "restore_delay": settings["restore_delay"],
            "restore_mode": settings["restore_mode_bit"],
            "disconnect_users": settings["disconnect_users"],
            "restore_threshold": settings["restore_threshold"],
            "threshold_alert_enabled": settings["threshold_alert_enabled"],
            "history_retention_period": settings["history_retention"],
        },
    )
    return _on_secondary(settings["database"], f"{entry}\n{database}")


def remove_on_secondary(database: str) -> Sql:
    """Takes the copy and restore jobs along; the database stays as it is."""
    return _on_secondary(
        database,
        execute(
            "master", "sp_delete_log_shipping_secondary_database", {"secondary_database": database}
        ),
    )


def _add_alert_job() -> str:
    return execute("master", "sp_add_log_shipping_alert_job", {"alert_job_id": ("@alert OUTPUT",)})


def _hand_over(job: str, enabled: bool) -> str:
    """The job whose id is in the variable is enabled or not, and belongs to nobody who may go."""
    return execute(
        "msdb",
        "sp_update_job",
        {"job_id": (job,), "enabled": enabled, "owner_login_name": (SA,)},
    )


def _present(table: str, column: str, database: str) -> str:
    return one_line(f"""
        EXISTS (SELECT 1
                FROM msdb.dbo.{table}
                WHERE {column} = {quote.literal(quote.plain_name(database))})
    """)


def _absent(table: str, column: str, database: str) -> str:
    return f"NOT {_present(table, column, database)}"


def _ships_to(database: str, secondary: ShippedTo) -> str:
    return one_line(f"""
        EXISTS (SELECT 1
                FROM msdb.dbo.log_shipping_primary_databases p
                JOIN msdb.dbo.log_shipping_primary_secondaries s ON s.primary_id = p.primary_id
                WHERE p.primary_database = {quote.literal(quote.plain_name(database))}
                AND s.secondary_server = {quote.literal(secondary["server"])}
                AND s.secondary_database = {quote.literal(secondary["database"])})
    """)
