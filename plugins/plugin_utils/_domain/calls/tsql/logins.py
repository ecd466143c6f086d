"""Who may log on to an instance. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Sequence

from ...._engine.errors import Refused
from ...._engine.model import Sql
from . import quote
from .guard import changing, step
from .text import query

_SID = re.compile(r"0x[0-9A-Fa-f]{2,170}")


class AccountRow(t.TypedDict):
    """An account by its SID in hexadecimal digits. ``account`` None: Windows does not know it.
    ``has_login``: 0 or 1.
    """

    sid: str
    account: str | None
    has_login: int


def accounts(sids: Sequence[str]) -> Sql:
    """Rows ``AccountRow``: who these are here, and whether they may log on themselves. Raises
    Refused for what is no SID.
    """
    for sid in sids:
        if not _SID.fullmatch(sid):
            raise Refused(f"{sid!r} is no SID: 0x and hexadecimal digits.", code="bad_account")
    return query(" UNION ALL ".join(map(_account, sids)))


def _account(sid: str) -> str:
    return f"""
        SELECT '{sid}' AS sid,
               SUSER_SNAME({sid}) AS account,
               (SELECT COUNT(*) FROM sys.server_principals WHERE sid = {sid}) AS has_login
    """


def have_login(account: str) -> str:
    """A step: the Windows account or group (DOMAIN\\name) gets a login if it has none."""
    return step(
        f"""
        IF SUSER_ID({quote.literal(account)}) IS NULL
        CREATE LOGIN {quote.account(account)} FROM WINDOWS;
        """,
        "CREATE LOGIN",
    )


def create_login(account: str) -> Sql:
    """Of a Windows account or group. It may be sent again at any time."""
    return changing(have_login(account))
