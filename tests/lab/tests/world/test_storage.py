"""Files, folders and shares: who may do what from where, and what Windows answers otherwise."""

from __future__ import annotations

import datetime as dt

import pytest

from pchat_lab.world.machine import WindowsService
from pchat_lab.world.network import Account, Caller
from pchat_lab.world.storage import StorageError
from pchat_lab.world.world import World

SHARE = "\\\\two.contoso.example\\logs"


def refused(code: int, call: object, *args: object, **more: object) -> None:
    with pytest.raises(StorageError) as caught:
        call(*args, **more)  # type: ignore[operator]
    assert caught.value.os_code == code


def test_a_file_that_was_written_can_be_read_through_the_share_and_where_it_lies(
    small: World,
) -> None:
    one = small.machine("one")
    two = small.machine("two")
    small.storage.write(f"{SHARE}\\sub\\A.trn", "text", 4, one, "CONTOSO\\writer")
    assert small.storage.read("D:\\DATA\\SUB\\a.TRN", two, "CONTOSO\\nobody").content == "text"
    listed = small.storage.list(f"{SHARE}\\sub", one, "CONTOSO\\reader")
    assert [(e.name, e.size, e.is_folder) for e in listed] == [("A.trn", 4, False)]
    assert listed[0].written_at == small.clock.now()


@pytest.mark.parametrize(
    ("account", "may_read", "may_write"),
    [
        ("CONTOSO\\writer", True, True),
        ("CONTOSO\\reader", True, False),
        ("CONTOSO\\nobody", False, False),
        ("NT SERVICE\\MSSQLSERVER", True, True),
        ("LocalSystem", True, True),
        ("NT AUTHORITY\\NETWORK SERVICE", True, True),
        ("NT AUTHORITY\\LOCAL SERVICE", False, False),
    ],
)
def test_share_rights_decide_and_identities_of_a_machine_are_its_account(
    small: World, account: str, may_read: bool, may_write: bool
) -> None:
    one = small.machine("one")
    storage = small.storage
    storage.write("D:\\data\\x", "", 0, small.machine("two"), account)
    if may_read:
        storage.read(f"{SHARE}\\x", one, account)
    else:
        refused(5, storage.read, f"{SHARE}\\x", one, account)
    if may_write:
        storage.write(f"{SHARE}\\y", "", 0, one, account)
    else:
        refused(5, storage.write, f"{SHARE}\\y", "", 0, one, account)


def test_another_machines_account_is_another_account(small: World) -> None:
    small.machine("two").shares["logs"].rights = {"CONTOSO\\TWO$": "Change"}
    refused(5, small.storage.list, SHARE, small.machine("one"), "LocalSystem")
    assert small.storage.list(SHARE, small.machine("two"), "LocalSystem")


def test_a_logon_that_is_not_delegated_is_nobody_on_a_third_machine(small: World) -> None:
    writer = small.account("CONTOSO\\writer")
    small.machine("two").shares["logs"].rights["Everyone"] = "Full"
    refused(5, small.storage.list, SHARE, small.machine("one"), Caller(writer, delegated=False))
    assert small.storage.list(SHARE, small.machine("one"), Caller(writer, delegated=True))
    assert small.storage.list(SHARE, small.machine("two"), Caller(writer, delegated=False))


def test_groups_everyone_and_deny(small: World) -> None:
    share = small.machine("two").shares["logs"]
    one = small.machine("one")
    share.rights = {"CONTOSO\\Backup People": "Change"}
    refused(5, small.storage.list, SHARE, one, "CONTOSO\\nobody")
    assert small.storage.list(
        SHARE, one, Account("CONTOSO\\nobody", groups=frozenset({"Backup People"}))
    )
    share.rights = {"Everyone": "Full", "CONTOSO\\nobody": "Deny"}
    refused(5, small.storage.list, SHARE, one, "CONTOSO\\nobody")
    assert small.storage.list(SHARE, one, "CONTOSO\\reader")


def test_administrative_shares_are_for_administrators(small: World) -> None:
    one = small.machine("one")
    assert [e.name for e in small.storage.list("\\\\two\\D$", one, "CONTOSO\\boss")] == ["data"]
    refused(5, small.storage.list, "\\\\two\\D$", one, "CONTOSO\\writer")
    refused(67, small.storage.list, "\\\\two\\X$", one, "CONTOSO\\boss")


def test_hosts_and_shares_that_do_not_answer(small: World) -> None:
    one = small.machine("one")
    two = small.machine("two")
    storage = small.storage
    refused(53, storage.list, "\\\\three\\logs", one, "CONTOSO\\writer")
    refused(67, storage.list, "\\\\two\\other", one, "CONTOSO\\writer")
    refused(67, storage.list, "\\\\two", one, "CONTOSO\\writer")
    two.services["lanmanserver"] = WindowsService("LanmanServer", "Server", "Stopped")
    refused(53, storage.list, SHARE, one, "CONTOSO\\writer")
    del two.services["lanmanserver"]
    for broken, whole in (
        (lambda: setattr(two, "up", False), lambda: setattr(two, "up", True)),
        (lambda: setattr(two, "hangs", True), lambda: setattr(two, "hangs", False)),
        (
            lambda: small.network.cut_links.add(frozenset(("north", "south"))),
            small.network.cut_links.clear,
        ),
    ):
        broken()
        refused(53, storage.list, SHARE, one, "CONTOSO\\writer")
        whole()
        assert storage.list(SHARE, one, "CONTOSO\\writer")


def test_missing_files_folders_and_bad_paths(small: World) -> None:
    one = small.machine("one")
    storage = small.storage
    refused(2, storage.read, "D:\\data\\none", one, "LocalSystem")
    refused(3, storage.read, "D:\\none\\none", one, "LocalSystem")
    refused(3, storage.write, "D:\\none\\x", "", 0, one, "LocalSystem")
    refused(3, storage.list, "Q:\\data", one, "LocalSystem")
    refused(3, storage.list, "D:\\none", one, "LocalSystem")
    refused(5, storage.read, "D:\\data", one, "LocalSystem")
    refused(5, storage.write, "D:\\data\\sub", "", 0, one, "LocalSystem")
    for bad in ("data\\x", "D:\\data\\..\\x", "D:\\da|ta", "D:\\a:b", ""):
        refused(123, storage.write, bad, "", 0, one, "LocalSystem")
    storage.write("D:\\in-root", "", 0, one, "LocalSystem")


def test_overwriting_held_files_and_full_disks(small: World) -> None:
    one = small.machine("one")
    two = small.machine("two")
    storage = small.storage
    storage.write("D:\\data\\x", "1", 1, one, "LocalSystem")
    refused(183, storage.write, "D:\\data\\x", "2", 1, one, "LocalSystem", overwrite=False)
    storage.read("D:\\data\\x", one, "LocalSystem").held_by = "sqlservr.exe"
    refused(32, storage.write, "D:\\data\\x", "2", 1, one, "LocalSystem")
    refused(32, storage.delete, "D:\\data\\x", one, "LocalSystem")
    one.disk_full.add("d:\\data\\sub")
    refused(112, storage.write, "D:\\data\\sub\\y", "", 0, one, "LocalSystem")
    storage.write("D:\\data\\y", "", 0, one, "LocalSystem")
    two.share_faults["logs"] = "full"
    refused(112, storage.write, f"{SHARE}\\z", "", 0, one, "CONTOSO\\writer")
    two.share_faults["logs"] = "denied"
    refused(5, storage.list, SHARE, one, "CONTOSO\\writer")


def test_folders_are_made_with_their_parents_and_go_only_when_empty(small: World) -> None:
    one = small.machine("one")
    storage = small.storage
    storage.make_folder("E:\\A\\B", one, "LocalSystem")
    refused(183, storage.make_folder, "E:\\a\\b", one, "LocalSystem")
    storage.make_folder("E:\\a\\b", one, "LocalSystem", exist_ok=True)
    assert [(e.name, e.is_folder) for e in storage.list("E:\\", one, "LocalSystem")] == [
        ("A", True)
    ]
    storage.write("E:\\a\\b\\c", "", 0, one, "LocalSystem")
    refused(145, storage.delete, "E:\\a", one, "LocalSystem")
    refused(183, storage.make_folder, "E:\\a\\b\\c\\d", one, "LocalSystem")
    storage.delete("E:\\a", one, "LocalSystem", recurse=True)
    assert storage.kind("E:\\a\\b\\c", one, "LocalSystem") is None
    assert not storage.exists("E:\\a", one, "LocalSystem")


def test_a_copy_keeps_time_and_damage_and_does_not_share_content(small: World) -> None:
    one = small.machine("one")
    storage = small.storage
    content = {"sets": 1}
    storage.write("D:\\data\\x", content, 7, one, "LocalSystem").damaged = True
    written = small.clock.now()
    small.clock.advance(60)
    copied = storage.copy("D:\\data\\x", f"{SHARE}\\x", one, "LocalSystem")
    assert (copied.size, copied.written_at, copied.damaged) == (7, written, True)
    content["sets"] = 2
    assert copied.content == {"sets": 1}


def test_rename_and_append(small: World) -> None:
    one = small.machine("one")
    storage = small.storage
    storage.append("D:\\data\\log", "a", 1, one, "LocalSystem")
    storage.append("D:\\data\\log", "b", 1, one, "LocalSystem")
    storage.write("D:\\data\\other", "", 0, one, "LocalSystem")
    refused(183, storage.rename, "D:\\data\\log", "D:\\data\\other", one, "LocalSystem")
    storage.rename("D:\\data\\log", "D:\\data\\LOG.txt", one, "LocalSystem")
    found = storage.read("D:\\data\\log.txt", one, "LocalSystem")
    assert (found.content, found.size) == ("ab", 2)
    assert not storage.exists("D:\\data\\log", one, "LocalSystem")


def test_files_are_dated_by_the_clock_of_the_machine_that_keeps_them(small: World) -> None:
    small.machine("two").clock_skew_seconds = 90
    made = small.storage.write(f"{SHARE}\\x", "", 0, small.machine("one"), "CONTOSO\\writer")
    assert made.written_at - small.clock.now() == dt.timedelta(seconds=90)
