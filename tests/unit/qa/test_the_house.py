"""How dense the code may be: what ``./run house`` counts, held where it is.

The ceilings stand in dev/checks/house/ceilings.py, and only fall. ``./run house --list KIND PATH``
prints where the findings of a kind stand.
"""

from __future__ import annotations

import functools
import tomllib

import pytest

from dev.checks.house import ceilings
from dev.checks.house.kinds import KINDS
from dev.checks.house.measure import Measure, measure
from dev.checks.house.source import ROOT, TREES, sources_under


@functools.cache
def counted(tree: str) -> Measure:
    return measure(sources_under(ROOT / tree))


@pytest.mark.parametrize("tree", TREES)
def test_no_tree_has_more_of_a_kind_than_its_ceiling(tree):
    found = {kind: counted(tree).found[kind] for kind in ceilings.held(tree)}
    allowed = {kind: ceilings.ceiling(tree, kind) for kind in found}
    assert {kind: count for kind, count in found.items() if count > allowed[kind]} == {}


@pytest.mark.parametrize("tree", TREES)
def test_a_line_of_a_function_holds_half_a_way_at_most(tree):
    assert counted(tree).ways_a_line <= ceilings.ways_a_line(tree)


@pytest.mark.parametrize("kind", ceilings.RATES)
@pytest.mark.parametrize("tree", TREES)
def test_decisions_and_loops_are_statements(tree, kind):
    assert counted(tree).per_thousand(kind) <= ceilings.rate(tree, kind)


def test_a_ceiling_is_for_a_tree_and_a_kind_that_are_counted():
    assert {*ceilings.CEILINGS, *ceilings.DENSER, *ceilings.FULLER} <= set(TREES)
    for tree, kinds in ceilings.CEILINGS.items():
        assert set(kinds) <= {*ceilings.held(tree), *ceilings.HELD_BY_TYPES}
    assert {*ceilings.HELD, *ceilings.HELD_IN_PLUGINS, *ceilings.RATES} <= set(KINDS)


def test_exceptions_from_the_linter_s_rules_are_for_files_that_are_there():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    exceptions = settings["tool"]["ruff"]["lint"]["per-file-ignores"]
    assert [name for name in exceptions if not (ROOT / name).exists()] == []
