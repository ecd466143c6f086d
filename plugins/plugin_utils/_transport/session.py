"""Calls sent to one host, and their answers judged: structured commands, never script text.

One session serves one task on one host. It sends every read of a resource as several statements of
one pipeline. What becomes of the runspace afterwards is its line's matter: the owner of the run's
runspaces keeps it, or it waits disconnected, or it is deleted. FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from .._engine.errors import CmdletFailed, PChatError, TimedOut, Unproven, Unreachable
from .._engine.model import Call, Cmdlet, Record, Sql
from .._engine.progress import Tell
from .._engine.sql_tool import SqlTool
from . import failures, first_look, pipeline, probe, proof, psrp, sql_tools
from .direct_line import DirectLine
from .kept_runspaces import Kept
from .line import Errand, Lease, Limits, Line
from .owner.address import Owner
from .sql_tools import Choice
from .winrm_endpoint import Endpoint

__all__ = ["LibraryMissing", "Limits", "PsrpSession"]


class LibraryMissing(PChatError):
    code = "library_missing"


class PsrpSession:
    """Implements ``_engine.model.Session``. Use as a context manager.

    ``instance``: the SQL Server instance name that Sql calls are for ('' = default). ``owner``: the
    process that holds this run's runspaces, None to hold it here. ``kept``: where runspaces wait
    between tasks without an owner, None to open and delete one per task. ``seen``: what the first
    look of this run found here. ``log`` gets everything that is sent; ``tell`` gets lines for a
    person who waits for a call that lasts.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        instance: str = "",
        owner: Owner | None = None,
        kept: Kept | None = None,
        seen: first_look.Seen | None = None,
        choice: Choice | None = None,
        limits: Limits | None = None,
        log: Callable[[str], None] = lambda text: None,
        tell: Tell = lambda text: None,
    ) -> None:
        self._endpoint = endpoint
        self._instance = instance
        self._owner = owner
        self._kept = kept
        self._seen = seen or first_look.Seen(None)
        self._choice = choice or Choice()
        self._limits = limits or Limits()
        self._log = log
        self._lease = Lease(endpoint, self._limits, log, tell)
        self._opened: Line | None = None

    def __enter__(self) -> PsrpSession:
        if psrp.MISSING is not None:
            raise LibraryMissing(
                "The Python library pypsrp (0.9 or later) cannot be imported on the controller: "
                f"{psrp.MISSING}. Install it into the Python that runs ansible-playbook: "
                "pip install 'pypsrp>=0.9'."
            )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: object,
    ) -> None:
        if self._opened is None:
            return
        known = isinstance(error, PChatError)
        lost = isinstance(error, (Unreachable, TimedOut))
        if error is not None and (lost or not known):
            self._opened.abandon()
        else:
            self._opened.leave()
        self._opened = None

    @property
    def is_owned(self) -> bool:
        """Whether a process of its own holds the runspace, and ends it when nobody uses it."""
        return self._owner is not None

    @property
    def keeps(self) -> bool:
        """Whether runspaces wait between the tasks of this run."""
        return self._kept is not None

    @property
    def taken_up(self) -> bool | None:
        """Whether the runspace of an earlier task is used; None before the first call."""
        return None if self._opened is None else self._opened.taken_up

    def close(self) -> bool:
        """Delete the runspace that waits for the next task, if there is one.

        True when there was.
        """
        owned = self._owner is not None and self._owner.close(self._lease)
        waited = DirectLine(self._lease, self._kept).close()
        return owned or waited

    def prepare(self, call: Cmdlet) -> bool:
        """Begin to open the runspace of the tasks to come, in which this is read first: nobody
        waits, and nobody is told what comes. False where each process holds its own.
        """
        if call.changes:
            raise ValueError(f"a call that changes something is no read: {call}")
        if self._owner is None:
            return False
        self._log(f"send, for the tasks to come: {call}")
        errand = self._errand([call], pipeline.marked([call], pipeline.Marks()), self._limits.read)
        return self._owner.prepare(self._lease, errand)

    @property
    def _line(self) -> Line:
        if self._opened is None:
            self._opened = self._new_line()
        return self._opened

    def _new_line(self) -> Line:
        def direct() -> Line:
            return DirectLine(self._lease, self._kept)

        owned = self._owner.line(self._lease, direct) if self._owner is not None else None
        return owned or direct()

    # -- calls -----------------------------------------------------------------------------------
    def probe(self, seconds: float) -> None:
        """Raises Unreachable when nobody there begins to answer within this time; asks no more."""
        probe.ask(self._endpoint, seconds)

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
            self._line.forget()
            return self._read(calls)

    def read_within(self, seconds: float, *calls: Call) -> list[list[Record]]:
        """The same, and nobody waits longer, nor tries once more. Raises TimedOut.

        It is looked at the clock between two answers: the endpoint must be as impatient.
        """
        return self._send(calls, seconds)

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
        tool = self._seen.tool(self._choice)
        cmdlets = [self._as_cmdlet(call, tool) for call in calls]
        for call in calls[first:]:
            self._log(f"send: {call}")
        marks = pipeline.Marks()
        errand = self._errand(calls[first:] or calls, pipeline.marked(cmdlets, marks), limit)
        came = self._line.send(errand)
        with failures.reached(errand.what, self._endpoint.label):
            began, found = pipeline.answers(came, len(calls), marks)
        return self._judged(came.ended, calls, began, found, first)

    def _errand(
        self, calls: Sequence[Call], statements: tuple[Cmdlet, ...], limit: float
    ) -> Errand:
        """``calls``: those that a person asked for."""
        told = calls[0]
        name = told.name if isinstance(told, Cmdlet) else self._choice.cmdlet
        return Errand(
            statements,
            what=f"run {name}"[:120],
            brief=_brief(told),
            call=str(told),
            limit=limit,
            changes=any(call.changes for call in calls),
        )

    def _as_cmdlet(self, call: Call, tool: SqlTool | None) -> Cmdlet:
        if isinstance(call, Cmdlet):
            return call
        return sql_tools.invocation(call, self._instance, self._choice, tool)

    def _judged(
        self,
        ended: str,
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
                raise failures.unanswered(call, ended)
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


def _brief(call: Call) -> str:
    """What somebody would call it: the cmdlet, or the statement inside the guard of a batch."""
    if isinstance(call, Cmdlet):
        return call.name
    found = re.search(r"\b(?:BACKUP|RESTORE) (?:DATABASE|LOG) \[(?:[^\]]|\]\])*\]", call.body)
    return found[0] if found else "a batch of T-SQL"
