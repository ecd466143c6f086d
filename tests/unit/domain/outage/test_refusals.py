"""Refusals stand in their room, each with a code that the documents explain."""

from __future__ import annotations

import ast
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).parents[4]
OUTAGE = ROOT / "plugins" / "plugin_utils" / "_domain" / "outage"
ROOM = OUTAGE / "refusals"
FILES = sorted(path for path in ROOM.glob("*.py") if path.stem != "__init__")
#: Kinds of obstacles in a chain of log backups, of which each has a code of its own.
OBSTACLES = ("gap", "fork", "damaged", "unreadable")


def tree_of(path):
    return ast.parse(path.read_text(encoding="utf-8"))


def refusals_in(path):
    """Public functions of a file, by name."""
    found = [node for node in tree_of(path).body if isinstance(node, ast.FunctionDef)]
    return {node.name: node for node in found if not node.name.startswith("_")}


def codes_in(path):
    text = path.read_text(encoding="utf-8")
    codes = set(re.findall(r'code="([a-z_]+)"', text)) | set(
        re.findall(r', "([a-z_]+)", loss', text)
    )
    if 'f"chain_{' in text:
        codes |= {f"chain_{kind}" for kind in OBSTACLES}
    return codes


def test_every_code_is_explained():
    explained = re.findall(r"^### `([a-z_]+)`", (ROOT / "docs/errors.md").read_text(), re.MULTILINE)
    codes = set().union(*(codes_in(path) for path in FILES))
    assert len(codes) > 30
    assert codes <= set(explained)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_function_returns_a_refusal_and_somebody_raises_it(path):
    callers = [
        other
        for other in OUTAGE.glob("*.py")
        if f" import {path.stem} as refusals" in other.read_text()
    ]
    raised = set()
    for caller in callers:
        raised |= set(re.findall(r"\brefusals\.([a-z_]+)\(", caller.read_text(encoding="utf-8")))
    functions = refusals_in(path)
    assert {name: ast.unparse(node.returns) for name, node in functions.items()} == dict.fromkeys(
        functions, "Refused"
    )
    assert set(functions) == raised


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_function_bears_the_name_of_its_code_or_says_it(path):
    source = path.read_text(encoding="utf-8")
    for name, node in refusals_in(path).items():
        codes = set(re.findall(r'code="([a-z_]+)"', ast.get_source_segment(source, node) or ""))
        said = set(re.findall(r"``([a-z_]+)", ast.get_docstring(node) or ""))
        assert codes <= {name} | said, name


def test_nothing_else_of_the_planner_makes_refusals():
    """But for what the options of those who look can be wrong in."""
    makers = {
        path.stem for path in OUTAGE.glob("*.py") if "Refused(" in path.read_text(encoding="utf-8")
    }
    assert makers == {"dr_info", "log_chain_info", "views"}
