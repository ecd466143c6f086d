"""A line of the record of operations. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import json
import typing as t

from ..._engine.model import ArgumentSpec
from ..documents.plan import DoneMove
from ..documents.record import Entry

OPERATION_RECORD_SPEC: ArgumentSpec = {
    "path": {"type": "path", "required": True},
    "pool": {"type": "str", "required": True},
    "operation": {"type": "str", "required": True},
    "id": {"type": "str", "default": ""},
    "operator": {"type": "str", "default": ""},
    "ticket": {"type": "str", "default": ""},
    "reason": {"type": "str", "default": ""},
    "entry": {"type": "dict", "required": True},
    "required": {"type": "bool", "default": True},
    "move": {"type": "dict"},
    "done": {"type": "list", "elements": "dict", "default": []},
}


class MoveToRemember(t.TypedDict):
    """A move that ends now. ``began``: ISO 8601 in UTC."""

    name: str
    host: str | None
    database: str | None
    began: str


class RecordOptions(t.TypedDict):
    """``path``: of a file on the controller, '' for none. ``required``: it takes the line, or the
    task fails. ``done``: moves before ``move``. The others as in ``RecordLine``.
    """

    path: str
    pool: str
    operation: str
    id: str
    operator: str
    ticket: str
    reason: str
    entry: Entry
    required: bool
    move: MoveToRemember | None
    done: list[DoneMove]


def all_done(options: RecordOptions, at: str) -> list[DoneMove]:
    """The moves before, and the one that ended at this time."""
    move = options["move"]
    if move is None:
        return options["done"]
    ended: DoneMove = {
        "name": move["name"],
        "host": move["host"],
        "database": move["database"],
        "began": move["began"],
        "ended": at,
    }
    return [*options["done"], ended]


def gone_on_without(refusal: str, options: RecordOptions) -> str:
    """What a person is told where a line is missing and nothing is stopped for it."""
    told = json.dumps(options["entry"])
    return f"{refusal} What is under way is not stopped for it; the line would have said {told}"


def line_of(options: RecordOptions, at: str, controller: str) -> str:
    """One line of JSON, without its end. ``at``: ISO 8601 in UTC."""
    about = {
        "at": at,
        "pool": options["pool"],
        "target": options["operation"],
        "id": options["id"],
        "operator": options["operator"],
        "controller": controller,
        "ticket": options["ticket"],
        "reason": options["reason"],
    }
    return json.dumps({**about, **options["entry"]})
