"""Who did what, when and why is on record; an operator's own tasks run at the moments of an
operation. Neither these nor what cannot be written stop it behind its first move.
"""

from __future__ import annotations

import json
import threading
import time

import pytest

from support.intents import declare
from support.outage import ANSWERS, codes, moves

PLANNED = (*ANSWERS, "-e", "failover_mode=planned")
WHO = (
    *("-e", "pchat_ticket=CHG0012345"),
    *("-e", json.dumps({"pchat_reason": "power works"})),
    *("-e", "failover_operator=kim"),
)
HOOKS = """---
- name: Write the moment down
  ansible.builtin.lineinfile:
    path: "{{ told_to }}"
    line: "{{ pchat_moment | to_json }}"
    create: true
    mode: '0600'

- name: Fail when told to
  ansible.builtin.fail:
    msg: the chat room is gone
  when: pchat_moment.name in fail_at | default([])
"""


@pytest.fixture(scope="module")
def lab(built_lab):
    return built_lab


def with_hooks(folder):
    """Arguments of a run with the record and the operator's tasks in this folder."""
    (folder / "hooks.yml").write_text(HOOKS, encoding="utf-8")
    variables = {
        "pchat_hooks": str(folder / "hooks.yml"),
        "told_to": str(folder / "moments.jsonl"),
        "pchat_record": str(folder / "record" / "operations.jsonl"),
    }
    return ("-e", json.dumps(variables))


@pytest.fixture
def hooked(tmp_path):
    """(arguments of such a run, its folder)"""
    return with_hooks(tmp_path), tmp_path


def moments(folder):
    file = folder / "moments.jsonl"
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def recorded(lab, arguments):
    run = lab.play("history", *arguments)
    assert run.rc == 0, run.output[-2000:]
    (told,) = [line["result"] for line in run.results if "operations" in line["result"]]
    return told["operations"], run.output


def test_a_refusal_is_told_and_recorded(lab, hooked):
    arguments, folder = hooked
    run = lab.play("failover", *ANSWERS, *WHO, *arguments)
    assert (run.rc, codes(run)) == (2, ["primary_alive"])
    (moment,) = moments(folder)
    assert (moment["name"], moment["code"], moment["outcome"]) == (
        "refusal",
        "primary_alive",
        "refused",
    )
    (operation,), _output = recorded(lab, arguments)
    assert (operation["outcome"], operation["code"]) == ("refused", "primary_alive")


def test_a_check_run_tells_nobody_and_records_nothing(lab, hooked):
    arguments, folder = hooked
    assert lab.play("failover", *PLANNED, *arguments, "--check").rc == 0
    assert not (folder / "moments.jsonl").exists()
    assert recorded(lab, arguments)[0] == []


def test_tasks_that_fail_at_the_plan_stop_the_run_before_its_first_move(lab, hooked):
    arguments, folder = hooked
    before = len(lab.chatlab("journal", "--writes"))
    run = lab.play("failover", *PLANNED, *arguments, "-e", json.dumps({"fail_at": ["plan"]}))
    assert run.rc == 2
    assert "the chat room is gone" in run.output
    assert "so the run ends before its first move: nothing was changed" in " ".join(
        run.output.split()
    )
    assert len(lab.chatlab("journal", "--writes")) == before
    assert [moment["name"] for moment in moments(folder)] == ["plan", "end"]
    assert [operation["outcome"] for operation in recorded(lab, arguments)[0]] == ["called_off"]


def test_tasks_that_are_not_there_stop_the_run_before_its_first_move(lab, tmp_path):
    before = len(lab.chatlab("journal", "--writes"))
    run = lab.play("failover", *PLANNED, "-e", f"pchat_hooks={tmp_path}/none.yml")
    assert run.rc != 0
    assert len(lab.chatlab("journal", "--writes")) == before


@pytest.fixture(scope="module")
def hindered(lab, tmp_path_factory):
    """(a planned failover, what the history tells of it, its folder): somebody else's record is
    replaced, and the operator's tasks fail at each door and at the end.
    """
    folder = tmp_path_factory.mktemp("hindered")
    arguments = with_hooks(folder)
    lab.chatlab("checkpoint", "calm")
    declare(
        lab,
        json.dumps(
            {
                "why": "test",
                "operator": "kim",
                "at": "2015-06-01T07:00:00Z",
                "id": "b" * 32,
                "target": "failback",
            },
            indent=1,
        ),
    )
    wanted = {"failover_override_intent": True, "fail_at": ["door", "end"]}
    run = lab.play("failover", *PLANNED, *WHO, *arguments, "-e", json.dumps(wanted))
    lab.chatlab("revert", "calm")
    assert run.rc == 0, run.output[-3000:]
    return run, recorded(lab, arguments), folder


def test_a_record_in_another_order_and_with_more_in_it_is_replaced_by_its_values(hindered):
    run, _told, _folder = hindered
    assert "declare_intent" in moves(run)


def test_tasks_that_fail_later_do_not_stop_what_has_begun(hindered):
    run, ((operation,), output), folder = hindered
    assert "What is under way is not stopped for them" in " ".join(run.output.split())
    told = moments(folder)
    assert [moment["name"] for moment in told] == ["plan", "door", "door", "end"]
    assert [moment["move"] for moment in told[1:3]] == ["back_up_tail", "recover_database"]
    assert (told[-1]["outcome"], told[-1]["ticket"]) == ("done", "CHG0012345")
    assert told[0]["loss"].startswith("Nothing is lost")
    assert operation["outcome"] == "done"
    assert len(operation["moves"]) >= operation["planned"] > 9, "a later look may find more to do"
    assert "failover of chat.contoso.example by kim on " in output
    assert "CHG0012345: power works" in output


def test_the_record_is_kept_without_being_asked_for_and_its_loss_stops_nothing(lab, tmp_path):
    lab.chatlab("checkpoint", "calm")
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    state = {"XDG_STATE_HOME": str(tmp_path / "state")}
    nowhere = {"XDG_STATE_HOME": str(tmp_path / "file")}
    to_mirror = ("mirror_failover", *ANSWERS)
    there = lab.play(*to_mirror, environment=state)
    assert there.rc == 0, there.output[-3000:]
    home = lab.play(*to_mirror, "-e", "mirror_failover_to=primary", environment=nowhere)
    told = lab.play("history", environment=state)
    lab.chatlab("revert", "calm")
    assert home.rc == 0, home.output[-3000:]
    assert "Nothing is recorded of this run" in " ".join(home.output.split())
    assert "mirror_failover of chat.contoso.example by " in told.output


def spoil(log, patience=300):
    """Once the file has its first line, a folder takes its place."""
    ends = time.monotonic() + patience
    while not log.is_file() and time.monotonic() < ends:
        time.sleep(0.05)
    if log.is_file():
        log.unlink()
        log.mkdir()


def test_a_log_that_fails_on_the_way_does_not_stop_what_is_under_way(lab, tmp_path):
    """The disk is full from its second line on, say; here the file becomes a folder."""
    lab.chatlab("checkpoint", "calm")
    log = tmp_path / "log.jsonl"
    spoiler = threading.Thread(target=spoil, args=(log,), daemon=True)
    spoiler.start()
    run = lab.play("mirror_failover", *ANSWERS, "-e", f"mirror_failover_log={log}")
    spoiler.join(timeout=10)
    lab.chatlab("revert", "calm")
    assert log.is_dir(), "the first line was written, and the file was taken away"
    assert run.rc == 0, run.output[-3000:]
    assert "What is under way is not stopped for it" in " ".join(run.output.split())
