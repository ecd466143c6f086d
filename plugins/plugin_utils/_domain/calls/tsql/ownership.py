"""Whom a database belongs to. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import typing as t

from ...._engine.model import Sql
from . import quote
from .guard import guarded, state_is, step
from .text import query


class OwnerRow(t.TypedDict):
    """SIDs in hexadecimal digits. ``owner`` None: its login is gone, and Windows does not know it.
    ``sa``: the built-in administrator as it is called here.
    """

    owner: str | None
    owner_sid: str | None
    sa: str


def owner(database: str) -> Sql:
    """At most one row ``OwnerRow``."""
    return query(f"""
        SELECT SUSER_SNAME(owner_sid) AS owner,
               CONVERT(varchar(172), owner_sid, 1) AS owner_sid,
               SUSER_SNAME(0x01) AS sa
        FROM sys.databases
        WHERE name = {quote.literal(quote.plain_name(database))}
    """)


def set_owner(database: str, login: str, seen_sid: str) -> Sql:
    """``seen_sid``: whose it was when that was planned."""
    owned = (
        f"EXISTS (SELECT 1 FROM sys.databases"
        f" WHERE name = {quote.literal(quote.plain_name(database))}"
        f" AND CONVERT(varchar(172), owner_sid, 1) = {quote.literal(seen_sid)})"
    )
    return guarded(
        f"{state_is(database, 'ONLINE')} AND {owned}",
        f"{database} is not online any more, or belongs to somebody else by now",
        step(
            f"ALTER AUTHORIZATION ON DATABASE::{quote.identifier(database)}"
            f" TO {quote.identifier(login)};",
            "ALTER AUTHORIZATION",
        ),
    )
