"""What mirroring forbids other statements to do."""

from __future__ import annotations

import typing as t

from ..language.errors import error
from ..language.registry import guard
from .session import session_of

if t.TYPE_CHECKING:
    from ..language.session import SqlSession
    from ..server.database import Database
    from ..server.instance import SqlInstance


@guard("open")
def open_guard(instance: SqlInstance, database: Database, session: SqlSession | None) -> None:
    """Nobody uses a mirror."""
    mirroring = session_of(database)
    if mirroring is None:
        return
    if mirroring.role(database) == "MIRROR":
        raise error(954, database.name)
    if not mirroring.has_quorum(instance):
        raise error(955, database.name)


@guard("backup")
def backup_guard(instance: SqlInstance, database: Database, session: SqlSession | None) -> None:
    """A mirror cannot be backed up."""
    mirroring = session_of(database)
    if mirroring is not None and mirroring.role(database) == "MIRROR":
        raise error(3059) if instance.major >= 11 else error(954, database.name)


@guard("tail")
def tail_guard(instance: SqlInstance, database: Database, session: SqlSession | None) -> None:
    """BACKUP LOG WITH NORECOVERY is documented as not allowed; its number is not (assumed 1468)."""
    if session_of(database) is not None:
        raise error(1468, database.name)


@guard("restore")
def restore_guard(instance: SqlInstance, database: Database, session: SqlSession | None) -> None:
    """A mirrored database cannot be restored."""
    if session_of(database) is not None:
        raise error(3104, database.name)


@guard("drop")
def drop_guard(instance: SqlInstance, database: Database, session: SqlSession | None) -> None:
    """A mirrored database cannot be dropped."""
    if session_of(database) is not None:
        raise error(3743, database.name)


@guard("alter")
def alter_guard(instance: SqlInstance, database: Database, session: SqlSession | None) -> None:
    if session_of(database) is not None:
        raise error(1468, database.name)
