"""How a run is struck at its n-th write.

Killed: the lab executes the write, or does not, and never answers; then ansible-playbook is killed
with everything it started, and the lab answers again. Connection lost: the write is executed and
its answer cut off; the run goes on to find out. Run again: a batch of T-SQL is executed twice, in
whole or after having got half-way, as some versions of Invoke-Sqlcmd do; the run goes on.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
import typing as t

from support import labs
from support.outage import codes

#: Kind -> when the run is killed, in the lab's word.
KILLED = {"killed before": "before", "killed after": "after"}
#: Kinds for batches of T-SQL only.
RUN_AGAIN = ("twice", "half-way")
#: Kind after which the run goes on -> the fault that the lab is given.
GOES_ON: t.Mapping[str, tuple[str, ...]] = {
    "connection lost after": ("when=after", "action=drop"),
    "twice": ("action=twice",),
    "half-way": ("action=half_way",),
}
KINDS = (*KILLED, *GOES_ON)

#: Seconds that a run may take to the write at which it is killed.
PATIENCE = 300.0


class NotReached(Exception):
    """The playbook ended before the write that it was to be struck at."""


def strike(
    lab: labs.Lab, number: int, kind: str, playbook: str, arguments: t.Sequence[str] = ()
) -> labs.Run | None:
    """Run the playbook and strike its n-th write from now; the run, unless it was killed.

    A run that is returned may have failed: the next one must not. Raises NotReached.
    """
    if kind in KILLED:
        _kill(lab, number, KILLED[kind], lab.command(playbook, *arguments))
        return None
    fault = lab.add_fault("write", f"number={number}", *GOES_ON[kind])
    try:
        run = lab.play(playbook, *arguments)
        if not lab.has_fired(fault):
            raise NotReached(f"the run ended (rc {run.rc}) before write {number}: {codes(run)}")
    finally:
        lab.chatlab("fault", "clear", fault)
    return run


def strike_many(
    lab: labs.Lab,
    writes: t.Iterable[tuple[str, ...]],
    kind: str,
    playbook: str,
    arguments: t.Sequence[str] = (),
) -> list[labs.Run]:
    """Run the playbook and strike all of these writes, in a way after which it goes on.

    ``writes``: fields of the lab's fault that say which one it is. When a run fails in which one
    was struck, the next one goes on, and is struck where the others come; the runs, of which the
    last one ended well or was struck by nothing.
    """
    faults = [lab.add_fault("write", *which, *GOES_ON[kind]) for which in writes]
    left = set(faults)
    runs = []
    try:
        while True:
            runs.append(lab.play(playbook, *arguments))
            fired = {fault for fault in left if lab.has_fired(fault)}
            left -= fired
            if not runs[-1].rc or not fired:
                return runs
    finally:
        for fault in faults:
            lab.chatlab("fault", "clear", fault)


def _kill(lab: labs.Lab, number: int, when: str, command: list[str]) -> None:
    """Run a playbook until its n-th write from now hangs, then kill it with all its workers."""
    fault = lab.add_fault("write", f"number={number}", f"when={when}", "action=hang")
    process = subprocess.Popen(
        command,
        cwd=labs.ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=labs.play_environment(),
        start_new_session=True,
    )
    try:
        _wait_until_it_hangs(lab, fault, number, process)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        lab.chatlab("fault", "clear", fault)


def _wait_until_it_hangs(
    lab: labs.Lab, fault: str, number: int, process: subprocess.Popen[bytes]
) -> None:
    ends = time.monotonic() + PATIENCE
    while not lab.has_fired(fault):
        if process.poll() is not None:
            raise NotReached(f"the run ended (rc {process.returncode}) before write {number}")
        if time.monotonic() > ends:
            raise NotReached(f"write {number} was not reached within {PATIENCE:.0f} s")
        time.sleep(0.1)
