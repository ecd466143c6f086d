"""Clocks that are apart are told, since minutes of a loss are counted over two of them."""

from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.status.clocks import (
    clock_ahead,
    clock_findings,
)


def told(ahead):
    hosts = {"sql-n1": {"clock_ahead_seconds": ahead}, "sql-s1": {"clock_ahead_seconds": 0}}
    return [finding.text for finding in clock_findings(hosts, "sql-s1")]


@pytest.mark.parametrize(("ahead", "words"), [(7200, "7200 s ahead of"), (-121, "121 s behind")])
def test_a_clock_that_is_off_by_more_than_two_minutes_is_named(ahead, words):
    (text,) = told(ahead)
    assert f"The clock of sql-n1 is {words} that of sql-s1" in text


@pytest.mark.parametrize("ahead", [0, 120, -120, None])
def test_two_minutes_and_an_unknown_clock_are_no_finding(ahead):
    assert told(ahead) == []


def looked(clocks):
    hosts = {host: {"sql": {"clock": clock}} for host, clock in clocks.items()}
    return {"estate": {"sql": {"primary": "sql-n1", "backup": "sql-s1"}}, "hosts": hosts}


def told_at(time, asked):
    return {"told": f"2015-06-01T{time}Z", "asked": float(asked), "answered": asked + 0.2}


@pytest.mark.parametrize(
    ("clock", "ahead"),
    [
        (told_at("08:10:00", 700), 0),
        (told_at("08:10:00", 100), 601),
        (told_at("07:50:00", 100), -599),
        (None, None),
    ],
)
def test_how_far_a_clock_is_ahead_does_not_depend_on_when_it_was_asked(clock, ahead):
    look = looked({"sql-n1": clock, "sql-s1": told_at("08:00:00", 100)})
    assert clock_ahead(look, "sql-n1") == ahead
