"""The ledger: when a message is acknowledged, when it is refused, and when it counts as lost."""

from __future__ import annotations

import typing as t

import pytest
from lab.tests.world import pools

from pchat_lab.sqlserver.language.session import SqlSession
from pchat_lab.world.world import World

POOL = "chat.contoso.example"


@pytest.fixture
def world(estate: World) -> World:
    pools.serve(estate, "chat-n1", "chat-n2")
    return estate


def test_without_a_pool_nothing_can_be_posted(estate: World) -> None:
    assert estate.chat.post(3)["acknowledged"] == 0
    assert estate.chat.verify() == {
        "acknowledged": 0,
        "present": 0,
        "refused": 0,
        "lost": 0,
        "impossible": False,
        "pools": {},
    }
    with pytest.raises(ValueError, match="no pool"):
        estate.chat.post(1, POOL)


def test_messages_are_numbered_and_present_in_the_database_in_use(world: World) -> None:
    assert world.chat.post(3) == {
        "acknowledged": 3,
        "refused": 0,
        "reasons": {},
        "first": 1,
        "last": 3,
    }
    found = world.chat.verify()["pools"][POOL]
    assert (found["acknowledged"], found["present"], found["lost"], found["impossible"]) == (
        3,
        3,
        [],
        [],
    )
    assert found["database_in_use"] == "sql-n1.contoso.example"
    assert found["copies"] == {
        "sql-n1.contoso.example": {"state": "ONLINE", "held": 3, "newest": 3, "missing": 0}
    }


def test_active_servers_take_turns(world: World) -> None:
    world.chat.post(4)
    servers = [message.server for message in world.chat.acknowledged(POOL)]
    assert servers == ["chat-n1.contoso.example", "chat-n2.contoso.example"] * 2


def test_a_chosen_server_serves_only_while_it_is_active(world: World) -> None:
    assert world.chat.post(1, server="chat-n2")["acknowledged"] == 1
    assert world.chat.post(2, server="chat-s1.contoso.example")["reasons"] == {
        "it is not active": 2
    }
    with pytest.raises(ValueError, match=r"not a server of any pool"):
        world.chat.post(1, server="sql-n1")
    with pytest.raises(ValueError, match="not a server"):
        world.chat.post(1, POOL, "chat-x1")


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ({"kind": "host", "host": "fe-n1"}, "next hop"),
        ({"kind": "service", "host": "sql-n1", "service": "MSSQLSERVER"}, "no copy of mgc"),
        ({"kind": "host", "host": "sql-n1"}, "no copy of mgc"),
        ({"kind": "host", "host": "sql-n1", "mode": "hang"}, "no copy of mgc"),
    ],
)
def test_what_a_message_needs(world: World, spec: dict[str, t.Any], reason: str) -> None:
    world.chat.post(2)
    world.faults.add(spec)
    refused = world.chat.post(2)
    assert (refused["acknowledged"], refused["refused"]) == (0, 2)
    assert all(reason in said for said in refused["reasons"])
    assert world.chat.verify()["lost"] == 0
    world.faults.clear()
    pools.start_chat(world)
    assert world.chat.post(1)["acknowledged"] == 1
    assert world.chat.verify()["present"] == 3


def test_the_other_server_takes_over_when_one_is_down(world: World) -> None:
    world.faults.add({"kind": "host", "host": "chat-n1"})
    assert world.chat.post(2)["acknowledged"] == 2
    assert {message.server for message in world.chat.acknowledged(POOL)} == {
        "chat-n2.contoso.example"
    }


def test_an_emptied_list_of_active_servers_is_a_fence(world: World) -> None:
    pools.set_active(world)
    assert world.chat.post(1)["reasons"] == {"it is not active": 1}


def test_a_restored_older_copy_has_lost_what_came_after(world: World) -> None:
    instance = world.machine("sql-n1").instances[""]
    with SqlSession.internal(instance) as session:
        world.chat.post(2)
        session.execute("BACKUP DATABASE mgc TO DISK = N'C:\\Windows\\Temp\\mgc.bak'").check()
        world.chat.post(3)
        session.execute("ALTER DATABASE mgc SET SINGLE_USER WITH ROLLBACK IMMEDIATE").check()
        session.execute(
            "RESTORE DATABASE mgc FROM DISK = N'C:\\Windows\\Temp\\mgc.bak' WITH REPLACE"
        ).check()
        session.execute("ALTER DATABASE mgc SET MULTI_USER").check()
    found = world.chat.verify()
    assert (found["acknowledged"], found["present"], found["lost"]) == (5, 2, 3)
    assert found["pools"][POOL]["lost"] == [3, 4, 5]
    assert not found["impossible"]


def test_without_any_copy_everything_is_lost(world: World) -> None:
    world.chat.post(2)
    world.machine("sql-n1").instances[""].drop_database("mgc")
    assert world.chat.verify()["pools"][POOL]["lost"] == [1, 2]


def test_two_copies_that_are_written_at_once_are_noticed(world: World) -> None:
    """A part of the pool that never heard of the failover goes on writing the old copy."""
    world.machine("sql-s1").instances[""].create_database("mgc")
    pools.set_active(world, "chat-n1", "chat-s1")
    world.faults.add({"kind": "link", "between": ["fe-n1", "chat-n1"]})
    world.lync.change(state=(POOL, "FailedOver"))
    world.clock.advance(10)
    world.chat.post(2)
    found = world.chat.verify()
    assert found["impossible"]
    assert "2 copies at once" in found["pools"][POOL]["impossible"][0]


def test_a_number_that_nobody_posted_is_noticed(world: World) -> None:
    world.machine("sql-n1").instances[""].database("mgc").append({"pool": POOL, "number": 99})
    assert "never posted" in world.chat.verify()["pools"][POOL]["impossible"][0]


def test_traffic_flows_with_the_labs_clock_until_it_is_stopped(world: World) -> None:
    assert world.chat.traffic(6) == {POOL: 6.0}
    world.clock.advance(60)
    assert world.chat.verify()["acknowledged"] == 6
    assert world.chat.traffic(0) == {}
    world.clock.advance(60)
    assert world.chat.verify()["acknowledged"] == 6
    with pytest.raises(ValueError, match="from 0"):
        world.chat.traffic(-1)
