"""SQL Server Agent refuses what a server refuses, and steps do what their subsystem does."""

from __future__ import annotations

import typing as t

import pytest

from pchat_lab.faults.deeds import add_backup_job
from pchat_lab.powershell.errors import LabGap

from .conftest import SHARE

JOB = (
    "DECLARE @j uniqueidentifier; EXEC msdb.dbo.sp_add_job @job_name = N'{name}', @job_id = @j "
    "OUTPUT; "
)


def schedule(**values: t.Any) -> str:
    given = {
        "freq_type": 4,
        "freq_interval": 1,
        "freq_subday_type": 4,
        "freq_subday_interval": 15,
        **values,
    }
    return "EXEC msdb.dbo.sp_add_schedule @schedule_name = N's', " + ", ".join(
        f"@{name} = {value}" for name, value in given.items()
    )


@pytest.mark.parametrize(
    ("values", "number"),
    [
        ({"freq_type": 5}, 14266),
        ({"freq_subday_type": 3}, 14266),
        ({"enabled": 2}, 14266),
        ({"active_start_time": 236000}, 14266),
        ({"freq_subday_interval": 0}, 14278),
        ({"freq_interval": 0}, 14278),
        ({"freq_type": 8}, 14278),
        ({"active_start_date": 20160101, "active_end_date": 20150101}, 14288),
        ({"owner_login_name": "N'nobody'"}, 14234),
    ],
)
def test_a_schedule_with_impossible_values_is_refused(
    sql: t.Any, values: dict[str, t.Any], number: int
) -> None:
    assert sql.errors(schedule(**values)) == [number]
    assert sql.value("SELECT COUNT(*) FROM msdb.dbo.sysschedules") == 0


def test_a_schedule_that_is_right_is_taken(sql: t.Any) -> None:
    assert sql.errors(schedule()) == []


def test_a_jobs_name_is_taken_once(sql: t.Any) -> None:
    sql.run(JOB.format(name="one")).check()
    assert sql.errors(JOB.format(name="ONE")) == [14261]
    sql.run(JOB.format(name="two")).check()
    assert sql.errors("EXEC msdb.dbo.sp_update_job @job_name = N'two', @new_name = N'one'") == [
        14261
    ]


def test_an_owner_must_be_a_login(sql: t.Any) -> None:
    sql.run(JOB.format(name="one")).check()
    assert sql.errors(
        "EXEC msdb.dbo.sp_update_job @job_name = N'one', @owner_login_name = N'nobody'"
    ) == [14234]
    assert sql.errors(
        "EXEC msdb.dbo.sp_add_job @job_name = N'two', @owner_login_name = N'nobody'"
    ) == [14234]
    text = (
        "CREATE ENDPOINT m AUTHORIZATION nobody STATE = STARTED AS TCP (LISTENER_PORT = 5022) FOR "
        "DATABASE_MIRRORING (ROLE = ALL)"
    )
    assert sql.errors(text) == [15151]
    assert sql.north.endpoints == {}


def test_a_job_without_steps_does_not_start(sql: t.Any) -> None:
    sql.run(JOB.format(name="one")).check()
    assert sql.errors("EXEC msdb.dbo.sp_start_job @job_name = N'one'") == [22022]


def step(subsystem: str, command: str) -> str:
    return (
        JOB.format(name="one")
        + "EXEC msdb.dbo.sp_add_jobstep @job_id = @j, @step_name = N's', @subsystem = "
        f"N'{subsystem}', @command = N'"
        + command.replace("'", "''")
        + "'; EXEC msdb.dbo.sp_start_job @job_id = @j"
    )


def outcome(sql: t.Any) -> tuple[int, str]:
    sql.world.clock.advance(10)
    row = sql.rows("SELECT run_status, message FROM msdb.dbo.sysjobhistory WHERE step_id = 1")[0]
    return row[0], row[1]


def test_steps_of_the_command_shell_run_sqlcmd(chat: t.Any) -> None:
    chat.run(
        step(
            "CmdExec",
            rf"""sqlcmd -E -S . -d master -Q "BACKUP LOG mgc TO DISK = N'{SHARE}\a.trn'" -b""",
        )
    ).check()
    assert outcome(chat)[0] == 1
    assert chat.value("SELECT COUNT(*) FROM msdb.dbo.backupset WHERE type = 'L'") == 1


def test_a_program_that_the_lab_does_not_know_fails_and_says_so(chat: t.Any) -> None:
    chat.run(step("CmdExec", "robocopy c:\\a d:\\b")).check()
    assert outcome(chat) == (0, "The lab knows no program but sqlcmd -Q: robocopy c:\\a d:\\b")


def test_an_unknown_subsystem_is_refused(sql: t.Any) -> None:
    assert 14234 in sql.errors(step("Perl", "print 1"))


def test_the_second_step_waits_for_the_first(chat: t.Any) -> None:
    chat.run(
        JOB.format(name="one")
        + "EXEC msdb.dbo.sp_add_jobstep @job_id = @j, @step_name = N'a', @command = N'SELECT 1/0'; "
        "EXEC msdb.dbo.sp_add_jobstep @job_id = @j, @step_name = N'b', @command = N'CREATE "
        "DATABASE never'; "
        "EXEC msdb.dbo.sp_start_job @job_id = @j"
    ).check()
    assert outcome(chat)[0] == 0
    assert "never" not in chat.north.databases


# --- the built-in administrator, whatever it is called


def test_a_renamed_sa_keeps_what_it_owns(chat: t.Any) -> None:
    chat.run("ALTER LOGIN sa WITH NAME = [ladmin]; ALTER LOGIN [ladmin] DISABLE").check()
    assert chat.rows("SELECT SUSER_SNAME(0x01), SUSER_ID(N'sa')") == [["ladmin", None]]
    assert (
        chat.value("SELECT SUSER_SNAME(owner_sid) FROM sys.databases WHERE name = N'mgc'")
        == "ladmin"
    )
    assert chat.errors(
        JOB.format(name="one")
        + "EXEC msdb.dbo.sp_update_job @job_id = @j, @owner_login_name = N'sa'"
    ) == [14234]
    assert (
        chat.errors("EXEC msdb.dbo.sp_update_job @job_name = N'one', @owner_login_name = N'ladmin'")
        == []
    )
    assert chat.value("SELECT is_disabled FROM sys.server_principals WHERE sid = 0x01") is True


def test_a_login_is_not_renamed_to_a_name_that_is_taken(sql: t.Any) -> None:
    sql.run("CREATE LOGIN other WITH PASSWORD = N'x'").check()
    assert sql.errors("ALTER LOGIN sa WITH NAME = other") == [15025]


# --- other tools that back up logs


@pytest.mark.parametrize("tool", ["sqlcmd", "batch", "solution", "solution_sqlcmd", "plan"])
def test_another_tool_backs_up_the_log(chat: t.Any, tool: str) -> None:
    asked = {"name": "Nightly", "tool": tool, "databases": "mgc", "folder": "NUL", "every": 15}
    add_backup_job(chat.north, asked)
    chat.world.clock.advance(1000)
    assert chat.rows(
        "SELECT TOP (1) type, f.physical_device_name FROM msdb.dbo.backupset s JOIN "
        "msdb.dbo.backupmediafamily f "
        "ON f.media_set_id = s.media_set_id ORDER BY backup_set_id DESC"
    ) == [["L", "NUL"]]


def test_a_log_backup_to_nowhere_leaves_a_gap(chat: t.Any) -> None:
    chat.run(
        rf"RESTORE DATABASE mgc FROM DISK = N'{SHARE}\mgc.bak' WITH NORECOVERY", chat.south
    ).check()
    before = chat.north.databases["mgc"].last_log_backup_lsn
    chat.north.databases["mgc"].log(weight=3)
    chat.run("BACKUP LOG mgc TO DISK = N'NUL'").check()
    assert chat.north.databases["mgc"].last_log_backup_lsn > before
    chat.run(rf"BACKUP LOG mgc TO DISK = N'{SHARE}\next.trn'").check()
    assert chat.errors(
        rf"RESTORE LOG mgc FROM DISK = N'{SHARE}\next.trn' WITH NORECOVERY", chat.south
    ) == [4305, 3013]


def test_one_stripe_alone_is_of_no_use(chat: t.Any) -> None:
    chat.run(rf"BACKUP LOG mgc TO DISK = N'{SHARE}\a.trn', DISK = N'{SHARE}\b.trn'").check()
    chat.run(
        rf"RESTORE DATABASE mgc FROM DISK = N'{SHARE}\mgc.bak' WITH NORECOVERY", chat.south
    ).check()
    assert chat.errors(
        rf"RESTORE LOG mgc FROM DISK = N'{SHARE}\a.trn' WITH NORECOVERY", chat.south
    ) == [3132, 3013]
    assert (
        chat.errors(
            rf"RESTORE LOG mgc FROM DISK = N'{SHARE}\a.trn', DISK = N'{SHARE}\b.trn' WITH "
            r"NORECOVERY",
            chat.south,
        )
        == []
    )


def test_a_backup_that_a_program_keeps_is_in_the_history_only(chat: t.Any) -> None:
    chat.run("BACKUP DATABASE mgc TO VIRTUAL_DEVICE = N'{7f1c}' WITH SNAPSHOT").check()
    assert chat.rows(
        "SELECT TOP (1) s.is_snapshot, f.device_type, f.physical_device_name FROM "
        "msdb.dbo.backupset s JOIN msdb.dbo.backupmediafamily f "
        "ON f.media_set_id = s.media_set_id ORDER BY backup_set_id DESC"
    ) == [[True, 7, "{7f1c}"]]


# --- what the lab lacks, it says


@pytest.mark.parametrize(
    "text",
    [
        "EXEC master.dbo.sp_help_log_shipping_primary_database @database = N'mgc'",
        "EXEC msdb.dbo.sp_dbmmonitorresults N'mgc'",
        "SELECT * FROM sys.dm_db_mirroring_connections",
        "SELECT * FROM msdb.dbo.dbm_monitor_data",
        "SELECT * FROM msdb.dbo.sysoperators",
    ],
)
def test_a_documented_object_that_the_lab_lacks_is_its_gap(sql: t.Any, text: str) -> None:
    with pytest.raises(LabGap):
        sql.run(text)


def test_a_name_that_no_server_has_is_an_error(sql: t.Any) -> None:
    assert sql.errors("EXEC master.dbo.nothing") == [2812]
    assert sql.errors("SELECT * FROM msdb.dbo.nothing") == [208]
    assert sql.errors("SELECT * FROM sys.nothing") == [208]


def test_history_of_jobs_is_purged_and_its_numbers_go_on(sql: t.Any) -> None:
    newest = "SELECT MAX(instance_id) FROM msdb.dbo.sysjobhistory"
    sql.run(step("TSQL", "SELECT 1")).check()
    outcome(sql)
    before = sql.value(newest)
    assert sql.errors("EXEC msdb.dbo.sp_purge_jobhistory @job_name = N'nobody'") == [14262]
    sql.run("EXEC msdb.dbo.sp_purge_jobhistory @oldest_date = '2001-01-01'").check()
    assert sql.value(newest) == before
    sql.run("EXEC msdb.dbo.sp_purge_jobhistory").check()
    assert sql.value(newest) is None
    sql.run("EXEC msdb.dbo.sp_start_job @job_name = N'one'").check()
    outcome(sql)
    assert sql.value(newest) > before


@pytest.mark.parametrize(
    ("server", "is_known"), [("NULL", True), ("@@SERVERNAME", True), ("N'MONITOR'", False)]
)
def test_a_monitor_of_its_own_is_the_labs_gap_and_never_ignored(
    chat: t.Any, server: str, is_known: bool
) -> None:
    text = (
        f"DECLARE @monitor sysname; SET @monitor = {server}; EXEC"
        " master.dbo.sp_add_log_shipping_primary_database @database = N'mgc', @backup_directory ="
        f" N'{SHARE}', @backup_share = N'{SHARE}', @backup_job_name = N'LSBackup_mgc',"
        " @backup_retention_period = 4320, @monitor_server = @monitor, @backup_threshold = 60,"
        " @threshold_alert_enabled = 1, @history_retention_period = 5760"
    )
    if is_known:
        chat.run(text).check()
        return
    with pytest.raises(LabGap, match="monitor server MONITOR"):
        chat.run(text)
