"""A plan out of an outage, as the module dr_plan returns it. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import typing as t

from .look import IntentRecord


class SituationDocument(t.TypedDict):
    """``name``: one of the operating guide's table; ``text``: its sentence. Of a plan and of a
    status alike.
    """

    name: str
    text: str


class RestorableFile(t.TypedDict):
    """A log backup as the module log_restore takes it. LSNs in digits."""

    path: str
    position: int
    first_lsn: str
    last_lsn: str
    uuid: str | None


class MoveArgs(t.TypedDict, total=False):
    """What the moves' files of tasks are told; each move has some of it.

    ``id``: of the attempt. ``target``, ``operator``, ``at`` (ISO 8601 in UTC), ``replaces``: of a
    declared intent; ``intent``: the one to clear. ``servers``: FQDNs that are to be active.
    ``after``: servers that began before then are restarted; empty: those that do not run. ``job``,
    ``names``: the copy job, and the files that it is to bring. ``files``, ``file``, ``reached``,
    ``fork``: log to apply, and where it leads. ``expect_lsn``, ``covers``: LSNs in digits, where a
    copy stands and what a full backup has to hold. ``seen``: the state of the copy that is
    replaced. ``replace``, ``reseed``: there is a copy already; it cannot go on from where it
    stands. ``role``: of the copy in its mirroring session. ``stamp``: a backup's name. ``to``: the
    slot that is to be the principal. ``witness``: a host.
    """

    id: str
    target: str
    operator: str
    at: str
    replaces: IntentRecord | None
    intent: IntentRecord
    servers: list[str]
    after: str
    job: str
    names: list[str]
    files: list[RestorableFile]
    file: RestorableFile
    reached: str
    fork: str | None
    expect_lsn: str
    covers: str | None
    seen: str | None
    replace: bool
    reseed: bool
    database: str
    role: str
    stamp: str
    to: str
    witness: str


class MoveDocument(t.TypedDict):
    """``host`` None: several take part. ``args``: for the move's file of tasks."""

    name: str
    host: str | None
    why: str
    one_way: bool
    args: MoveArgs


class LossDocument(t.TypedDict):
    """What is lost, or would be; None: nobody knows. Of a plan and of a status alike.

    ``lsn``: from which on, in digits. ``last_log``: path of the last log backup that can be used,
    ``last_log_at``: ISO 8601 in UTC. ``unusable``: paths of log backups that cannot be applied.
    """

    minutes: int | None
    lsn: str | None
    last_log: str | None
    last_log_at: str | None
    unusable: list[str]
    sentence: str


class DoneMove(t.TypedDict):
    """A move that a run carried out; times in ISO 8601 in UTC. ``database`` None: of none."""

    name: str
    host: str | None
    database: str | None
    began: str
    ended: str


class UnwritableDocument(t.TypedDict):
    """How long nobody could write, as a run measured it; times in ISO 8601 in UTC."""

    seconds: int
    began: str
    ended: str
    sentence: str


class AgreedPlan(t.TypedDict):
    """The part of a plan that was confirmed. ``writable``: clients can write as things stand."""

    moves: list[MoveDocument]
    loss: LossDocument
    writable: bool


class PlanDocument(AgreedPlan):
    """``target``: failover, failback or mirror_failover. ``pool``: its FQDN. ``round``: the moves
    up to the next one-way one, or that one alone. ``id``: of the attempt.
    ``lines``: for people. ``left_behind``: sentences. ``at``: when it was looked, ISO 8601 in UTC.
    ``unwritable``: what was measured, None before the end.
    """

    target: str
    pool: str
    situation: SituationDocument
    round: list[MoveDocument]
    first_one_way: MoveDocument | None
    id: str
    intent: IntentRecord | None
    lines: list[str]
    left_behind: list[str]
    at: str | None
    unwritable: UnwritableDocument | None
