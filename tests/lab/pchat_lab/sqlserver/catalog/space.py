"""How large databases and their logs are, and what room there is for them to grow.

assumed: of the counters of sys.dm_os_performance_counters only those of databases' sizes are here.
"""

from __future__ import annotations

import typing as t

from ...world import disks
from ..language.registry import view
from ..language.sources import table_function
from ..server.files import PAGE

if t.TYPE_CHECKING:
    from ..language.session import SqlSession
    from ..server.database import Database

Rows = t.Iterable[dict[str, t.Any]]
_KB = 1024
_RAW_COUNT = 65792  # PERF_COUNTER_LARGE_RAWCOUNT


@view(
    "sys.dm_os_performance_counters",
    "object_name nchar(128), counter_name nchar(128), instance_name nchar(128), "
    "cntr_value bigint, cntr_type int",
)
def performance_counters(session: SqlSession) -> Rows:
    instance = session.instance
    owner = f"MSSQL${instance.name.upper()}" if instance.name else "SQLServer"
    for database in instance.databases.values():
        for counter, kilobytes in _sizes(database).items():
            yield {
                "object_name": f"{owner}:Databases",
                "counter_name": counter,
                "instance_name": database.name,
                "cntr_value": kilobytes,
                "cntr_type": _RAW_COUNT,
            }


def _sizes(database: Database) -> dict[str, int]:
    """In kilobytes, by counter (SQL Server, Databases object)."""
    pages = {"ROWS": 0, "LOG": 0}
    for file in database.files:
        pages[file.type] += file.size
    return {
        "Data File(s) Size (KB)": pages["ROWS"] * PAGE // _KB,
        "Log File(s) Size (KB)": pages["LOG"] * PAGE // _KB,
        "Log File(s) Used Size (KB)": database.log_used // _KB,
    }


@table_function(
    "dm_os_volume_stats",
    "database_id int, file_id int, volume_mount_point nvarchar(512), volume_id nvarchar(512), "
    "logical_volume_name nvarchar(512), file_system_type nvarchar(512), total_bytes bigint, "
    "available_bytes bigint, supports_compression bit, supports_alternate_streams bit, "
    "supports_sparse_files bit, is_read_only bit, is_compressed bit",
)
def volume_stats(session: SqlSession, database_id: int | None, file_id: int | None) -> Rows:
    """Of the volume that a file is on (2008 R2 SP1 and later)."""
    machine = session.instance.machine
    for database in session.instance.databases.values():
        if database.database_id != database_id:
            continue
        for file in database.files:
            if file.file_id != file_id:
                continue
            drive = disks.drive_of(file.path)
            yield {
                "database_id": database_id,
                "file_id": file_id,
                "volume_mount_point": f"{drive.upper()}\\",
                "volume_id": f"\\\\?\\Volume{{{drive[0]}}}\\",
                "logical_volume_name": "",
                "file_system_type": "NTFS",
                "total_bytes": disks.size(machine, drive),
                "available_bytes": disks.free(machine, drive),
                "supports_compression": True,
                "supports_alternate_streams": True,
                "supports_sparse_files": True,
                "is_read_only": False,
                "is_compressed": False,
            }
