"""Faults: each breaks what it says, and is over when it is cleared."""

from __future__ import annotations

import typing as t

import pytest

from pchat_lab.estate.describe import fingerprint
from pchat_lab.faults.faults import BadFault, Faults
from pchat_lab.faults.specs import KINDS
from pchat_lab.powershell.objects import PSObject
from pchat_lab.sqlserver.language.session import SqlSession
from pchat_lab.world.journal import Entry
from pchat_lab.world.storage import StorageError
from pchat_lab.world.world import World


def entry(world: World, host: str = "sql-n1", name: str = "Invoke-Sqlcmd") -> Entry:
    return world.journal.add(
        at=world.clock.now(),
        host=world.machine(host).fqdn,
        user="u",
        runspace="r",
        pipeline="p",
        name=name,
        parameters={},
    )


def write(world: World, host: str = "sql-n1") -> tuple[str | None, str | None]:
    """What the wire is told before and after one write."""
    made = entry(world, host)
    return world.faults.before_write(made), world.faults.after_write(made)


@pytest.mark.parametrize(
    ("spec", "said"),
    [
        ({"kind": "meteor"}, "unknown kind"),
        ({}, "unknown kind"),
        ({"kind": "host"}, "needs host"),
        ({"kind": "host", "host": "fe-x9"}, "no machine 'fe-x9'"),
        ({"kind": "host", "host": "fe-n1", "mode": "sleepy"}, "one of down, hang, slow"),
        ({"kind": "host", "host": "fe-n1", "colour": "red"}, "no colour"),
        ({"kind": "site", "site": "east"}, "no site 'east'"),
        ({"kind": "link", "between": ["north"]}, "two ends"),
        ({"kind": "link", "between": ["north", "north"]}, "two different ends"),
        ({"kind": "service", "host": "fe-n1", "service": "none"}, "no service 'none'"),
        ({"kind": "share", "host": "fs-s1", "share": "none"}, "no share 'none'"),
        ({"kind": "write", "number": 0}, "a number from 1"),
        ({"kind": "write", "number": 1, "action": "explode"}, "one of drop"),
        ({"kind": "cmdlet", "name": "Get-Nothing"}, "no cmdlet"),
        ({"kind": "sql_agent", "host": "fe-n1"}, "no SQL Server"),
        ({"kind": "clock", "host": "fe-n1"}, "needs skew_seconds"),
        ({"kind": "file", "host": "fe-n1", "path": "C:\\none"}, "no file"),
        ({"kind": "disk_full", "host": "fe-n1", "folder": "Q:\\x"}, "no folder"),
        (
            {
                "kind": "foreign_log_backup",
                "host": "sql-n1",
                "database": "none",
                "path": "D:\\x.trn",
            },
            "SQL Server refused",
        ),
        (
            {"kind": "sql_tools", "host": "sql-n1", "tools": "SQLPS 2010"},
            "none, or one or more of snap-in 2008 R2, SQLPS 2012",
        ),
        ({"kind": "sql_tools", "host": "fe-n1", "tools": "none"}, "no SQL Server on fe-n1"),
        ({"kind": "sql_quirk", "host": "sql-n1", "quirk": "slow"}, "one of errors_need_switch"),
        ({"kind": "sql_batch", "pattern": "(", "loses": "rows"}, "a regular expression"),
    ],
)
def test_a_fault_that_makes_no_sense_is_an_error_and_leaves_nothing(
    estate: World, spec: dict[str, t.Any], said: str
) -> None:
    with pytest.raises(BadFault, match=said):
        estate.faults.add(spec)
    assert estate.faults.list() == []


#: One example of each kind that can be undone.
EXAMPLES: list[dict[str, t.Any]] = [
    {"kind": "host", "host": "sql-n1"},
    {"kind": "host", "host": "sql-n1", "mode": "hang"},
    {"kind": "host", "host": "sql-n1", "mode": "deaf"},
    {"kind": "host", "host": "sql-n1", "mode": "unseen"},
    {"kind": "host", "host": "sql-n1", "mode": "slow", "seconds": 2},
    {"kind": "site", "site": "north"},
    {"kind": "site", "site": "north", "mode": "isolated"},
    {"kind": "site", "site": "north", "mode": "hang"},
    {"kind": "site", "site": "north", "mode": "unseen"},
    {"kind": "answer", "host": "sql-n1", "mode": "forbidden"},
    {"kind": "answer", "host": "sql-n1", "mode": "late", "seconds": "0.5"},
    {"kind": "link", "between": ["north", "south"]},
    {"kind": "link", "between": "fe-n1,south"},
    {"kind": "service", "host": "sql-n1", "service": "MSSQLSERVER"},
    {"kind": "service", "host": "sql-n1", "service": "MSSQLSERVER", "mode": "fails_to_start"},
    {"kind": "share", "host": "fs-s1", "share": "pchat-logs"},
    {"kind": "share", "host": "fs-s1", "share": "pchat-logs", "mode": "full"},
    {"kind": "share", "host": "fs-s1", "share": "pchat-logs", "mode": "unlisted"},
    {"kind": "write", "number": "3", "host": "sql-n1"},
    {"kind": "cmdlet", "name": "get-service", "host": "fe-n1", "times": 2},
    {"kind": "sql_agent", "host": "sql-n1"},
    {"kind": "cms"},
    {"kind": "clock", "host": "sql-n1", "skew_seconds": "-30"},
    {"kind": "file", "host": "fs-s1", "path": "D:\\shares\\pchat-logs\\a.trn"},
    {"kind": "file", "host": "fs-s1", "path": "D:\\shares\\pchat-logs\\a.trn", "mode": "missing"},
    {"kind": "disk_full", "host": "sql-n1", "folder": "D:"},
    {"kind": "disk_space", "host": "sql-n1", "drive": "D:", "free_mb": "5"},
    {"kind": "deviation", "cmdlet": "get-cspool", "property": "Identity"},
    {"kind": "operator", "host": "sql-n1", "sql": "SELECT 1", "number": 3},
    {"kind": "sql_tools", "host": "sql-n1", "tools": "SqlServer 22,SQLPS 2014"},
    {"kind": "sql_tools", "host": "sql-n1", "tools": "none"},
    {"kind": "sql_quirk", "host": "sql-n1", "quirk": "errors_lost"},
    {"kind": "execution_policy", "host": "sql-n1"},
    {"kind": "hidden_forks", "host": "sql-n1"},
    {"kind": "sql_batch", "pattern": "RESTORE HEADERONLY", "loses": "rows", "times": "2"},
]


def test_only_writes_that_say_so_are_counted(estate: World) -> None:
    estate.faults.add({"kind": "write", "number": 2, "pattern": "^Stop-Service$", "action": "drop"})
    told = []
    for name in ("Stop-Service", "Invoke-Sqlcmd", "Stop-Service", "Stop-Service"):
        made = entry(estate, name=name)
        estate.faults.before_write(made)
        told.append(estate.faults.after_write(made))
    assert told == [None, None, "drop", None]


def test_there_is_an_example_of_every_kind() -> None:
    assert {example["kind"] for example in EXAMPLES} == set(KINDS) - {
        "foreign_log_backup",
        "backup_job",
        "bulk_write",
    }


@pytest.mark.parametrize("spec", EXAMPLES, ids=str)
def test_clearing_a_fault_leaves_the_estate_as_it_was(
    estate: World, spec: dict[str, t.Any]
) -> None:
    estate.storage.write(
        "\\\\fs-s1\\pchat-logs\\a.trn", "", 0, estate.machine("sql-n1"), "CONTOSO\\sqlsvc"
    )
    before = _comparable(estate)
    clock = {m.fqdn: m.clock_skew_seconds for m in estate.machines.values()}
    identity = estate.faults.add(spec)
    assert [f["id"] for f in estate.faults.list()] == [identity]
    passive = spec["kind"] in (
        "write",
        "cmdlet",
        "deviation",
        "operator",
        "sql_batch",
        "answer",
    ) or spec.get("mode") in ("slow", "fails_to_start")
    assert (_comparable(estate) == before) == (passive or spec["kind"] == "clock")
    assert estate.faults.clear(identity) == [identity]
    assert _comparable(estate) == before
    assert {m.fqdn: m.clock_skew_seconds for m in estate.machines.values()} == clock
    assert estate.faults.list() == []


def _comparable(world: World) -> t.Any:
    found = fingerprint(world)
    for name, machine in found["machines"].items():
        machine["damaged"] = sorted(
            path for path, file in world.machines[name].files.items() if file.damaged
        )
    return found


def test_a_host_that_two_faults_hold_comes_back_with_the_last(estate: World) -> None:
    machine = estate.machine("sql-n1")
    host = estate.faults.add({"kind": "host", "host": "sql-n1"})
    site = estate.faults.add({"kind": "site", "site": "north"})
    estate.faults.clear(host)
    assert not machine.up
    estate.faults.clear(site)
    assert machine.up
    assert machine.instances[""].agent_running


def test_an_outage_with_a_length_ends_by_itself(estate: World) -> None:
    estate.faults.add({"kind": "site", "site": "north", "seconds": 600})
    estate.clock.advance(599)
    assert not estate.machine("fe-n1").up
    estate.clock.advance(2)
    assert estate.machine("fe-n1").up
    assert estate.faults.list() == []


def test_an_isolated_site_lives_on_by_itself(estate: World) -> None:
    estate.faults.add({"kind": "site", "site": "north", "mode": "isolated"})
    assert not estate.network.reachable("fe-n1.contoso.example", "fe-s1.contoso.example")
    assert estate.network.reachable("fe-n1.contoso.example", "sql-n1.contoso.example")
    assert estate.machine("sql-n1").instances[""].running


def test_a_machine_cut_from_a_site_still_reaches_its_own(estate: World) -> None:
    estate.faults.add({"kind": "link", "between": ["sql-n1", "south"]})
    assert not estate.network.reachable("sql-n1.contoso.example", "fs-s1.contoso.example")
    assert estate.network.reachable("sql-n2.contoso.example", "fs-s1.contoso.example")
    assert estate.network.reachable("sql-n1.contoso.example", "sql-n2.contoso.example")


def test_the_nth_write_is_counted_over_the_whole_estate_or_on_one_host(estate: World) -> None:
    estate.faults.add({"kind": "write", "number": 2, "action": "drop"})
    estate.faults.add(
        {
            "kind": "write",
            "number": 2,
            "host": "fe-n1",
            "when": "before",
            "action": "fail",
            "message": "no",
        }
    )
    assert [write(estate, host) for host in ("sql-n1", "fe-n1", "sql-n1", "fe-n1", "fe-n1")] == [
        (None, None),
        (None, "drop"),
        (None, None),
        ("fail:no", None),
        (None, None),
    ]
    assert [f["fired"] for f in estate.faults.list()] == [True, True]


def test_a_write_that_was_not_announced_counts_once(estate: World) -> None:
    estate.faults.add({"kind": "write", "number": 2, "when": "before", "action": "hang"})
    assert estate.faults.after_write(entry(estate)) is None
    assert estate.faults.after_write(entry(estate)) == "hang"
    assert estate.faults.after_write(entry(estate)) is None


def test_a_host_can_lose_its_power_at_a_write(estate: World) -> None:
    estate.faults.add({"kind": "write", "number": 1, "when": "after", "action": "power_off"})
    assert write(estate, "sql-n2") == (None, "drop")
    assert not estate.machine("sql-n2").up
    estate.faults.clear()
    assert estate.machine("sql-n2").up


def test_a_cmdlet_fails_as_often_as_it_was_told_to(estate: World) -> None:
    estate.faults.add(
        {"kind": "cmdlet", "name": "Get-Service", "host": "fe-n1", "times": 2, "message": "Nope."}
    )
    faults = estate.faults
    here = estate.machine("fe-n1")
    there = estate.machine("fe-s1")
    assert faults.cmdlet_failure("Get-Service", there) is None
    assert faults.cmdlet_failure("Start-Service", here) is None
    assert [faults.cmdlet_failure("get-service", here) for _unused in range(3)] == [
        "Nope.",
        "Nope.",
        None,
    ]


def test_slowness_is_told_per_machine(estate: World) -> None:
    estate.faults.add({"kind": "site", "site": "north", "mode": "slow", "seconds": 2})
    estate.faults.add({"kind": "host", "host": "fe-n1", "mode": "slow"})
    assert [
        estate.faults.latency(estate.machine(name)) for name in ("fe-n1", "sql-n1", "fe-s1")
    ] == [3.0, 2.0, 0]


def test_shares_are_gone_denied_or_full(estate: World) -> None:
    machine = estate.machine("sql-n1")
    path = "\\\\fs-s1.contoso.example\\pchat-logs\\x.trn"
    for mode, code in (("gone", 67), ("denied", 5), ("full", 112)):
        identity = estate.faults.add(
            {"kind": "share", "host": "fs-s1", "share": "pchat-logs", "mode": mode}
        )
        with pytest.raises(StorageError) as caught:
            estate.storage.write(path, "", 0, machine, "CONTOSO\\sqlsvc")
        assert caught.value.os_code == code
        estate.faults.clear(identity)
        estate.storage.write(path, "", 0, machine, "CONTOSO\\sqlsvc")


def test_a_stopped_engine_takes_its_agent_along_and_both_come_back(estate: World) -> None:
    instance = estate.machine("sql-n1").instances[""]
    identity = estate.faults.add({"kind": "service", "host": "sql-n1", "service": "mssqlserver"})
    assert instance.agent_service.status == "Stopped"
    estate.faults.clear(identity)
    assert instance.agent_running


def test_somebody_elses_log_backup_moves_the_log_chain(estate: World) -> None:
    instance = estate.machine("sql-n1").instances[""]
    with SqlSession.internal(instance) as session:
        session.execute("CREATE DATABASE mgc").check()
        session.execute("ALTER DATABASE mgc SET RECOVERY FULL").check()
        session.execute("BACKUP DATABASE mgc TO DISK = N'C:\\Windows\\Temp\\mgc.bak'").check()
    before = instance.database("mgc").last_log_backup_lsn
    assert before is not None
    estate.faults.add(
        {
            "kind": "foreign_log_backup",
            "host": "sql-n1",
            "database": "mgc",
            "path": "C:\\Windows\\Temp\\foreign.trn",
        }
    )
    after = instance.database("mgc").last_log_backup_lsn
    assert after is not None
    assert after > before
    assert "c:\\windows\\temp\\foreign.trn" in estate.machine("sql-n1").files


def test_clearing_what_is_not_there(estate: World) -> None:
    with pytest.raises(BadFault, match="no fault 'f9'"):
        estate.faults.clear("f9")
    assert Faults(estate).clear("all") == []


def test_objects_of_a_deviating_cmdlet_have_other_properties_until_it_is_over(
    estate: World,
) -> None:
    def names(cmdlet: str) -> list[str]:
        return list(
            estate.faults.deviated(cmdlet, [PSObject(["T"], {"Name": 1, "Size": 2})])[0].properties
        )

    renamed = estate.faults.add(
        {"kind": "deviation", "cmdlet": "Get-CsPool", "property": "name", "becomes": "Title"}
    )
    estate.faults.add({"kind": "deviation", "cmdlet": "Get-CsPool", "property": "Size"})
    assert (names("get-cspool"), names("Get-CsService")) == (["Title"], ["Name", "Size"])
    estate.faults.clear(renamed)
    assert names("Get-CsPool") == ["Name"]
