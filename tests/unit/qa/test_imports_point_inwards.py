"""plugins/action -> _action -> _domain -> _engine, _transport -> _engine; the lab and the
plugins share no code.
"""

from __future__ import annotations

import ast
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).parents[3]
UTILS = ROOT / "plugins" / "plugin_utils"
LIBRARIES = ("ansible", "pypsrp", "requests", "yaml", "jinja2", "spnego")
#: layer -> what its files must not import
FORBIDDEN = {
    "_engine": (*LIBRARIES, "_domain", "_transport", "_action", "pchat_lab"),
    "_domain": (*LIBRARIES, "_transport", "_action", "pchat_lab"),
    "_transport": ("ansible", "yaml", "_domain", "_action", "pchat_lab"),
}


def imported(path: pathlib.Path) -> set[str]:
    """Every word of every imported module name, and every imported name."""
    seen: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            seen |= {part for alias in node.names for part in alias.name.split(".")}
        elif isinstance(node, ast.ImportFrom):
            seen |= set((node.module or "").split(".")) | {alias.name for alias in node.names}
    return seen


@pytest.mark.parametrize("layer", FORBIDDEN)
def test_layers_import_inwards_only(layer):
    found = {
        str(p.relative_to(ROOT)): sorted(imported(p) & set(FORBIDDEN[layer]))
        for p in (UTILS / layer).rglob("*.py")
    }
    assert found, f"{layer} has no files"
    assert {p: names for p, names in found.items() if names} == {}


@pytest.mark.parametrize("layer", ["_engine", "_domain"])
def test_the_pure_layers_use_the_standard_library_only(layer):
    for path in (UTILS / layer).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert {a.name.split(".")[0] for a in node.names} <= sys.stdlib_module_names, path
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                assert (node.module or "").split(".")[0] in sys.stdlib_module_names, path


def test_actions_reach_the_domain_through_the_one_action_base():
    for path in (ROOT / "plugins" / "action").glob("*.py"):
        assert "_action" in imported(path), path
        assert not imported(path) & {"pypsrp", "_transport", "_engine", "pchat_lab"}, path


def test_the_lab_and_the_plugins_share_no_code():
    for path in (ROOT / "tests" / "lab").rglob("*.py"):
        assert not imported(path) & {
            "plugins",
            "plugin_utils",
            "ansible_collections",
            "ansible",
        }, path
    for path in (ROOT / "plugins").rglob("*.py"):
        assert "pchat_lab" not in imported(path), path
