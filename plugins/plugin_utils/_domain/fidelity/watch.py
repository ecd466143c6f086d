"""A session that remembers what was asked of it and which properties of the answers were looked at.

The collection's own readers run over it, so what is checked on a real host is what they really use.
FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

from ..._engine.errors import CmdletFailed
from ..._engine.model import Call, Cmdlet, Record, Session
from ..documents.fidelity import CallSeen


class _Watched(dict[str, t.Any]):
    """A record that tells which of its properties were asked for; a missing one reads as None, so
    that a reader goes on.
    """

    def __init__(self, record: Record, asked: dict[str, bool]) -> None:
        super().__init__(record)
        self._asked = asked

    def _look(self, name: str) -> None:
        self._asked[name] = self._asked.get(name, False) or dict.__contains__(self, name)

    def get(self, name: str, default: t.Any = None) -> t.Any:
        """As of a dictionary, and told."""
        self._look(name)
        return super().get(name, default)

    def __getitem__(self, name: str) -> t.Any:
        self._look(name)
        return super().get(name)

    def __contains__(self, name: object) -> bool:
        self._look(str(name))
        return super().__contains__(name)


class Watch:
    """Implements ``_engine.model.Session`` over another one; only reads.

    ``seen``: what every cmdlet answered.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self._seen: dict[str, CallSeen] = {}
        self._rows: list[tuple[Call, list[Record]]] = []

    def read(self, *calls: Call) -> list[list[Record]]:
        """As the real session; where one call fails all are asked one by one, and a failed one has
        no records.
        """
        try:
            answers = self.session.read(*calls)
        except CmdletFailed:
            answers = [self._one(call) for call in calls]
        return [self._watched(call, rows) for call, rows in zip(calls, answers, strict=True)]

    def run(self, call: Call) -> list[Record]:
        """Refused with ``AssertionError``: nothing here may write."""
        raise AssertionError(f"{call} would write; nothing here may")

    def _one(self, call: Call) -> list[Record]:
        try:
            return self.session.read(call)[0]
        except CmdletFailed as error:
            self._entry(call)["error"] = str(error)
            return []

    def _entry(self, call: Call) -> CallSeen:
        key = str(call) if isinstance(call, Cmdlet) else call.text
        name = call.name if isinstance(call, Cmdlet) else "Invoke-Sqlcmd"
        fresh: CallSeen = {
            "call": key,
            "cmdlet": name,
            "records": 0,
            "properties": {},
            "error": None,
        }
        return self._seen.setdefault(key, fresh)

    def _watched(self, call: Call, rows: list[Record]) -> list[Record]:
        entry = self._entry(call)
        entry["records"] += len(rows)
        self._rows.append((call, rows))
        return [_Watched(row, entry["properties"]) for row in rows]

    def seen(self) -> list[CallSeen]:
        """Cmdlets (not batches) with the number of records, and property -> whether any record had
        it.
        """
        return [
            entry
            for entry in self._seen.values()
            if entry["cmdlet"] != "Invoke-Sqlcmd" or entry["error"]
        ]

    def rows(self, cmdlet: str) -> Iterator[Record]:
        """Everything that calls of this cmdlet returned."""
        for call, rows in self._rows:
            if isinstance(call, Cmdlet) and call.name == cmdlet:
                yield from rows

    def rows_of(self, call: Call) -> list[Record]:
        """Everything that this very call returned."""
        found: list[Record] = []
        for asked, rows in self._rows:
            if asked == call:
                found += rows
        return found
