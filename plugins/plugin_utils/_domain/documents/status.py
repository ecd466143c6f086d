"""The status document, as the module pool_status returns it, and a line of its history.

FOR INTERNAL COLLECTION USE ONLY.

None: unknown, never 0. Minutes are by the clock of the backup SQL Server, times ISO 8601 in UTC,
LSNs texts. A site is primary or backup; a slot primary, mirror, backup or backup_mirror.
"""

from __future__ import annotations

import typing as t

from .instance import DatabaseSpace
from .look import IntentRecord
from .plan import LossDocument, SituationDocument


class StoreStatus(t.TypedDict):
    """The central management store. ``host``: FQDN of its SQL Server. ``why``: what it answered
    instead.
    """

    answers: bool
    host: str | None
    site: str | None
    why: str | None


class HostStatus(t.TypedDict):
    """``what``: all that it is, as ``sql SLOT``, management, chat server, file server.

    ``clock_ahead_seconds``: of a SQL Server, how far its clock is ahead of the backup's.
    """

    site: str
    answers: bool
    why: str | None
    what: list[str]
    clock_ahead_seconds: int | None


class ServerStatus(t.TypedDict):
    """A chat server. ``active``: whether clients may use it."""

    site: str
    answers: bool
    started: bool | None
    started_at: str | None
    active: bool | None


class CopyStatus(t.TypedDict):
    """One copy of a database. ``database_state`` None beside ``answers``: there is no such
    database. ``closed_by``: names of settings that keep its users or a mirror away, READ_ONLY say.
    ``log_shipped``: log shipping backs up its log. The others as in ``instance.DatabaseFacts``.
    """

    host: str
    answers: bool
    database_state: str | None
    recovery_model: str | None
    mirroring_role: str | None
    mirroring_state: str | None
    mirroring_safety: str | None
    mirroring_witness: str | None
    mirroring_witness_state: str | None
    closed_by: list[str]
    redo_lsn: str | None
    restored_at: str | None
    log_shipped: bool
    owner: str | None
    owner_sid: str | None
    dbo_sid: str | None
    space: DatabaseSpace | None


class DatabaseStatus(t.TypedDict):
    """``copies``: by slot. ``principal``: the slot that the database runs on."""

    copies: dict[str, CopyStatus]
    principal: str | None


class ShippedFrom(t.TypedDict):
    """Log backups of one SQL Server. ``every_minutes``: one for each enabled schedule."""

    host: str
    share: str
    enabled: bool
    every_minutes: list[int]
    last_backup_at: str | None
    minutes_ago: int | None
    agent_running: bool


class JobStatus(t.TypedDict):
    """A job of log shipping. ``every_minutes``: one for each enabled schedule."""

    host: str
    job: str | None
    enabled: bool
    every_minutes: list[int]


class AppliedLog(t.TypedDict):
    """The newest log backup that the backup copy holds."""

    path: str
    begun_at: str | None
    last_lsn: str
    age_minutes: int | None


class WaitingLog(t.TypedDict):
    """A log backup that the backup copy can still apply. ``place``: share or copied."""

    path: str
    begun_at: str | None
    place: str


class ShippingStatus(t.TypedDict):
    """Both halves of log shipping of mgc. ``backups``: by slot. ``linked``: the backup copy is a
    secondary. ``share_error``: why the share cannot be seen. ``obstacle``: what the chain of log
    backups lacks.
    """

    backups: dict[str, ShippedFrom]
    linked: bool | None
    agent_running: bool | None
    last_copied_at: str | None
    copied_minutes_ago: int | None
    last_restored_at: str | None
    restored_minutes_ago: int | None
    newest_applied_log: AppliedLog | None
    waiting: list[WaitingLog]
    share_error: str | None
    obstacle: str | None
    jobs: list[JobStatus]


class MoveStatus(t.TypedDict):
    """A move of a plan. ``host`` None: several take part."""

    name: str
    host: str | None
    why: str
    one_way: bool


class FailoverNow(t.TypedDict):
    """A failover now, with the primary site gone. ``code`` and ``why``: of its refusal."""

    possible: bool
    code: str | None
    why: str | None
    loss: LossDocument
    moves: list[MoveStatus]


class MissingLogins(t.TypedDict):
    """Users of a database who find no login on a host. ``statement``: T-SQL that makes them."""

    host: str
    database: str
    users: list[str]
    statement: str


class Way(t.TypedDict):
    """A playbook that leads on. ``command``: what comes after ``ansible-playbook -i INVENTORY
    lync.persistent_chat.``. ``refused``: the sentence with which it refuses as things are.
    """

    playbook: str
    variables: dict[str, t.Any]
    refused: str | None
    command: str


class FindingStatus(t.TypedDict):
    """``urgency``: critical, warning or note. ``code``: what kind of finding it is."""

    urgency: str
    code: str
    text: str


class Seen(t.TypedDict):
    """The status document without what is concluded from it.

    ``active``, ``standby``: FQDNs of chat servers. ``replication_late``: FQDNs. ``unreachable``:
    inventory names. ``hosts``: by inventory name; ``servers``: by FQDN; ``databases``: by name.
    """

    pool: str
    at: str | None
    situation: SituationDocument
    pool_state: str | None
    active: list[str] | None
    standby: list[str] | None
    central_management_store: StoreStatus
    replication_late: list[str]
    unreachable: list[str]
    intent: IntentRecord | None
    hosts: dict[str, HostStatus]
    servers: dict[str, ServerStatus]
    databases: dict[str, DatabaseStatus]
    log_shipping: ShippingStatus
    failover_now: FailoverNow
    logins_missing: list[MissingLogins]


class Status(Seen):
    """The status document. ``findings``: the most urgent first. ``warnings``: the texts of those
    that are more than a note.
    """

    advice: list[Way]
    findings: list[FindingStatus]
    warnings: list[str]


class Run(t.TypedDict):
    """A line of the history: one run of status. ``..._minutes``: since the last log backup, copy
    and restore, and what a failover would have lost.
    """

    at: str
    pool: str
    situation: str
    backup_minutes: int | None
    copy_minutes: int | None
    restore_minutes: int | None
    loss_minutes: int | None
