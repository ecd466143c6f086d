"""FROM (SELECT ...) AS name: a query as a table of another one."""

from __future__ import annotations

import typing as t

from .bind import columns_of
from .errors import error
from .parser import Node
from .results import Column
from .scope import Relation, Scope
from .select import query
from .sources import alias_of, inline, table_reference

if t.TYPE_CHECKING:
    from .session import SqlSession


@table_reference("QueryDerivedTable")
def derived(session: SqlSession, node: Node, scope: Scope, read: bool) -> Relation:
    """The rows of the query; each of its columns needs a name (8155)."""
    columns = columns_of(session, node.QueryExpression, scope)
    named = _renamed(columns, node)
    for number, column in enumerate(named, start=1):
        if not column.name:
            raise error(8155, number, alias_of(node))
    return inline(
        named, alias_of(node), query(session, node.QueryExpression, scope).rows if read else []
    )


def _renamed(columns: list[Column], node: Node) -> list[Column]:
    names = [identifier.Value for identifier in node.get("Columns", ())]
    return (
        [Column(name, column.type) for name, column in zip(names, columns, strict=True)]
        if names
        else columns
    )
