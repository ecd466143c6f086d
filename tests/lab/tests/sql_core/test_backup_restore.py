"""Backups, restores, log chains and recovery forks."""

from __future__ import annotations

import random
import typing as t

import pytest

from pchat_lab.world.machine import File
from pchat_lab.world.network import Account

from .conftest import HELPDESK, SHARE, Sql


def log(sql: t.Any, name: str, instance: t.Any = None, **options: str) -> None:
    sql.run(rf"BACKUP LOG mgc TO DISK = N'{SHARE}\{name}' WITH INIT", instance).check()


def seed(sql: t.Any, instance: t.Any = None) -> None:
    sql.run(
        rf"RESTORE DATABASE mgc FROM DISK = N'{SHARE}\mgc.bak' WITH NORECOVERY",
        instance or sql.south,
    ).check()


def restore(
    sql: t.Any, name: str, instance: t.Any = None, *, options: str = "NORECOVERY"
) -> list[int]:
    return t.cast(
        "list[int]",
        sql.errors(
            rf"RESTORE LOG mgc FROM DISK = N'{SHARE}\{name}' WITH {options}", instance or sql.south
        ),
    )


def say(sql: t.Any, *numbers: int, instance: t.Any = None) -> None:
    for number in numbers:
        (instance or sql.north).databases["mgc"].append({"number": number})


def heard(sql: t.Any, instance: t.Any = None) -> list[int]:
    return [payload["number"] for payload in (instance or sql.south).databases["mgc"].payloads()]


def test_a_copy_holds_exactly_what_was_restored(chat: t.Any) -> None:
    say(chat, 1)
    log(chat, "1.trn")
    say(chat, 2, 3)
    log(chat, "2.trn")
    say(chat, 4)
    seed(chat)
    assert restore(chat, "1.trn") == restore(chat, "2.trn") == []
    assert heard(chat) == [1, 2, 3]
    assert chat.rows(
        "SELECT state_desc, is_broker_enabled FROM sys.databases WHERE name = N'mgc'", chat.south
    ) == [["RESTORING", False]]
    chat.run("RESTORE DATABASE mgc WITH RECOVERY", chat.south).check()
    assert (
        chat.value("SELECT state_desc FROM sys.databases WHERE name = N'mgc'", chat.south)
        == "ONLINE"
    )
    assert heard(chat) == [1, 2, 3]


def test_log_backups_go_on_in_order_or_not_at_all(chat: t.Any) -> None:
    for number in (1, 2, 3):
        say(chat, number)
        log(chat, f"{number}.trn")
    seed(chat)
    assert restore(chat, "2.trn") == [4305, 3013]
    assert restore(chat, "1.trn") == []
    assert restore(chat, "1.trn") == [4326, 3013]
    assert restore(chat, "3.trn") == [4305, 3013]
    assert restore(chat, "2.trn") == restore(chat, "3.trn") == []


def test_random_histories_keep_the_chain_rule(chat: t.Any) -> None:
    """Whatever is restored in whatever order: the copy holds a prefix of what was said, and the
    position says which.
    """
    dice = random.Random(7)
    said = 0
    files = []
    for step in range(40):
        if dice.random() < 0.5:
            said += 1
            say(chat, said)
        else:
            log(chat, f"{step}.trn")
            files.append((f"{step}.trn", said))
    seed(chat)
    applied = 0
    for _unused in range(120):
        index = dice.randrange(len(files))
        numbers = restore(chat, files[index][0])
        assert numbers in ([], [4305, 3013], [4326, 3013])
        if not numbers:
            held = files[applied - 1][1] if applied else 0
            assert (
                index <= applied or files[index - 1][1] == held
            )  # only empty sets may be passed over
            applied = max(applied, index + 1)
        assert heard(chat) == list(range(1, (files[applied - 1][1] if applied else 0) + 1))


def test_an_empty_log_backup_breaks_no_chain(chat: t.Any) -> None:
    for name in ("a.trn", "b.trn", "c.trn"):
        log(chat, name)
    seed(chat)
    assert [restore(chat, name) for name in ("a.trn", "b.trn", "c.trn")] == [[], [], []]


def test_a_fork_makes_the_other_sides_logs_useless(chat: t.Any) -> None:
    third = chat.instance("sql-x")
    log(chat, "1.trn")
    seed(chat)
    seed(chat, third)
    restore(chat, "1.trn")
    restore(chat, "1.trn", third)
    say(chat, 1)
    log(chat, "2.trn")
    assert restore(chat, "2.trn", third) == []  # ahead on the first path
    chat.run("RESTORE DATABASE mgc WITH RECOVERY", chat.south).check()
    say(chat, 2, 3, 4, instance=chat.south)
    log(chat, "south.trn", chat.south)
    assert restore(chat, "south.trn", third) == [4330, 3013]
    header = chat.run(rf"RESTORE HEADERONLY FROM DISK = N'{SHARE}\south.trn'").rows()[0]
    assert header["FirstRecoveryForkID"] != header["RecoveryForkID"]
    assert header["ForkPointLSN"] == header["FirstLSN"]


def test_a_copy_at_the_fork_point_may_follow_either_path(chat: t.Any) -> None:
    third = chat.instance("sql-x")
    log(chat, "1.trn")
    for instance in (chat.south, third):
        seed(chat, instance)
        restore(chat, "1.trn", instance)
    chat.run("RESTORE DATABASE mgc WITH RECOVERY", chat.south).check()
    say(chat, 9, instance=chat.south)
    log(chat, "south.trn", chat.south)
    assert restore(chat, "south.trn", third) == []
    assert heard(chat, third) == [9]


def test_the_fork_of_a_copy_that_waits_for_log_can_be_hidden(chat: t.Any) -> None:
    seed(chat)
    fork = (
        "SELECT recovery_fork_guid FROM sys.database_recovery_status"
        " WHERE database_id = DB_ID(N'mgc')"
    )
    assert chat.value(fork, chat.south) == chat.value(fork) is not None
    for host in ("sql-n1", "sql-s1"):
        chat.world.faults.add({"kind": "hidden_forks", "host": host})
    assert chat.value(fork) is not None
    assert chat.value(fork, chat.south) is None


def test_the_tail_lets_the_old_primary_follow_without_reseeding(chat: t.Any) -> None:
    seed(chat)
    say(chat, 1)
    chat.run(rf"BACKUP LOG mgc TO DISK = N'{SHARE}\tail.trn' WITH NORECOVERY, INIT").check()
    assert chat.north.databases["mgc"].state == "RESTORING"
    assert restore(chat, "tail.trn", options="RECOVERY") == []
    say(chat, 2, instance=chat.south)
    log(chat, "back.trn", chat.south)
    assert restore(chat, "back.trn", chat.north) == []
    assert heard(chat, chat.north) == [1, 2]
    assert (
        chat.run(rf"RESTORE HEADERONLY FROM DISK = N'{SHARE}\tail.trn'").rows()[0]["IsForceOffline"]
        is True
    )


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("BACKUP LOG nope TO DISK = N'x.trn'", [911, 3013]),
        ("BACKUP DATABASE tempdb TO DISK = N'x.bak'", [3147, 3013]),
        ("BACKUP LOG msdb TO DISK = N'x.trn'", [4208, 3013]),
        ("RESTORE DATABASE mgc WITH RECOVERY", [3153, 3013]),
        (rf"RESTORE LOG nope FROM DISK = N'{SHARE}\1.trn' WITH NORECOVERY", [3118, 3013]),
        (rf"RESTORE LOG mgc FROM DISK = N'{SHARE}\1.trn' WITH NORECOVERY", [3117, 3013]),
        (rf"RESTORE DATABASE other FROM DISK = N'{SHARE}\1.trn'", [3135, 3013]),
        (rf"RESTORE DATABASE mgc FROM DISK = N'{SHARE}\mgc.bak' WITH NORECOVERY", [3159, 3013]),
        (rf"RESTORE DATABASE model2 FROM DISK = N'{SHARE}\mgc.bak' WITH FILE = 5", [4038, 3013]),
        (rf"RESTORE DATABASE model2 FROM DISK = N'{SHARE}\mgc.bak'", [1834, 3156, 3119, 3013]),
        (
            rf"RESTORE DATABASE model2 FROM DISK = N'{SHARE}\mgc.bak' WITH MOVE N'mgc' TO "
            r"N'D:\none\m.mdf'",
            [5133, 3156, 3119, 3013],
        ),
        (
            rf"RESTORE DATABASE model2 FROM DISK = N'{SHARE}\mgc.bak' WITH MOVE N'what' TO "
            r"N'D:\m.mdf'",
            [3234, 3013],
        ),
        (
            rf"RESTORE DATABASE model2 FROM DISK = N'{SHARE}\mgc.bak' WITH MOVE N'mgc' TO "
            r"N'D:\m.mdf', MOVE N'mgc_log' TO N'D:\m.mdf'",
            [3176, 3119, 3013],
        ),
        (rf"BACKUP LOG mgc TO DISK = N'{SHARE}\no\x.trn'", [3201, 3013]),
        (r"BACKUP LOG mgc TO DISK = N'\\nohost\x\x.trn'", [3201, 3013]),
        (r"RESTORE HEADERONLY FROM DISK = N'C:\no.bak'", [3201, 3013]),
        (rf"RESTORE HEADERONLY FROM DISK = N'{SHARE}\text.txt'", [3241, 3013]),
        ("USE mgc; RESTORE DATABASE mgc WITH RECOVERY", [3102, 3013]),
    ],
)
def test_a_refusal_has_the_documented_numbers(chat: t.Any, text: str, numbers: list[int]) -> None:
    say(chat, 1)
    log(chat, "1.trn")
    say(chat, 2)
    chat.world.machine("fs1").files[r"d:\logs\text.txt"] = File(
        "not a backup", chat.world.clock.now()
    )
    assert chat.errors(text) == numbers


def test_a_new_database_in_simple_recovery_must_be_backed_up_in_full_first(sql: t.Any) -> None:
    sql.north.create_lync_database("mgc")
    assert sql.errors("BACKUP LOG mgc TO DISK = N'x.trn'") == [4208, 3013]
    assert sql.errors(
        "ALTER DATABASE mgc SET RECOVERY FULL; BACKUP LOG mgc TO DISK = N'x.trn'"
    ) == [4214, 3013]
    assert sql.errors(
        "BACKUP DATABASE mgc TO DISK = N'c.bak' WITH COPY_ONLY; BACKUP LOG mgc TO DISK = N'x.trn'"
    ) == [4214, 3013]
    assert (
        sql.errors("BACKUP DATABASE mgc TO DISK = N'f.bak'; BACKUP LOG mgc TO DISK = N'x.trn'")
        == []
    )
    assert sql.errors(
        "ALTER DATABASE mgc SET RECOVERY SIMPLE; ALTER DATABASE mgc SET RECOVERY FULL; BACKUP LOG "
        "mgc TO DISK = N'x.trn'"
    ) == [4214, 3013]


def test_a_restoring_database_is_closed(chat: t.Any) -> None:
    seed(chat)
    assert chat.errors("SELECT * FROM mgc.dbo.tblConfig", chat.south) == [927]
    assert chat.errors("ALTER DATABASE mgc SET SINGLE_USER", chat.south) == [5052, 5069]
    assert chat.errors("BACKUP LOG mgc TO DISK = N'x.trn'", chat.south) == [927, 3013]
    assert (
        chat.value(
            "SELECT MAX(redo_start_lsn) FROM sys.master_files WHERE database_id = DB_ID(N'mgc')",
            chat.south,
        )
        == chat.south.databases["mgc"].end_lsn
    )
    assert (
        chat.value(
            "SELECT MAX(redo_start_lsn) FROM sys.master_files WHERE database_id = DB_ID(N'mgc')"
        )
        is None
    )


def test_another_database_of_the_same_name_needs_replace(chat: t.Any) -> None:
    chat.south.create_lync_database("mgc")
    text = rf"RESTORE DATABASE mgc FROM DISK = N'{SHARE}\mgc.bak' WITH NORECOVERY"
    assert chat.errors(text, chat.south) == [3154, 3013]
    assert chat.errors(text + ", REPLACE", chat.south) == []
    assert chat.south.databases["mgc"].family_guid == chat.north.databases["mgc"].family_guid


def test_users_in_the_database_block_a_restore(chat: t.Any) -> None:
    kicked: list[int] = []
    chat.north.attach(
        "mgc", host="CHAT-N1", program="Lync", login="x", on_kill=lambda: kicked.append(1)
    )
    text = rf"RESTORE DATABASE mgc FROM DISK = N'{SHARE}\mgc.bak' WITH NORECOVERY, REPLACE"
    assert chat.errors(text) == [3101, 3013]
    assert chat.rows("SELECT hostname FROM sys.sysprocesses WHERE dbid = DB_ID(N'mgc')") == [
        ["CHAT-N1"]
    ]
    assert chat.errors(f"ALTER DATABASE mgc SET SINGLE_USER WITH ROLLBACK IMMEDIATE; {text}") == []
    assert kicked == [1]


def test_several_sets_in_one_file_are_told_apart_by_position(chat: t.Any) -> None:
    say(chat, 1)
    chat.run(rf"BACKUP LOG mgc TO DISK = N'{SHARE}\mgc.bak' WITH NOINIT, NAME = N'stamp 1'").check()
    headers = chat.run(rf"RESTORE HEADERONLY FROM DISK = N'{SHARE}\mgc.bak'").rows()
    assert [(h["Position"], h["BackupType"], h["BackupName"]) for h in headers] == [
        (1, 1, None),
        (2, 2, "stamp 1"),
    ]
    seed(chat)
    assert restore(chat, "mgc.bak") == [3135, 3013]
    assert restore(chat, "mgc.bak", options="NORECOVERY, FILE = 2") == []


@pytest.mark.parametrize(
    ("version", "columns"), [("10.50.6000.34", 52), ("11.0.6020.0", 53), ("12.0.5000.0", 56)]
)
def test_headers_have_the_columns_of_their_version(sql: t.Any, version: str, columns: int) -> None:
    instance = sql.instance("sql-v", version=version)
    sql.run("CREATE DATABASE d; BACKUP DATABASE d TO DISK = N'd.bak'", instance).check()
    result = sql.run("RESTORE HEADERONLY FROM DISK = N'd.bak'", instance).result_sets[0]
    assert len(result.columns) == columns
    assert ("Containment" in [c.name for c in result.columns]) is (columns > 52)


def test_a_newer_servers_backup_is_refused(sql: t.Any) -> None:
    newer = sql.instance("sql-v", version="12.0.5000.0")
    sql.run(rf"CREATE DATABASE d; BACKUP DATABASE d TO DISK = N'{SHARE}\d.bak'", newer).check()
    assert sql.errors(rf"RESTORE DATABASE d FROM DISK = N'{SHARE}\d.bak'") == [3169, 3013]


def test_the_history_of_msdb_is_each_servers_own(chat: t.Any) -> None:
    log(chat, "1.trn")
    seed(chat)
    restore(chat, "1.trn")
    query = (
        "SELECT b.type, f.physical_device_name, b.server_name FROM msdb.dbo.backupset b JOIN "
        "msdb.dbo.backupmediafamily f "
        "ON f.media_set_id = b.media_set_id ORDER BY b.backup_set_id"
    )
    expected = [["D", rf"{SHARE}\mgc.bak", "SQL-N1"], ["L", rf"{SHARE}\1.trn", "SQL-N1"]]
    assert chat.rows(query) == chat.rows(query, chat.south) == expected
    assert chat.rows(
        "SELECT restore_type, destination_database_name FROM msdb.dbo.restorehistory", chat.south
    ) == [["D", "mgc"], ["L", "mgc"]]
    assert chat.rows("SELECT restore_type FROM msdb.dbo.restorehistory") == []
    chat.run(
        "EXEC msdb.dbo.sp_delete_database_backuphistory @database_name = N'mgc'", chat.south
    ).check()
    assert chat.rows(query, chat.south) == []


def test_the_engines_account_opens_the_share_and_os_errors_are_named(chat: t.Any) -> None:
    share = chat.world.machine("fs1").shares["logs"]
    share.rights[r"CONTOSO\sqlsvc"] = "Read"
    result = chat.run(rf"BACKUP LOG mgc TO DISK = N'{SHARE}\x.trn'")
    assert result.errors[0].number == 3201
    assert "5(Access is denied.)" in result.errors[0].message
    share.rights[r"CONTOSO\sqlsvc"] = "Change"
    chat.world.machine("fs1").disk_full.add(r"d:\logs")
    assert chat.errors(rf"BACKUP LOG mgc TO DISK = N'{SHARE}\x.trn'") == [3202, 3013]
    chat.world.machine("fs1").up = False
    assert "53(" in chat.run(rf"BACKUP LOG mgc TO DISK = N'{SHARE}\x.trn'").errors[0].message


def test_a_failed_log_backup_takes_nothing_from_the_chain(chat: t.Any) -> None:
    say(chat, 1)
    chat.world.machine("fs1").up = False
    assert chat.errors(rf"BACKUP LOG mgc TO DISK = N'{SHARE}\x.trn'") == [3201, 3013]
    chat.world.machine("fs1").up = True
    log(chat, "1.trn")
    seed(chat)
    restore(chat, "1.trn")
    assert heard(chat) == [1]


def test_a_damaged_file_is_found_when_it_is_read(chat: t.Any) -> None:
    log(chat, "1.trn")
    seed(chat)
    files = chat.world.machine("fs1").files
    files[r"d:\logs\1.trn"].damaged = files[r"d:\logs\mgc.bak"].damaged = True
    assert restore(chat, "1.trn") == [3203, 3013]
    assert chat.errors(
        rf"RESTORE DATABASE mgc FROM DISK = N'{SHARE}\mgc.bak' WITH NORECOVERY", chat.south
    ) == [3183, 3013]
    assert chat.errors(rf"RESTORE VERIFYONLY FROM DISK = N'{SHARE}\1.trn'") == [3189, 3013]


def test_standby_is_readable_and_goes_on(chat: t.Any) -> None:
    seed(chat)
    say(chat, 1)
    log(chat, "1.trn")
    assert restore(chat, "1.trn", options=r"STANDBY = N'C:\mgc.tuf'") == []
    assert chat.rows(
        "SELECT state_desc, is_in_standby, is_read_only FROM sys.databases WHERE name = N'mgc'",
        chat.south,
    ) == [["ONLINE", True, True]]
    assert chat.value("SELECT COUNT(*) FROM mgc.dbo.tblChat", chat.south) == 1
    assert chat.errors("UPDATE mgc.dbo.tblConfig SET configSchemaVersion = 2", chat.south) == [3906]
    log(chat, "2.trn")
    with chat.session(chat.south, "mgc"):
        assert restore(chat, "2.trn") == [3101, 3013]
    assert restore(chat, "2.trn") == []


def test_a_differential_continues_from_its_base(chat: t.Any) -> None:
    say(chat, 1)
    chat.run(rf"BACKUP DATABASE mgc TO DISK = N'{SHARE}\d.dif' WITH DIFFERENTIAL, INIT").check()
    say(chat, 2)
    log(chat, "1.trn")
    seed(chat)
    chat.run(
        rf"RESTORE DATABASE mgc FROM DISK = N'{SHARE}\d.dif' WITH NORECOVERY", chat.south
    ).check()
    assert heard(chat) == [1]
    assert restore(chat, "1.trn") == []
    assert heard(chat) == [1, 2]


def test_stopat_leaves_out_what_came_later(chat: t.Any) -> None:
    say(chat, 1)
    chat.world.clock.advance(60)
    stop = chat.north.local_now().strftime("%Y-%m-%dT%H:%M:%S")
    chat.world.clock.advance(60)
    say(chat, 2)
    log(chat, "1.trn")
    seed(chat)
    assert restore(chat, "1.trn", options=f"RECOVERY, STOPAT = N'{stop}'") == []
    assert heard(chat) == [1]


def test_a_copy_belongs_to_whoever_restored_it_and_dbo_to_the_former_owner(chat: Sql) -> None:
    for instance in (chat.north, chat.south):
        chat.run("CREATE LOGIN [CONTOSO\\helpdesk] FROM WINDOWS", instance).check()
    chat.run("ALTER AUTHORIZATION ON DATABASE::mgc TO [CONTOSO\\helpdesk]").check()
    chat.run(rf"BACKUP DATABASE mgc TO DISK = N'{SHARE}\owned.bak'").check()
    chat.run("ALTER AUTHORIZATION ON DATABASE::mgc TO sa").check()
    chat.world.accounts["contoso\\other"] = Account(
        "CONTOSO\\other", "x", frozenset({"Domain Admins", "sysadmin"})
    )
    restore = rf"RESTORE DATABASE mgc FROM DISK = N'{SHARE}\owned.bak'"
    chat.run(restore, chat.south, who="CONTOSO\\other").check()
    owner = "SELECT SUSER_SNAME(owner_sid) FROM sys.databases WHERE name = N'mgc'"
    dbo = "SELECT SUSER_SNAME(sid) FROM mgc.sys.database_principals WHERE name = N'dbo'"
    assert chat.value(owner, chat.south) == "CONTOSO\\other"
    assert chat.value(dbo, chat.south) == "CONTOSO\\helpdesk"
    assert chat.value(dbo) == "sa"


def test_rights_and_editions(chat: t.Any) -> None:
    chat.run(rf"CREATE LOGIN [{HELPDESK}] FROM WINDOWS").check()
    assert chat.errors("BACKUP DATABASE mgc TO DISK = N'x.bak'", who=HELPDESK) == [262, 3013]
    assert chat.errors(rf"RESTORE DATABASE mgc FROM DISK = N'{SHARE}\mgc.bak'", who=HELPDESK) == [
        3110
    ]
    express = chat.instance("sql-e", edition="Express Edition (64-bit)")
    assert chat.errors(
        "CREATE DATABASE d; BACKUP DATABASE d TO DISK = N'd.bak' WITH COMPRESSION", express
    ) == [1844, 3013]
