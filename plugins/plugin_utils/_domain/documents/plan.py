"""A plan out of an outage, as the module dr_plan returns it. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import typing as t

from .look import IntentRecord


class SituationDocument(t.TypedDict):
    """``name``: one of the operating guide's table; ``text``: its sentence."""

    name: str
    text: str


class MoveDocument(t.TypedDict):
    """``host`` None: several take part. ``args``: for the move's file of tasks."""

    name: str
    host: str | None
    why: str
    one_way: bool
    args: dict[str, t.Any]


class LossDocument(t.TypedDict):
    """What is lost; None: nobody knows. ``lsn`` in digits, ``last_log_at`` ISO 8601 in UTC.

    ``unusable``: paths of log backups that cannot be applied.
    """

    minutes: int | None
    lsn: str | None
    last_log: str | None
    last_log_at: str | None
    unusable: list[str]
    sentence: str


class AgreedPlan(t.TypedDict):
    """The part of a plan that was confirmed."""

    moves: list[MoveDocument]
    loss: LossDocument


class PlanDocument(AgreedPlan):
    """``round``: the moves up to the next one-way one, or that one alone. ``id``: of the attempt.
    ``lines``: for people. ``left_behind``: sentences.
    """

    situation: SituationDocument
    round: list[MoveDocument]
    first_one_way: MoveDocument | None
    id: str
    intent: IntentRecord | None
    lines: list[str]
    left_behind: list[str]
