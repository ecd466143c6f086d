"""How dense the code may be. A ceiling only falls: whoever writes one finding less takes it down.

No entry is none, which is where all of them go. ``./run house --check`` tells which ones may fall;
a test holds all but the keys without a type, which ask mypy, and are held by ``./run test house``.
"""

from __future__ import annotations

from collections.abc import Iterator

from .measure import Measure
from .subscripts import SUBSCRIPT

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
#: Functions that other files import say what they give, in the plugins at least.
HELD_IN_PLUGINS = ("undocumented-function",)
HELD_BY_TYPES = (SUBSCRIPT,)

#: How many of a kind each tree has at most, as long as it has some.
CEILINGS: dict[str, dict[str, int]] = {
    "plugins/plugin_utils/_domain": {
        "past-ten": 3,
    },
    "plugins/plugin_utils/_engine": {
        "past-ten": 1,
        "untyped-subscript": 3,
    },
    "plugins/plugin_utils/_transport": {
        "past-ten": 3,
        "untyped-subscript": 9,
    },
    "plugins/plugin_utils/_action": {
        "untyped-subscript": 6,
    },
    "tests/lab/pchat_lab": {
        "past-ten": 96,
        "untyped-subscript": 539,
    },
    "tests/model": {
        "past-ten": 1,
        "untyped-subscript": 79,
    },
    "tests/crash": {
        "untyped-subscript": 7,
    },
    "tests/nights": {
        "untyped-subscript": 1,
    },
    "tests/support": {
        "untyped-subscript": 54,
    },
    "dev": {
        "long100": 1,
        "untyped-subscript": 31,
    },
}

#: Ways through a function for each of its lines. Every function has one, so short ones have many.
WAYS_A_LINE = 0.5
DENSER: dict[str, float] = {}

#: For 1,000 lines.
RATES = {"ternary": 30, "comprehension": 30}
FULLER: dict[str, dict[str, int]] = {}


def held(tree: str) -> tuple[str, ...]:
    """The kinds that are held in a tree, without those that need types."""
    return HELD + HELD_IN_PLUGINS if tree.startswith("plugins/") else HELD


def ceiling(tree: str, kind: str) -> int:
    """How many of a kind a tree may have."""
    return CEILINGS.get(tree, {}).get(kind, 0)


def ways_a_line(tree: str) -> float:
    """How many ways may lead through a line of a function."""
    return DENSER.get(tree, WAYS_A_LINE)


def rate(tree: str, kind: str) -> int:
    """How many of a kind 1,000 lines may have."""
    return FULLER.get(tree, RATES).get(kind, RATES[kind])


def new_in(tree: str, measured: Measure) -> Iterator[str]:
    """A sentence for each kind of which there are more than its ceiling."""
    for kind in (*held(tree), *HELD_BY_TYPES):
        found = measured.found[kind]
        if found > ceiling(tree, kind):
            yield (
                f"{tree}: {found} of {kind}, at most {ceiling(tree, kind)}."
                f" ./run house --list {kind} {tree} prints where they stand."
            )


def gone_from(tree: str, measured: Measure) -> Iterator[str]:
    """A sentence for each ceiling that may fall."""
    for kind in (*held(tree), *HELD_BY_TYPES):
        found = measured.found[kind]
        if found < ceiling(tree, kind):
            yield f"{tree}: the ceiling of {kind} may fall from {ceiling(tree, kind)} to {found}."
