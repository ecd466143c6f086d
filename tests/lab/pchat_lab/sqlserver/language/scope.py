"""Names in a query: sources, their columns, and the row that is being looked at."""

from __future__ import annotations

import dataclasses
import typing as t

from .errors import error
from .results import Column

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


@dataclasses.dataclass
class Scope:
    """Where an expression is evaluated.

    ``group``: the rows behind an aggregate, None outside of grouping. ``windows``: values of OVER()
    functions for this row by node. ``ctes``: common table expressions that can be named here.
    """

    sources: list[Source] = dataclasses.field(default_factory=list)
    row: tuple[Row, ...] = ()
    parent: Scope | None = None
    group: list[Scope] | None = None
    windows: dict[int, t.Any] = dataclasses.field(default_factory=dict)
    ctes: dict[str, tuple[list[Column], list[list[t.Any]]]] = dataclasses.field(
        default_factory=dict
    )

    def child(self, sources: list[Source], row: tuple[Row, ...] = ()) -> Scope:
        return Scope(sources, row, self, ctes=self.ctes)

    def with_row(self, row: tuple[Row, ...]) -> Scope:
        return Scope(self.sources, row, self.parent, ctes=self.ctes)

    def find(self, parts: list[str]) -> tuple[Scope, int, str]:
        """Scope, number of the source and column key of a name. SqlError 207, 209, 4104."""
        name = parts[-1].lower()
        qualifier = parts[-2].lower() if len(parts) > 1 else None
        scope: Scope | None = self
        while scope is not None:
            hits = [
                n
                for n, source in enumerate(scope.sources)
                if name in source.columns and (qualifier is None or source.alias == qualifier)
            ]
            if len(hits) > 1:
                raise error(209, parts[-1])
            if hits:
                return scope, hits[0], name
            if qualifier is not None and any(source.alias == qualifier for source in scope.sources):
                raise error(207, parts[-1])
            scope = scope.parent
        raise error(4104, ".".join(parts)) if qualifier is not None else error(207, parts[-1])

    def value(self, parts: list[str]) -> t.Any:
        scope, number, key = self.find(parts)
        return scope.row[number].get(key) if scope.row else None

    def column(self, parts: list[str]) -> Column:
        scope, number, key = self.find(parts)
        return scope.sources[number].columns[key]

    def cte(self, name: str) -> tuple[list[Column], list[list[t.Any]]] | None:
        scope: Scope | None = self
        while scope is not None:
            if name.lower() in scope.ctes:
                return scope.ctes[name.lower()]
            scope = scope.parent
        return None
