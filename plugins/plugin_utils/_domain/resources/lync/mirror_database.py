"""Lync's own way to mirror a database. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import typing as t

from ...._engine.errors import Refused
from ...._engine.model import ArgumentSpec, Resource, Session, Settle, Step
from ...calls import lync
from ...calls.tsql import quote
from ._pool import pool_scope
from ._stores import DATABASE_OPTION, Sides, read_sides, sql_server_name, store_scope

MIRROR_DATABASE_SPEC: ArgumentSpec = {
    "pool": {"type": "str", "required": True},
    "database": DATABASE_OPTION,
    "sql_server": {"type": "str", "required": True},
    "instance": {"type": "str", "default": ""},
    "file_share": {"type": "str"},
    "drop_existing": {"type": "bool", "default": False},
    "timeout": {"type": "int", "default": 3600},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


class MirrorDatabaseOptions(t.TypedDict):
    """``file_share``: UNC path through which the mirror is seeded. ``timeout``: seconds."""

    pool: str
    database: str
    sql_server: str
    instance: str
    file_share: str | None
    drop_existing: bool
    timeout: int
    state: str


class MirrorDatabase(Resource[MirrorDatabaseOptions, Sides]):
    """Lync's own way to mirror: Install-CsMirrorDatabase."""

    def __init__(self, options: MirrorDatabaseOptions, host: str) -> None:
        self.options = options
        self.server = sql_server_name(options["sql_server"])
        self.scope = f"{pool_scope(options['pool'])}/{options['database']}"
        self.share = options["file_share"] or ""
        if options["state"] != "present":
            return
        if not self.share:
            raise Refused(
                "file_share is needed: the share through which the mirror is seeded.",
                code="bad_path",
            )
        quote.path(self.share)

    def read(self, session: Session) -> Sides:
        return read_sides(session, self.options["pool"], self.options["database"])

    def plan(self, current: Sides) -> list[Step[Sides]]:
        is_mirrored = current["principal"] is not None
        if is_mirrored == (self.options["state"] == "present"):
            return []
        return [self._uninstall() if is_mirrored else self._install()]

    def _uninstall(self) -> Step[Sides]:
        options = self.options
        database = options["database"]
        return Step(
            name="uninstall_mirror",
            why=f"{database} is mirrored and is not to be.",
            sets={"principal": None, "synchronized": False, "status": []},
            calls=(lync.uninstall_mirror(self.server, options["instance"], database),),
            one_way=True,
        )

    def _install(self) -> Step[Sides]:
        options = self.options
        database = options["database"]
        instance = options["instance"]
        drop_existing = options["drop_existing"]
        return Step(
            name="install_mirror",
            why=f"{database} has no mirror.",
            sets={"principal": "primary", "synchronized": True, "status": ["synchronized"]},
            calls=(
                lync.install_mirror(self.server, instance, database, self.share, drop_existing),
            ),
            one_way=drop_existing,
            lasts=True,
            settles=Settle(
                until=f"the copies of {database} are synchronized",
                holds=_are_synchronized,
                timeout=float(options["timeout"]),
                seen=_status,
            ),
            also={
                f"{store_scope(self.server, instance)}/{database}": {
                    "mirroring_role": "PRINCIPAL",
                    "recovery_model": "FULL",
                    "database_state": "ONLINE",
                }
            },
        )


def _are_synchronized(sides: Sides) -> bool:
    return sides["synchronized"]


def _status(sides: Sides) -> str:
    return f"they are {', '.join(sides['status']) or 'not mirrored yet'}"
