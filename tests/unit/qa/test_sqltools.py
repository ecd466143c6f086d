"""What ./run sqltools goes through, and what it needs for that."""

from __future__ import annotations

from crash.cells import Baseline
from dev.checks import sqltools
from pchat_lab.world.sql_tools import TOOLS


def test_two_tools_at_once_are_such_as_there_are() -> None:
    assert set(sqltools.TOGETHER.split(",")) <= set(TOOLS)


def test_the_tools_that_encrypt_by_themselves_are_told_to_trust() -> None:
    assert {tool.name for tool in TOOLS.values() if tool.encrypts} == set(sqltools.NEEDS)


def test_the_write_that_is_struck_is_a_batch() -> None:
    clean = Baseline(7, None, ("a",) * 7, frozenset({2, 3, 6}))
    assert sqltools.middle_batch(clean) == 3
    assert clean.can_be_struck(3, "twice")
    assert not clean.can_be_struck(4, "half-way")
    assert clean.can_be_struck(4, "killed after")
