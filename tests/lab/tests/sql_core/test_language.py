"""T-SQL expressions and queries give what SQL Server's documentation says."""

from __future__ import annotations

import datetime as dt
import decimal
import typing as t
import uuid

import pytest

from pchat_lab.powershell.errors import LabGap

VALUES = "(VALUES (1, N'a', 10), (2, N'B', NULL), (3, N'a ', 30)) v(id, word, n)"


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("1 + 2 * 3", 7),
        ("7 / 2", 3),
        ("-7 / 2", -3),
        ("-7 % 3", -1),
        ("7 / 2.0", decimal.Decimal("3.500000")),
        ("N'a' + 'b'", "ab"),
        ("'1' + 1", 2),
        ("1 + NULL", None),
        ("CASE WHEN NULL = NULL THEN 1 ELSE 2 END", 2),
        ("CASE 2 WHEN 1 THEN 'x' WHEN 2 THEN 'y' END", "y"),
        ("CASE WHEN 'A ' = N'a' THEN 1 ELSE 0 END", 1),
        ("COALESCE(NULL, 2, 3)", 2),
        ("NULLIF(N'', N'')", None),
        ("ISNULL(NULL, 5)", 5),
        ("CONVERT(varchar(2), 'abc')", "ab"),
        ("CONVERT(varchar(1), 12)", "*"),
        ("CAST('12' AS int)", 12),
        ("CAST(1.5 AS numeric(3,0))", decimal.Decimal(2)),
        ("CONVERT(bigint, 33000000012800001)", 33000000012800001),
        (
            "CONVERT(varchar(36), CONVERT(uniqueidentifier, "
            "'6f9619ff-8b86-d011-b42d-00c04fc964ff'))",
            "6F9619FF-8B86-D011-B42D-00C04FC964FF",
        ),
        (
            "CONVERT(varchar(33), CONVERT(datetime, '20150601 08:00:01.123'), 126)",
            "2015-06-01T08:00:01.123",
        ),
        (
            "CONVERT(varchar(33), CONVERT(datetime, '20150601 08:00:01'), 126)",
            "2015-06-01T08:00:01",
        ),
        (
            "CONVERT(varchar(23), CONVERT(datetime, '2015-06-01T08:00:01'), 121)",
            "2015-06-01 08:00:01.000",
        ),
        ("CONVERT(varchar(8), CONVERT(datetime, '2015-06-01T08:00:01'), 112)", "20150601"),
        ("CONVERT(varchar(20), 0x0102, 1)", "0x0102"),
        ("CONVERT(varbinary(4), '0x0102', 1)", b"\x01\x02"),
        ("DATEDIFF(MINUTE, '20150601 08:00:59', '20150601 08:01:00')", 1),
        ("DATEADD(mi, -1, CONVERT(datetime, '20150601'))", dt.datetime(2015, 5, 31, 23, 59)),
        ("LEN(N'ab  ')", 2),
        ("SUBSTRING('abcdef', 2, 3)", "bcd"),
        ("CHARINDEX('C', 'abc')", 3),
        ("REPLACE('aXbx', 'x', '-')", "a-b-"),
        ("STUFF('abcdef', 2, 3, 'Z')", "aZef"),
        ("QUOTENAME(N'a]b')", "[a]]b]"),
        ("LEFT('abc', 2) + RIGHT('abc', 1)", "abc"),
        ("UPPER(LTRIM('  x'))", "X"),
        ("CASE WHEN N'mgc_log' LIKE N'mgc[_]%' THEN 1 ELSE 0 END", 1),
        ("CASE WHEN 'a%b' LIKE 'a!%b' ESCAPE '!' THEN 1 ELSE 0 END", 1),
        ("CASE WHEN 5 BETWEEN 1 AND NULL THEN 1 ELSE 0 END", 0),
        ("CASE WHEN 1 NOT IN (2, NULL) THEN 1 ELSE 0 END", 0),
        ("(SELECT COUNT(*) FROM sys.databases)", 4),
        ("IS_SRVROLEMEMBER(N'sysadmin')", 1),
        ("DB_NAME()", "master"),
        ("DB_ID(N'nope')", None),
        ("CONVERT(int, SERVERPROPERTY('EngineEdition'))", 2),
        ("DATABASEPROPERTYEX(N'model', 'Recovery')", "FULL"),
        ("ISNULL(CONVERT(nvarchar(128), SERVERPROPERTY('InstanceName')), N'')", ""),
        ("DEFAULT_DOMAIN()", "CONTOSO"),
        ("@@SERVERNAME", "SQL-N1"),
    ],
)
def test_an_expression_has_its_value(sql: t.Any, expression: str, expected: t.Any) -> None:
    assert sql.value(f"SELECT {expression}") == expected


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        (f"SELECT id FROM {VALUES} WHERE word = 'A' ORDER BY id DESC", [[3], [1]]),
        (
            f"SELECT word, COUNT(*) c, MAX(n) m, SUM(n) s, COUNT(n) k FROM {VALUES} GROUP BY word "
            "ORDER BY c",
            [["B", 1, None, None, 0], ["a", 2, 30, 40, 2]],
        ),
        (f"SELECT COUNT(*), MAX(n), MIN(n) FROM {VALUES} WHERE id > 9", [[0, None, None]]),
        (f"SELECT TOP (1) id AS x FROM {VALUES} ORDER BY x DESC", [[3]]),
        (f"SELECT DISTINCT RTRIM(word) w FROM {VALUES} ORDER BY w", [["a"], ["B"]]),
        (
            f"SELECT a.id, b.id FROM {VALUES} LEFT JOIN (SELECT 2 AS id) b ON b.id = v.id ORDER BY "
            "1".replace("a.id", "v.id"),
            [[1, None], [2, 2], [3, None]],
        ),
        (f"SELECT COUNT(*) FROM {VALUES} CROSS JOIN (VALUES (1), (2)) w(x)", [[6]]),
        (
            f"SELECT id FROM {VALUES} WHERE EXISTS (SELECT 1 FROM (SELECT 2 AS z) q WHERE q.z = "
            "v.id)",
            [[2]],
        ),
        (
            f"SELECT id FROM {VALUES} WHERE n >= ALL (SELECT x.n FROM (VALUES (10), (30)) x(n))",
            [[3]],
        ),
        ("SELECT 1 UNION SELECT 1 UNION ALL SELECT 1", [[1], [1]]),
        ("SELECT 2 AS a UNION ALL SELECT 1 ORDER BY a", [[1], [2]]),
        (
            f"WITH c AS (SELECT id, n FROM {VALUES}) SELECT SUM(c.n) FROM c JOIN c AS d ON d.id = "
            "c.id",
            [[40]],
        ),
        (
            f"SELECT id, ROW_NUMBER() OVER (PARTITION BY word ORDER BY id DESC) FROM {VALUES} "
            "ORDER BY id",
            [[1, 2], [2, 1], [3, 1]],
        ),
        (
            f"SELECT v.id, q.m FROM {VALUES} OUTER APPLY (SELECT v.n AS m WHERE v.n > 10) q ORDER "
            "BY v.id",
            [[1, None], [2, None], [3, 30]],
        ),
        (
            f"SELECT STUFF((SELECT N',' + RTRIM(word) FROM {VALUES} ORDER BY id FOR XML PATH('')), "
            "1, 1, '')",
            [["a,B,a"]],
        ),
        (
            f"SELECT (SELECT N'<' + word FROM {VALUES} WHERE id = 1 FOR XML PATH(''), "
            "TYPE).value('.', 'nvarchar(max)')",
            [["<a"]],
        ),
        (f"SELECT word FROM {VALUES} GROUP BY word HAVING COUNT(*) > 1", [["a"]]),
        (
            "DECLARE @t TABLE (a int, b varchar(5)); INSERT @t VALUES (1, 'x'), (2, 'y'); UPDATE "
            "@t SET b = b + '!' WHERE a = 2; DELETE @t WHERE a = 1; "
            "SELECT * FROM @t",
            [[2, "y!"]],
        ),
        ("SELECT 1 AS a INTO #x; INSERT #x SELECT 2; SELECT SUM(a) FROM #x", [[3]]),
    ],
)
def test_a_query_gives_its_rows(sql: t.Any, query: str, expected: list[list[t.Any]]) -> None:
    assert sql.rows(query) == expected


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("SELECT nocolumn FROM sys.databases", [207]),
        ("SELECT d.nocolumn FROM sys.databases d", [207]),
        ("SELECT x.name FROM sys.databases d", [4104]),
        ("SELECT name FROM sys.databases a, sys.databases b", [209]),
        ("SELECT 1 FROM sys.nothing", [208]),
        ("SELECT 1 FROM nodb.dbo.t", [208]),
        ("SELECT nofunction(1)", [195]),
        ("SELECT @x", [137]),
        ("EXEC nosuchproc", [2812]),
        ("EXEC msdb.dbo.sp_delete_database_backuphistory", [201]),
        ("EXEC msdb.dbo.sp_delete_database_backuphistory @nope = 1", [8145]),
        ("EXEC msdb.dbo.sp_delete_database_backuphistory 'a', 'b'", [8144]),
        ("EXEC sp_delete_database_backuphistory 'a'", [2812]),
        ("SELECT CONVERT(int, 'x')", [245]),
        ("SELECT CONVERT(uniqueidentifier, 'x')", [8169]),
        ("SELECT CONVERT(datetime, 'x')", [241]),
        ("SELECT 1 / 0", [8134]),
        ("SELECT (SELECT name FROM sys.databases)", [512]),
        ("SELECT FROM t", [102]),
        ("SELEC 1", [2812]),
        ("SELECT name, COUNT(*) FROM sys.databases", [8120]),
        ("SELECT 1 UNION SELECT 1, 2", [205]),
        ("DECLARE @a int; DECLARE @a int", [134]),
        ("SELECT 1\nGO\nSELECT 2", [102]),
        ("SELECT CONVERT(tinyint, 256)", [220]),
        ("SELECT 2147483647 + 1", [8115]),
        ("SELECT 1 WHERE MAX(1) = 1", [147]),
    ],
)
def test_a_mistake_is_the_servers_own_error(sql: t.Any, text: str, numbers: list[int]) -> None:
    assert sql.errors(text) == numbers


@pytest.mark.parametrize(
    "text",
    [
        "MERGE t USING s ON 1 = 1 WHEN MATCHED THEN DELETE;",
        "CREATE VIEW v AS SELECT 1",
        "DBCC CHECKDB",
        "SELECT TOP (5) PERCENT 1",
    ],
)
def test_what_the_lab_does_not_know_is_never_ignored(sql: t.Any, text: str) -> None:
    with pytest.raises(LabGap):
        sql.run(text)


def test_the_grammar_follows_the_version(sql: t.Any) -> None:
    old = sql.instance("sql-old", version="10.50.6000.34")
    assert sql.errors("BEGIN TRY SELECT 1/0 END TRY BEGIN CATCH THROW; END CATCH", old) == [102]
    assert sql.errors("SELECT containment FROM sys.databases", old) == [207]
    assert sql.value("SELECT containment FROM sys.databases WHERE name = N'master'") == 0


def test_columns_have_types_even_without_rows(sql: t.Any) -> None:
    result = sql.run(
        "SELECT database_id, name AS n, CONVERT(bigint, 1) b, MAX(create_date) OVER () m FROM "
        "sys.databases WHERE 1 = 0"
    )
    assert [(c.name, c.type) for c in result.result_sets[0].columns] == [
        ("database_id", "int"),
        ("n", "nvarchar(128)"),
        ("b", "bigint"),
        ("m", "datetime"),
    ]


def test_getdate_is_local_and_getutcdate_is_not(sql: t.Any) -> None:
    assert sql.value("SELECT DATEDIFF(MINUTE, GETUTCDATE(), GETDATE())") == 60
    sql.north.machine.clock_skew_seconds = 90
    assert sql.value("SELECT GETUTCDATE()") == dt.datetime(2015, 6, 1, 8, 1, 30)


def test_newid_is_new_each_time(sql: t.Any) -> None:
    first, second = sql.rows("SELECT NEWID() UNION ALL SELECT NEWID()")
    assert isinstance(first[0], uuid.UUID)
    assert first != second


#: Values of several families that equal each other after a conversion, NULL, and one twice.
MANY_LEFT = "(VALUES (1, N'1'), (2, N'b'), (3, N'B  '), (4, NULL), (5, N'7')) l(id, word)"
MANY_RIGHT = "(VALUES (1, N'b'), (2, N'7'), (3, NULL), (4, N'B'), (5, N'1')) r(id, word)"


@pytest.mark.parametrize("kind", ["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("l.word", "r.word"),
        ("r.word", "l.word"),
        ("l.id", "r.id"),
        ("l.id", "CONVERT(int, NULLIF(r.word, N'b'))"),
        ("l.word", "N'7'"),
        ("r.id", "2"),
    ],
)
def test_a_join_finds_what_it_would_find_without_buckets(
    sql: t.Any, kind: str, one: str, other: str
) -> None:
    """``<>`` is no equality, so its denial is asked of every pair."""
    select = f"SELECT l.id, r.id FROM {MANY_LEFT} {kind} {MANY_RIGHT} ON"
    bucketed = sql.rows(f"{select} {one} = {other}")
    asked = sql.rows(f"{select} NOT ({one} <> {other})")
    assert bucketed == asked
    assert bucketed


def test_numbers_are_joined_with_the_texts_that_they_equal(sql: t.Any) -> None:
    right = "(VALUES (N'1'), (N' 7'), (N'01')) r(word)"
    rows = sql.rows(f"SELECT l.id, r.word FROM {VALUES_OF_ONE} JOIN {right} ON l.id = r.word")
    assert rows == [[1, "1"], [1, "01"]]


VALUES_OF_ONE = "(VALUES (1), (2)) l(id)"


def test_a_subquery_is_asked_for_each_row(sql: t.Any) -> None:
    rows = sql.rows(
        "CREATE TABLE #one (id int, word nvarchar(9)); CREATE TABLE #many (id int, n int);"
        " INSERT #one VALUES (1, N'a'), (2, N'b'), (3, NULL), (2, N'c');"
        " INSERT #many VALUES (2, 5), (1, 6), (2, 7), (NULL, 8);"
        " SELECT o.word, (SELECT COUNT(*) FROM #many m WHERE m.id = o.id),"
        " (SELECT MAX(n) FROM #many m WHERE o.id = m.id AND m.n > 5) FROM #one o"
    )
    assert rows == [["a", 1, 6], ["b", 2, 7], [None, 0, None], ["c", 2, 7]]


def test_each_statement_sees_what_was_written_before_it(sql: t.Any) -> None:
    rows = sql.rows(
        "CREATE TABLE #seen (id int); INSERT #seen VALUES (1), (2);"
        " UPDATE #seen SET id = id + (SELECT COUNT(*) FROM #seen s WHERE s.id <= 2);"
        " UPDATE #seen SET id = id + (SELECT COUNT(*) FROM #seen s WHERE s.id <= 3);"
        " SELECT id FROM #seen"
    )
    assert rows == [[4], [5]]
