"""The first pipeline of a run at a host: what everything rests on is tried, and its SQL tools are
told.

What was seen is kept for the run in a file that only the owner may read, beside the kept runspaces;
it holds no secrets. FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
import typing as t
from collections.abc import Sequence

from .._engine.errors import AnswersDiffer
from .._engine.model import Call, Cmdlet, Record, Sql
from .._engine.sql_tool import SqlTool, tool_from, tool_of
from . import sql_tools
from .kept_runspaces import digest_of
from .sql_tools import Choice

_DIGITS = "1234567890123456789012345"
_DATE = "2015-06-01T08:00:16"
#: A list that the client sends: what a cmdlet writes is unrolled, an empty text stays one.
_LIST: list[t.Any] = ["pchat", "", 2147483648, ["inner", ""], True]
#: One row of what the plans rest on: NULL in a text, a number and a date; an empty text; 25 digits.
_ROW = (
    "SET NOCOUNT ON; SELECT CONVERT(nvarchar(10), NULL) AS no_text, CONVERT(int, NULL) AS"
    " no_number, CONVERT(datetime, NULL) AS no_date, N'' AS empty, N' ' AS blank,"
    f" CONVERT(varchar(25), CONVERT(numeric(25, 0), {_DIGITS})) AS digits, CONVERT(numeric(25, 0),"
    f" {_DIGITS}) AS number, CONVERT(varchar(19), CONVERT(datetime, '{_DATE}', 126), 126) AS"
    f" date_text, CONVERT(datetime, '{_DATE}', 126) AS date, CONVERT(bit, 1) AS flag;"
)
_ROW_SEEN: Record = {
    "no_text": None,
    "no_number": None,
    "no_date": None,
    "empty": None,
    "blank": " ",
    "digits": _DIGITS,
    "number": int(_DIGITS),
    "date_text": _DATE,
    "date": _DATE,
    "flag": True,
}


def questions(choice: Choice, with_sql: bool) -> list[Call]:
    """The calls that go before the others of the first pipeline."""
    listed = Cmdlet("Write-Output", {"InputObject": _LIST})
    if not with_sql:
        return [listed]
    return [listed, sql_tools.asked(choice), Sql(_ROW)]


def tool_told(answered: Sequence[Sequence[Record]]) -> SqlTool | None:
    """From the records of ``questions`` as far as they came."""
    return tool_of(answered[1]) if len(answered) > 1 else None


def judge(where: str, answered: Sequence[Sequence[Record]]) -> None:
    """Raises AnswersDiffer when this host's answers are not those that the plans rest on."""
    listed = [record.get("value") for record in answered[0]]
    if listed != _LIST:
        _refuse(where, "a list", _LIST, listed)
    if len(answered) < 3:
        return
    rows = answered[2]
    row = rows[0] if len(rows) == 1 else {"rows": len(rows)}
    for name, value in _ROW_SEEN.items():
        if name not in row or row[name] != value:
            _refuse(where, f"the column {name} of a row", value, row.get(name, "(not there)"))


def _refuse(where: str, what: str, expected: t.Any, came: t.Any) -> None:
    raise AnswersDiffer(
        f"{where} answers otherwise than PowerShell and SQL Server do elsewhere: {what} should come"
        f" as {expected!r} and came as {came!r}. No fact read from it could be trusted, so nothing"
        " is done. Run fidelity.yml against it and report what it prints.",
        expected=repr(expected),
        came=repr(came),
    )


class Seen:
    """What the first look of this run found at one endpoint, for the tasks after it."""

    def __init__(self, folder: str | None, identity: tuple[str, ...] = ()) -> None:
        """``folder``: the run's own temporary folder; None to remember within this session only."""
        digest = digest_of(identity)
        self._path = None if folder is None else pathlib.Path(folder, f"pchat-seen-{digest}")
        self._known: dict[str, t.Any] | None = None

    def load(self) -> dict[str, t.Any]:
        """{} before the first look; {"tool": ...} where SQL tools were asked for."""
        if self._known is None:
            self._known = self._stored()
        return self._known

    def _stored(self) -> dict[str, t.Any]:
        if self._path is None:
            return {}
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def save(self, **facts: t.Any) -> None:
        self._known = {**self.load(), "looked": True, **facts}
        if self._path is None:
            return
        new = self._path.with_suffix(f".{os.getpid()}.new")
        with contextlib.suppress(OSError):  # the next task looks again
            descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(self._known, file)
            os.replace(new, self._path)

    @property
    def looked(self) -> bool:
        return bool(self.load().get("looked"))

    def tool(self, choice: Choice) -> SqlTool | None:
        """The SQL tool that was seen for this choice of a module."""
        stored = (self.load().get("tools") or {}).get(choice.cmdlet)
        return None if stored is None else tool_from(stored)

    def save_tool(self, choice: Choice, tool: SqlTool) -> None:
        tools = dict(self.load().get("tools") or {})
        tools[choice.cmdlet] = tool.as_dict()
        self.save(tools=tools)
