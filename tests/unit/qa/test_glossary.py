"""docs/glossary.md: one word for one thing, and each lives where it is said to live."""

from __future__ import annotations

import ast
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parents[3]
GLOSSARY = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
ROW = re.compile(
    r"\| \*\*(?P<word>[^*]+)\*\* \| (?P<told>.+) \| `(?P<path>[^`]+)` `(?P<name>\w+)` \|"
)
ROWS = [row for row in map(ROW.fullmatch, GLOSSARY.splitlines()) if row]


def names_in(path: pathlib.Path) -> set[str]:
    """What a file defines, in classes as well: functions, classes, constants, attributes."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["word"])
def test_a_word_lives_where_it_is_said_to_live(row):
    assert row["name"] in names_in(ROOT / row["path"])


def test_every_line_of_a_table_is_a_word_and_no_word_has_two_lines():
    lines = [line for line in GLOSSARY.splitlines() if line.startswith("| **")]
    assert len(lines) == len(ROWS) > 25
    words = [row["word"] for row in ROWS]
    assert sorted(set(words)) == sorted(words)


def test_two_words_do_not_live_in_one_place():
    places = [(row["path"], row["name"]) for row in ROWS]
    assert sorted(set(places)) == sorted(places)


@pytest.mark.parametrize(
    "document", ["README.md", "docs/architecture.md", "docs/docsite/index.rst"]
)
def test_it_is_found_from_where_people_begin(document):
    assert "glossary" in (ROOT / document).read_text(encoding="utf-8")
