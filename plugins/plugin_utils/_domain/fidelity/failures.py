"""How failures arrive: calls and batches that are sent to fail, and what came of them. Nothing is
changed. FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..._engine.errors import CmdletFailed, SqlFailed, Unproven
from ..._engine.model import Call, Session, Sql
from ..calls import powershell, probes
from ..calls.tsql import probes as batches
from ..documents.fidelity import BatchSeen, FailingSeen, StatementsSeen

#: The one kind of failure behind which nothing runs.
STOPPED = "stopped by -ErrorAction Stop"


def statements_seen(session: Session, with_sql: bool) -> dict[str, StatementsSeen]:
    """Kind of failure -> what the client was told, and what ran on the host behind it."""
    kinds: dict[str, Call] = {
        "unknown cmdlet": probes.wrong_cmdlet(),
        "unknown parameter": probes.wrong_parameter(),
        STOPPED: probes.stopped(),
    }
    if with_sql:
        kinds["error of T-SQL"] = batches.failing()
    found: dict[str, StatementsSeen] = {}
    for number, (kind, bad) in enumerate(kinds.items()):
        found[kind] = _behind(session, bad, f"pchat{number}")
    return found


def _behind(session: Session, bad: Call, name: str) -> StatementsSeen:
    """``name``: of the variable by which a statement behind the failed one leaves a trace."""
    good = powershell.commands(["Write-Output"])
    return {
        "named_first": _named(session, [bad, good, good], bad),
        "named_later": _named(session, [good, bad, probes.leaves_a_trace(name)], bad),
        "ran": _left(session, name),
    }


def _named(session: Session, calls: Sequence[Call], bad: Call) -> bool:
    """Whether the error that the calls end with is that of the bad one."""
    try:
        session.read(*calls)
    except (CmdletFailed, Unproven) as error:
        named = error.details.get("cmdlet")
        return bool(named == str(bad))
    return False


def _left(session: Session, name: str) -> bool | None:
    """Whether there is a trace of this name; None when the session cannot show it."""
    try:
        rows = session.read(probes.trace(name))[0]
    except CmdletFailed:
        return None
    return any(name in _texts(row.get("value")) for row in rows)


def _texts(value: object) -> list[str]:
    return list(map(str, value)) if isinstance(value, list) else [str(value)]


def failing_seen(session: Session) -> FailingSeen:
    """What the session makes of a guard that fires, and of batches that fail in their first
    statement, in a later one, and while rows are fetched.
    """
    return {
        "code": _refusal_of(session, batches.moved()),
        "batches": {
            "first": _failed(session, batches.failing()),
            "later": _failed(session, batches.failing_later()),
            "in rows": _failed(session, batches.failing_in_rows()),
        },
    }


def _failed(session: Session, batch: Sql) -> BatchSeen:
    try:
        session.read(batch)
    except SqlFailed as error:
        told = error.details
        return {
            "arrived": bool(told.get("error_id")),
            "numbers": list(told.get("errors") or ()),
            "rows": told.get("rows"),
            "text": str(error),
        }
    except Unproven as error:
        return {"arrived": False, "numbers": [], "rows": None, "text": str(error)}
    return {"arrived": False, "numbers": [], "rows": None, "text": ""}


def _refusal_of(session: Session, batch: Sql) -> str | None:
    """The code of the error that a batch comes back as, None when it comes back as rows."""
    try:
        session.read(batch)
    except CmdletFailed as error:
        return error.code
    return None
