"""Changes of a database's content by T-SQL, and transactions over them."""

from __future__ import annotations

import typing as t

from .errors import SqlError

if t.TYPE_CHECKING:
    from ..server.database import Database
    from .session import SqlSession


def write(session: SqlSession, database: Database, changes: dict[str, t.Any]) -> None:
    """Write content keys through the log (None: remove), remembering the old values for ROLLBACK.

    SqlError 3906, 927 and so on.
    """
    database.require_writable(session)
    session.wrote = True
    if session.transactions:
        session.undo += [(database, key, database.content.get(key)) for key in changes]
    database.append(changes=changes)


def begin(session: SqlSession) -> None:
    """BEGIN TRANSACTION; nested ones are counted."""
    session.transactions += 1


def commit(session: SqlSession) -> None:
    """COMMIT of the innermost transaction; the outermost one forgets how to undo."""
    session.transactions -= 1
    if session.transactions == 0:
        session.undo = []
        session.doomed = False


def roll_back(session: SqlSession) -> None:
    """ROLLBACK of everything since the outermost BEGIN, by compensating records.

    A database that has closed meanwhile keeps what it has.
    """
    for database, key, old in reversed(session.undo):
        try:
            database.append(changes={key: old})
        except SqlError:
            continue
    session.transactions = 0
    session.undo = []
    session.doomed = False
