"""What the tasks of a check run would send, kept on the controller until a task of the same run
writes it down. FOR INTERNAL COLLECTION USE ONLY.

A file for each pool in the run's own folder for temporary files, since each task has a process of
its own; Ansible removes the folder when the run ends.
"""

from __future__ import annotations

import hashlib
import json
import os
import pathlib
import typing as t

from .._domain.documents.planned import PlannedCall, PlannedStep, PlannedTask
from .._engine.model import Call, Sql, Step


def keep(folder: str, pool: str, task: PlannedTask) -> None:
    """One task more. Items of a loop and tasks come one after the other for one pool."""
    with _file(folder, pool).open("a", encoding="utf-8") as file:
        file.write(json.dumps(task) + "\n")


def take(folder: str, pool: str) -> list[PlannedTask]:
    """What was kept, in order; another operation of the run begins anew."""
    file = _file(folder, pool)
    if not file.exists():
        return []
    lines = file.read_text(encoding="utf-8").splitlines()
    os.unlink(file)
    return [json.loads(line) for line in lines]


def planned(step: Step[t.Any]) -> PlannedStep:
    """A step as it is written down."""
    return {
        "name": step.name,
        "why": step.why,
        "one_way": step.one_way,
        "calls": [_call(call) for call in step.calls],
        "then": step.settles.until if step.settles else "",
    }


def _call(call: Call) -> PlannedCall:
    if isinstance(call, Sql):
        return {"database": call.database, "text": call.text}
    return {"database": None, "text": str(call)}


def _file(folder: str, pool: str) -> pathlib.Path:
    name = hashlib.sha256(pool.lower().encode()).hexdigest()[:12]
    return pathlib.Path(folder, f"planned_{name}.jsonl")
