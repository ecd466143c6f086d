"""A stdout callback that writes one JSON document when the run has ended, as those of other
collections do, for tests of what is printed beside it.
"""

from __future__ import annotations

import json
import typing as t

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

    def __init__(self) -> None:
        super().__init__()
        self._ended: dict[str, list[str]] = {"ok": [], "failed": []}

    def v2_runner_on_ok(self, result: t.Any) -> None:
        self._ended["ok"].append(result._task.get_name())

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self._ended["failed"].append(str(result._result.get("msg")))

    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        self._display.display(json.dumps(self._ended))
