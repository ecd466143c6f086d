"""User tables: ordinary ones in a database's content, temporary ones and table variables in a
session.
"""

from __future__ import annotations

import dataclasses
import typing as t
import zlib
from collections.abc import Callable

from .errors import error
from .operators import sort_key
from .parser import Node
from .results import Column
from .types import SqlType, type_of_node
from .values import as_text

if t.TYPE_CHECKING:
    from ..server.database import Database


@dataclasses.dataclass(frozen=True)
class TableColumn:
    name: str
    type: SqlType
    nullable: bool = True
    default: Node | None = None
    identity: tuple[int, int] | None = None  # seed, increment


@dataclasses.dataclass(frozen=True)
class Table:
    """Never changed in place: a statement makes a new one.

    ``next_identity`` is the value that the next row gets.
    """

    schema: str
    name: str
    object_id: int
    columns: tuple[TableColumn, ...]
    rows: tuple[tuple[t.Any, ...], ...] = ()
    keys: tuple[tuple[str, tuple[int, ...]], ...] = ()  # unique constraints: name, column numbers
    next_identity: int = 1

    def shown(self) -> list[Column]:
        return [Column(column.name, str(column.type)) for column in self.columns]

    def index(self, name: str) -> int:
        """SqlError 207."""
        for number, column in enumerate(self.columns):
            if column.name.lower() == name.lower():
                return number
        raise error(207, name)

    def with_rows(
        self, rows: t.Iterable[tuple[t.Any, ...]], next_identity: int | None = None
    ) -> Table:
        """SqlError 2627 for a duplicate key."""
        new = tuple(rows)
        for name, numbers in self.keys:
            seen = set()
            for row in new:
                key = tuple(sort_key(row[n]) for n in numbers)
                if key in seen:
                    raise error(
                        2627,
                        name,
                        f"{self.schema}.{self.name}",
                        ", ".join("<NULL>" if row[n] is None else as_text(row[n]) for n in numbers),
                    )
                seen.add(key)
        return dataclasses.replace(
            self,
            rows=new,
            next_identity=self.next_identity if next_identity is None else next_identity,
        )


@dataclasses.dataclass(frozen=True)
class ComputedTable:
    """A table whose rows the lab works out when it is read, e.g. the chat messages of a Persistent
    Chat database. Not writable by T-SQL.
    """

    schema: str
    name: str
    object_id: int
    columns: tuple[TableColumn, ...]
    rows_of: Callable[[Database], list[dict[str, t.Any]]]

    def shown(self) -> list[Column]:
        return [Column(column.name, str(column.type)) for column in self.columns]


def key_of(schema: str, name: str) -> str:
    """The key of a user table in Database.content."""
    return f"table:{schema.lower()}.{name.lower()}"


def tables_of(database: Database) -> list[Table | ComputedTable]:
    """The user tables and the computed ones of a database."""
    return [value for key, value in database.content.items() if key.startswith("table:")]


def next_object_id(database: Database) -> int:
    """An object_id that no table of the database has yet."""
    return 245575913 + 16000057 * len([key for key in database.content if key.startswith("table:")])


def define(node: Node, schema: str, name: str, object_id: int) -> Table:
    """A table from a TableDefinition. SqlError 2705 for a column named twice."""
    columns: list[TableColumn] = []
    keys: list[tuple[str, list[str]]] = []
    for column in node.ColumnDefinitions:
        title = column.ColumnIdentifier.Value
        if any(title.lower() == known.name.lower() for known in columns):
            raise error(2705, title, name)
        nullable = True
        for constraint in column.Constraints:
            if constraint.kind == "NullableConstraintDefinition":
                nullable = constraint.Nullable
            elif constraint.kind == "UniqueConstraintDefinition":
                nullable = nullable and not constraint.IsPrimaryKey
                keys.append((_constraint_name(constraint, name), [title]))
        identity = None
        if column.IdentityOptions is not None:
            options = column.IdentityOptions
            identity = (
                int(options.IdentitySeed.Value) if options.IdentitySeed else 1,
                int(options.IdentityIncrement.Value) if options.IdentityIncrement else 1,
            )
        default = (
            column.DefaultConstraint.Expression if column.DefaultConstraint is not None else None
        )
        columns.append(
            TableColumn(
                title,
                type_of_node(column.DataType),
                nullable and identity is None,
                default,
                identity,
            )
        )
    for constraint in node.TableConstraints:
        if constraint.kind == "UniqueConstraintDefinition":
            keys.append(
                (
                    _constraint_name(constraint, name),
                    [
                        part.Column.MultiPartIdentifier.Identifiers[-1].Value
                        for part in constraint.Columns
                    ],
                )
            )
    table = Table(schema, name, object_id, tuple(columns))
    seed = next((column.identity[0] for column in columns if column.identity), 1)
    numbers = []
    for key, names in keys:
        numbers.append((key, tuple(table.index(title) for title in names)))
    return dataclasses.replace(table, keys=tuple(numbers), next_identity=seed)


def _constraint_name(constraint: Node, table: str) -> str:
    if constraint.ConstraintIdentifier is not None:
        return str(constraint.ConstraintIdentifier.Value)
    kind = "PK" if constraint.IsPrimaryKey else "UQ"
    return f"{kind}__{table[:9]}__{zlib.crc32(table.encode()):08X}"
