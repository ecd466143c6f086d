"""What a run prints, where, and how: a callback's document stays one, and nothing that hosts
say acts on a terminal.
"""

from __future__ import annotations

import json

import pytest

from support.console import sql
from support.intents import declare, withdraw
from support.outage import ANSWERS

DOCUMENT = {"ANSIBLE_STDOUT_CALLBACK": "one_document"}
ODD = "eve\x1b[2J\x1b]0;owned\x07\r\nroot \u202eyats"
SHOWN = r"eve\x1b[2J\x1b]0;owned\x07\r\nroot \u202eyats"


@pytest.fixture(scope="module")
def first(bare_lab):
    """(lab, the build, whose stdout callback writes JSON)."""
    return bare_lab, bare_lab.play("site", environment=DOCUMENT, apart=True, workers=True)


def test_stdout_is_the_callbacks_alone_and_lines_for_people_stand_beside_it(first):
    lab, build = first
    assert build.rc == 0, build.output[-2000:] + build.beside[-2000:]
    assert "Choose the servers that accept clients" in json.dumps(json.loads(build.output))
    assert "sql-s1.contoso.example: " in build.beside, "a worker told how far it was"
    assert "Pool chat.contoso.example: " in build.beside
    status = lab.play("status", environment=DOCUMENT, apart=True)
    assert json.loads(status.output)["failed"] == []
    assert "Pool chat.contoso.example: Healthy." in status.beside


def test_what_an_operator_wrote_is_shown_and_does_nothing(first, tmp_path):
    lab, _build = first
    page = tmp_path / "page.html"
    declare(
        lab,
        json.dumps(
            {"at": "2015-06-01T08:00:00Z", "id": "0" * 32, "operator": ODD, "target": "failback"}
        ),
    )
    try:
        status = lab.play("status", "-e", f"status_page={page}", "-e", "status_fail_when=intent")
        failover = lab.play("failover", "-e", "failover_confirm=false", "--diff")
    finally:
        withdraw(lab)
    assert (status.rc, failover.rc) == (2, 2)
    for text in (status.output, failover.output, page.read_text(encoding="utf-8")):
        assert SHOWN in text.replace("\\\\", "\\"), text[-3000:]
        assert not set(text) & set("\x1b\x07\r\u202e")


def test_a_file_on_the_share_whose_name_holds_no_time_does_no_harm(first):
    lab, _build = first
    odd = r"\\fs-s1.contoso.example\pchat-logs\mgc_20150631080000.trn"
    sql(lab, "sql-n1", f"BACKUP LOG [mgc] TO DISK = N'{odd}' WITH COPY_ONLY;")
    status = lab.play("status", apart=True)
    assert status.rc == 0, status.output[-2000:]
    assert "Pool chat.contoso.example: Healthy." in status.beside
    assert lab.play("failover", *ANSWERS, "-e", "failover_mode=planned", "--check").rc == 0


def test_a_log_that_cannot_be_written_is_found_before_the_first_move(first, tmp_path):
    lab, _build = first
    (tmp_path / "file").write_text("a file, and no folder", encoding="utf-8")
    before = len(lab.chatlab("journal", "--writes"))
    run = lab.play(
        "failover",
        *ANSWERS,
        "-e",
        "failover_mode=planned",
        "-e",
        f"failover_log={tmp_path}/file/log.jsonl",
    )
    assert run.rc == 2
    assert "so the run ends before its first move: nothing was changed" in " ".join(
        run.output.split()
    )
    assert len(lab.chatlab("journal", "--writes")) == before


def test_after_a_change_of_the_share_our_own_backups_are_not_called_foreign(first):
    lab, _build = first
    lab.chatlab("checkpoint", "calm")
    lab.chatlab("clock", "advance", "40m")
    other = (
        "-e",
        json.dumps({"log_shipping_primary_share": r"\\fs-s1.contoso.example\pchat-files"}),
    )
    moved = lab.play("site", *other)
    assert moved.rc == 0, moved.output[-3000:]
    lab.chatlab("clock", "advance", "40m")
    again = lab.play("site", *other)
    lab.chatlab("revert", "calm")
    assert (again.rc, again.changed) == (0, 0), again.output[-3000:]
