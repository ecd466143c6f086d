"""The one ActionModule: options -> plain values -> converge -> result. FOR INTERNAL COLLECTION USE ONLY.

The files in plugins/action/ only name a resource and its options.
"""
from __future__ import annotations

import hashlib
import os
import typing as t

import yaml
from ansible import constants as C
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ._domain.missing import named
from ._engine.engine import Outcome, converge
from ._engine.errors import CmdletMissing, PChatError, Refused, Unreachable
from ._engine.model import Resource, State, Step
from ._engine.plain import plain
from ._engine.visible import all_visible, visible, visible_lines
from ._transport.first_look import Seen
from ._transport.kept_runspaces import Kept
from ._transport.session import Limits, PsrpSession
from ._transport.sql_tools import Choice
from ._transport.winrm_endpoint import Endpoint, endpoint_of

__all__ = ["PChatAction", "PChatError", "Refused", "ResourceAction", "plain", "say"]
display = Display()

#: Facts with this prefix carry the predictions of a check run from task to task, one fact per scope: the items of a loop each add theirs.
PREDICTED = "pchat_predicted_"
#: Keys of a result that roles print.
WORDS = frozenset(("msg", "lines", "left_behind", "loss"))
#: Keys of a failure that a role or a program goes on with.
DATA = frozenset(("document", "selected"))


def say(lines: t.Iterable[str]) -> None:
    """Lines for people, at any verbosity, beside what the stdout callback writes: that may be JSON. ``log_path`` gets them as well."""
    for line in lines:
        display.display(visible(line), stderr=True)


class PChatAction(ActionBase):
    """What every action of the collection shares: validated plain options, and errors as results of one shape."""

    ARGUMENT_SPEC: dict[str, t.Any] = {}
    CONSTRAINTS: dict[str, t.Any] = {}
    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False

    def run(self, tmp=None, task_vars=None):
        result = super().run(tmp, task_vars)
        self._vars = task_vars or {}
        _validation, options = self.validate_argument_spec(argument_spec=self.ARGUMENT_SPEC, **self.CONSTRAINTS)
        try:
            result.update(_result_of(plain(self.act(plain(options)))))
        except Unreachable as error:
            result.update(unreachable=True, host=self.host, **_failure(error))
        except CmdletMissing as error:
            result.update(failed=True, host=self.host, **_failure(named(error, self.host)))
        except PChatError as error:
            result.update(failed=True, host=self.host, **_failure(error))
        return result

    def act(self, options: dict[str, t.Any]) -> dict[str, t.Any]:
        raise NotImplementedError

    def var(self, name: str, default: t.Any) -> t.Any:
        """A variable of the play host, templated."""
        value = self._vars.get(name)
        return default if value is None else plain(self._templar.template(value))

    @property
    def target(self) -> str:
        """The inventory name of the host that the task acts on."""
        return str(self._task.delegate_to or self._vars.get("inventory_hostname", ""))

    def host_var(self, host: str, name: str, default: t.Any) -> t.Any:
        """A variable of this inventory host, templated; of the play host where that one has none."""
        hostvars = self._vars.get("hostvars") or {}
        value = hostvars[host].get(name) if host in hostvars else None
        return self.var(name, default) if value is None else plain(self._templar.template(value))

    @property
    def host(self) -> str:
        """The host that the task acts on, as the topology names it: pchat_fqdn, or the inventory name. In lower case."""
        hostvars = self._vars.get("hostvars") or {}
        fqdn = hostvars[self.target].get("pchat_fqdn") if self.target in hostvars else None
        return str(plain(self._templar.template(fqdn) if fqdn else self.target)).lower()

    @property
    def call_limit(self) -> float:
        """Seconds that one call may take."""
        return float(self.var("pchat_call_timeout", 21600))

    def session(self, instance: str = "", endpoint: Endpoint | None = None, *, name: str = "", whole: float | None = None) -> PsrpSession:
        """A session over the task's own connection, or over the endpoint of another inventory host. ``whole``: seconds for all that it does."""
        endpoint, host = endpoint or endpoint_of(self._connection), self.host
        kept = Kept(C.DEFAULT_LOCAL_TMP, endpoint.identity) if self.var("pchat_keep_sessions", True) not in (False, "false", "no", 0) else None
        return PsrpSession(
            endpoint, instance=instance, kept=kept, seen=Seen(C.DEFAULT_LOCAL_TMP, endpoint.identity), choice=self._sql_choice(name or self.target),
            limits=Limits(read=float(self.var("pchat_read_timeout", 600)), write=self.call_limit, whole=whole),
            log=lambda text: display.vvvv(visible_lines(text), host=host), tell=lambda text: _tell(host, text))

    def _sql_choice(self, name: str) -> Choice:
        """Which Invoke-Sqlcmd is taken on this host, and how it connects."""
        return Choice(str(self.host_var(name, "pchat_sql_module", "")), str(self.host_var(name, "pchat_sql_encryption", "default")).lower())


class ResourceAction(PChatAction):
    """One resource is read, planned and, outside check mode, brought to its wanted state."""

    RESOURCE: type[Resource]

    def act(self, options: dict[str, t.Any]) -> dict[str, t.Any]:
        resource = self.RESOURCE(options, self.host)
        with self.session(str(options.get("sql_instance") or "")) as session:
            outcome = converge(resource, session, self._task.check_mode, known=self._known(), tell=lambda text: _tell(self.host, text),
                               limit=self.call_limit)
        return self._result(resource, outcome)

    def _known(self) -> dict[str, t.Any]:
        """What earlier tasks of this very run predicted; a fact cache may hold those of another run."""
        facts = [plain(value) for name, value in (self._vars.get("ansible_facts") or {}).items() if str(name).startswith(PREDICTED)]
        return {fact["scope"]: fact["facts"] for fact in facts if fact["run"] == _run_id()}

    def _result(self, resource: Resource, outcome: Outcome) -> dict[str, t.Any]:
        result: dict[str, t.Any] = {
            "changed": bool(outcome.steps), "host": self.host, "before": outcome.before, "after": outcome.after, "state": outcome.after,
            "steps": [{"name": s.name, "why": s.why, "one_way": s.one_way, "calls": [str(c) for c in s.calls]} for s in outcome.steps]}
        for step in outcome.steps:
            display.vv(visible(f"{step.name}: {step.why}"), host=self.host)
        if outcome.assumed:
            result["assumed"] = list(outcome.assumed)
        if outcome.predictions:
            result["ansible_facts"] = {PREDICTED + hashlib.sha256(scope.encode()).hexdigest()[:12]: {"run": _run_id(), "scope": scope, "facts": facts}
                                       for scope, facts in outcome.predictions.items()}
        if self._task.diff and outcome.steps:
            result["diff"] = _diff(resource.scope, outcome)
        return result


def _tell(host: str, text: str) -> None:
    """One line at the verbosity that everybody has; from a worker it travels to the main process, which prints it at once."""
    say([f"    {host}: {text}"])


def _run_id() -> str:
    """One ansible-playbook process has one temporary folder, whatever its workers."""
    return os.path.basename(C.DEFAULT_LOCAL_TMP)


def _failure(error: PChatError) -> dict[str, t.Any]:
    """Ansible prints a failed result whole, so all of it is for people, except what programs go on with."""
    details = {name: value if name in DATA else all_visible(value) for name, value in plain(error.details).items()}
    result = {"msg": visible(str(error)), "code": error.code, **details}
    if result.get("done"):
        result["changed"] = True
    return result


def _result_of(result: dict[str, t.Any]) -> dict[str, t.Any]:
    """Of what a task returns, people are shown the words; the rest is data and stays as it is."""
    return {name: all_visible(value) if name in WORDS else value for name, value in result.items()}


def _diff(scope: str, outcome: Outcome) -> list[dict[str, str]]:
    """The state that differs as a diff, and each step with its reason and exact calls as text."""
    keys = [k for k in outcome.after if outcome.before.get(k) != outcome.after[k]]
    sides = {side: _as_yaml({k: state.get(k) for k in keys}) for side, state in (("before", outcome.before), ("after", outcome.after))}
    return [{"before_header": scope, "after_header": scope, **sides},
            {"prepared": visible_lines("\n".join(_told(step) for step in outcome.steps)) + "\n"}]


def _as_yaml(state: State) -> str:
    return visible_lines(yaml.safe_dump(plain(state), allow_unicode=True, default_flow_style=False, width=140))


def _told(step: Step) -> str:
    lines = [f"step {step.name}{' (one-way)' if step.one_way else ''}: {step.why}"]
    for call in step.calls:
        lines += ["    " + line for line in str(call).splitlines()]
    if step.settles is not None:
        lines.append(f"    then wait until {step.settles.until} (at most {step.settles.timeout:.0f} s)")
    return "\n".join(lines)
