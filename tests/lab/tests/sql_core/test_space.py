"""Logs grow until somebody backs them up, and drives are full one day."""

from __future__ import annotations

import pytest

from pchat_lab.powershell.errors import LabGap
from pchat_lab.world import disks

from .conftest import SHARE, Sql

_LOG = (
    "SELECT log_reuse_wait_desc, (SELECT cntr_value FROM sys.dm_os_performance_counters"
    " WHERE object_name LIKE N'%:Databases%' AND counter_name = N'Log File(s) Used Size (KB)'"
    " AND instance_name = N'mgc') FROM sys.databases WHERE name = N'mgc'"
)
_ROOM = (
    "SELECT v.volume_mount_point, v.available_bytes FROM sys.master_files f"
    " CROSS APPLY sys.dm_os_volume_stats(f.database_id, f.file_id) v"
    " WHERE f.database_id = DB_ID(N'mgc') AND f.type_desc = N'LOG'"
)


def write(sql: Sql, megabytes: int) -> None:
    sql.world.faults.add(
        {"kind": "bulk_write", "host": "sql-n1", "database": "mgc", "megabytes": megabytes}
    )


def test_a_log_keeps_what_nobody_backed_up_and_its_file_grows(chat: Sql) -> None:
    write(chat, 300)
    wait, used = chat.rows(_LOG)[0]
    assert (wait, used >= 300 * 1024) == ("LOG_BACKUP", True)
    size = "SELECT size FROM sys.master_files WHERE database_id = DB_ID(N'mgc') AND type = 1"
    assert chat.value(size) * 8192 >= 300 * disks.MB
    chat.run(rf"BACKUP LOG mgc TO DISK = N'{SHARE}\mgc.trn'").check()
    assert chat.rows(_LOG)[0] == ["NOTHING", 0]
    assert chat.value(size) * 8192 >= 300 * disks.MB, "a file does not shrink by itself"


def test_a_log_in_simple_recovery_is_used_again(chat: Sql) -> None:
    chat.run("ALTER DATABASE mgc SET RECOVERY SIMPLE").check()
    write(chat, 300)
    assert chat.rows(_LOG)[0] == ["NOTHING", 0]


def test_a_log_without_room_to_grow_takes_nothing_more_until_it_was_backed_up(chat: Sql) -> None:
    drive = disks.drive_of(chat.value(_ROOM))
    chat.world.faults.add({"kind": "disk_space", "host": "sql-n1", "drive": drive, "free_mb": 100})
    assert chat.rows(_ROOM) == [[f"{drive.upper()}\\", 100 * disks.MB]]
    write(chat, 60)
    with pytest.raises(ValueError, match="log for database 'mgc' is full due to 'LOG_BACKUP'"):
        write(chat, 60)
    chat.run(rf"BACKUP LOG mgc TO DISK = N'{SHARE}\mgc.trn'").check()
    write(chat, 60)


def test_a_backup_needs_room_where_it_goes(chat: Sql) -> None:
    chat.world.faults.add({"kind": "disk_space", "host": "fs1", "drive": "D:", "free_mb": 0})
    assert 3202 in chat.errors(rf"BACKUP LOG mgc TO DISK = N'{SHARE}\mgc.trn'")


def test_a_documented_function_that_the_lab_lacks_is_its_gap(chat: Sql) -> None:
    with pytest.raises(LabGap, match="dm_io_virtual_file_stats"):
        chat.run("SELECT * FROM sys.dm_io_virtual_file_stats(1, 1)")
    assert chat.errors("SELECT * FROM dbo.nobody_made_this(1)") == [208]
