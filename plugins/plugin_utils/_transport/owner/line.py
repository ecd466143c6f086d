"""A line through the owner: the worker's half of the conversation. FOR INTERNAL COLLECTION USE
ONLY.
"""

from __future__ import annotations

import contextlib
import time
import typing as t
from collections.abc import Callable
from multiprocessing.connection import Connection

from ..._engine.errors import PChatError, Unreachable
from ..line import Came, Errand, Lease, Line
from .messages import Abandon, Asked, Close, Done, Forget, Leave, Lend, Prepare, Said
from .watched import is_run_over

#: Requests that may come before and after those of an errand: a runspace is found lost, another
#: one is opened, and the errand is sent again.
_REQUESTS = 12
#: Seconds that the owner itself may need.
_PATIENCE = 60.0


class Lost(Exception):
    """The owner has ended, or does not answer any more."""


class OwnedLine:
    """Implements ``line.Line``. ``instead``: makes the line that is used once the owner is gone."""

    def __init__(self, connection: Connection, lease: Lease, instead: Callable[[], Line]) -> None:
        self._connection = connection
        self._lease = lease
        self._instead = instead
        self._other: Line | None = None
        self._is_lent = False
        self._taken_up: bool | None = None

    @property
    def taken_up(self) -> bool | None:
        return self._taken_up if self._other is None else self._other.taken_up

    def send(self, errand: Errand) -> Came:
        if self._other is not None:
            return self._other.send(errand)
        try:
            self._lend()
        except Lost:  # before anything was asked of the host
            return self._turned().send(errand)
        try:
            arrived = self._ask(errand, errand.limit)
        except Lost as error:
            self._turned()
            raise self._unknown(errand) from error
        self._taken_up = arrived.taken_up
        return t.cast(Came, arrived.came)

    def _lend(self) -> None:
        if not self._is_lent:
            self._ask(Lend(self._lease.endpoint, self._lease.limits))
            self._is_lent = True

    def _turned(self) -> Line:
        """The line that goes on. A worker that outlives its run opens no runspace that nobody would
        delete: it raises Unreachable.
        """
        self._connection.close()
        if is_run_over():
            raise Unreachable(
                "ansible-playbook has ended, so nothing more is asked of"
                f" {self._lease.endpoint.label}.",
                attempted_open=True,
            )
        self._lease.log("the owner of this run's runspaces is gone; going on without it")
        self._other = self._instead()
        return self._other

    def _unknown(self, errand: Errand) -> Unreachable:
        return Unreachable(
            f"The process that holds the runspaces of this run ended while {errand.brief} was under"
            f" way on {self._lease.endpoint.label}, so nobody knows whether it was carried out. Run"
            " again: the plan will be made from what is there then.",
            attempted_open=False,
        )

    def forget(self) -> None:
        if self._other is not None:
            self._other.forget()
        elif self._is_lent:
            self._last(Forget())

    def leave(self) -> None:
        if self._other is not None:
            self._other.leave()
        else:
            self._last(Leave())
            self._connection.close()

    def abandon(self) -> None:
        if self._other is not None:
            self._other.abandon()
        else:
            self._last(Abandon())
            self._connection.close()

    def _last(self, asked: Asked) -> None:
        with contextlib.suppress(Lost, PChatError):
            self._ask(asked)

    def _ask(self, asked: Asked, limit: float = 0.0) -> t.Any:
        return _answer(self._connection, asked, self._lease, limit)


def closed(connection: Connection, lease: Lease) -> bool:
    """Whether runspaces waited for this endpoint, which are deleted now."""
    try:
        done: Done = _answer(connection, Close(lease.endpoint, lease.limits), lease)
    except Lost:
        return False
    return done.value


def prepared(connection: Connection, lease: Lease, errand: Errand) -> bool:
    """Whether the owner begins to open a runspace that carries this out; it goes on by itself."""
    try:
        done: Done = _answer(connection, Prepare(lease.endpoint, lease.limits, errand), lease)
    except Lost:
        return False
    return done.value


def _answer(connection: Connection, asked: Asked, lease: Lease, limit: float = 0.0) -> t.Any:
    """What the owner answers at the end, ``Arrived`` or ``Done``. Raises Lost, and the owner's
    errors.
    """
    until = time.monotonic() + limit + _REQUESTS * lease.endpoint.request_limit + _PATIENCE
    try:
        connection.send(asked)
        while connection.poll(max(until - time.monotonic(), 0)):
            came = connection.recv()
            if isinstance(came, PChatError):
                raise came
            if not isinstance(came, Said):
                return came
            say = lease.tell if came.to_people else lease.log
            say(came.text)
    except (OSError, EOFError) as error:
        raise Lost(type(error).__name__) from error
    raise Lost("no answer")
