"""What a database holds: its tables, their rows and the newest of their dates.

FOR INTERNAL COLLECTION USE ONLY.

Names of tables and columns come from the host. They are data like any other, and quoted.
"""

from __future__ import annotations

import typing as t

from ...._engine.model import Sql
from .quote import identifier
from .text import query

#: system_type_id of date, datetime2, datetimeoffset, smalldatetime and datetime (sys.types).
_DATES = "40, 42, 43, 58, 61"


class DateColumnRow(t.TypedDict):
    """A date column of a user table; ``column_name`` None for a table that has none."""

    schema_name: str
    table_name: str
    column_name: str | None


def date_columns(database: str) -> Sql:
    """User tables with their date columns, in order: rows ``DateColumnRow``."""
    return query(
        f"""
        SELECT s.name AS schema_name,
               t.name AS table_name,
               c.name AS column_name
        FROM sys.tables t
        JOIN sys.schemas s ON s.schema_id = t.schema_id
        LEFT JOIN sys.columns c ON c.object_id = t.object_id
                                AND c.system_type_id IN ({_DATES})
        WHERE t.is_ms_shipped = 0
        ORDER BY s.name, t.name, c.column_id
        """,
        database,
    )


def newest(number: int) -> str:
    """The column of ``rows_of_table`` with the newest of the date column of this number, from 0."""
    return f"newest_{number}"


def rows_of_table(database: str, schema: str, table: str, columns: t.Sequence[str]) -> Sql:
    """One row: ``row_count``, and ``newest_0`` and so on for each of ``columns``, ISO 8601, None
    where the column holds nothing.

    Counted and not estimated (sys.partitions calls its own figure approximate), because a handful
    of lost rows is what is looked for; the newest dates need the same scan. READUNCOMMITTED:
    nobody who writes waits for it, at the price of a row that is taken back meanwhile.
    """
    selected = ["COUNT_BIG(*) AS row_count"]
    for number, column in enumerate(columns):
        selected.append(f"CONVERT(varchar(33), MAX({identifier(column)}), 126) AS {newest(number)}")
    return query(
        f"""
        SELECT {", ".join(selected)}
        FROM {identifier(schema)}.{identifier(table)} WITH (READUNCOMMITTED)
        """,
        database,
    )
