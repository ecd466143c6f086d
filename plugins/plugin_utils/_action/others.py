"""Hosts asked about others while a look goes on. FOR INTERNAL COLLECTION USE ONLY.

Each question has a session and a thread of its own: what is asked may last longer than anybody
waits for it, and such a session is given up with all that still runs in it.
"""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import queue
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from .._domain.outage import views
from .._domain.outage.dr_info import LookOptions, patience
from .._domain.outage.views import View
from .._engine.errors import PChatError, TimedOut
from .._transport.session import PsrpSession
from .many_hosts import Answer, ManyHostsAction

#: Seconds after which a host that has not answered is asked about: the probe has asked it twice.
DOUBT = 0.5
#: Watcher -> host -> whether it reaches it; None where it cannot tell.
Sees = dict[str, dict[str, "bool | None"]]
#: Seconds that are added at most for the slowness of whoever is asked.
_SLOWNESS = 1.0
#: Seconds in which a session that is given up may end, where nobody would end it afterwards: a
#: logon and a deletion, on a controller that is busy.
_GRACE = 6.0


class Heard:
    """Which hosts have answered so far in this look."""

    def __init__(self) -> None:
        self._answered: set[str] = set()
        self._changed = threading.Condition()

    def noting(
        self, work: Callable[[str, PsrpSession], Answer]
    ) -> Callable[[str, PsrpSession], Answer]:
        """The same work, which begins when its host has said anything at all."""

        def noted(name: str, session: PsrpSession) -> Answer:
            with self._changed:
                self._answered.add(name)
                self._changed.notify_all()
            return work(name, session)

        return noted

    def silent(self, names: Sequence[str], seconds: float) -> tuple[str, ...]:
        """Those of them that do not answer within this time."""
        with self._changed:
            self._changed.wait_for(lambda: self._answered.issuperset(names), seconds)
            return tuple(name for name in names if name not in self._answered)

    def first(self, names: Sequence[str], seconds: float) -> str | None:
        """The first of them of those that have answered, when any does within this time."""
        with self._changed:
            self._changed.wait_for(lambda: not self._answered.isdisjoint(names), seconds)
            return next((name for name in names if name in self._answered), None)


class Question:
    """Whether a port of another host is reached, asked on a thread that ends with the process.

    ``other``, ``own``: FQDN and port of that host, and of the watcher itself. ``seconds``: for the
    answer, once it is looked for; and as long as it took to begin, for that is how slow it is.
    """

    def __init__(
        self,
        other: tuple[str, int],
        own: tuple[str, int],
        session: PsrpSession,
        seconds: float,
    ) -> None:
        self._other = other
        self._own = own
        self._session = session
        self._seconds = seconds
        self._begun = threading.Event()
        self._due = 0.0
        self._answer: queue.SimpleQueue[bool | None] = queue.SimpleQueue()
        threading.Thread(target=self._ask, daemon=True, name="pchat-view").start()

    def _ask(self) -> None:
        answer = None
        started = time.monotonic()
        try:
            with self._session as session:
                views.begin(session, *self._own)
                now = time.monotonic()
                seconds = self._seconds + min(now - started, _SLOWNESS)
                self._due = now + seconds + (0.0 if session.is_owned else _GRACE)
                self._begun.set()
                answer = views.reaches(session, *self._other, seconds)
        except TimedOut:
            answer = False if self._begun.is_set() else None
        # whatever else one of them meets: the look goes on without its answer
        except Exception:
            answer = None
        self._answer.put(answer)
        self._begun.set()

    def answer(self, patience: float) -> bool | None:
        """Whether the watcher reaches the host; None where it cannot tell.

        ``patience``: seconds that it may take to begin.
        """
        if not self._begun.wait(patience):
            return None
        try:
            return self._answer.get(timeout=max(self._due - time.monotonic(), 0.0))
        except queue.Empty:
            return False


def answers(questions: Mapping[View, Question | None], within: float) -> Sees:
    """What they were answered; None: it could not be asked. ``within``: seconds that they may
    take to begin.
    """
    until = time.monotonic() + within
    found: Sees = {}
    for view, question in questions.items():
        reaches = None
        if question is not None:
            reaches = question.answer(max(until - time.monotonic(), 0.0))
        found.setdefault(view.watcher, {})[view.host] = reaches
    return found


@dataclasses.dataclass(frozen=True)
class _Round:
    """All questions of one look. ``pair``: the hosts that may be asked about; ``ports``: of WinRM,
    ``sql_ports``: of SQL Server; ``sessions``: (watcher, host) -> the session of that question.
    """

    options: LookOptions
    heard: Heard
    pair: Sequence[str]
    ports: Mapping[str, int]
    sql_ports: Mapping[str, int | None]
    sessions: Mapping[tuple[str, str], PsrpSession | PChatError]

    def sees(self) -> Sees:
        """Asked as soon as it is doubtful whether a host answers."""
        self.heard.silent(self._awaited(self.pair), DOUBT)
        silent = self.heard.silent(self.pair, 0.0)
        sees: Sees = {}
        for groups, ports in views.rounds(self.options["estate"], self.ports, self.sql_ports):
            untold = views.untold(sees, silent)
            found = views.views(groups, ports, untold, self._first)
            questions = {view: self._asked(view) for view in found}
            sees |= answers(questions, self.options["answer_within"])
        return sees

    def _first(self, group: Sequence[str]) -> str | None:
        return self.heard.first(self._awaited(group), DOUBT)

    def _awaited(self, names: Sequence[str]) -> list[str]:
        """Without those that were silent in the look before."""
        return [name for name in names if name not in self.options["silent"]]

    def _asked(self, view: View) -> Question | None:
        session = self.sessions[view.watcher, view.host]
        if view.port is None or isinstance(session, PChatError):
            return None
        fqdn = self.options["estate"]["fqdn"]
        return Question(
            (fqdn[view.host], view.port),
            (fqdn[view.watcher], self.ports[view.watcher]),
            session,
            _seconds(view.host, self.options),
        )


class AskingAction(ManyHostsAction):
    """Asks others about hosts of the primary pair that do not answer, while it looks at all."""

    @contextlib.contextmanager
    def asking_others(self, options: LookOptions, heard: Heard) -> Iterator[Sees]:
        """While the block looks at the hosts; what they see is there when it has ended."""
        asked = self._round(options, heard)
        sees: Sees = {}
        beside = threading.Thread(target=lambda: sees.update(asked.sees()), name="pchat-others")
        beside.start()
        try:
            yield sees
        finally:
            beside.join()

    def _round(self, options: LookOptions, heard: Heard) -> _Round:
        """What the thread needs; templating is not for threads."""
        estate = options["estate"]
        ports = self._ports(estate["hosts"])
        pair = views.primary_pair(estate, ports) if options["ask_others"] else ()
        sql_ports: dict[str, int | None] = {}
        for host in pair:
            said = self.host_var(host, "pchat_sql_port", None)
            sql_ports[host] = views.sql_port(estate, host, said)
        sessions: dict[tuple[str, str], PsrpSession | PChatError] = {}
        watchers = (*estate["management"], *itertools.chain(*estate["servers"].values()))
        for watcher, host in itertools.product(watchers, pair):
            sessions[watcher, host] = self._impatient_session(watcher, host, options)
        return _Round(options, heard, pair, ports, sql_ports, sessions)

    def _impatient_session(
        self, watcher: str, host: str, options: LookOptions
    ) -> PsrpSession | PChatError:
        """It looks at the clock as often as the answer about this host may take."""
        whole = float(options["answer_within"])
        return self._session_to(watcher, _seconds(host, options), "", whole)

    def _ports(self, names: Sequence[str]) -> dict[str, int]:
        """On which the controller manages them, as far as their variables tell."""
        ports: dict[str, int] = {}
        for name in names:
            endpoint = self.endpoint(name)
            if not isinstance(endpoint, PChatError):
                ports[name] = endpoint.port
        return ports


def _seconds(host: str, options: LookOptions) -> int:
    """For the answer about this host: a whole one less than for its own, since it is asked for
    later; what a lost packet costs, Windows tries again after three only.
    """
    return max(int(patience(host, options)) - 1, 1)
