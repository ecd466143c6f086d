"""The record of operations: one line of JSON for each thing that happened, on the controller.

FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t


class Entry(t.TypedDict, total=False):
    """What happened: a plan with its moves and its loss, one move, or the end.

    ``end``: done, stopped, called_off or refused. ``code`` and ``msg``: of a refusal.
    """

    plan: list[str]
    loss: str
    move: str
    host: str
    why: str
    end: str
    code: str
    msg: str


class RecordLine(Entry):
    """``at``: ISO 8601 in UTC, by the controller's clock. ``target``: failover, failback or
    mirror_failover. ``id``: of the attempt, empty for a refusal before there was one.
    """

    at: str
    pool: str
    target: str
    id: str
    operator: str
    controller: str
    ticket: str
    reason: str


class Operation(t.TypedDict):
    """The lines of one run, together. ``moves``: names of those that were carried out;
    ``planned``: how many there were. ``outcome``: as ``Entry.end``; ``open`` where no end was
    written: it goes on, was killed, or lost a host.
    """

    pool: str
    operation: str
    id: str
    operator: str
    controller: str
    ticket: str
    reason: str
    begun_at: str
    ended_at: str
    planned: int
    moves: list[str]
    loss: str
    outcome: str
    code: str
    msg: str
