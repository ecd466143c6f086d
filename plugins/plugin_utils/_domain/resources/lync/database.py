"""Databases that Lync's own cmdlet installs. FOR INTERNAL COLLECTION USE ONLY."""

from __future__ import annotations

import typing as t

from ...._engine.model import ArgumentSpec, Facts, Record, Resource, Session, Step
from ...calls import lync
from ...rows import flag, lower
from ._stores import sql_server_name, store_scope

DATABASE_SPEC: ArgumentSpec = {
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


class DatabaseOptions(t.TypedDict):
    """``existing``: databases that SQL Server itself reports, in any state."""

    sql_server: str
    instance: str
    databases: list[str]
    existing: list[str]
    use_default_paths: bool
    database_paths: list[str]


class DatabasesFacts(t.TypedDict):
    """``databases``: name -> whether it is there, of one store."""

    databases: dict[str, bool]


class LyncDatabase(Resource[DatabaseOptions, DatabasesFacts]):
    """The databases of one store, installed by Install-CsDatabase."""

    def __init__(self, options: DatabaseOptions, host: str) -> None:
        self.options = options
        self.server = sql_server_name(options["sql_server"])
        self.scope = f"{store_scope(self.server, options['instance'].lower())} lync databases"
        self.existing = {name.lower() for name in options["existing"]}

    def read(self, session: Session) -> DatabasesFacts:
        """A database that SQL Server reports in any state is there: Test-CsDatabase cannot open a
        mirror copy or a log shipping secondary.
        """
        wanted = self.options["databases"]
        if set(wanted) <= self.existing:
            return {"databases": dict.fromkeys(wanted, True)}
        present = set(self.existing)
        for row in session.read(lync.test_databases(self.server))[0]:
            if self._is_good(row):
                present.add(lower(row, "DatabaseName"))
        return {"databases": {name: name in present for name in wanted}}

    def _is_good(self, row: Record) -> bool:
        if lower(row, "SqlInstanceName") != self.options["instance"].lower():
            return False
        return flag(row, "Succeed") or flag(row, "InstalledVersion")

    def plan(self, current: DatabasesFacts) -> list[Step[DatabasesFacts]]:
        missing = [name for name, present in current["databases"].items() if not present]
        if not missing:
            return []
        scope = store_scope(self.server, self.options["instance"])
        also: dict[str, Facts] = {}
        for name in missing:
            also[f"{scope}/{name}"] = {"database_state": "ONLINE"}
        are = "is" if len(missing) == 1 else "are"
        return [
            Step(
                name="install_databases",
                why=f"{', '.join(missing)} {are} not installed on {self.server}.",
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
                also=also,
            )
        ]
