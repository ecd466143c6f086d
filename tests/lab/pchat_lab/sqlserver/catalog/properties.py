"""Extended properties: sp_addextendedproperty and its kin, sys.extended_properties,
fn_listextendedproperty.

They are content of their database: backups, restores and mirrors carry them. Only properties of the
database itself and of dbo tables.
"""

from __future__ import annotations

import dataclasses
import typing as t

from ...powershell.errors import LabGap
from ..language.errors import declare, error
from ..language.registry import procedure, view
from ..language.sources import table_function
from ..language.tables import key_of
from ..language.transactions import write
from ..server.database import Database

if t.TYPE_CHECKING:
    from ..language.session import SqlSession

declare(
    {
        15135: (
            16,
            "Object is invalid. Extended properties are not permitted on '{}', or the object does "
            "not exist.",
        ),
        15217: (
            16,
            "Property cannot be updated or deleted. Property '{}' does not exist for '{}'.",
        ),
        15233: (16, "Property cannot be added. Property '{}' already exists for '{}'."),
        15600: (15, "An invalid parameter or option was specified for procedure '{}'."),
    }
)
_LEVELS = ", ".join(
    f"@level{n}type varchar(128) = NULL, @level{n}name sysname = NULL" for n in range(3)
)


@dataclasses.dataclass(frozen=True)
class Property:
    """``table``: '' for the database itself."""

    name: str
    value: t.Any
    table: str = ""


def _target(
    session: SqlSession, args: dict[str, t.Any], procedure_name: str
) -> tuple[Database, str, str]:
    """Database, table name and content key."""
    database = session.open_database()
    if not session.is_sysadmin and database.owner.lower() != session.login.lower():
        raise error(15247)
    if not args["@name"] or len(args["@name"]) > 128:
        raise error(15600, procedure_name)
    if args["@level0type"] is None:
        return database, "", f"property:{args['@name'].lower()}"
    if (
        args["@level0type"].upper() != "SCHEMA"
        or (args["@level1type"] or "").upper() != "TABLE"
        or args["@level2type"] is not None
    ):
        raise LabGap("extended properties of anything else than a database or a table")
    table = args["@level1name"] or ""
    if key_of(args["@level0name"] or "", table) not in database.content:
        raise error(15135, f"{args['@level0name']}.{table}")
    return database, table, f"property:{table.lower()}:{args['@name'].lower()}"


@procedure(
    "sp_addextendedproperty",
    database="master",
    parameters=f"@name sysname, @value sql_variant = NULL, {_LEVELS}",
)
def sp_addextendedproperty(session: SqlSession, args: dict[str, t.Any]) -> int:
    database, table, key = _target(session, args, "sp_addextendedproperty")
    if key in database.content:
        raise error(15233, args["@name"], table or "object specified")
    write(session, database, {key: Property(args["@name"], args["@value"], table)})
    return 0


@procedure(
    "sp_updateextendedproperty",
    database="master",
    parameters=f"@name sysname, @value sql_variant = NULL, {_LEVELS}",
)
def sp_updateextendedproperty(session: SqlSession, args: dict[str, t.Any]) -> int:
    database, table, key = _target(session, args, "sp_updateextendedproperty")
    if key not in database.content:
        raise error(15217, args["@name"], table or "object specified")
    write(session, database, {key: Property(args["@name"], args["@value"], table)})
    return 0


@procedure("sp_dropextendedproperty", database="master", parameters=f"@name sysname, {_LEVELS}")
def sp_dropextendedproperty(session: SqlSession, args: dict[str, t.Any]) -> int:
    database, table, key = _target(session, args, "sp_dropextendedproperty")
    if key not in database.content:
        raise error(15217, args["@name"], table or "object specified")
    write(session, database, {key: None})
    return 0


def _properties(database: Database) -> list[Property]:
    return [value for value in database.content.values() if isinstance(value, Property)]


@view(
    "sys.extended_properties",
    "class tinyint, class_desc nvarchar(60), major_id int, minor_id int, name nvarchar(128), value "
    "sql_variant",
)
def extended_properties(session: SqlSession) -> t.Iterable[dict[str, t.Any]]:
    database = session.current()
    for one in _properties(database):
        table = database.content.get(key_of("dbo", one.table)) if one.table else None
        yield {
            "class": 1 if one.table else 0,
            "class_desc": "OBJECT_OR_COLUMN" if one.table else "DATABASE",
            "major_id": table.object_id if table is not None else 0,
            "minor_id": 0,
            "name": one.name,
            "value": one.value,
        }


@table_function(
    "fn_listextendedproperty",
    "objtype nvarchar(128), objname nvarchar(128), name nvarchar(128), value sql_variant",
)
def fn_listextendedproperty(
    session: SqlSession,
    name: str | None = None,
    level0type: str | None = None,
    level0name: str | None = None,
    level1type: str | None = None,
    level1name: str | None = None,
    level2type: str | None = None,
    level2name: str | None = None,
) -> t.Iterable[dict[str, t.Any]]:
    for one in _properties(session.current()):
        if name is not None and one.name.lower() != name.lower():
            continue
        if level0type is None and not one.table:
            yield {"objtype": None, "objname": None, "name": one.name, "value": one.value}
        elif (
            level1type is not None
            and one.table
            and (level1name is None or level1name.lower() == one.table.lower())
        ):
            yield {"objtype": "TABLE", "objname": one.table, "name": one.name, "value": one.value}
