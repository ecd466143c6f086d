"""Tasks in the process of their run, where Ansible forks one for each.

A fork, and the pages that it copies when it writes to them, take a third of the processor time of a
run that does little. What a task does is the same: it gets copies of what its worker would have
changed for itself alone, and its result goes through the same queue. What is not the same: hosts of
one task come one after the other, and modules of Python keep what a task left in them. Tests of
workers (what they leave, how they are killed) run with workers.

Written for the strategy of ansible-core 2.19; with another one the run has its workers.
"""

from __future__ import annotations

import copy
import importlib
import inspect
import sys
import typing as t

#: What the worker of ansible-core 2.19 is made with.
KNOWN = {
    "final_q",
    "task_vars",
    "host",
    "task",
    "play_context",
    "loader",
    "variable_manager",
    "shared_loader_obj",
    "worker_id",
    "cliargs",
}


def install() -> bool:
    """From here on tasks of this process have no workers; False: this ansible-core is unknown."""
    worker: t.Any = importlib.import_module("ansible.executor.process.worker")
    strategy: t.Any = importlib.import_module("ansible.plugins.strategy")
    made_with = set(inspect.signature(worker.WorkerProcess.__init__).parameters) - {"self"}
    if made_with != KNOWN or not hasattr(worker, "_task"):
        return False
    strategy.WorkerProcess = _without_a_process(worker)
    sys.stdout, sys.stderr = (t.cast("t.TextIO", _Through(to)) for to in (sys.stdout, sys.stderr))
    return True


class _Through:
    """What a worker prints past Ansible is kept apart and warned of; here it is seen at once."""

    def __init__(self, to: t.TextIO) -> None:
        self._to = to

    def getvalue(self) -> str:
        """Nothing was kept apart."""
        return ""

    def __getattr__(self, name: str) -> t.Any:
        return getattr(self._to, name)


def _without_a_process(worker: t.Any) -> type:
    class InThisProcess(worker.WorkerProcess):  # type: ignore[misc]
        """A worker that has done its task when it was started."""

        exitcode = 0
        _task: t.Any
        _host: t.Any

        def start(self) -> None:
            self._task = _own_copy(self._task)
            self._host = copy.copy(self._host)
            with worker._task.TaskContext(self._task):
                self._run()

        def is_alive(self) -> bool:
            return False

    return InThisProcess


def _own_copy(task: t.Any) -> t.Any:
    """What is templated in a task stays its own; the blocks and roles around it are only read."""
    own = task.copy(exclude_parent=True)
    own._parent = task._parent
    return own
