"""What one tree of code comes to: how often each kind is found, and how large it is."""

from __future__ import annotations

import collections
import dataclasses
import pathlib
from collections.abc import Callable, Iterator, Mapping, Sequence

from .kinds import KINDS, function_lines, public_functions, ways
from .source import Source
from .subscripts import GET, SUBSCRIPT, Found

UNTYPED = (SUBSCRIPT, GET)


@dataclasses.dataclass(frozen=True)
class Measure:
    """Counts of one tree. ``found``: kind -> how often; what was not looked for is not in it."""

    lines: int
    function_lines: int
    ways: int
    public: int
    found: Mapping[str, int]

    @property
    def ways_a_line(self) -> float:
        """Ways through functions for each line of them."""
        return self.ways / max(self.function_lines, 1)

    def per_thousand(self, kind: str) -> float:
        """How often this kind is found in 1,000 lines."""
        return 1000 * self.found[kind] / max(self.lines, 1)


def measure(
    sources: Sequence[Source], untyped: Mapping[pathlib.Path, Sequence[Found]] | None = None
) -> Measure:
    """Count every kind in these files; untyped keys only when they are handed in."""
    found: collections.Counter[str] = collections.Counter()
    for kind, look in KINDS.items():
        found[kind] = total_of(sources, look)
    if untyped is not None:
        found.update(dict.fromkeys(UNTYPED, 0))
        for source in sources:
            found.update(key.kind for key in untyped[source.path])
    return Measure(
        lines=sum(source.written_lines for source in sources),
        function_lines=sum(function_lines(source) for source in sources),
        ways=sum(ways(source) for source in sources),
        public=total_of(sources, public_functions),
        found=found,
    )


def total_of(sources: Sequence[Source], look: Callable[[Source], Iterator[object]]) -> int:
    """How often one look finds something in these files."""
    return sum(len(list(look(source))) for source in sources)


def per_thousand(kind: str) -> Callable[[Measure], str]:
    """How often per 1,000 lines, and in brackets how often in all."""

    def shown(measured: Measure) -> str:
        return f"{measured.per_thousand(kind):.1f} ({measured.found[kind]})"

    return shown


def total(kind: str) -> Callable[[Measure], str]:
    """How often in all, ``-`` when nobody looked."""

    def shown(measured: Measure) -> str:
        return str(measured.found.get(kind, "-"))

    return shown


def share_over(kind: str) -> Callable[[Measure], str]:
    """How many lines of a hundred are too long."""

    def shown(measured: Measure) -> str:
        return f"{measured.per_thousand(kind) / 10:.1f} % ({measured.found[kind]})"

    return shown


def documented(measured: Measure) -> str:
    """The share of public functions and methods that have a docstring."""
    share = 1 - measured.found["undocumented"] / max(measured.public, 1)
    return f"{100 * share:.0f} %"


def ways_a_line(measured: Measure) -> str:
    """Ways through functions for each line of them."""
    return f"{measured.ways_a_line:.2f}"


def branches_a_line(measured: Measure) -> str:
    """The same without the one that each function has to begin with."""
    return f"{measured.found['branch'] / max(measured.function_lines, 1):.2f}"


COLUMNS: dict[str, Callable[[Measure], str]] = {
    "lines": lambda measured: str(measured.lines),
    "> 120": share_over("long120"),
    "> 100": share_over("long100"),
    "ternaries": per_thousand("ternary"),
    "in one another": total("nested-ternary"),
    "comprehensions": per_thousand("comprehension"),
    "nested": per_thousand("nested-comprehension"),
    "a, b = x, y": per_thousand("tuple-assignment"),
    "ways a line": ways_a_line,
    "branches a line": branches_a_line,
    "past ten": total("past-ten"),
    "documented": documented,
    "functions without": total("undocumented-function"),
    "one letter": total("one-letter"),
    "by position": total("by-position"),
    'untyped ["key"]': total(SUBSCRIPT),
    '.get("key")': total(GET),
}
