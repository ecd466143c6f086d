"""Lync's own way to mirror a database. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from ...._engine.errors import Refused
from ...._engine.model import Resource, Session, Settle, State, Step
from ...calls import lync
from ...calls.tsql import quote
from ._pool import pool_scope
from ._stores import DATABASE_OPTION, read_sides, sql_server_name, store_scope

MIRROR_DATABASE_SPEC: State = {
    "pool": {"type": "str", "required": True},
    "database": DATABASE_OPTION,
    "sql_server": {"type": "str", "required": True},
    "instance": {"type": "str", "default": ""},
    "file_share": {"type": "str"},
    "drop_existing": {"type": "bool", "default": False},
    "timeout": {"type": "int", "default": 3600},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
}


def _status(state: State) -> str:
    return f"they are {', '.join(state['status']) or 'not mirrored yet'}"


class MirrorDatabase(Resource[State, State]):
    """Lync's own way to mirror: Install-CsMirrorDatabase. State: principal, synchronized,
    status.
    """

    def __init__(self, options: State, host: str) -> None:
        self.options = options
        self.server = sql_server_name(options["sql_server"])
        self.scope = f"{pool_scope(options['pool'])}/{options['database']}"
        if options["state"] == "present":
            if not options["file_share"]:
                raise Refused(
                    "file_share is needed: the share through which the mirror is seeded.",
                    code="bad_path",
                )
            quote.path(options["file_share"])

    def read(self, session: Session) -> State:
        return read_sides(session, self.options["pool"], self.options["database"])

    def plan(self, current: State) -> list[Step[State]]:
        o = self.options
        if o["state"] == "absent":
            return (
                []
                if current["principal"] is None
                else [
                    Step(
                        name="uninstall_mirror",
                        why=f"{o['database']} is mirrored and is not to be.",
                        sets={"principal": None, "synchronized": False, "status": []},
                        calls=(lync.uninstall_mirror(self.server, o["instance"], o["database"]),),
                        one_way=True,
                    )
                ]
            )
        if current["principal"] is not None:
            return []
        return [
            Step(
                name="install_mirror",
                why=f"{o['database']} has no mirror.",
                sets={"principal": "primary", "synchronized": True, "status": ["synchronized"]},
                calls=(
                    lync.install_mirror(
                        self.server,
                        o["instance"],
                        o["database"],
                        o["file_share"],
                        o["drop_existing"],
                    ),
                ),
                one_way=o["drop_existing"],
                lasts=True,
                settles=Settle(
                    until=f"the copies of {o['database']} are synchronized",
                    holds=lambda state: bool(state["synchronized"]),
                    timeout=float(o["timeout"]),
                    seen=_status,
                ),
                also={
                    f"{store_scope(self.server, o['instance'])}/{o['database']}": {
                        "mirroring_role": "PRINCIPAL",
                        "recovery_model": "FULL",
                        "database_state": "ONLINE",
                    }
                },
            )
        ]
