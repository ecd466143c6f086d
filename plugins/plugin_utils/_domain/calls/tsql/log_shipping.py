"""Batches that configure log shipping: the documented procedures in the documented order, each
return code checked. FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ...._engine.model import Sql
from . import quote
from .agent import NAMED_SA, SA, schedule
from .guard import execute, guarded, step
from .quote import literals


def _plain_utc(column: str) -> str:
    """A datetime that is UTC already."""
    return f"CONVERT(varchar(19), {column}, 126) + 'Z'"


def log_shipping_primaries(names: list[str]) -> Sql:
    return Sql(
        "SET NOCOUNT ON; SELECT p.primary_database AS name, p.backup_directory AS"
        " backup_directory, p.backup_share AS backup_share, p.backup_retention_period AS"
        " backup_retention, p.backup_compression AS backup_compression, p.last_backup_file AS"
        " last_backup_file, m.backup_threshold AS backup_threshold, m.threshold_alert_enabled AS"
        " threshold_alert_enabled, m.history_retention_period AS history_retention,"
        f" {_plain_utc('m.last_backup_date_utc')} AS last_backup_at, j.name AS backup_job,"
        " j.enabled AS enabled, CASE WHEN j.owner_sid = 0x01 THEN 1 ELSE 0 END AS owned FROM"
        " msdb.dbo.log_shipping_primary_databases p LEFT JOIN"
        " msdb.dbo.log_shipping_monitor_primary m ON m.primary_id = p.primary_id LEFT JOIN"
        " msdb.dbo.sysjobs j ON j.job_id = p.backup_job_id WHERE p.primary_database IN"
        f" ({literals(names)})",
        "msdb",
    )


def log_shipping_primary_secondaries(names: list[str]) -> Sql:
    return Sql(
        "SET NOCOUNT ON; SELECT p.primary_database AS name, s.secondary_server AS server,"
        " s.secondary_database AS secondary_database FROM msdb.dbo.log_shipping_primary_databases"
        " p JOIN msdb.dbo.log_shipping_primary_secondaries s ON s.primary_id = p.primary_id WHERE"
        f" p.primary_database IN ({literals(names)}) ORDER BY s.secondary_server,"
        " s.secondary_database",
        "msdb",
    )


def log_shipping_secondaries(names: list[str]) -> Sql:
    return Sql(
        "SET NOCOUNT ON; SELECT d.secondary_database AS name, s.primary_server AS primary_server,"
        " s.primary_database AS primary_database, s.backup_source_directory AS source_directory,"
        " s.backup_destination_directory AS destination_directory, s.file_retention_period AS"
        " retention, d.restore_delay AS restore_delay, d.restore_mode AS restore_mode,"
        " d.disconnect_users AS disconnect_users, m.restore_threshold AS restore_threshold,"
        " m.threshold_alert_enabled AS threshold_alert_enabled, m.history_retention_period AS"
        " history_retention, s.last_copied_file AS last_copied_file, d.last_restored_file AS"
        f" last_restored_file, {_plain_utc('m.last_copied_date_utc')} AS last_copied_at,"
        f" {_plain_utc('m.last_restored_date_utc')} AS last_restored_at, m.last_restored_latency AS"
        " last_restored_latency, c.name AS copy_job, c.enabled AS copy_enabled, r.name AS"
        " restore_job, r.enabled AS restore_enabled, CASE WHEN c.owner_sid = 0x01 THEN 1 ELSE 0"
        " END AS copy_owned, CASE WHEN r.owner_sid = 0x01 THEN 1 ELSE 0 END AS restore_owned FROM"
        " msdb.dbo.log_shipping_secondary s LEFT JOIN msdb.dbo.log_shipping_secondary_databases d"
        " ON d.secondary_id = s.secondary_id LEFT JOIN msdb.dbo.log_shipping_monitor_secondary m"
        " ON m.secondary_id = s.secondary_id AND m.secondary_database = d.secondary_database LEFT"
        " JOIN msdb.dbo.sysjobs c ON c.job_id = s.copy_job_id LEFT JOIN msdb.dbo.sysjobs r ON"
        f" r.job_id = s.restore_job_id WHERE d.secondary_database IN ({literals(names)}) OR"
        f" (d.secondary_database IS NULL AND s.primary_database IN ({literals(names)}))",
        "msdb",
    )


#: Message numbers, not minutes (sp_add_log_shipping_primary_database, ..._secondary_database).
_PRIMARY_ALERT = 14420
_SECONDARY_ALERT = 14421


def _absent(table: str, column: str, database: str) -> str:
    return (
        f"NOT EXISTS (SELECT 1 FROM msdb.dbo.{table} WHERE {column} ="
        f" {quote.literal(quote.plain_name(database))})"
    )


def _present(table: str, column: str, database: str) -> str:
    return _absent(table, column, database).removeprefix("NOT ")


def add_primary(settings: Mapping[str, t.Any]) -> Sql:
    """The primary half: alert job, database, schedule, secondaries, and last the job enabled.

    The alert job comes first (it is there once for all, sp_add_log_shipping_alert_job), because
    nothing would miss it later. What is missing of the rest after a batch that was cut off shows in
    the state, and the next run adds it.
    """
    body = execute("master", "sp_add_log_shipping_alert_job", {"alert_job_id": ("@alert OUTPUT",)})
    body += execute(
        "master",
        "sp_add_log_shipping_primary_database",
        {
            "database": settings["database"],
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
    )
    body += schedule("@job", settings["schedule_name"], settings["interval"])
    for secondary in settings["secondaries"]:
        body += add_secondary(settings["database"], secondary)
    body += NAMED_SA + execute(
        "msdb",
        "sp_update_job",
        {"job_id": ("@job",), "enabled": settings["enabled"], "owner_login_name": (SA,)},
    )
    return guarded(
        _absent("log_shipping_primary_databases", "primary_database", settings["database"]),
        f"{settings['database']} is a log shipping primary by now",
        body,
        declare=(
            "@sa sysname, @job uniqueidentifier, @pid uniqueidentifier, @alert uniqueidentifier,"
            " @sid int"
        ),
    )


def add_secondary(database: str, secondary: Mapping[str, str]) -> str:
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
    return f"IF NOT {_ships_to(database, secondary)} BEGIN {add}END "


def remove_secondary(database: str, secondary: Mapping[str, str]) -> str:
    remove = execute(
        "master",
        "sp_delete_log_shipping_primary_secondary",
        {
            "primary_database": database,
            "secondary_server": secondary["server"],
            "secondary_database": secondary["database"],
        },
    )
    return f"IF {_ships_to(database, secondary)} BEGIN {remove}END "


def _ships_to(database: str, secondary: Mapping[str, str]) -> str:
    return (
        "EXISTS (SELECT 1 FROM msdb.dbo.log_shipping_primary_databases p "
        "JOIN msdb.dbo.log_shipping_primary_secondaries s ON s.primary_id = p.primary_id "
        f"WHERE p.primary_database = {quote.literal(quote.plain_name(database))} "
        f"AND s.secondary_server = {quote.literal(secondary['server'])} "
        f"AND s.secondary_database = {quote.literal(secondary['database'])})"
    )


def on_primary(database: str, body: str) -> Sql:
    """A change of a primary that exists."""
    return guarded(
        _present("log_shipping_primary_databases", "primary_database", database),
        f"{database} is no log shipping primary any more",
        body,
    )


def change_primary(settings: Mapping[str, t.Any]) -> Sql:
    return on_primary(
        settings["database"],
        execute(
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
        ),
    )


def remove_primary(database: str, secondaries: t.Sequence[Mapping[str, str]]) -> Sql:
    body = "".join(remove_secondary(database, s) for s in secondaries)
    return on_primary(
        database,
        body + execute("master", "sp_delete_log_shipping_primary_database", {"database": database}),
    )


def reschedule(job: str, name: str, minutes: int, old: t.Sequence[int]) -> Sql:
    """One schedule with this interval instead of those with these ids, which must be all that the
    job has.
    """
    named = quote.literal(quote.plain_name(job))
    body = step(
        f"SELECT @job = job_id FROM msdb.dbo.sysjobs WHERE name = {named};", "the look for the job"
    )
    for number in old:
        detach = execute(
            "msdb",
            "sp_detach_schedule",
            {"job_id": ("@job",), "schedule_id": int(number), "delete_unused_schedule": 1},
        )
        attached = (
            "SELECT 1 FROM msdb.dbo.sysjobschedules WHERE job_id = @job AND schedule_id ="
            f" {int(number)}"
        )
        body += f"IF EXISTS ({attached}) BEGIN {detach}END "
    known = f" AND a.schedule_id NOT IN ({', '.join(str(int(n)) for n in old)})" if old else ""
    others = (
        "SELECT 1 FROM msdb.dbo.sysjobschedules a JOIN msdb.dbo.sysjobs j ON j.job_id = a.job_id "
        f"WHERE j.name = {named}{known}"
    )
    return guarded(
        f"EXISTS (SELECT 1 FROM msdb.dbo.sysjobs WHERE name = {named}) AND NOT EXISTS ({others})",
        f"the job {job} is gone, or has another schedule by now",
        body + schedule("@job", name, minutes),
        "msdb",
        declare="@job uniqueidentifier, @sid int",
    )


def add_on_secondary(settings: Mapping[str, t.Any]) -> Sql:
    """The secondary half: primary's entry with both jobs, schedules, database, and last the jobs
    enabled.
    """
    body = execute(
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
    )
    body += schedule("@copy", settings["copy_schedule_name"], settings["copy_interval"]) + schedule(
        "@restore", settings["restore_schedule_name"], settings["restore_interval"]
    )
    # Before the database: an entry without it is made again by the next run, should this one be cut
    # off.
    body += execute("master", "sp_add_log_shipping_alert_job", {"alert_job_id": ("@alert OUTPUT",)})
    body += execute(
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
    )
    body += NAMED_SA
    for variable in ("@copy", "@restore"):
        body += execute(
            "msdb",
            "sp_update_job",
            {"job_id": (variable,), "enabled": settings["enabled"], "owner_login_name": (SA,)},
        )
    restoring = (
        "EXISTS (SELECT 1 FROM sys.databases WHERE name ="
        f" {quote.literal(quote.plain_name(settings['database']))} AND state_desc = N'RESTORING')"
    )
    return guarded(
        f"{restoring} AND "
        + _absent("log_shipping_secondary_databases", "secondary_database", settings["database"]),
        f"{settings['database']} is not an unlinked restoring copy any more",
        body,
        declare=(
            "@sa sysname, @copy uniqueidentifier, @restore uniqueidentifier, @pid uniqueidentifier,"
            " @alert uniqueidentifier, @sid int"
        ),
    )


def on_secondary(database: str, body: str) -> Sql:
    return guarded(
        _present("log_shipping_secondary_databases", "secondary_database", database),
        f"{database} is no log shipping secondary any more",
        body,
    )


def change_on_secondary(settings: Mapping[str, t.Any]) -> Sql:
    body = execute(
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
    body += execute(
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
    return on_secondary(settings["database"], body)


def remove_on_secondary(database: str) -> Sql:
    """Takes the copy and restore jobs along; the database stays as it is."""
    return on_secondary(
        database,
        execute(
            "master", "sp_delete_log_shipping_secondary_database", {"secondary_database": database}
        ),
    )
