"""Clocks that are apart are told, since minutes of a loss are counted over two of them."""

from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.status.clocks import (
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
