"""Databases that Lync's own cmdlet installs. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

from ...._engine.model import Resource, Session, State, Step
from ...calls import lync
from ._stores import sql_server_name, store_scope

DATABASE_SPEC: State = {
    "sql_server": {"type": "str", "required": True},
    "instance": {"type": "str", "default": ""},
    "databases": {
        "type": "list",
        "elements": "str",
        "choices": sorted(lync.DATABASE_TYPES),
        "required": True,
    },
    "existing": {"type": "list", "elements": "str", "default": []},
    "use_default_paths": {"type": "bool", "default": True},
    "database_paths": {"type": "list", "elements": "str", "default": []},
}


class LyncDatabase(Resource[State, State]):
    """State: databases {name: present}, of one store."""

    def __init__(self, options: State, host: str) -> None:
        self.options = options
        self.server = sql_server_name(options["sql_server"])
        self.scope = f"{store_scope(self.server, options['instance'].lower())} lync databases"
        self.existing = {n.lower() for n in options["existing"]}

    def read(self, session: Session) -> State:
        """A database that SQL Server reports in any state is there: Test-CsDatabase cannot open a
        mirror copy or a log shipping secondary.
        """
        if set(self.options["databases"]) <= self.existing:
            return {"databases": dict.fromkeys(self.options["databases"], True)}
        rows = [
            r
            for r in session.read(lync.test_databases(self.server))[0]
            if str(r.get("SqlInstanceName") or "").lower() == self.options["instance"].lower()
        ]
        good = {
            str(r.get("DatabaseName", "")).lower()
            for r in rows
            if r.get("Succeed") or r.get("InstalledVersion")
        }
        return {
            "databases": {n: n in good or n in self.existing for n in self.options["databases"]}
        }

    def plan(self, current: State) -> list[Step[State]]:
        missing = [n for n, present in current["databases"].items() if not present]
        if not missing:
            return []
        scope = store_scope(self.server, self.options["instance"])
        return [
            Step(
                name="install_databases",
                why=(
                    f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} not installed on"
                    f" {self.server}."
                ),
                sets={"databases": dict.fromkeys(self.options["databases"], True)},
                calls=(
                    lync.install_databases(
                        self.server,
                        self.options["instance"],
                        self.options["use_default_paths"],
                        self.options["database_paths"],
                    ),
                ),
                lasts=True,
                also={f"{scope}/{n}": {"database_state": "ONLINE"} for n in missing},
            )
        ]
