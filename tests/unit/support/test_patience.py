"""Who has a session of his own lets others go first all the same."""

from __future__ import annotations

import os
import pathlib
import subprocess
import sys

import pytest

from support import labs, patience

WEIGHED = pathlib.Path("/proc/self/autogroup")
WAIT = [sys.executable, "-c", "input()"]
NICER = [sys.executable, "-c", "import os; print(os.nice(3), flush=True); input()"]


def nice_of_session(pid):
    """As sched(7) has it: "/autogroup-N nice M"."""
    return int(pathlib.Path(f"/proc/{pid}/autogroup").read_text(encoding="ascii").split()[-1])


@pytest.mark.skipif(not WEIGHED.exists(), reason="this kernel does not weigh sessions")
def test_a_session_of_its_own_is_as_nice_as_its_process():
    pipe = subprocess.PIPE
    with subprocess.Popen(NICER, stdin=pipe, stdout=pipe, start_new_session=True) as process:
        nice = int(process.stdout.readline())
        assert nice_of_session(process.pid) == 0 != nice
        patience.make_session_as_nice(process.pid)
        assert nice_of_session(process.pid) == nice
        process.communicate(b"\n")


def test_a_process_that_is_gone_is_let_go():
    with subprocess.Popen(WAIT, stdin=subprocess.PIPE) as process:
        process.communicate(b"\n")
    patience.make_session_as_nice(process.pid)


@pytest.mark.skipif(not WEIGHED.exists(), reason="this kernel does not weigh sessions")
def test_a_program_is_as_patient_as_who_starts_it():
    with labs.started(["sleep", "9"]) as process:
        assert nice_of_session(process.pid) == os.getpriority(os.PRIO_PROCESS, 0)
