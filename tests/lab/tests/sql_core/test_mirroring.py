"""Principals that live on behind a cut, and what becomes of them when the partners meet."""

from __future__ import annotations

import typing as t

import pytest

from pchat_lab.powershell.errors import LabGap
from pchat_lab.sqlserver.server.instance import SqlInstance

from .conftest import SHARE, Sql

_ROLE = (
    "SELECT mirroring_role_desc, mirroring_state_desc, mirroring_role_sequence"
    " FROM sys.database_mirroring WHERE database_id = DB_ID(N'mgc')"
)
_FORCE = "ALTER DATABASE mgc SET PARTNER FORCE_SERVICE_ALLOW_DATA_LOSS"
_ENDPOINT = (
    "CREATE ENDPOINT Mirroring STATE = STARTED AS TCP (LISTENER_PORT = 5022)"
    " FOR DATABASE_MIRRORING (ROLE = ALL); CREATE LOGIN [CONTOSO\\sqlsvc] FROM WINDOWS;"
    " GRANT CONNECT ON ENDPOINT::Mirroring TO [CONTOSO\\sqlsvc]"
)


class Pair(t.NamedTuple):
    sql: Sql
    one: SqlInstance
    other: SqlInstance

    def cut(self, host: str = "sql-n2") -> str:
        between = ["sql-n1", host]
        return str(self.sql.world.faults.add({"kind": "link", "between": between}))

    def meet(self, cut: str) -> None:
        self.sql.world.faults.clear(cut)
        self.sql.world.clock.advance(30)

    def role(self, instance: SqlInstance) -> list[t.Any]:
        return self.sql.rows(_ROLE, instance)[0]

    def post(self, instance: SqlInstance, number: int) -> None:
        instance.database("mgc").append({"pool": "chat", "number": number})

    def held(self, instance: SqlInstance) -> list[int]:
        return [payload["number"] for payload in instance.database("mgc").payloads()]

    def online(self, instance: SqlInstance) -> bool:
        return instance.database("mgc").is_serving()


def _address(instance: SqlInstance) -> str:
    return f"TCP://{instance.machine.fqdn}:5022"


@pytest.fixture
def pair(chat: Sql) -> Pair:
    """mgc, mirrored from sql-n1 to sql-n2, synchronized, without a witness."""
    other = chat.instance("sql-n2")
    for instance in (chat.north, other):
        chat.run(_ENDPOINT, instance).check()
    chat.run(rf"BACKUP LOG mgc TO DISK = N'{SHARE}\mgc.trn'").check()
    chat.run(rf"RESTORE DATABASE mgc FROM DISK = N'{SHARE}\mgc.bak' WITH NORECOVERY", other).check()
    chat.run(rf"RESTORE LOG mgc FROM DISK = N'{SHARE}\mgc.trn' WITH NORECOVERY", other).check()
    partner = "ALTER DATABASE mgc SET PARTNER = N'{}'"
    chat.run(partner.format(_address(chat.north)), other).check()
    chat.run(partner.format(_address(other))).check()
    chat.world.clock.advance(5)
    return Pair(chat, chat.north, other)


@pytest.mark.parametrize(
    ("setting", "undo", "number"),
    [
        ("READ_ONLY", "READ_WRITE", 1466),
        ("AUTO_CLOSE ON", "AUTO_CLOSE OFF", 1469),
        ("SINGLE_USER", "MULTI_USER", 1488),
    ],
)
def test_what_somebody_set_keeps_a_session_from_beginning(
    pair: Pair, setting: str, undo: str, number: int
) -> None:
    for instance in (pair.one, pair.other):
        pair.sql.run("ALTER DATABASE mgc SET PARTNER OFF", instance)
    alter = "ALTER DATABASE mgc SET {}"
    pair.sql.run(alter.format(setting)).check()
    partner = alter.format("PARTNER = N'{}'")
    pair.sql.run(partner.format(_address(pair.one)), pair.other).check()
    assert number in pair.sql.errors(partner.format(_address(pair.other)))
    pair.sql.run(alter.format(undo)).check()
    pair.sql.run(partner.format(_address(pair.other))).check()


def test_a_principal_lives_on_behind_a_cut_when_service_was_forced(pair: Pair) -> None:
    pair.post(pair.one, 1)
    pair.cut()
    pair.sql.world.clock.advance(15)
    pair.sql.run(_FORCE, pair.other).check()
    assert pair.role(pair.one) == ["PRINCIPAL", "DISCONNECTED", 1]
    assert pair.role(pair.other) == ["PRINCIPAL", "DISCONNECTED", 2]
    pair.post(pair.one, 2)
    pair.post(pair.other, 3)
    assert (pair.held(pair.one), pair.held(pair.other)) == ([1, 2], [1, 3])


def test_when_the_two_meet_the_older_one_is_a_mirror_and_loses_its_log_at_resume(
    pair: Pair,
) -> None:
    cut = pair.cut()
    pair.sql.world.clock.advance(15)
    pair.sql.run(_FORCE, pair.other).check()
    pair.post(pair.one, 1)
    pair.post(pair.other, 2)
    pair.meet(cut)
    assert pair.role(pair.one) == ["MIRROR", "SUSPENDED", 2]
    assert not pair.online(pair.one)
    assert pair.held(pair.one) == [1]
    pair.sql.run("ALTER DATABASE mgc SET PARTNER RESUME", pair.other).check()
    pair.sql.world.clock.advance(5)
    assert pair.role(pair.other) == ["PRINCIPAL", "SYNCHRONIZED", 2]
    assert pair.held(pair.one) == [2]


def test_a_session_that_ends_on_both_sides_leaves_two_copies_online(pair: Pair) -> None:
    cut = pair.cut()
    pair.sql.world.clock.advance(15)
    pair.sql.run(_FORCE, pair.other).check()
    pair.sql.run("ALTER DATABASE mgc SET PARTNER OFF", pair.one).check()
    assert pair.role(pair.one) == [None, None, None]
    pair.meet(cut)
    assert (pair.online(pair.one), pair.online(pair.other)) == (True, True)
    assert pair.role(pair.other) == [None, None, None]


def test_whoever_lost_power_comes_back_as_the_mirror(pair: Pair) -> None:
    down = pair.sql.world.faults.add({"kind": "host", "host": "sql-n1"})
    pair.sql.world.clock.advance(15)
    pair.sql.run(_FORCE, pair.other).check()
    pair.meet(down)
    assert pair.role(pair.one) == ["MIRROR", "SUSPENDED", 2]


def test_behind_a_cut_without_its_witness_a_principal_stays_one_and_serves_nobody(
    pair: Pair,
) -> None:
    witness = pair.sql.instance("sql-n3")
    pair.sql.run(_ENDPOINT, witness).check()
    pair.sql.run(f"ALTER DATABASE mgc SET WITNESS = N'{_address(witness)}'").check()
    cuts = [pair.cut(), pair.cut("sql-n3")]
    pair.sql.world.clock.advance(30)
    assert pair.role(pair.other) == ["PRINCIPAL", "DISCONNECTED", 2]
    assert pair.role(pair.one) == ["PRINCIPAL", "DISCONNECTED", 1]
    assert (pair.online(pair.one), pair.online(pair.other)) == (False, True)
    pair.meet(cuts[1])
    assert pair.role(pair.one) == ["MIRROR", "DISCONNECTED", 2], "the witness told it"
    pair.meet(cuts[0])
    assert pair.role(pair.one) == ["MIRROR", "SYNCHRONIZED", 2]


def test_either_partner_may_give_the_witness_up(pair: Pair) -> None:
    witness = pair.sql.instance("sql-n3")
    pair.sql.run(_ENDPOINT, witness).check()
    pair.sql.run(f"ALTER DATABASE mgc SET WITNESS = N'{_address(witness)}'").check()
    pair.sql.run("ALTER DATABASE mgc SET WITNESS OFF", pair.other).check()
    shown = "SELECT mirroring_witness_state_desc FROM sys.database_mirroring WHERE database_id = {}"
    assert pair.sql.value(shown.format("DB_ID(N'mgc')")) == "UNKNOWN"


@pytest.mark.parametrize("word", ["SUSPEND", "RESUME"])
def test_what_the_lab_does_not_know_of_such_a_principal_it_says(pair: Pair, word: str) -> None:
    pair.cut()
    pair.sql.world.clock.advance(15)
    pair.sql.run(_FORCE, pair.other).check()
    with pytest.raises(LabGap, match="replaced behind a cut"):
        pair.sql.run(f"ALTER DATABASE mgc SET PARTNER {word}", pair.one)
