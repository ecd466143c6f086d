"""CREATE TABLE, DROP TABLE, and SELECT with its INTO."""

from __future__ import annotations

import dataclasses
import typing as t

from .errors import SqlError, error
from .objects import ObjectName, find_object
from .parser import Node
from .registry import statement
from .results import ResultSet
from .scope import Scope
from .select import assigns, query, with_ctes
from .tables import Table, TableColumn, define, key_of, next_object_id
from .transactions import write
from .types import parse_type
from .values import type_name

if t.TYPE_CHECKING:
    from .session import SqlSession


@statement("SelectStatement", writes=False)
def select_statement(session: SqlSession, node: Node) -> None:
    """Its rows go to the client, into variables, or into a new table."""
    scope = with_ctes(session, node, Scope())
    result = query(session, node.QueryExpression, scope)
    session.rowcount = len(result.rows)
    if node.get("Into") is not None:
        _select_into(session, node.Into, result)
    elif not assigns(node.QueryExpression):
        session.emit(result)


def _select_into(session: SqlSession, target: Node, result: ResultSet) -> None:
    """SELECT ... INTO a new table."""
    name = ObjectName.of(target)
    columns = []
    for number, column in enumerate(result.columns):
        if not column.name:
            raise SqlError(
                1038,
                "An object or column name is missing or empty. For SELECT INTO statements, verify "
                "each column has a name.",
                15,
            )
        sample = next((row[number] for row in result.rows if row[number] is not None), None)
        guess = {
            "varchar": "nvarchar(4000)",
            "numeric": "numeric(38,6)",
            "varbinary": "varbinary(8000)",
            "NULL": "int",
        }
        kind = column.type or guess.get(type_name(sample), type_name(sample))
        columns.append(TableColumn(column.name, parse_type(kind)))
    table = Table(
        name.schema or "dbo", name.name, 0, tuple(columns), tuple(tuple(row) for row in result.rows)
    )
    if name.name.startswith("#"):
        if name.name.lower() in session.temp_tables:
            raise error(2714, name.name)
        session.temp_tables[name.name.lower()] = table
        return
    database = session.open_database(name.database or None)
    if key_of(table.schema, table.name) in database.content:
        raise error(2714, name.name)
    write(
        session,
        database,
        {
            key_of(table.schema, table.name): dataclasses.replace(
                table, object_id=next_object_id(database)
            )
        },
    )


@statement("CreateTableStatement", writes=False)
def create_table(session: SqlSession, node: Node) -> None:
    name = ObjectName.of(node.SchemaObjectName)
    if name.name.startswith("#"):
        if name.name.lower() in session.temp_tables:
            raise error(2714, name.name)
        session.temp_tables[name.name.lower()] = define(
            node.Definition, "dbo", name.name, -2 - len(session.temp_tables)
        )
        return
    database = session.open_database(name.database or None)
    if not session.is_sysadmin and database.owner.lower() != session.login.lower():
        raise error(262, "CREATE TABLE", database.name)
    key = key_of(name.schema or "dbo", name.name)
    if key in database.content:
        raise error(2714, name.name)
    write(
        session,
        database,
        {key: define(node.Definition, name.schema or "dbo", name.name, next_object_id(database))},
    )


@statement("DropTableStatement", writes=False)
def drop_table(session: SqlSession, node: Node) -> None:
    for target in node.Objects:
        name = ObjectName.of(target)
        if name.name.startswith("#"):
            if session.temp_tables.pop(name.name.lower(), None) is None:
                raise error(3701, "drop", "table", name.name)
            continue
        try:
            found = find_object(session, target, None, None)
        except SqlError as failure:
            raise (
                error(3701, "drop", "table", str(name)) if failure.number == 208 else failure
            ) from None
        if found.table is None or found.database is None:
            raise error(3701, "drop", "table", str(name))
        write(session, found.database, {key_of(found.table.schema, found.table.name): None})
