"""What a table name means: a catalog view, a user table, a temporary table, a common table
expression.
"""

from __future__ import annotations

import dataclasses
import decimal
import functools
import typing as t
from collections.abc import Callable

from ...powershell.errors import LabGap
from .documented import is_documented
from .errors import error
from .parser import Node
from .registry import VIEWS, View
from .results import Column
from .scope import Row, Scope, Source, as_row
from .tables import ComputedTable, Table, key_of
from .transactions import write

if t.TYPE_CHECKING:
    from ..server.database import Database
    from .session import SqlSession

_Given = dict[str, t.Any]  # a row as a view gives it
#: Views of SQL Server 2000 that are found as dbo.<name> or <database>..<name> in every database.
COMPATIBILITY = (
    "sysprocesses",
    "sysdatabases",
    "syslogins",
    "sysfiles",
    "sysaltfiles",
    "sysobjects",
    "sysusers",
    "sysconfigures",
)


@dataclasses.dataclass(frozen=True)
class ObjectName:
    """A schema object name as written; empty parts are ''."""

    database: str
    schema: str
    name: str

    @classmethod
    @functools.lru_cache(maxsize=16384)
    def of(cls, node: Node) -> ObjectName:
        if node.get("ServerIdentifier") is not None:
            raise LabGap(f"linked servers: {node.text}")

        def part(name: str) -> str:
            identifier = node.get(name)
            return identifier.Value if identifier is not None else ""

        return cls(part("DatabaseIdentifier"), part("SchemaIdentifier"), part("BaseIdentifier"))

    def __str__(self) -> str:
        if self.database:
            return f"{self.database}.{self.schema}.{self.name}"
        return f"{self.schema}.{self.name}" if self.schema else self.name


@dataclasses.dataclass
class Found:
    """An object that can be read: its source, and how to get its rows.

    ``table``: the user table behind it, which can be written too; ``store`` puts a new version of
    it back.
    """

    source: Source
    rows: Callable[[], list[Row]]
    table: Table | None = None
    store: Callable[[Table], None] | None = None
    database: Database | None = None


def find_object(session: SqlSession, node: Node, alias: str | None, scope: Scope | None) -> Found:
    """SqlError 208 for an unknown name, or why its database cannot be opened; 229/916 for callers
    without rights.
    """
    name = ObjectName.of(node)
    shown = (alias or name.name).lower()
    if not name.schema and scope is not None and (cte := scope.cte(name.name)) is not None:
        columns, rows = cte
        return Found(Source.of(shown, columns), lambda: [_row(columns, row) for row in rows])
    if name.name.startswith("#"):
        return _temporary(session, name, shown)
    view = _view(session, name)
    if view is not None:
        return _from_view(session, view, name, shown)
    return _user_table(session, name, shown)


def variable_table(session: SqlSession, node: Node, alias: str | None) -> Found:
    """The table variable of a reference."""
    key = node.Variable.Name.lower()
    if key not in session.table_variables:
        raise error(1087, node.Variable.Name)
    return _of_table(
        session.table_variables[key],
        alias or key,
        lambda table: session.table_variables.__setitem__(key, table),
    )


def _temporary(session: SqlSession, name: ObjectName, alias: str) -> Found:
    key = name.name.lower()
    if key not in session.temp_tables:
        raise error(208, name.name)
    return _of_table(
        session.temp_tables[key], alias, lambda table: session.temp_tables.__setitem__(key, table)
    )


def _of_table(
    table: Table,
    alias: str,
    store: Callable[[Table], None] | None,
    database: Database | None = None,
) -> Found:
    columns = table.shown()
    return Found(
        Source.of(alias, columns),
        lambda: [_row(columns, row) for row in table.rows],
        table,
        store,
        database,
    )


def _row(columns: list[Column], values: t.Sequence[t.Any]) -> Row:
    return {column.name.lower(): value for column, value in zip(columns, values, strict=True)}


def _view(session: SqlSession, name: ObjectName) -> View | None:
    low = name.name.lower()
    schema = name.schema.lower()
    database = (name.database or session.database).lower()
    keys = [f"{database}.{schema or 'dbo'}.{low}"]
    if schema == "sys" or (schema in ("", "dbo") and low in COMPATIBILITY):
        keys.append(f"sys.{low}")
    if schema == "information_schema":
        keys.append(f"information_schema.{low}")
    for key in keys:
        view = VIEWS.get(key)
        if view is not None and _shape(view, session.instance.version).columns:
            return view
    return None


class _Shape(t.NamedTuple):
    """What a view looks like. ``keys``: each column's name and its key in a row. ``plain``: these
    are the same, and this is a row of NULLs.
    """

    columns: dict[str, Column]
    keys: list[tuple[str, str]]
    numeric: list[str]
    plain: Row | None


@functools.lru_cache(maxsize=4096)
def _shape(view: View, version: tuple[int, ...]) -> _Shape:
    types = view.columns_at(version)
    keys = [(name, name.lower()) for name in types]
    return _Shape(
        {key: Column(name, types[name]) for name, key in keys},
        keys,
        [key for name, key in keys if types[name].startswith(("numeric", "decimal"))],
        dict.fromkeys(types) if all(name == key for name, key in keys) else None,
    )


def _from_view(session: SqlSession, view: View, name: ObjectName, alias: str) -> Found:
    database = session.open_database(name.database or None)
    if view.name.lower().startswith("msdb.") and not session.is_sysadmin:
        raise error(229, "SELECT", name.name, "msdb", "dbo")
    shape = _shape(view, session.instance.version)

    def rows() -> list[Row]:
        outer = session.view_database
        session.view_database = database
        try:
            return [_checked(view, shape, row) for row in view.rows(session)]
        finally:
            session.view_database = outer

    return Found(Source(alias, shape.columns), rows)


def _checked(view: View, shape: _Shape, row: _Given) -> Row:
    result: Row
    if shape.plain is not None and row.keys() <= shape.plain.keys():
        result = {**shape.plain, **row}
    elif row.keys() <= view.columns.keys():
        result = {key: row.get(name) for name, key in shape.keys}
    else:
        strangers = sorted(row.keys() - view.columns.keys())
        raise AssertionError(f"view {view.name} gave columns that it does not declare: {strangers}")
    for key in shape.numeric:
        if isinstance(result[key], int):
            result[key] = decimal.Decimal(result[key])
    return result


def _known_elsewhere(name: ObjectName) -> bool:
    """A view that the lab has, but in newer versions or another database: there the server says 208
    too.
    """
    low = name.name.lower()
    return any(key.rpartition(".")[2] == low for key in VIEWS)


def _user_table(session: SqlSession, name: ObjectName, alias: str) -> Found:
    if name.database and name.database.lower() not in session.instance.databases:
        raise error(208, str(name))
    database = session.open_database(name.database or None)
    if (
        not session.is_sysadmin
        and not database.is_system
        and database.owner.lower() != session.login.lower()
    ):
        raise error(916, session.login, database.name)
    key = key_of(name.schema or "dbo", name.name)
    table = database.content.get(key)
    if table is None:
        if is_documented(name.name, name.schema or "dbo", database.name) and not _known_elsewhere(
            name
        ):
            raise LabGap(f"the system object {name}")
        raise error(208, str(name))
    if isinstance(table, ComputedTable):
        computed = table
        columns = computed.shown()

        def rows() -> list[Row]:
            return [as_row(columns, row) for row in computed.rows_of(database)]

        return Found(Source.of(alias, columns), rows)

    def store(changed: Table) -> None:
        write(session, database, {key: changed})

    return _of_table(table, alias, store, database)
