"""A line of the record of operations. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import json
import typing as t

from ..._engine.model import ArgumentSpec
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
}


class RecordOptions(t.TypedDict):
    """``path``: of a file on the controller. The others as in ``RecordLine``."""

    path: str
    pool: str
    operation: str
    id: str
    operator: str
    ticket: str
    reason: str
    entry: Entry


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
