"""A kept backup is opened beside everything that is there, and nothing of others' is ever touched.

On the lab's SQL Server, in process.
"""

from __future__ import annotations

import importlib.util

import pytest

if importlib.util.find_spec("pythonnet") is None:
    pytest.skip(
        "the lab's SQL Server needs .NET: dev/requirements/lab.txt", allow_module_level=True
    )

from lab.tests.sql_core.conftest import SHARE, small_world, with_chat
from unit.domain.answers import ATTEMPT, OTHER_ATTEMPT, make, names, refusal
from unit.domain.direct import Direct, run

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage import (
    content_info,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.sqlserver import (  # noqa: E501
    salvaged_copy,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import (
    SqlFailed,
)
from pchat_lab.world import disks

NAME = "mgc_salvaged_20150601_0900_primary"


@pytest.fixture
def sql():
    """mgc on the north instance with three messages; nothing on the south one."""
    made = with_chat(small_world())
    for number in range(3):
        made.north.databases["mgc"].append({"pool": "p", "number": number})
    return made


def keep(sql, attempt=ATTEMPT, slot="primary", database="mgc", instance=None):
    path = rf"{SHARE}\{database}_{attempt}-{slot}.bak"
    sql.run(
        f"BACKUP DATABASE [{database}] TO DISK = N'{path}' WITH INIT, FORMAT, COPY_ONLY, CHECKSUM,"
        f" NAME = N'pchat {attempt}-{slot}'",
        instance,
    ).check()
    return path


def copy(**options):
    given = {"directory": SHARE, **options}
    return make(salvaged_copy.SalvagedCopy, salvaged_copy.SALVAGED_COPY_SPEC, **given)


def south(sql):
    return Direct(sql, sql.south)


def refused(sql, resource):
    return refusal(lambda: run(resource, south(sql)))


def test_it_is_verified_restored_marked_and_closed_to_writers(sql):
    keep(sql)
    outcome = run(copy(), south(sql))
    assert names(outcome.steps) == [
        "verify_backup",
        "restore_beside",
        "mark_copy",
        "close_to_writers",
    ]
    after = outcome.after
    assert (after["name"], after["database_state"]) == (NAME, "ONLINE")
    assert after["is_read_only"] is True
    assert after["user_access"] == "RESTRICTED_USER"
    assert after["family"] == after["kept"]["family"]
    assert after["opened_set"] == after["kept"]["uuid"]
    assert (after["kept"]["attempt"], after["kept"]["slot"]) == (ATTEMPT, "primary")
    assert sql.errors("CREATE TABLE dbo.x (a int)", sql.south, database=NAME) == [3906]
    assert run(copy(), south(sql)).steps == ()


def test_it_opens_beside_the_database_that_it_is_a_copy_of(sql):
    keep(sql)
    before = sql.rows("SELECT physical_name FROM sys.master_files ORDER BY physical_name")
    assert run(copy(), Direct(sql, sql.north)).after["is_read_only"] is True
    after = sql.rows("SELECT physical_name FROM sys.master_files ORDER BY physical_name")
    assert len(after) == len(before) + 2
    assert [row for row in after if row not in before] == sorted(
        row for row in after if NAME in str(row[0])
    )
    assert sql.value("SELECT COUNT(*) FROM mgc.dbo.tblChat") == 3


def test_who_lets_others_read_is_not_overruled(sql):
    keep(sql)
    run(copy(), south(sql))
    sql.run(f"ALTER DATABASE [{NAME}] SET MULTI_USER", sql.south).check()
    assert run(copy(), south(sql)).steps == ()


def test_without_a_kept_backup_it_says_where_it_looked(sql):
    found = refused(sql, copy())
    assert found.code == "no_kept_copy"
    assert SHARE in str(found)


def test_of_several_a_person_chooses(sql):
    first = keep(sql)
    keep(sql, OTHER_ATTEMPT)
    found = refused(sql, copy())
    assert found.code == "which_kept_copy"
    assert first in found.details["paths"]
    name = first.rpartition("\\")[2]
    assert run(copy(path=name), south(sql)).after["kept"]["path"] == first
    assert run(copy(path=first), south(sql)).steps == ()


def test_other_files_on_the_share_are_no_kept_backups(sql):
    sql.run(rf"BACKUP DATABASE mgc TO DISK = N'{SHARE}\mgc_{ATTEMPT}.bak' WITH INIT").check()
    assert refused(sql, copy()).code == "no_kept_copy"


def test_another_family_is_refused(sql):
    keep(sql)
    found = refused(sql, copy(family="0B6B7B1F-6D5A-4F0C-9E54-5D9C1F1C2A11"))
    assert found.code == "other_family"


def test_a_log_backup_is_no_copy(sql):
    path = rf"{SHARE}\mgc_x.trn"
    sql.run(f"BACKUP LOG mgc TO DISK = N'{path}' WITH INIT").check()
    assert refused(sql, copy(path=path)).code == "kept_copy_unreadable"


def test_a_file_without_a_header_is_told_with_what_the_server_says(sql):
    path = keep(sql)
    sql.world.storage.write(
        path, "no backup", 10, sql.south.machine, sql.south.engine_service.account
    )
    found = refused(sql, copy())
    assert found.code == "kept_copy_unreadable"
    assert path in str(found)


def test_of_a_damaged_backup_nothing_is_made(sql):
    path = keep(sql)
    file = sql.world.storage.read(path, sql.south.machine, sql.south.engine_service.account)
    file.damaged = True
    with pytest.raises(SqlFailed) as caught:
        run(copy(), south(sql))
    assert caught.value.details["failed_step"] == "verify_backup"
    assert sql.value(f"SELECT DB_ID(N'{NAME}')", sql.south) is None


def test_a_newer_servers_backup_is_not_opened_by_an_older_one(sql):
    newer = sql.instance("sql-x1", version="12.0.2000.8")
    newer.create_lync_database("mgc")
    keep(sql, instance=newer)
    assert refused(sql, copy()).code == "version"


def test_what_does_not_fit_is_refused_before_anything_is_made(sql):
    keep(sql)
    (drive,) = [mount[:2].lower() for mount in copy().read(south(sql))["needs"]]
    disks.leave(sql.south.machine, drive, 1 << 20)
    found = refused(sql, copy())
    assert found.code == "no_room"
    assert found.details["available"] == 1 < found.details["needed"]
    assert sql.value(f"SELECT DB_ID(N'{NAME}')", sql.south) is None


def test_a_database_that_is_not_ours_is_never_touched(sql):
    keep(sql)
    sql.run(f"CREATE DATABASE [{NAME}]", sql.south).check()
    assert refused(sql, copy()).code == "name_taken"
    assert refused(sql, copy(state="absent")).code == "not_salvaged"
    assert sql.value(f"SELECT DB_ID(N'{NAME}')", sql.south) is not None


def test_a_restore_that_never_ended_is_told_with_what_to_type(sql):
    path = keep(sql)
    sql.run(
        rf"RESTORE DATABASE [{NAME}] FROM DISK = N'{path}' WITH NORECOVERY,"
        rf" MOVE N'mgc' TO N'D:\y.mdf', MOVE N'mgc_log' TO N'D:\y.ldf'",
        sql.south,
    )
    if sql.value(f"SELECT DB_ID(N'{NAME}')", sql.south) is None:
        pytest.fail("the test could not make a copy that restores")
    found = refused(sql, copy())
    assert found.code == "name_taken"
    assert f"DROP DATABASE [{NAME}];" in str(found)


def test_the_copy_of_another_outage_keeps_its_name(sql):
    first = keep(sql)
    second = keep(sql, OTHER_ATTEMPT)
    run(copy(path=first, name="mgc_salvaged_a"), south(sql))
    assert refused(sql, copy(path=second, name="mgc_salvaged_a")).code == "name_taken"
    assert run(copy(path=second, name="mgc_salvaged_b"), south(sql)).after["is_read_only"] is True


def test_it_is_dropped_by_its_name_alone_and_the_backup_stays(sql):
    path = keep(sql)
    run(copy(), south(sql))
    closing = copy(name=NAME, state="absent")
    assert names(run(closing, south(sql)).steps) == ["drop_opened"]
    assert run(closing, south(sql)).steps == ()
    assert run(copy(path=path), south(sql)).steps != ()


def test_who_reads_it_is_not_thrown_out(sql):
    keep(sql)
    run(copy(), south(sql))
    with sql.session(sql.south, NAME):
        assert refused(sql, copy(state="absent")).code == "being_read"


@pytest.mark.parametrize("name", ["mgc", "master", "mgc_old", "mgc_salvaged_", "mgc_salvaged_a]b"])
def test_a_name_that_something_could_take_for_the_pools_is_refused(name):
    assert refusal(lambda: copy(name=name)).code == "bad_name"


def test_somewhere_the_backup_has_to_be():
    assert refusal(lambda: copy(directory="")).code == "contradiction"


# -- content_info


def content(sql, instance, **options):
    resource = make(content_info.ContentInfo, content_info.CONTENT_INFO_SPEC, **options)
    return resource.read(Direct(sql, instance))


def test_rows_are_counted_and_the_newest_date_of_each_date_column_is_told(sql):
    told = content(sql, sql.north, database="mgc")
    (chat,) = [table for table in told["tables"] if table["name"] == "tblChat"]
    assert (chat["schema"], chat["rows"], chat["why"]) == ("dbo", 3, None)
    assert chat["newest"] == {"chatDate": "2015-06-01T08:00:00"}
    (peers,) = [table for table in told["tables"] if table["name"] == "tblActivePeers"]
    assert (peers["rows"], peers["newest"]) == (0, {})


def test_names_of_tables_and_columns_are_data(sql):
    odd = "it's a ]table; DROP TABLE x --"
    bracketed = "[" + odd.replace("]", "]]") + "]"
    sql.run(f"CREATE TABLE dbo.{bracketed} ({bracketed} datetime)", database="mgc").check()
    sql.run(f"INSERT INTO dbo.{bracketed} VALUES ('2014-02-03')", database="mgc").check()
    told = content(sql, sql.north, database="mgc")
    (table,) = [table for table in told["tables"] if table["name"] == odd]
    assert (table["rows"], table["newest"]) == (1, {odd: "2014-02-03T00:00:00"})


def test_a_table_whose_name_nobody_can_quote_hides_no_other(sql):
    sql.run("CREATE TABLE dbo.[blank ] (a int)", database="mgc").check()
    told = content(sql, sql.north, database="mgc")
    (odd,) = [table for table in told["tables"] if table["name"].startswith("blank")]
    assert odd["rows"] is None
    assert "cannot be a SQL Server name" in odd["why"]
    assert sum(table["rows"] is not None for table in told["tables"]) == 4


def test_a_copy_that_restores_tells_up_to_where_it_followed_and_is_not_opened(sql):
    full = rf"{SHARE}\seed.bak"
    log = rf"{SHARE}\mgc_20150601074500.trn"
    sql.run(f"BACKUP DATABASE mgc TO DISK = N'{full}' WITH INIT").check()
    sql.run(f"BACKUP LOG mgc TO DISK = N'{log}' WITH INIT").check()
    sql.run(f"RESTORE DATABASE mgc FROM DISK = N'{full}' WITH NORECOVERY", sql.south).check()
    sql.run(f"RESTORE LOG mgc FROM DISK = N'{log}' WITH NORECOVERY", sql.south).check()
    header = sql.run(f"RESTORE HEADERONLY FROM DISK = N'{log}'").check().rows()[0]
    told = content(sql, sql.south, database="mgc", fork=str(header["RecoveryForkID"]))
    assert told["database_state"] == "RESTORING"
    assert told["tables"] == []
    assert told["reached"] == {
        "last_lsn": str(header["LastLSN"]),
        "at": "2015-06-01T07:45:00Z",
        "path": log,
    }
    assert content(sql, sql.south, database="mgc", fork="0" * 8)["reached"] is None


def test_what_is_not_there_is_told_as_nothing(sql):
    told = content(sql, sql.south, database=NAME)
    assert (told["database_state"], told["tables"], told["reached"]) == (None, [], None)
