"""site.yml on the default estate, judged by the lab's own state; and a slice of the crash matrix of
the build (./run drills has all of it).
"""

from __future__ import annotations

import pytest

from crash.cells import cell, taken
from crash.operations import BUILD
from support.console import console, sql
from support.printed_commands import wrong_with

NORTH, MIRROR, WITNESS, SOUTH = (f"sql-{n}.contoso.example" for n in ("n1", "n2", "n3", "s1"))
DISABLE_JOB = (
    "DECLARE @rc int; EXEC @rc = msdb.dbo.sp_update_job @job_name = N'LSBackup_mgc', @enabled = 0;"
)
#: (host, what is done to it, the step that mends it)
DRIFT = [
    (NORTH, DISABLE_JOB, "enable_job"),
    (NORTH, "ALTER DATABASE [mgc] SET WITNESS OFF", "set_witness"),
    (MIRROR, "REVOKE CONNECT ON ENDPOINT::[Mirroring] FROM [CONTOSO\\sqlsvc]", "grant_connect"),
    (
        SOUTH,
        (
            "EXEC master.dbo.sp_change_log_shipping_secondary_database @secondary_database ="
            " N'mgc', @restore_delay = 30"
        ),
        "change_secondary",
    ),
]


def test_check_mode_runs_to_its_end_and_changes_nothing(built):
    _lab, check, writes, *_rest = built
    assert check.rc == 0, check.output[-3000:]
    assert writes == []


def test_check_mode_tells_exactly_what_the_build_then_does(built):
    _lab, check, _writes, real, *_rest = built
    assert len(real.told()) > 50
    assert check.told() == real.told()


def order_of(run, *names):
    """Where each of these steps is taken first."""
    taken = [step for _task, _host, step, _calls in run.told()]
    return [taken.index(name) for name in names]


def test_the_principal_of_a_new_pool_changes_before_anybody_is_served(built):
    switched, started = order_of(built[3], "switch_principal", "start_service")
    assert switched < started


@pytest.mark.campaign
def test_that_of_a_pool_in_use_changes_when_its_servers_know_the_mirror(built):
    lab = built[0]
    lab.chatlab("revert", "built")
    for database in ("mgc", "mgccomp"):
        (told,) = sql(
            lab,
            MIRROR,
            "DECLARE @rc int; EXEC master.dbo.sp_delete_log_shipping_primary_secondary"
            f" @primary_database = N'{database}', @secondary_server = N'SQL-S1',"
            f" @secondary_database = N'{database}';"
            " EXEC @rc = master.dbo.sp_delete_log_shipping_primary_database"
            f" @database = N'{database}'; SELECT @rc AS rc;",
        )
        assert told.adapted_properties["rc"] == 0
    sql(lab, NORTH, "ALTER DATABASE [mgc] SET PARTNER OFF;")
    sql(lab, MIRROR, "DROP DATABASE [mgc];")
    run = lab.play("site")
    assert run.rc == 0, run.output[-3000:]
    restarted, switched = order_of(run, "restart_service", "switch_principal")
    assert restarted < switched


def test_check_mode_prints_reasons_and_exact_calls(built):
    _lab, check, *_rest = built
    assert (
        "step set_partner: mgc has one copy only; sql-n2.contoso.example holds a restored one."
        in check.output
    )
    assert (
        "ALTER DATABASE [mgc] SET PARTNER = N'TCP://sql-n2.contoso.example:5022';" in check.output
    )
    assert (
        "Publish-CsTopology -FileName 'C:\\ProgramData\\lync.persistent_chat\\topology.xml' -Force"
        in check.output
    )


def test_calls_that_check_mode_prints_can_be_pasted(built):
    check = built[1]
    printed = [
        call for *_step, calls in check.steps() for call in calls if not call.startswith("USE [")
    ]
    assert len(printed) > 10
    assert [problem for call in printed for problem in wrong_with(call)] == []


def test_the_second_run_changes_nothing_on_any_host(built):
    _lab, _check, _writes, _real, again, _stats = built
    assert again.rc == 0
    assert {
        host: counts["changed"] for host, counts in again.recap.items() if counts["changed"]
    } == {}
    assert again.steps() == []


def test_one_runspace_per_host_and_none_left(built):
    stats = built[-1]
    assert {host: counts["runspaces"] for host, counts in stats["hosts"].items()} == dict.fromkeys(
        stats["hosts"], 1
    )
    assert stats["total"]["shells"] == 0


def test_both_databases_are_mirrored_with_a_witness(built):
    lab, *_rest = built
    instances = lab.chatlab("state")["instances"]
    for database in ("mgc", "mgccomp"):
        for host, role in ((NORTH, "PRINCIPAL"), (MIRROR, "MIRROR")):
            mirroring = instances[host]["databases"][database]["mirroring"]
            assert (mirroring["role"], mirroring["state"], mirroring["safety"]) == (
                role,
                "SYNCHRONIZED",
                "FULL",
            )
            assert mirroring["witness"] == {"instance": WITNESS, "connected": True}


def test_log_shipping_has_both_halves(built):
    lab, *_rest = built
    instances = lab.chatlab("state")["instances"]
    primaries = [instances[h]["log_shipping"]["primaries"] for h in (NORTH, MIRROR)]
    settings = [{k: v for k, v in p["mgc"].items() if not k.startswith("last_")} for p in primaries]
    assert settings[0] == settings[1]
    assert settings[0]["secondaries"] == ["SQL-S1/mgc"]
    assert instances[SOUTH]["databases"]["mgc"]["state"] == "RESTORING"
    assert len(instances[SOUTH]["log_shipping"]["secondaries"]) == 1
    for host in (NORTH, MIRROR, SOUTH):
        assert any(job["name"].startswith("LSAlert_") for job in instances[host]["jobs"])


def test_a_log_that_nobody_restores_is_backed_up_all_the_same(built):
    """mgccomp is in full recovery for the sake of its mirror."""
    lab, *_rest = built
    for host in (NORTH, MIRROR):
        shipping = lab.chatlab("state")["instances"][host]["log_shipping"]["primaries"]
        assert shipping["mgccomp"]["secondaries"] == []
    lab.chatlab("fault", "add", "bulk_write", f"host={NORTH}", "database=mgccomp", "megabytes=300")
    before = lab.play("status")
    assert "log_grows" not in before.output
    lab.chatlab("clock", "advance", "30m")
    mgccomp = lab.chatlab("state")["instances"][NORTH]["databases"]["mgccomp"]
    assert mgccomp["log_used"] == 0


def test_the_right_servers_are_active(built):
    lab, *_rest = built
    pool = lab.chatlab("state")["pools"]["chat.contoso.example"]
    assert pool["active"] == [f"chat-{n}.contoso.example" for n in ("n1", "n2", "s1", "s2")]
    assert pool["state"] == "Normal"


def test_messages_reach_the_secondary_and_survive_a_mirror_failover(built):
    lab, *_rest = built
    assert lab.chatlab("chat", "post", "20")["acknowledged"] == 20
    lab.chatlab("clock", "advance", "60m")
    copies = lab.chatlab("state")["instances"]
    assert copies[SOUTH]["databases"]["mgc"]["messages"] >= 20
    with console(lab, "fe-n1") as run:
        run(
            "Invoke-CsDatabaseFailover",
            PoolFqdn="chat.contoso.example",
            DatabaseType="PersistentChat",
            NewPrincipal="Mirror",
            Confirm=False,
        )
    lab.chatlab("clock", "advance", "10")
    assert lab.chatlab("chat", "post", "10")["acknowledged"] == 10
    lab.chatlab("clock", "advance", "60m")
    copies = lab.chatlab("state")["instances"]
    assert copies[MIRROR]["databases"]["mgc"]["mirroring"]["role"] == "PRINCIPAL"
    assert copies[SOUTH]["databases"]["mgc"]["messages"] >= 30
    verdict = lab.chatlab("chat", "verify")
    assert (verdict["acknowledged"], verdict["lost"]) in ((30, 0), (30, []))
    back = lab.play("site")
    assert [step[2] for step in back.steps()] == ["switch_principal"]


def test_changes_behind_its_back_are_the_things_printed_and_no_others(built):
    lab, *_rest = built
    for host, text, _step in DRIFT:
        sql(lab, host, text)
    with console(lab, "chat-n3") as run:
        run("Stop-CsWindowsService", Name="RTCCHAT", Confirm=False)
    steps = {(host, step) for host, _text, step in DRIFT} | {
        ("chat-n3.contoso.example", "start_service")
    }
    check = lab.play("site", "--check", "--diff")
    assert check.rc == 0, check.output[-2000:]
    assert sorted((step[1], step[2]) for step in check.steps()) == sorted(steps)
    assert lab.play("site").changed == len(steps)


@pytest.mark.campaign
@pytest.mark.parametrize(("host", "text", "step"), DRIFT)
def test_one_change_behind_its_back_is_the_one_thing_printed(built, host, text, step):
    lab, *_rest = built
    sql(lab, host, text)
    check = lab.play("site", "--check", "--diff")
    assert check.rc == 0, check.output[-2000:]
    assert [(taken[1], taken[2]) for taken in check.steps()] == [(host, step)]
    assert lab.play("site").changed == 1


def test_nothing_impossible_was_asked(built):
    lab, *_rest = built
    assert lab.chatlab("journal", "--impossible") == []


@pytest.fixture(scope="module")
def undisturbed(built):
    """(lab, what the build takes and leaves when nothing strikes it)."""
    lab, *_rest = built
    lab.chatlab("revert", "built")
    clean = taken(lab, BUILD, since=0)
    assert clean.writes > 50
    return lab, clean


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (47, "killed before"),
        pytest.param(3, "killed after", marks=pytest.mark.campaign),
    ],
)
def test_a_killed_build_is_finished_by_the_next_run(undisturbed, number, kind):
    lab, clean = undisturbed
    assert cell(lab, BUILD, number, kind, clean) == []
