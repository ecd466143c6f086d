"""Plugins keep to what the oldest Python has that a controller may run; the checks themselves
run with a newer one, and ruff likes the newer names.
"""

from __future__ import annotations

import ast
import pathlib

import pytest

ROOT = pathlib.Path(__file__).parents[3]
OLDEST = (3, 10)
#: Names of the standard library that came with Python 3.11 or later and that one would reach for.
LATER = {
    "UTC",
    "StrEnum",
    "ReprEnum",
    "Self",
    "Never",
    "LiteralString",
    "NotRequired",
    "Required",
    "assert_never",
    "reveal_type",
    "override",
    "tomllib",
    "ExceptionGroup",
    "BaseExceptionGroup",
    "TaskGroup",
    "batched",
    "chdir",
    "getLevelNamesMapping",
}


def later_names(source):
    """Names used that are not in the oldest Python.

    SyntaxError if it cannot even be parsed there.
    """
    for node in ast.walk(ast.parse(source, feature_version=OLDEST)):
        names = {
            "Attribute": lambda n: [n.attr],
            "Name": lambda n: [n.id],
            "alias": lambda n: n.name.split("."),
        }.get(type(node).__name__, lambda n: [])(node)
        yield from LATER.intersection(names)


@pytest.mark.parametrize(
    "source",
    [
        "dt.datetime.now(dt.UTC)",
        "from datetime import UTC",
        "import tomllib",
        "def f() -> t.Self: ...",
    ],
)
def test_it_finds_a_later_name(source):
    assert list(later_names(source))


def test_plugins_keep_to_the_oldest_python():
    found = {
        str(path.relative_to(ROOT)): names
        for path in sorted((ROOT / "plugins").rglob("*.py"))
        if (names := sorted(set(later_names(path.read_text(encoding="utf-8")))))
    }
    assert found == {}


def test_the_readme_promises_it():
    assert f"Python {OLDEST[0]}.{OLDEST[1]} or later" in (ROOT / "README.md").read_text(
        encoding="utf-8"
    )
