"""One resource is read, planned and brought to its wanted state: what most actions are. FOR
INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import hashlib
import os
import typing as t

import yaml
from ansible import constants as C

from .._engine.engine import Outcome, converge
from .._engine.model import Facts, Resource, Step
from .._engine.plain import plain
from .._engine.visible import visible, visible_lines
from .base import PChatAction, display, tell_host

#: Facts with this prefix carry the predictions of a check run from task to task, one fact per
#: scope: the items of a loop each add theirs.
PREDICTED = "pchat_predicted_"


class ResourceAction(PChatAction):
    """One resource is read, planned and, outside check mode, brought to its wanted state."""

    RESOURCE: type[Resource[t.Any, t.Any]]

    def act(self, options: dict[str, t.Any]) -> dict[str, t.Any]:
        resource = self.RESOURCE(options, self.host)
        with self.session(str(options.get("sql_instance") or "")) as session:
            outcome = converge(
                resource,
                session,
                self._task.check_mode,
                known=self._known(),
                tell=lambda text: tell_host(self.host, text),
                limit=self.call_limit,
            )
        return self._result(resource, outcome)

    def _known(self) -> dict[str, t.Any]:
        """What earlier tasks of this very run predicted; a fact cache may hold those of another
        run.
        """
        facts = [
            plain(value)
            for name, value in (self._vars.get("ansible_facts") or {}).items()
            if str(name).startswith(PREDICTED)
        ]
        return {fact["scope"]: fact["facts"] for fact in facts if fact["run"] == _run_id()}

    def _result(self, resource: Resource[t.Any, t.Any], outcome: Outcome) -> dict[str, t.Any]:
        result: dict[str, t.Any] = {
            "changed": bool(outcome.steps),
            "host": self.host,
            "before": outcome.before,
            "after": outcome.after,
            "state": outcome.after,
            "steps": [_as_dict(step) for step in outcome.steps],
        }
        for step in outcome.steps:
            display.vv(visible(f"{step.name}: {step.why}"), host=self.host)
        if outcome.assumed:
            result["assumed"] = list(outcome.assumed)
        if outcome.predictions:
            result["ansible_facts"] = {
                PREDICTED + hashlib.sha256(scope.encode()).hexdigest()[:12]: {
                    "run": _run_id(),
                    "scope": scope,
                    "facts": facts,
                }
                for scope, facts in outcome.predictions.items()
            }
        if self._task.diff and outcome.steps:
            result["diff"] = _diff(resource.scope, outcome)
        return result


def _as_dict(step: Step[t.Any]) -> dict[str, t.Any]:
    return {
        "name": step.name,
        "why": step.why,
        "one_way": step.one_way,
        "calls": [str(call) for call in step.calls],
    }


def _run_id() -> str:
    """One ansible-playbook process has one temporary folder, whatever its workers."""
    return os.path.basename(C.DEFAULT_LOCAL_TMP)


def _diff(scope: str, outcome: Outcome) -> list[dict[str, str]]:
    """The state that differs as a diff, and each step with its reason and exact calls as text."""
    keys = [k for k in outcome.after if outcome.before.get(k) != outcome.after[k]]
    return [
        {
            "before_header": scope,
            "after_header": scope,
            "before": _as_yaml({key: outcome.before.get(key) for key in keys}),
            "after": _as_yaml({key: outcome.after.get(key) for key in keys}),
        },
        {"prepared": visible_lines("\n".join(_told(step) for step in outcome.steps)) + "\n"},
    ]


def _as_yaml(facts: Facts) -> str:
    return visible_lines(
        yaml.safe_dump(plain(facts), allow_unicode=True, default_flow_style=False, width=140)
    )


def _told(step: Step[t.Any]) -> str:
    lines = [f"step {step.name}{' (one-way)' if step.one_way else ''}: {step.why}"]
    for call in step.calls:
        lines += ["    " + line for line in str(call).splitlines()]
    if step.settles is not None:
        lines.append(
            f"    then wait until {step.settles.until} (at most {step.settles.timeout:.0f} s)"
        )
    return "\n".join(lines)
