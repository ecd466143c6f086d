"""What an outage lost is found again in the copy that the failback kept, beside the pool's."""

from __future__ import annotations

import json

import pytest

from support.console import sql
from support.outage import ANSWERS, announced, first_plan, ledger

HOST = "sql-s2.contoso.example"
CHOSEN = ("-e", f"salvage_host={HOST}", "-e", "salvage_answer_within=4")


@pytest.fixture(scope="module")
def outage(built_lab):
    """(lab, numbers of the messages that were lost, the failover, the failback): the site went with
    messages that had never left it, and the pool is home again.
    """
    lab = built_lab
    lab.chatlab("chat", "post", "4")
    lab.chatlab("clock", "advance", "40m")
    lab.chatlab("chat", "post", "5")
    lab.chatlab("fault", "add", "site", "site=north", "mode=down")
    away = lab.play("failover", *ANSWERS, "-e", "failover_data_loss=accept")
    assert away.rc == 0, away.output[-3000:]
    lab.chatlab("fault", "clear")
    lab.chatlab("clock", "advance", "2m")
    lab.chatlab("chat", "post", "3")
    back = lab.play("failback", *ANSWERS)
    assert back.rc == 0, back.output[-3000:]
    lost = set(ledger(lab).lost)
    assert len(lost) == 5
    return lab, lost, away, back


def opened(run):
    """What the run told of the kept copy and of the pool's beside it."""
    (report,) = [
        line["result"] for line in run.results if line["action"].endswith("salvage_report")
    ]
    return report["document"]


def files(lab, host):
    return {
        path.lower()
        for path in lab.chatlab("state")["machines"][host]["files"]
        if path.lower().endswith(".bak")
    }


def messages(lab, host, database):
    """Numbers of the messages that a copy holds."""
    told = set()
    for row in sql(lab, host, f"SELECT content FROM [{database}].dbo.tblChat"):
        told.add(int({**row.adapted_properties, **row.extended_properties}["content"]))
    return told


def databases(lab, host):
    return set(lab.chatlab("state")["instances"][host]["databases"])


@pytest.fixture(scope="module")
def copy(outage):
    """(lab, the run that opened the kept copy), after a check run that told it."""
    lab, *_rest = outage
    kept = files(lab, "fs-s1.contoso.example")
    writes = len(lab.chatlab("journal", "--writes"))
    checked = lab.play("salvage", *CHOSEN, "--check", "--diff")
    assert checked.rc == 0, checked.output[-3000:]
    assert "RESTORE DATABASE [mgc_salvaged_" in checked.output
    assert len(lab.chatlab("journal", "--writes")) == writes
    run = lab.play("salvage", *CHOSEN)
    assert run.rc == 0, run.output[-3000:]
    assert checked.told() == run.told()
    assert files(lab, "fs-s1.contoso.example") == kept
    return lab, run


def test_what_was_lost_is_found_in_the_opened_copy_all_of_it(outage, copy):
    _lab, lost, away, _back = outage
    lab, run = copy
    told = opened(run)
    name = told["database"]

    found = messages(lab, HOST, name)
    assert lost <= found
    in_pool = messages(lab, "sql-n1.contoso.example", "mgc")
    assert lost & in_pool == set()

    assert told["same_family"] is True
    assert told["only_here"]["holds"] is True
    assert told["only_here"]["from_lsn"] == announced(away)["lsn"]
    assert told["only_here"]["from_at"] == announced(away)["last_log_at"]
    assert told["only_here"]["newest_of"] == "dbo.tblChat.chatDate"
    (chat,) = [table for table in told["tables"] if table["name"] == "tblChat"]
    assert (chat["rows"], chat["rows_in_pool"]) == (len(found), len(in_pool))
    assert chat["newest"]["chatDate"] < chat["newest_in_pool"]["chatDate"]


def test_who_fails_over_or_back_is_told_that_this_way_exists_with_the_command(outage):
    lab, _lost, away, back = outage
    command = "lync.persistent_chat.salvage -e salvage_host=sql-s1.contoso.example"
    assert command in " ".join(first_plan(away, "left_behind"))
    assert command in away.output
    assert command in back.output
    status = lab.play("status")
    assert command in status.output
    told = [line["result"] for line in status.results if "document" in line["result"]]
    codes = {finding["code"] for finding in told[-1]["document"]["findings"]}
    assert "kept_copies" in codes


def test_a_next_hop_that_is_lost_with_the_site_is_told_at_the_end_and_no_more_at_home(outage):
    """The lab's pool has its next hop in the primary site, where nobody reaches it. Who it is, is
    known as soon as a central management store answers.
    """
    _lab, _lost, away, back = outage
    said = "The next hop of the pool, fepool-n.contoso.example, does not answer"
    assert said in away.output
    assert said not in back.output


def test_a_copy_that_is_open_is_told_of_again_and_nothing_is_changed(copy):
    lab, first = copy
    file = opened(first)["kept"]["path"].rpartition("\\")[2]
    again = lab.play("salvage", *CHOSEN, "-e", f"salvage_file={file}")
    assert again.rc == 0, again.output[-3000:]
    assert again.changed == 0
    assert opened(again) == opened(first)


def test_the_opened_copy_confuses_neither_status_nor_build(copy):
    lab, _run = copy
    built = lab.play("site")
    assert built.rc == 0, built.output[-3000:]
    assert built.changed == 0
    status = lab.play(
        "status", "-e", json.dumps({"status_fail_when": "situation.name != 'Healthy'"})
    )
    assert status.rc == 0, status.output[-3000:]


def test_it_is_dropped_on_request_and_the_kept_backup_stays(copy):
    lab, run = copy
    name = opened(run)["database"]
    kept = files(lab, "fs-s1.contoso.example")
    assert name in databases(lab, HOST)
    closed = lab.play("salvage", *CHOSEN, "-e", "salvage_close=true")
    assert closed.rc == 0, closed.output[-3000:]
    assert name not in databases(lab, HOST)
    assert files(lab, "fs-s1.contoso.example") == kept
    assert lab.play("salvage", *CHOSEN, "-e", "salvage_close=true").changed == 0


def test_whoever_chose_no_host_is_told_which_there_are(outage):
    lab, _lost, _away, _back = outage
    run = lab.play("salvage")
    assert run.rc != 0
    assert "sql-n1.contoso.example, sql-n2.contoso.example" in run.output.replace("\n", " ")
