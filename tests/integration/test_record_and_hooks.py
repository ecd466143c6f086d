"""Who did what, when and why is on record; an operator's own tasks run at the moments of an
operation, and stop it before its first move only.
"""

from __future__ import annotations

import json

import pytest

from support.outage import ANSWERS, codes

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


@pytest.fixture
def hooked(tmp_path):
    """(arguments of a run with the record and the operator's tasks in this folder, that folder)"""
    (tmp_path / "hooks.yml").write_text(HOOKS, encoding="utf-8")
    variables = {
        "pchat_hooks": str(tmp_path / "hooks.yml"),
        "told_to": str(tmp_path / "moments.jsonl"),
        "pchat_record": str(tmp_path / "record" / "operations.jsonl"),
    }
    return ("-e", json.dumps(variables)), tmp_path


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


def test_tasks_that_fail_later_do_not_stop_what_has_begun(lab, hooked):
    arguments, folder = hooked
    lab.chatlab("checkpoint", "calm")
    run = lab.play(
        "failover", *PLANNED, *WHO, *arguments, "-e", json.dumps({"fail_at": ["door", "end"]})
    )
    lab.chatlab("revert", "calm")
    assert run.rc == 0, run.output[-3000:]
    assert "What is under way is not stopped for them" in " ".join(run.output.split())
    told = moments(folder)
    assert [moment["name"] for moment in told] == ["plan", "door", "door", "end"]
    assert [moment["move"] for moment in told[1:3]] == ["back_up_tail", "recover_database"]
    assert (told[-1]["outcome"], told[-1]["ticket"]) == ("done", "CHG0012345")
    assert told[0]["loss"].startswith("Nothing is lost")
    (operation,), output = recorded(lab, arguments)
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
