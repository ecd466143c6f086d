"""What the resources of a pool's stores share. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from ...._engine.errors import Refused
from ...._engine.model import Session, State
from ...calls import lync
from ...estate.estate_info import is_fqdn
from ...rows import text_of

DATABASE_OPTION: State = {"type": "str", "choices": sorted(lync.DATABASE_TYPES), "required": True}


def store_scope(server: str, instance: str = "") -> str:
    return f"sql/{server}" + (f"\\{instance}" if instance else "")


def sql_server_name(name: str) -> str:
    if not is_fqdn(name):
        raise Refused(
            f"{name!r} is not a fully qualified domain name; short names of SQL Servers time out in"
            " these cmdlets.",
            code="bad_name",
        )
    return name.lower()


def read_sides(session: Session, pool: str, database: str) -> State:
    """principal: primary|mirror|None, synchronized: bool. The slots are the topology's; the second
    status has two documented names.

    The cmdlet fails for a pool that is not published, so that is looked at first: in a check run of
    a bare estate it is no error.
    """
    published = {text_of(s.get("PoolFqdn")).lower() for s in session.read(lync.chat_services())[0]}
    if pool.lower() not in published:
        return {"principal": None, "synchronized": False, "status": []}
    rows = session.read(lync.mirror_state(pool, database))[0]
    row = next(
        (r for r in rows if str(r.get("DatabaseName", "")).lower() == database),
        rows[0] if rows else {},
    )
    primary = str(row.get("StateOnPrimary", "")).lower()
    mirror = str(row.get("StateOnMirror", "")).lower()
    status = {
        str(row.get(k) or "").lower()
        for k in (
            "MirroringStatusOnPrimary",
            "MirroringStatusOnMirror",
            "MirroringStatusOnSecondary",
        )
    }
    return {
        "principal": (
            "primary" if primary == "principal" else "mirror" if mirror == "principal" else None
        ),
        "synchronized": "synchronized" in status,
        "status": sorted(status - {""}),
    }
