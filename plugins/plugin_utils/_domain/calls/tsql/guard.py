"""The parts of a batch that changes something: guard, steps, and the tests between them.

* The guard tests in the same batch what the plan was made for (compare and set). When the world has
  moved, the batch says so by a row and returns.
* Each step is followed by a test, and the batch returns at the first one that failed: SQL Server
  itself goes on after most errors (SET XACT_ABORT: "When SET XACT_ABORT is OFF, in some cases only
  the Transact-SQL statement that raised the error is rolled back and the transaction continues").
* Nothing is decided by the text of an error: Invoke-Sqlcmd may lose it, and old versions of it run
  a batch that failed once more. So every batch may be executed twice, in whole or from half-way.

``@@ERROR`` is reset by every statement, IF included (@@ERROR), so it is kept at once. A procedure
may fail by its return code alone, or end without one: the variable keeps its old value then
(RETURN). FOR INTERNAL COLLECTION USE ONLY.
"""

from __future__ import annotations

from collections.abc import Mapping

from ...._engine.model import END_COLUMN, FAILED_COLUMN, MOVED_COLUMN, Sql
from . import quote
from .text import one_line

_PREPARED = "SET NOCOUNT ON; SET XACT_ABORT OFF; DECLARE @error int, @rc int, @as_planned bit;"


def changing(body: str, database: str = "master", declare: str = "") -> Sql:
    """A batch of steps without a guard, because each of them may be taken again at any time.

    ``declare``: further variables with their types.
    """
    text = f"""
        {_PREPARED}
        {_declared(declare)}
        {body}
    """
    return Sql(one_line(text), database, changes=True)


def guarded(
    condition: str, moved: str, body: str, database: str = "master", declare: str = ""
) -> Sql:
    """``body`` if ``condition`` holds, otherwise nothing but a row that the session turns into
    Moved.

    ``declare``: further variables with their types. The condition is answered into a variable
    first, so a condition that cannot be answered leads neither way.
    """
    asked = step(f"SELECT @as_planned = CASE WHEN {condition} THEN 1 ELSE 0 END;", "the guard")
    return changing(
        f"""
        {asked}
        IF @as_planned = 0
        BEGIN
            SELECT {quote.literal(moved)} AS {MOVED_COLUMN};
            SELECT 0 AS {END_COLUMN};
            RETURN;
        END
        {body}
        """,
        database,
        declare,
    )


def step(statement: str, name: str, *, way_out: str = "", adding: str = "") -> str:
    """One statement, and the end of the batch if it failed.

    ``way_out``: what must be done first then. ``adding``: an expression, what is to be said
    besides.
    """
    said = f"{quote.literal(name + ' failed with error ')} + CONVERT(nvarchar(12), @error)"
    if adding:
        said += f" + {adding}"
    return one_line(f"""
        {statement}
        SET @error = @@ERROR;
        IF @error <> 0
        BEGIN
            {way_out}
            {_ends(said)}
        END
    """)


def execute(
    database: str, procedure: str, arguments: Mapping[str, object], *, schema: str = "dbo"
) -> str:
    """``EXEC @rc = ...`` as a step. Values: str, int, bool, or ('@variable OUTPUT',)."""
    passed = ", ".join(f"@{name} = {_value(value)}" for name, value in arguments.items())
    said = (
        f"{quote.literal(procedure + ' returned ')} + ISNULL(CONVERT(nvarchar(12), @rc),"
        " N'nothing') + N', error ' + CONVERT(nvarchar(12), @error)"
    )
    return one_line(f"""
        SET @rc = NULL;
        EXEC @rc = {database}.{schema}.{procedure} {passed};
        SET @error = @@ERROR;
        IF @error <> 0 OR ISNULL(@rc, -1) <> 0
        BEGIN
            {_ends(said)}
        END
    """)


def _ends(said: str) -> str:
    """``said``: an expression that tells which step failed."""
    return one_line(f"""
        SELECT {said} AS {FAILED_COLUMN};
        SELECT @error AS {END_COLUMN};
        RETURN;
    """)


def _declared(variables: str) -> str:
    if not variables:
        return ""
    return f"DECLARE {variables};"


def _value(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, int):
        return str(value)
    if isinstance(value, tuple):
        return str(value[0])
    return quote.literal(str(value))


def state_is(database: str, state: str) -> str:
    """A condition. ``state`` as ``catalog.databases`` tells it: a copy in STANDBY is no ONLINE
    one.
    """
    is_it = f"state_desc = N'{state}' AND is_in_standby = 0"
    if state == "STANDBY":
        is_it = "is_in_standby = 1"
    return one_line(f"""
        EXISTS (SELECT 1
                FROM sys.databases
                WHERE name = {quote.literal(quote.plain_name(database))}
                AND {is_it})
    """)


def role_is(database: str, role: str | None) -> str:
    """A condition. ``role``: PRINCIPAL or MIRROR, None for a database that is not mirrored."""
    is_it = "m.mirroring_guid IS NULL"
    if role:
        is_it = f"m.mirroring_role_desc = N'{role}'"
    return one_line(f"""
        EXISTS (SELECT 1
                FROM sys.databases d
                JOIN sys.database_mirroring m ON m.database_id = d.database_id
                WHERE d.name = {quote.literal(quote.plain_name(database))}
                AND {is_it})
    """)
