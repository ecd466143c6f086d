"""A runspace's life, and calls sent through it: structured commands, never script text.

One session serves one task on one host. It opens its runspace at the first call, sends every read
of a resource as several statements of one pipeline, and leaves no runspace behind: at the end it is
disconnected and kept for the next task, or deleted. FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import contextlib
import dataclasses
import re
import time
import typing as t
from collections.abc import Callable, Iterator, Sequence

from .._engine.errors import CmdletFailed, PChatError, TimedOut, Unproven, Unreachable
from .._engine.model import Call, Cmdlet, Record, Sql
from .._engine.progress import Progress, Tell
from .._engine.sql_tool import SqlTool
from . import failures, first_look, proof, sql_tools
from .bounded import Overdue, within
from .kept_runspaces import Kept
from .sql_tools import Choice
from .winrm_endpoint import Endpoint

try:
    from . import pipeline, psrp

    PYPSRP_MISSING: str | None = None
# told to the user when the first session opens
except ImportError as missing:
    PYPSRP_MISSING = str(missing)

#: Seconds that a call may run before anything is said about it.
_PATIENCE = 10.0
#: WinRM hosts refuse shorter idle times by default (winrm/config/winrs: MinIdleTimeout 60000 ms).
IDLE_SECONDS = 180
#: Answers without any news, one after the other, after which a pipeline's end must be lost.
_EMPTY_ANSWERS = 25
#: How a pipeline ended, in a word for people.
_ENDED = {
    psrp.PSInvocationState.COMPLETED: "completed",
    psrp.PSInvocationState.FAILED: "failed",
}
#: Seconds beyond the connection's own limits after which one request is given up from outside.
_GRACE = 15.0


@dataclasses.dataclass(frozen=True)
class Limits:
    """Seconds. ``read``: one pipeline that reads; ``write``: one call that changes something;
    ``whole``: everything that this session does, from its first request on (None: no limit)."""

    read: float = 600.0
    write: float = 21600.0
    whole: float | None = None


class LibraryMissing(PChatError):
    code = "library_missing"


class PsrpSession:
    """Implements ``_engine.model.Session``. Use as a context manager.

    ``instance``: the SQL Server instance name that Sql calls are for ('' = default). ``kept``:
    where runspaces wait between tasks, None to open and delete one per task. ``seen``: what the
    first look of this run found here. ``log`` gets everything that is sent; ``tell`` gets lines for
    a person who waits for a call that lasts.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        instance: str = "",
        kept: Kept | None = None,
        seen: first_look.Seen | None = None,
        choice: Choice | None = None,
        limits: Limits | None = None,
        log: Callable[[str], None] = lambda text: None,
        tell: Tell = lambda text: None,
    ) -> None:
        self._endpoint = endpoint
        self._instance = instance
        self._kept = kept
        self._seen = seen or first_look.Seen(None)
        self._choice = choice or Choice()
        self._limits = limits or Limits()
        self._log = log
        self._tell = tell
        self._pool: t.Any = None
        self._wsman: t.Any = None
        self._began: float | None = None
        #: Whether the runspace of an earlier task was taken up again; None before the first call.
        self.taken_up: bool | None = None

    # -- life ------------------------------------------------------------------------------------
    def __enter__(self) -> PsrpSession:
        if PYPSRP_MISSING is not None:
            raise LibraryMissing(
                "The Python library pypsrp (0.9 or later) cannot be imported on the controller: "
                f"{PYPSRP_MISSING}. Install it into the Python that runs ansible-playbook: "
                "pip install 'pypsrp>=0.9'."
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: object,
    ) -> None:
        if self._pool is None:
            return
        known = isinstance(error, PChatError)
        lost = isinstance(error, (Unreachable, TimedOut))
        if error is not None and (lost or not known):
            self._abandon()
        elif not self._leave():
            self._quietly(self._pool.close)
        self._forget()

    @property
    def keeps(self) -> bool:
        """Whether runspaces wait between the tasks of this run."""
        return self._kept is not None

    def close(self) -> bool:
        """Delete the runspace that waits for the next task, if there is one.

        True when there was.
        """
        shell = self._kept.claim() if self._kept is not None else None
        if shell is None:
            return False
        if self._quietly(lambda: self._adopt(shell)):
            self._quietly(self._pool.close)
        self._forget()
        return True

    def _quietly(self, work: Callable[[], t.Any]) -> bool:
        """Tidying up: whatever goes wrong, the host's idle time-out does it. True when it went
        well.
        """
        try:
            within(self._request_limit, work)
        except Exception as error:
            self._log(f"left to its idle time-out ({type(error).__name__})")
            return False
        return True

    def _forget(self) -> None:
        if self._wsman is not None:
            with contextlib.suppress(Exception):
                self._wsman.close()
        self._pool = None
        self._wsman = None

    @property
    def _request_limit(self) -> float:
        """Seconds for one request with all its tries, from outside."""
        options = self._endpoint.wsman
        connect = float(options.get("connection_timeout") or 30)
        answer = float(options.get("read_timeout") or 30)
        tries = 1 + int(options.get("reconnection_retries") or 0)
        return (connect + answer) * tries + _GRACE

    def _left(self, limit: float) -> float:
        """The smaller of this limit and what is left of the whole session's. Raises TimedOut."""
        whole = self._limits.whole
        now = time.monotonic()
        if self._began is None:
            self._began = now
        if whole is None:
            return limit
        left = self._began + whole - now
        if left <= 0:
            raise TimedOut(
                f"{self._endpoint.label} answers too slowly: everything that was asked of it took "
                f"longer than {whole:.0f} s, so it counts as not read.",
                waited=round(whole),
            )
        return min(limit, left)

    def _open(self) -> None:
        if self._pool is not None:
            return
        with self._reached("open a runspace", opening=True):
            shell = self._kept.claim() if self._kept is not None else None
            if shell is not None and self._taken_up(shell):
                return
            # Three requests or so: capability, state, and the first Receive.
            within(self._left(3 * self._request_limit), self._open_fresh)
            self.taken_up = False

    def _open_fresh(self) -> None:
        self._wsman = psrp.connection(self._endpoint.wsman)
        self._pool = self._new_pool()
        self._pool.open()
        self._log(f"runspace {self._pool.id} opened on {self._endpoint.label}")

    def _taken_up(self, shell: str) -> bool:
        """Connect to the shell of an earlier task.

        False when it is gone, or cannot be connected to.
        """
        try:
            within(self._left(2 * self._request_limit), lambda: self._adopt(shell))
        except (psrp.WinRMError, ConnectionError) as error:
            self._log(
                f"runspace {shell} could not be taken up again ({type(error).__name__}: {error}); "
                "opening a fresh one"
            )
            self._forget()
            return False
        self.taken_up = True
        self._log(f"runspace {shell} taken up again on {self._endpoint.label}")
        return True

    def _new_pool(self) -> t.Any:
        return psrp.runspace_pool(self._wsman, self._endpoint.configuration, IDLE_SECONDS)

    def _adopt(self, shell: str) -> None:
        """Connect to a shell that another process of this run disconnected.

        pypsrp's get_runspace_pools sets the same fields.
        """
        self._wsman = psrp.connection(self._endpoint.wsman)
        pool = self._new_pool()
        pool.id = shell
        pool.shell.id = shell
        pool.shell.opened = True
        pool._new_client = True
        pool.state = psrp.RunspacePoolState.DISCONNECTED
        pool.connect()
        # Recorded servers tell the pool's private data after Connect and not its state: that they
        # answered is what says that it is open.
        states = psrp.RunspacePoolState
        if pool.state not in (states.DISCONNECTED, states.OPENED):
            raise ConnectionError(f"the shell answered but is in state {pool.state}")
        pool.state = states.OPENED
        self._pool = pool

    def _leave(self) -> bool:
        """Disconnect the runspace and keep it for the next task.

        False when that is not wanted or not possible here.
        """
        if self._kept is None or self._pool.state != psrp.RunspacePoolState.OPENED:
            return False
        if not self._quietly(self._pool.disconnect):
            return False
        if self._kept.put(str(self._pool.id)):
            return True
        # another task's runspace is waiting already
        if self._quietly(self._pool.connect):
            self._quietly(self._pool.close)
        return True

    def _abandon(self) -> None:
        """A request was cut off: its TCP connection and sealing state are lost, so the shell is
        deleted over a fresh connection."""
        if self._pool is None or self._pool.state != psrp.RunspacePoolState.OPENED:
            return
        hurried = {
            "connection_timeout": 5,
            "read_timeout": 10,
            "operation_timeout": 5,
            "reconnection_retries": 0,
        }

        def delete() -> None:
            with psrp.connection({**self._endpoint.wsman, **hurried}) as fresh:
                self._pool.shell.wsman = fresh
                self._pool.close()

        self._quietly(delete)

    # -- calls -----------------------------------------------------------------------------------
    def read(self, *calls: Call) -> list[list[Record]]:
        """All calls as statements of one pipeline.

        Silence is tried once more: reading changes nothing.
        """
        for call in calls:
            if call.changes:
                raise ValueError(f"a call that changes something is no read: {call}")
        try:
            return self._read(calls)
        except Unreachable as error:
            if error.details.get("attempted_open") or error.code != Unreachable.code:
                raise
            self._log(f"reading again after: {error}")
            self._forget()
            return self._read(calls)

    def _read(self, calls: Sequence[Call]) -> list[list[Record]]:
        """The reads; before the first ones of a run, in the same pipeline, what they rest on is
        tried.
        """
        with_sql = any(isinstance(call, Sql) for call in calls)
        unknown_tool = with_sql and self._seen.tool(self._choice) is None
        if self._seen.looked and not unknown_tool:
            return self._send(calls, self._limits.read)
        asked = first_look.questions(self._choice, with_sql)
        try:
            came = self._send([*asked, *calls], self._limits.read, first=len(asked))
        except (CmdletFailed, Unproven):
            # Only what every version has was passed. With what this host's has, errors tell more.
            if self._seen.tool(self._choice) is None:
                raise
            came = self._send([*asked, *calls], self._limits.read, first=len(asked))
        return came[len(asked) :]

    def run(self, call: Call) -> list[Record]:
        """One writing call, sent exactly once: after a lost connection only a look at the host
        tells whether it acted.
        """
        if isinstance(call, Sql) and self._seen.tool(self._choice) is None:
            self._read([Sql("SET NOCOUNT ON; SELECT 1 AS here;")])
        return self._send([call], self._limits.write)[0]

    def _send(self, calls: Sequence[Call], limit: float, first: int = 0) -> list[list[Record]]:
        """The records of each call. ``first``: how many of them are those of the first look."""
        pipeline.only_one_writes(calls)
        self._open()
        tool = self._seen.tool(self._choice)
        cmdlets = [self._as_cmdlet(call, tool) for call in calls]
        for call in calls[first:]:
            self._log(f"send: {call}")
        marks = pipeline.Marks()
        shell = pipeline.statements(self._pool, cmdlets, marks)
        what = f"run {cmdlets[first].name if first < len(cmdlets) else cmdlets[0].name}"
        with self._reached(what[:120]):
            self._invoke(shell, calls[first:] or calls, limit)
            # a kept shell must not pile up ended commands
            if self._kept is not None:
                self._quietly(shell.close)
            began, found = pipeline.answers(shell, len(calls), marks)
        return self._judged(shell, calls, began, found, first)

    def _as_cmdlet(self, call: Call, tool: SqlTool | None) -> Cmdlet:
        if isinstance(call, Cmdlet):
            return call
        return sql_tools.invocation(call, self._instance, self._choice, tool)

    def _invoke(self, shell: t.Any, calls: Sequence[Call], limit: float) -> None:
        """Poll until the pipeline ends. pypsrp itself would poll for ever if the message with the
        final state were lost. Raises TimedOut when ``limit`` seconds have passed."""
        started = time.monotonic()
        within(self._left(self._request_limit), shell.begin_invoke)
        empty = 0
        progress = Progress(self._tell, limit, after=_PATIENCE)
        while shell.state == psrp.PSInvocationState.RUNNING:
            asked = time.monotonic()
            before = shell.volume
            within(self._left(self._request_limit), shell.poll_invoke)
            now = time.monotonic()
            silent = shell.volume == before and now - asked < 0.5
            empty = empty + 1 if silent else 0
            if empty > _EMPTY_ANSWERS and shell.state == psrp.PSInvocationState.RUNNING:
                raise ConnectionError("the host answers but the end of the pipeline never came")
            progress.waited(now - started, f"{_brief(calls[0])} is running", shell.said_last)
            if now - started > limit and shell.state == psrp.PSInvocationState.RUNNING:
                self._quietly(shell.stop)
                raise self._too_long(calls[0], limit, now - started)

    def _too_long(self, call: Call, limit: float, waited: float) -> TimedOut:
        variable = "pchat_call_timeout" if call.changes else "pchat_read_timeout"
        return TimedOut(
            f"{_brief(call)} was still running on {self._endpoint.label} after {limit:.0f} s and"
            f" was stopped. Raise {variable} if it needs longer.",
            waited=round(waited),
            cmdlet=str(call),
        )

    def _judged(
        self,
        shell: t.Any,
        calls: Sequence[Call],
        began: bool,
        found: Sequence[pipeline.Answer],
        first: int,
    ) -> list[list[Record]]:
        """The records of each call, or the error of the first one that has none."""
        self._learn(found, first)
        out: list[list[Record]] = []
        for number, (call, answer) in enumerate(zip(calls, found, strict=True)):
            if answer.problems and not began and number == 0:
                raise failures.of_records(Cmdlet("Write-Output"), answer.problems)
            if answer.problems:
                raise self._failed(call, answer)
            if not answer.complete:
                raise failures.unanswered(call, _ENDED.get(shell.state, "stopped"))
            if isinstance(call, Sql):
                out.append(proof.judged(call, answer.records))
            else:
                out.append(answer.records)
            if number + 1 == first:
                first_look.judge(self._endpoint.label, out)
                self._seen.save()
        return out

    def _failed(self, call: Call, answer: pipeline.Answer) -> CmdletFailed:
        hint = sql_tools.hint(self._choice, self._seen.tool(self._choice))
        failure = failures.of_records(call, answer.problems, hint)
        if isinstance(call, Sql):
            return proof.with_own_words(call, answer.records, failure)
        return failure

    def _learn(self, found: Sequence[pipeline.Answer], first: int) -> None:
        """Keep what the first look told of the SQL tools, also when a call after it failed."""
        asked = found[:first]
        if len(asked) > 1 and asked[1].complete:
            tool = first_look.tool_told([answer.records for answer in asked])
            if tool is not None:
                self._seen.save_tool(self._choice, tool)

    @contextlib.contextmanager
    def _reached(self, what: str, opening: bool = False) -> Iterator[None]:
        """Anything below the pipeline level means: silence or a refusal of the host, and nobody
        knows what it did with the last request.
        """
        label = self._endpoint.label
        try:
            yield
        except PChatError:
            raise
        except Overdue as error:
            raise Unreachable(
                f"Could not {what} on {label}: it does not answer in time ({error})",
                attempted_open=opening,
            ) from error
        except Exception as error:
            raise failures.of_connection(what, label, error, attempted_open=opening) from error


def _brief(call: Call) -> str:
    """What somebody would call it: the cmdlet, or the statement inside the guard of a batch."""
    if isinstance(call, Cmdlet):
        return call.name
    found = re.search(r"\b(?:BACKUP|RESTORE) (?:DATABASE|LOG) \[(?:[^\]]|\]\])*\]", call.body)
    return found[0] if found else "a batch of T-SQL"
