"""What a database holds: rows of its tables, the newest of their dates, and up to where it was
restored. FOR INTERNAL COLLECTION USE ONLY.

Read only. It stands beside the outage because up to where a copy got is told by the files of log
shipping.
"""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from ..._engine.errors import CmdletFailed, CmdletMissing, Refused, Unproven
from ..._engine.model import ArgumentSpec, Call, Record, Resource, Session, Step
from ..calls import windows
from ..calls.tsql import catalog, content, history, quote
from ..documents.salvage import ContentFacts, Reached, TableFacts
from ..estate.time_zone import Zone, zone_of
from ..resources.sqlserver._instance import (
    INSTANCE_OPTION,
    DatabaseOptions,
    database_row,
    database_scope,
    one,
    rows_of,
)
from ..rows import number, text_or_none
from .shipped_logs import began

CONTENT_INFO_SPEC: ArgumentSpec = {
    **INSTANCE_OPTION,
    "database": {"type": "str", "required": True},
    "fork": {"type": "str", "default": ""},
    "count": {"type": "bool", "default": True},
}
#: Statements of one pipeline.
_AT_ONCE = 40


class ContentOptions(DatabaseOptions):
    """``fork``: up to where the copy was restored from it is told as well. ``count``: whether
    tables are read.
    """

    fork: str
    count: bool


class Table(t.NamedTuple):
    """A table and its date columns."""

    schema: str
    name: str
    columns: tuple[str, ...]


class ContentInfo(Resource[ContentOptions, ContentFacts]):
    """Tells, and changes nothing."""

    tells_only = True

    def __init__(self, options: ContentOptions, host: str) -> None:
        self.options = options
        self.database = quote.plain_name(options["database"])
        self.scope = f"{database_scope(options, host)} content"

    def read(self, session: Session) -> ContentFacts:
        """Tables of a copy that is online; of others, and of a mirror, only what the instance
        tells.
        """
        found, reached, instances, zones = session.read(
            catalog.databases([self.database]),
            history.reached(self.database, self.options["fork"]),
            catalog.instance(),
            windows.time_zone(),
        )
        row = database_row(found, self.database)
        instance = one(rows_of(catalog.InstanceRow, instances))
        offset = instance["utc_offset_minutes"] if instance else 0
        zone = zone_of(one(zones), int(offset or 0))
        tables: list[TableFacts] = []
        if row["database_state"] == "ONLINE" and self.options["count"]:
            tables = self._tables(session)
        return {
            "database_state": row["database_state"],
            "family": row["family"],
            "recovery_fork": row["recovery_fork"],
            "tables": tables,
            "reached": _reached(one(rows_of(history.ReachedRow, reached)), zone),
        }

    def plan(self, current: ContentFacts) -> list[Step[ContentFacts]]:
        """Nothing: it only tells."""
        return []

    def _tables(self, session: Session) -> list[TableFacts]:
        listed = session.read(content.date_columns(self.database))[0]
        told: list[TableFacts] = []
        tables = _by_table(rows_of(content.DateColumnRow, listed))
        for start in range(0, len(tables), _AT_ONCE):
            told += self._counted(session, tables[start : start + _AT_ONCE])
        return told

    def _counted(self, session: Session, tables: Sequence[Table]) -> list[TableFacts]:
        """All in one pipeline; one by one when that fails, so that a table which cannot be read
        hides no other.
        """
        try:
            answers = session.read(*[self._call(table) for table in tables])
        except CmdletMissing:
            raise
        except (CmdletFailed, Unproven, Refused):
            return [self._alone(session, table) for table in tables]
        return [_counts(table, rows) for table, rows in zip(tables, answers, strict=True)]

    def _alone(self, session: Session, table: Table) -> TableFacts:
        try:
            return _counts(table, session.read(self._call(table))[0])
        except (CmdletFailed, Unproven, Refused) as error:
            return _uncounted(table, str(error))

    def _call(self, table: Table) -> Call:
        """Refused for a name that nobody can quote."""
        return content.rows_of_table(self.database, table.schema, table.name, table.columns)


def _reached(row: history.ReachedRow | None, zone: Zone) -> Reached | None:
    if row is None:
        return None
    return {
        "last_lsn": row["last_lsn"],
        "at": began(row["path"], row["began_local"], zone),
        "path": row["path"],
    }


def _by_table(rows: Sequence[content.DateColumnRow]) -> list[Table]:
    """The rows of one table stand together."""
    found: dict[tuple[str, str], list[str]] = {}
    for row in rows:
        columns = found.setdefault((row["schema_name"], row["table_name"]), [])
        if row["column_name"] is not None:
            columns.append(row["column_name"])
    return [Table(schema, name, tuple(columns)) for (schema, name), columns in found.items()]


def _counts(table: Table, rows: Sequence[Record]) -> TableFacts:
    if not rows:
        return _uncounted(table, "no row came back")
    newest = {}
    for place, column in enumerate(table.columns):
        newest[column] = text_or_none(rows[0], content.newest(place))
    return {
        "schema": table.schema,
        "name": table.name,
        "rows": number(rows[0], "row_count"),
        "newest": newest,
        "why": None,
    }


def _uncounted(table: Table, why: str) -> TableFacts:
    newest: dict[str, str | None] = dict.fromkeys(table.columns)
    return {
        "schema": table.schema,
        "name": table.name,
        "rows": None,
        "newest": newest,
        "why": why,
    }
