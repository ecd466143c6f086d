"""Functions about tables, views and procedures (Metadata Functions reference)."""

from __future__ import annotations

import typing as t
import zlib

from ..language.registry import PROCEDURES, VIEWS, function
from ..language.tables import key_of, tables_of
from ..language.types import parse_type
from .functions_server import database_named

if t.TYPE_CHECKING:
    from ..language.session import SqlSession


def _parts(name: str) -> tuple[str, str, str]:
    words = [word.strip("[]") for word in name.split(".")]
    database, schema, last = ["", "", "", *words][-3:]
    return database, schema, last


@function("OBJECT_ID", returns="int")
def object_id(session: SqlSession, name: str | None, kind: str | None = None) -> int | None:
    """Of a user table, temporary table, catalog view or procedure; NULL when there is none or its
    database is closed.
    """
    if name is None:
        return None
    database, schema, last = _parts(name)
    wanted = (kind or "").strip().upper()
    if last.startswith("#"):
        return (
            -100 - len(last)
            if last.lower() in session.temp_tables and wanted in ("", "U")
            else None
        )
    home = session.instance.databases.get((database or session.database).lower())
    if home is None or home.state != "ONLINE":
        return None
    table = home.content.get(key_of(schema or "dbo", last))
    if table is not None and wanted in ("", "U"):
        return t.cast(int, table.object_id)
    low = last.lower()
    for key in (f"{home.name.lower()}.{schema.lower() or 'dbo'}.{low}", f"sys.{low}"):
        view = VIEWS.get(key)
        if (
            view is not None
            and view.columns_at(session.instance.version)
            and (key.startswith(home.name.lower()) or schema.lower() == "sys")
        ):
            return system_object_id(key) if wanted in ("", "V", "U") else None
    procedure = PROCEDURES.get(low)
    if (
        procedure is not None
        and wanted in ("", "P", "X", "PC")
        and (
            procedure.database == home.name.lower()
            or schema.lower() == "sys"
            or procedure.database == "master"
        )
    ):
        return system_object_id(f"proc:{low}")
    return None


def system_object_id(key: str) -> int:
    """A stable negative id, as system objects have."""
    return -(zlib.crc32(key.encode()) % 2**30) - 1


@function("OBJECT_NAME")
def object_name(
    session: SqlSession, number: int | None, database_id: int | None = None
) -> str | None:
    home = database_named(session, database_id) if database_id is not None else session.current()
    found = (
        next((table.name for table in tables_of(home) if table.object_id == number), None)
        if home is not None
        else None
    )
    if found is not None or number is None:
        return found
    return next(
        (p.name for key, p in PROCEDURES.items() if system_object_id(f"proc:{key}") == number), None
    )


@function("SCHEMA_NAME")
def schema_name(session: SqlSession, number: int | None = 1) -> str | None:
    return {1: "dbo", 4: "sys"}.get(number if number is not None else 1)


@function("SCHEMA_ID", returns="int")
def schema_id(session: SqlSession, name: str | None = "dbo") -> int | None:
    return {"dbo": 1, "sys": 4}.get((name or "").lower())


@function("COL_LENGTH", returns="smallint")
def col_length(session: SqlSession, table: str, column: str) -> int | None:
    """For user tables and catalog views; NULL when either does not exist."""
    database, schema, last = _parts(table or "")
    home = session.instance.databases.get((database or session.database).lower())
    found = home.content.get(key_of(schema or "dbo", last)) if home is not None else None
    if found is not None:
        return next(
            (c.type.max_length for c in found.columns if c.name.lower() == (column or "").lower()),
            None,
        )
    for key in (
        f"{(database or session.database).lower()}.{schema.lower() or 'dbo'}.{last.lower()}",
        f"sys.{last.lower()}",
    ):
        view = VIEWS.get(key)
        if view is not None:
            return next(
                (
                    parse_type(kind).max_length
                    for name, kind in view.columns_at(session.instance.version).items()
                    if name.lower() == (column or "").lower()
                ),
                None,
            )
    return None
