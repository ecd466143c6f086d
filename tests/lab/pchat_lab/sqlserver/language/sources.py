"""FROM: tables, derived tables, functions and joins, as sources and rows."""
from __future__ import annotations

import itertools
import typing as t
from collections.abc import Callable, Iterable

from ...powershell.errors import LabGap
from .errors import error
from .expressions import evaluate, truth
from .objects import ObjectName, find_object, variable_table
from .parser import Node
from .results import Column
from .scope import Relation, Row, Scope, Source

if t.TYPE_CHECKING:
    from .session import SqlSession

#: Table-valued functions: lower-case name -> (columns as in registry.view, rows(session, *args)).
TABLE_FUNCTIONS: dict[str, tuple[list[Column], Callable[..., Iterable[dict[str, t.Any]]]]] = {}
_Rows = Callable[..., Iterable[dict[str, t.Any]]]


def table_function(name: str, columns: str) -> Callable[[_Rows], _Rows]:
    """Register a table-valued function; ``columns`` as in registry.view."""
    parsed = [Column(title, kind.strip().replace(".", ",")) for title, _unused, kind in (word.strip().partition(" ") for word in columns.split(","))]

    def register(run: _Rows) -> _Rows:
        assert name.lower() not in TABLE_FUNCTIONS, name
        TABLE_FUNCTIONS[name.lower()] = (parsed, run)
        return run
    return register


def relation_of(session: SqlSession, from_clause: Node | None, scope: Scope, *, read: bool = True) -> Relation:
    """The rows of a FROM clause (one empty row without one). ``read=False``: sources only, no rows."""
    if from_clause is None:
        return Relation([], [()])
    parts = [_relation(session, reference, scope, read) for reference in from_clause.TableReferences]
    sources = [source for part in parts for source in part.sources]
    _no_double_alias(sources)
    if not read:
        return Relation(sources, [])
    rows = [tuple(itertools.chain.from_iterable(combination)) for combination in itertools.product(*(part.rows for part in parts))]
    return Relation(sources, rows)


def _no_double_alias(sources: list[Source]) -> None:
    seen: set[str] = set()
    for source in sources:
        if source.alias and source.alias in seen:
            raise error(1013, source.alias)
        seen.add(source.alias)


def _relation(session: SqlSession, node: Node, scope: Scope, read: bool) -> Relation:
    run = _REFERENCES.get(node.kind)
    if run is None:
        raise LabGap(f"T-SQL table reference {node.kind}: {node.text}")
    return run(session, node, scope, read)


def _alias(node: Node) -> str | None:
    alias = node.get("Alias")
    return alias.Value if alias is not None else None


def _named(session: SqlSession, node: Node, scope: Scope, read: bool) -> Relation:
    found = find_object(session, node.SchemaObject, _alias(node), scope)
    return Relation([found.source], [(row,) for row in found.rows()] if read else [])


def _variable(session: SqlSession, node: Node, scope: Scope, read: bool) -> Relation:
    found = variable_table(session, node, _alias(node))
    return Relation([found.source], [(row,) for row in found.rows()] if read else [])


def _derived(session: SqlSession, node: Node, scope: Scope, read: bool) -> Relation:
    from .bind import columns_of
    from .select import query
    columns = columns_of(session, node.QueryExpression, scope)
    named = _renamed(columns, node)
    for number, column in enumerate(named, start=1):
        if not column.name:
            raise error(8155, number, _alias(node))
    return _inline(named, _alias(node), query(session, node.QueryExpression, scope).rows if read else [])


def _renamed(columns: list[Column], node: Node) -> list[Column]:
    names = [identifier.Value for identifier in node.get("Columns", ())]
    return [Column(name, column.type) for name, column in zip(names, columns, strict=True)] if names else columns


def _inline(columns: list[Column], alias: str | None, rows: Iterable[t.Sequence[t.Any]]) -> Relation:
    keys = [column.name.lower() for column in columns]
    return Relation([Source.of(alias or "", columns)], [(dict(zip(keys, row, strict=True)),) for row in rows])


def _values(session: SqlSession, node: Node, scope: Scope, read: bool) -> Relation:
    rows = [[evaluate(session, value, scope) for value in row.ColumnValues] for row in node.RowValues] if read else []
    return _inline([Column(identifier.Value) for identifier in node.Columns], _alias(node), rows)


def _function(session: SqlSession, node: Node, scope: Scope, read: bool) -> Relation:
    name = ObjectName.of(node.SchemaObject) if node.get("SchemaObject") is not None else ObjectName("", "", node.Name.Value)
    if name.name.lower() not in TABLE_FUNCTIONS:
        raise error(208, str(name))
    columns, run = TABLE_FUNCTIONS[name.name.lower()]
    source = Source.of(_alias(node) or name.name, columns)
    if not read:
        return Relation([source], [])
    outer = session.view_database
    session.view_database = session.open_database(name.database or None)
    try:
        given = list(run(session, *(evaluate(session, p, scope) if p.kind != "DefaultLiteral" else None for p in node.Parameters)))
    finally:
        session.view_database = outer
    return Relation([source], [({column.name.lower(): row.get(column.name) for column in columns},) for row in given])


def _null_rows(sources: list[Source]) -> tuple[Row, ...]:
    return tuple(dict.fromkeys(source.columns) for source in sources)


def _join(session: SqlSession, node: Node, scope: Scope, read: bool) -> Relation:
    left, right = _relation(session, node.FirstTableReference, scope, read), _relation(session, node.SecondTableReference, scope, read)
    sources = [*left.sources, *right.sources]
    if not read:
        return Relation(sources, [])
    kind = node.QualifiedJoinType
    inner = scope.child(sources)
    rows: list[tuple[Row, ...]] = []
    used: set[int] = set()
    for first in left.rows:
        matched = False
        for number, second in enumerate(right.rows):
            if truth(session, node.SearchCondition, inner.with_row((*first, *second))):
                matched = True
                used.add(number)
                rows.append((*first, *second))
        if not matched and kind in ("LeftOuter", "FullOuter"):
            rows.append((*first, *_null_rows(right.sources)))
    if kind in ("RightOuter", "FullOuter"):
        rows += [(*_null_rows(left.sources), *second) for number, second in enumerate(right.rows) if number not in used]
    return Relation(sources, rows)


def _cross(session: SqlSession, node: Node, scope: Scope, read: bool) -> Relation:
    left = _relation(session, node.FirstTableReference, scope, read)
    kind = node.UnqualifiedJoinType
    if kind == "CrossJoin":
        right = _relation(session, node.SecondTableReference, scope, read)
        return Relation([*left.sources, *right.sources], [(*a, *b) for a in left.rows for b in right.rows])
    plan = _relation(session, node.SecondTableReference, scope.child(left.sources), False)
    rows: list[tuple[Row, ...]] = []
    for first in left.rows:
        applied = _relation(session, node.SecondTableReference, scope.child(left.sources, first), True)
        rows += [(*first, *second) for second in applied.rows]
        if not applied.rows and kind == "OuterApply":
            rows.append((*first, *_null_rows(plan.sources)))
    return Relation([*left.sources, *plan.sources], rows)


_REFERENCES: dict[str, Callable[[SqlSession, Node, Scope, bool], Relation]] = {
    "NamedTableReference": _named, "VariableTableReference": _variable, "QueryDerivedTable": _derived, "InlineDerivedTable": _values,
    "SchemaObjectFunctionTableReference": _function, "BuiltInFunctionTableReference": _function, "GlobalFunctionTableReference": _function,
    "QualifiedJoin": _join, "UnqualifiedJoin": _cross, "JoinParenthesisTableReference": lambda s, n, scope, read: _relation(s, n.Join, scope, read)}
