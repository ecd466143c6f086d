"""A session of the plugins on an instance of the lab, in process: no wire, no host, no Ansible."""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import typing as t
import uuid

from lab.tests.sql_core.conftest import Sql

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.engine import (
    Outcome,
    converge,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import (
    CmdletMissing,
    SqlFailed,
    Unreachable,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import (
    Call,
    Cmdlet,
    Record,
    Resource,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import Sql as Batch
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.proof import judged
from pchat_lab.sqlserver.language.parser import parse
from pchat_lab.sqlserver.server.instance import SqlInstance


class Passing:
    """The lab's clock, which runs only while somebody waits."""

    def __init__(self, sql: Sql) -> None:
        self._clock = sql.world.clock

    def now(self) -> float:
        return self._clock.now().timestamp()

    def sleep(self, seconds: float) -> None:
        self._clock.advance(seconds)


def run(resource: Resource, session: Direct) -> Outcome:
    return converge(resource, session, check_mode=False, clock=Passing(session.sql))


@dataclasses.dataclass
class Direct:
    """A session of the plugins that runs its batches on an instance of the lab, and counts those
    that change something.

    ``cut``: (which of them, how many of its statements run before the connection is lost).
    ``twice``: each is run once more.
    """

    sql: Sql
    instance: SqlInstance
    cut: tuple[int, int] | None = None
    twice: bool = False
    sent: list[Batch] = dataclasses.field(default_factory=list)

    def read(self, *calls: Call) -> list[list[Record]]:
        assert not any(call.changes for call in calls)
        return [self._answer(call) for call in calls]

    def run(self, call: Call) -> list[Record]:
        assert isinstance(call, Batch)
        if not call.changes:  # it lasts, and may be asked again at any time
            return self._answer(call)
        self.sent.append(call)
        if self.cut is not None and self.cut[0] == len(self.sent) - 1:
            self._run_the_first(call, self.cut[1])
            raise Unreachable("the connection was lost")
        if self.twice:
            self._execute(call.text, call.database)
        return self._answer(call)

    def _run_the_first(self, batch: Batch, count: int) -> None:
        text = " ".join(statement.text for statement in parse(batch.body)[:count])
        if text:
            self._execute(text, batch.database)

    def _execute(self, text: str, database: str) -> t.Any:
        return self.sql.run(text, self.instance, database=database)

    def _answer(self, call: Call) -> list[Record]:
        if isinstance(call, Cmdlet) and call.params.get("ClassName") == "Win32_TimeZone":
            return []  # no rule is known: today's offset holds
        if isinstance(call, Cmdlet):
            raise CmdletMissing(f"{call.name} is not recognized", name=call.name)
        result = self._execute(call.text, call.database)
        if result.errors:
            raise SqlFailed("; ".join(error.message for error in result.errors))
        return judged(
            call, [{name: plain(value) for name, value in row.items()} for row in result.rows()]
        )


def plain(value: t.Any) -> t.Any:
    """As the transport hands out what comes over the wire: an empty text is NULL."""
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, decimal.Decimal):
        return int(value)
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return None if value == "" else value
