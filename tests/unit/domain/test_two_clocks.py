"""How far the clocks of two hosts are apart, as far as it can be known."""

from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.two_clocks import (
    as_told_by,
    lead,
    middle_of,
    reading,
)

EIGHT = "2015-06-01T08:00:00Z"


def read(told, asked, lasted=0.2):
    return {"told": f"2015-06-01T{told}Z", "asked": float(asked), "answered": asked + lasted}


@pytest.mark.parametrize(
    ("one", "other", "seconds"),
    [
        # told at the same time, and a minute later by a clock that went on
        (read("08:00:00", 100), read("08:00:00", 100), 0),
        (read("08:01:00", 160), read("08:00:00", 100), 0),
        # a second is lost in what is told
        (read("08:00:01", 100), read("08:00:00", 100), 0),
        (read("08:10:00", 100), read("08:00:00", 100), 601),
        (read("08:00:00", 100), read("08:10:00", 100), -599),
        (read("08:11:00", 160), read("08:00:00", 100), 601),
        # who took two seconds to answer may have told its time at any time of them
        (read("08:00:01", 100, lasted=2), read("08:00:00", 100), 0),
        (read("08:10:00", 100), read("08:00:00", 100, lasted=2), 603),
        # but what it told last was not on its way for long
        (read("08:10:08", 100, lasted=8), read("08:00:00", 100), 603),
        (None, read("08:10:00", 100), 0),
        (read("08:10:00", 100), None, 0),
    ],
)
def test_a_clock_is_ahead_by_what_cannot_be_the_measurement(one, other, seconds):
    assert lead(one, other) == seconds


def test_what_is_left_open_makes_a_time_later_and_never_earlier():
    """Told at the begin of those two seconds, or at their end."""
    clock = read("08:10:00", 100, lasted=2)
    assert as_told_by(EIGHT, read("08:00:00", 100), clock) >= "2015-06-01T08:10:00Z"


def test_clocks_that_are_not_apart_change_no_time():
    assert as_told_by(EIGHT, read("08:00:00", 100), read("08:00:00", 100)) == EIGHT
    assert as_told_by(EIGHT, None, None) == EIGHT


def test_a_time_that_is_still_to_come_stays_so():
    ahead = read("08:10:00", 100)
    for still in ("9999-12-31T23:59:59Z", "9999-01-01T00:00:00Z"):
        assert as_told_by(still, read("08:00:00", 100), ahead) == still


def test_a_host_that_tells_no_time_has_no_reading():
    assert reading(None, 100.0) is None
    assert reading(EIGHT, 100.0)["asked"] == 100.0


def test_the_clock_in_the_middle_is_found_whenever_each_was_asked():
    early, middle, late = (
        read("07:50:00", 100),
        read("08:05:00", 400),
        read("08:10:00", 100),
    )
    assert middle_of([late, early, middle]) is middle
