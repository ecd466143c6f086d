"""Local times of a server in UTC, on both sides of a change of its clocks."""

from __future__ import annotations

import datetime as dt

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.estate.time_zone import (
    zone_of,
)
from pchat_lab.world.summer import as_registered, is_summer


def zone(rule, bias):
    return zone_of(
        {"Bias": bias, "DaylightBias": -60, "StandardBias": 0, **as_registered(rule, bias)}, bias
    )


@pytest.mark.parametrize(
    ("local", "utc"),
    [
        ("2015-06-01T10:00:00", "2015-06-01T08:00:00Z"),
        ("2015-01-01T10:00:00", "2015-01-01T09:00:00Z"),
        ("2015-03-29T01:59:59", "2015-03-29T00:59:59Z"),
        ("2015-03-29T03:00:00", "2015-03-29T01:00:00Z"),
        ("2015-10-25T01:59:59", "2015-10-24T23:59:59Z"),
        ("2015-10-25T02:30:00", "2015-10-25T01:30:00Z"),
        ("2015-10-25T03:00:00", "2015-10-25T02:00:00Z"),
    ],
)
def test_summer_and_winter_in_europe(local, utc):
    assert zone("eu", 60).utc(local) == utc


@pytest.mark.parametrize(
    ("rule", "bias"),
    [("eu", 0), ("eu", 60), ("eu", 120), ("us", -300), ("us", -480), ("none", 330)],
)
def test_every_hour_of_a_year_comes_back_but_the_one_that_comes_twice(rule, bias):
    """The lab has the rule of its own; an hour that comes twice is taken for the second one."""
    found, at = zone(rule, bias), dt.datetime(2015, 1, 1)
    strange = []
    while at.year == 2015:
        local = at + dt.timedelta(minutes=bias + (60 if is_summer(rule, at, bias) else 0))
        if found.utc(local.isoformat()) != f"{at.isoformat()}Z":
            strange.append(at)
        at += dt.timedelta(hours=1)
    assert len(strange) == (0 if rule == "none" else 1)


def test_without_a_rule_the_offset_of_the_moment_holds():
    assert zone_of(None, 120).utc("2015-01-01T10:00:00") == "2015-01-01T08:00:00Z"
    assert zone_of(None, 120).utc(None) is None
