"""How large databases and their logs are, and what room they have. FOR INTERNAL COLLECTION USE
ONLY.
"""

from __future__ import annotations

import typing as t

from ...._engine.model import Sql
from .quote import literals
from .text import query


class SpaceRow(t.TypedDict):
    """A database, in megabytes. ``log_used_mb``: what its log cannot use again yet, because of
    ``log_reuse_wait``. ``log_room_mb``: free on the drive of its log, None where nobody knows.
    ``backup_mb_a_second``: of the newest full backup that lasted ten seconds or more (msdb's
    backupset); None without one.
    """

    name: str
    log_reuse_wait: str | None
    size_mb: int | None
    log_used_mb: int | None
    log_room_mb: int | None
    backup_mb_a_second: int | None


def space(names: list[str]) -> Sql:
    """Rows ``SpaceRow`` of these databases (sys.databases, sys.master_files; SQL Server, Databases
    object in sys.dm_os_performance_counters; sys.dm_os_volume_stats, 2008 R2 SP1 and later).
    """
    return _if_it_can_be_told(f"""
        SELECT d.name AS name,
               d.log_reuse_wait_desc AS log_reuse_wait,
               (SELECT SUM(CONVERT(bigint, f.size)) / 128
                FROM sys.master_files f
                WHERE f.database_id = d.database_id) AS size_mb,
               (SELECT MAX(p.cntr_value) / 1024
                FROM sys.dm_os_performance_counters p
                WHERE p.object_name LIKE N'%:Databases%'
                AND p.counter_name = N'Log File(s) Used Size (KB)'
                AND p.instance_name = d.name) AS log_used_mb,
               (SELECT MIN(v.available_bytes) / 1048576
                FROM sys.master_files f
                CROSS APPLY sys.dm_os_volume_stats(f.database_id, f.file_id) v
                WHERE f.database_id = d.database_id
                AND f.type_desc = N'LOG') AS log_room_mb,
               (SELECT TOP (1) CONVERT(int, s.backup_size / 1048576
                    / NULLIF(DATEDIFF(second, s.backup_start_date, s.backup_finish_date), 0))
                FROM msdb.dbo.backupset s
                WHERE s.database_name = d.name
                AND s.type = 'D'
                AND DATEDIFF(second, s.backup_start_date, s.backup_finish_date) >= 10
                ORDER BY s.backup_set_id DESC) AS backup_mb_a_second
        FROM sys.databases d
        WHERE d.name IN ({literals(names)})
    """)


class VolumeRow(t.TypedDict):
    """A volume with files of databases on it. ``mount``: where it begins, ``D:\\``."""

    mount: str
    free_mb: int


def volumes() -> Sql:
    """Rows ``VolumeRow``: every volume that a database of this instance has files on."""
    return _if_it_can_be_told("""
        SELECT v.volume_mount_point AS mount,
               MIN(v.available_bytes) / 1048576 AS free_mb
        FROM sys.master_files f
        CROSS APPLY sys.dm_os_volume_stats(f.database_id, f.file_id) v
        GROUP BY v.volume_mount_point
    """)


def _if_it_can_be_told(select: str) -> Sql:
    """Without rows where that is refused, or where a volume is gone: nobody is kept from seeing the
    rest of an instance in an outage because its disks cannot be measured.
    """
    return query(f"""
        BEGIN TRY
            {select}
        END TRY
        BEGIN CATCH
            SET NOCOUNT ON
        END CATCH
    """)
