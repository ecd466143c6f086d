"""What a check run would send, step by step, until it is written down for review. FOR INTERNAL
COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t


class PlannedCall(t.TypedDict):
    """``database``: of a batch of T-SQL; None: it is a cmdlet. ``text``: as it would be sent, with
    secrets left out.
    """

    database: str | None
    text: str


class PlannedStep(t.TypedDict):
    """A step of one task. ``then``: what is waited for afterwards, '' for nothing."""

    name: str
    why: str
    one_way: bool
    calls: list[PlannedCall]
    then: str


class PlannedTask(t.TypedDict):
    """``host``: FQDN; ``instance``: name of its SQL Server instance, '' for the default one and for
    tasks without any. ``move``: of an outage, '' elsewhere.
    """

    task: str
    move: str
    host: str
    instance: str
    steps: list[PlannedStep]
