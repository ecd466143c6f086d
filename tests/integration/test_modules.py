"""Each module's resource over the real wire: create, again, modify, again, remove, again; each
first in check mode.

Without ansible-playbook, which would take a second per case: the resource, the engine and the
session are the ones that the actions use.
"""

from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.lync import (
    active_servers,
    database,
    mirror_database,
    mirror_principal,
    pool_definition,
    pool_state,
    topology,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.sqlserver import (  # noqa: E501
    agent_job,
    database_backup,
    database_restore,
    log_shipping_primary,
    log_shipping_secondary,
    mirror_role,
    mirroring,
    mirroring_endpoint,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.windows import (  # noqa: E501
    file_share,
    firewall_rule,
    folder,
    windows_service,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import Refused
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import Sql
from support.console import console, sql
from support.resources_by_hand import DOMAIN, LOGS, Estate

READY = (
    "CREATE DATABASE [x]; ALTER DATABASE [x] SET RECOVERY FULL; BACKUP DATABASE [x] TO DISK ="
    " N'\\\\fs-s1.contoso.example\\pchat-seed\\x.bak' WITH INIT;"
)


@pytest.fixture
def estate(bare_lab):
    bare_lab.chatlab("reset")
    yield Estate(bare_lab)
    assert bare_lab.chatlab("journal", "--impossible") == []


def test_mirroring_endpoint(estate):
    module = (
        "sql-n1",
        mirroring_endpoint.MirroringEndpoint,
        mirroring_endpoint.MIRRORING_ENDPOINT_SPEC,
    )
    estate.both(
        *module, ["create_endpoint", "grant_connect"], role="partner", connect=["CONTOSO\\sqlsvc"]
    )
    estate.both(
        *module,
        ["widen_role", "grant_connect"],
        role="all",
        connect=["CONTOSO\\sqlagent"],
        port=5099,
    )
    estate.both(*module, ["drop_endpoint"], state="absent")
    estate.refused("port_taken", *module, port=445)
    estate.refused("edition", "sql-n3", *module[1:], role="all")


def test_folder_and_share(estate):
    estate.both(
        "sql-s1",
        folder.Folder,
        folder.FOLDER_SPEC,
        ["make_folder"],
        path="D:\\a folder\\with 'quotes' [x] ü",
    )
    module = ("fs-s1", file_share.FileShare, file_share.FILE_SHARE_SPEC)
    share = {"name": "new share", "path": "D:\\shares\\new"}
    estate.both(*module, ["create_share"], access={"CONTOSO\\sqlsvc": "read"}, **share)
    estate.both(
        *module,
        ["grant_access", "revoke_access"],
        access={"CONTOSO\\sqlagent": "change"},
        exact=True,
        **share,
    )
    estate.both(*module, ["remove_share"], state="absent", **share)


def test_firewall_rule(estate):
    module = ("sql-n1", firewall_rule.FirewallRule, firewall_rule.FIREWALL_RULE_SPEC)
    rule = {"name": "pchat-mirroring-5022", "port": 5022}
    estate.both(*module, ["create_rule"], remote_addresses=["127.0.0.0/8"], **rule)
    with console(estate.lab, "sql-n1") as run:
        run("Set-NetFirewallRule", Name=rule["name"], Enabled="False")
    estate.both(*module, ["enable_rule"], **rule)


def test_backup_and_restore(estate):
    sql(estate.lab, "sql-n1", READY)
    taken = estate.both(
        "sql-n1",
        database_backup.DatabaseBackup,
        database_backup.DATABASE_BACKUP_SPEC,
        ["back_up_database", "back_up_log"],
        database="x",
        directory=LOGS,
        stamp="s",
    )
    module = ("sql-n2", database_restore.DatabaseRestore, database_restore.DATABASE_RESTORE_SPEC)
    estate.both(
        *module, ["restore_database", "restore_log"], database="x", chain=taken.after["chain"]
    )
    sql(
        estate.lab,
        "sql-n1",
        "USE [x]; EXEC sys.sp_addextendedproperty @name = N'later', @value = N'1'; BACKUP LOG [x]"
        f" TO DISK = N'{LOGS}\\later.trn'",
    )
    longer = estate.run(
        "sql-n1",
        database_backup.DatabaseBackup,
        database_backup.DATABASE_BACKUP_SPEC,
        database="x",
        directory=LOGS,
        stamp="s",
    )
    assert longer.steps == ()
    estate.both(*module, ["restore_log"], database="x", chain=longer.after["chain"])
    sql(estate.lab, "sql-n2", "RESTORE DATABASE [x] WITH RECOVERY")
    estate.refused(
        "would_overwrite", *module, database="x", chain=longer.after["chain"], replace=True
    )
    estate.refused(
        "no_database",
        "sql-s2",
        database_backup.DatabaseBackup,
        database_backup.DATABASE_BACKUP_SPEC,
        database="x",
        directory=LOGS,
        stamp="s",
    )


def test_a_database_with_a_hostile_name(estate):
    name = "a]b'c;d$(x)é"
    quoted = "[" + name.replace("]", "]]") + "]"
    with estate.session("sql-n1") as session:
        session.run(Sql(f"CREATE DATABASE {quoted}; ALTER DATABASE {quoted} SET RECOVERY SIMPLE"))
    estate.refused(
        "simple_recovery",
        "sql-n1",
        database_backup.DatabaseBackup,
        database_backup.DATABASE_BACKUP_SPEC,
        database=name,
        directory=LOGS,
        stamp="s",
    )
    done = estate.both(
        "sql-n1",
        database_backup.DatabaseBackup,
        database_backup.DATABASE_BACKUP_SPEC,
        ["set_full_recovery", "back_up_database", "back_up_log"],
        database=name,
        directory=LOGS,
        stamp="s",
        manage_recovery_model=True,
    )
    estate.both(
        "sql-n2",
        database_restore.DatabaseRestore,
        database_restore.DATABASE_RESTORE_SPEC,
        ["restore_database", "restore_log"],
        database=name,
        chain=done.after["chain"],
    )


@pytest.mark.parametrize(
    ("options", "code"),
    [
        ({"database": "a\nb"}, "bad_name"),
        ({"database": " x"}, "bad_name"),
        ({"directory": "x"}, "bad_path"),
        ({"directory": "D:\\a\nb"}, "bad_text"),
    ],
)
def test_impossible_names_and_paths(estate, options, code):
    with pytest.raises(Refused) as caught:
        estate.run(
            "sql-n1",
            database_backup.DatabaseBackup,
            database_backup.DATABASE_BACKUP_SPEC,
            **{"database": "x", "directory": LOGS, "stamp": "s", **options},
        )
    assert caught.value.code in (code, "bad_path")


def mirrored(estate):
    """x mirrored from sql-n1 to sql-n2."""
    sql(estate.lab, "sql-n1", READY)
    for host in ("sql-n1", "sql-n2"):
        estate.run(
            host,
            mirroring_endpoint.MirroringEndpoint,
            mirroring_endpoint.MIRRORING_ENDPOINT_SPEC,
            connect=["CONTOSO\\sqlsvc"],
        )
    estate.run(
        "sql-n3",
        mirroring_endpoint.MirroringEndpoint,
        mirroring_endpoint.MIRRORING_ENDPOINT_SPEC,
        connect=["CONTOSO\\sqlsvc"],
        role="witness",
        port=7022,
    )
    taken = estate.run(
        "sql-n1",
        database_backup.DatabaseBackup,
        database_backup.DATABASE_BACKUP_SPEC,
        database="x",
        directory=LOGS,
        stamp="s",
    )
    estate.run(
        "sql-n2",
        database_restore.DatabaseRestore,
        database_restore.DATABASE_RESTORE_SPEC,
        database="x",
        chain=taken.after["chain"],
    )
    estate.run(
        "sql-n2",
        mirroring.Mirroring,
        mirroring.MIRRORING_SPEC,
        database="x",
        role="mirror",
        partner=f"TCP://sql-n1.{DOMAIN}:5022",
    )
    return ("sql-n1", mirroring.Mirroring, mirroring.MIRRORING_SPEC), {
        "database": "x",
        "partner": f"TCP://sql-n2.{DOMAIN}:5022",
    }


def test_mirroring(estate):
    module, options = mirrored(estate)
    estate.both(*module, ["set_partner"], **options)
    estate.both(
        *module,
        ["set_timeout", "set_witness"],
        timeout=20,
        witness=f"TCP://sql-n3.{DOMAIN}:7022",
        **options,
    )
    estate.refused("other_partner", *module, database="x", partner=f"TCP://sql-s2.{DOMAIN}:5022")
    estate.both(*module, ["set_timeout", "remove_witness"], **options)
    estate.both(*module, ["remove_session"], state="absent", **options)


def test_mirror_role(estate):
    module, options = mirrored(estate)
    roles = (mirror_role.MirrorRole, mirror_role.MIRROR_ROLE_SPEC)
    estate.refused("not_mirrored", "sql-n1", *roles, database="x", role="mirror")
    estate.run(*module, **options)
    estate.refused("ask_the_principal", "sql-n2", *roles, database="x", role="principal")
    estate.refused("partner_alive", "sql-n2", *roles, database="x", role="principal", force=True)
    estate.both("sql-n1", *roles, ["fail_over"], database="x", role="mirror")
    fault = estate.lab.chatlab("fault", "add", "host", "host=sql-n2")["id"]
    estate.lab.chatlab("clock", "advance", "30")
    estate.both("sql-n1", *roles, ["force_service"], database="x", role="principal", force=True)
    estate.lab.chatlab("fault", "clear", fault)


def test_log_shipping(estate):
    sql(estate.lab, "sql-n1", READY)
    primary = (
        "sql-n1",
        log_shipping_primary.LogShippingPrimary,
        log_shipping_primary.LOG_SHIPPING_PRIMARY_SPEC,
    )
    options = {
        "database": "x",
        "backup_share": LOGS,
        "secondaries": [{"server": "SQL-S1", "database": "x"}],
    }
    estate.refused("no_agent", "sql-n3", *primary[1:], **options)
    estate.both(*primary, ["add_primary"], **options)
    estate.both(
        *primary,
        ["change_primary", "set_secondaries", "schedule_backup", "disable_job"],
        backup_retention=99,
        interval=5,
        enabled=False,
        **{**options, "secondaries": [{"server": "SQL-S2", "database": "x"}]},
    )
    job = ("sql-n1", agent_job.AgentJob, agent_job.AGENT_JOB_SPEC)
    estate.both(*job, ["enable_job"], name="LSBackup_x")
    estate.both(*job, ["disable_job"], name="LSBackup_x", state="disabled")
    estate.refused("no_job", *job, name="nope")
    estate.both(*primary, ["remove_primary"], state="absent", **options)
    taken = estate.run(
        "sql-n1",
        database_backup.DatabaseBackup,
        database_backup.DATABASE_BACKUP_SPEC,
        database="x",
        directory=LOGS,
        stamp="s",
    )
    secondary = (
        "sql-s1",
        log_shipping_secondary.LogShippingSecondary,
        log_shipping_secondary.LOG_SHIPPING_SECONDARY_SPEC,
    )
    options = {
        "database": "x",
        "primary_server": "SQL-N1",
        "source_directory": LOGS,
        "destination_directory": "D:\\copy",
    }
    estate.refused("not_restoring", *secondary, **options)
    estate.run(
        "sql-s1",
        database_restore.DatabaseRestore,
        database_restore.DATABASE_RESTORE_SPEC,
        database="x",
        chain=taken.after["chain"],
    )
    estate.both(*secondary, ["add_secondary"], **options)
    estate.refused("other_primary", *secondary, **{**options, "primary_server": "OTHER"})
    estate.both(
        *secondary,
        ["change_secondary", "schedule_copy", "disable_jobs"],
        restore_delay=30,
        copy_interval=5,
        enabled=False,
        **options,
    )
    estate.both(*secondary, ["remove_secondary"], state="absent", **options)


def test_lync(estate):
    chat = {"pool": "chat.contoso.example"}
    servers = ("fe-n1", active_servers.ActiveServers, active_servers.ACTIVE_SERVERS_SPEC)
    estate.refused("pool_not_found", *servers, servers=[], **chat)
    estate.refused(
        "bad_document",
        "fe-n1",
        topology.Topology,
        topology.TOPOLOGY_SPEC,
        document="<Topology/>",
        **chat,
    )
    document = estate.lab.chatlab("document")["document"]
    estate.both(
        "fe-n1",
        topology.Topology,
        topology.TOPOLOGY_SPEC,
        ["publish_topology", "enable_topology"],
        document=document,
        **chat,
    )
    estate.refused(
        "would_remove",
        "fe-n1",
        topology.Topology,
        topology.TOPOLOGY_SPEC,
        **chat,
        document=document.replace("sql-s3.contoso.example", "sql-s9.contoso.example"),
    )
    estate.both(
        *servers,
        ["set_active_servers"],
        servers=["chat-n1.contoso.example", "CHAT-S1.contoso.example"],
        **chat,
    )
    estate.both(*servers, ["set_active_servers"], servers=[], **chat)
    estate.refused("not_a_member", *servers, servers=["fe-n1.contoso.example"], **chat)
    estate.refused(
        "too_many_active", *servers, servers=[f"s{n}.contoso.example" for n in range(5)], **chat
    )
    state = ("fe-n1", pool_state.PoolState, pool_state.POOL_STATE_SPEC)
    estate.both(*state, ["set_pool_state"], state="failed_over", timeout=30, **chat)
    estate.both(*state, ["set_pool_state"], state="normal", timeout=30, **chat)
    estate.refused(
        "work_order",
        "fe-n1",
        pool_definition.PoolDefinition,
        pool_definition.POOL_DEFINITION_SPEC,
        members=["chat-n1.contoso.example"],
        stores={"primary": "sql-n2.contoso.example"},
        **chat,
    )
    estate.both(
        "fe-n1",
        database.LyncDatabase,
        database.DATABASE_SPEC,
        ["install_databases"],
        sql_server="sql-n1.contoso.example",
        instance="",
        databases=["mgc", "mgccomp"],
        existing=[],
    )
    mirror = ("fe-n1", mirror_database.MirrorDatabase, mirror_database.MIRROR_DATABASE_SPEC)
    options = {
        "database": "mgc",
        "sql_server": "sql-n1.contoso.example",
        "instance": "",
        "file_share": "\\\\fs-s1.contoso.example\\pchat-seed",
        **chat,
    }
    estate.both(*mirror, ["install_mirror"], state="present", timeout=30, **options)
    switch = ("fe-n1", mirror_principal.MirrorPrincipal, mirror_principal.MIRROR_PRINCIPAL_SPEC)
    estate.both(
        *switch, ["switch_principal"], database="mgc", principal="mirror", timeout=30, **chat
    )
    estate.both(
        *switch, ["switch_principal"], database="mgc", principal="primary", timeout=30, **chat
    )
    estate.both(*mirror, ["uninstall_mirror"], state="absent", **options)
    estate.refused("not_mirrored", *switch, database="mgc", principal="mirror", **chat)


def test_windows_service(estate):
    module = ("sql-n2", windows_service.WindowsService, windows_service.WINDOWS_SERVICE_SPEC)
    estate.both(*module, ["stop_service"], display_name="SQL Server Agent*", state="stopped")
    estate.both(*module, ["start_service"], display_name="SQL Server Agent*", state="started")
    estate.lab.chatlab("clock", "advance", "60")
    since = estate.lab.chatlab("clock")["now"][:19] + "Z"
    estate.lab.chatlab("clock", "advance", "2")  # what starts within that second is restarted again
    estate.both(*module, ["restart_service"], display_name="SQL Server Agent*", started_after=since)
    estate.refused("no_service", *module, display_name="Nothing like it*")
