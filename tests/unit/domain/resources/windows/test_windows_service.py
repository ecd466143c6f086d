"""A service that is to know of something starts when the second in which that was made is over."""

from __future__ import annotations

import pytest
from unit.domain.answers import make

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.windows import (  # noqa: E501
    windows_service,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import LATER

SINCE = "2015-06-01T08:00:10Z"
CHAT = {
    "display_name": "Persistent Chat",
    "status": "started",
    "start_mode": "Auto",
    "started_at": "2015-06-01T07:00:00Z",
}


def told(second):
    return {"told": f"2015-06-01T08:00:{second:02}Z", "asked": 100.0, "answered": 100.1}


def awaited(second, since=SINCE, **service):
    """(the service, what its one step waits for) where the host's clock shows this second."""
    resource = make(
        windows_service.WindowsService,
        windows_service.WINDOWS_SERVICE_SPEC,
        display_name="Persistent Chat",
        started_after=since,
    )
    resource.clock = None if second is None else told(second)
    (step,) = resource.plan({"services": {"RTCCHAT": {**CHAT, **service}}})
    return resource, step.awaits


@pytest.mark.parametrize("service", [{}, {"status": "stopped", "started_at": None}])
def test_within_the_second_it_waits_until_that_is_over(service):
    resource, (settle,) = awaited(10, **service)
    assert "past 2015-06-01T08:00:10Z" in settle.until
    assert not settle.holds({})
    resource.clock = told(11)
    assert settle.holds({})


@pytest.mark.parametrize("second", [11, 40])
def test_after_it_nobody_waits(second):
    assert awaited(second)[1] == ()


def test_a_clock_that_is_a_moment_behind_is_waited_for_and_one_that_is_wrong_is_not():
    assert len(awaited(6)[1]) == 1
    assert awaited(4)[1] == ()


@pytest.mark.parametrize(("second", "since"), [(None, SINCE), (10, LATER)])
def test_nobody_waits_for_a_time_that_is_not_known(second, since):
    assert awaited(second, since)[1] == ()
