"""Files of tasks that are included by a name with a template in it."""

from __future__ import annotations

import pathlib
import re

import pytest
import yaml

ROLES = pathlib.Path(__file__).resolve().parents[3] / "roles"
FILES = sorted(ROLES.glob("*/tasks/**/*.yml"))
IMPORTS = re.compile(r"^\s*ansible\.builtin\.import_(tasks|role):", re.MULTILINE)
NAMED = re.compile(r"'([a-z_]+\.yml)'")


def included_by_template(path: pathlib.Path) -> set[pathlib.Path]:
    """What such an include may mean: the files that it names, or all in the folder that it does."""
    found: set[pathlib.Path] = set()
    for name in templates_in(yaml.safe_load(path.read_text(encoding="utf-8")) or []):
        folder = name.partition("{{")[0]
        if folder:
            found.update((path.parent / folder).glob("*.yml"))
        found.update(path.parent / literal for literal in NAMED.findall(name))
    return found


def templates_in(tasks: object) -> list[str]:
    """Names with a template, of includes at any depth."""
    if isinstance(tasks, list):
        return [name for task in tasks for name in templates_in(task)]
    if not isinstance(tasks, dict):
        return []
    included = tasks.get("ansible.builtin.include_tasks")
    name = included.get("file") if isinstance(included, dict) else included
    inner = [found for value in tasks.values() for found in templates_in(value)]
    return [name, *inner] if isinstance(name, str) and "{{" in name else inner


def test_there_are_such_includes():
    assert any(included_by_template(path) for path in FILES)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROLES)))
def test_no_file_behind_a_template_imports_another_one(path):
    """ansible-core 2.17 evaluates the name once more for each import, without the variables of the
    host: the run ends there.
    """
    behind = included_by_template(path)
    assert [one.name for one in behind if IMPORTS.search(one.read_text(encoding="utf-8"))] == []
