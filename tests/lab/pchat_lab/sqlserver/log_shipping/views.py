"""msdb's log shipping tables and the monitor procedure (sql-docs: Log Shipping Tables and Stored
Procedures).
"""

from __future__ import annotations

import datetime as dt
import typing as t
from collections.abc import Iterable, Iterator

from ..agent.documented import documented_procedure
from ..language.registry import view
from .jobs import Secondary, SecondaryDatabase, of_instance

if t.TYPE_CHECKING:
    from ..language.session import SqlSession


def _shipped(session: SqlSession) -> Iterator[tuple[Secondary, SecondaryDatabase]]:
    for secondary in of_instance(session.instance).secondaries.values():
        for database in secondary.databases.values():
            yield secondary, database


def _local(session: SqlSession, utc: dt.datetime | None) -> dt.datetime | None:
    return utc + dt.timedelta(minutes=session.instance.machine.offset_at(utc)) if utc else None


@view(
    "msdb.dbo.log_shipping_primary_databases",
    "primary_id uniqueidentifier, primary_database sysname, backup_directory nvarchar(500), "
    "backup_share nvarchar(500), backup_retention_period int, backup_job_id uniqueidentifier, "
    "monitor_server sysname, "
    "monitor_server_security_mode bit, last_backup_file nvarchar(500), last_backup_date datetime, "
    "user_specified_monitor bit, backup_compression tinyint",
)
def primary_databases(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    return [
        {
            "primary_id": p.primary_id,
            "primary_database": p.database,
            "backup_directory": p.backup_directory,
            "backup_share": p.backup_share,
            "backup_retention_period": p.retention,
            "backup_job_id": p.job.job_id,
            "monitor_server": session.instance.server_name,
            "monitor_server_security_mode": True,
            "last_backup_file": p.last_file,
            "last_backup_date": _local(session, p.last_utc),
            "user_specified_monitor": False,
            "backup_compression": p.compression,
        }
        for p in of_instance(session.instance).primaries.values()
    ]


@view(
    "msdb.dbo.log_shipping_primary_secondaries",
    "primary_id uniqueidentifier, secondary_server sysname, secondary_database sysname",
)
def primary_secondaries(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    for primary in of_instance(session.instance).primaries.values():
        for server, database in primary.secondaries:
            yield {
                "primary_id": primary.primary_id,
                "secondary_server": server,
                "secondary_database": database,
            }


@view(
    "msdb.dbo.log_shipping_monitor_primary",
    "primary_id uniqueidentifier, primary_server sysname, primary_database sysname, "
    "backup_threshold int, "
    "threshold_alert int, threshold_alert_enabled bit, last_backup_file nvarchar(500), "
    "last_backup_date datetime, last_backup_date_utc datetime, "
    "history_retention_period int",
)
def monitor_primary(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    return [
        {
            "primary_id": p.primary_id,
            "primary_server": session.instance.server_name,
            "primary_database": p.database,
            "backup_threshold": p.threshold,
            "threshold_alert": p.threshold_alert,
            "threshold_alert_enabled": p.alert_enabled,
            "last_backup_file": p.last_file,
            "last_backup_date": _local(session, p.last_utc),
            "last_backup_date_utc": p.last_utc,
            "history_retention_period": p.history_retention,
        }
        for p in of_instance(session.instance).primaries.values()
    ]


@view(
    "msdb.dbo.log_shipping_secondary",
    "secondary_id uniqueidentifier, primary_server sysname, primary_database sysname, "
    "backup_source_directory nvarchar(500), backup_destination_directory nvarchar(500), "
    "file_retention_period int, copy_job_id uniqueidentifier, "
    "restore_job_id uniqueidentifier, monitor_server sysname, monitor_server_security_mode bit, "
    "user_specified_monitor bit, "
    "last_copied_file nvarchar(500), last_copied_date datetime",
)
def secondaries(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    return [
        {
            "secondary_id": s.secondary_id,
            "primary_server": s.primary_server,
            "primary_database": s.primary_database,
            "backup_source_directory": s.source,
            "backup_destination_directory": s.destination,
            "file_retention_period": s.file_retention,
            "copy_job_id": s.copy_job.job_id,
            "restore_job_id": s.restore_job.job_id,
            "monitor_server": session.instance.server_name,
            "monitor_server_security_mode": True,
            "user_specified_monitor": False,
            "last_copied_file": s.last_file,
            "last_copied_date": _local(session, s.last_utc),
        }
        for s in of_instance(session.instance).secondaries.values()
    ]


@view(
    "msdb.dbo.log_shipping_secondary_databases",
    "secondary_database sysname, secondary_id uniqueidentifier, restore_delay int, restore_all "
    "bit, "
    "restore_mode bit, disconnect_users bit, block_size int, buffer_count int, max_transfer_size "
    "int, last_restored_file nvarchar(500), "
    "last_restored_date datetime",
)
def secondary_databases(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    for secondary, database in _shipped(session):
        yield {
            "secondary_database": database.database,
            "secondary_id": secondary.secondary_id,
            "restore_delay": database.restore_delay,
            "restore_all": database.restore_all,
            "restore_mode": database.restore_mode,
            "disconnect_users": database.disconnect_users,
            "block_size": database.block_size,
            "buffer_count": database.buffer_count,
            "max_transfer_size": database.max_transfer_size,
            "last_restored_file": database.last_file,
            "last_restored_date": _local(session, database.last_utc),
        }


@view(
    "msdb.dbo.log_shipping_monitor_secondary",
    "secondary_server sysname, secondary_database sysname, secondary_id uniqueidentifier, "
    "primary_server sysname, primary_database sysname, restore_threshold int, threshold_alert int, "
    "threshold_alert_enabled bit, "
    "last_copied_file nvarchar(500), last_copied_date datetime, last_copied_date_utc datetime, "
    "last_restored_file nvarchar(500), "
    "last_restored_date datetime, last_restored_date_utc datetime, last_restored_latency int, "
    "history_retention_period int",
)
def monitor_secondary(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    for secondary, database in _shipped(session):
        yield {
            "secondary_server": session.instance.server_name,
            "secondary_database": database.database,
            "secondary_id": secondary.secondary_id,
            "primary_server": secondary.primary_server,
            "primary_database": secondary.primary_database,
            "restore_threshold": database.restore_threshold,
            "threshold_alert": database.threshold_alert,
            "threshold_alert_enabled": database.alert_enabled,
            "last_copied_file": secondary.last_file,
            "last_copied_date": _local(session, secondary.last_utc),
            "last_copied_date_utc": secondary.last_utc,
            "last_restored_file": database.last_file,
            "last_restored_date": _local(session, database.last_utc),
            "last_restored_date_utc": database.last_utc,
            "last_restored_latency": database.last_latency,
            "history_retention_period": database.history_retention,
        }


@view(
    "msdb.dbo.log_shipping_monitor_history_detail",
    "agent_id uniqueidentifier, agent_type tinyint, session_id int, database_name sysname, "
    "session_status tinyint, log_time datetime, log_time_utc datetime, message nvarchar(max)",
)
def history(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    return list(of_instance(session.instance).history)


@view(
    "msdb.dbo.log_shipping_monitor_error_detail",
    "agent_id uniqueidentifier, agent_type tinyint, session_id int, database_name sysname, "
    "sequence_number int, log_time datetime, log_time_utc datetime, message nvarchar(max), source "
    "nvarchar(max), help_url nvarchar(max)",
)
def errors(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    return list(of_instance(session.instance).errors)


@view("msdb.dbo.log_shipping_monitor_alert", "alert_job_id uniqueidentifier")
def alert(session: SqlSession) -> Iterable[dict[str, t.Any]]:
    job = of_instance(session.instance).alert_job
    return [{"alert_job_id": job.job_id}] if job else []


def _ago(session: SqlSession, when: dt.datetime | None) -> int | None:
    return None if when is None else int((session.instance.utc_now() - when).total_seconds() // 60)


@documented_procedure("sp_help_log_shipping_monitor", writes=False)
def help_monitor(session: SqlSession, args: dict[str, t.Any]) -> int:
    rows: list[dict[str, t.Any]] = []
    shipping = of_instance(session.instance)
    for p in shipping.primaries.values():
        since = _ago(session, p.last_utc)
        rows.append(
            {
                "status": since is None or since > p.threshold,
                "is_primary": True,
                "server": session.instance.server_name,
                "database_name": p.database,
                "time_since_last_backup": since,
                "last_backup_file": p.last_file,
                "backup_threshold": p.threshold,
                "is_backup_alert_enabled": p.alert_enabled,
            }
        )
    for s in shipping.secondaries.values():
        for d in s.databases.values():
            since = _ago(session, d.last_utc)
            rows.append(
                {
                    "status": since is None or since > d.restore_threshold,
                    "is_primary": False,
                    "server": session.instance.server_name,
                    "database_name": d.database,
                    "time_since_last_copy": _ago(session, s.last_utc),
                    "last_copied_file": s.last_file,
                    "time_since_last_restore": since,
                    "last_restored_file": d.last_file,
                    "last_restored_latency": d.last_latency,
                    "restore_threshold": d.restore_threshold,
                    "is_restore_alert_enabled": d.alert_enabled,
                }
            )
    session.emit_rows(
        "status bit, is_primary bit, server sysname, database_name sysname, time_since_last_backup "
        "int, last_backup_file nvarchar(500), "
        "backup_threshold int, is_backup_alert_enabled bit, time_since_last_copy int, "
        "last_copied_file nvarchar(500), "
        "time_since_last_restore int, last_restored_file nvarchar(500), last_restored_latency int, "
        "restore_threshold int, "
        "is_restore_alert_enabled bit",
        rows,
    )
    return 0
