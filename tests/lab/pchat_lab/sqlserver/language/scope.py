"""Names in a query: sources, their columns, and the row that is being looked at."""

from __future__ import annotations

import dataclasses
import typing as t

from .errors import error
from .parser import Node, names_of
from .results import Column

if t.TYPE_CHECKING:
    from .equalities import Lookup
    from .objects import Found

Row = dict[str, t.Any]  # lower-case column name -> value


def as_row(columns: t.Iterable[Column], values: t.Mapping[str, t.Any]) -> Row:
    """Values by column name (what is missing is NULL) as a row of a source."""
    return {column.name.lower(): values.get(column.name) for column in columns}


@dataclasses.dataclass(frozen=True)
class Source:
    """One table of a FROM clause. ``columns``: lower-case name -> column, in order."""

    alias: str  # lower case; of a table without alias its name
    columns: dict[str, Column]

    @classmethod
    def of(cls, alias: str, columns: t.Iterable[Column]) -> Source:
        return cls(alias.lower(), {column.name.lower(): column for column in columns})


@dataclasses.dataclass
class Relation:
    """The rows that a FROM clause gives: one dict per source in every row."""

    sources: list[Source]
    rows: list[tuple[Row, ...]]


class Place(t.NamedTuple):
    """Where a name is found: how many scopes up, in which source, under which key."""

    up: int
    source: int
    key: str


@dataclasses.dataclass
class WorkedOut:
    """What is the same in every row of a statement, by the node that it belongs to: a subquery is
    asked for each row of the query around it. Nodes live as long as their statement.
    """

    columns: dict[int, list[Column]] = dataclasses.field(default_factory=dict)
    found: dict[int, Found] = dataclasses.field(default_factory=dict)
    relations: dict[int, Relation] = dataclasses.field(default_factory=dict)
    lookups: dict[int, Lookup] = dataclasses.field(default_factory=dict)
    places: dict[int, dict[int, Place]] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(slots=True)
class Scope:
    """Where an expression is evaluated.

    ``group``: the rows behind an aggregate, None outside of grouping. ``windows``: values of OVER()
    functions for this row by node. ``ctes``: common table expressions that can be named here.
    ``places``: of names that were looked up, by node; rows of the same sources share them.
    """

    sources: list[Source] = dataclasses.field(default_factory=list)
    row: tuple[Row, ...] = ()
    parent: Scope | None = None
    group: list[Scope] | None = None
    windows: dict[int, t.Any] = dataclasses.field(default_factory=dict)
    ctes: dict[str, tuple[list[Column], list[list[t.Any]]]] = dataclasses.field(
        default_factory=dict
    )
    places: dict[int, Place] = dataclasses.field(default_factory=dict)
    worked_out: WorkedOut = dataclasses.field(default_factory=WorkedOut)

    def child(
        self, sources: list[Source], row: tuple[Row, ...] = (), *, query: Node | None = None
    ) -> Scope:
        """``query``: whose sources they are; whenever it is asked, its names are where they were.

        ``row`` may come later (``with_row``).
        """
        places = {} if query is None else self.worked_out.places.setdefault(id(query), {})
        return Scope(sources, row, self, ctes=self.ctes, places=places, worked_out=self.worked_out)

    def with_row(self, row: tuple[Row, ...]) -> Scope:
        """The same sources at another row."""
        return Scope(
            self.sources,
            row,
            self.parent,
            ctes=self.ctes,
            places=self.places,
            worked_out=self.worked_out,
        )

    def find(self, column: Node) -> Place:
        """Where a column is found. SqlError 207, 209, 4104."""
        place = self.places.get(id(column))
        if place is None:
            place = self.places[id(column)] = self._sought(names_of(column))
        return place

    def _sought(self, parts: t.Sequence[str]) -> Place:
        name = parts[-1].lower()
        qualifier = parts[-2].lower() if len(parts) > 1 else None
        scope: Scope | None = self
        up = 0
        while scope is not None:
            hits = [
                n
                for n, source in enumerate(scope.sources)
                if name in source.columns and (qualifier is None or source.alias == qualifier)
            ]
            if len(hits) > 1:
                raise error(209, parts[-1])
            if hits:
                return Place(up, hits[0], name)
            if qualifier is not None and any(source.alias == qualifier for source in scope.sources):
                raise error(207, parts[-1])
            scope = scope.parent
            up += 1
        raise error(4104, ".".join(parts)) if qualifier is not None else error(207, parts[-1])

    def _above(self, up: int) -> Scope:
        scope = self
        for _unused in range(up):
            scope = t.cast("Scope", scope.parent)
        return scope

    def value(self, column: Node) -> t.Any:
        """What a column has in this row; None where the scope has no row. SqlError as ``find``."""
        up, source, key = self.find(column)
        row = self._above(up).row if up else self.row
        return row[source].get(key) if row else None

    def column(self, column: Node) -> Column:
        """What a column is in its source. SqlError as ``find``."""
        up, source, key = self.find(column)
        return self._above(up).sources[source].columns[key]

    def cte(self, name: str) -> tuple[list[Column], list[list[t.Any]]] | None:
        scope: Scope | None = self
        while scope is not None:
            if name.lower() in scope.ctes:
                return scope.ctes[name.lower()]
            scope = scope.parent
        return None
