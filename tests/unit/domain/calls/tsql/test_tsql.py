"""Every T-SQL batch of the collection, with ordinary and with hostile names, parsed by Microsoft's
parser at each supported version.
"""

from __future__ import annotations

import pytest
from unit.domain.scriptdom import VERSIONS, syntax_errors

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.calls.tsql import (
    agent,
    backup,
    backup_files,
    catalog,
    content,
    history,
    intent,
    log_shipping,
    logins,
    ownership,
    quote,
    recovery,
    restore,
    salvage,
    space,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.calls.tsql import (
    mirroring as mirroring_calls,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import Refused

NAMES = ["mgc", "a]b", "it's", "semi;colon --", "$(x)", "höhe", "a[b", "x" * 128, "100%"]
SHIPPED_TO = {"server": "S2", "database": "other"}
FOLDER = "\\\\fs\\share with 'quote' $(x) ü;]"


def primary(name):
    return {
        "database": name,
        "backup_directory": FOLDER,
        "backup_share": FOLDER,
        "backup_job": f"LSBackup_{name}"[:128],
        "backup_retention": 1,
        "backup_compression": 2,
        "backup_threshold": 60,
        "threshold_alert_enabled": True,
        "history_retention": 1,
        "schedule_name": "every",
        "interval": 15,
        "secondaries": [{"server": "S'1", "database": name}],
        "enabled": True,
    }


def secondary(name):
    return {
        "database": name,
        "primary_server": "P'1",
        "primary_database": name,
        "source_directory": FOLDER,
        "destination_directory": "D:\\copy",
        "copy_job": "copy",
        "restore_job": "restore",
        "retention": 1,
        "copy_schedule_name": "c",
        "restore_schedule_name": "r",
        "copy_interval": 15,
        "restore_interval": 15,
        "restore_delay": 0,
        "restore_mode_bit": 0,
        "disconnect_users": False,
        "restore_threshold": 45,
        "threshold_alert_enabled": True,
        "history_retention": 1,
        "enabled": True,
    }


def batches(name):
    path = f"{FOLDER}\\x.bak"
    reads = [
        catalog.instance(),
        catalog.services(),
        catalog.endpoint(),
        catalog.endpoint_grants(),
        catalog.login(""),
        catalog.login(name),
        catalog.databases([name, "mgc"]),
        history.restores([name]),
        history.backups([name]),
        log_shipping.primaries([name]),
        log_shipping.shipped_to([name]),
        log_shipping.secondaries([name]),
        agent.schedules(),
        agent.log_backup_jobs(),
        agent.job(name),
        catalog.listener(),
        catalog.files(),
        catalog.default_folders(),
        catalog.data_folder_exists(),
        catalog.log_folder_exists(),
        catalog.logins(),
        catalog.database_users(name),
    ]
    mirroring = [
        mirroring_calls.create_endpoint(name, 5022, "all", "sa"),
        mirroring_calls.alter_endpoint(name, "STATE = STARTED"),
        mirroring_calls.drop_endpoint(name),
        mirroring_calls.grant_connect(name, "DOM\\it's$"),
        mirroring_calls.set_partner(name, "TCP://a.b:5022", "ONLINE"),
        mirroring_calls.set_witness(name, "TCP://a.b:7022"),
        mirroring_calls.set_witness(name, ""),
        mirroring_calls.set_safety(name, "full"),
        mirroring_calls.set_timeout(name, 10),
        mirroring_calls.resume(name),
        mirroring_calls.fail_over(name),
        mirroring_calls.force_service(name),
        mirroring_calls.remove_partner(name, "PRINCIPAL"),
    ]
    copies = [
        backup.set_full_recovery(name),
        backup.back_up("DATABASE", name, path, "pchat x", ["CHECKSUM", "COPY_ONLY"]),
        backup.back_up("LOG", name, path, "pchat x", []),
        restore.restore_full(name, path, 1, seen=None, replace=False, moves={}),
        restore.restore_full(
            name, path, 2, seen="ONLINE", replace=True, moves={"it's": "D:\\x.mdf"}
        ),
        restore.restore_log(name, path, 1),
    ]
    shipping = [
        agent.enable_job(name, True),
        agent.own_job(name),
        agent.start_job(name),
        log_shipping.add_primary(primary(name)),
        log_shipping.change_primary(primary(name)),
        log_shipping.change_secondaries(name, primary(name)["secondaries"], [SHIPPED_TO]),
        log_shipping.remove_primary(name, primary(name)["secondaries"]),
        log_shipping.reschedule(name, "every", 15, [1, 2]),
        log_shipping.add_on_secondary(secondary(name)),
        log_shipping.change_on_secondary(secondary(name)),
        log_shipping.remove_on_secondary(name),
    ]
    room = [
        space.space([name]),
        space.volumes(),
        ownership.owner(name),
        logins.accounts(["0x01", "0x0105"]),
        logins.create_login("CONTOSO\\it's$"),
        ownership.set_owner(name, "CONTOSO\\it's]", "0x01"),
    ]
    return [*reads, *mirroring, *copies, *shipping, *outages(name), *room, *salvages(name)]


def salvages(name):
    """Reading first, then the writes. Names of tables and columns come from the host."""
    path = f"{FOLDER}\\x.bak"
    reads = [
        backup_files.file_list(path, 2),
        history.reached(name, "6E0A2E0C-0F6B-4D0B-8A52-2B5C7A6F1D11"),
        content.date_columns(name),
        content.rows_of_table(name, name, name, []),
        content.rows_of_table(name, name, name, [name, "when"]),
        salvage.opened(name),
        salvage.copy_mark(name),
    ]
    writes = [
        salvage.restore_beside(name, path, 1, {"it's": "D:\\x.mdf", name: "D:\\y.ldf"}),
        salvage.mark(name, f'{{"path": "{path}"}}'),
        salvage.close_to_writers(name),
        salvage.drop_opened(name),
    ]
    return [*reads, *writes]


def outages(name):
    """Reading first, then the writes; the intent's texts carry the hostile name as well."""
    pool, attempt, path = (
        f"chat-{len(name)}.contoso.example",
        "5d3c2b1a09f84e7d8c6b5a4938271605",
        f"{FOLDER}\\x-tail.trn",
    )
    record = {
        "target": "failover",
        "id": attempt,
        "operator": f"{name} 'x' \n ü",
        "at": "2015-06-01T08:00:00Z",
    }
    reads = [
        backup_files.files(FOLDER),
        backup_files.exists(FOLDER),
        backup_files.header(path),
        backup_files.verify(path, 2),
        backup_files.restored_files(name),
        intent.intent(pool),
    ]
    writes = [
        intent.set_intent(pool, record, None),
        intent.set_intent(pool, record, {**record, "id": "0" * 32}),
        intent.clear_intent(pool, record),
        restore.restore_next_log(name, path, 2, str(10**24)),
        recovery.recover(name, "126", pool, attempt),
        recovery.recover(name, "126", pool, ""),
        backup.back_up_tail(name, path, f"pchat {attempt}-tail", pool, attempt),
        backup.back_up_tail(name, path, "pchat x", pool, ""),
        restore.drop_leftover(name),
    ]
    return [*reads, *writes]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", NAMES)
def test_every_batch_parses(name, version):
    wrong = {
        b.text[:120]: found for b in batches(name) if (found := syntax_errors(b.text, version))
    }
    assert wrong == {}


def test_every_write_is_one_line_and_guards_itself():
    for batch in batches("mgc")[22:42]:
        assert "\n" not in batch.text
        assert "IF " in batch.text


def test_every_write_of_an_outage_is_one_line_and_guards_itself():
    for batch in outages("mgc")[6:]:
        assert "\n" not in batch.text
        assert "IF " in batch.text
        assert " AS pchat_moved;" in batch.text


def test_every_write_of_a_salvage_is_one_line_and_guards_itself():
    for batch in salvages("mgc")[7:]:
        assert batch.changes
        assert "\n" not in batch.text
        assert " AS pchat_moved;" in batch.text


@pytest.mark.parametrize("name", ["", " mgc", "mgc ", "a\nb", "a\0b", "a\u2028b", "x" * 129])
def test_impossible_names_are_refused(name):
    with pytest.raises(Refused, match="cannot be a SQL Server name"):
        quote.identifier(name)


@pytest.mark.parametrize(
    "path", ["relative\\x", "D:", "\\\\h\\s\\a|b", "D:\\a\nb", "D:\\a*", "C:/x", "D:\\" + "x" * 500]
)
def test_impossible_paths_are_refused(path):
    with pytest.raises(Refused):
        quote.path(path)


@pytest.mark.parametrize(
    "address",
    [
        "a.b:5022",
        "TCP://a.b",
        "TCP://a.b:0",
        "TCP://a.b:70000",
        "TCP://a\\x:5022",
        "TCP://a.b:5022'; DROP",
        "TCP://a b:1",
    ],
)
def test_impossible_addresses_are_refused(address):
    with pytest.raises(Refused, match="is not a mirroring address"):
        quote.address(address)
