"""The one ActionModule: options -> plain values -> converge -> result. FOR INTERNAL COLLECTION USE
ONLY.

The files in plugins/action/ only name a resource and its options.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Mapping

from ansible import constants as C
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import connection_loader
from ansible.utils.display import Display

from .._domain.calls.missing import named
from .._engine.audience import results_are_shown
from .._engine.errors import CmdletMissing, PChatError, Refused, Unreachable
from .._engine.model import ArgumentSpec
from .._engine.plain import plain
from .._engine.visible import all_visible, visible, visible_lines
from .._transport.first_look import Seen
from .._transport.kept_runspaces import Kept
from .._transport.owner.address import Owner
from .._transport.owner.hire import found, hired
from .._transport.session import Limits, PsrpSession
from .._transport.sql_tools import Choice
from .._transport.winrm_endpoint import Endpoint, endpoint_of

__all__ = [
    "Owner",
    "PChatAction",
    "PChatError",
    "Refused",
    "Result",
    "found",
    "plain",
    "run_folder",
    "say",
    "show",
]
display = Display()
# An action is imported once, by the process that forks a worker for each task and host. What is
# loaded here need not be loaded by every worker: reading this plugin's options takes 20 ms.
connection_loader.get("psrp", class_only=True)  # type: ignore[no-untyped-call]
#: What a task returns, by name.
Result = Mapping[str, object]
#: Keys of a result that roles print.
WORDS = frozenset(("msg", "lines", "left_behind", "loss"))
#: Keys of a failure that a role or a program goes on with.
DATA = frozenset(("document", "selected"))


def say(lines: Iterable[str]) -> None:
    """Lines for people, at any verbosity, beside what the stdout callback writes: that may be JSON.
    ``log_path`` gets them as well.
    """
    for line in lines:
        display.display(visible(line), stderr=True)


def show(lines: Iterable[str]) -> None:
    """The lines of a result, for people; our own stdout callback prints them itself."""
    if not results_are_shown():
        say(lines)


class PChatAction(ActionBase):
    """What every action of the collection shares: validated plain options, and errors as results of
    one shape.
    """

    ARGUMENT_SPEC: t.ClassVar[ArgumentSpec] = {}
    CONSTRAINTS: t.ClassVar[dict[str, t.Any]] = {}
    TRANSFERS_FILES = False
    _supports_check_mode = True
    _supports_async = False

    def run(
        self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None
    ) -> dict[str, t.Any]:
        """What Ansible calls. Errors of the collection become a failed result."""
        result = super().run(tmp, task_vars)
        self._vars: dict[str, t.Any] = task_vars or {}
        self._gathered: dict[str, Mapping[str, t.Any]] = {}
        _validation, options = self.validate_argument_spec(  # type: ignore[no-untyped-call]
            argument_spec=self.ARGUMENT_SPEC, **self.CONSTRAINTS
        )
        try:
            result.update(_result_of(plain(self.act(plain(options)))))
        except Unreachable as error:
            result.update(unreachable=True, host=self.host, **_failure(error))
        except CmdletMissing as error:
            result.update(failed=True, host=self.host, **_failure(named(error, self.host)))
        except PChatError as error:
            result.update(failed=True, host=self.host, **_failure(error))
        return result

    def act(self, options: t.Any) -> Result:
        """What the task does. ``options``: those of the argument spec, as plain values; each action
        names their shape.
        """
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
        """A variable of this inventory host, templated; of the play host where that one has
        none.
        """
        value = self.variables_of(host).get(name)
        return self.var(name, default) if value is None else plain(self._templar.template(value))

    @property
    def host(self) -> str:
        """The host that the task acts on, as the topology names it: pchat_fqdn, or the inventory
        name. In lower case.
        """
        fqdn = self.variables_of(self.target).get("pchat_fqdn")
        return str(plain(self._templar.template(fqdn) if fqdn else self.target)).lower()

    def variables_of(self, host: str) -> Mapping[str, t.Any]:
        """The variables of an inventory host, none for one that is not in it.

        Ansible gathers them anew whenever they are asked for, from every group and plugin; while a
        task runs they are the same.
        """
        if host not in self._gathered:
            hostvars: Mapping[str, t.Any] = self._vars.get("hostvars") or {}
            known = host in hostvars
            self._gathered[host] = hostvars[host] if known else {}
        return self._gathered[host]

    @property
    def call_limit(self) -> float:
        """Seconds that one call may take."""
        return float(self.var("pchat_call_timeout", 21600))

    def session(
        self,
        instance: str = "",
        endpoint: Endpoint | None = None,
        *,
        name: str = "",
        whole: float | None = None,
    ) -> PsrpSession:
        """A session over the task's own connection, or over the endpoint of another inventory host.

        ``whole``: seconds for all that it does.
        """
        endpoint = endpoint or endpoint_of(self._connection)
        host = self.host
        is_kept, is_owned = self._keeping()
        return PsrpSession(
            endpoint,
            instance=instance,
            owner=self.owner() if is_owned else None,
            kept=Kept(run_folder(), endpoint.identity) if is_kept else None,
            seen=Seen(run_folder(), endpoint.identity),
            choice=self._sql_choice(name or self.target),
            limits=Limits(
                read=float(self.var("pchat_read_timeout", 600)), write=self.call_limit, whole=whole
            ),
            log=lambda text: display.vvvv(visible_lines(text), host=host),
            tell=lambda text: tell_host(host, text),
        )

    def owner(self) -> Owner | None:
        """Who holds the runspaces of this run, started if there is nobody; None: each session."""
        return hired(run_folder())

    def _keeping(self) -> tuple[bool, bool]:
        """Whether runspaces outlive their task, and whether a process of their own holds them."""
        asked = str(self.var("pchat_keep_sessions", True)).lower()
        is_kept = asked not in ("false", "no", "0")
        return is_kept, is_kept and asked != "disconnected"

    def _sql_choice(self, name: str) -> Choice:
        """Which Invoke-Sqlcmd is taken on this host, and how it connects."""
        return Choice(
            str(self.host_var(name, "pchat_sql_module", "")),
            str(self.host_var(name, "pchat_sql_encryption", "default")).lower(),
        )


def run_folder() -> str:
    """The folder for temporary files of this ansible-playbook process, whatever its workers."""
    # Constants are set when their module is loaded, which nobody sees who only reads it.
    return str(C.DEFAULT_LOCAL_TMP)  # type: ignore[attr-defined]


def tell_host(host: str, text: str) -> None:
    """One line at the verbosity that everybody has; from a worker it travels to the main process,
    which prints it at once.
    """
    say([f"    {host}: {text}"])


def _failure(error: PChatError) -> dict[str, t.Any]:
    """Ansible prints a failed result whole, so all of it is for people, except what programs go on
    with. Lines were printed already, unless the callback prints them from here.
    """
    result: dict[str, t.Any] = {"msg": visible(str(error)), "code": error.code}
    for name, value in plain(error.details).items():
        if name == "lines" and not results_are_shown():
            continue
        result[name] = value if name in DATA else all_visible(value)
    if result.get("done"):
        result["changed"] = True
    return result


def _result_of(result: dict[str, t.Any]) -> dict[str, t.Any]:
    """Of what a task returns, people are shown the words; the rest is data and stays as it is."""
    return {name: all_visible(value) if name in WORDS else value for name, value in result.items()}
