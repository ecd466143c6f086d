"""Check mode is decided in one place: a branch elsewhere would be wrong one day."""

from __future__ import annotations

import ast
import pathlib

ROOT = pathlib.Path(__file__).parents[3]


def conditions(path: pathlib.Path) -> int:
    """How many conditions of a file test check_mode."""
    tests = [
        n.test
        for n in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(n, (ast.If, ast.IfExp, ast.While))
    ]
    return sum("check_mode" in ast.dump(test) for test in tests)


def test_exactly_one_condition_tests_check_mode():
    found = {
        str(p.relative_to(ROOT)): n
        for p in (ROOT / "plugins").rglob("*.py")
        if (n := conditions(p))
    }
    assert found == {"plugins/plugin_utils/_engine/engine.py": 1}
