"""The service cmdlets and CIM, as a client sees them."""

from __future__ import annotations

import datetime as dt
import typing as t

import pytest

from pchat_lab.powershell.errors import CmdletError, LabGap
from pchat_lab.windows.wql import BadFilter, condition
from pchat_lab.world.world import World

Admin = t.Callable[..., t.Any]


def names(found: t.Any) -> list[str]:
    return [o.members["Name"] for o in found.out]


def test_services_are_found_by_name_display_name_and_wildcard(admin: Admin) -> None:
    chat = admin("chat-n1")
    assert names(chat.run("Get-Service", Name="rtcchat")) == ["RTCCHAT"]
    assert names(chat.run("Get-Service", DisplayName="*Persistent Chat*")) == ["RTCCHAT", "RTCCOMP"]
    assert names(chat.run("Get-Service", Name=["RTC*", "MSMQ"])) == [
        "MSMQ",
        "RTCCHAT",
        "RTCCLSAGT",
        "RTCCOMP",
    ]
    found = chat.run("Get-Service", Name="rtcchat").out[0]
    assert found.type_names[0] == "System.ServiceProcess.ServiceController"
    assert (found.properties["Status"].to_string, found.properties["ServicesDependedOn"]) == (
        "Stopped",
        ["MSMQ"],
    )
    assert "StartType" not in found.properties


def test_a_service_that_is_not_there(admin: Admin) -> None:
    found = admin("chat-n1").run("Get-Service", Name=["none", "MSMQ"])
    assert names(found) == ["MSMQ"]
    assert [(e.error_id, e.message) for e in found.errors] == [
        ("NoServiceFoundForGivenName", "Cannot find any service with service name 'none'.")
    ]
    with pytest.raises(CmdletError, match="Cannot find any service"):
        admin("chat-n1").run("Get-Service", Name="none", ErrorAction="Stop")
    assert admin("chat-n1").run("Get-Service", Name="none*").errors == []


def test_unknown_parameters_are_refused(admin: Admin) -> None:
    with pytest.raises(CmdletError) as caught:
        admin("chat-n1").run("Get-Service", ComputerName="sql-n1")
    assert caught.value.error_id == "NamedParameterNotFound"


def test_stopping_needs_force_when_others_depend_on_it(estate: World, admin: Admin) -> None:
    sql = admin("sql-n1")
    machine = estate.machine("sql-n1")
    assert [e.error_id for e in sql.run("Stop-Service", Name="MSSQLSERVER").errors] == [
        "ServiceHasDependentServices"
    ]
    assert machine.instances[""].running
    assert (
        sql.run("Stop-Service", Name="MSSQLSERVER", Force=True, PassThru=True)
        .out[0]
        .properties["Status"]
        .to_string
        == "Stopped"
    )
    assert not machine.instances[""].running
    sql.run("Start-Service", Name="SQLSERVERAGENT")
    assert machine.instances[""].agent_running


def test_restart_gives_a_new_start_time_and_process(estate: World, admin: Admin) -> None:
    sql = admin("sql-n1")

    def process() -> tuple[int, dt.datetime]:
        service = (
            sql.run("Get-CimInstance", ClassName="Win32_Service", Filter="Name = 'MSSQLSERVER'")
            .out[0]
            .properties
        )
        found = sql.run(
            "Get-CimInstance",
            ClassName="Win32_Process",
            Filter=f"ProcessId = {service['ProcessId']}",
        ).out
        assert [p.properties["Name"] for p in found] == ["sqlservr.exe"]
        return service["ProcessId"], found[0].properties["CreationDate"]

    before = process()
    estate.clock.advance(30)
    sql.run("Restart-Service", Name="MSSQLSERVER", Force=True)
    after = process()
    assert after[0] != before[0]
    assert after[1] - before[1] == dt.timedelta(seconds=30)
    assert estate.machine("sql-n1").instances[""].agent_running


def test_a_chat_service_without_a_pool_does_not_start(admin: Admin) -> None:
    found = admin("chat-n1").run("Start-Service", Name="RTCCHAT")
    assert [e.error_id for e in found.errors] == ["StartServiceFailed"]
    assert (
        "Failed to start service 'Lync Server Persistent Chat (RTCCHAT)'" in found.errors[0].message
    )


def test_only_administrators_change_services(estate: World, admin: Admin) -> None:
    helpdesk = admin("sql-n1", "CONTOSO\\helpdesk")
    assert names(helpdesk.run("Get-Service", Name="MSSQLSERVER")) == ["MSSQLSERVER"]
    assert [e.error_id for e in helpdesk.run("Stop-Service", Name="SQLSERVERAGENT").errors] == [
        "CouldNotStopService"
    ]
    assert estate.machine("sql-n1").instances[""].agent_running


def test_set_service(estate: World, admin: Admin) -> None:
    console = admin("sql-n1")
    service = estate.machine("sql-n1").services["sqlserveragent"]
    console.run("Set-Service", Name="SQLSERVERAGENT", StartupType="Disabled", Status="Stopped")
    assert (service.start_mode, service.status) == ("Disabled", "Stopped")
    assert console.run("Start-Service", Name="SQLSERVERAGENT").errors
    console.run("Set-Service", Name="SQLSERVERAGENT", StartupType="Automatic", Status="Running")
    assert (service.start_mode, service.status) == ("Auto", "Running")
    with pytest.raises(CmdletError):
        console.run("Set-Service", Name="SQLSERVERAGENT", StartupType="Sometimes")


def test_objects_flow_down_the_pipeline(estate: World, admin: Admin) -> None:
    admin("sql-n1").pipe(("Get-Service", {"Name": "SQLSERVERAGENT"}), ("Stop-Service", {}))
    assert estate.machine("sql-n1").services["sqlserveragent"].status == "Stopped"


def test_writes_and_reads_are_told_apart(estate: World, admin: Admin) -> None:
    console = admin("sql-n1")
    console.run("Get-Service")
    console.run("Stop-Service", Name="SQLSERVERAGENT", WhatIf=True)
    assert estate.journal.writes() == []
    assert estate.machine("sql-n1").services["sqlserveragent"].status == "Running"
    console.run("Stop-Service", Name="SQLSERVERAGENT")
    assert [e.name for e in estate.journal.writes()] == ["Stop-Service"]


def test_cim_times_are_local_to_the_machine_and_follow_its_clock(
    estate: World, admin: Admin
) -> None:
    estate.machine("sql-n1").clock_skew_seconds = 90
    row = admin("sql-n1").run("Get-CimInstance", ClassName="Win32_OperatingSystem").out[0]
    now = row.properties["LocalDateTime"]
    assert now - estate.clock.now() == dt.timedelta(seconds=90)
    assert (
        now.utcoffset()
        == dt.timedelta(minutes=row.properties["CurrentTimeZone"])
        == dt.timedelta(hours=1)
    )
    assert (
        row.type_names[0]
        == "Microsoft.Management.Infrastructure.CimInstance#root/cimv2/Win32_OperatingSystem"
    )


def test_wmi_shows_the_same_with_times_as_text(admin: Admin) -> None:
    row = admin("sql-n1").run("Get-WmiObject", Class="Win32_OperatingSystem").out[0]
    assert row.properties["LocalDateTime"] == "20150601090000.000000+060"
    assert row.properties["__CLASS"] == "Win32_OperatingSystem"


def test_service_accounts_are_what_the_mirror_cmdlets_look_for(admin: Admin) -> None:
    found = admin("sql-n1").run(
        "Get-CimInstance",
        ClassName="Win32_Service",
        Filter="Name LIKE 'MSSQL%' OR Name = 'SQLSERVERAGENT'",
    )
    assert {o.properties["Name"]: o.properties["StartName"] for o in found.out} == {
        "MSSQLSERVER": "CONTOSO\\sqlsvc",
        "SQLSERVERAGENT": "CONTOSO\\sqlagent",
    }


def test_other_classes_and_properties_are_gaps_and_errors(admin: Admin) -> None:
    console = admin("sql-n1")
    with pytest.raises(LabGap):
        console.run("Get-CimInstance", ClassName="Win32_Battery")
    with pytest.raises(LabGap):
        console.run("Get-CimInstance", ClassName="Win32_Service", Namespace="root/default")
    for bad in ("Colour = 'red'", "Name =", "Name LIKE", "(Name = 'a'", "Name = 'a' Name"):
        with pytest.raises(CmdletError, match="Invalid query"):
            console.run("Get-CimInstance", ClassName="Win32_Service", Filter=bad)
    with pytest.raises(CmdletError, match="RPC server"):
        admin("sql-n1", "CONTOSO\\helpdesk").run("Get-WmiObject", Class="Win32_Service")


def test_chosen_properties_have_values_and_the_others_none(admin: Admin) -> None:
    row = (
        admin("sql-n1")
        .run("Get-CimInstance", ClassName="Win32_ComputerSystem", Property=["Domain"])
        .out[0]
        .properties
    )
    assert (row["Domain"], row["Model"], row["Name"]) == ("contoso.example", None, "SQL-N1")


@pytest.mark.parametrize(
    ("text", "outcome"),
    [
        ("A = 1", True),
        ("A <> 1", False),
        ("A >= 1 AND B = 'x'", True),
        ("A = 2 OR (B LIKE 'X%' AND NOT A = 2)", True),
        ("B LIKE '_'", True),
        ("B LIKE '[a-w]'", False),
        ("C IS NULL", True),
        ("C = 'x'", False),
        ("D = TRUE", True),
        ("D = FALSE", False),
        ("E = 'c:\\\\x'", True),
        ("A < 'b'", True),
    ],
)
def test_filters(text: str, outcome: bool) -> None:
    assert condition(text)({"A": 1, "B": "x", "C": None, "D": True, "E": "c:\\x"}) is outcome


def test_a_filter_on_an_unknown_property_fails_even_when_another_test_decides() -> None:
    with pytest.raises(BadFilter):
        condition("A = 1 OR Z = 1")({"A": 1})


def test_get_date_and_time_zone(admin: Admin) -> None:
    assert admin("sql-n1").run("Get-Date").out[0].isoformat() == "2015-06-01T09:00:00+01:00"
    with pytest.raises(CmdletError) as caught:
        admin("sql-n1").run("Get-TimeZone")
    assert caught.value.error_id == "CommandNotFoundException"


def test_newer_cmdlets_are_there_on_newer_machines(estate: World, admin: Admin) -> None:
    estate.machine("sql-n1").powershell = "5.1"
    assert admin("sql-n1").run("Get-TimeZone").out[0].properties["Id"] == "W. Europe Standard Time"
    assert "StartType" in admin("sql-n1").run("Get-Service", Name="MSSQLSERVER").out[0].properties
    estate.machine("sql-n1").powershell = "3.0"
    with pytest.raises(CmdletError, match="not recognized"):
        admin("sql-n1").run("Get-FileHash", Path="C:\\x")
