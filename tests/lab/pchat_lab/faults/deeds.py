"""What somebody else does to the estate while nobody looks."""
from __future__ import annotations

import typing as t

from .specs import BadFault

if t.TYPE_CHECKING:
    from ..sqlserver.instance import SqlInstance


def back_up_log(instance: SqlInstance, database: str, path: str) -> None:
    """A log backup by another tool, which takes the records away from the log shipping. BadFault when SQL Server refuses it."""
    from ..sqlserver.errors import SqlError
    from ..sqlserver.session import SqlSession
    name, quoted = database.replace("]", "]]"), path.replace("'", "''")
    with SqlSession.internal(instance, program="Somebody else's backup tool") as session:
        try:
            session.execute(f"BACKUP LOG [{name}] TO DISK = N'{quoted}' WITH INIT, NAME = N'foreign'").check()
        except SqlError as error:
            raise BadFault(f"foreign_log_backup: SQL Server refused it: {error.message}") from error


def run_sql(instance: SqlInstance, database: str, text: str) -> None:
    """What another operator types into a query window. BadFault when SQL Server refuses it."""
    from ..sqlserver.errors import SqlError
    from ..sqlserver.session import SqlSession
    with SqlSession.internal(instance, program="Another operator's query window") as session:
        try:
            session.execute(f"USE [{database.replace(']', ']]')}]; {text}").check()
        except SqlError as error:
            raise BadFault(f"operator: SQL Server refused it: {error.message}") from error
