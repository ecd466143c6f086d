"""Every T-SQL batch of the collection, with ordinary and with hostile names, parsed by Microsoft's parser at each supported version."""
from __future__ import annotations

import pytest
from unit.domain.scriptdom import VERSIONS, syntax_errors

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.calls import log_shipping, outage, quote, sql_read, sql_write
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import Refused

NAMES = ["mgc", "a]b", "it's", "semi;colon --", "$(x)", "höhe", "a[b", "x" * 128, "100%"]
FOLDER = "\\\\fs\\share with 'quote' $(x) ü;]"


def primary(name):
    return {"database": name, "backup_directory": FOLDER, "backup_share": FOLDER, "backup_job": f"LSBackup_{name}"[:128], "backup_retention": 1,
            "backup_compression": 2, "backup_threshold": 60, "threshold_alert_enabled": True, "history_retention": 1, "schedule_name": "every",
            "interval": 15, "secondaries": [{"server": "S'1", "database": name}], "enabled": True}


def secondary(name):
    return {"database": name, "primary_server": "P'1", "primary_database": name, "source_directory": FOLDER, "destination_directory": "D:\\copy",
            "copy_job": "copy", "restore_job": "restore", "retention": 1, "copy_schedule_name": "c", "restore_schedule_name": "r", "copy_interval": 15,
            "restore_interval": 15, "restore_delay": 0, "restore_mode_bit": 0, "disconnect_users": False, "restore_threshold": 45,
            "threshold_alert_enabled": True, "history_retention": 1, "enabled": True}


def batches(name):
    path = f"{FOLDER}\\x.bak"
    reads = [sql_read.instance(), sql_read.services(), sql_read.endpoint(), sql_read.endpoint_grants(), sql_read.login(""), sql_read.login(name),
             sql_read.databases([name, "mgc"]),
             sql_read.restores([name]), sql_read.backups([name]), sql_read.log_shipping_primaries([name]), sql_read.log_shipping_primary_secondaries([name]),
             sql_read.log_shipping_secondaries([name]), sql_read.schedules(), sql_read.log_backup_jobs(), sql_read.job(name), sql_read.listener(),
             sql_read.files(), sql_read.default_folders(), sql_read.data_folder_exists(), sql_read.log_folder_exists(),
             sql_read.logins(), sql_read.database_users(name)]
    mirroring = [sql_write.create_endpoint(name, 5022, "all", "sa"), sql_write.alter_endpoint(name, "STATE = STARTED"), sql_write.drop_endpoint(name),
                 sql_write.grant_connect(name, "DOM\\it's$"), sql_write.set_partner(name, "TCP://a.b:5022", "ONLINE"),
                 sql_write.set_witness(name, "TCP://a.b:7022"), sql_write.set_witness(name, ""), sql_write.set_safety(name, "full"),
                 sql_write.set_timeout(name, 10), sql_write.resume(name), sql_write.fail_over(name), sql_write.force_service(name),
                 sql_write.remove_partner(name, "PRINCIPAL")]
    copies = [sql_write.set_full_recovery(name), sql_write.back_up("DATABASE", name, path, "pchat x", ["CHECKSUM", "COPY_ONLY"]),
              sql_write.back_up("LOG", name, path, "pchat x", []), sql_write.restore_full(name, path, 1, seen=None, replace=False, moves={}),
              sql_write.restore_full(name, path, 2, seen="ONLINE", replace=True, moves={"it's": "D:\\x.mdf"}), sql_write.restore_log(name, path, 1)]
    shipping = [sql_write.enable_job(name, True), sql_write.own_job(name), sql_write.start_job(name), log_shipping.add_primary(primary(name)),
                log_shipping.change_primary(primary(name)),
                log_shipping.remove_primary(name, primary(name)["secondaries"]), log_shipping.reschedule(name, "every", 15, [1, 2]),
                log_shipping.add_on_secondary(secondary(name)), log_shipping.change_on_secondary(secondary(name)), log_shipping.remove_on_secondary(name)]
    return [*reads, *mirroring, *copies, *shipping, *outages(name)]


def outages(name):
    """Reading first, then the writes; the intent's texts carry the hostile name as well."""
    pool, attempt, path = f"chat-{len(name)}.contoso.example", "5d3c2b1a09f84e7d8c6b5a4938271605", f"{FOLDER}\\x-tail.trn"
    record = {"target": "failover", "id": attempt, "operator": f"{name} 'x' \n ü", "at": "2015-06-01T08:00:00Z"}
    reads = [outage.files(FOLDER), outage.exists(FOLDER), outage.header(path), outage.verify(path, 2), outage.restored_files(name), outage.intent(pool)]
    writes = [outage.set_intent(pool, record, None), outage.set_intent(pool, record, {**record, "id": "0" * 32}), outage.clear_intent(pool, record),
              outage.restore_log(name, path, 2, str(10**24)), outage.recover(name, "126", pool, attempt), outage.recover(name, "126", pool, ""),
              outage.back_up_tail(name, path, f"pchat {attempt}-tail", pool, attempt), outage.back_up_tail(name, path, "pchat x", pool, ""),
              outage.drop_leftover(name)]
    return [*reads, *writes]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("name", NAMES)
def test_every_batch_parses(name, version):
    wrong = {b.text[:120]: found for b in batches(name) if (found := syntax_errors(b.text, version))}
    assert wrong == {}


def test_every_write_is_one_line_and_guards_itself():
    for batch in batches("mgc")[22:41]:
        assert "\n" not in batch.text
        assert "IF " in batch.text


def test_every_write_of_an_outage_is_one_line_and_guards_itself():
    for batch in outages("mgc")[6:]:
        assert "\n" not in batch.text
        assert "IF " in batch.text
        assert " AS pchat_moved;" in batch.text


@pytest.mark.parametrize("name", ["", " mgc", "mgc ", "a\nb", "a\0b", "a\u2028b", "x" * 129])
def test_impossible_names_are_refused(name):
    with pytest.raises(Refused, match="cannot be a SQL Server name"):
        quote.identifier(name)


@pytest.mark.parametrize("path", ["relative\\x", "D:", "\\\\h\\s\\a|b", "D:\\a\nb", "D:\\a*", "C:/x", "D:\\" + "x" * 500])
def test_impossible_paths_are_refused(path):
    with pytest.raises(Refused):
        quote.path(path)


@pytest.mark.parametrize("address", ["a.b:5022", "TCP://a.b", "TCP://a.b:0", "TCP://a.b:70000", "TCP://a\\x:5022", "TCP://a.b:5022'; DROP", "TCP://a b:1"])
def test_impossible_addresses_are_refused(address):
    with pytest.raises(Refused, match="is not a mirroring address"):
        quote.address(address)
