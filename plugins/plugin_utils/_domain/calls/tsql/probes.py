"""What fidelity.yml asks: commands, catalog, and harmless probes. Nothing here changes anything.
FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from ...._engine.model import END_COLUMN, MOVED_COLUMN, Sql
from . import quote
from .quote import literal, literals
from .text import one_line, query

#: Long enough to be cut off at the limits that Invoke-Sqlcmd has unless told otherwise (4000
#: characters).
LONG = 10000
VARIABLE = "$(pchat)"
PROBE = "this is a probe, 100% harmless."


class ObjectRow(t.TypedDict):
    """``type``: U, V, P, X, ... with its blanks (sys.all_objects)."""

    name: str
    type: str
    id: int


def objects(names: Sequence[str], database: str) -> Sql:
    """Of the schemas dbo (1) and sys (4), which have these numbers in every database: rows
    ``ObjectRow``.
    """
    return query(
        f"""
        SELECT o.name AS name,
               o.type AS type,
               o.object_id AS id
        FROM sys.all_objects o
        WHERE o.schema_id IN (1, 4)
        AND o.name IN ({literals(names)})
        """,
        database,
    )


def _ids(ids: Sequence[int]) -> str:
    return quote.numbers(ids) or "NULL"


class NamesRow(t.TypedDict):
    """Many names in one text, with a blank behind each."""

    names: str | None


def columns(ids: Sequence[int], database: str) -> Sql:
    """One row ``NamesRow``, ``id:name id:name``: each DataRow brings along a line for every row of
    its table, so many rows would be slow.
    """
    return query(
        f"""
        SELECT (SELECT CONVERT(varchar(12), c.object_id) + N':' + c.name + N' '
                FROM sys.all_columns c
                WHERE c.object_id IN ({_ids(ids)})
                FOR XML PATH('')) AS names
        """,
        database,
    )


def parameters(ids: Sequence[int], database: str) -> Sql:
    """In the same way ``id:@name:is_output``. Extended procedures declare none."""
    described = one_line("""
        CONVERT(varchar(12), p.object_id) + N':' + p.name + N':'
        + CONVERT(nvarchar(1), p.is_output) + N' '
    """)
    return query(
        f"""
        SELECT (SELECT {described}
                FROM sys.all_parameters p
                WHERE p.object_id IN ({_ids(ids)})
                FOR XML PATH('')) AS names
        """,
        database,
    )


class DefinitionRow(t.TypedDict):
    """``head``: the first 4000 characters of a procedure's text; None where it is hidden."""

    id: int
    head: str | None


def definitions(ids: Sequence[int], database: str) -> Sql:
    """How the procedures begin: the catalog keeps defaults only in their text (sys.all_parameters
    reference, has_default_value). Rows ``DefinitionRow``.
    """
    return query(
        f"""
        SELECT m.object_id AS id,
               LEFT(m.definition, 4000) AS head
        FROM sys.all_sql_modules m
        WHERE m.object_id IN ({_ids(ids)})
        """,
        database,
    )


class MessageRow(t.TypedDict):
    """A message of the server (sys.messages)."""

    number: int
    severity: int
    text: str


def messages(numbers: Sequence[int]) -> Sql:
    """The English texts of these messages: rows ``MessageRow``."""
    return query(f"""
        SELECT message_id AS number,
               severity AS severity,
               text AS text
        FROM sys.messages
        WHERE language_id = 1033
        AND message_id IN ({quote.numbers(numbers)})
    """)


def probes() -> Sql:
    """One row: a long text, a text that sqlcmd would replace, a 25-digit LSN as text, the two ways
    to learn the domain.
    """
    digits = "CONVERT(numeric(25, 0), 1234567890123456789012345)"
    return query(f"""
        SELECT REPLICATE(CONVERT(nvarchar(max), N'x'), {LONG}) AS long_text,
               {literal(VARIABLE)} AS variable,
               CONVERT(varchar(25), {digits}) AS lsn,
               DEFAULT_DOMAIN() AS domain,
               SUSER_SNAME() AS login,
               CONVERT(int, NULL) AS nothing,
               N'' AS empty
    """)


def failing() -> Sql:
    """A batch whose last statement fails: its error must arrive, or at least the number in the row
    of its end.
    """
    return query(f"RAISERROR({literal(PROBE.replace('%', '%%'))}, 16, 1)")


def moved() -> Sql:
    """Says what the guard of a writing batch says when the world has moved."""
    return query(f"""
        SELECT {literal(PROBE)} AS {MOVED_COLUMN};
        SELECT 0 AS {END_COLUMN};
        RETURN
    """)


def failing_later() -> Sql:
    """An error of a statement that is not the first one."""
    return query("""
        SELECT 1 AS one;
        RAISERROR(N'pchat: a later statement of a probe', 16, 1);
    """)


def failing_in_rows() -> Sql:
    """An error while rows are fetched: the number does not fit (message 8115)."""
    return query("SELECT CONVERT(int, 100000000000) AS n;")
