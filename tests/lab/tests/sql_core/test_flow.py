"""Control of flow, error handling, procedures, transactions and tables."""

from __future__ import annotations

import typing as t


def test_an_error_ends_its_statement_and_the_batch_goes_on(sql: t.Any) -> None:
    result = sql.run(
        "RAISERROR(N'no %d %s', 16, 1, 5, N'x'); SELECT @@ERROR; SELECT 1/0; SELECT @@ERROR, "
        "@@ROWCOUNT"
    )
    assert [e.message for e in result.errors] == ["no 5 x", "Divide by zero error encountered."]
    assert [r.rows[0][0] for r in result.result_sets] == [50000, 8134]


def test_xact_abort_ends_the_batch_but_raiserror_does_not(sql: t.Any) -> None:
    assert sql.run("SET XACT_ABORT ON; SELECT 1/0; SELECT 2").result_sets == []
    assert sql.run("SET XACT_ABORT ON; RAISERROR('x', 16, 1); SELECT 2").result_sets[0].rows == [
        [2]
    ]


def test_a_failed_conversion_ends_the_batch(sql: t.Any) -> None:
    assert sql.run("SELECT CONVERT(int, 'x'); SELECT 2").result_sets == []


def test_nothing_runs_when_a_variable_is_not_declared(sql: t.Any) -> None:
    result = sql.run("CREATE DATABASE a; SELECT @nope")
    assert [e.number for e in result.errors] == [137]
    assert "a" not in sql.north.databases


def test_catch_sees_the_last_of_several_errors(chat: t.Any) -> None:
    text = r"""BEGIN TRY RESTORE LOG mgc FROM DISK = N'C:\none.trn' WITH NORECOVERY END TRY
               BEGIN CATCH SELECT ERROR_NUMBER(), ERROR_MESSAGE(), ERROR_SEVERITY() END CATCH"""
    assert chat.rows(text) == [[3013, "RESTORE LOG is terminating abnormally.", 16]]


def test_throw_ends_the_batch_and_keeps_the_number(sql: t.Any) -> None:
    result = sql.run("BEGIN TRY SELECT 1/0 END TRY BEGIN CATCH THROW END CATCH; SELECT 1")
    assert [e.number for e in result.errors] == [8134]
    assert [r.rows for r in result.result_sets] == [] or [r.rows for r in result.result_sets] == [
        []
    ]
    assert [e.number for e in sql.run("THROW 51000, N'moved', 3; SELECT 1").errors] == [51000]


def test_a_name_that_does_not_resolve_cannot_be_caught_at_its_own_level(sql: t.Any) -> None:
    assert sql.errors("BEGIN TRY SELECT 1 FROM nothing END TRY BEGIN CATCH SELECT 1 END CATCH") == [
        208
    ]
    assert (
        sql.value(
            "BEGIN TRY EXEC('SELECT 1 FROM nothing') END TRY BEGIN CATCH SELECT ERROR_NUMBER() END "
            "CATCH"
        )
        == 208
    )


def test_if_while_and_return(sql: t.Any) -> None:
    result = sql.run("""DECLARE @i int = 0;
                        WHILE 1 = 1 BEGIN
                            SET @i += 1; IF @i = 2 CONTINUE; IF @i > 3 BREAK; PRINT @i
                        END
                        IF @i = 4 SELECT @i ELSE SELECT -1; RETURN; SELECT 99""")
    assert [m.text for m in result.messages] == ["1", "3"]
    assert [r.rows for r in result.result_sets] == [[[4]]]


def test_low_severity_is_a_message(sql: t.Any) -> None:
    result = sql.run("RAISERROR(N'note', 10, 1) WITH NOWAIT; PRINT N'said'")
    assert [m.text for m in result.messages] == ["note", "said"]
    assert not result.errors


def test_sp_executesql_has_parameters_and_its_own_scope(sql: t.Any) -> None:
    assert (
        sql.value(
            "DECLARE @out int; EXEC sp_executesql N'SET @o = @p * 2', N'@p int, @o int OUTPUT', @p "
            "= 4, @o = @out OUTPUT; SELECT @out"
        )
        == 8
    )
    assert sql.errors("DECLARE @x int; EXEC(N'SELECT @x')") == [137]
    assert sql.value("EXEC(N'USE msdb'); SELECT DB_NAME()") == "master"


def test_insert_exec_takes_a_procedures_rows(sql: t.Any) -> None:
    sql.north.log("mirroring is alive")
    text = (
        "CREATE TABLE #l (d datetime, p nvarchar(12), t nvarchar(3999)); INSERT #l EXEC "
        "sp_readerrorlog 0, 1, N'mirroring'; SELECT t FROM #l"
    )
    assert sql.rows(text) == [["mirroring is alive"]]


def test_tables_of_a_database_are_part_of_its_log(sql: t.Any) -> None:
    sql.run("CREATE DATABASE d").check()
    before = sql.north.databases["d"].end_lsn
    with sql.session(database="d") as session:
        session.execute(
            "CREATE TABLE dbo.t (id int NOT NULL PRIMARY KEY, w nvarchar(3) NOT NULL)"
        ).check()
        assert session.wrote
        assert [
            e.number
            for e in session.execute("INSERT t VALUES (1, N'a'); INSERT t VALUES (1, N'b')").errors
        ] == [2627]
        assert [e.number for e in session.execute("INSERT t VALUES (2, NULL)").errors] == [515]
        assert [e.number for e in session.execute("INSERT t VALUES (2, N'abcd')").errors] == [8152]
    assert sql.north.databases["d"].end_lsn > before
    assert sql.rows(
        "SELECT t.name, c.name FROM d.sys.tables t JOIN d.sys.columns c ON c.object_id = "
        "t.object_id ORDER BY c.column_id"
    ) == [["t", "id"], ["t", "w"]]
    assert sql.rows(
        "IF OBJECT_ID(N'd.dbo.t', N'U') IS NOT NULL DROP TABLE d.dbo.t; SELECT "
        "OBJECT_ID(N'd.dbo.t')"
    ) == [[None]]


def test_a_rolled_back_transaction_leaves_nothing(sql: t.Any) -> None:
    sql.run("CREATE DATABASE d").check()
    sql.run("CREATE TABLE t (id int); INSERT t VALUES (1)", database="d").check()
    assert sql.rows(
        "BEGIN TRAN; INSERT t VALUES (2); ROLLBACK; SELECT id FROM t", database="d"
    ) == [[1]]
    sql.run("SET XACT_ABORT ON; BEGIN TRAN; INSERT t VALUES (3); SELECT 1/0; COMMIT", database="d")
    sql.run(
        "BEGIN TRAN; INSERT t VALUES (4)", database="d"
    ).check()  # the connection ends before COMMIT
    assert sql.rows("SELECT id FROM t", database="d") == [[1]]


def test_some_statements_refuse_a_transaction(chat: t.Any) -> None:
    assert chat.errors("BEGIN TRAN; BACKUP LOG mgc TO DISK = N'x.trn'") == [3021, 3013]
    assert chat.errors("BEGIN TRAN; ALTER DATABASE mgc SET MULTI_USER") == [226]


def test_a_read_is_no_write(sql: t.Any) -> None:
    for text, wrote in (
        ("SELECT 1; DECLARE @t TABLE (a int); INSERT @t VALUES (1)", False),
        ("CREATE TABLE #x (a int)", False),
        ("EXEC sp_who2", False),
        ("IF 1 = 0 CREATE DATABASE x", False),
        ("CREATE DATABASE x", True),
        ("EXEC sp_addextendedproperty N'a', N'b'", True),
    ):
        with sql.session() as session:
            session.execute(text)
            assert session.wrote is wrote, text


def test_extended_properties_come_and_go_with_their_error_numbers(sql: t.Any) -> None:
    add = "EXEC sp_addextendedproperty @name = N'intent', @value = N'failover'"
    assert sql.errors(f"{add}; {add}") == [15233]
    assert sql.rows(
        "SELECT CONVERT(nvarchar(100), value) FROM sys.extended_properties WHERE class = 0 AND "
        "name = N'intent'"
    ) == [["failover"]]
    assert sql.rows(
        "SELECT name FROM fn_listextendedproperty(NULL, NULL, NULL, NULL, NULL, NULL, NULL)"
    ) == [["intent"]]
    assert sql.errors(
        "EXEC sp_dropextendedproperty N'intent'; EXEC sp_dropextendedproperty N'intent'"
    ) == [15217]
    sql.run("CREATE DATABASE d; EXEC d.sys.sp_addextendedproperty N'p', 1").check()
    assert sql.value("SELECT COUNT(*) FROM d.sys.extended_properties") == 1
    assert sql.value("SELECT COUNT(*) FROM sys.extended_properties") == 0
