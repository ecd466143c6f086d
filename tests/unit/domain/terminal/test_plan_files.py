"""What a DBA reviews is what would be sent: it parses, it is in order, and nothing acts."""

from __future__ import annotations

import pathlib
import re

import pytest
from unit.domain.scriptdom import syntax_errors

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._action import planned_steps
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._action.controller_file import (
    replace_files,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.calls.tsql import (
    recovery,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.fidelity import used
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.terminal import (
    plan_files,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import Refused
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import (
    LATER,
    Cmdlet,
    Sql,
    Step,
)
from support.printed_commands import wrong_with

AT = "2015-06-01T08:00:00Z"
OPTIONS = {"folder": "", "pool": "chat.contoso.example", "operation": "failover", "lines": []}


def task(*calls, host="sql-s1.contoso.example", why="It is to be.", **more):
    step = Step("do_it", why, {}, calls, one_way=more.pop("one_way", False))
    told = {"task": "Do it", "move": "", "host": host, "instance": "", **more}
    return {**told, "steps": [planned_steps.planned(step)]}


def files(*tasks, **options):
    return plan_files.files_of({**OPTIONS, **options}, tasks, AT)


def sent():
    """A sample of every call that changes something."""
    for name, made in used.calls().items():
        for call in made:
            if call.changes:
                yield pytest.param(call, id=name)
                break


@pytest.mark.parametrize("call", [*sent()])
def test_every_call_that_changes_something_stands_in_a_file_that_parses(call):
    written = files(task(call))
    if isinstance(call, Sql):
        text = written["sql-s1.contoso.example.sql"]
        assert syntax_errors(text, "2012") == []
        assert call.text.split() == written_batch(text).split()
    else:
        assert wrong_with(commented_out(written["sql-s1.contoso.example.ps1"])) == []


def written_batch(text):
    """The batch between the last two GO."""
    return text.rstrip().removesuffix("GO").rpartition("GO\n")[2]


def commented_out(text):
    return re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)


@pytest.mark.parametrize(
    "text",
    ["SELECT 'a; b'; SELECT 1;", "SELECT [x; y]]; z]; SELECT N'it''s; so';", "SELECT 1"],
)
def test_a_statement_a_line_changes_no_literal_and_no_name(text):
    shown = plan_files.readable(text)
    assert shown.replace(";\n", "; ") == text
    assert all(part in shown for part in re.findall(r"'[^']*'|\[[^\]]*\]", text))


def test_steps_are_numbered_across_hosts_in_their_order():
    first = task(Cmdlet("Stop-CsWindowsService", {"Name": "x"}), host="chat-1")
    second = task(Sql("SELECT 1", changes=True), one_way=True, instance="CHAT")
    third = task(Cmdlet("Start-CsWindowsService", {"Name": "x"}), host="chat-1")
    written = files(first, second, third)
    assert sorted(written) == ["chat-1.ps1", "plan.md", "sql-s1.contoso.example_CHAT.sql"]
    assert re.findall(r"^# (\d of \d)", written["chat-1.ps1"], re.MULTILINE) == ["1 of 3", "3 of 3"]
    assert "-- 2 of 3  do_it [ONE-WAY]: " in written["sql-s1.contoso.example_CHAT.sql"]
    assert "-- Instance: CHAT." in written["sql-s1.contoso.example_CHAT.sql"]
    rows = [line for line in written["plan.md"].splitlines() if line.startswith("| ")]
    assert [row.split("|")[1].strip() for row in rows] == ["", "1", "2", "3"]
    assert "**[ONE-WAY]**" in rows[2]


def test_what_only_the_run_can_know_is_marked():
    known = task(Sql("SELECT 1", changes=True))
    later = task(recovery.recover("mgc", LATER, "chat.contoso.example", "a" * 32))
    text = files(known, later)["sql-s1.contoso.example.sql"]
    assert text.count("PLACEHOLDER") == 1
    assert text.index("2 of 2") < text.index("PLACEHOLDER")


def test_a_secret_is_in_no_file():
    call = Cmdlet("Set-X", {"Password": "hunter2", "Name": "a"}, secret=frozenset({"Password"}))
    written = files(task(call))
    assert "hunter2" not in "".join(written.values())
    assert "Set-X" in written["sql-s1.contoso.example.ps1"]


def test_what_a_host_wrote_is_neither_a_comment_that_ends_nor_markdown():
    why = "eve\nDROP DATABASE mgc\x1b[2J | <b>`x`</b>"
    written = files(task(Sql("SELECT 1", changes=True), why=why), lines=["``` out\x07"])
    sql = written["sql-s1.contoso.example.sql"]
    assert [line for line in sql.splitlines() if line.startswith("DROP")] == []
    assert r"\\n" in written["plan.md"]
    assert r"\<b\>" in written["plan.md"]
    assert not set("".join(written.values())) & set("\x1b\x07")
    assert written["plan.md"].count("```") == 2


def test_files_of_an_earlier_check_go_and_others_stay(tmp_path):
    folder = tmp_path / "review" / "pool"
    replace_files(folder, files(task(Sql("SELECT 1"))), plan_files.marked)
    (folder / "mine.sql").write_text("SELECT 2\n", encoding="utf-8")
    replace_files(folder, {"plan.md": "new\n"}, plan_files.marked)
    assert sorted(path.name for path in folder.iterdir()) == ["mine.sql", "plan.md"]
    assert folder.stat().st_mode & 0o077 == 0


def test_a_folder_that_cannot_be_made_is_refused(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(Refused, match="Nobody could review it then") as refused:
        replace_files(pathlib.Path(tmp_path, "file", "x"), {}, plan_files.marked)
    assert refused.value.code == "plan_unwritable"


def test_steps_are_taken_once_and_pools_do_not_mix(tmp_path):
    one = task(Sql("SELECT 1"))
    planned_steps.keep(str(tmp_path), "A.example", one)
    planned_steps.keep(str(tmp_path), "b.example", one)
    planned_steps.keep(str(tmp_path), "a.example", one)
    assert planned_steps.take(str(tmp_path), "a.example") == [one, one]
    assert planned_steps.take(str(tmp_path), "a.example") == []
    assert len(planned_steps.take(str(tmp_path), "b.example")) == 1
