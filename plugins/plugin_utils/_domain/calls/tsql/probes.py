"""What fidelity.yml asks: commands, catalog, and harmless probes. Nothing here changes anything.
FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...._engine.model import END_COLUMN, MOVED_COLUMN, Sql
from .quote import literal, plain_name

#: Long enough to be cut off at the limits that Invoke-Sqlcmd has unless told otherwise (4000
#: characters).
LONG = 10000
VARIABLE = "$(pchat)"
PROBE = "this is a probe, 100% harmless."


def objects(names: Sequence[str], database: str) -> Sql:
    """Of the schemas dbo (1) and sys (4), which have these numbers in every database."""
    return Sql(
        "SET NOCOUNT ON; SELECT o.name AS name, o.type AS type, o.object_id AS id FROM"
        " sys.all_objects o WHERE o.schema_id IN (1, 4) AND o.name IN"
        f" ({', '.join(literal(plain_name(name)) for name in names)})",
        database,
    )


def _ids(ids: Sequence[int]) -> str:
    return ", ".join(str(int(i)) for i in ids) or "NULL"


def columns(ids: Sequence[int], database: str) -> Sql:
    """One row with one text, ``id:name id:name``: each DataRow brings along a line for every row of
    its table, so many rows would be slow.
    """
    return Sql(
        "SET NOCOUNT ON; SELECT (SELECT CONVERT(varchar(12), c.object_id) + N':' + c.name + N' '"
        f" FROM sys.all_columns c WHERE c.object_id IN ({_ids(ids)}) FOR XML PATH('')) AS names",
        database,
    )


def parameters(ids: Sequence[int], database: str) -> Sql:
    """In the same way ``id:@name:is_output``. Extended procedures declare none."""
    return Sql(
        "SET NOCOUNT ON; SELECT (SELECT CONVERT(varchar(12), p.object_id) + N':' + p.name + N':' +"
        " CONVERT(nvarchar(1), p.is_output) + N' ' FROM sys.all_parameters p WHERE p.object_id IN"
        f" ({_ids(ids)}) FOR XML PATH('')) AS names",
        database,
    )


def definitions(ids: Sequence[int], database: str) -> Sql:
    """How the procedures begin: the catalog keeps defaults only in their text (sys.all_parameters
    reference, has_default_value).
    """
    return Sql(
        "SET NOCOUNT ON; SELECT m.object_id AS id, LEFT(m.definition, 4000) AS head FROM"
        f" sys.all_sql_modules m WHERE m.object_id IN ({_ids(ids)})",
        database,
    )


def messages(numbers: Sequence[int]) -> Sql:
    return Sql(
        "SET NOCOUNT ON; SELECT message_id AS number, severity AS severity, text AS text FROM"
        " sys.messages WHERE language_id = 1033 AND message_id IN"
        f" ({', '.join(str(int(n)) for n in numbers)})"
    )


def probes() -> Sql:
    """One row: a long text, a text that sqlcmd would replace, a 25-digit LSN as text, the two ways
    to learn the domain.
    """
    return Sql(
        f"SET NOCOUNT ON; SELECT REPLICATE(CONVERT(nvarchar(max), N'x'), {LONG}) AS long_text,"
        f" {literal(VARIABLE)} AS variable, CONVERT(varchar(25), CONVERT(numeric(25, 0),"
        " 1234567890123456789012345)) AS lsn, DEFAULT_DOMAIN() AS domain, SUSER_SNAME() AS login,"
        " CONVERT(int, NULL) AS nothing, N'' AS empty"
    )


def failing() -> Sql:
    """A batch whose last statement fails: its error must arrive, or at least the number in the row
    of its end.
    """
    return Sql(f"SET NOCOUNT ON; RAISERROR({literal(PROBE.replace('%', '%%'))}, 16, 1)")


def moved() -> Sql:
    """Says what the guard of a writing batch says when the world has moved."""
    return Sql(
        f"SET NOCOUNT ON; SELECT {literal(PROBE)} AS {MOVED_COLUMN}; SELECT 0 AS {END_COLUMN};"
        " RETURN"
    )


def failing_later() -> Sql:
    """An error of a statement that is not the first one."""
    return Sql(
        "SET NOCOUNT ON; SELECT 1 AS one; RAISERROR(N'pchat: a later statement of a probe', 16, 1);"
    )


def failing_in_rows() -> Sql:
    """An error while rows are fetched: the number does not fit (message 8115)."""
    return Sql("SET NOCOUNT ON; SELECT CONVERT(int, 100000000000) AS n;")
