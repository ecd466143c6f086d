"""A stdout callback that writes one JSON document when the run has ended, as those of other collections do, for tests of what is printed beside it."""

from __future__ import annotations

import json

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = r"""
name: one_document
type: stdout
short_description: The run as one JSON document
description: Names of the tasks that ended well, and the messages of those that did not.
"""


class CallbackModule(CallbackBase):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "one_document"

    def __init__(self):
        super().__init__()
        self._ended = {"ok": [], "failed": []}

    def v2_runner_on_ok(self, result):
        self._ended["ok"].append(result._task.get_name())

    def v2_runner_on_failed(self, result, ignore_errors=False):
        self._ended["failed"].append(str(result._result.get("msg")))

    def v2_playbook_on_stats(self, stats):
        self._display.display(json.dumps(self._ended))
