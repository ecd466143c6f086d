"""A run that somebody ends in its midst, or that stands still while another one goes through."""

from __future__ import annotations

import contextlib
import os
import pathlib
import signal
import subprocess
import tempfile
import time

from support import labs

#: Seconds in which a run comes to the write at which it is interrupted, or to its end.
PATIENCE = 120.0


class Begun:
    """ansible-playbook, at its n-th write or at its end.

    ``at_its_write``: the lab has carried the write out, and the run waits for the answer.
    """

    def __init__(self, lab: labs.Lab, command: list[str], number: int) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._record = pathlib.Path(self._folder.name, "results.jsonl")
        self._printed = pathlib.Path(self._folder.name, "printed")
        self._lab = lab
        self._fault = lab.add_fault("write", f"number={number}", "when=after", "action=hang")
        with self._printed.open("wb") as printed:
            self._process = subprocess.Popen(
                command,
                cwd=labs.ROOT,
                stdin=subprocess.DEVNULL,
                stdout=printed,
                stderr=subprocess.STDOUT,
                env=labs.play_environment(self._record),
                start_new_session=True,
            )
        self.at_its_write = self._comes_to_its_write()

    def stand_still(self) -> None:
        """As a laptop whose lid was closed: the answer comes, and nobody reads it."""
        os.killpg(self._process.pid, signal.SIGSTOP)
        self._lab.chatlab("fault", "clear", self._fault)

    def wake_up(self, timeout: float) -> labs.Run:
        """It goes on to its end."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGCONT)
        return self.end(timeout)

    def end(self, timeout: float) -> labs.Run:
        """What it printed and told until its end."""
        try:
            self._process.wait(timeout)
        finally:
            self.kill()
        results = labs.recorded_in(self._record)
        output = self._printed.read_text(encoding="utf-8", errors="replace")
        self._folder.cleanup()
        return labs.Run(self._process.returncode, output, results)

    def kill(self) -> None:
        """It and its workers, wherever they are; what has ended stays as it is."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        with contextlib.suppress(labs.LabError):
            self._lab.chatlab("fault", "clear", self._fault)

    def _comes_to_its_write(self) -> bool:
        ends = time.monotonic() + PATIENCE
        while self._process.poll() is None and time.monotonic() < ends:
            if self._lab.has_fired(self._fault):
                return True
            time.sleep(0.1)
        return False
