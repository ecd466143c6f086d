"""What the resources of a pool's stores share. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from ...._engine.errors import Refused
from ...._engine.model import OptionSpec, Record, Session
from ...calls import lync
from ...estate.estate_info import is_fqdn
from ...rows import lower
from ._pool import service_of

DATABASE_OPTION: OptionSpec = {
    "type": "str",
    "choices": sorted(lync.DATABASE_TYPES),
    "required": True,
}
#: What Get-CsDatabaseMirrorState says of each copy; the second has two documented names.
_STATUS = (
    "MirroringStatusOnPrimary",
    "MirroringStatusOnMirror",
    "MirroringStatusOnSecondary",
)


class Sides(t.TypedDict):
    """The two copies of a mirrored database. ``principal``: the slot of the topology that is it now
    (primary or mirror), None when it is not mirrored or nobody answers. ``status``: what the copies
    say of themselves, in lower case, each once.
    """

    principal: str | None
    synchronized: bool
    status: list[str]


def store_scope(server: str, instance: str = "") -> str:
    """``sql/<server>[\\instance]``."""
    return f"sql/{server}" + (f"\\{instance}" if instance else "")


def sql_server_name(name: str) -> str:
    """The name in lower case. Refuses (``bad_name``) one that is no FQDN."""
    if not is_fqdn(name):
        raise Refused(
            f"{name!r} is not a fully qualified domain name; short names of SQL Servers time out in"
            " these cmdlets.",
            code="bad_name",
        )
    return name.lower()


def read_sides(session: Session, pool: str, database: str) -> Sides:
    """The copies of ``mgc`` or ``mgccomp`` as Get-CsDatabaseMirrorState tells them.

    The cmdlet fails for a pool that is not published, so that is looked at first: in a check run of
    a bare estate it is no error.
    """
    if service_of(session.read(lync.chat_services())[0], pool) is None:
        return {"principal": None, "synchronized": False, "status": []}
    row = _row_of(session.read(lync.mirror_state(pool, database))[0], database)
    status = {lower(row, name) for name in _STATUS} - {""}
    return {
        "principal": _principal(row),
        "synchronized": "synchronized" in status,
        "status": sorted(status),
    }


def _row_of(rows: Sequence[Record], database: str) -> Record:
    """The database's own row; the first one where none has its name."""
    for row in rows:
        if lower(row, "DatabaseName") == database:
            return row
    return rows[0] if rows else {}


def _principal(row: Record) -> str | None:
    if lower(row, "StateOnPrimary") == "principal":
        return "primary"
    if lower(row, "StateOnMirror") == "principal":
        return "mirror"
    return None
