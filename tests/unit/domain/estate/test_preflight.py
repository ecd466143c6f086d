"""What stands against building on an estate: each fault is found, and nothing else is."""

from __future__ import annotations

import copy

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.calls.tsql import intent
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.documents.instance import (  # noqa: E501
    NO_DATABASE,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.documents.look import (
    NO_SQL,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.estate import preflight
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import Refused

POOL = "chat.contoso.example"
SQL = {"primary": "q1", "mirror": "q2", "witness": "w", "backup": "b"}
HOSTS = ["fe", "c1", "fs", *SQL.values()]
LOGS = "\\\\fs.contoso.example\\logs"


def told_at(time, asked):
    """A clock, as it was read by that of the controller; it told its time at once."""
    return {"told": f"2015-06-01T{time}Z", "asked": float(asked), "answered": asked + 0.2}


def instance():
    content = {**NO_DATABASE, "database_state": "ONLINE", "recovery_model": "FULL", "family": "f"}
    content["space"] = {
        "log_reuse_wait": "NOTHING",
        "size_mb": 800,
        "log_used_mb": 0,
        "log_room_mb": 9000,
        "backup_mb_a_second": None,
    }
    return {
        **copy.deepcopy(NO_SQL),
        "is_sysadmin": True,
        "server_name": "A",
        "network_name": "A",
        "machine": "A",
        "version": "11.0.7001.0",
        "edition": "Standard",
        "service_account": "CONTOSO\\sql",
        "agent_account": "CONTOSO\\agent",
        "agent_running": True,
        "utc_now": "2015-06-01T08:00:00Z",
        "clock": told_at("08:00:00", 100),
        "default_folders": {"data": {"path": "D:\\data", "exists": True}},
        "databases": {"mgc": content},
        "volumes": {"D:\\": 9000},
    }


def machine():
    return {
        "sees_files": True,
        "has_lync_tools": True,
        "services": {"RTCCHAT": {"display_name": "Chat", "status": "started"}},
        "utc_offset_minutes": 60,
        "drives": {"D:": 9000},
        "shares": {"logs": {"path": "D:\\logs", "access": {"contoso\\SQL": "change"}}},
    }


@pytest.fixture
def options():
    slots = {"backup_mirror": None, "backup_witness": None, **SQL}
    facts = {host: {"host": {"state": machine()}} for host in HOSTS}
    for host in SQL.values():
        facts[host]["sql"] = {"state": instance()}
    facts["b"]["sql"]["state"]["databases"] = {}
    facts["fe"]["pool"] = {"state": {"pool_state": "Normal"}}
    return {
        "estate": {
            "pool": POOL,
            "management": ["fe"],
            "servers": {"primary": ["c1"], "backup": []},
            "sql": slots,
            "file_servers": ["fs"],
            "hosts": HOSTS,
            "fqdn": {host: f"{host}.contoso.example" for host in HOSTS},
        },
        "facts": facts,
        "manage_recovery_model": False,
        "log_share": LOGS,
        "seed_share": "",
        "accept_foreign_log_backups": False,
        "active_servers": [],
    }


def found(options):
    with pytest.raises(Refused) as refusal:
        preflight.judge(options)
    return [(finding["host"], finding["code"]) for finding in refusal.value.details["findings"]]


def test_nothing_stands_against_a_sound_estate(options):
    assert preflight.judge(options) == {"findings": [], "hosts": len(HOSTS)}


@pytest.mark.parametrize(
    ("host", "changed", "code"),
    [
        ("q1", {"is_sysadmin": False}, "no_sysadmin"),
        ("q1", {"server_name": "B"}, "server_name"),
        ("q1", {"agent_account": "A\\local"}, "local_account"),
        ("q1", {"default_folders": {"log": {"path": "L:\\", "exists": False}}}, "no_folder"),
        ("q2", {"edition": "Enterprise"}, "edition"),
        ("w", {"version": "12.0.2000.8"}, "version"),
        ("b", {"version": "12.0.2000.8"}, "version"),
        ("b", {"records": {intent.intent_name(POOL).lower(): "failover"}}, "intent"),
        ("b", {"databases": {"mgc": instance()["databases"]["mgc"]}}, "copy_in_use"),
        ("b", {"agent_running": False}, "no_agent"),
        ("q2", {"port_taken": True}, "port_taken"),
        ("q1", {"log_backup_jobs": ["nightly"]}, "foreign_log_backup"),
        ("w", {"clock": told_at("09:00:00", 100)}, "clock"),
        ("b", {"volumes": {"D:\\": 799}}, "no_room"),
        ("b", {"volumes": {"D:\\": 9000, "D:\\data\\": 799}}, "no_room"),
    ],
)
def test_each_fault_of_an_instance_is_the_one_finding(options, host, changed, code):
    options["facts"][host]["sql"]["state"].update(changed)
    assert found(options) == [(host, code)]


def test_a_database_in_simple_recovery_is_a_finding_where_nobody_changes_it(options):
    options["facts"]["q1"]["sql"]["state"]["databases"]["mgc"]["recovery_model"] = "SIMPLE"
    assert found(options) == [("q1", "simple_recovery")]
    assert preflight.judge({**options, "manage_recovery_model": True})["findings"] == []


@pytest.mark.parametrize(
    ("setting", "undo"),
    [
        ({"is_read_only": True}, "SET READ_WRITE"),
        ({"is_auto_close_on": True}, "SET AUTO_CLOSE OFF"),
        ({"user_access": "SINGLE_USER"}, "SET MULTI_USER"),
        ({"user_access": "RESTRICTED_USER"}, "SET MULTI_USER"),
    ],
)
@pytest.mark.parametrize("state", ["ONLINE", "RESTORING"])
def test_what_keeps_users_or_a_mirror_away_is_a_finding_with_its_statement(
    options, setting, undo, state
):
    """A copy that waits for log has the settings of its backup, and gets the principal's."""
    host = "q1" if state == "ONLINE" else "q2"
    databases(options, host)["mgc"].update(setting, database_state=state)
    if state == "RESTORING":
        assert preflight.judge(options)["findings"] == []
        return
    with pytest.raises(Refused, match=undo):
        preflight.judge(options)
    assert found(options) == [("q1", "database_closed")]


def test_a_host_that_was_asked_later_has_no_other_clock_for_it(options):
    options["facts"]["w"]["sql"]["state"]["clock"] = told_at("08:05:00", 400)
    assert preflight.judge(options)["findings"] == []


def test_a_switchover_that_stopped_half_way_is_a_finding(options):
    for host in ("q1", "q2"):
        options["facts"][host]["sql"]["state"]["databases"]["mgc"]["database_state"] = "RESTORING"
    assert found(options) == [("q1", "stopped_copy")]


def databases(options, host):
    return options["facts"][host]["sql"]["state"]["databases"]


@pytest.mark.parametrize("holder", ["q2", "b"])
@pytest.mark.parametrize("state", ["ONLINE", "RESTORING", "STANDBY", "RECOVERY_PENDING"])
def test_no_empty_database_is_installed_while_another_server_has_a_copy(options, holder, state):
    """Both SQL Servers of the primary site, or one of them, were installed anew."""
    copy = databases(options, "q2").pop("mgc")
    databases(options, "q1").clear()
    databases(options, holder)["mgc"] = {
        **copy,
        "database_state": state,
        "mirroring_role": "MIRROR" if holder == "q2" else None,
    }
    assert ("q1", "copy_elsewhere") in found(options)


def test_where_there_is_no_copy_at_all_they_are_installed(options):
    for host in ("q1", "q2", "b"):
        databases(options, host).clear()
    assert preflight.judge(options)["findings"] == []


def test_a_mirror_that_is_in_use_alone_is_told_before_anything_is_changed(options):
    databases(options, "q1")["mgc"].update(database_state="RESTORING", mirroring_role=None)
    databases(options, "q2")["mgc"].update(database_state="ONLINE", mirroring_role=None)
    assert found(options) == [("q2", "mirror_in_use")]


def test_a_database_that_somebody_restored_and_opened_there_is_not_overwritten(options):
    """One that was installed and never restored holds nothing."""
    copy = {**databases(options, "q1")["mgc"], "family": "of another database"}
    databases(options, "b")["mgc"] = copy
    assert preflight.judge(options)["findings"] == []
    copy["restored_at"] = "2015-06-01T08:00:00Z"
    assert found(options) == [("b", "stranger")]


@pytest.mark.parametrize("state", ["RESTORING", "STANDBY"])
def test_a_secondary_of_another_database_is_not_overwritten(options, state):
    copy = {**databases(options, "q1")["mgc"], "database_state": state, "mirroring_role": None}
    databases(options, "b")["mgc"] = {**copy, "family": "of another database"}
    databases(options, "q1")["mgc"]["family"] = "ours"
    assert found(options) == [("b", "stranger")]
    databases(options, "q1")["mgc"]["log_shipping_primary"] = {"primary_id": "1"}
    assert preflight.judge(options)["findings"] == [], "that which is shipped is the pool's"
    databases(options, "q1")["mgc"]["log_shipping_primary"] = None
    databases(options, "b")["mgc"]["family"] = "ours"
    assert preflight.judge(options)["findings"] == []


@pytest.mark.parametrize(
    ("host", "changed", "code"),
    [
        ("fs", {"sees_files": False}, "no_file_system"),
        ("fe", {"has_lync_tools": False}, "no_tools"),
        ("c1", {"services": {}}, "no_service"),
        ("c1", {"utc_offset_minutes": 0}, "time_zone"),
        ("fs", {"shares": {}}, "no_share"),
        ("fs", {"drives": {"D:": 799}}, "no_room"),
        (
            "fs",
            {"shares": {"logs": {"path": "D:\\logs", "access": {"contoso\\sql": "read"}}}},
            "share_denied",
        ),
    ],
)
def test_each_fault_of_a_machine_is_the_one_finding(options, host, changed, code):
    options["facts"][host]["host"]["state"].update(changed)
    assert found(options) == [(host, code)]


def test_a_group_may_hold_the_account_so_it_is_not_judged(options):
    access = {"CONTOSO\\SQL Servers": "full"}
    options["facts"]["fs"]["host"]["state"]["shares"]["logs"]["access"] = access
    assert preflight.judge(options)["findings"] == []


def test_a_pool_that_runs_on_its_backup_is_not_built_anew(options):
    options["facts"]["fe"]["pool"]["state"]["pool_state"] = "FailedOver"
    assert found(options) == [("fe", "failed_over")]


def test_a_host_that_does_not_answer_is_named_with_its_reason_and_not_judged(options):
    options["facts"]["q1"]["sql"] = {"unreachable": True, "msg": "no route"}
    del options["facts"]["c1"]
    with pytest.raises(Refused, match=r"c1: .*not looked at.*q1: it does not answer: no route"):
        preflight.judge(options)
    assert found(options) == [("c1", "unreachable"), ("q1", "unreachable")]
