"""The callback for people: on Ansible itself, and in an outage on the lab."""

from __future__ import annotations

import re
import sys

import pytest

from support import labs
from support.outage import ANSWERS, moves

NIGHT = {"ANSIBLE_STDOUT_CALLBACK": "lync.persistent_chat.night"}
PLAYBOOK = r"""
- name: A play of anybody's
  hosts: all
  gather_facts: false
  connection: local
  tasks:
    - name: Nothing to see
      ansible.builtin.assert: {that: true, quiet: true}
    - name: Write a file
      ansible.builtin.copy:
        content: "a\e[2Jb\n"
        dest: "{{ folder }}/written"
        mode: '0600'
      run_once: true
    - name: Hide it
      ansible.builtin.fail: {msg: hunter2}
      no_log: true
      ignore_errors: true
      run_once: true
    - name: Fail alike
      ansible.builtin.fail: {msg: "odd \e]0;owned\a"}
      ignore_errors: true
    - name: Speak
      ansible.builtin.debug: {msg: [one, "\e[31mtwo"]}
      run_once: true
    - name: Reach nobody
      ansible.builtin.ping:
      vars: {ansible_connection: ssh, ansible_host: 127.0.0.1, ansible_port: 1}
"""
WRITTEN = """\
one: Write a file
--- before
+++ after: FOLDER/written
@@ -0,0 +1 @@
+a\\x1b[2Jb

  one: Write a file: changed something
FAILED one: Hide it (the run goes on)
  the output has been hidden due to the fact that 'no_log: true' was specified for this result
FAILED one: Fail alike (the run goes on)
  odd \\x1b]0;owned\\x07
  the same: two
one
\\x1b[31mtwo
NO ANSWER one: Reach nobody
  REASON
  the same: two

ENDED WITH FAILURES after 0 s; no answer: one, two.
"""


def run(folder, *arguments, **environment):
    book = folder / "book.yml"
    book.write_text(PLAYBOOK, encoding="utf-8")
    program = labs.Lab("none", "default", folder).programs / "ansible-playbook"
    given = ("-e", f"folder={folder}", "-e", f"ansible_python_interpreter={sys.executable}")
    command = [str(program), "-i", "one,two,", str(book), *given, *arguments]
    return labs.run(command, {**labs.play_environment(), **NIGHT, **environment}, 120, True)


def evened(text, folder):
    """Without what differs between two runs and two versions of Ansible."""
    text = text.replace(str(folder), "FOLDER")
    text = re.sub(r"  .*Connection refused\n", "  REASON\n", text)
    text = re.sub(r" \(\d+ s\)", "", text)
    text = re.sub(r"b ?\n\n+ ", "b\n\n ", text)
    return re.sub(r"after \d+ s", "after 0 s", text)


def test_what_fails_hides_speaks_and_differs_is_shown_once_and_acts_on_no_terminal(tmp_path):
    done = run(tmp_path, "--diff", "-f", "1")
    assert evened(done.output, tmp_path) == WRITTEN
    assert not set(done.output) & set("\x1b\x07")


def test_more_verbosity_shows_every_task_as_ansible_does_and_hides_the_same(tmp_path):
    done = run(tmp_path, "-v")
    assert "TASK [Nothing to see]" in done.output
    assert "PLAY RECAP" in done.output
    assert "hunter2" not in done.output


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        ({"ANSIBLE_FORCE_COLOR": "1", "ANSIBLE_NOCOLOR": "0"}, True),
        ({"ANSIBLE_FORCE_COLOR": "0"}, False),
        ({"ANSIBLE_FORCE_COLOR": "0", "ANSIBLE_NOCOLOR": "0", "NO_COLOR": "1"}, False),
    ],
)
def test_colours_are_there_when_they_are_wanted_only(tmp_path, environment, coloured):
    assert ("\x1b[" in run(tmp_path, **environment).output) == coloured


def test_a_failover_shows_its_plan_each_move_with_its_number_and_how_it_ended(built_lab):
    lab = built_lab
    fault = lab.add_fault("site", "site=north", "mode=hang")
    checked = lab.play("failover", *ANSWERS, "--check", environment=NIGHT)
    asked = [answer for answer in ANSWERS if answer not in ("-e", "failover_cms=true")]
    without = [part for answer in asked for part in ("-e", answer)]
    refused = lab.play("failover", *without, environment=NIGHT)
    done = lab.play("failover", *ANSWERS, environment=NIGHT, apart=True)
    lab.chatlab("fault", "clear", fault)
    lab.chatlab("revert", "built")
    assert (checked.rc, refused.rc, done.rc) == (0, 2, 0)
    planned = moves(done)
    numbered = re.findall(r"^ ?(\d+) of (\d+)  (\w+)", done.output, re.MULTILINE)
    assert [name for _number, _total, name in numbered] == planned
    assert [int(number) for number, _total, _name in numbered] == [*range(1, len(planned) + 1)]
    assert {int(total) for _number, total, _name in numbered} == {len(planned)}
    assert len(re.findall(r"^ {9}done, \d+ (s|min)$", done.output, re.MULTILINE)) == len(planned)
    closing = done.output.partition("\nfailover of chat.contoso.example: done, ")[2]
    for said in (
        "runs          FailedOver: ",
        "It was opened on sql-s1.contoso.example.",
        "lost          What was written from LSN ",
        "not writable  Nobody could write for ",
        "next          ansible-playbook",
    ):
        assert said in closing
    assert closing.count("Nobody could write for ") == 1
    assert done.output.count("Plan, ") == 1
    assert "Plan, " not in done.beside, "what the callback shows is not printed beside it"
    assert "TASK [" not in done.output
    assert "would recover_database" in checked.output
    assert "nothing was changed." in checked.output
    assert refused.output.count("does not answer (Get-CsService failed") == 1
    assert "REFUSED " in refused.output
