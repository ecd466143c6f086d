"""Calls become PSRP pipelines: structured commands, never script text.

One ``Session`` serves one task on one host. It opens its runspace at the first call, sends every read of a resource as several
statements of one pipeline, and leaves no runspace behind: at the end it is disconnected and kept for the next task, or deleted.
FOR INTERNAL COLLECTION USE ONLY.
"""
from __future__ import annotations

import contextlib
import re
import threading
import time
import typing as t
from collections.abc import Callable, Iterator

from .._engine.errors import CmdletFailed, PChatError, SqlFailed, TimedOut, Unproven, Unreachable
from .._engine.model import Call, Cmdlet, Record, Sql
from .._engine.progress import Progress
from . import proof
from .clixml import record
from .kept_runspaces import Kept
from .winrm_endpoint import Endpoint

try:
    from pypsrp.complex_objects import PSInvocationState, RunspacePoolState
    from pypsrp.exceptions import WinRMError
    from pypsrp.powershell import PowerShell, RunspacePool
    from pypsrp.serializer import TaggedValue
    from pypsrp.wsman import WSMan
    from requests.exceptions import RequestException
    PYPSRP_MISSING: str | None = None
    LOST: tuple[type[BaseException], ...] = (RequestException, WinRMError, ConnectionError)
except ImportError as error:                          # told to the user when the first session opens
    PYPSRP_MISSING = str(error)
    LOST = (ConnectionError,)

#: Stands between the statements of one pipeline, so that the output of each can be told from the next one's.
_MARK = "pchat-statement-ends:"
#: Clause of the statements that tell how far they are; Invoke-Sqlcmd passes that on with -Verbose.
_STATS = "STATS = "
#: Seconds that a call may run before anything is said about it.
_PATIENCE = 10.0
#: WinRM hosts refuse shorter idle times by default (winrm/config/winrs: MinIdleTimeout... 60000 ms).
IDLE_SECONDS = 180
#: Answers without any news, one after the other, after which a pipeline's end must be taken for lost.
_EMPTY_ANSWERS = 25
#: Always passed: documented limits of Invoke-Sqlcmd would otherwise truncate silently, substitute $(x), or run ':' commands.
_SQLCMD: dict[str, t.Any] = {"QueryTimeout": 65535, "ConnectionTimeout": 30, "MaxCharLength": 1000000, "MaxBinaryLength": 1000000,
                             "AbortOnError": True, "DisableVariables": True, "DisableCommands": True, "ErrorAction": "Stop"}
#: Every new WSMan registers XML namespaces in one dictionary of the whole process, which threads that look at many hosts must not do together.
_ONE_AT_A_TIME = threading.Lock()


class LibraryMissing(PChatError):
    code = "library_missing"


class PsrpSession:
    """Implements ``_engine.model.Session``. Use as a context manager.

    ``instance``: the SQL Server instance name that Sql calls are for ('' = default). ``kept``: where runspaces wait between tasks,
    None to open and delete one per task. ``deadline``: seconds that one call may take. ``log``: gets everything that is sent; ``tell``: gets
    lines for a person who waits for a call that lasts.
    """

    def __init__(self, endpoint: Endpoint, *, instance: str = "", kept: Kept | None = None, deadline: float = 21600.0,
                 log: Callable[[str], None] = lambda text: None, tell: Callable[[str], None] = lambda text: None) -> None:
        self._endpoint, self._instance, self._kept, self._deadline, self._log, self._tell = endpoint, instance, kept, deadline, log, tell
        self._pool: t.Any = None
        self._wsman: t.Any = None
        #: Whether the runspace of an earlier task was taken up again; None before the first call.
        self.taken_up: bool | None = None

    # -- life ---------------------------------------------------------------------------------------------------------------
    def __enter__(self) -> PsrpSession:
        if PYPSRP_MISSING is not None:
            raise LibraryMissing(f"The Python library pypsrp (0.9 or later) cannot be imported on the controller: {PYPSRP_MISSING}. "
                                 "Install it into the Python that runs ansible-playbook: pip install 'pypsrp>=0.9'.")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if self._pool is None:
            return
        cut_off = error is not None and (not isinstance(error, PChatError) or isinstance(error, (Unreachable, TimedOut)))
        if cut_off:
            self._abandon()
        elif not self._leave():
            with contextlib.suppress(*LOST):
                self._pool.close()
        self._forget()

    @property
    def keeps(self) -> bool:
        """Whether runspaces wait between the tasks of this run."""
        return self._kept is not None

    def close(self) -> bool:
        """Delete the runspace that waits for the next task, if there is one. True when there was."""
        shell = self._kept.claim() if self._kept is not None else None
        if shell is None:
            return False
        with contextlib.suppress(*LOST):
            self._adopt(shell)
            self._pool.close()
        self._forget()
        return True

    def _forget(self) -> None:
        if self._wsman is not None:
            with contextlib.suppress(Exception):
                self._wsman.close()
        self._pool = self._wsman = None

    def _open(self) -> None:
        if self._pool is not None:
            return
        with self._reached("open a runspace"):
            shell = self._kept.claim() if self._kept is not None else None
            if shell is not None:
                try:
                    self._adopt(shell)
                    self.taken_up = True
                    self._log(f"runspace {shell} taken up again on {self._endpoint.label}")
                    return
                except LOST as error:                 # gone, or this endpoint does not disconnect: a fresh one always works
                    self._log(f"runspace {shell} could not be taken up again ({type(error).__name__}: {error}); opening a fresh one")
                    self._forget()
            self._wsman = _new_wsman(self._endpoint.wsman)
            self._pool = self._new_pool()
            self._pool.open()
            self.taken_up = False
            self._log(f"runspace {self._pool.id} opened on {self._endpoint.label}")

    def _new_pool(self) -> t.Any:
        return RunspacePool(self._wsman, configuration_name=self._endpoint.configuration, idle_timeout=IDLE_SECONDS)

    def _adopt(self, shell: str) -> None:
        """Connect to a shell that another process of this run disconnected (pypsrp's get_runspace_pools sets the same fields)."""
        self._wsman = _new_wsman(self._endpoint.wsman)
        pool = self._new_pool()
        pool.id = pool.shell.id = shell
        pool.shell.opened, pool._new_client, pool.state = True, True, RunspacePoolState.DISCONNECTED
        pool.connect()
        # Recorded servers tell the pool's private data after Connect and not its state: that they answered is what says that it is open.
        if pool.state not in (RunspacePoolState.DISCONNECTED, RunspacePoolState.OPENED):
            raise ConnectionError(f"the shell answered but is in state {pool.state}")
        pool.state = RunspacePoolState.OPENED
        self._pool = pool

    def _leave(self) -> bool:
        """Disconnect the runspace and keep it for the next task. False when that is not wanted or not possible here."""
        if self._kept is None or self._pool.state != RunspacePoolState.OPENED:
            return False
        try:
            self._pool.disconnect()
        except LOST as error:
            self._log(f"this endpoint does not keep runspaces ({type(error).__name__}: {error})")
            return False
        if self._kept.put(str(self._pool.id)):
            return True
        with contextlib.suppress(*LOST):              # another task's runspace is waiting already
            self._pool.connect()
            self._pool.close()
        return True

    def _abandon(self) -> None:
        """A request was cut off: its TCP connection and sealing state are lost, so delete the shell over a fresh connection."""
        if self._pool is None or self._pool.state != RunspacePoolState.OPENED:
            return
        try:
            fresh = _new_wsman({**self._endpoint.wsman, "connection_timeout": 5, "read_timeout": 10, "operation_timeout": 5,
                                "reconnection_retries": 0})
            with fresh:
                self._pool.shell.wsman = fresh
                self._pool.close()
        except Exception as error:                    # best effort: the idle time-out ends it otherwise
            self._log(f"runspace {self._pool.id} is left to its idle time-out ({type(error).__name__})")

    # -- calls --------------------------------------------------------------------------------------------------------------
    def read(self, *calls: Call) -> list[list[Record]]:
        """All calls as statements of one pipeline. A lost connection is tried once more: reading changes nothing."""
        try:
            return self._send(calls)
        except Unreachable as error:
            if error.details.get("attempted_open"):
                raise
            self._log(f"reading again after: {error}")
            self._forget()
            return self._send(calls)

    def run(self, call: Call) -> list[Record]:
        """One writing call, sent exactly once: after a lost connection only a look at the host tells whether it acted."""
        return self._send((call,))[0]

    def _send(self, calls: tuple[Call, ...]) -> list[list[Record]]:
        self._open()
        shell = PowerShell(self._pool)
        for number, call in enumerate(calls):
            if number:
                shell.add_statement()
                shell.add_cmdlet("Write-Output").add_parameter("InputObject", f"{_MARK}{number}")
                shell.add_statement()
            cmdlet = self._as_cmdlet(call)
            self._log(f"send: {call}")
            shell.add_cmdlet(cmdlet.name)
            for name, value in {"ErrorAction": "Stop", **cmdlet.params}.items():
                shell.add_parameter(name, _encode(value))
        with self._reached(f"run {calls[0] if isinstance(calls[0], Sql) else calls[0].name}"[:120]):
            self._invoke(shell, calls)
            if self._kept is not None:                # a kept shell must not pile up ended commands
                with contextlib.suppress(*LOST):
                    shell.close()
        return self._sorted_out(shell, calls)

    def _as_cmdlet(self, call: Call) -> Cmdlet:
        if isinstance(call, Cmdlet):
            return call
        server = f".\\{self._instance}" if self._instance else "."
        return Cmdlet("Invoke-Sqlcmd", {"ServerInstance": server, "Database": call.database, "Query": call.text, **_SQLCMD,
                                        **({"Verbose": True} if _STATS in call.text else {})})

    def _invoke(self, shell: t.Any, calls: tuple[Call, ...]) -> None:
        """Poll until the pipeline ends. pypsrp itself would poll for ever if the message with the final state were lost."""
        started = time.monotonic()
        shell.begin_invoke()
        empty = 0
        progress = Progress(self._tell, self._deadline, after=_PATIENCE)
        while shell.state == PSInvocationState.RUNNING:
            asked, seen = time.monotonic(), _volume(shell)
            shell.poll_invoke()
            now = time.monotonic()
            empty = empty + 1 if _volume(shell) == seen and now - asked < 0.5 else 0
            if empty > _EMPTY_ANSWERS and shell.state == PSInvocationState.RUNNING:
                raise ConnectionError("the host answers but the end of the pipeline never came")
            progress.waited(now - started, f"{_brief(calls[0])} is running", _said_last(shell))
            if now - started > self._deadline:
                with contextlib.suppress(*LOST):
                    shell.stop()
                raise TimedOut(f"{calls[0]} was still running after {self._deadline:.0f} s and was stopped. "
                               "Raise pchat_call_timeout if it needs longer.", waited=round(now - started))

    def _sorted_out(self, shell: t.Any, calls: tuple[Call, ...]) -> list[list[Record]]:
        """Output by call; raises for the call at which the pipeline stopped."""
        out: list[list[Record]] = [[]]
        for item in shell.output:
            if isinstance(item, str) and item.startswith(_MARK):
                out.append([])
            elif item is not None and item != "":
                out[-1].append(record(item))
        if shell.had_errors or shell.streams.error:
            call = calls[min(len(out), len(calls)) - 1]
            raise _failure(call, list(shell.streams.error), out[-1])
        if len(out) < len(calls):
            raise Unproven(f"The pipeline ended, but no answer of {calls[len(out)]} came, and no error that says why.", cmdlet=str(calls[len(out)]))
        return [proof.judged(call, rows) if isinstance(call, Sql) else rows for call, rows in zip(calls, out, strict=True)]

    @contextlib.contextmanager
    def _reached(self, what: str) -> Iterator[None]:
        """Anything below the pipeline level means: unreachable, and nobody knows what the host did with the last request."""
        opening = self._pool is None
        try:
            yield
        except LOST as error:
            raise Unreachable(f"Could not {what} on {self._endpoint.label}: {_explain(error)}", attempted_open=opening) from error


def _new_wsman(options: t.Mapping[str, t.Any]) -> t.Any:
    with _ONE_AT_A_TIME:
        return WSMan(**options)


def _volume(shell: t.Any) -> int:
    streams = shell.streams
    return sum(map(len, (shell.output, streams.error, streams.warning, streams.verbose, streams.debug, streams.progress)))


def _encode(value: t.Any) -> t.Any:
    """Types that pypsrp would send narrower than they are."""
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int) and not -(2**31) <= value < 2**31:
        return TaggedValue("I64", value)
    if isinstance(value, float):
        return TaggedValue("Db", value)
    if isinstance(value, (list, tuple)):
        return [_encode(v) for v in value]
    if isinstance(value, dict):
        return {k: _encode(v) for k, v in value.items()}
    return value


def _explain(error: BaseException) -> str:
    name, text = type(error).__name__, str(error)
    if name == "AuthenticationError":
        return (f"{text} Check ansible_user, ansible_password and the authentication that the listener offers.")
    if name == "SSLError":
        return (f"{text} The certificate is not trusted: give the issuing CA as ansible_psrp_ca_cert (or ansible_winrm_ca_trust_path).")
    if name in ("ReadTimeout", "ConnectTimeout"):
        return "it does not answer in time"
    return f"{name}: {text}"


def _brief(call: Call) -> str:
    """What somebody would call it: the cmdlet, or the statement inside the guard of a batch."""
    if isinstance(call, Cmdlet):
        return call.name
    found = re.search(r"\b(?:BACKUP|RESTORE) (?:DATABASE|LOG) \[(?:[^\]]|\]\])*\]", call.body)
    return found[0] if found else "a batch of T-SQL"


def _said_last(shell: t.Any) -> str:
    """BACKUP and RESTORE say every tenth percent, as an informational message."""
    said = shell.streams.verbose
    return str(getattr(said[-1], "message", said[-1])).strip() if said else ""


def _failure(call: Call, errors: list[t.Any], records: list[Record]) -> CmdletFailed:
    """The error records of a pipeline as one exception; SQL errors keep their order (the cause comes before 3013 or 5069)."""
    texts = [_text(e) for e in errors] or ["the pipeline failed without an error record"]
    message = " | ".join(dict.fromkeys(texts))
    first = errors[0] if errors else None
    details: dict[str, t.Any] = {
        "error_id": str(getattr(first, "fq_error", "") or ""), "category": str(getattr(first, "category", "") or ""),
        "target": str(getattr(first, "target_name", "") or "")}
    if isinstance(call, Cmdlet):
        return CmdletFailed(f"{call.name} failed: {message}", cmdlet=str(call), **details)
    printed = [int(n) for n in re.findall(r"\b(?:Msg|Error) (\d+)\b", message)]
    details["errors"] = printed or proof.error_numbers(records)
    return SqlFailed(f"SQL Server refused: {message}", cmdlet=str(call), **details)


def _text(record_: t.Any) -> str:
    exception = getattr(record_, "exception", None)
    message = getattr(exception, "message", None) or getattr(exception, "adapted_properties", {}).get("Message")
    return str(message or record_).strip()
