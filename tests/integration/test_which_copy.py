"""Estates whose facts contradict each other, shown by the lab: which copy holds the messages is
told right, or nothing is done.

One built lab serves all, and is taken up again for each.
"""

from __future__ import annotations

import pytest

from support.console import sql
from support.outage import ANSWERS, announced, codes, covered, ledger, moves, told_by_status

NORTH, MIRROR, SOUTH = (f"sql-{n}.contoso.example" for n in ("n1", "n2", "s1"))
SEED = r"\\fs-s1.contoso.example\pchat-seed"
PURGE = (
    "DECLARE @now datetime; SET @now = DATEADD(minute, 1, GETDATE());"
    " EXEC msdb.dbo.sp_delete_backuphistory @oldest_date = @now"
)
PLANNED = ("-e", "failover_mode=planned")


@pytest.fixture
def lab(built_lab):
    built_lab.chatlab("revert", "built")
    yield built_lab
    built_lab.chatlab("fault", "clear")
    assert built_lab.chatlab("journal", "--impossible") == []


def writes(lab):
    return len(lab.chatlab("journal", "--writes"))


def chat(lab):
    """Some of it is shipped, some is not."""
    lab.chatlab("chat", "post", "4")
    lab.chatlab("clock", "advance", "40m")
    lab.chatlab("chat", "post", "3")


def lose_the_site(lab):
    lab.chatlab("fault", "add", "site", "site=north", "mode=down")


def refused_with(lab, code, playbook="failover", *arguments):
    """And nothing is written."""
    before = writes(lab)
    run = lab.play(playbook, *ANSWERS, *arguments)
    assert codes(run) == [code], run.output[-3000:]
    assert writes(lab) == before
    return run


def fails_over_with_what_was_announced(lab):
    known = set(ledger(lab).lost)
    run = lab.play("failover", *ANSWERS)
    assert run.rc == 0, run.output[-3000:]
    assert set(ledger(lab).lost) - known == covered(lab, announced(run))
    return run


def test_a_secondary_in_standby_follows_and_is_recovered(lab):
    sql(
        lab,
        SOUTH,
        "EXEC master.dbo.sp_change_log_shipping_secondary_database"
        " @secondary_database = N'mgc', @restore_mode = 1",
    )
    chat(lab)
    assert lab.chatlab("state")["instances"][SOUTH]["databases"]["mgc"]["is_in_standby"]
    assert "Healthy" in lab.play("status", *ANSWERS).output
    lose_the_site(lab)
    run = fails_over_with_what_was_announced(lab)
    assert "recover_database" in moves(run)
    mgc = lab.chatlab("state")["instances"][SOUTH]["databases"]["mgc"]
    assert (mgc["state"], mgc["is_in_standby"]) == ("ONLINE", False)
    assert mgc["owner"] == "sa", "as where it was made, and not who restored it"


def test_two_principals_are_told_and_nothing_is_shipped_from_the_older_one(lab):
    """Service was forced on the mirror while the principal, cut off from it, went on."""
    sql(lab, NORTH, "ALTER DATABASE [mgc] SET WITNESS OFF")
    lab.chatlab("fault", "add", "link", f"between={NORTH},{MIRROR}")
    lab.chatlab("clock", "advance", "1m")
    sql(lab, MIRROR, "ALTER DATABASE [mgc] SET PARTNER FORCE_SERVICE_ALLOW_DATA_LOSS")
    lab.chatlab("chat", "post", "3")
    status = lab.play("status", *ANSWERS)
    assert "TwoPrincipals" in status.output
    told = refused_with(lab, "two_principals", "failover", *PLANNED)
    assert "sql-n2.contoso.example: role sequence" in told.output
    refused_with(lab, "two_principals", "failback")
    lab.chatlab("fault", "clear")
    lab.chatlab("clock", "advance", "1m")
    databases = lab.chatlab("state")["instances"]
    assert databases[NORTH]["databases"]["mgc"]["mirroring"]["role"] == "MIRROR"
    assert databases[MIRROR]["databases"]["mgc"]["mirroring"]["state"] == "SUSPENDED"


def test_a_pair_whose_winrm_alone_is_broken_is_not_left(lab):
    """SQL Server serves, and holds what no log backup has yet."""
    chat(lab)
    for host in ("sql-n1", "sql-n2"):
        lab.add_fault("host", f"host={host}", "mode=deaf")
    assert "PrimaryUnseen" in lab.play("status", *ANSWERS).output
    refused_with(lab, "primary_seen", "failover", "-e", "failover_data_loss=accept")
    assert lab.chatlab("chat", "post", "1")["acknowledged"]


@pytest.mark.campaign
def test_a_principal_that_its_servers_reach_loses_its_role_to_nobody(lab):
    """Its WinRM is broken, and the link to its mirror is cut."""
    sql(lab, NORTH, "ALTER DATABASE [mgc] SET WITNESS OFF")
    lab.add_fault("link", f"between={NORTH},{MIRROR}")
    lab.add_fault("host", "host=sql-n1", "mode=deaf")
    refused_with(lab, "primary_seen", "mirror_failover", "-e", "mirror_failover_force=true")


def test_a_primary_site_that_was_installed_anew_gets_no_empty_database(lab):
    """The only copy waits for log in the backup site: a build would overwrite it, rc 0, Healthy."""
    chat(lab)
    sql(lab, NORTH, "ALTER DATABASE [mgc] SET PARTNER OFF")
    for host in (NORTH, MIRROR):
        sql(lab, host, "DROP DATABASE [mgc]")
    before = writes(lab)
    assert "copy_elsewhere" in codes(lab.play("site"))
    assert writes(lab) == before
    assert "PrimaryDown" in lab.play("status", *ANSWERS).output
    assert set(ledger(lab).lost) <= {5, 6, 7}, "only what nobody had shipped"


def test_a_secondary_that_holds_what_the_primary_lacks_is_not_seeded_again(lab):
    """Somebody restored the primary from the backup with which its mirror was seeded. It is not
    stopped for a tail that fits nowhere, also before any log backup tells of its fork.
    """
    chat(lab)
    lab.chatlab("clock", "advance", "16m")
    sql(lab, NORTH, "ALTER DATABASE [mgc] SET PARTNER OFF")
    seed = rf"{SEED}\mgc_mirror_seed.bak"
    sql(lab, NORTH, f"RESTORE DATABASE [mgc] FROM DISK = N'{seed}' WITH REPLACE")
    refused_with(lab, "chain_fork", "failover", *PLANNED)
    refused_with(lab, "would_overwrite", "failback")
    told = lab.play("status", *ANSWERS).output
    assert "Keep its files" in told, "of the mirror"
    run = lab.play("site", "-e", "mirror_replace_existing=true")
    assert run.rc != 0
    assert "holds what the primary lacks" in run.output
    lab.chatlab("clock", "advance", "20m")
    told = lab.play("status", *ANSWERS).output
    assert "What was written between is only there" in told, "of the secondary"
    held = lab.chatlab("chat", "verify")["pools"]["chat.contoso.example"]["copies"][SOUTH]
    assert held["newest"] == 7


@pytest.mark.campaign
@pytest.mark.parametrize(
    ("host", "command", "variable"),
    [
        (NORTH, "SET PARTNER OFF", "mirror_replace_existing"),
        (NORTH, "SET PARTNER SUSPEND", "mirror_resume"),
    ],
)
def test_a_mirror_that_somebody_left_follows_again_as_status_says(lab, host, command, variable):
    chat(lab)
    sql(lab, host, f"ALTER DATABASE [mgc] {command}")
    assert f"site.yml -e {variable}=true" in lab.play("status", *ANSWERS).output
    assert lab.play("site", "-e", f"{variable}=true").rc == 0
    lab.chatlab("clock", "advance", "20m")
    assert "Healthy" in lab.play("status", *ANSWERS).output
    assert ledger(lab).lost == ()


@pytest.mark.campaign
@pytest.mark.parametrize("is_there", [True, False])
def test_a_mirror_that_is_in_use_alone_is_brought_home_by_a_failback(lab, is_there):
    chat(lab)
    sql(lab, NORTH, "ALTER DATABASE [mgc] SET PARTNER FAILOVER")
    lab.chatlab("clock", "advance", "1m")
    sql(lab, MIRROR, "ALTER DATABASE [mgc] SET PARTNER OFF")
    if not is_there:
        sql(lab, NORTH, "DROP DATABASE [mgc]")
    assert "MirrorAlone" in lab.play("status", *ANSWERS).output
    assert {"mirror_in_use", "copy_elsewhere"} & {*codes(lab.play("site"))}
    run = lab.play("failback", *ANSWERS)
    assert run.rc == 0, run.output[-3000:]
    lab.chatlab("clock", "advance", "20m")
    assert "Healthy" in lab.play("status", *ANSWERS).output
    assert ledger(lab).lost == ()


def test_site_in_the_middle_of_an_outage_changes_nothing(lab):
    """The failover is cut off behind its door, and the old site comes back."""
    chat(lab)
    lose_the_site(lab)
    lab.chatlab("fault", "add", "cmdlet", "name=Set-CsPersistentChatState", "times=9")
    assert lab.play("failover", *ANSWERS).rc != 0
    lab.chatlab("fault", "clear")
    lab.chatlab("clock", "advance", "2m")
    before = writes(lab)
    run = lab.play("site")
    assert run.rc != 0
    assert "an outage is being dealt with" in run.output
    assert writes(lab) == before


def test_a_run_that_was_called_off_does_not_go_on(lab):
    """Somebody clears its intent right after its third write."""
    chat(lab)
    lose_the_site(lab)
    lab.chatlab(
        "fault",
        "add",
        "operator",
        f"host={SOUTH}",
        "number=3",
        "sql=DECLARE @n sysname; SELECT @n = name FROM sys.extended_properties WHERE class = 0"
        " AND name LIKE N'pchat_intent%'; EXEC sp_dropextendedproperty @name = @n",
    )
    run = lab.play("failover", *ANSWERS)
    assert codes(run) == ["intent_lost"], run.output[-3000:]
    assert "PersistentChatState" not in str(lab.chatlab("journal", "--writes")[-1])
    assert lab.chatlab("state")["instances"][SOUTH]["databases"]["mgc"]["state"] == "RESTORING"


@pytest.mark.campaign
def test_history_that_was_cleaned_on_all_instances_changes_no_decision(lab):
    chat(lab)
    lose_the_site(lab)
    sql(lab, SOUTH, PURGE)
    fails_over_with_what_was_announced(lab)
    sql(lab, SOUTH, PURGE)
    assert "FailedOver" in lab.play("status", *ANSWERS).output
    lab.chatlab("fault", "clear")
    for host in (NORTH, MIRROR, SOUTH):
        sql(lab, host, PURGE)
    lab.chatlab("chat", "post", "5")
    known = set(ledger(lab).lost)
    home = lab.play("failback", *ANSWERS)
    assert home.rc == 0, home.output[-3000:]
    assert set(ledger(lab).lost) == known


@pytest.mark.campaign
def test_an_empty_database_in_the_place_of_the_copy_is_not_put_to_work(lab):
    chat(lab)
    sql(
        lab,
        SOUTH,
        "EXEC master.dbo.sp_delete_log_shipping_secondary_database @secondary_database = N'mgc';"
        " DROP DATABASE [mgc]; CREATE DATABASE [mgc]",
    )
    lose_the_site(lab)
    refused_with(lab, "no_backup_copy")


@pytest.mark.campaign
def test_a_copy_that_somebody_recovered_is_not_put_to_work(lab):
    chat(lab)
    sql(lab, SOUTH, "RESTORE DATABASE [mgc] WITH RECOVERY")
    chat(lab)
    lose_the_site(lab)
    refused_with(lab, "recovered_by_somebody")


@pytest.mark.campaign
def test_a_clock_that_is_ahead_hides_no_loss(lab):
    for host in (NORTH, MIRROR):
        lab.chatlab("fault", "add", "clock", f"host={host}", "skew_seconds=7200")
    lab.chatlab("clock", "advance", "40m")
    lab.chatlab("fault", "add", "share", "host=fs-s1", "share=pchat-logs", "mode=denied")
    lab.chatlab("chat", "post", "9")
    lab.chatlab("clock", "advance", "100m")
    status = lab.play("status", *ANSWERS)
    assert "clock" in status.output
    lose_the_site(lab)
    run = lab.play("failover", *ANSWERS, "-e", "failover_max_data_loss=60")
    assert codes(run) in (["loss_too_great"], ["loss_unknown"], ["share_gone"]), run.output[-3000:]


@pytest.mark.campaign
def test_an_old_principal_that_is_a_mirror_now_is_no_leftover_where_its_fork_is_not_told(lab):
    """What was restored on it last tells the fork that the pool was on before it came home."""
    for host in (NORTH, MIRROR, SOUTH):
        lab.add_fault("hidden_forks", f"host={host}")
    for playbook, arguments in (("failover", PLANNED), ("failback", ()), ("mirror_failover", ())):
        chat(lab)
        run = lab.play(playbook, *ANSWERS, *arguments)
        assert run.rc == 0, run.output[-3000:]
    chat(lab)
    for name in ("sql-n3", "fe-n1", "chat-n1", "chat-n2", "sql-n2"):
        lab.add_fault("host", f"host={name}", "mode=down")
    arguments = ("-e", "failover_cms=true", "-e", "failover_data_loss=accept")
    refused_with(lab, "mirror_alive", "failover", *arguments)


@pytest.mark.campaign
@pytest.mark.parametrize("mode", ["disaster", "planned"])
def test_a_backup_pair_that_changed_roles_is_what_the_pool_runs_on(lab, mode):
    """A restart of the backup SQL Server is enough, while the old primary is there again."""
    chat(lab)
    if mode == "planned":
        assert lab.play("failover", *ANSWERS, *PLANNED).rc == 0
    else:
        lose_the_site(lab)
        fails_over_with_what_was_announced(lab)
        lab.chatlab("fault", "clear")
    known = set(ledger(lab).lost)
    fault = lab.add_fault("host", f"host={SOUTH}", "mode=down")
    lab.chatlab("clock", "advance", "1m")
    lab.chatlab("fault", "clear", fault)
    lab.chatlab("clock", "advance", "1m")
    assert lab.chatlab("chat", "post", "5")["acknowledged"] == 5
    assert "BackupSwitched" in lab.play("status", *ANSWERS).output

    gone = lab.add_fault("host", "host=sql-s2", "mode=deaf")
    refused_with(lab, "mirrored", "failback")
    lab.chatlab("fault", "clear", gone)

    run = lab.play("failback", *ANSWERS)
    assert run.rc == 0, run.output[-3000:]
    assert "switch_principal" in moves(run)
    assert set(ledger(lab).lost) == known
    assert "Healthy" in lab.play("status", *ANSWERS).output


def situation(lab):
    """Its name, as status tells it."""
    return told_by_status(lab.play("status", *ANSWERS))["situation"]["name"]


def backup_is_installed_anew(lab):
    """The witness makes its mirror the principal, which hears nothing of what becomes of the other
    one; that is back, with nothing on it.
    """
    fault = lab.add_fault("host", f"host={SOUTH}", "mode=down")
    lab.chatlab("clock", "advance", "1m")
    link = lab.add_fault("link", f"between={SOUTH},sql-s2.contoso.example")
    lab.chatlab("fault", "clear", fault)
    sql(lab, SOUTH, "ALTER DATABASE [mgc] SET PARTNER OFF")
    sql(lab, SOUTH, "DROP DATABASE [mgc]")
    assert lab.chatlab("chat", "post", "5")["acknowledged"] == 5
    lab.chatlab("fault", "clear", link)


@pytest.mark.parametrize(
    "playbook",
    ["failover", pytest.param("failback", marks=pytest.mark.campaign)],
)
def test_what_the_backup_s_mirror_holds_alone_is_kept_and_protected_again(lab, playbook):
    """Status said that the pool had no copy there, and to set it to Normal by hand."""
    chat(lab)
    for host in (NORTH, MIRROR):
        lab.add_fault("host", f"host={host}", "mode=down")
    fails_over_with_what_was_announced(lab)
    known = set(ledger(lab).lost)
    backup_is_installed_anew(lab)
    if playbook == "failback":
        lab.chatlab("fault", "clear")
    assert situation(lab) == "BackupMirrorAlone"

    run = lab.play(playbook, *ANSWERS)
    assert run.rc == 0, run.output[-3000:]
    assert {"mirror_to_backup", "switch_principal"} < {*moves(run)}
    assert set(ledger(lab).lost) == known
    ends = {"failover": "FailedOver", "failback": "Healthy"}
    assert situation(lab) == ends[playbook]


def test_a_pool_that_somebody_closed_is_told_and_opened_by_whoever_may(lab):
    """Clients are refused; nothing that would stop half-way is begun, nor is read-only taken back
    by a build. With the statement that status tells it goes on, and a failback lets users in again.
    """
    sql(lab, NORTH, "ALTER DATABASE [mgc] SET PARTNER OFF")
    for setting in ("RESTRICTED_USER", "READ_ONLY"):
        sql(lab, NORTH, f"ALTER DATABASE [mgc] SET {setting} WITH ROLLBACK IMMEDIATE")
    told = told_by_status(lab.play("status", *ANSWERS))
    assert told["situation"]["name"] == "CopyClosed"
    assert [way["playbook"] for way in told["advice"]] == ["failback"]
    assert "READ_ONLY" in told["advice"][0]["refused"]
    closed = [line["text"] for line in told["findings"] if line["code"] == "database_closed"]
    assert len(closed) == 2
    refused_with(lab, "database_closed", "failback")
    refused_with(lab, "database_closed", "failover", *PLANNED)
    before = writes(lab)
    assert "database_closed" in codes(lab.play("site", *ANSWERS))
    assert writes(lab) == before
    (statement,) = [text.partition("run there: ")[2] for text in closed if "READ_WRITE" in text]
    sql(lab, NORTH, statement.removesuffix("."))
    assert lab.chatlab("chat", "post", "1")["refused"] == 1
    run = lab.play("failback", *ANSWERS)
    assert (run.rc, moves(run)[1]) == (0, "open_copy"), run.output[-3000:]
    assert lab.chatlab("chat", "post", "1")["acknowledged"] == 1
    assert situation(lab) == "Healthy"


@pytest.mark.campaign
def test_the_pool_comes_home_without_a_compliance_database(lab):
    """It is not what an outage moves; the switch there and back was refused, run after run."""
    chat(lab)
    assert lab.play("failover", *ANSWERS, *PLANNED).rc == 0
    sql(lab, NORTH, "ALTER DATABASE [mgccomp] SET PARTNER OFF")
    for host in (NORTH, MIRROR):
        sql(lab, host, "DROP DATABASE [mgccomp]")
    run = lab.play("failback", *ANSWERS)
    assert run.rc == 0, run.output[-3000:]
    assert "link_log_shipping_of_mirror" in moves(run)
    assert not ledger(lab).lost


@pytest.mark.campaign
def test_the_secondary_is_seeded_from_whoever_is_the_principal(lab):
    assert lab.play("mirror_failover", *ANSWERS).rc == 0
    sql(lab, MIRROR, "BACKUP LOG [mgc] TO DISK = N'NUL'")
    lab.chatlab("clock", "advance", "20m")
    run = lab.play("site", "-e", "log_shipping_primary_accept_foreign_log_backups=true")
    assert run.rc == 0, run.output[-3000:]
    lab.chatlab("clock", "advance", "20m")
    assert "Healthy" in lab.play("status", *ANSWERS).output


@pytest.mark.campaign
def test_a_backup_tool_on_the_mirror_does_not_stop_a_failback_at_its_end(lab):
    lab.add_fault("backup_job", f"host={MIRROR}", "name=Nightly", "tool=batch")
    assert lab.play("failover", *ANSWERS, *PLANNED).rc == 0
    run = lab.play("failback", *ANSWERS)
    assert run.rc == 0, run.output[-3000:]
    assert "Healthy" in lab.play("status", *ANSWERS).output
