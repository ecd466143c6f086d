"""A tool that is asked to end leaves neither a playbook nor a lab behind."""

from __future__ import annotations

import json
import os
import pathlib
import signal
import subprocess
import sys
import time

import pytest

from support import labs

PARENT = """
import os, subprocess, sys, time
deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
child = subprocess.Popen([sys.executable, "-c", deaf])
print(os.getpid(), child.pid, flush=True)
time.sleep(60)
"""


def _lives(pid: int) -> bool:
    try:
        return (
            pathlib.Path(f"/proc/{pid}/stat")
            .read_text(encoding="ascii", errors="replace")
            .rpartition(")")[2]
            .split()[0]
            != "Z"
        )
    except OSError:
        return False


def _ended(pid: int, within: float = 15) -> bool:
    ends = time.monotonic() + within
    while _lives(pid) and time.monotonic() < ends:
        time.sleep(0.05)
    return not _lives(pid)


def test_a_run_that_is_left_ends_with_its_workers(monkeypatch):
    monkeypatch.setattr(labs, "GRACE", 0.5)
    with labs.started([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True) as process:
        pids = [int(word) for word in process.stdout.readline().split()]
        assert all(_lives(pid) for pid in pids)
    assert all(_ended(pid) for pid in pids)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_is_an_exception_for_as_long_as_the_block_lasts(number):
    before = signal.getsignal(number)
    with pytest.raises(labs.Terminated, match=number.name), labs.ends_in_order():
        signal.raise_signal(number)
    assert signal.getsignal(number) == before


STORY = """
import pathlib, sys, time
from dev.commands import outage_story
from support import labs

def run(lab, dirty, for_people):
    with labs.started([sys.executable, "-c", "import time; time.sleep(60)"]) as playbook:
        print(lab.chatlab("clock")["now"] and playbook.pid, flush=True)
        playbook.wait()
outage_story.run = run
sys.exit(outage_story.main())
"""


@pytest.fixture
def environment(tmp_path):
    paths = os.pathsep.join((str(labs.ROOT / "tests" / "lab"), str(labs.ROOT / "tests")))
    return {**os.environ, "CHATLAB_HOME": str(tmp_path), "PYTHONPATH": paths}


def _labs_in(home: pathlib.Path) -> list[str]:
    return [row["name"] for row in labs.chatlab(home, "ps")]


def test_a_story_that_is_told_to_end_leaves_no_lab_and_no_playbook(environment, tmp_path):
    with subprocess.Popen(
        [sys.executable, "-c", STORY],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    ) as process:
        playbook = int(process.stdout.readline())
        assert _labs_in(tmp_path) == ["failover"]
        process.terminate()
        said = process.communicate(timeout=60)[0]
    assert process.returncode == 143
    assert "Ended by SIGTERM" in said
    assert _ended(playbook)
    assert _labs_in(tmp_path) == []


def test_a_lab_whose_starter_is_killed_before_it_listens_does_not_live_on(environment, tmp_path):
    starter = subprocess.Popen(
        [sys.executable, "-m", "pchat_lab", "up", "--name", "orphan"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    ends = time.monotonic() + 30
    while not (tmp_path / "orphan" / "lab.log").exists() and time.monotonic() < ends:
        time.sleep(0.01)
    (lab,) = _children(starter.pid, ends)
    starter.kill()
    starter.wait()
    assert _ended(lab, 60)
    assert _labs_in(tmp_path) == []


def _children(pid: int, ends: float) -> list[int]:
    while time.monotonic() < ends:
        found = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
        if found:
            return [int(word) for word in found]
        time.sleep(0.01)
    return []


def test_a_mistake_in_an_estate_is_told_by_up_without_a_traceback(environment, tmp_path):
    file = tmp_path / "mine.yml"
    file.write_text(json.dumps({"name": "mine"}), encoding="ascii")
    done = subprocess.run(
        [sys.executable, "-m", "pchat_lab", "up", "--estate", str(file)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("chatlab: mine.yml: product, domain, dns_suffix")
    assert done.stderr.count("\n") == 1
