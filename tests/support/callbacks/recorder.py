"""Ansible callback that writes every task result of a run as one JSON line, for tests that compare
runs.
"""

from __future__ import annotations

import json
import os
import typing as t

from ansible.parsing import ajson
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: recorder
type: aggregate
short_description: Task results as JSON lines
description: Writes to the file named by the environment variable RECORD_RESULTS.
"""


#: Ansible's own, which knows its marked values; every version has it there, not every one says so.
ENCODER: type[json.JSONEncoder] = vars(ajson)["AnsibleJSONEncoder"]


class CallbackModule(CallbackBase):
    """Results are of a class that has another name in each version of Ansible."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "recorder"

    def __init__(self) -> None:
        super().__init__()
        self._path = os.environ.get("RECORD_RESULTS")

    def _write(self, status: str, result: t.Any) -> None:
        if not self._path:
            return
        task = result._task
        host = result._host.get_name()
        told = {}
        for key, value in result._result.items():
            if not key.startswith("_ansible"):
                told[key] = value
        line = {
            "status": status,
            "host": host,
            "on": told.get("host") or host,
            "task": task.get_name(),
            "action": task.action,
            "result": told,
        }
        with open(self._path, "a", encoding="utf-8") as file:
            file.write(json.dumps(line, cls=ENCODER) + "\n")

    def _write_once(self, status: str, result: t.Any) -> None:
        """The result of a loop follows those of its items, and says nothing more."""
        if "results" not in result._result:
            self._write(status, result)

    def v2_runner_on_ok(self, result: t.Any) -> None:
        self._write_once("ok", result)

    def v2_runner_item_on_ok(self, result: t.Any) -> None:
        self._write("ok", result)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self._write_once("failed", result)

    def v2_runner_item_on_failed(self, result: t.Any) -> None:
        self._write("failed", result)

    def v2_runner_on_unreachable(self, result: t.Any) -> None:
        self._write("unreachable", result)
