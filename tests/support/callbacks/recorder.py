"""Ansible callback that writes every task result of a run as one JSON line, for tests that compare runs."""

from __future__ import annotations

import json
import os

from ansible.parsing.ajson import AnsibleJSONEncoder
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: recorder
type: aggregate
short_description: Task results as JSON lines
description: Writes to the file named by the environment variable RECORD_RESULTS.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "recorder"

    def __init__(self):
        super().__init__()
        self._path = os.environ.get("RECORD_RESULTS")

    def _write(self, status, result):
        if not self._path:
            return
        task = result._task
        line = {
            "status": status,
            "host": result._host.get_name(),
            "on": result._result.get("host") or result._host.get_name(),
            "task": task.get_name(),
            "action": task.action,
            "result": {k: v for k, v in result._result.items() if not k.startswith("_ansible")},
        }
        with open(self._path, "a", encoding="utf-8") as file:
            file.write(json.dumps(line, cls=AnsibleJSONEncoder) + "\n")

    def v2_runner_on_ok(self, result):
        if "results" not in result._result:
            self._write("ok", result)

    def v2_runner_item_on_ok(self, result):
        self._write("ok", result)

    def v2_runner_on_failed(self, result, ignore_errors=False):
        if "results" not in result._result:
            self._write("failed", result)

    def v2_runner_item_on_failed(self, result):
        self._write("failed", result)

    def v2_runner_on_unreachable(self, result):
        self._write("unreachable", result)
