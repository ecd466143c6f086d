"""Everything that arrived on the wire, in order.

Tests, counts and reviews read it; secrets never enter it.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import typing as t


def command_line(name: str, parameters: dict[str, t.Any]) -> str:
    """A call as one text: the cmdlet, and its parameters with their values."""
    given = (f"-{parameter} {value}" for parameter, value in parameters.items())
    return " ".join((name, *given))


@dataclasses.dataclass
class Entry:
    """One cmdlet call.

    ``write``: it changed the estate or tried to. ``impossible``: the lab was asked for something it
    does not know.
    """

    number: int
    at: dt.datetime
    host: str
    user: str
    runspace: str
    pipeline: str
    name: str
    parameters: dict[str, t.Any]
    write: bool = False
    outcome: str = "ok"  # ok | error | lost (the client never got the answer)
    error: str | None = None
    impossible: bool = False
    notes: dict[str, t.Any] = dataclasses.field(
        default_factory=dict
    )  # tsql, database, instance, version ... of a batch

    def as_json(self) -> dict[str, t.Any]:
        return {**dataclasses.asdict(self), "at": self.at.isoformat()}


class Journal:
    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def add(self, **fields: t.Any) -> Entry:
        entry = Entry(len(self.entries) + 1, **fields)
        self.entries.append(entry)
        return entry

    def writes(self) -> list[Entry]:
        return [e for e in self.entries if e.write]
