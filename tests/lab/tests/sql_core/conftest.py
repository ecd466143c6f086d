"""A small world for the SQL Server core: three SQL machines and a file server, no estate file."""

from __future__ import annotations

import dataclasses
import typing as t

import pytest

pytest.importorskip("pythonnet", reason="the lab's SQL Server needs .NET: dev/requirements/lab.txt")

from pchat_lab.faults.faults import Faults
from pchat_lab.sqlserver.language.results import BatchResult
from pchat_lab.sqlserver.language.session import SqlSession
from pchat_lab.sqlserver.load import load_all
from pchat_lab.sqlserver.server.instance import SqlInstance
from pchat_lab.world.clock import Clock
from pchat_lab.world.machine import Machine, Share
from pchat_lab.world.network import Account
from pchat_lab.world.storage import Storage
from pchat_lab.world.world import World

SHARE = r"\\fs1.contoso.example\logs"
ADMIN = r"CONTOSO\admin"
HELPDESK = r"CONTOSO\helpdesk"


@dataclasses.dataclass
class Sql:
    """The world and short ways to run T-SQL in it."""

    world: World
    north: SqlInstance
    south: SqlInstance

    def account(self, name: str = ADMIN) -> Account:
        return self.world.account(name)

    def session(
        self, instance: SqlInstance | None = None, database: str = "master", who: str = ADMIN
    ) -> SqlSession:
        instance = instance or self.north
        return instance.connect(self.account(who), instance.machine, database)

    def run(
        self,
        text: str,
        instance: SqlInstance | None = None,
        database: str = "master",
        who: str = ADMIN,
    ) -> BatchResult:
        with self.session(instance, database, who) as session:
            return session.execute(text)

    def rows(
        self, text: str, instance: SqlInstance | None = None, **where: t.Any
    ) -> list[list[t.Any]]:
        """The rows of the last result set; any error fails the test."""
        result = self.run(text, instance, **where).check()
        return result.result_sets[-1].rows

    def value(self, text: str, instance: SqlInstance | None = None, **where: t.Any) -> t.Any:
        return self.rows(text, instance, **where)[0][0]

    def errors(self, text: str, instance: SqlInstance | None = None, **where: t.Any) -> list[int]:
        """The numbers of all errors, in order."""
        return [error.number for error in self.run(text, instance, **where).errors]

    def instance(self, machine: str, name: str = "", **facts: t.Any) -> SqlInstance:
        """One more instance, on a machine that may be new."""
        fqdn = f"{machine}.contoso.example"
        if fqdn not in self.world.machines:
            self.world.machines[fqdn] = Machine(
                fqdn, "north", "sql", "CONTOSO", sql_tools=("SQLPS 2012",), sql_quirks=frozenset()
            )
        return SqlInstance(
            self.world,
            self.world.machines[fqdn],
            name,
            **{"service_account": r"CONTOSO\sqlsvc", **facts},
        )


def small_world() -> Sql:
    """A north and a south instance that know nobody yet, and a share that both can write to."""
    load_all()
    world = World("sql", Clock(running=False))
    world.domain = "CONTOSO"
    world.dns_suffix = "contoso.example"
    world.storage = Storage(world)
    world.faults = Faults(world)
    for name, groups in (
        (ADMIN, {"Domain Admins", "sysadmin"}),
        (HELPDESK, set()),
        (r"CONTOSO\sqlsvc", set()),
    ):
        world.accounts[name.lower()] = Account(name, "x", frozenset(groups))
    files = Machine("fs1.contoso.example", "south", "file_server", "CONTOSO")
    files.folders.add(r"d:\logs")
    files.shares["logs"] = Share("logs", r"D:\logs", {r"CONTOSO\sqlsvc": "Change"})
    world.machines[files.fqdn] = files
    made = Sql(world, None, None)  # type: ignore[arg-type]
    made.north, made.south = made.instance("sql-n1"), made.instance("sql-s1")
    return made


@pytest.fixture
def sql() -> Sql:
    return small_world()


@pytest.fixture
def chat(sql: Sql) -> Sql:
    return with_chat(sql)


def with_chat(sql: Sql) -> Sql:
    """mgc on the north instance, FULL, with a full backup that starts its log chain."""
    sql.north.create_lync_database("mgc")
    sql.run(
        rf"ALTER DATABASE mgc SET RECOVERY FULL; BACKUP DATABASE mgc TO DISK = N'{SHARE}\mgc.bak' "
        r"WITH INIT, FORMAT, CHECKSUM"
    ).check()
    return sql
