"""The modules of an outage that change something, one by one over the wire, each on databases
of its own.
"""

from __future__ import annotations

import concurrent.futures
import itertools

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.calls.tsql import (
    backup_files,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.lync import (
    central_store,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.sqlserver import (  # noqa: E501
    database_recovery,
    dr_intent,
    leftover_copy,
    log_restore,
    log_shipping_secondary,
    log_tail_backup,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import (
    Moved,
    SqlFailed,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import Sql
from support.console import sql
from support.resources_by_hand import DOMAIN, LOGS, Estate

SHARED = "D:\\shares\\pchat-logs"
numbers = itertools.count(1)


@pytest.fixture
def estate(bare_lab):
    yield Estate(bare_lab)
    bare_lab.chatlab("fault", "clear")
    assert bare_lab.chatlab("journal", "--impossible") == []


# -- the intent record

INTENT = ("sql-s1", dr_intent.DrIntent, dr_intent.DR_INTENT_SPEC)
FIRST = {
    "target": "failover",
    "id": "1" * 32,
    "operator": "O'Neil; DROP",
    "at": "2015-06-01T08:00:00Z",
}
SECOND = {"target": "failback", "id": "2" * 32, "operator": "kim", "at": "2015-06-01T09:00:00Z"}


def test_an_intent_is_declared_guarded_replaced_and_cleared(estate):
    pool = "intents.contoso.example"
    estate.both(*INTENT, ["declare_intent"], pool=pool, **FIRST)
    refused = estate.refused("intent_conflict", *INTENT, pool=pool, **SECOND)
    assert refused.details["intent"] == FIRST
    estate.refused("intent_conflict", *INTENT, pool=pool, replaces={"id": "3" * 32}, **SECOND)
    assert estate.run(*INTENT, pool=pool, state="absent", **SECOND).steps == ()
    estate.both(*INTENT, ["declare_intent"], pool=pool, replaces=FIRST, **SECOND)
    assert estate.run(*INTENT, pool="others.contoso.example", state="absent", **SECOND).before == {
        "intent": None,
        "intent_why": None,
    }
    estate.both(*INTENT, ["clear_intent"], pool=pool, state="absent", **SECOND)


@pytest.mark.parametrize("already", [None, {**SECOND, "id": "9" * 32}])
def test_two_operators_at_once_declare_only_one_intent(estate, already):
    """Both planned on the same sight; the second write finds that the world moved, whoever
    comes second.
    """
    pool = f"race{next(numbers)}.contoso.example"
    if already:
        estate.run(*INTENT, pool=pool, **already)
    resources = [
        estate.make(*INTENT, pool=pool, replaces=already, **record) for record in (FIRST, SECOND)
    ]
    with estate.session("sql-s1") as one, estate.session("sql-s1") as two:
        sessions = (one, two)
        plans = [r.plan(r.read(s)) for r, s in zip(resources, sessions, strict=True)]

        def write(number):
            try:
                sessions[number].run(plans[number][0].calls[0])
                return "declared"
            except SqlFailed as error:
                return error

        with concurrent.futures.ThreadPoolExecutor(2) as pool_of_threads:
            outcomes = list(pool_of_threads.map(write, (0, 1)))
    won = [r for r, o in zip((FIRST, SECOND), outcomes, strict=True) if o == "declared"]
    lost = next(o for o in outcomes if o != "declared")
    assert len(won) == 1
    assert isinstance(lost, Moved), lost
    assert "somebody else declared something meanwhile" in str(lost)
    assert estate.run(*INTENT, pool=pool, state="absent", **won[0], check_mode=True).before == {
        "intent": won[0],
        "intent_why": None,
    }


# -- a copy of its own for each test


def shipped(estate, logs=3):
    """A database on sql-n1 with ``logs`` log backups, and its restoring copy on sql-s1: (name,
    files as log_restore takes them).
    """
    name = f"x{next(numbers)}"
    full = f"\\\\fs-s1.contoso.example\\pchat-seed\\{name}.bak"
    backups = "; ".join(
        f"CREATE TABLE [{name}].dbo.t{n} (i int); BACKUP LOG [{name}] TO DISK ="
        f" N'{LOGS}\\{name}_{n}.trn' WITH INIT"
        for n in range(logs)
    )
    sql(
        estate.lab,
        "sql-n1",
        f"CREATE DATABASE [{name}]; ALTER DATABASE [{name}] SET RECOVERY FULL; "
        f"BACKUP DATABASE [{name}] TO DISK = N'{full}' WITH INIT; {backups}",
    )
    sql(estate.lab, "sql-s1", f"RESTORE DATABASE [{name}] FROM DISK = N'{full}' WITH NORECOVERY")
    with estate.session("sql-s1") as session:
        headers = [
            session.read(backup_files.header(f"{LOGS}\\{name}_{n}.trn"))[0][0] for n in range(logs)
        ]
    return name, [
        {
            "path": f"{LOGS}\\{name}_{n}.trn",
            "position": 1,
            "first_lsn": str(h["FirstLSN"]),
            "last_lsn": str(h["LastLSN"]),
            "uuid": None,
        }
        for n, h in enumerate(headers)
    ]


RESTORE = ("sql-s1", log_restore.LogRestore, log_restore.LOG_RESTORE_SPEC)
RECOVER = ("sql-s1", database_recovery.DatabaseRecovery, database_recovery.DATABASE_RECOVERY_SPEC)
TAIL = (log_tail_backup.LogTailBackup, log_tail_backup.LOG_TAIL_BACKUP_SPEC)
LEFTOVER = ("sql-s1", leftover_copy.LeftoverCopy, leftover_copy.LEFTOVER_COPY_SPEC)


def standing(estate, name, host="sql-s1"):
    with estate.session(host) as session:
        found = estate.make(host, *LEFTOVER[1:], database=name).read(session)
    return found["database_state"], found["redo_lsn"]


def test_logs_are_restored_by_lsn_whatever_their_order(estate):
    name, files = shipped(estate)
    first, second, third = files
    refused = estate.refused("chain_gap", *RESTORE, database=name, files=[third, first])
    assert refused.details["path"] == third["path"]
    estate.both(*RESTORE, ["restore_log", "restore_log"], database=name, files=[second, first])
    done = estate.both(*RESTORE, ["restore_log"], database=name, files=[third, first, second])
    assert done.after["redo_lsn"] == third["last_lsn"]
    sql(estate.lab, "sql-s1", f"RESTORE DATABASE [{name}] WITH RECOVERY")
    estate.refused("not_restoring", *RESTORE, database=name, files=files)
    estate.refused("not_restoring", *RESTORE, database="nothing like it", files=files)


def test_a_log_that_a_job_applied_meanwhile_is_not_applied_twice(estate):
    name, files = shipped(estate, 2)
    resource = estate.make(*RESTORE, database=name, files=files)
    with estate.session("sql-s1") as session:
        steps = resource.plan(resource.read(session))
        sql(
            estate.lab,
            "sql-s1",
            f"RESTORE LOG [{name}] FROM DISK = N'{files[0]['path']}' WITH NORECOVERY",
        )
        before = standing(estate, name)
        with pytest.raises(Moved, match=f"{name} does not stand at LSN"):
            session.run(steps[0].calls[0])
    assert standing(estate, name) == before == ("RESTORING", files[0]["last_lsn"])
    estate.both(*RESTORE, ["restore_log"], database=name, files=files)


def test_a_corrupt_log_stops_there_and_a_whole_one_goes_on(estate):
    name, files = shipped(estate)
    broken = estate.lab.chatlab(
        "fault", "add", "file", "host=fs-s1", f"path={SHARED}\\{name}_1.trn"
    )["id"]
    with pytest.raises(SqlFailed) as caught:
        estate.run(*RESTORE, database=name, files=files)
    assert (
        caught.value.details["done"],
        caught.value.details["failed_step"],
        caught.value.details["pending"],
    ) == (["restore_log"], "restore_log", ["restore_log", "restore_log"])
    assert standing(estate, name) == ("RESTORING", files[0]["last_lsn"])
    estate.lab.chatlab("fault", "clear", broken)
    estate.both(*RESTORE, ["restore_log", "restore_log"], database=name, files=files)


def test_a_copy_is_recovered_only_where_it_was_seen(estate):
    name, files = shipped(estate, 2)
    options = {"database": name, "pool": "recovery.contoso.example"}
    at = standing(estate, name)[1]
    estate.refused("other_position", *RECOVER, expect_lsn=files[-1]["last_lsn"], **options)
    resource = estate.make(*RECOVER, expect_lsn=at, **options)
    with estate.session("sql-s1") as session:
        steps = resource.plan(resource.read(session))
        estate.run(*RESTORE, database=name, files=files)
        with pytest.raises(Moved, match="does not stand at LSN"):
            session.run(steps[0].calls[0])
    assert standing(estate, name) == ("RESTORING", files[-1]["last_lsn"])
    estate.both(*RECOVER, ["recover_database"], expect_lsn=files[-1]["last_lsn"], **options)
    estate.refused(
        "not_restoring", *RECOVER, expect_lsn="1", **{**options, "database": "nothing like it"}
    )


@pytest.mark.parametrize("then", [SECOND, None])
def test_a_copy_is_not_recovered_for_an_attempt_that_was_replaced_or_cleared(estate, then):
    pool = f"replaced{next(numbers)}.contoso.example"
    name, _unused = shipped(estate, 1)
    estate.run(*INTENT, pool=pool, **FIRST)
    before = standing(estate, name)
    resource = estate.make(
        *RECOVER, database=name, expect_lsn=before[1], pool=pool, intent=FIRST["id"]
    )
    with estate.session("sql-s1") as session:
        steps = resource.plan(resource.read(session))
        if then:
            estate.run(*INTENT, pool=pool, replaces=FIRST, **then)
        else:
            estate.run(*INTENT, pool=pool, state="absent", **FIRST)
        writes = estate.writes()
        with pytest.raises(Moved, match="another attempt was declared"):
            session.run(steps[0].calls[0])
    assert standing(estate, name) == before
    assert estate.writes() == writes
    if then:
        estate.both(
            *RECOVER,
            ["recover_database"],
            database=name,
            expect_lsn=before[1],
            pool=pool,
            intent=then["id"],
        )


def test_a_tail_is_saved_once_and_nothing_is_written_after_it(estate):
    pool = "tails.contoso.example"
    name, files = shipped(estate, 1)
    options = {"database": name, "directory": LOGS, "id": FIRST["id"], "pool": pool}
    sql(estate.lab, "sql-n1", f"CREATE TABLE [{name}].dbo.last_words (i int)")
    estate.refused("not_online", "sql-s1", *TAIL, **options)
    with pytest.raises(Moved, match="another attempt was declared"):
        estate.run("sql-n1", *TAIL, holds_intent=True, **options)
    assert standing(estate, name, "sql-n1")[0] == "ONLINE"
    done = estate.both("sql-n1", *TAIL, ["back_up_tail"], **options)
    with pytest.raises(AssertionError, match="restor"):
        sql(estate.lab, "sql-n1", f"CREATE TABLE [{name}].dbo.too_late (i int)")
    estate.refused("not_online", "sql-n1", *TAIL, **{**options, "id": SECOND["id"]})
    applied = estate.run(*RESTORE, database=name, files=[*files, done.after["tail"]])
    assert [s.name for s in applied.steps] == ["restore_log", "restore_log"]
    estate.both(
        *RECOVER,
        ["recover_database"],
        database=name,
        expect_lsn=done.after["tail"]["last_lsn"],
        pool=pool,
    )
    with estate.session("sql-s1") as session:
        tables = session.read(Sql(f"SELECT name FROM [{name}].sys.tables ORDER BY name"))[0]
    assert [table["name"] for table in tables] == ["last_words", "t0"]
    estate.both(
        "sql-n1",
        *RECOVER[1:],
        ["recover_database"],
        database=name,
        expect_lsn=standing(estate, name, "sql-n1")[1],
        pool=pool,
    )


def test_only_a_copy_that_nobody_feeds_is_dropped(estate):
    name, _unused = shipped(estate, 1)
    estate.refused("no_leftover", "sql-n1", *LEFTOVER[1:], database=name)
    secondary = (
        "sql-s1",
        log_shipping_secondary.LogShippingSecondary,
        log_shipping_secondary.LOG_SHIPPING_SECONDARY_SPEC,
    )
    options = {
        "database": name,
        "primary_server": "SQL-N1",
        "source_directory": LOGS,
        "destination_directory": "D:\\copy",
    }
    estate.run(*secondary, **options)
    before = standing(estate, name)
    with pytest.raises(Moved, match=f"{name} is not a restoring copy that follows nobody"):
        estate.run(*LEFTOVER, database=name)
    assert standing(estate, name) == before
    estate.run(*secondary, state="absent", **options)
    estate.both(*LEFTOVER, ["drop_leftover"], database=name)


# -- the central management store, last: it does not come back by itself


def test_a_store_is_moved_only_when_it_does_not_answer(estate):
    module = ("fe-s1", central_store.CentralStore, central_store.CENTRAL_STORE_SPEC)
    options = {"sql_server": f"fe-s1.{DOMAIN}", "instance": "rtc", "timeout": 30}
    assert estate.run(*module, **options).steps == ()
    estate.refused("bad_name", *module, sql_server="")
    estate.lab.chatlab("fault", "add", "cms")
    done = estate.both(*module, ["fail_over_store"], **options)
    assert done.after == {"answers": True, "master": f"fe-s1.{DOMAIN}"}
