"""What can go wrong, as types.

Every error carries one sentence for the operator, a stable ``code`` (listed in docs/errors.md) and
``details`` that become keys of the task result. FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t


class PChatError(Exception):
    """Base of all errors of the collection: what was seen, why it matters, what to do next."""

    code = "error"

    def __init__(self, msg: str, **details: t.Any) -> None:
        super().__init__(msg)
        self.details: dict[str, t.Any] = details


class Refused(PChatError):
    """Planning found a reason not to act. Raised before anything is sent, in check mode as well.

    A resource that has its own stable code for the reason passes it as ``code=``.
    """

    code = "refused"

    def __init__(self, msg: str, code: str | None = None, **details: t.Any) -> None:
        super().__init__(msg, **details)
        if code is not None:
            self.code = code


class CmdletFailed(PChatError):
    """A cmdlet ended with an error record. ``details``: cmdlet, error_id, category, target."""

    code = "cmdlet_failed"


class CmdletMissing(CmdletFailed):
    """A cmdlet is not there for this session: not installed, not loadable, or hidden by a
    restricted endpoint. ``details``: as CmdletFailed, and ``name``.
    """

    code = "cmdlet_missing"


class SqlFailed(CmdletFailed):
    """SQL Server refused a batch.

    ``details``: as CmdletFailed, and ``errors`` (the numbers, where the tools print them).
    """

    code = "sql_failed"


class Moved(SqlFailed):
    """The guard of a compare-and-set batch found that the world is not what the plan was made for;
    nothing was changed.
    """

    code = "world_moved"


class Unproven(PChatError):
    """A call was sent, no error came back, and neither did the proof that it ended.

    ``details``: cmdlet.

    Of a read nothing is known then; of a write only a look at the host tells whether it was carried
    out.
    """

    code = "unproven"


class TimedOut(PChatError):
    """A step was taken but did not settle in time.

    ``details``: waited (seconds), state (the last one read).
    """

    code = "timed_out"


class Unreachable(PChatError):
    """The host does not answer, or not in a way that lets us work with it."""

    code = "unreachable"


class HostRefuses(Unreachable):
    """The host, or something before it, answers and refuses: a logon, a certificate, a quota, a
    proxy.

    It is no sign that the host is lost. ``details``: status (the HTTP status, or ``tls``,
    ``proxy``, ``name``, ``wsman``, ``garbled``; ``kerberos``, ``credssp``, ``library`` of a logon
    that the controller could not even ask for).
    """

    code = "host_refuses"


class AnswersDiffer(PChatError):
    """The first look at a host got answers of another form than everything rests on.

    ``details``: expected, came.
    """

    code = "answers_differ"
