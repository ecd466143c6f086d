"""Messages, the error log, and the procedures and views that the server itself brings."""

from __future__ import annotations

import datetime as dt
import typing as t

from ..language.errors import MESSAGES, error
from ..language.registry import PROCEDURES, VIEWS, ProcParameter, View, procedure, view
from ..language.results import Column
from ..language.sources import TABLE_FUNCTIONS
from ..language.statements import user_message
from ..language.tables import tables_of
from ..language.types import TYPE_IDS, SqlType, parse_type
from .databases import objects
from .functions_objects import system_object_id

if t.TYPE_CHECKING:
    from ..language.session import SqlSession

Rows = t.Iterable[dict[str, t.Any]]


@view(
    "sys.messages",
    "message_id int, language_id smallint, severity tinyint, is_event_logged bit, text "
    "nvarchar(2048)",
)
def messages(session: SqlSession) -> Rows:
    return [
        {
            "message_id": number,
            "language_id": 1033,
            "severity": text.severity,
            "is_event_logged": False,
            "text": user_message(session, number),
        }
        for number, text in sorted(MESSAGES.items())
    ]


def _error_log(session: SqlSession, args: dict[str, t.Any]) -> int:
    if not session.has_role("securityadmin"):
        raise error(15247)
    words = [w.casefold() for w in (args["@p3"], args["@p4"]) if w]
    rows: list[dict[str, t.Any]] = []
    for when, text in session.instance.error_log:
        if (
            (args["@p1"] or 0) == 0
            and (args["@p2"] or 1) == 1
            and all(w in text.casefold() for w in words)
        ):
            rows.append({"LogDate": when, "ProcessInfo": "Server", "Text": text})
    session.emit_rows("LogDate datetime, ProcessInfo nvarchar(12), Text nvarchar(3999)", rows)
    return 0


for _name in ("sp_readerrorlog", "xp_readerrorlog"):
    procedure(
        _name,
        database="master",
        parameters="@p1 int = 0, @p2 int = NULL, @p3 nvarchar(255) = NULL, @p4 nvarchar(255) = "
        "NULL",
        writes=False,
    )(_error_log)


def _views(session: SqlSession) -> list[tuple[str, View]]:
    """Catalog views, and the tables that only this database has (msdb.dbo.sysjobs ...)."""
    here = session.current().name.lower()
    return [
        (key, one)
        for key, one in VIEWS.items()
        if key.startswith(("sys.", f"{here}.dbo.")) and one.columns_at(session.instance.version)
    ]


def _procedures(session: SqlSession) -> list[tuple[int, t.Any]]:
    here = session.current().name.lower()
    return [
        (system_object_id(f"proc:{key}"), found)
        for key, found in PROCEDURES.items()
        if found.database in (here, "master")
    ]


def _functions() -> list[tuple[int, str, list[Column]]]:
    """Table-valued functions of the server."""
    return [
        (system_object_id(f"function:{name}"), name, columns)
        for name, (columns, _rows) in TABLE_FUNCTIONS.items()
    ]


_OBJECT = """name nvarchar(128), object_id int, principal_id int, schema_id int,
    parent_object_id int, type char(2), type_desc nvarchar(60), create_date datetime,
    modify_date datetime, is_ms_shipped bit"""


@view("sys.all_objects", _OBJECT)
def all_objects(session: SqlSession) -> Rows:
    """Procedures and catalog views that this server has, and user tables."""
    born = dt.datetime(2014, 2, 20)
    for number, found in _procedures(session):
        extended = found.name.startswith("xp_")
        yield {
            "name": found.name,
            "object_id": number,
            "schema_id": 4 if found.database == "master" else 1,
            "parent_object_id": 0,
            "type": "X " if extended else "P ",
            "type_desc": "EXTENDED_STORED_PROCEDURE" if extended else "SQL_STORED_PROCEDURE",
            "create_date": born,
            "modify_date": born,
            "is_ms_shipped": True,
        }
    for key, one in _views(session):
        system = key.startswith("sys.")
        yield {
            "name": one.name.rpartition(".")[2],
            "object_id": system_object_id(key),
            "schema_id": 4 if system else 1,
            "parent_object_id": 0,
            "type": "V " if system else "U ",
            "type_desc": "VIEW" if system else "USER_TABLE",
            "create_date": born,
            "modify_date": born,
            "is_ms_shipped": True,
        }
    for number, name, _columns in _functions():
        yield {
            "name": name,
            "object_id": number,
            "schema_id": 4,
            "parent_object_id": 0,
            "type": "IF",
            "type_desc": "SQL_INLINE_TABLE_VALUED_FUNCTION",
            "create_date": born,
            "modify_date": born,
            "is_ms_shipped": True,
        }
    for row in objects(session):
        yield {
            key: value
            for key, value in row.items()
            if key not in ("is_published", "is_schema_published")
        }


@view(
    "sys.all_parameters",
    """object_id int, name nvarchar(128), parameter_id int, system_type_id tinyint,
    user_type_id int, max_length smallint, precision tinyint, scale tinyint, is_output bit,
    has_default_value bit, default_value sql_variant""",
)
def all_parameters(session: SqlSession) -> Rows:
    for number, found in _procedures(session):
        for position, parameter in enumerate(found.parameters, start=1):
            kind = parse_type(parameter.type or "sql_variant")
            yield {
                "object_id": number,
                "name": parameter.name,
                "parameter_id": position,
                "system_type_id": TYPE_IDS[kind.name],
                "user_type_id": TYPE_IDS[kind.name],
                "max_length": kind.max_length,
                "precision": kind.precision or 0,
                "scale": kind.scale,
                "is_output": parameter.output,
                "has_default_value": False,
            }


@view(
    "sys.all_columns",
    """object_id int, name nvarchar(128), column_id int, system_type_id tinyint, user_type_id int,
    max_length smallint, precision tinyint, scale tinyint, is_nullable bit, is_identity bit,
    is_computed bit""",
)
def all_columns(session: SqlSession) -> Rows:
    """Columns of catalog views and of user tables."""
    for key, one in _views(session):
        for position, (name, kind) in enumerate(
            one.columns_at(session.instance.version).items(), start=1
        ):
            yield _column(system_object_id(key), position, name, parse_type(kind), True)
    for number, _name, given in _functions():
        for position, of_function in enumerate(given, start=1):
            of_column = parse_type(of_function.type)
            yield _column(number, position, of_function.name, of_column, True)
    for table in tables_of(session.current()):
        for position, column in enumerate(table.columns, start=1):
            yield _column(table.object_id, position, column.name, column.type, column.nullable)


def _column(
    object_id: int, position: int, name: str, kind: SqlType, nullable: bool
) -> dict[str, t.Any]:
    return {
        "object_id": object_id,
        "name": name,
        "column_id": position,
        "system_type_id": TYPE_IDS[kind.name],
        "user_type_id": TYPE_IDS[kind.name],
        "max_length": kind.max_length,
        "precision": kind.precision or 0,
        "scale": kind.scale,
        "is_nullable": nullable,
        "is_identity": False,
        "is_computed": False,
    }


@view(
    "sys.all_sql_modules",
    """object_id int, definition nvarchar(max), uses_ansi_nulls bit, uses_quoted_identifier bit,
    is_schema_bound bit, uses_database_collation bit, is_recompiled bit, null_on_null_input bit,
    execute_as_principal_id int""",
)
def all_sql_modules(session: SqlSession) -> Rows:
    """Procedures begin as their reference pages show them; what they do is not written in T-SQL
    here.
    """
    for number, found in _procedures(session):
        if not found.name.startswith("xp_"):
            schema = "sys" if found.database == "master" else "dbo"
            declared = ",\n    ".join(map(_declared, found.parameters))
            yield {
                "object_id": number,
                "definition": f"CREATE PROCEDURE {schema}.{found.name}\n    {declared}\nAS\n    -- "
                "carried out by the lab\n",
                "uses_ansi_nulls": True,
                "uses_quoted_identifier": True,
            }


def _literal(value: t.Any) -> str:
    if value is None:
        return "NULL"
    return str(value) if isinstance(value, int) else f"N'{value}'"


def _declared(parameter: ProcParameter) -> str:
    text = f"{parameter.name} {parameter.type or 'sql_variant'}"
    if parameter.has_default:
        text += f" = {_literal(parameter.default)}"
    return text + (" OUTPUT" if parameter.output else "")
