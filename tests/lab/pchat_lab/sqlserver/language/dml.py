"""INSERT, UPDATE, DELETE, TRUNCATE, SELECT INTO, CREATE TABLE and DROP TABLE on user tables,
temporary tables and table variables.
"""

from __future__ import annotations

import typing as t

from ...powershell.errors import LabGap
from .bind import check, columns_of
from .errors import SqlError, error
from .execute import execute
from .expressions import evaluate, truth
from .objects import Found, find_object, variable_table
from .parser import Node, names_of
from .registry import statement
from .results import BatchResult, ResultSet
from .scope import Scope
from .select import assign, query, with_ctes
from .sources import relation_of
from .tables import Table, TableColumn
from .values import convert

if t.TYPE_CHECKING:
    from .session import SqlSession


#: The image of a row that a combination has taken already: no row has it.
_TAKEN = ("taken",)


def _target(session: SqlSession, node: Node) -> tuple[Table, Found]:
    found = (
        variable_table(session, node, None)
        if node.kind == "VariableTableReference"
        else find_object(session, node.SchemaObject, None, None)
    )
    if found.table is None or found.store is None:
        raise LabGap(
            f"writing to {node.text}: the lab's catalog views and computed tables are read-only"
        )
    return found.table, found


def _store(session: SqlSession, found: Found, table: Table) -> None:
    assert found.store is not None
    found.store(table)


def _put(
    session: SqlSession, table: Table, column: TableColumn, value: t.Any, action: str
) -> t.Any:
    """A value as the column stores it. SqlError 515, 8152, or a conversion error."""
    if value is None:
        if not column.nullable:
            raise error(515, column.name, f"{table.schema or 'tempdb'}.{table.name}", action)
        return None
    limit = column.type.length
    if (
        column.type.family == "string"
        and limit is not None
        and limit != -1
        and isinstance(value, str)
        and len(value.rstrip(" ")) > limit
    ):
        raise error(8152)
    return convert(value, column.type)


@statement("InsertStatement", writes=False)
def insert(session: SqlSession, node: Node) -> None:
    scope = with_ctes(session, node, Scope())
    spec = node.InsertSpecification
    if spec.get("OutputClause") is not None or spec.get("OutputIntoClause") is not None:
        raise LabGap("the OUTPUT clause")
    table, found = _target(session, spec.Target)
    if spec.Columns:
        numbers = [table.index(names_of(column)[-1]) for column in spec.Columns]
        if any(table.columns[n].identity for n in numbers):
            raise SqlError(
                544,
                f"Cannot insert explicit value for identity column in table '{table.name}' when "
                "IDENTITY_INSERT is set to OFF.",
            )
    else:
        numbers = [n for n, column in enumerate(table.columns) if column.identity is None]
    added = _inserted(session, spec.InsertSource, scope, len(numbers), table, numbers)
    rows = []
    identity = table.next_identity
    for values in added:
        row: list[t.Any] = []
        given = dict(zip(numbers, values, strict=True))
        for number, column in enumerate(table.columns):
            if column.identity is not None:
                value = identity
                session.identity = identity
                identity += column.identity[1]
            elif number in given:
                value = given[number]
            else:
                value = _default(session, column)
            row.append(_put(session, table, column, value, "INSERT"))
        rows.append(tuple(row))
    _store(session, found, table.with_rows((*table.rows, *rows), identity))
    session.rowcount = len(rows)


def _default(session: SqlSession, column: TableColumn) -> t.Any:
    return evaluate(session, column.default, Scope()) if column.default is not None else None


def _inserted(
    session: SqlSession, source: Node, scope: Scope, width: int, table: Table, numbers: list[int]
) -> list[list[t.Any]]:
    if source.kind == "ValuesInsertSource":
        if source.IsDefaultValues:
            return [[_default(session, table.columns[n]) for n in numbers]]
        return [
            _given(session, values.ColumnValues, scope, table, numbers)
            for values in source.RowValues
        ]
    if source.kind == "SelectInsertSource":
        if len(columns_of(session, source.Select, scope)) != width:
            raise error(213)
        return query(session, source.Select, scope).rows
    if source.kind == "ExecuteInsertSource":
        return _from_execute(session, source.Execute, width)
    raise LabGap(f"INSERT from {source.kind}")


def _given(
    session: SqlSession,
    values: t.Sequence[Node],
    scope: Scope,
    table: Table,
    numbers: list[int],
) -> list[t.Any]:
    """One row of VALUES.

    SqlError 109 or 110 when there are too few or too many, 213 for a table without columns.
    """
    if len(values) != len(numbers):
        raise _wrong_number(len(values), table, numbers)
    row = []
    for number, value in zip(numbers, values, strict=True):
        if value.kind == "DefaultLiteral":
            row.append(_default(session, table.columns[number]))
        else:
            check(session, value, scope)
            row.append(evaluate(session, value, scope))
    return row


def _wrong_number(given: int, table: Table, numbers: list[int]) -> SqlError:
    if not table.columns or not numbers:
        return error(213)
    return SqlError(
        109 if given < len(numbers) else 110,
        "There are more columns in the INSERT statement than values specified in the VALUES "
        "clause. The number of values in the VALUES clause must match the number of columns "
        "specified in the INSERT statement.",
        15,
    )


def _from_execute(session: SqlSession, specification: Node, width: int) -> list[list[t.Any]]:
    if session.options.get("insert exec"):
        raise error(8164)
    outer = session.result
    session.result = BatchResult()
    session.options["insert exec"] = True
    try:
        execute(session, specification)
    finally:
        session.options["insert exec"] = False
        inner = session.result
        session.result = outer
        for event in inner.events:
            if isinstance(event, SqlError):
                session.report(event)
            elif not isinstance(event, ResultSet):
                session.info(event.text, event.number, event.severity, event.state)
    if any(len(result.columns) != width for result in inner.result_sets):
        raise error(213)
    rows = []
    for result in inner.result_sets:
        rows += result.rows
    return rows


def _changed_table(
    session: SqlSession, spec: Node, scope: Scope
) -> tuple[Table, Found, list[tuple[int, Scope]]]:
    """The target, and the rows of it that FROM and WHERE choose, with the scope of the first match
    each.
    """
    if (
        spec.get("TopRowFilter") is not None
        or spec.get("OutputClause") is not None
        or spec.get("OutputIntoClause") is not None
    ):
        raise LabGap("TOP and OUTPUT in UPDATE and DELETE")
    target = spec.Target
    alias = None
    if (
        spec.FromClause is not None
        and target.kind == "NamedTableReference"
        and target.SchemaObject.get("SchemaIdentifier") is None
    ):
        wanted = target.SchemaObject.BaseIdentifier.Value.lower()
        for reference in spec.FromClause.walk():
            if reference.kind in ("NamedTableReference", "VariableTableReference"):
                shown = reference.Alias.Value if reference.get("Alias") is not None else ""
                if shown.lower() == wanted:
                    target = reference
                    alias = shown.lower()
    table, found = _target(session, target)
    if spec.FromClause is None:
        rows = [
            (number, scope.child([found.source], (row,))) for number, row in enumerate(found.rows())
        ]
    else:
        name = alias or found.source.alias
        relation = relation_of(session, spec.FromClause, scope)
        place = next((n for n, source in enumerate(relation.sources) if source.alias == name), None)
        if place is None:
            raise LabGap("UPDATE or DELETE whose target is not in FROM")
        images: list[tuple[t.Any, ...]] = [tuple(row.items()) for row in found.rows()]
        rows = []
        for combined in relation.rows:
            # Rows with equal content are interchangeable: each is taken once.
            image = tuple(combined[place].items())
            if image in images:
                number = images.index(image)
                images[number] = _TAKEN
                rows.append((number, scope.child(relation.sources, combined)))
    if rows:
        sources = rows[0][1]
    elif spec.FromClause:
        sources = scope.child(relation_of(session, spec.FromClause, scope, read=False).sources)
    else:
        sources = scope.child([found.source])
    if spec.WhereClause is not None:
        check(session, spec.WhereClause.SearchCondition, sources)
        rows = [
            (n, line) for n, line in rows if truth(session, spec.WhereClause.SearchCondition, line)
        ]
    return table, found, rows


@statement("UpdateStatement", writes=False)
def update(session: SqlSession, node: Node) -> None:
    scope = with_ctes(session, node, Scope())
    spec = node.UpdateSpecification
    table, found, chosen = _changed_table(session, spec, scope)
    new = [list(row) for row in table.rows]
    for clause in spec.SetClauses:
        if clause.kind != "AssignmentSetClause":
            raise LabGap(clause.text)
        if (
            clause.Column is not None
            and table.columns[table.index(names_of(clause.Column)[-1])].identity
        ):
            raise error(8102, names_of(clause.Column)[-1])
    for number, line in chosen:
        for clause in spec.SetClauses:
            check(session, clause.NewValue, line)
            value = (
                evaluate(session, clause.NewValue, line)
                if clause.NewValue.kind != "DefaultLiteral"
                else None
            )
            if clause.Column is not None:
                place = table.index(names_of(clause.Column)[-1])
                if clause.NewValue.kind == "DefaultLiteral":
                    value = _default(session, table.columns[place])
                if clause.AssignmentKind != "Equals":
                    raise LabGap(clause.text)
                new[number][place] = _put(session, table, table.columns[place], value, "UPDATE")
            if clause.Variable is not None:
                assign(session, clause.Variable.Name, "Equals", value)
    if chosen:
        _store(session, found, table.with_rows(tuple(row) for row in new))
    elif found.database is not None:
        session.wrote = True
    session.rowcount = len(chosen)


@statement("DeleteStatement", writes=False)
def delete(session: SqlSession, node: Node) -> None:
    scope = with_ctes(session, node, Scope())
    table, found, chosen = _changed_table(session, node.DeleteSpecification, scope)
    gone = {number for number, _line in chosen}
    if gone:
        _store(
            session,
            found,
            table.with_rows(row for number, row in enumerate(table.rows) if number not in gone),
        )
    elif found.database is not None:
        session.wrote = True
    session.rowcount = len(gone)


@statement("TruncateTableStatement", writes=False)
def truncate(session: SqlSession, node: Node) -> None:
    found = find_object(session, node.TableName, None, None)
    if found.table is None:
        raise LabGap(node.text)
    seed = next((column.identity[0] for column in found.table.columns if column.identity), 1)
    _store(session, found, found.table.with_rows((), seed))
