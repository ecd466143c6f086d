"""Every writing batch may run twice, and may be cut off between any two of its statements: the next
run makes it whole.

The plugins' own resources and batches run on the lab's SQL Server, in process.
"""

from __future__ import annotations

import contextlib
import importlib.util
import pickle
import typing as t

import cloudpickle
import pytest

if importlib.util.find_spec("pythonnet") is None:
    pytest.skip(
        "the lab's SQL Server needs .NET: dev/requirements/lab.txt", allow_module_level=True
    )

from lab.tests.sql_core.conftest import SHARE, Sql, small_world, with_chat
from unit.domain.answers import ATTEMPT, POOL, make
from unit.domain.direct import Direct, run

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.sqlserver import (  # noqa: E501
    agent_job,
    database_backup,
    database_owner,
    database_recovery,
    database_restore,
    dr_intent,
    leftover_copy,
    log_restore,
    log_shipping_primary,
    log_shipping_secondary,
    log_tail_backup,
    mirror_role,
    mirroring,
    mirroring_endpoint,
    salvaged_copy,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import (
    Moved,
    Unreachable,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import (
    Resource,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import Sql as Batch
from pchat_lab.sqlserver.language.parser import parse
from pchat_lab.sqlserver.server.instance import SqlInstance

STAMP = "5d3c2b1a"
FULL = rf"{SHARE}\mgc_{STAMP}.bak"


Case = t.Callable[[Sql], tuple[Resource, SqlInstance]]


def backed_up(sql: Sql) -> None:
    sql.run(
        rf"BACKUP DATABASE mgc TO DISK = N'{FULL}' WITH INIT, FORMAT, NAME = N'pchat {STAMP}'"
    ).check()
    sql.run(
        rf"BACKUP LOG mgc TO DISK = N'{SHARE}\mgc_{STAMP}.trn' WITH INIT, FORMAT, NAME = N'pchat"
        rf" {STAMP}'"
    ).check()


def restored(sql: Sql) -> None:
    backed_up(sql)
    sql.run(rf"RESTORE DATABASE mgc FROM DISK = N'{FULL}' WITH NORECOVERY", sql.south).check()


def an_endpoint(sql: Sql) -> tuple[Resource, SqlInstance]:
    return (
        make(
            mirroring_endpoint.MirroringEndpoint,
            mirroring_endpoint.MIRRORING_ENDPOINT_SPEC,
            connect=[r"CONTOSO\sqlsvc"],
        ),
        sql.north,
    )


def no_endpoint(sql: Sql) -> tuple[Resource, SqlInstance]:
    run(an_endpoint(sql)[0], Direct(sql, sql.north))
    return (
        make(
            mirroring_endpoint.MirroringEndpoint,
            mirroring_endpoint.MIRRORING_ENDPOINT_SPEC,
            state="absent",
        ),
        sql.north,
    )


def a_backup(sql: Sql) -> tuple[Resource, SqlInstance]:
    sql.run("ALTER DATABASE mgc SET RECOVERY SIMPLE").check()
    return (
        make(
            database_backup.DatabaseBackup,
            database_backup.DATABASE_BACKUP_SPEC,
            database="mgc",
            directory=SHARE,
            stamp=STAMP,
            manage_recovery_model=True,
        ),
        sql.north,
    )


def a_restored_chain(sql: Sql) -> tuple[Resource, SqlInstance]:
    done = run(
        make(
            database_backup.DatabaseBackup,
            database_backup.DATABASE_BACKUP_SPEC,
            database="mgc",
            directory=SHARE,
            stamp=STAMP,
        ),
        Direct(sql, sql.north),
    )
    return (
        make(
            database_restore.DatabaseRestore,
            database_restore.DATABASE_RESTORE_SPEC,
            database="mgc",
            chain=done.after["chain"],
            move={},
        ),
        sql.south,
    )


def shipping(sql: Sql, **options: t.Any) -> Resource:
    given = {
        "backup_share": SHARE,
        "secondaries": [{"server": "SQL-S1", "database": "mgc"}],
        "accept_foreign_log_backups": True,
    }
    return t.cast(
        "Resource",
        make(
            log_shipping_primary.LogShippingPrimary,
            log_shipping_primary.LOG_SHIPPING_PRIMARY_SPEC,
            database="mgc",
            **{**given, **options},
        ),
    )


def a_primary(sql: Sql) -> tuple[Resource, SqlInstance]:
    return shipping(sql), sql.north


def a_changed_primary(sql: Sql) -> tuple[Resource, SqlInstance]:
    run(shipping(sql), Direct(sql, sql.north))
    return (
        shipping(
            sql,
            interval=5,
            backup_retention=100,
            enabled=False,
            secondaries=[{"server": "SQL-S2", "database": "mgc"}],
        ),
        sql.north,
    )


def no_primary(sql: Sql) -> tuple[Resource, SqlInstance]:
    run(shipping(sql), Direct(sql, sql.north))
    return shipping(sql, state="absent"), sql.north


def following(sql: Sql, **options: t.Any) -> Resource:
    given = {
        "primary_server": "SQL-N1",
        "source_directory": SHARE,
        "destination_directory": r"D:\copy",
    }
    return t.cast(
        "Resource",
        make(
            log_shipping_secondary.LogShippingSecondary,
            log_shipping_secondary.LOG_SHIPPING_SECONDARY_SPEC,
            database="mgc",
            **{**given, **options},
        ),
    )


def a_secondary(sql: Sql) -> tuple[Resource, SqlInstance]:
    restored(sql)
    return following(sql), sql.south


def a_changed_secondary(sql: Sql) -> tuple[Resource, SqlInstance]:
    restored(sql)
    run(following(sql), Direct(sql, sql.south))
    return (
        following(
            sql,
            copy_interval=5,
            restore_interval=10,
            retention=100,
            restore_threshold=50,
            enabled=False,
        ),
        sql.south,
    )


def no_secondary(sql: Sql) -> tuple[Resource, SqlInstance]:
    restored(sql)
    run(following(sql), Direct(sql, sql.south))
    return following(sql, state="absent"), sql.south


def an_enabled_job(sql: Sql) -> tuple[Resource, SqlInstance]:
    run(shipping(sql, enabled=False), Direct(sql, sql.north))
    return make(agent_job.AgentJob, agent_job.AGENT_JOB_SPEC, name="LSBackup_mgc"), sql.north


def a_declared_intent(sql: Sql) -> tuple[Resource, SqlInstance]:
    return (
        make(
            dr_intent.DrIntent,
            dr_intent.DR_INTENT_SPEC,
            pool=POOL,
            target="failover",
            id=ATTEMPT,
            operator="anna",
            at="2015-06-01T08:00:00Z",
        ),
        sql.south,
    )


def a_cleared_intent(sql: Sql) -> tuple[Resource, SqlInstance]:
    run(a_declared_intent(sql)[0], Direct(sql, sql.south))
    return (
        make(dr_intent.DrIntent, dr_intent.DR_INTENT_SPEC, pool=POOL, id=ATTEMPT, state="absent"),
        sql.south,
    )


def redo(sql: Sql, instance: SqlInstance | None = None) -> str:
    text = (
        "SELECT CONVERT(varchar(25), MAX(redo_start_lsn)) FROM sys.master_files WHERE database_id ="
        " DB_ID(N'mgc')"
    )
    return str(sql.value(text, instance or sql.south))


def a_restored_log(sql: Sql) -> tuple[Resource, SqlInstance]:
    restored(sql)
    sql.run(rf"BACKUP LOG mgc TO DISK = N'{SHARE}\more.trn' WITH INIT, FORMAT").check()
    files = []
    for name in (f"mgc_{STAMP}.trn", "more.trn"):
        with sql.session() as session:
            header = (
                session.execute(rf"RESTORE HEADERONLY FROM DISK = N'{SHARE}\{name}'")
                .check()
                .rows()[0]
            )
        files.append(
            {
                "path": rf"{SHARE}\{name}",
                "position": 1,
                "first_lsn": str(header["FirstLSN"]),
                "last_lsn": str(header["LastLSN"]),
            }
        )
    return (
        make(log_restore.LogRestore, log_restore.LOG_RESTORE_SPEC, database="mgc", files=files),
        sql.south,
    )


def a_recovered_copy(sql: Sql) -> tuple[Resource, SqlInstance]:
    restored(sql)
    return (
        make(
            database_recovery.DatabaseRecovery,
            database_recovery.DATABASE_RECOVERY_SPEC,
            database="mgc",
            expect_lsn=redo(sql),
            pool=POOL,
        ),
        sql.south,
    )


def a_copy_that_was_given_back(sql: Sql) -> tuple[Resource, SqlInstance]:
    """What the administrator restored belonged to sa."""
    restored(sql)
    sql.run("RESTORE DATABASE mgc WITH RECOVERY", sql.south).check()
    owner = make(database_owner.DatabaseOwner, database_owner.DATABASE_OWNER_SPEC, database="mgc")
    return owner, sql.south


def a_saved_tail(sql: Sql) -> tuple[Resource, SqlInstance]:
    return (
        make(
            log_tail_backup.LogTailBackup,
            log_tail_backup.LOG_TAIL_BACKUP_SPEC,
            database="mgc",
            directory=SHARE,
            id=ATTEMPT,
            pool=POOL,
        ),
        sql.north,
    )


def a_reopened_copy(sql: Sql) -> tuple[Resource, SqlInstance]:
    """Its tail was saved, which closed it to its users; it is to go on after all."""
    tail, north = a_saved_tail(sql)
    run(tail, Direct(sql, north))
    reopened = make(
        database_recovery.DatabaseRecovery,
        database_recovery.DATABASE_RECOVERY_SPEC,
        database="mgc",
        expect_lsn=redo(sql, north),
        pool=POOL,
    )
    return reopened, north


def a_dropped_leftover(sql: Sql) -> tuple[Resource, SqlInstance]:
    restored(sql)
    return (
        make(leftover_copy.LeftoverCopy, leftover_copy.LEFTOVER_COPY_SPEC, database="mgc"),
        sql.south,
    )


def mirrored(sql: Sql, **options: t.Any) -> Resource:
    given = {
        "database": "mgc",
        "role": "principal",
        "partner": "TCP://sql-s1.contoso.example:5022",
        **options,
    }
    wanted = {
        name: given.get(name, detail.get("default"))
        for name, detail in mirroring.MIRRORING_SPEC.items()
    }
    return mirroring.Mirroring(wanted, "sql-n1.contoso.example")


def a_mirrored_pair(sql: Sql) -> None:
    for instance in (sql.north, sql.south):
        run(an_endpoint(sql)[0], Direct(sql, instance))
    run(a_restored_chain(sql)[0], Direct(sql, sql.south))
    other = make(
        mirroring.Mirroring,
        mirroring.MIRRORING_SPEC,
        database="mgc",
        role="mirror",
        partner="TCP://sql-n1.contoso.example:5022",
    )
    run(other, Direct(sql, sql.south))


def a_session(sql: Sql) -> tuple[Resource, SqlInstance]:
    a_mirrored_pair(sql)
    return mirrored(sql, timeout=20), sql.north


def no_session(sql: Sql) -> tuple[Resource, SqlInstance]:
    run(a_session(sql)[0], Direct(sql, sql.north))
    return mirrored(sql, state="absent"), sql.north


def another_role(sql: Sql) -> tuple[Resource, SqlInstance]:
    run(a_session(sql)[0], Direct(sql, sql.north))
    return (
        make(mirror_role.MirrorRole, mirror_role.MIRROR_ROLE_SPEC, database="mgc", role="mirror"),
        sql.north,
    )


def kept(sql: Sql) -> str:
    """The backup of an old copy, as a failback keeps it."""
    path = rf"{SHARE}\mgc_{ATTEMPT}-primary.bak"
    sql.run(
        f"BACKUP DATABASE mgc TO DISK = N'{path}' WITH INIT, FORMAT, COPY_ONLY, CHECKSUM, NAME ="
        f" N'pchat {ATTEMPT}-primary'"
    ).check()
    return path


def salvaging(**options: t.Any) -> Resource:
    return t.cast(
        "Resource", make(salvaged_copy.SalvagedCopy, salvaged_copy.SALVAGED_COPY_SPEC, **options)
    )


def an_opened_copy(sql: Sql) -> tuple[Resource, SqlInstance]:
    kept(sql)
    return salvaging(directory=SHARE), sql.south


def a_closed_copy(sql: Sql) -> tuple[Resource, SqlInstance]:
    opened, south = an_opened_copy(sql)
    run(opened, Direct(sql, south))
    return salvaging(directory=SHARE, state="absent"), south


CASES: list[Case] = [
    an_endpoint,
    no_endpoint,
    a_backup,
    a_restored_chain,
    a_primary,
    a_changed_primary,
    no_primary,
    a_secondary,
    a_changed_secondary,
    no_secondary,
    an_enabled_job,
    a_declared_intent,
    a_cleared_intent,
    a_restored_log,
    a_recovered_copy,
    a_copy_that_was_given_back,
    a_saved_tail,
    a_reopened_copy,
    a_dropped_leftover,
    a_session,
    no_session,
    another_role,
    an_opened_copy,
    a_closed_copy,
]


def left_behind(sql: Sql) -> dict[str, t.Any]:
    """What both instances hold half a minute later, without ids and times."""
    sql.world.clock.advance(30)
    asked = {
        "jobs": "SELECT name, enabled, SUSER_SNAME(owner_sid) FROM msdb.dbo.sysjobs ORDER BY name",
        "schedules": (
            "SELECT name, enabled, freq_subday_interval FROM msdb.dbo.sysschedules ORDER BY name"
        ),
        "attached": (
            "SELECT j.name, s.name FROM msdb.dbo.sysjobschedules a JOIN msdb.dbo.sysjobs j ON"
            " j.job_id = a.job_id JOIN msdb.dbo.sysschedules s ON s.schedule_id = a.schedule_id"
            " ORDER BY j.name, s.name"
        ),
        "primaries": (
            "SELECT primary_database, backup_share, backup_retention_period FROM"
            " msdb.dbo.log_shipping_primary_databases"
        ),
        "shipped to": (
            "SELECT secondary_server, secondary_database FROM"
            " msdb.dbo.log_shipping_primary_secondaries"
        ),
        "followed": (
            "SELECT primary_server, primary_database, file_retention_period FROM"
            " msdb.dbo.log_shipping_secondary"
        ),
        "following": (
            "SELECT secondary_database, restore_mode FROM msdb.dbo.log_shipping_secondary_databases"
        ),
        "endpoints": "SELECT name, state_desc, role_desc FROM sys.database_mirroring_endpoints",
        "databases": (
            "SELECT d.name, d.state_desc, d.user_access_desc, d.recovery_model_desc,"
            " SUSER_SNAME(d.owner_sid),"
            " m.mirroring_role_desc, m.mirroring_state_desc FROM sys.databases d LEFT JOIN"
            " sys.database_mirroring m ON m.database_id = d.database_id ORDER BY d.name"
        ),
        "properties": (
            "SELECT name, CONVERT(nvarchar(4000), value) FROM sys.extended_properties ORDER BY name"
        ),
    }
    return {
        f"{instance.server_name} {what}": sql.rows(text, instance)
        for instance in (sql.north, sql.south)
        for what, text in asked.items()
    }


def overwritten_logs(sql: Sql) -> list[str]:
    """Log backups that the history tells of, and whose file holds another one by now: what they
    held is lost.
    """
    taken = sql.rows(
        "SELECT CONVERT(varchar(36), s.backup_set_uuid), f.physical_device_name FROM"
        " msdb.dbo.backupset s JOIN msdb.dbo.backupmediafamily f ON f.media_set_id = s.media_set_id"
        " WHERE s.type = 'L'"
    )
    found = []
    for number, path in taken:
        headers = sql.run(f"RESTORE HEADERONLY FROM DISK = N'{path}'").check().rows()
        if str(number).lower() not in [str(row["BackupSetGUID"]).lower() for row in headers]:
            found.append(path)
    return found


def ids(case: Case) -> str:
    return case.__name__


def prepared(case: Case) -> bytes:
    """The world in which the case begins, put aside: timers are closures, hence cloudpickle."""
    sql = with_chat(small_world())
    resource, instance = case(sql)
    return t.cast("bytes", cloudpickle.dumps((sql, resource, instance)))


def undisturbed(begin: bytes) -> tuple[list[Batch], dict[str, t.Any]]:
    sql, resource, instance = pickle.loads(begin)
    session = Direct(sql, instance)
    run(resource, session)
    assert session.sent, "the case changes nothing"
    return session.sent, left_behind(sql)


def cuts(sent: list[Batch]) -> list[tuple[int, int]]:
    """(batch, number of statements that ran): before each batch, and behind each of its statements
    that can change something.
    """
    found = []
    for number, batch in enumerate(sent):
        found.append((number, 0))
        for count, statement in enumerate(parse(batch.body), start=1):
            test = statement.text.endswith("RETURN; END")
            if (
                statement.kind
                not in (
                    "PredicateSetStatement",
                    "DeclareVariableStatement",
                    "SetVariableStatement",
                )
                and not test
            ):
                found.append((number, count))
    return found


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_a_batch_that_was_cut_off_anywhere_is_made_whole_by_the_next_run(case: Case) -> None:
    begin = prepared(case)
    sent, wanted = undisturbed(begin)
    for cut in cuts(sent):
        sql, resource, instance = pickle.loads(begin)
        with pytest.raises(Unreachable):
            run(resource, Direct(sql, instance, cut=cut))
        run(resource, Direct(sql, instance))
        assert overwritten_logs(sql) == []
        assert left_behind(sql) == wanted, f"after a cut at {cut}: {sent[cut[0]]}"
        assert run(resource, Direct(sql, instance)).steps == ()


@pytest.mark.parametrize("case", CASES, ids=ids)
def test_a_batch_that_ran_twice_does_no_harm(case: Case) -> None:
    begin = prepared(case)
    sent, wanted = undisturbed(begin)
    sql, resource, instance = pickle.loads(begin)
    for _run in range(len(sent) + 1):
        # behind a door: the next run sees that it was passed
        with contextlib.suppress(Moved):
            run(resource, Direct(sql, instance, twice=True))
            break
    assert left_behind(sql) == wanted
    assert overwritten_logs(sql) == []
    assert run(resource, Direct(sql, instance)).steps == ()
