"""A runspace's life, and pipelines sent through it. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import contextlib
import time
import typing as t
from collections.abc import Callable

from .._engine.errors import TimedOut
from .._engine.progress import Progress
from . import failures, pipeline, psrp
from .bounded import within
from .line import Came, Errand, Lease

#: Seconds that a call may run before anything is said about it.
_PATIENCE = 10.0
#: WinRM hosts refuse shorter idle times by default (winrm/config/winrs: MinIdleTimeout 60000 ms).
IDLE_SECONDS = 180
#: Answers without any news, one after the other, after which a pipeline's end must be lost.
_EMPTY_ANSWERS = 25
#: Ended pipelines of one runspace that need not be closed; a session may have a thousand commands
#: (option MaxConcurrentCommandsPerSession of New-PSTransportOption, 1000 by default).
MOST_ENDED = 100
#: For the last requests to a host that may hang.
_HURRIED = {
    "connection_timeout": 5,
    "read_timeout": 10,
    "operation_timeout": 5,
    "reconnection_retries": 0,
}


class Runspace:
    """One runspace of one endpoint, lent to one user after the other.

    ``most_ended``: how many ended pipelines may stay in it; all after them are closed, with a
    request each.
    """

    def __init__(self, lease: Lease, most_ended: int = MOST_ENDED) -> None:
        self._lease = lease
        self._most_ended = most_ended
        self._ended = 0
        self._pool: t.Any = None
        self._wsman: t.Any = None
        self._began: float | None = None

    # -- life ------------------------------------------------------------------------------------
    @property
    def is_open(self) -> bool:
        return self._pool is not None and self._pool.state == psrp.RunspacePoolState.OPENED

    @property
    def _label(self) -> str:
        return self._lease.endpoint.label

    @property
    def id(self) -> str:
        """Of its shell; only while it is open."""
        return str(self._pool.id)

    def lend(self, lease: Lease) -> None:
        """To another user, with the time-outs of that one's endpoint, which is the same host's."""
        self._lease = lease
        self._began = None
        if self._wsman is not None:
            psrp.hurry(self._wsman, lease.endpoint.wsman)

    def open(self) -> None:
        """A fresh one. Raises Unreachable and TimedOut."""
        # Three requests or so: capability, state, and the first Receive.
        with failures.reached("open a runspace", self._label, opening=True):
            within(
                self._left(3 * self._lease.endpoint.request_limit), self._open, self._lease.watch
            )
        self._lease.log(f"runspace {self.id} opened on {self._label}")

    def _open(self) -> None:
        self._wsman = psrp.connection(self._lease.endpoint.wsman)
        self._pool = self._new_pool()
        self._pool.open()

    def _new_pool(self) -> t.Any:
        return psrp.runspace_pool(self._wsman, self._lease.endpoint.configuration, IDLE_SECONDS)

    def take_up(self, shell: str) -> bool:
        """Connect to the shell of an earlier task.

        False when it is gone, or cannot be connected to.
        """
        lease = self._lease
        with failures.reached("open a runspace", self._label, opening=True):
            try:
                within(
                    self._left(2 * self._lease.endpoint.request_limit), lambda: self._adopt(shell)
                )
            except (psrp.WinRMError, ConnectionError) as error:
                lease.log(
                    f"runspace {shell} could not be taken up again ({type(error).__name__}:"
                    f" {error}); opening a fresh one"
                )
                self.forget()
                return False
        lease.log(f"runspace {shell} taken up again on {self._label}")
        return True

    def _adopt(self, shell: str) -> None:
        """Connect to a shell that another process of this run disconnected.

        pypsrp's get_runspace_pools sets the same fields.
        """
        self._wsman = psrp.connection(self._lease.endpoint.wsman)
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

    def disconnect(self) -> bool:
        """For another process to connect to. False when that is not possible here."""
        return self.is_open and self._quietly(self._pool.disconnect)

    def delete(self) -> None:
        if self._pool is not None:
            self._quietly(self._pool.close)
        self.forget()

    def delete_disconnected(self) -> None:
        """It was disconnected, and nobody is to connect to it."""
        if self._quietly(self._pool.connect):
            self._quietly(self._pool.close)
        self.forget()

    def delete_waiting(self, shell: str) -> None:
        """The shell of an earlier task, which nobody is to connect to."""
        if self._quietly(lambda: self._adopt(shell)):
            self._quietly(self._pool.close)
        self.forget()

    def abandon(self) -> None:
        """A request was cut off: its TCP connection and sealing state are lost, so the shell is
        deleted over a fresh connection. The host has one from its first answer on, before the
        runspace is open.
        """
        if self._pool is None or not self._pool.shell.opened:
            self.forget()
            return

        def delete() -> None:
            with psrp.connection({**self._lease.endpoint.wsman, **_HURRIED}) as fresh:
                self._pool.shell.wsman = fresh
                self._pool.close()

        self._quietly(delete)
        self.forget()

    def forget(self) -> None:
        """Without a word to the host, whose idle time-out deletes it."""
        if self._wsman is not None:
            with contextlib.suppress(Exception):
                self._wsman.close()
        self._pool = None
        self._wsman = None
        self._ended = 0

    def reconnect(self) -> None:
        """The next request logs on again: a connection that waited may be cut without a word."""
        if self._wsman is not None:
            psrp.log_on_again(self._wsman)

    def _quietly(self, work: Callable[[], t.Any]) -> bool:
        """Tidying up: whatever goes wrong, the host's idle time-out does it. True when it went
        well.
        """
        try:
            within(self._lease.endpoint.request_limit, work)
        except Exception as error:
            self._lease.log(f"left to its idle time-out ({type(error).__name__})")
            return False
        return True

    # -- limits ----------------------------------------------------------------------------------
    def _left(self, limit: float) -> float:
        """The smaller of this limit and what is left of the whole lease's. Raises TimedOut."""
        whole = self._lease.limits.whole
        now = time.monotonic()
        if self._began is None:
            self._began = now
        if whole is None:
            return limit
        left = self._began + whole - now
        if left <= 0:
            raise TimedOut(
                f"{self._label} answers too slowly: everything that was asked of it"
                f" took longer than {whole:.0f} s, so it counts as not read.",
                waited=round(whole),
            )
        return min(limit, left)

    # -- sending ---------------------------------------------------------------------------------
    def send(self, errand: Errand) -> Came:
        """All that came of the pipeline. Raises Unreachable and TimedOut."""
        shell = pipeline.built(self._pool, errand.statements)
        with failures.reached(errand.what, self._label):
            self._invoke(shell, errand)
            self._end(shell)
        return shell.came()

    def _invoke(self, shell: t.Any, errand: Errand) -> None:
        """Poll until the pipeline ends. pypsrp itself would poll for ever if the message with the
        final state were lost. Raises TimedOut when the errand's limit has passed."""
        lease = self._lease
        started = time.monotonic()
        self._request(shell.begin_invoke)
        empty = 0
        progress = Progress(lease.tell, errand.limit, after=_PATIENCE)
        while shell.state == psrp.PSInvocationState.RUNNING:
            asked = time.monotonic()
            before = shell.volume
            self._request(shell.poll_invoke)
            now = time.monotonic()
            silent = shell.volume == before and now - asked < 0.5
            empty = empty + 1 if silent else 0
            if empty > _EMPTY_ANSWERS and shell.state == psrp.PSInvocationState.RUNNING:
                raise ConnectionError("the host answers but the end of the pipeline never came")
            progress.waited(now - started, f"{errand.brief} is running", shell.said_last)
            if now - started > errand.limit and shell.state == psrp.PSInvocationState.RUNNING:
                self._quietly(shell.stop)
                raise self._too_long(errand, now - started)

    def _request(self, work: Callable[[], object]) -> None:
        if self._wsman is not None:
            psrp.keep_logged_on(self._wsman)
        within(self._left(self._lease.endpoint.request_limit), work, self._lease.watch)

    def _too_long(self, errand: Errand, waited: float) -> TimedOut:
        variable = "pchat_call_timeout" if errand.changes else "pchat_read_timeout"
        return TimedOut(
            f"{errand.brief} was still running on {self._label} after"
            f" {errand.limit:.0f} s and was stopped. Raise {variable} if it needs longer.",
            waited=round(waited),
            cmdlet=errand.call,
        )

    def _end(self, shell: t.Any) -> None:
        """A runspace that lives for hundreds of calls must not pile up ended ones."""
        self._ended += 1
        if self._ended > self._most_ended or psrp.is_old(self._pool):
            self._quietly(shell.close)
        else:
            psrp.drop(self._pool, shell)
