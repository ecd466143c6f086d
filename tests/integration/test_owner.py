"""The process that holds the runspaces of a run: with it, without it, and when somebody kills it or
the run.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import time

import pytest

from support import labs
from support.owners import owners

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="it is Linux's")


def wait_for(found, seconds=120):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        value = found()
        if value:
            return value
        time.sleep(0.1)
    raise AssertionError("it did not come")


def runspaces(lab):
    """How many the hosts have at the moment, and how many pipelines they have had."""
    total = lab.chatlab("stats")["total"]
    return total.get("shells", 0), total.get("pipelines", 0)


def looked(lab, *arguments):
    """What a run took that only looks, and leaves nothing."""
    lab.chatlab("stats", "--reset")
    run = lab.play("preflight", *arguments, workers=True)
    assert run.rc == 0, run.output[-3000:]
    total = lab.chatlab("stats")["total"]
    assert total["shells"] == 0
    assert "Unable to remove" not in run.output + run.beside
    return total


def test_a_run_logs_on_once_at_each_host_and_leaves_nothing(bare_lab):
    took = looked(bare_lab)
    assert took.get("connects", 0) == 0
    assert took["requests"] <= 1.3 * (2 * took["pipelines"] + 7 * took["runspaces"])
    wait_for(lambda: not owners(bare_lab), 5)


def test_without_an_owner_runspaces_wait_disconnected(bare_lab):
    took = looked(bare_lab, "-e", "pchat_keep_sessions=disconnected")
    assert took["connects"] > 0
    assert owners(bare_lab) == []


@contextlib.contextmanager
def under_way(lab, *arguments):
    """A run of preflight.yml that has begun to read."""
    lab.chatlab("stats", "--reset")
    command = lab.command("preflight", *arguments)
    with labs.started(command, env=labs.play_environment()) as run:
        wait_for(lambda: owners(lab) and runspaces(lab)[1])
        yield run


def test_a_run_that_is_killed_leaves_no_process_and_no_runspace(bare_lab):
    with under_way(bare_lab) as run:
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
        wait_for(lambda: not owners(bare_lab), 30)
    assert runspaces(bare_lab)[0] == 0


def test_a_run_whose_owner_is_killed_goes_on_without_it(bare_lab):
    with under_way(bare_lab) as run:
        for owner in owners(bare_lab):
            os.kill(owner, signal.SIGKILL)
        assert run.wait(300) == 0
    assert owners(bare_lab) == []
