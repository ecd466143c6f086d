"""What a Windows host tells of itself."""

from __future__ import annotations

from unit.domain.answers import Answers, make

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.windows import (  # noqa: E501
    host_info,
)

OS = [{"Version": "6.3.9600", "LocalDateTime": "2015-06-01T10:00:00", "CurrentTimeZone": 120}]
COMPUTER = [{"Name": "FS-S1", "Domain": "contoso.example"}]
LET_IN = [{"AccountName": "CONTOSO\\sqlsvc", "AccessControlType": "Allow", "AccessRight": "Change"}]


def share(name, special):
    return {"Name": name, "Path": f"D:\\{name}", "Special": special}


def told(shares, drives=()):
    """Its state, and how many statements asked who is let in."""
    named = [one for one in shares if not one["Special"]]
    first = [OS, COMPUTER, [], [], shares, [{"value": True}], list(drives)]
    session = Answers(first, [LET_IN] * len(named))
    state = make(host_info.HostInfo, host_info.HOST_INFO_SPEC, sql_tools=False).read(session)
    return state


def test_a_hidden_share_is_one_and_an_administrative_one_is_not():
    found = told([share("logs$", False), share("ADMIN$", True), share("D$", True)])["shares"]
    assert list(found) == ["logs$"]


def test_what_is_free_on_a_drive_is_told_in_megabytes():
    drives = [{"DeviceID": "D:", "FreeSpace": (3 << 20) + 5}, {"DeviceID": "C:", "FreeSpace": 0}]
    assert told([], drives)["drives"] == {"D:": 3, "C:": 0}
