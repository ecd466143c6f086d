"""How dense the code may be: what ``./run house`` counts, held where it is.

A ceiling only falls. Whoever writes one finding less takes the number down; no entry is none, which
is where all of them go. ``./run house --list KIND PATH`` prints where the findings of a kind stand.
"""

from __future__ import annotations

import functools
import tomllib

import pytest

from dev.checks.house.kinds import KINDS
from dev.checks.house.measure import Measure, measure
from dev.checks.house.source import ROOT, TREES, sources_under

#: None of these may stand in the code, but for what stood there when the counting began.
HELD = (
    "long100",
    "nested-ternary",
    "nested-comprehension",
    "one-letter",
    "tuple-assignment",
    "by-position",
    "past-ten",
)
#: How many of a kind each tree has at most, as long as it has some.
CEILINGS: dict[str, dict[str, int]] = {
    "plugins/plugin_utils/_domain": {
        "nested-ternary": 23,
        "nested-comprehension": 44,
        "one-letter": 3,
        "by-position": 1,
        "past-ten": 81,
    },
    "plugins/plugin_utils/_engine": {
        "nested-comprehension": 1,
        "past-ten": 2,
    },
    "plugins/plugin_utils/_transport": {
        "nested-ternary": 1,
        "nested-comprehension": 2,
        "past-ten": 6,
    },
    "plugins/plugin_utils/_action": {
        "nested-comprehension": 2,
    },
    "tests/lab/pchat_lab": {
        "long100": 927,
        "past-ten": 102,
        "undocumented-function": 273,
    },
    "tests/model": {
        "long100": 217,
        "nested-ternary": 1,
        "nested-comprehension": 3,
        "one-letter": 46,
        "tuple-assignment": 38,
        "past-ten": 13,
    },
    "tests/crash": {
        "long100": 20,
    },
    "tests/support": {
        "long100": 94,
        "nested-comprehension": 5,
        "one-letter": 1,
    },
    "dev": {
        "long100": 223,
        "nested-ternary": 1,
        "nested-comprehension": 7,
        "one-letter": 1,
        "tuple-assignment": 13,
        "past-ten": 2,
    },
}

#: Functions that other files import and that do not say what they give. In the plugins all do.
SILENT: dict[str, int] = {
    "plugins/plugin_utils/_domain": 128,
    "plugins/plugin_utils/_transport": 1,
}

#: Ways through a function for each of its lines. Every function has one, so short ones have many.
WAYS_A_LINE = 0.5
DENSER: dict[str, float] = {
    "tests/model": 0.65,
}

#: For 1,000 lines: expressions that are statements in the hands of somebody in a hurry.
TERNARIES = 30
COMPREHENSIONS = 30
FULLER: dict[str, tuple[int, int]] = {
    "plugins/plugin_utils/_domain": (30, 40),
    "plugins/plugin_utils/_engine": (30, 34),
    "plugins/plugin_utils/_action": (33, 44),
    "tests/model": (51, 63),
    "tests/support": (30, 46),
    "dev": (30, 47),
}


@functools.cache
def counted(tree: str) -> Measure:
    return measure(sources_under(ROOT / tree))


@pytest.mark.parametrize("kind", HELD)
@pytest.mark.parametrize("tree", TREES)
def test_no_tree_has_more_of_a_kind_than_its_ceiling(tree, kind):
    ceiling = CEILINGS.get(tree, {}).get(kind, 0)
    found = counted(tree).found[kind]
    assert found <= ceiling, f"./run house --list {kind} {tree}: one of these is new"


@pytest.mark.parametrize("tree", TREES)
def test_a_line_of_a_function_holds_half_a_branch_at_most(tree):
    assert counted(tree).ways_a_line <= DENSER.get(tree, WAYS_A_LINE)


@pytest.mark.parametrize("tree", TREES)
def test_decisions_and_loops_are_statements(tree):
    ternaries, comprehensions = FULLER.get(tree, (TERNARIES, COMPREHENSIONS))
    assert counted(tree).per_thousand("ternary") <= ternaries
    assert counted(tree).per_thousand("comprehension") <= comprehensions


@pytest.mark.parametrize("tree", [tree for tree in TREES if tree.startswith("plugins/")])
def test_public_functions_of_the_plugins_say_what_they_give(tree):
    assert counted(tree).found["undocumented-function"] <= SILENT.get(tree, 0)


def test_a_ceiling_is_for_a_tree_and_a_kind_that_are_counted():
    assert {*CEILINGS, *SILENT, *DENSER, *FULLER} <= set(TREES)
    for ceilings in CEILINGS.values():
        assert set(ceilings) <= set(HELD)
    assert set(HELD) <= set(KINDS)


def test_exceptions_from_the_linter_s_rules_are_for_files_that_are_there():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    exceptions = settings["tool"]["ruff"]["lint"]["per-file-ignores"]
    assert [name for name in exceptions if not (ROOT / name).exists()] == []
