"""The record of operations: what is written is told again, whatever else stands in the file."""

from __future__ import annotations

import json
import os

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._action.controller_file import (
    append_line,
    text_of,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.operation_record import (  # noqa: E501
    all_done,
    gone_on_without,
    line_of,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.operation_record_info import (  # noqa: E501
    lines,
    operations,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import Refused

POOL = "chat.contoso.example"


def line(at, entry, attempt="a" * 32, pool=POOL, **more):
    options = {
        "path": "",
        "pool": pool,
        "operation": "failover",
        "id": attempt,
        "operator": "kim",
        "ticket": "CHG0012345",
        "reason": "no power",
        "entry": entry,
        **more,
    }
    return line_of(options, at, "ctl1") + "\n"


PLAN = line("2015-06-01T12:00:00Z", {"plan": ["declare_intent", "fence"], "loss": "15 minutes."})
MOVE = line("2015-06-01T12:00:05Z", {"move": "declare_intent", "host": "sql-s1", "why": "x"})
DONE = line("2015-06-01T12:01:00Z", {"end": "done", "code": "", "msg": ""})
REFUSED = line(
    "2015-06-01T11:00:00Z", {"end": "refused", "code": "primary_alive", "msg": "It lives."}, ""
)


def test_the_lines_of_a_run_are_one_operation():
    (found,) = operations(PLAN + MOVE + DONE)
    assert (found["operator"], found["controller"], found["ticket"]) == (
        "kim",
        "ctl1",
        "CHG0012345",
    )
    assert (found["begun_at"], found["ended_at"]) == (
        "2015-06-01T12:00:00Z",
        "2015-06-01T12:01:00Z",
    )
    assert (found["planned"], found["moves"], found["outcome"]) == (2, ["declare_intent"], "done")
    assert list(lines([found])) == [
        "2015-06-01T12:00:00Z  failover of chat.contoso.example by kim on ctl1, CHG0012345: no"
        " power",
        "    done at 2015-06-01T12:01:00Z, after 1 move. 15 minutes.",
    ]


def test_a_run_that_wrote_no_end_is_told_as_open():
    (found,) = operations(PLAN + MOVE)
    assert found["outcome"] == "open"
    assert "NO END" in list(lines([found]))[1]


def test_a_run_that_goes_on_with_an_attempt_is_an_operation_of_its_own():
    first, second = operations(PLAN + MOVE + PLAN + DONE)
    assert (first["outcome"], second["outcome"]) == ("open", "done")


def test_each_refusal_is_told_by_itself():
    found = operations(REFUSED + REFUSED + PLAN + DONE)
    assert [each["outcome"] for each in found] == ["refused", "refused", "done"]
    assert list(lines(found))[1].endswith("(primary_alive). It lives.")


def test_other_pools_and_damaged_lines_are_left_out():
    text = "{\n" + "[" * 5000 + "\n[]\n" + json.dumps({"at": 1}) + "\n" + PLAN[:30] + "\n"
    text += line("2015-06-01T12:00:00Z", {"plan": []}, pool="other.contoso.example") + PLAN
    assert [found["pool"] for found in operations(text, POOL.upper())] == [POOL]
    assert len(operations(text)) == 2


def test_a_line_is_appended_for_its_owner_alone(tmp_path):
    file = tmp_path / "new" / "operations.jsonl"
    append_line(str(file), "1")
    append_line(str(file), "2")
    assert text_of(str(file)) == "1\n2\n"
    assert oct(file.stat().st_mode)[-3:] == "600"
    assert oct(file.parent.stat().st_mode)[-3:] == "700"


def test_what_cannot_be_written_or_read_is_refused_with_its_name(tmp_path):
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(Refused, match=r"takes no line: .*pchat_record") as caught:
        append_line(str(tmp_path / "file" / "below"), "1")
    assert caught.value.code == "record_unwritable"
    with pytest.raises(Refused, match="cannot be read") as caught:
        text_of(str(tmp_path))
    assert caught.value.code == "record_unreadable"
    assert text_of(str(tmp_path / "none")) == ""
    assert not os.path.exists(tmp_path / "none")


FENCE = {"name": "fence", "host": "fe-s1", "database": None, "began": "2015-06-01T12:00:05Z"}


def test_a_move_that_ends_is_added_with_its_time_to_those_before():
    before = [{**FENCE, "ended": "2015-06-01T12:00:07Z"}]
    options = {"move": {**FENCE, "name": "recover_database"}, "done": before}
    done = all_done(options, "2015-06-01T12:00:09Z")
    assert [move["name"] for move in done] == ["fence", "recover_database"]
    assert done[-1]["ended"] == "2015-06-01T12:00:09Z"
    assert all_done({"move": None, "done": before}, "2015-06-01T12:00:09Z") == before


def test_a_line_that_is_missing_is_told_with_what_it_would_have_said():
    told = gone_on_without("It takes no line.", {"entry": {"move": "fence"}})
    assert told.startswith("It takes no line. ")
    assert '{"move": "fence"}' in told
