"""One resource is read, planned and brought to its wanted state: what most actions are. FOR
INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import hashlib
import os
import typing as t

import yaml

from .._engine.engine import Outcome, Predictions, converge
from .._engine.model import Facts, Resource, Step
from .._engine.plain import plain
from .._engine.visible import visible, visible_lines
from . import planned_steps
from .base import PChatAction, display, run_folder, tell_host

#: Facts with this prefix carry the predictions of a check run from task to task, one fact per
#: scope: the items of a loop each add theirs.
PREDICTED = "pchat_predicted_"


class Prediction(t.TypedDict):
    """What a fact of a check run carries. ``run``: the run that it belongs to."""

    run: str
    scope: str
    facts: Facts


class ResourceAction(PChatAction):
    """One resource is read, planned and, outside check mode, brought to its wanted state."""

    RESOURCE: t.ClassVar[type[Resource[t.Any, t.Any]]]

    def act(self, options: t.Any) -> dict[str, t.Any]:
        """Also ``state``, the facts of the resource; of one that can change them ``before``,
        ``after`` and ``steps``.
        """
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
        if outcome.predictions and self.var("pchat_plan_folder", ""):
            self._keep_for_review(outcome, str(options.get("sql_instance") or ""))
        return self._result(resource, outcome)

    def _known(self) -> Predictions:
        """What earlier tasks of this very run predicted; a fact cache may hold those of another
        run.
        """
        known: dict[str, Facts] = {}
        for name, value in (self._vars.get("ansible_facts") or {}).items():
            if not str(name).startswith(PREDICTED):
                continue
            fact: Prediction = plain(value)
            if fact["run"] == _run_id():
                known[fact["scope"]] = fact["facts"]
        return known

    def _keep_for_review(self, outcome: Outcome, instance: str) -> None:
        """What this task of a check run would send, for the task that writes it down."""
        move = self.var("outage_move", {})
        planned_steps.keep(
            run_folder(),
            str(self.var("pchat_pool", "")),
            {
                "task": str(self._task.name),
                "move": str(move.get("name", "")),
                "host": self.host,
                "instance": instance,
                "steps": [planned_steps.planned(step) for step in outcome.steps],
            },
        )

    def _result(self, resource: Resource[t.Any, t.Any], outcome: Outcome) -> dict[str, t.Any]:
        result: dict[str, t.Any] = {
            "changed": bool(outcome.steps),
            "host": self.host,
            "state": outcome.after,
        }
        if not resource.tells_only:
            result |= {
                "before": outcome.before,
                "after": outcome.after,
                "steps": [_as_dict(step) for step in outcome.steps],
            }
        for step in outcome.steps:
            display.vv(visible(f"{step.name}: {step.why}"), host=self.host)
        if outcome.assumed:
            result["assumed"] = list(outcome.assumed)
        if outcome.predictions:
            result["ansible_facts"] = _as_facts(outcome.predictions)
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


def _as_facts(predictions: Predictions) -> dict[str, Prediction]:
    facts: dict[str, Prediction] = {}
    for scope, predicted in predictions.items():
        name = PREDICTED + hashlib.sha256(scope.encode()).hexdigest()[:12]
        facts[name] = {"run": _run_id(), "scope": scope, "facts": predicted}
    return facts


def _run_id() -> str:
    """One ansible-playbook process has one folder for temporary files."""
    return os.path.basename(run_folder())


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
        {"prepared": visible_lines("\n".join(map(_as_text, outcome.steps))) + "\n"},
    ]


def _as_yaml(facts: Facts) -> str:
    return visible_lines(
        yaml.safe_dump(plain(facts), allow_unicode=True, default_flow_style=False, width=140)
    )


def _as_text(step: Step[t.Any]) -> str:
    one_way = " (one-way)" if step.one_way else ""
    lines = [f"step {step.name}{one_way}: {step.why}"]
    for call in step.calls:
        lines += ["    " + line for line in str(call).splitlines()]
    if step.settles is not None:
        lines.append(
            f"    then wait until {step.settles.until} (at most {step.settles.timeout:.0f} s)"
        )
    return "\n".join(lines)
