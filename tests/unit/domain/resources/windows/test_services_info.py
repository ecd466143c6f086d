"""Of many hosts, those on which something is to be started or restarted."""

from __future__ import annotations

import datetime as dt

import pytest
from unit.domain.answers import Answers

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.windows import (  # noqa: E501
    services_info,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import (
    Refused,
    Unreachable,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import LATER

SINCE = "2015-06-01T08:00:00Z"


def service(name, process, display_name="Persistent Chat"):
    return {
        "Name": name,
        "DisplayName": display_name,
        "State": "Running" if process else "Stopped",
        "StartMode": "Auto",
        "ProcessId": process,
    }


PROCESSES = [
    {"ProcessId": 1, "CreationDate": "2015-06-01T07:59:59Z"},
    {"ProcessId": 2, "CreationDate": "2015-06-01T08:00:01Z"},
    {"ProcessId": 3, "CreationDate": SINCE},
]
HOSTS = {
    "old": [service("RTCCHAT", 1)],
    "new": [service("RTCCHAT", 2)],
    "same": [service("RTCCHAT", 3)],
    "half": [service("RTCCHAT", 2), service("RTCCOMP", 0, "Persistent Chat Compliance")],
    "none": [],
}


def looked(exclude=(), started_after=""):
    options = {
        "hosts": [*HOSTS, "gone"],
        "display_name": "*Persistent Chat*",
        "exclude": list(exclude),
        "started_after": started_after,
        "clock": None,
        "known": {},
    }
    wanted = {name: services_info.wanted_of(name, options) for name in options["hosts"]}
    seen = {
        name: wanted[name].read(Answers([found, PROCESSES, []])) for name, found in HOSTS.items()
    }
    seen["gone"] = Unreachable("Nobody answers.", attempted_open=True)
    return wanted, seen


def late(**options):
    return services_info.late(*looked(**options))


def test_where_a_service_does_not_run_it_is_to_be_started():
    assert late() == ["half", "none", "gone"]


def test_what_is_left_alone_need_not_run():
    assert late(exclude=["*Compliance*"]) == ["none", "gone"]


def test_what_runs_since_before_is_to_be_restarted():
    """Times are whole seconds: of what started within that second nobody knows."""
    found = late(exclude=["*Compliance*"], started_after=SINCE)
    assert found == ["old", "same", "none", "gone"]


def test_after_a_time_that_is_still_to_come_all_are():
    assert late(started_after=LATER) == [*HOSTS, "gone"]


def test_what_each_told_is_told_and_nothing_of_others():
    found = services_info.told(*looked())
    assert list(found) == [*HOSTS]
    assert found["new"]["services"]["RTCCHAT"]["started_at"] == "2015-06-01T08:00:01Z"


def test_a_time_that_is_none_is_refused_before_anybody_is_asked():
    with pytest.raises(Refused, match="08:00"):
        looked(started_after="08:00")


def test_what_was_told_a_moment_ago_is_judged_as_what_is_read():
    """In the order of the hosts, whoever was asked."""
    old = {"RTCCHAT": {**RUNNING, "started_at": "2015-06-01T07:59:59Z"}}
    new = {"RTCCHAT": {**RUNNING, "started_at": "2015-06-01T08:00:01Z"}}
    wanted = wanted_since(None, "one", "two", "three")
    seen = {"two": {"services": old}}
    known = {"one": old, "three": new, "gone": old}
    seen |= services_info.remembered(
        wanted, {name: {"services": told, "clock": None} for name, told in known.items()}
    )
    assert services_info.late(wanted, seen) == ["one", "two"]


def wanted_since(clock, *names):
    options = {"display_name": "*Persistent Chat*", "exclude": [], "started_after": SINCE}
    return {name: services_info.wanted_of(name, {**options, "clock": clock}) for name in names}


@pytest.mark.parametrize("minutes", [-30, 30])
def test_a_time_of_another_clock_is_taken_for_what_the_hosts_own_showed_then(minutes):
    """Whoever began half a minute before it began before, and half a minute after it after."""
    here = {"told": told_at(minutes * 60), "asked": 100.0, "answered": 100.2}
    wanted = wanted_since({"told": SINCE, "asked": 100.0, "answered": 100.2}, "before", "after")
    known = {}
    for name, seconds in (("before", -30), ("after", 30)):
        began = {"RTCCHAT": {**RUNNING, "started_at": told_at(minutes * 60 + seconds)}}
        known[name] = {"services": began, "clock": here}
    seen = services_info.remembered(wanted, known)
    assert services_info.late(wanted, seen) == ["before"]
    assert services_info.told(wanted, seen) == known


def told_at(seconds):
    """So many seconds after SINCE."""
    at = dt.datetime(2015, 6, 1, 8, tzinfo=dt.UTC) + dt.timedelta(seconds=seconds)
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


RUNNING = {"display_name": "Persistent Chat", "status": "started", "start_mode": "Auto"}
