"""What answers syntax checks for ansible-lint answers as the program does."""

from __future__ import annotations

import subprocess

import pytest

from dev.checks.lint import ASKED, SyntaxChecks
from support import labs

GOOD = "- hosts: localhost\n  gather_facts: false\n  tasks: []\n"
BAD = "- hosts: localhost\n  tasks:\n    - no.such.module:\n      more:\n"


@pytest.fixture
def asked():
    """What was asked of ``subprocess.run`` itself."""
    return []


@pytest.fixture
def checks(asked):
    def otherwise(command, **_how):
        asked.append(command)

    answering = SyntaxChecks(otherwise)
    yield answering
    answering.stop()


def test_a_fork_says_what_the_program_says_of_a_playbook_and_of_one_that_is_none(
    checks, asked, tmp_path
):
    environment = labs.play_environment()
    for name, text in (("good.yml", GOOD), ("bad.yml", BAD)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    how = dict(env=environment, cwd=str(tmp_path), capture_output=True, text=True)
    there = subprocess.run([*ASKED, "bad.yml"], stdin=subprocess.DEVNULL, check=False, **how)
    here = checks.run([*ASKED, "bad.yml"], **how)
    assert (here.returncode, here.stdout) == (there.returncode, there.stdout)
    assert here.stderr == there.stderr != ""
    assert checks.run([*ASKED, "good.yml"], **how).returncode == 0
    assert asked == []


def test_everything_else_is_asked_of_the_program(checks, asked):
    others = ["git", "status"], ["ansible-playbook", "--version"], "ansible-playbook --syntax-check"
    for command in others:
        checks.run(command, env={})
    checks.run([*ASKED, "x.yml"])
    assert asked == [*others, [*ASKED, "x.yml"]]
