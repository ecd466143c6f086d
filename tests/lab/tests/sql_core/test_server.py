"""Databases, principals, sessions and the server's own facts."""

from __future__ import annotations

import typing as t

import pytest

from pchat_lab.sqlserver.language.errors import ConnectionFailed
from pchat_lab.sqlserver.language.registry import VIEWS
from pchat_lab.sqlserver.load import load_all

from .conftest import ADMIN, HELPDESK, SHARE


def test_single_user_keeps_everybody_else_out(chat: t.Any) -> None:
    with chat.session(database="mgc") as mine:
        mine.execute("ALTER DATABASE mgc SET SINGLE_USER WITH ROLLBACK IMMEDIATE").check()
        with pytest.raises(ConnectionFailed) as refused:
            chat.session(database="mgc")
        assert refused.value.number == 4060
        assert chat.errors("USE mgc") == [924]
        mine.execute("ALTER DATABASE mgc SET MULTI_USER").check()
    assert chat.errors("USE mgc") == []


def test_dropping_needs_an_unused_database(chat: t.Any) -> None:
    with chat.session(database="mgc"):
        assert chat.errors("DROP DATABASE mgc") == [3702]
    assert chat.errors("DROP DATABASE mgc; DROP DATABASE mgc") == [3701]
    assert chat.errors("DROP DATABASE msdb") == [3708]
    assert not [path for path in chat.north.machine.files if path.endswith("mgc.mdf")]


def test_creating_a_database_twice_or_over_a_file(chat: t.Any) -> None:
    assert chat.errors("CREATE DATABASE mgc") == [1801]
    assert chat.errors(r"CREATE DATABASE x ON (NAME = x, FILENAME = N'D:\none\x.mdf')") == [
        5133,
        1802,
    ]
    taken = chat.north.databases["mgc"].files[0].path
    assert chat.errors(f"CREATE DATABASE x ON (NAME = x, FILENAME = N'{taken}')") == [1834, 1802]


def test_offline_and_online_again(chat: t.Any) -> None:
    chat.run("ALTER DATABASE mgc SET OFFLINE WITH ROLLBACK IMMEDIATE").check()
    assert chat.errors("SELECT 1 FROM mgc.dbo.tblConfig") == [942]
    assert chat.rows(
        "SELECT state_desc, collation_name FROM sys.databases WHERE name = N'mgc'"
    ) == [["OFFLINE", None]]
    chat.run("ALTER DATABASE mgc SET ONLINE").check()
    assert chat.value("SELECT configSchemaVersion FROM mgc.dbo.tblConfig") == 1


def test_logins_come_from_windows_or_not_at_all(sql: t.Any) -> None:
    assert sql.errors(r"CREATE LOGIN [CONTOSO\nobody] FROM WINDOWS") == [15401]
    assert sql.errors(r"CREATE LOGIN [nobody] FROM WINDOWS") == [15407]
    assert sql.errors(
        r"CREATE LOGIN [CONTOSO\SQL-S1$] FROM WINDOWS; CREATE LOGIN [CONTOSO\SQL-S1$] FROM WINDOWS"
    ) == [15025]
    assert (
        sql.value(
            r"SELECT COUNT(*) FROM sys.server_principals WHERE sid = SUSER_SID(N'CONTOSO\SQL-S1$')"
        )
        == 1
    )
    assert sql.errors(r"DROP LOGIN [CONTOSO\SQL-S1$]; DROP LOGIN [CONTOSO\SQL-S1$]") == [15151]


def test_who_has_no_login_does_not_get_in(sql: t.Any) -> None:
    with pytest.raises(ConnectionFailed) as refused:
        sql.run("SELECT 1", who=HELPDESK)
    assert refused.value.number == 18456
    sql.run(rf"CREATE LOGIN [{HELPDESK}] FROM WINDOWS").check()
    assert sql.value("SELECT IS_SRVROLEMEMBER(N'sysadmin')", who=HELPDESK) == 0
    sql.run(rf"ALTER SERVER ROLE sysadmin ADD MEMBER [{HELPDESK}]").check()
    assert sql.value("SELECT IS_SRVROLEMEMBER(N'sysadmin')", who=HELPDESK) == 1


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("CREATE DATABASE x", [262]),
        ("ALTER DATABASE mgc SET RECOVERY SIMPLE", [5011, 5069]),
        ("DROP DATABASE mgc", [3701]),
        ("SELECT * FROM msdb.dbo.backupset", [229]),
        (rf"CREATE LOGIN [{ADMIN}] FROM WINDOWS", [15247]),
        ("SELECT * FROM mgc.dbo.tblConfig", [916]),
        ("SELECT * FROM sys.dm_server_services", [300]),
        ("EXEC sp_readerrorlog", [15247]),
    ],
)
def test_others_than_sysadmins_are_refused(chat: t.Any, text: str, numbers: list[int]) -> None:
    chat.run(rf"CREATE LOGIN [{HELPDESK}] FROM WINDOWS").check()
    assert chat.errors(text, who=HELPDESK) == numbers


def test_a_stopped_engine_cannot_be_reached(sql: t.Any) -> None:
    with sql.session() as session:
        sql.north.engine_service.status = "Stopped"
        sql.north.stop()
        assert session.killed
    with pytest.raises(ConnectionFailed) as refused:
        sql.run("SELECT 1")
    assert refused.value.number == 2
    sql.north.engine_service.status = "Running"
    sql.north.start()
    assert sql.value("SELECT 1") == 1


def test_kill_ends_user_sessions_only(sql: t.Any) -> None:
    with sql.session() as other:
        assert sql.errors(f"KILL {other.spid}") == []
        assert other.killed
    assert sql.errors("KILL 5") == [6107]
    assert sql.errors("KILL 9999") == [6106]
    assert sql.errors("DECLARE @s int = @@SPID; KILL 5") == [6107]


def test_a_user_follows_its_login_by_sid(sql: t.Any) -> None:
    sql.run(rf"CREATE LOGIN [{HELPDESK}] FROM WINDOWS; CREATE DATABASE d").check()
    sql.run(
        rf"CREATE USER helper FOR LOGIN [{HELPDESK}]; ALTER ROLE db_datareader ADD MEMBER helper",
        database="d",
    ).check()
    orphans = (
        "SELECT dp.name FROM d.sys.database_principals dp LEFT JOIN sys.server_principals sp ON "
        "sp.sid = dp.sid "
        "WHERE dp.type IN ('S','U','G') AND dp.principal_id > 4 AND sp.sid IS NULL"
    )
    assert sql.rows(orphans) == []
    sql.run(rf"DROP LOGIN [{HELPDESK}]").check()
    assert sql.rows(orphans) == [["helper"]]


def test_ownership_changes_hands(sql: t.Any) -> None:
    sql.run("CREATE DATABASE d").check()
    assert sql.value("SELECT SUSER_SNAME(owner_sid) FROM sys.databases WHERE name = N'd'") == ADMIN
    sql.run("ALTER AUTHORIZATION ON DATABASE::[d] TO [sa]").check()
    assert sql.value("SELECT SUSER_SNAME(owner_sid) FROM sys.databases WHERE name = N'd'") == "sa"


def test_service_accounts_are_readable_since_2008_r2_sp1(sql: t.Any) -> None:
    query = "SELECT servicename, service_account FROM sys.dm_server_services"
    assert sql.rows(query)[0] == ["SQL Server (MSSQLSERVER)", r"CONTOSO\sqlsvc"]
    assert sql.errors(query, sql.instance("sql-rtm", version="10.50.1600.1")) == [208]
    named = sql.instance(
        "sql-named", "CHAT", version="10.50.6000.34", service_account=r"NT SERVICE\MSSQL$CHAT"
    )
    assert sql.rows(query, named)[0] == ["SQL Server (CHAT)", r"NT SERVICE\MSSQL$CHAT"]
    assert named.network_identity() == r"CONTOSO\SQL-NAMED$"


def test_every_view_can_be_read_whole(chat: t.Any) -> None:
    """Views that give a column they do not declare, or fail on a plain server, are found here."""
    load_all()
    for name, view in VIEWS.items():
        if view.columns_at(chat.north.version):
            result = chat.run(f"SELECT * FROM {name}").check()
            assert [c.name for c in result.result_sets[0].columns] == list(
                view.columns_at(chat.north.version)
            ), name


def test_the_engines_account_looks_into_folders(chat: t.Any) -> None:
    assert chat.rows(rf"EXEC master.sys.xp_dirtree N'{SHARE}', 1, 1") == [["mgc.bak", 1, 1]]
    assert chat.rows(rf"EXEC master.sys.xp_dirtree N'{SHARE}'") == []
    assert chat.rows(rf"EXEC xp_fileexist N'{SHARE}\mgc.bak'") == [[1, 0, 1]]
    assert chat.rows(rf"EXEC xp_fileexist N'{SHARE}\no.bak'") == [[0, 0, 1]]
    result = chat.run(
        rf"DECLARE @there int; EXEC xp_fileexist N'{SHARE}\mgc.bak', @there OUTPUT; SELECT @there"
    )
    assert [one.rows for one in result.result_sets] == [[[1]]]
    chat.world.machine("fs1").shares["logs"].rights.clear()
    assert chat.rows(rf"EXEC master.sys.xp_dirtree N'{SHARE}', 1, 1") == []
