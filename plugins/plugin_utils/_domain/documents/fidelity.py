"""What one host tells about the collection's assumptions (module fidelity_info), and what comes of
it (module fidelity_report). FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t

from .instance import InstanceFacts
from .pool import PoolInfoFacts


class CommandSeen(t.TypedDict):
    """A command that the host has, as Get-Command shows it. ``parameters`` None: not told."""

    module: str
    parameters: list[str] | None


class CallSeen(t.TypedDict):
    """What a cmdlet answered. ``records``: how many. ``properties``: those that a reader asked for
    -> whether any record had it.
    """

    call: str
    cmdlet: str
    records: int
    properties: dict[str, bool]
    error: str | None


class StatementsSeen(t.TypedDict):
    """``named_first``, ``named_later``: whether the failed call was named when it stood first and
    behind another one. ``ran``: whether the statement behind it ran, None when this session cannot
    show it.
    """

    named_first: bool
    named_later: bool
    ran: bool | None


class LyncSeen(t.TypedDict):
    """``pool``: of the module pool_info, empty when it could not be read. ``document``: the
    published topology. ``stores``: property of the service -> store as it
    prints. ``mirror_rows``, ``database_rows``: names of the properties of each row of
    Get-CsDatabaseMirrorState and Test-CsDatabase.
    """

    pool: PoolInfoFacts
    document: str | None
    stores: dict[str, str]
    mirror_rows: list[list[str]]
    database_rows: list[list[str]]


class ProcedureSeen(t.TypedDict):
    """``type``: of sys.all_objects. ``parameters``: with their @ -> whether OUTPUT. ``defaults``:
    as the procedure's text has them, None for a parameter without one; None where the text is not
    shown.
    """

    type: str
    parameters: dict[str, bool]
    defaults: dict[str, str | None] | None


class BatchSeen(t.TypedDict):
    """A batch that failed. ``arrived``: whether an error record came. ``numbers``: those known.
    ``rows``: how many came before the error. ``text``: of the error; empty when it was taken for
    done.
    """

    arrived: bool
    numbers: list[int]
    rows: int | None
    text: str


class FailingSeen(t.TypedDict):
    """``code``: as which error a guard that fires comes back, None when it comes as rows.
    ``batches``: first, later, in rows (where they fail) -> what came of them.
    """

    code: str | None
    batches: dict[str, BatchSeen]


class ProbeSeen(t.TypedDict, total=False):
    """The row of the probing SELECT."""

    long_text: object
    variable: object
    lsn: object
    nothing: object
    empty: object
    login: object
    domain: object


class SqlSeen(t.TypedDict):
    """``info``: of the module sql_info, empty when it could not be read. ``columns``: view -> its
    columns. ``messages``: number -> text. ``backup_forks``: database in lower case ->
    last_recovery_fork_guid of its newest backup.
    """

    info: InstanceFacts
    columns: dict[str, list[str]]
    procedures: dict[str, ProcedureSeen]
    messages: dict[str, str]
    backup_forks: dict[str, str | None]
    probe: ProbeSeen
    failing: FailingSeen


class _MoreOfHost(t.TypedDict, total=False):
    looked: list[str]
    taken_up: bool | None


class HostSeen(_MoreOfHost):
    """``kinds``: what the host is for (lync, sql, windows, chat); ``looked``: those of them that
    could be looked at, all when it is absent.

    ``commands``: name -> what the host tells of it; ``_error`` -> why none can be told.
    ``statements``: kind of failure -> what came of it. ``services``: name -> display name.
    ``broken``: errors of readers that stumbled. ``taken_up``: whether the runspace was taken up
    again, None when none was kept.
    """

    kinds: list[str]
    instance: str
    commands: dict[str, CommandSeen | str]
    calls: list[CallSeen]
    broken: list[str]
    statements: dict[str, StatementsSeen]
    lync: LyncSeen | None
    sql: SqlSeen | None
    services: dict[str, str] | None


class FindingEntry(t.TypedDict):
    """What was seen on one host. ``verdict``: confirmed, refuted or not_checkable."""

    host: str
    verdict: str
    seen: str


class _Why(t.TypedDict, total=False):
    why: str


class AssumptionEntry(_Why):
    """One assumption. ``why``: of those that are not checkable alone."""

    id: str
    assumption: str
    verdict: str
    findings: list[FindingEntry]


class ReportDocument(t.TypedDict):
    """``counts``: verdict -> how many. ``not_asked``: host -> why."""

    counts: dict[str, int]
    hosts: list[str]
    not_asked: dict[str, str]
    assumptions: list[AssumptionEntry]


class Report(t.TypedDict):
    """What fidelity_report returns. ``refuted``: ids."""

    report: ReportDocument
    refuted: list[str]
    lines: list[str]
