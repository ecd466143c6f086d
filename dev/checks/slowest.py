"""./run test --slowest: the thirty tests that took longest when they were run last.

pytest writes down what each took, setup and teardown included (``--junitxml``).
"""

from __future__ import annotations

import pathlib
import typing as t
from collections.abc import Iterable
from xml.etree import ElementTree

from support import labs

FOLDER = labs.ROOT / ".cache" / "durations"
MOST = 30


class Took(t.NamedTuple):
    """``where``: the file's place, as a dotted name."""

    seconds: float
    where: str
    name: str


def recorded(check: str) -> tuple[str, str]:
    """Arguments with which pytest writes down what each test of a check takes."""
    return "--junitxml", str(FOLDER / f"{check}.xml")


def read(files: Iterable[pathlib.Path]) -> list[Took]:
    """Every test, the slowest first."""
    found = []
    for file in files:
        for case in ElementTree.parse(file).iter("testcase"):
            seconds = float(case.get("time", "0"))
            found.append(Took(seconds, case.get("classname", ""), case.get("name", "")))
    return sorted(found, reverse=True)


def main() -> int:
    """Print them. 2 when no test was run in this clone yet."""
    files = sorted(FOLDER.glob("*.xml"))
    if not files:
        print(f"Nothing is written down in {FOLDER}: run ./run test unit integration first.")
        return 2
    everything = read(files)
    whole = sum(one.seconds for one in everything)
    print(f"\nThe slowest {MOST} of {len(everything)} tests, which took {whole:.0f} s in all:")
    for one in everything[:MOST]:
        print(f"{one.seconds:7.1f} s  {one.where}::{one.name}")
    return 0
