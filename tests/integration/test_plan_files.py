"""What a check run writes for review is what it told, whole, and what the run then sends."""

from __future__ import annotations

import re

import pytest
from unit.domain.scriptdom import syntax_errors

from support.outage import ANSWERS
from support.printed_commands import wrong_with

POOL = "chat.contoso.example"
#: A value that only the run can know.
LATER = "(known after the step)"


def review(lab, folder, playbook, *arguments):
    run = lab.play(playbook, "--check", *arguments, "-e", f"pchat_plan_folder={folder}")
    assert run.rc == 0, run.output[-3000:]
    return run, {path.name: path.read_text(encoding="utf-8") for path in (folder / POOL).iterdir()}


def planned_calls(run):
    """What the run told, each without blanks: files have line breaks between statements."""
    return ["".join(call.split()) for step in run.steps() for call in step[3]]


def holds(files, call):
    """Whether some file has the call; T-SQL is told with its database before it."""
    body = re.sub(r"^USE\[.*?\];", "", call)
    return any(body in "".join(text.split()) for name, text in files.items() if name != "plan.md")


@pytest.mark.parametrize("estate", ["bare_lab", "built_lab"])
def test_the_files_hold_every_planned_call_and_parse(request, estate, tmp_path):
    lab = request.getfixturevalue(estate)
    asked = ("site",)
    if estate == "built_lab":
        asked = ("failover", *ANSWERS, "-e", "failover_mode=planned")
    run, files = review(lab, tmp_path, *asked)
    calls = planned_calls(run)
    assert len(calls) > 10
    assert [call for call in calls if not holds(files, call)] == []
    assert len(re.findall(r"^\| \d+ \|", files["plan.md"], re.MULTILINE)) == len(run.steps())
    for name, text in files.items():
        if name.endswith(".sql"):
            assert syntax_errors(text, "2012") == [], name
        elif name.endswith(".ps1"):
            commands = re.sub(r"^#.*\n", "", text, flags=re.MULTILINE)
            assert wrong_with(commands) == [], name
    if estate == "built_lab":
        assert "First one-way move: back_up_tail" in files["plan.md"]
    later = [call for call in calls if "".join(LATER.split()) in call]
    marked = sum(text.count(f"PLACEHOLDER {LATER}") for text in files.values())
    assert marked == len(later)
