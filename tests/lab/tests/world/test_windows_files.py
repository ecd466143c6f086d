"""File, share and network cmdlets, as a client sees them."""

from __future__ import annotations

import functools
import typing as t

import pytest

from pchat_lab.powershell.errors import CmdletError, LabGap
from pchat_lab.world.world import World

Admin = t.Callable[..., t.Any]
LOGS = "\\\\fs-s1.contoso.example\\pchat-logs"


def ids(found: t.Any) -> list[str]:
    return [e.error_id for e in found.errors]


def test_a_folder_is_made_filled_listed_and_removed(admin: Admin) -> None:
    console = admin("fe-n1")
    made = console.run(
        "New-Item", Path="C:\\ProgramData\\lync.persistent_chat", ItemType="Directory"
    ).out[0]
    assert (made.type_names[0], made.properties["FullName"]) == (
        "System.IO.DirectoryInfo",
        "C:\\ProgramData\\lync.persistent_chat",
    )
    assert ids(
        console.run("New-Item", Path="C:\\ProgramData\\lync.persistent_chat", ItemType="Directory")
    ) == ["DirectoryExist"]
    path = "C:\\ProgramData\\lync.persistent_chat\\topology.xml"
    console.run("Set-Content", LiteralPath=path, Value="<Topology/>\r\n<!-- ü -->", Encoding="UTF8")
    assert console.run("Get-Content", LiteralPath=path, Raw=True).out == [
        "<Topology/>\r\n<!-- ü -->\r\n"
    ]
    assert console.run("Get-Content", Path=path, TotalCount=1).out == ["<Topology/>"]
    file = console.run("Get-ChildItem", Path="C:\\ProgramData", Recurse=True, File=True).out[0]
    assert (file.properties["Name"], file.properties["Length"], file.properties["Extension"]) == (
        "topology.xml",
        29,
        ".xml",
    )
    assert file.properties["LastWriteTime"].utcoffset().total_seconds() == 3600
    with pytest.raises(CmdletError, match="does not support user interaction"):
        console.run("Remove-Item", Path="C:\\ProgramData")
    console.run("Remove-Item", Path="C:\\ProgramData", Recurse=True)
    assert console.run("Test-Path", Path=path).out == [False]


def test_what_an_encoding_cannot_say_is_lost(admin: Admin) -> None:
    console = admin("fe-n1")
    console.run("Set-Content", Path="C:\\x.txt", Value=["ü", "b"], Encoding="Ascii")
    assert console.run("Get-Content", Path="C:\\x.txt").out == ["?", "b"]


def test_missing_things(admin: Admin) -> None:
    console = admin("fe-n1")
    assert ids(console.run("Get-Item", Path="C:\\none")) == ["PathNotFound"]
    assert ids(console.run("Get-ChildItem", Path="C:\\none")) == ["PathNotFound"]
    assert ids(console.run("Get-Content", Path="C:\\none\\x")) == ["PathNotFound"]
    assert ids(console.run("Set-Content", Path="C:\\none\\x", Value="a")) == [
        "GetContentWriterDirectoryNotFoundError"
    ]
    assert console.run("Get-ChildItem", Path="C:\\none*").out == []
    with pytest.raises(CmdletError, match="drive with the name 'SQLSERVER'"):
        console.run("Get-Item", Path="SQLSERVER:\\x")
    with pytest.raises(LabGap):
        console.run("Get-ChildItem")


def test_the_double_hop(estate: World, admin: Admin) -> None:
    """A network logon reads a share on its own machine, and on a third one only when it was
    delegated.
    """
    estate.machine("fs-s1").shares["pchat-logs"].rights["CONTOSO\\pchat-admin"] = "Full"
    estate.storage.write(f"{LOGS}\\a.trn", "x", 1, estate.machine("sql-n1"), "CONTOSO\\sqlsvc")
    hopping = admin("sql-n1")
    assert ids(hopping.run("Get-ChildItem", Path=LOGS)) == ["UnauthorizedAccessError"]
    tested = hopping.run("Test-Path", Path=f"{LOGS}\\a.trn")
    assert (tested.out, ids(tested)) == ([False], ["ItemExistsUnauthorizedAccessError"])
    assert ids(hopping.run("Copy-Item", Path=f"{LOGS}\\a.trn", Destination="D:\\")) == [
        "UnauthorizedAccessError"
    ]
    assert hopping.run("Test-Path", Path="D:\\a.trn").out == [False]
    delegated = admin("sql-n1", delegated=True)
    assert (
        delegated.run("Copy-Item", Path=f"{LOGS}\\*.trn", Destination="D:\\", PassThru=True)
        .out[0]
        .properties["FullName"]
        == "D:\\a.trn"
    )
    assert admin("fs-s1").run("Get-ChildItem", Path=LOGS, Name=True).out == ["a.trn"]


def test_listing_narrows_by_wildcard_filter_and_kind(estate: World, admin: Admin) -> None:
    console = admin("fs-s1")
    for name in ("mgc_1.trn", "mgc_2.trn", "other.bak"):
        console.run(
            "New-Item", Path=f"D:\\shares\\pchat-logs\\{name}", ItemType="File", Value="12345"
        )
    console.run("New-Item", Path="D:\\shares\\pchat-logs", Name="old", ItemType="Directory")
    folder = "D:\\shares\\pchat-logs"
    assert console.run("Get-ChildItem", Path=f"{folder}\\*.trn", Name=True).out == [
        "mgc_1.trn",
        "mgc_2.trn",
    ]
    assert console.run("Get-ChildItem", LiteralPath=folder, Filter="*.bak", Name=True).out == [
        "other.bak"
    ]
    assert console.run(
        "Get-ChildItem", Path=f"FileSystem::{folder}", Directory=True, Name=True
    ).out == ["old"]
    assert console.run("Test-Path", Path=f"{folder}\\*.trn").out == [True]
    assert console.run("Test-Path", Path=folder, PathType="Leaf").out == [False]
    first, second = (
        console.run("Get-FileHash", Path=f"{folder}\\mgc_{n}.trn").out[0].properties["Hash"]
        for n in (1, 2)
    )
    assert first == second == "5994471ABB01112AFCC18159F6CC74B4F511B99806DA59B3CAF5A9C173CACFC5"
    console.pipe(("Get-ChildItem", {"Path": f"{folder}\\*.trn"}), ("Remove-Item", {}))
    assert [
        e.name for e in estate.storage.list(folder, estate.machine("fs-s1"), "LocalSystem")
    ] == ["old", "other.bak"]


def test_a_share_is_made_and_its_rights_are_kept(estate: World, admin: Admin) -> None:
    console = admin("fs-s1")
    with pytest.raises(CmdletError) as caught:
        console.run("New-SmbShare", Name="new", Path="D:\\new")
    assert caught.value.error_id == "Windows System Error 3"
    console.run("New-Item", Path="D:\\new", ItemType="Directory")
    console.run(
        "New-SmbShare", Name="new", Path="D:\\new", ChangeAccess=["CONTOSO\\sqlsvc", "sql-n1$"]
    )
    with pytest.raises(CmdletError, match="already been shared"):
        console.run("New-SmbShare", Name="NEW", Path="D:\\new")
    console.run(
        "Grant-SmbShareAccess", Name="new", AccountName="Everyone", AccessRight="Read", Force=True
    )
    console.run("Revoke-SmbShareAccess", Name="new", AccountName="contoso\\sqlsvc", Force=True)
    entries = console.run("Get-SmbShareAccess", Name="new").out
    assert {
        e.properties["AccountName"]: e.properties["AccessRight"].to_string for e in entries
    } == {"CONTOSO\\SQL-N1$": "Change", "Everyone": "Read"}
    estate.storage.write("\\\\fs-s1\\new\\x", "", 0, estate.machine("sql-n1"), "LocalSystem")
    console.run("Remove-SmbShare", Name="new", Force=True)
    assert ids(console.run("Get-SmbShare", Name="new")) == ["CmdletizationQuery_NotFound_Name"]


def test_share_cmdlets_ask_know_accounts_and_need_administrators(admin: Admin) -> None:
    console = admin("fs-s1")
    for name, more in (
        ("Grant-SmbShareAccess", {"AccessRight": "Full"}),
        ("Revoke-SmbShareAccess", {}),
    ):
        with pytest.raises(CmdletError, match="does not support user interaction"):
            console.run(name, Name="pchat-logs", AccountName="Everyone", **more)
    with pytest.raises(CmdletError, match="No mapping between account names"):
        console.run(
            "Grant-SmbShareAccess",
            Name="pchat-logs",
            AccountName="CONTOSO\\ghost",
            AccessRight="Full",
            Force=True,
        )
    with pytest.raises(CmdletError, match="Access is denied"):
        admin("fs-s1", "CONTOSO\\helpdesk").run("Remove-SmbShare", Name="pchat-logs", Force=True)
    assert [o.properties["Name"] for o in console.run("Get-SmbShare", Special=False).out] == [
        "pchat-files",
        "pchat-logs",
        "pchat-seed",
    ]
    assert "D$" in [o.properties["Name"] for o in console.run("Get-SmbShare").out]


def test_share_cmdlets_came_with_windows_2012(estate: World, admin: Admin) -> None:
    estate.machine("fs-s1").windows = "6.1.7601"
    with pytest.raises(CmdletError, match="not recognized"):
        admin("fs-s1").run("Get-SmbShare")


def test_ports_and_pings(estate: World, admin: Admin) -> None:
    console = admin("sql-n1")
    estate.machine("sql-n1").facts["listeners"] = {5022: "something"}
    assert [
        o.properties["LocalPort"]
        for o in console.run("Get-NetTCPConnection", LocalPort=[1433, 5022], State="Listen").out
    ] == [1433, 5022]
    assert ids(console.run("Get-NetTCPConnection", LocalPort=7022)) == [
        "CmdletizationQuery_NotFound_LocalPort"
    ]
    assert console.run("Test-Connection", ComputerName=["sql-n2", "nowhere"], Quiet=True).out == [
        True,
        False,
    ]
    port = (
        console.run("Test-NetConnection", ComputerName="sql-n2.contoso.example", Port=1433)
        .out[0]
        .properties
    )
    assert (port["PingSucceeded"], port["TcpTestSucceeded"]) == (True, True)
    estate.stop_service(estate.machine("sql-n2"), estate.machine("sql-n2").services["mssqlserver"])
    closed = console.run("Test-NetConnection", ComputerName="sql-n2", Port=1433)
    assert closed.out[0].properties["TcpTestSucceeded"] is False
    assert closed.warnings == ["TCP connect to sql-n2:1433 failed"]
    estate.faults.add({"kind": "host", "host": "sql-n2"})
    assert console.run(
        "Test-NetConnection", ComputerName="sql-n2", CommonTCPPort="SMB", InformationLevel="Quiet"
    ).out == [False]
    assert ids(console.run("Test-Connection", ComputerName="sql-n2")) == ["TestConnectionException"]


def test_a_connection_that_nobody_answers_is_given_up_late(estate: World, admin: Admin) -> None:
    console = admin("fe-s1")
    seconds = functools.partial(console.lasts, "Test-NetConnection")
    there: dict[str, t.Any] = {"ComputerName": "sql-n1", "InformationLevel": "Quiet"}
    winrm = {**there, "Port": 5985}
    sql = {**there, "Port": 1433}
    assert (seconds(**winrm), seconds(**there)) == (0.0, 0.0)
    estate.faults.add({"kind": "host", "host": "sql-n1", "mode": "unseen"})
    assert console.run("Test-NetConnection", **winrm).out == [True], (
        "only the controller is cut off"
    )
    estate.faults.add({"kind": "host", "host": "sql-n1", "mode": "deaf"})
    assert console.run("Test-NetConnection", **winrm).out == [False]
    assert console.run("Test-NetConnection", **sql).out == [True], "its SQL Server goes on"
    assert (seconds(**winrm), seconds(**sql)) == (21.0, 0.0)
    estate.faults.add({"kind": "host", "host": "sql-n1", "mode": "down"})
    assert seconds(**sql) == 26.0, "it is pinged as well"
    assert seconds(**{**sql, "ComputerName": "nowhere"}) == 0.0
