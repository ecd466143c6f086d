"""Who may be in a database: closed for a restore, and opened again. FOR INTERNAL COLLECTION USE
ONLY.
"""

from __future__ import annotations

from . import quote
from .guard import state_is, step
from .text import one_line


def without_readers(database: str) -> str:
    """A step: whoever reads a copy in STANDBY keeps every restore out (3101).

    RESTRICTED_USER: nobody can take the only seat.
    """
    close = step(
        f"ALTER DATABASE {quote.identifier(database)} SET RESTRICTED_USER WITH ROLLBACK IMMEDIATE;",
        "RESTRICTED_USER",
    )
    return one_line(f"""
        IF {state_is(database, "STANDBY")}
        BEGIN
            {close}
        END
    """)


def open_to_all(database: str) -> str:
    """The way back from RESTRICTED_USER (or SINGLE_USER), which a tail leaves behind: nobody's
    session can stand in it. A statement, without a test behind it.
    """
    return one_line(f"""
        IF {is_closed(database)}
        ALTER DATABASE {quote.identifier(database)} SET MULTI_USER WITH ROLLBACK IMMEDIATE;
    """)


def is_closed(database: str) -> str:
    """A condition: the copy is online, and only some may be in it."""
    return one_line(f"""
        EXISTS (SELECT 1
                FROM sys.databases
                WHERE name = {quote.literal(quote.plain_name(database))}
                AND state_desc = N'ONLINE'
                AND user_access_desc <> N'MULTI_USER')
    """)
