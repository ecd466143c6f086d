"""What a run prints, where, and how: a callback's document stays one, and nothing that hosts say acts on a terminal."""
from __future__ import annotations

import json

import pytest
from tools import labs
from tools.wire import sql

DOCUMENT = {"ANSIBLE_STDOUT_CALLBACK": "one_document"}
BACKUP = "sql-s1"
INTENT = "pchat_intent chat.contoso.example"
ODD = "eve\x1b[2J\x1b]0;owned\x07\r\nroot \u202eyats"
SHOWN = r"eve\x1b[2J\x1b]0;owned\x07\r\nroot \u202eyats"


@pytest.fixture(scope="module")
def first():
    """(lab, the build, whose stdout callback writes JSON)."""
    with labs.running("default") as lab:
        yield lab, lab.play("site", environment=DOCUMENT, apart=True)


def test_stdout_is_the_callbacks_alone_and_lines_for_people_stand_beside_it(first):
    lab, build = first
    assert build.rc == 0, build.output[-2000:] + build.beside[-2000:]
    assert "Choose the servers that accept clients" in json.dumps(json.loads(build.output))
    assert "sql-s1.contoso.example: " in build.beside, "a worker told how far it was"
    assert "Pool chat.contoso.example: " in build.beside
    status = lab.play("status", environment=DOCUMENT, apart=True)
    assert json.loads(status.output)["failed"] == []
    assert "Pool chat.contoso.example: Healthy." in status.beside


def declare(lab, record):
    sql(lab, BACKUP, f"EXEC sys.sp_addextendedproperty @name = N'{INTENT}', @value = N'{record}';")


def withdraw(lab):
    sql(lab, BACKUP, f"EXEC sys.sp_dropextendedproperty @name = N'{INTENT}';")


def test_what_an_operator_wrote_is_shown_and_does_nothing(first, tmp_path):
    lab, _build = first
    page = tmp_path / "page.html"
    declare(lab, json.dumps({"at": "2015-06-01T08:00:00Z", "id": "0" * 32, "operator": ODD, "target": "failback"}))
    try:
        status = lab.play("status", "-e", f"status_page={page}", "-e", "status_fail_when=intent")
        failover = lab.play("failover", "-e", "failover_confirm=false", "--diff")
    finally:
        withdraw(lab)
    assert (status.rc, failover.rc) == (2, 2)
    for text in (status.output, failover.output, page.read_text(encoding="utf-8")):
        assert SHOWN in text.replace("\\\\", "\\"), text[-3000:]
        assert not set(text) & set("\x1b\x07\r\u202e")
