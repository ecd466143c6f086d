# Copyright: the lync.persistent_chat contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
from __future__ import annotations

DOCUMENTATION = r"""
name: night
type: stdout
short_description: What counts at three in the morning
version_added: 1.0.0
description:
  - Shows the plan of a failover, a failback or a mirror failover, each move as C(5 of 9) with its
    seconds, what failed or was refused (once, with the hosts), and a closing block that says
    where the pool runs, what was lost, for how long nobody could write, what is left behind and
    what to run next. Of a build it shows each step that is taken, with its reason.
  - Tasks that change nothing are not shown. With C(-v) and more everything is, as the callback
    P(ansible.builtin.default#callback) shows it, and the moves beside it.
  - With any other callback the plan, the status and the progress are printed beside what the
    callback writes, on stderr.
  - Characters that act on a terminal and do not show are written as escapes.
extends_documentation_fragment:
  - default_callback
  - result_format_callback
requirements:
  - set as stdout in configuration
seealso:
  - plugin: ansible.builtin.default
    plugin_type: callback
author:
  - The lync.persistent_chat developers (@lync-persistent-chat)
"""

EXAMPLES = r"""
ansible.cfg: |
  [defaults]
  stdout_callback = lync.persistent_chat.night
"""

import time
import typing as t
from collections.abc import Iterable

from ansible import constants as C
from ansible import context
from ansible.plugins.callback.default import CallbackModule as Default

from ..plugin_utils._domain.terminal.night import Night
from ..plugin_utils._domain.terminal.told import Begun, Line, Recap, Returned, Told
from ..plugin_utils._engine import audience
from ..plugin_utils._engine.plain import plain
from ..plugin_utils._engine.visible import visible, visible_lines

COLLECTION = "lync.persistent_chat."
_COLOURS = {
    "plain": None,
    "good": C.COLOR_OK,  # type: ignore[attr-defined]
    "bad": C.COLOR_ERROR,  # type: ignore[attr-defined]
    "change": C.COLOR_CHANGED,  # type: ignore[attr-defined]
}


class CallbackModule(Default):
    """Hands what happens to ``Night`` as plain values, and prints its lines.

    At a higher verbosity Ansible's own callback prints as well.
    """

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "lync.persistent_chat.night"

    def __init__(self) -> None:
        super().__init__()
        self._night = Night(time.monotonic, checking=False)

    @property
    def _is_quiet(self) -> bool:
        return bool(self._display.verbosity < 1)

    def _show(self, lines: Iterable[Line]) -> None:
        for line in lines:
            self._display.display(visible(line.text), color=_COLOURS[line.tone])

    # -- the run and its tasks
    def v2_playbook_on_start(self, playbook: t.Any) -> None:
        audience.show_results()
        self._night = Night(time.monotonic, checking=bool(context.CLIARGS.get("check")))
        if not self._is_quiet:
            super().v2_playbook_on_start(playbook)

    def v2_playbook_on_play_start(self, play: t.Any) -> None:
        self._show(self._night.task_over())
        if not self._is_quiet:
            super().v2_playbook_on_play_start(play)

    def v2_playbook_on_task_start(self, task: t.Any, is_conditional: bool) -> None:
        self._show(self._night.task_over())
        if not self._is_quiet:
            super().v2_playbook_on_task_start(task, is_conditional)

    def v2_playbook_on_handler_task_start(self, task: t.Any) -> None:
        self._show(self._night.task_over())
        if not self._is_quiet:
            super().v2_playbook_on_handler_task_start(task)

    def v2_runner_on_start(self, host: t.Any, task: t.Any) -> None:
        self._show(self._night.begins(host.get_name(), _begun(task)))
        super().v2_runner_on_start(host, task)

    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        if not self._is_quiet:
            super().v2_playbook_on_stats(stats)
        self._show(self._night.over(_recap(stats)))

    # -- what came of a task
    def v2_runner_on_ok(self, result: t.Any) -> None:
        if "results" not in result._result:
            self._show(self._night.ends_well(_told(result)))
        if self._is_quiet:
            self._warn(result)
        else:
            super().v2_runner_on_ok(result)

    def v2_runner_item_on_ok(self, result: t.Any) -> None:
        self._show(self._night.ends_well(_told(result)))
        if self._is_quiet:
            self._warn(result)
        else:
            super().v2_runner_item_on_ok(result)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        lines: list[Line] = []
        if "results" not in result._result:
            lines = list(self._night.fails(_told(result), ignore_errors))
        if self._is_quiet:
            self._warn(result)
            self._show(lines)
        else:
            super().v2_runner_on_failed(result, ignore_errors)

    def v2_runner_item_on_failed(self, result: t.Any) -> None:
        if not self._is_quiet:
            super().v2_runner_item_on_failed(result)
            return
        self._warn(result)
        self._show(self._night.fails(_told(result), bool(result._task.ignore_errors)))

    def v2_runner_on_unreachable(self, result: t.Any) -> None:
        if not self._is_quiet:
            super().v2_runner_on_unreachable(result)
            return
        self._warn(result)
        self._show(self._night.silent(_told(result), bool(result._task.ignore_unreachable)))

    def v2_on_file_diff(self, result: t.Any) -> None:
        if not self._is_quiet:
            super().v2_on_file_diff(result)
            return
        for one in result._result.get("results") or [result._result]:
            if one.get("diff") and one.get("changed"):
                self._show_diff(_task_name(result), result._host.get_name(), one["diff"])

    def _show_diff(self, task: str, host: str, diff: t.Any) -> None:
        parts = diff if isinstance(diff, list) else [diff]
        text = self._get_diff([_visible_diff(part) for part in parts])
        if text:
            self._show([Line(f"{host}: {task}")])
            # Its colours are Ansible's; what hosts wrote was made visible before.
            self._display.display(text)

    def _warn(self, result: t.Any) -> None:
        """Warnings of a task; Ansible's display says the same one only once."""
        self._handle_warnings(result._result)

    def _handle_exception(self, result: t.Any, use_stderr: bool = False) -> None:
        """What was hidden stays so: ansible-core 2.19 keeps the exception of a hidden result and
        would print its text at a higher verbosity.
        """
        if "censored" not in result:
            super()._handle_exception(result, use_stderr)

    # -- what is not worth a line
    def v2_runner_on_skipped(self, result: t.Any) -> None:
        if not self._is_quiet:
            super().v2_runner_on_skipped(result)

    def v2_runner_item_on_skipped(self, result: t.Any) -> None:
        if not self._is_quiet:
            super().v2_runner_item_on_skipped(result)

    def v2_playbook_on_include(self, included_file: t.Any) -> None:
        if not self._is_quiet:
            super().v2_playbook_on_include(included_file)

    def v2_playbook_on_no_hosts_matched(self) -> None:
        if not self._is_quiet:
            super().v2_playbook_on_no_hosts_matched()

    def v2_playbook_on_no_hosts_remaining(self) -> None:
        if not self._is_quiet:
            super().v2_playbook_on_no_hosts_remaining()


def _begun(task: t.Any) -> Begun:
    """Loop variables of an include are variables of its tasks; no other ones are looked at."""
    move = task.get_vars().get("outage_move")
    return Begun(
        id=task._uuid,
        name=task.get_name().strip(),
        action=_action(task),
        move=plain(move) if isinstance(move, dict) else None,
    )


def _told(result: t.Any) -> Told:
    returned: Returned = plain(result._result)
    return Told(
        host=result._host.get_name(),
        task=_task_name(result),
        action=_action(result._task),
        result=returned,
        speaks=bool(result._result.get("_ansible_verbose_always")),
    )


def _task_name(result: t.Any) -> str:
    return str(result.task_name or result._task.get_name()).strip()


def _action(task: t.Any) -> str:
    """The name of a task's action in this collection, '' for others."""
    name = str(getattr(task, "resolved_action", None) or task.action)
    if not name.startswith(COLLECTION):
        return ""
    return name.removeprefix(COLLECTION)


def _visible_diff(part: t.Any) -> dict[str, t.Any]:
    """A part of a diff that acts on no terminal."""
    shown: dict[str, t.Any] = {}
    for name, value in plain(part).items():
        shown[name] = visible_lines(value) if isinstance(value, str) else value
    return shown


def _recap(stats: t.Any) -> Recap:
    hosts = sorted(stats.processed)
    counted = {host: stats.summarize(host) for host in hosts}
    return Recap(
        hosts=len(hosts),
        changed=sum(counts["changed"] for counts in counted.values()),
        failed=tuple(host for host in hosts if counted[host]["failures"]),
        silent=tuple(host for host in hosts if counted[host]["unreachable"]),
    )
