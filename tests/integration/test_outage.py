"""Outages as an operator meets them: refusals that change nothing, a plan in check mode, losses
that equal what was announced.

One built lab serves all: each test begins at the built estate and leaves it so, by failback where
that is the way.
"""

from __future__ import annotations

import concurrent.futures
import json
import time

import pytest

from support import labs
from support.console import sql
from support.outage import ANSWERS, announced, codes, covered, differences, essence, ledger, moves
from support.terminal import at_a_terminal

#: Servers have the configuration then, and mirrors that came back are synchronized.
SETTLED = "2m"
SHARE, LOGS = "fs-s1.contoso.example", r"D:\shares\pchat-logs"


@pytest.fixture(scope="module")
def pool(built_lab):
    """(lab, essence of the built estate, when all that a build leaves to time has come about)."""
    built_lab.chatlab("clock", "advance", SETTLED)
    return built_lab, essence(built_lab)


@pytest.fixture
def lab(pool):
    """The built lab; afterwards nothing is broken, nothing impossible was seen, and the estate
    is the built one again.
    """
    lab, built = pool
    lab.chatlab("revert", "built")
    yield lab
    lab.chatlab("fault", "clear")
    lab.chatlab("clock", "advance", SETTLED)
    assert lab.chatlab("journal", "--impossible") == []
    assert not ledger(lab).impossible
    # a witness may have switched while the site went down
    for way in (("failback",), ("mirror_failover", "-e", "mirror_failover_to=primary")):
        if essence(lab) != built:
            home = lab.play(way[0], *ANSWERS, *way[1:])
            assert home.rc == 0, home.output[-3000:]
    assert differences(built, essence(lab)) == []


def writes(lab):
    return len(lab.chatlab("journal", "--writes"))


def chat_and_lose_the_site(lab, mode="down"):
    lab.chatlab("chat", "post", "4")
    lab.chatlab("clock", "advance", "40m")
    lab.chatlab("chat", "post", "3")
    lab.chatlab("fault", "add", "site", "site=north", f"mode={mode}")


def waiting_logs(lab):
    """Local paths of log backups on the share that the backup has not applied: its Agent stands
    still while the primary ships on.
    """
    lab.chatlab("clock", "advance", "20m")
    old = {
        path
        for path in lab.chatlab("state")["machines"][SHARE]["files"]
        if path.lower().endswith(".trn")
    }
    lab.chatlab("fault", "add", "sql_agent", "host=sql-s1.contoso.example")
    for _unused in range(3):
        lab.chatlab("chat", "post", "2")
        lab.chatlab("clock", "advance", "15m")
    lab.chatlab("fault", "add", "site", "site=north", "mode=down")
    return sorted(
        {
            path
            for path in lab.chatlab("state")["machines"][SHARE]["files"]
            if path.lower().endswith(".trn")
        }
        - old
    )


def test_a_primary_that_answers_is_not_left_by_a_disaster_failover(lab):
    before = writes(lab)
    run = lab.play("failover", *ANSWERS)
    assert run.rc != 0
    assert codes(run) == ["primary_alive"]
    assert writes(lab) == before


def test_without_an_answer_nothing_is_changed(lab):
    """No terminal, no -e failover_confirm=false: the question cannot be answered."""
    before = writes(lab)
    planned = ("-e", "failover_mode=planned", "-e", "failover_confirm=true")
    run = lab.play("failover", *ANSWERS, *planned)
    assert run.rc != 0
    assert "Not confirmed" in run.output
    assert writes(lab) == before


def test_a_yes_at_the_terminal_carries_out_what_was_shown(lab):
    before = writes(lab)
    words = lab.command("mirror_failover", *ANSWERS, "-e", "mirror_failover_confirm=true")
    returned, printed = at_a_terminal(words, labs.ROOT, labs.play_environment())
    assert returned == 0, printed[-3000:]
    assert "Type yes to carry out the plan above" in printed
    assert writes(lab) > before


def check_mode_prints_exact_calls_and_changes_nothing(lab):
    """In an outage."""
    before = writes(lab)
    run = lab.play("failover", *ANSWERS, "--check", "--diff")
    assert run.rc == 0, run.output[-3000:]
    assert writes(lab) == before
    calls = "\n".join(call for step in run.steps() for call in step[3])
    for wanted in (
        "sp_addextendedproperty",
        "Invoke-CsManagementServerFailover",
        "Set-CsPersistentChatActiveServer -Identity 'PersistentChatServer:",
        "sp_delete_log_shipping_secondary_database",
        "RESTORE DATABASE [mgc] WITH RECOVERY",
        "-PoolState 'FailedOver'",
        "SET PARTNER",
        "sp_dropextendedproperty",
    ):
        assert wanted in calls, wanted
    assert "First one-way move: recover_database" in run.output


@pytest.mark.campaign
def test_a_lost_central_store_is_said_first_and_moved_only_on_request(lab):
    chat_and_lose_the_site(lab)
    before = writes(lab)
    run = lab.play(
        "failover", *(a if a != "failover_cms=true" else "failover_cms=false" for a in ANSWERS)
    )
    assert codes(run) == ["cms_lost"]
    assert "failover_cms: true" in run.output
    assert writes(lab) == before


@pytest.mark.campaign
def test_a_loss_above_the_limit_needs_acceptance(lab):
    chat_and_lose_the_site(lab)
    before = writes(lab)
    run = lab.play("failover", *ANSWERS, "-e", "failover_max_data_loss=0")
    assert codes(run) == ["loss_too_great"]
    assert writes(lab) == before


@pytest.mark.campaign
@pytest.mark.parametrize(("mode", "code"), [("missing", "chain_gap"), ("corrupt", "chain_damaged")])
def test_a_broken_chain_is_refused_or_its_loss_accepted_exactly(lab, mode, code):
    first, second, *_rest = waiting_logs(lab)
    lab.chatlab("fault", "add", "file", f"host={SHARE}", f"path={second}", f"mode={mode}")
    before = writes(lab)
    refused = lab.play("failover", *ANSWERS)
    assert codes(refused) == [code]
    name = first.rpartition("\\")[2]
    assert name.lower() in refused.output.lower(), "the last usable log is named"
    assert writes(lab) == before
    if mode == "corrupt":
        return
    known = set(ledger(lab).lost)
    run = lab.play("failover", *ANSWERS, "-e", "failover_data_loss=accept")
    assert run.rc == 0, run.output[-3000:]
    assert set(ledger(lab).lost) - known == covered(lab, announced(run)) != set()


@pytest.mark.campaign
def test_a_share_that_is_gone_is_refused(lab):
    chat_and_lose_the_site(lab)
    lab.chatlab("fault", "add", "share", f"host={SHARE}", "share=pchat-logs")
    run = lab.play("failover", *ANSWERS)
    assert codes(run) == ["share_gone"]


@pytest.mark.campaign
def test_a_site_that_returns_before_the_door_stops_the_failover_and_it_is_called_off_without_loss(
    lab,
):
    """Killed before the backup copy is recovered; then the lost site is back."""
    chat_and_lose_the_site(lab)
    known = set(ledger(lab).lost)
    lab.chatlab("fault", "add", "write", "number=3", "when=after", "action=drop")
    assert lab.play("failover", *ANSWERS).rc != 0
    lab.chatlab("fault", "clear")
    refused = lab.play("failover", *ANSWERS)
    assert codes(refused) == ["primary_alive"]
    other = lab.play("failback", *ANSWERS)
    assert codes(other) == ["intent_conflict"], (
        "somebody else's failover is not called off by accident"
    )
    home = lab.play("failback", *ANSWERS, "-e", "failback_override_intent=true")
    assert home.rc == 0, home.output[-3000:]
    assert set(ledger(lab).lost) == known


def looks(run):
    """What each look of a run found silent, by short name."""
    found = []
    for line in run.results:
        if line["action"].endswith("dr_info"):
            found.append({name.partition(".")[0] for name in line["result"]["silent"]})
    return found


def test_a_site_that_returns_between_two_looks_of_one_run_is_seen_before_the_door(lab):
    """What was silent is only probed from then on; it answers, so it is read, and nothing is
    opened. What would have been done without that, check mode had told.
    """
    chat_and_lose_the_site(lab, mode="hang")
    check_mode_prints_exact_calls_and_changes_nothing(lab)
    before = writes(lab)
    with concurrent.futures.ThreadPoolExecutor(1) as beside:
        failover = beside.submit(lab.play, "failover", *ANSWERS)
        while writes(lab) == before and not failover.done():
            time.sleep(0.1)
        lab.chatlab("fault", "clear")
        run = failover.result()
    assert codes(run) == ["primary_alive"]
    first, second = looks(run)
    assert {"sql-n1", "sql-n2", "fe-n1"} <= first
    assert second == set()
    home = lab.play("failback", *ANSWERS, "-e", "failback_override_intent=true")
    assert home.rc == 0, home.output[-3000:]


@pytest.mark.campaign
def test_a_share_without_room_for_the_last_log_is_seen_before_anybody_is_kept_out(lab):
    lab.add_fault("bulk_write", "host=sql-n1", "database=mgc", "megabytes=40")
    lab.add_fault("disk_space", f"host={SHARE}", "drive=D:", "free_mb=20")
    before = writes(lab)
    run = lab.play("failover", *ANSWERS, "-e", "failover_mode=planned")
    assert codes(run) == ["no_room"]
    assert writes(lab) == before
    lab.chatlab("fault", "clear")
    assert lab.play("failover", *ANSWERS, "-e", "failover_mode=planned").rc == 0


def checked(lab, playbook, *arguments):
    """What a check run would do, as step names; it passes every door that the plan names, and
    writes nothing.
    """
    before = writes(lab)
    run = lab.play(playbook, *ANSWERS, *arguments, "--check", "--diff")
    assert run.rc == 0, run.output[-3000:]
    assert writes(lab) == before
    return [step[2] for step in run.steps()]


def fork_of(lab, host):
    """The recovery fork on which mgc is there."""
    (row,) = sql(
        lab,
        host,
        "SELECT CONVERT(varchar(36), recovery_fork_guid) AS fork FROM sys.database_recovery_status"
        " WHERE database_id = DB_ID(N'mgc')",
    )
    return row.adapted_properties["fork"]


def put_to_work(lab):
    """Our record on the backup SQL Server."""
    (row,) = sql(
        lab,
        "sql-s1",
        "SELECT CONVERT(nvarchar(4000), value) AS value FROM master.sys.extended_properties"
        " WHERE name LIKE N'pchat[_]put_to_work %'",
    )
    return json.loads(row.adapted_properties["value"])


def test_a_planned_switchover_under_traffic_loses_nothing_and_can_be_checked_both_ways(lab):
    left = fork_of(lab, "sql-n1")
    steps = checked(lab, "failover", "-e", "failover_mode=planned")
    assert [
        steps.index(name) for name in ("back_up_tail", "restore_log", "recover_database")
    ] == sorted(steps.index(name) for name in ("back_up_tail", "restore_log", "recover_database"))
    lab.chatlab("chat", "traffic", "60")
    known = set(ledger(lab).lost)
    run = lab.play("failover", *ANSWERS, "-e", "failover_mode=planned")
    assert run.rc == 0, run.output[-3000:]
    assert "back_up_tail" in moves(run)
    assert set(ledger(lab).lost) == known
    record = put_to_work(lab)
    assert (record["left"], record["fork"]) == (left, fork_of(lab, "sql-s1"))
    assert int(record["lsn"]) > 0
    steps = checked(lab, "failback")
    assert {"back_up_tail", "restore_database", "restore_log", "recover_database"} <= set(steps)
    home = lab.play("failback", *ANSWERS, "-e", "failback_order=documented")
    assert home.rc == 0, home.output[-3000:]
    lab.chatlab("chat", "traffic", "0")
    assert set(ledger(lab).lost) == known


@pytest.mark.campaign
def test_another_operator_in_the_middle_is_noticed_and_nothing_is_done_twice(lab):
    """Somebody recovers the backup copy by hand after our third write: our door is shut, and
    the next run goes on from what is there.
    """
    chat_and_lose_the_site(lab)
    lab.chatlab(
        "fault",
        "add",
        "operator",
        "host=sql-s1.contoso.example",
        "number=3",
        "sql=RESTORE DATABASE [mgc] WITH RECOVERY",
    )
    known = set(ledger(lab).lost)
    run = lab.play("failover", *ANSWERS)
    assert run.rc == 0 or codes(run) in (
        ["world_moved"],
        ["plan_changed"],
        ["unreachable"],
    ), run.output[-3000:]
    again = lab.play("failover", *ANSWERS)
    assert again.rc == 0, again.output[-3000:]
    recovered = [
        e
        for e in lab.chatlab("journal", "--writes")
        if "RESTORE DATABASE [mgc] WITH RECOVERY" in str(e["parameters"].get("Query"))
        and e["outcome"] == "ok"
    ]
    assert recovered == [], "the copy was online already"
    assert set(ledger(lab).lost) - known <= covered(lab, announced(run))


@pytest.mark.campaign
def test_a_mirror_failover_under_traffic_loses_nothing_and_logs_go_on(lab):
    lab.chatlab("chat", "traffic", "60")
    known = set(ledger(lab).lost)
    there = lab.play("mirror_failover", *ANSWERS)
    assert there.rc == 0, there.output[-3000:]
    assert "check_log_shipping" in moves(there)
    back = lab.play("mirror_failover", *ANSWERS, "-e", "mirror_failover_to=primary")
    assert back.rc == 0, back.output[-3000:]
    lab.chatlab("chat", "traffic", "0")
    assert set(ledger(lab).lost) == known
    assert lab.play("mirror_failover", *ANSWERS, "-e", "mirror_failover_to=primary").changed == 0


@pytest.mark.campaign
def test_one_partner_alive_is_no_disaster(lab):
    """The witness has switched already when the principal is lost; without it the mirror waits."""
    lab.chatlab("fault", "add", "host", "host=sql-n3.contoso.example", "mode=down")
    lab.chatlab("fault", "add", "host", "host=sql-n1.contoso.example", "mode=down")
    run = lab.play("failover", *ANSWERS)
    assert codes(run) == ["mirror_alive"]
    unforced = lab.play("mirror_failover", *ANSWERS)
    assert codes(unforced) == ["principal_unreachable"]


def test_status_is_one_document_that_can_fail_a_monitor(lab, tmp_path):
    file, history = tmp_path / "status.json", tmp_path / "history.jsonl"
    page = tmp_path / "{{ pchat_pool }}.html"
    shown = ("-e", json.dumps({"status_page": str(page), "status_history": str(history)}))
    before = writes(lab)
    good = lab.play(
        "status",
        *ANSWERS,
        *shown,
        "-e",
        f"status_file={file}",
        "-e",
        "status_query=failover_now.loss.minutes",
        "-e",
        '{"status_fail_when": "situation.name != \'Healthy\'"}',
    )
    assert good.rc == 0, good.output[-3000:]
    document = json.loads(file.read_text(encoding="utf-8"))
    assert document["situation"]["name"] == "Healthy"
    assert document["failover_now"]["possible"] is True
    lab.chatlab("fault", "add", "host", "host=sql-n3.contoso.example", "mode=down")
    bad = lab.play(
        "status",
        *ANSWERS,
        *shown,
        "-e",
        '{"status_fail_when": "length(findings[?urgency!=\'note\']) > `0`"}',
    )
    assert bad.rc != 0
    assert "sql-n3.contoso.example does not answer" in bad.output
    runs = [json.loads(line) for line in history.read_text(encoding="utf-8").splitlines()]
    assert len(runs) == 2
    assert runs[0]["loss_minutes"] == document["failover_now"]["loss"]["minutes"]
    text = (tmp_path / "chat.contoso.example.html").read_text(encoding="utf-8")
    assert "sql-n3.contoso.example does not answer" in text
    assert 'id="lag"' in text
    assert writes(lab) == before
