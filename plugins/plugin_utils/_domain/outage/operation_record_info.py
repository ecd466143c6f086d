"""Operations, from the lines of their record. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Iterable, Iterator

from ..._engine.model import ArgumentSpec
from ..documents.record import Operation, RecordLine
from ..words import plural

OPERATION_RECORD_INFO_SPEC: ArgumentSpec = {
    "path": {"type": "path", "required": True},
    "pool": {"type": "str", "default": ""},
    "last": {"type": "int", "default": 20},
}
_ENDS = {
    "done": "done",
    "stopped": "STOPPED",
    "called_off": "called off before the first move",
    "refused": "refused",
    "open": "NO END was written: it goes on, was killed, or lost a host",
}


class RecordInfoOptions(t.TypedDict):
    """``path``: of a file on the controller. ``pool``: '' for all. ``last``: at most so many."""

    path: str
    pool: str
    last: int


def operations(text: str, pool: str = "") -> list[Operation]:
    """All that a record tells, the oldest first.

    Lines that somebody damaged are not believed, and not worth a failure. A plan begins an
    operation; what follows under its id belongs to it. A refusal is one by itself.
    """
    found: list[Operation] = []
    latest: dict[str, Operation] = {}
    for line in _lines(text):
        if pool and line["pool"].lower() != pool.lower():
            continue
        operation = latest.get(line["id"])
        if operation is None or "plan" in line or not line["id"]:
            operation = _begun(line)
            found.append(operation)
            latest[line["id"]] = operation
        _told(operation, line)
    return found


def _lines(text: str) -> Iterator[RecordLine]:
    for line in text.splitlines():
        try:
            found: object = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and all(_is_told(found, key) for key in ("at", "pool", "id")):
            yield t.cast(RecordLine, found)


def _is_told(line: dict[str, object], key: str) -> bool:
    return isinstance(line.get(key), str)


def _begun(line: RecordLine) -> Operation:
    return {
        "pool": line["pool"],
        "operation": str(line.get("target", "")),
        "id": line["id"],
        "operator": str(line.get("operator", "")),
        "controller": str(line.get("controller", "")),
        "ticket": str(line.get("ticket", "")),
        "reason": str(line.get("reason", "")),
        "begun_at": line["at"],
        "ended_at": "",
        "planned": 0,
        "moves": [],
        "loss": "",
        "outcome": "open",
        "code": "",
        "msg": "",
    }


def _told(operation: Operation, line: RecordLine) -> None:
    plan: object = line.get("plan")
    if isinstance(plan, list):
        operation["planned"] = len(plan)
        operation["loss"] = str(line.get("loss", ""))
    if "move" in line:
        operation["moves"].append(str(line["move"]))
    if "end" in line:
        operation["ended_at"] = line["at"]
        operation["outcome"] = str(line["end"])
        operation["code"] = str(line.get("code", ""))
        operation["msg"] = str(line.get("msg", ""))


def lines(found: Iterable[Operation]) -> Iterator[str]:
    """Operations for people, the oldest first."""
    for operation in found:
        yield _who(operation)
        yield _how(operation)


def _who(operation: Operation) -> str:
    told = (
        f"{operation['begun_at']}  {operation['operation']} of {operation['pool']} by"
        f" {operation['operator'] or 'somebody'} on {operation['controller'] or 'unknown'}"
    )
    if operation["ticket"]:
        told += f", {operation['ticket']}"
    if operation["reason"]:
        told += f": {operation['reason']}"
    return told


def _how(operation: Operation) -> str:
    told = f"    {_ENDS.get(operation['outcome'], operation['outcome'])}"
    if operation["ended_at"]:
        told += f" at {operation['ended_at']}"
    if operation["moves"]:
        told += f", after {plural(len(operation['moves']), 'move')}"
    if operation["code"]:
        told += f" ({operation['code']})"
    return f"{told}. {operation['loss'] or operation['msg']}".rstrip()
