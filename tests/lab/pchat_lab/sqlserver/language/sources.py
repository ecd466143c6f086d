"""FROM: tables, derived tables, functions and joins, as sources and rows."""

from __future__ import annotations

import itertools
import typing as t
from collections.abc import Callable, Iterable

from ...powershell.errors import LabGap
from .documented import is_documented
from .equalities import equality_of, index_of
from .errors import error
from .expressions import evaluate, truth
from .objects import ObjectName, find_object, variable_table
from .parser import Node
from .results import Column, columns_from
from .scope import Relation, Row, Scope, Source, as_row

if t.TYPE_CHECKING:
    from .session import SqlSession

#: Table-valued functions: lower-case name -> (columns as in registry.view, rows(session, *args)).
TABLE_FUNCTIONS: dict[str, tuple[list[Column], Callable[..., Iterable[dict[str, t.Any]]]]] = {}
_Read = Callable[["SqlSession", Node, Scope, bool], Relation]
REFERENCES: dict[str, _Read] = {}  # ScriptDom class name -> its sources and rows
_Rows = Callable[..., Iterable[dict[str, t.Any]]]


def table_function(name: str, columns: str) -> Callable[[_Rows], _Rows]:
    """Register a table-valued function; ``columns`` as in registry.view."""
    parsed = columns_from(columns)

    def register(run: _Rows) -> _Rows:
        assert name.lower() not in TABLE_FUNCTIONS, name
        TABLE_FUNCTIONS[name.lower()] = (parsed, run)
        return run

    return register


def table_reference(*kinds: str) -> Callable[[_Read], _Read]:
    """Register what reads these kinds of reference in a FROM clause."""

    def register(run: _Read) -> _Read:
        for kind in kinds:
            assert kind not in REFERENCES, kind
            REFERENCES[kind] = run
        return run

    return register


def relation_of(
    session: SqlSession, from_clause: Node | None, scope: Scope, *, read: bool = True
) -> Relation:
    """The rows of a FROM clause (one empty row without one).

    ``read=False``: sources only, no rows.
    """
    if from_clause is None:
        return Relation([], [()])
    if not read or any(part.kind not in _OF_A_NAME for part in from_clause.TableReferences):
        return _relation(session, from_clause, scope, read)
    known = scope.worked_out.relations
    if id(from_clause) not in known:
        known[id(from_clause)] = _relation(session, from_clause, scope, read)
    return known[id(from_clause)]


#: What holds the same rows for a whole statement, whoever asks.
_OF_A_NAME = ("NamedTableReference", "VariableTableReference")


def _relation(session: SqlSession, from_clause: Node, scope: Scope, read: bool) -> Relation:
    parts = [
        read_reference(session, reference, scope, read) for reference in from_clause.TableReferences
    ]
    sources = list(itertools.chain.from_iterable(part.sources for part in parts))
    _no_double_alias(sources)
    if not read:
        return Relation(sources, [])
    combinations = itertools.product(*[part.rows for part in parts])
    return Relation(sources, [tuple(itertools.chain(*each)) for each in combinations])


def _no_double_alias(sources: list[Source]) -> None:
    seen: set[str] = set()
    for source in sources:
        if source.alias and source.alias in seen:
            raise error(1013, source.alias)
        seen.add(source.alias)


def read_reference(session: SqlSession, node: Node, scope: Scope, read: bool) -> Relation:
    """One reference of a FROM clause. LabGap for a kind that the lab does not know."""
    run = REFERENCES.get(node.kind)
    if run is None:
        raise LabGap(f"T-SQL table reference {node.kind}: {node.text}")
    return run(session, node, scope, read)


def alias_of(node: Node) -> str | None:
    """The alias of a reference, as it is written."""
    alias = node.get("Alias")
    return alias.Value if alias is not None else None


@table_reference("NamedTableReference")
def _named(session: SqlSession, node: Node, scope: Scope, read: bool) -> Relation:
    known = scope.worked_out.found
    found = known.get(id(node))
    if found is None:
        found = known[id(node)] = find_object(session, node.SchemaObject, alias_of(node), scope)
    return Relation([found.source], [(row,) for row in found.rows()] if read else [])


@table_reference("VariableTableReference")
def _variable(session: SqlSession, node: Node, scope: Scope, read: bool) -> Relation:
    found = variable_table(session, node, alias_of(node))
    return Relation([found.source], [(row,) for row in found.rows()] if read else [])


def inline(columns: list[Column], alias: str | None, rows: Iterable[t.Sequence[t.Any]]) -> Relation:
    """Rows that are no table of a database, under an alias."""
    keys = [column.name.lower() for column in columns]
    return Relation(
        [Source.of(alias or "", columns)], [(dict(zip(keys, row, strict=True)),) for row in rows]
    )


@table_reference("InlineDerivedTable")
def _values(session: SqlSession, node: Node, scope: Scope, read: bool) -> Relation:
    columns = [Column(identifier.Value) for identifier in node.Columns]
    rows = []
    if read:
        for row in node.RowValues:
            rows.append([evaluate(session, value, scope) for value in row.ColumnValues])
    return inline(columns, alias_of(node), rows)


@table_reference(
    "SchemaObjectFunctionTableReference",
    "BuiltInFunctionTableReference",
    "GlobalFunctionTableReference",
)
def _function(session: SqlSession, node: Node, scope: Scope, read: bool) -> Relation:
    name = (
        ObjectName.of(node.SchemaObject)
        if node.get("SchemaObject") is not None
        else ObjectName("", "", node.Name.Value)
    )
    if name.name.lower() not in TABLE_FUNCTIONS:
        if is_documented(name.name, name.schema, name.database):
            raise LabGap(f"the table-valued function {name}")
        raise error(208, str(name))
    columns, run = TABLE_FUNCTIONS[name.name.lower()]
    source = Source.of(alias_of(node) or name.name, columns)
    if not read:
        return Relation([source], [])
    outer = session.view_database
    session.view_database = session.open_database(name.database or None)
    try:
        given = list(
            run(
                session,
                *(
                    evaluate(session, p, scope) if p.kind != "DefaultLiteral" else None
                    for p in node.Parameters
                ),
            )
        )
    finally:
        session.view_database = outer
    return Relation([source], [(as_row(columns, row),) for row in given])


def _null_rows(sources: list[Source]) -> tuple[Row, ...]:
    return tuple(dict.fromkeys(source.columns) for source in sources)


@table_reference("QualifiedJoin")
def _join(session: SqlSession, node: Node, scope: Scope, read: bool) -> Relation:
    left = read_reference(session, node.FirstTableReference, scope, read)
    right = read_reference(session, node.SecondTableReference, scope, read)
    sources = [*left.sources, *right.sources]
    if not read:
        return Relation(sources, [])
    kind = node.QualifiedJoinType
    inner = scope.child(sources)
    likely = _likely_partners(session, node.SearchCondition, inner, left, right)
    rows: list[tuple[Row, ...]] = []
    used: set[int] = set()
    for first in left.rows:
        matched = False
        for number in likely(first):
            second = right.rows[number]
            if truth(session, node.SearchCondition, inner.with_row((*first, *second))):
                matched = True
                used.add(number)
                rows.append((*first, *second))
        if not matched and kind in ("LeftOuter", "FullOuter"):
            rows.append((*first, *_null_rows(right.sources)))
    if kind in ("RightOuter", "FullOuter"):
        rows += [
            (*_null_rows(left.sources), *second)
            for number, second in enumerate(right.rows)
            if number not in used
        ]
    return Relation(sources, rows)


def _likely_partners(
    session: SqlSession, condition: Node, inner: Scope, left: Relation, right: Relation
) -> Callable[[tuple[Row, ...]], t.Sequence[int]]:
    """For a row of the left side the numbers of those on the right that may fulfil the condition.

    A hash join, where the condition has an equality for it; else each may.
    """
    before = len(left.sources)
    equality = equality_of(condition, inner, before, len(inner.sources))
    if equality is None:
        everyone = range(len(right.rows))
        return lambda _first: everyone
    column, other = equality
    nobody = _null_rows(left.sources)
    index = index_of(session, column, inner, [(*nobody, *second) for second in right.rows])
    nothing = _null_rows(right.sources)
    return lambda first: index.candidates(
        evaluate(session, other, inner.with_row((*first, *nothing)))
    )


@table_reference("UnqualifiedJoin")
def _cross(session: SqlSession, node: Node, scope: Scope, read: bool) -> Relation:
    left = read_reference(session, node.FirstTableReference, scope, read)
    kind = node.UnqualifiedJoinType
    if kind == "CrossJoin":
        right = read_reference(session, node.SecondTableReference, scope, read)
        pairs = itertools.product(left.rows, right.rows)
        return Relation(
            [*left.sources, *right.sources], [(*first, *second) for first, second in pairs]
        )
    plan = read_reference(session, node.SecondTableReference, scope.child(left.sources), False)
    rows: list[tuple[Row, ...]] = []
    for first in left.rows:
        applied = read_reference(
            session, node.SecondTableReference, scope.child(left.sources, first), True
        )
        rows += [(*first, *second) for second in applied.rows]
        if not applied.rows and kind == "OuterApply":
            rows.append((*first, *_null_rows(plan.sources)))
    return Relation([*left.sources, *plan.sources], rows)


@table_reference("JoinParenthesisTableReference")
def _parenthesis(session: SqlSession, node: Node, scope: Scope, read: bool) -> Relation:
    return read_reference(session, node.Join, scope, read)
