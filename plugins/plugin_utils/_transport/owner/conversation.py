"""What one worker asks of the owner: the owner's half of the conversation. FOR INTERNAL COLLECTION
USE ONLY.
"""

from __future__ import annotations

import threading
from multiprocessing.connection import Connection

from ..._engine.errors import PChatError, Unreachable
from ..._engine.model import Cmdlet
from .. import failures
from ..line import Came, Errand, Lease
from ..runspace import Runspace
from .holding import Holding
from .messages import Abandon, Arrived, Close, Done, Forget, Leave, Lend, Prepare, Said


class Gone(BaseException):
    """The worker, or the whole run, is not there any more. No host's fault, so no ``Exception``."""


#: Seconds between two looks at whether the owner is about to end.
_LOOK = 0.5
#: Changes nothing and cannot fail: sent to see whether a runspace is still there.
_TRIAL = Errand(
    statements=(Cmdlet("Write-Output", {"InputObject": "pchat"}),),
    what="try the runspace",
    brief="a trial of the runspace",
    call="Write-Output pchat",
    limit=60.0,
    changes=False,
)


class Conversation:
    """With one worker, about one endpoint. ``ending``: the owner is about to end."""

    def __init__(self, connection: Connection, holding: Holding, ending: threading.Event) -> None:
        self._connection = connection
        self._holding = holding
        self._ending = ending
        self._lease: Lease | None = None
        self._runspace: Runspace | None = None
        self._taken_up = False
        #: Whether the runspace has answered since it was lent.
        self._has_answered = False

    def lead(self) -> None:
        """To its end. A worker that goes without a word leaves nothing running behind."""
        try:
            while self._next():
                pass
        except (OSError, EOFError, Gone):
            self._abandon()

    def _next(self) -> bool:
        """One question and its answer. False after the last one."""
        while not self._connection.poll(_LOOK):
            if self._ending.is_set():
                raise Gone
        asked = self._connection.recv()
        if isinstance(asked, Abandon):  # the host may hang; the worker need not wait for it
            self._connection.send(Done())
            self._abandon()
            return False
        if isinstance(asked, Prepare):
            self._prepare(asked)
            return False
        try:
            answer = self._answer(asked)
        except PChatError as error:
            self._connection.send(error)
            return True
        self._connection.send(answer)
        return not isinstance(asked, (Leave, Close))

    def _answer(self, asked: object) -> Arrived | Done:
        if isinstance(asked, Lend):
            self._lend(self._lease_of(asked))
        elif isinstance(asked, Errand):
            return Arrived(self._send(asked), self._taken_up)
        elif isinstance(asked, Forget):
            self._forget()
        elif isinstance(asked, Leave):
            self._leave()
        elif isinstance(asked, Close):
            return Done(self._close(self._lease_of(asked)))
        return Done()

    def _lease_of(self, asked: Lend | Close) -> Lease:
        return Lease(
            asked.endpoint,
            asked.limits,
            log=lambda text: self._connection.send(Said(text)),
            tell=lambda text: self._connection.send(Said(text, to_people=True)),
            watch=self._watch,
        )

    def _watch(self) -> None:
        """While it waits for an answer a worker says nothing: what comes is its end."""
        if self._ending.is_set() or self._connection.poll():
            raise Gone

    def _watch_the_run(self) -> None:
        """As ``_watch``, where no worker waits."""
        if self._ending.is_set():
            raise Gone

    # -- the runspace ----------------------------------------------------------------------------
    def _lend(self, lease: Lease) -> None:
        self._lease = lease
        self._runspace = self._holding.take(lease)
        self._taken_up = self._runspace is not None
        if self._runspace is not None:
            lease.log(f"runspace {self._runspace.id} goes on, on {lease.endpoint.label}")

    def _prepare(self, asked: Prepare) -> None:
        """The worker goes on as soon as others would wait for it. Whatever goes wrong is found, and
        told, by the task that needs the runspace.
        """
        self._lease = Lease(asked.endpoint, asked.limits, watch=self._watch_the_run)
        with self._holding.preparing(asked.endpoint.way) as coming:
            self._connection.send(Done())
            if coming is None:
                return
            try:
                runspace = self._opened()
            except PChatError as error:
                coming.error = error
                return
            try:
                runspace.send(asked.errand)
            except PChatError:
                self._abandon()
                return
            self._leave()

    def _send(self, errand: Errand) -> Came:
        """A runspace that waited may be lost. What only reads is sent again then; what changes
        something is sent when a trial has come back.
        """
        runspace = self._opened()
        if not self._has_answered and errand.changes:
            runspace = self._tried(runspace, _TRIAL)[0]
        elif not self._has_answered:
            return self._tried(runspace, errand)[1]
        return runspace.send(errand)

    def _opened(self) -> Runspace:
        if self._lease is None:
            raise EOFError("a worker that was lent nothing")
        if self._runspace is None or not self._runspace.is_open:
            self._runspace = Runspace(self._lease)
            self._taken_up = False
            self._runspace.open()
            self._has_answered = True
        return self._runspace

    def _tried(self, runspace: Runspace, errand: Errand) -> tuple[Runspace, Came]:
        """The runspace that carried it out, this one or a fresh one, and what came of it."""
        try:
            came = runspace.send(errand)
        except Unreachable as error:
            if failures.is_late(error):
                error.details["attempted_open"] = True  # to ask again is to wait again
                raise
            self._say(f"the runspace is lost ({error}); opening a fresh one")
            self._forget()
            runspace = self._opened()
            came = runspace.send(errand)
        self._has_answered = True
        return runspace, came

    def _say(self, text: str) -> None:
        if self._lease is not None:
            self._lease.log(text)

    def _forget(self) -> None:
        if self._runspace is not None:
            self._runspace.forget()
        self._runspace = None

    def _given_back(self) -> Runspace | None:
        runspace = self._runspace
        self._runspace = None
        return runspace

    def _leave(self) -> None:
        runspace = self._given_back()
        if runspace is None or self._lease is None:
            return
        if not self._holding.put(runspace, self._lease.endpoint.way):
            runspace.delete()

    def _abandon(self) -> None:
        """Nobody listens any more."""
        runspace = self._given_back()
        if runspace is None or self._lease is None:
            return
        runspace.lend(Lease(self._lease.endpoint, self._lease.limits))
        runspace.abandon()

    def _close(self, lease: Lease) -> bool:
        runspace = self._holding.take(lease)
        if runspace is None:
            return False
        runspace.delete()
        return True
