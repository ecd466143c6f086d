"""site.yml on the default estate, judged by the lab's own state."""
from __future__ import annotations

import pytest
from tools import labs
from tools.wire import console, sql

NORTH, MIRROR, WITNESS, SOUTH = (f"sql-{n}.contoso.example" for n in ("n1", "n2", "n3", "s1"))
DISABLE_JOB = "DECLARE @rc int; EXEC @rc = msdb.dbo.sp_update_job @job_name = N'LSBackup_mgc', @enabled = 0;"


def told(run):
    """The steps of a run, but for the wait for replication: on a slow machine the configuration has arrived before anybody asks.

    Where a task's name ends with its host, Ansible puts in the one that comes to it first, whoever's result it is: that part says nothing.
    """
    return [(step[0].partition(" on ")[0], *step[1:]) for step in run.steps() if step[2] != "replicate"]


def no_trouble(lab):
    assert lab.chatlab("journal", "--impossible") == []


def test_check_mode_runs_to_its_end_and_changes_nothing(built):
    _lab, check, writes, _real, _again = built
    assert check.rc == 0, check.output[-3000:]
    assert writes == []


def test_check_mode_tells_exactly_what_the_build_then_does(built):
    _lab, check, _writes, real, _again = built
    assert len(told(real)) > 50
    assert told(check) == told(real)


def test_check_mode_prints_reasons_and_exact_calls(built):
    _lab, check, _writes, _real, _again = built
    assert "step set_partner: mgc has one copy only; sql-n2.contoso.example holds a restored one." in check.output
    assert "ALTER DATABASE [mgc] SET PARTNER = N'TCP://sql-n2.contoso.example:5022';" in check.output
    assert "Publish-CsTopology -FileName 'C:\\ProgramData\\lync.persistent_chat\\topology.xml' -Force" in check.output


def test_the_second_run_changes_nothing_on_any_host(built):
    _lab, _check, _writes, _real, again = built
    assert again.rc == 0
    assert {host: counts["changed"] for host, counts in again.recap.items() if counts["changed"]} == {}
    assert again.steps() == []


def test_one_runspace_per_host_and_none_left(built):
    lab, *_rest = built
    lab.chatlab("stats", "--reset")
    lab.play("site")
    stats = lab.chatlab("stats")
    assert {host: counts["runspaces"] for host, counts in stats["hosts"].items()} == dict.fromkeys(stats["hosts"], 1)
    assert stats["total"]["shells"] == 0


def test_both_databases_are_mirrored_with_a_witness(built):
    lab, *_rest = built
    instances = lab.chatlab("state")["instances"]
    for database in ("mgc", "mgccomp"):
        for host, role in ((NORTH, "PRINCIPAL"), (MIRROR, "MIRROR")):
            mirroring = instances[host]["databases"][database]["mirroring"]
            assert (mirroring["role"], mirroring["state"], mirroring["safety"]) == (role, "SYNCHRONIZED", "FULL")
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
        run("Invoke-CsDatabaseFailover", PoolFqdn="chat.contoso.example", DatabaseType="PersistentChat", NewPrincipal="Mirror", Confirm=False)
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


@pytest.mark.parametrize(("host", "text", "steps"), [
    (NORTH, DISABLE_JOB, ["enable_job"]),
    (NORTH, "ALTER DATABASE [mgc] SET WITNESS OFF", ["set_witness"]),
    (MIRROR, "REVOKE CONNECT ON ENDPOINT::[Mirroring] FROM [CONTOSO\\sqlsvc]", ["grant_connect"]),
    (SOUTH, "EXEC master.dbo.sp_change_log_shipping_secondary_database @secondary_database = N'mgc', @restore_delay = 30", ["change_secondary"]),
])
def test_one_change_behind_its_back_is_the_one_thing_printed(built, host, text, steps):
    lab, *_rest = built
    sql(lab, host, text)
    check = lab.play("site", "--check", "--diff")
    assert check.rc == 0, check.output[-2000:]
    assert [(step[1], step[2]) for step in check.steps()] == [(host, name) for name in steps]
    assert lab.play("site").changed == len(steps)


def test_a_stopped_service_is_the_one_thing_printed(built):
    lab, *_rest = built
    with console(lab, "chat-n3") as run:
        run("Stop-CsWindowsService", Name="RTCCHAT", Confirm=False)
    check = lab.play("site", "--check", "--diff")
    assert [(step[1], step[2]) for step in check.steps()] == [("chat-n3.contoso.example", "start_service")]
    assert lab.play("site").changed == 1


def test_nothing_impossible_was_asked(built):
    lab, *_rest = built
    no_trouble(lab)


@pytest.mark.parametrize("estate", ["low_bandwidth", "several_pools"])
def test_the_other_inventories(estate):
    with labs.running(estate) as lab:
        check = lab.play("site", "--check", "--diff")
        assert check.rc == 0, check.output[-3000:]
        assert lab.chatlab("journal", "--writes") == []
        real = lab.play("site")
        assert real.rc == 0, real.output[-3000:]
        # Pools of one deployment share its topology: check mode tells for each what it would do alone, the first one then does it for all.
        shared = {"publish_topology", "enable_topology"} if estate == "several_pools" else set()
        only_predicted = [step for step in told(check) if step not in told(real)]
        strange = [step for step in only_predicted if step[2] not in shared]
        assert strange == [], [step for step in told(real) if step[:3] in {other[:3] for other in strange}]
        assert [step for step in told(real) if step not in told(check)] == []
        again = lab.play("site")
        assert (again.rc, again.changed) == (0, 0)
        for pool in lab.chatlab("state")["pools"].values():
            assert pool["state"] == "Normal"
            assert pool["active"]
        no_trouble(lab)


def test_mirroring_by_lyncs_own_cmdlet_builds_the_same_estate(built):
    """Install-CsMirrorDatabase instead of T-SQL; afterwards the T-SQL way finds nothing to change."""
    lab, *_rest = built
    lab.chatlab("reset")
    by_cmdlet = ("-e", "mirror_method=cmdlet")
    check = lab.play("site", "--check", "--diff", *by_cmdlet)
    real = lab.play("site", *by_cmdlet)
    assert (check.rc, real.rc) == (0, 0), real.output[-3000:]
    assert told(check) == told(real)
    assert "install_mirror" in {step[2] for step in real.steps()}
    again = lab.play("site")
    assert (again.rc, again.changed) == (0, 0)
    no_trouble(lab)
