"""A module's name is its address: one file of the domain bears it, and its action imports that
one.
"""

from __future__ import annotations

import ast
import pathlib

import pytest

ROOT = pathlib.Path(__file__).parents[3]
DOMAIN = ROOT / "plugins" / "plugin_utils" / "_domain"
#: It ends what the transport keeps, so nothing is known in the domain of it.
OF_THE_TRANSPORT = "kept_session"
MODULES = sorted(
    path.stem
    for path in (ROOT / "plugins" / "modules").glob("*.py")
    if path.stem != OF_THE_TRANSPORT
)


def files_named(name: str) -> list[pathlib.Path]:
    """Of all rooms but that of the calls, whose files bear the names of objects."""
    return [path for path in DOMAIN.rglob(f"{name}.py") if DOMAIN / "calls" not in path.parents]


def files_imported(path: pathlib.Path) -> set[pathlib.Path]:
    """Those files that a file reaches by relative imports, as modules or for names in them."""
    found: set[pathlib.Path] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.ImportFrom) or node.level == 0:
            continue
        home = path.parents[node.level - 1].joinpath(*(node.module or "").split("."))
        found.add(home.with_suffix(".py"))
        found.update(home / f"{alias.name}.py" for alias in node.names)
    return found


@pytest.mark.parametrize("module", MODULES)
def test_one_file_of_the_domain_bears_the_name_of_the_module_and_its_action_imports_it(module):
    (address,) = files_named(module)
    assert address in files_imported(ROOT / "plugins" / "action" / f"{module}.py")


def test_every_resource_is_the_file_of_a_module_and_what_several_share_begins_with_an_underscore():
    resources = [path for path in (DOMAIN / "resources").rglob("*.py") if path.name[0] != "_"]
    assert [path.name for path in resources if path.stem not in MODULES] == []
    assert len(resources) > 20


def test_the_module_that_has_no_file_there_is_a_module():
    assert (ROOT / "plugins" / "modules" / f"{OF_THE_TRANSPORT}.py").exists()
    assert files_named(OF_THE_TRANSPORT) == []
