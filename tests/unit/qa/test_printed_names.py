"""Playbooks and variables that a message, a finding or an error tells people to use are there,
under that name.
"""

from __future__ import annotations

import ast
import pathlib
import re
from collections.abc import Iterator

import pytest
import yaml

ROOT = pathlib.Path(__file__).parents[3]
PLAYBOOK = re.compile(r"(?<![\w\u2026])([a-z_]+)\.yml\b")
VARIABLE = re.compile(
    r"(?<![\w\u2026])([a-z]+_[a-z_]*)(?::"
    r" (?:true|false|accept|planned|disaster|primary|mirror|null)\b|=(?:true|false|accept|planned))"
)
# files of the user's own that are spoken of
INVENTORY = {"hosts"}
#: Options of Ansible's and of our modules that are advised with a value.
ELSEWHERE = {
    "ansible_psrp_ignore_proxy",
    "ansible_winrm_proxy",
    "drill_confirm",
    "pchat_keep_sessions",
}


def texts() -> Iterator[tuple[str, str]]:
    """(where, text) of all that can be printed: strings of the plugins, which are no
    docstrings, and messages of roles and playbooks.
    """
    for path in sorted((ROOT / "plugins").rglob("*.py")):
        if path.parent.name in ("modules", "doc_fragments", "filter"):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                yield (
                    path.name,
                    "".join(
                        str(part.value)
                        if isinstance(part, ast.Constant)
                        else "\N{HORIZONTAL ELLIPSIS}"
                        for part in node.values
                    ),
                )
            elif (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in said
            ):
                yield path.name, node.value
    for folder in ("roles", "playbooks"):
        for path in sorted((ROOT / folder).rglob("*.yml")):
            yield from (
                (path.name, message)
                for message in messages(yaml.safe_load(path.read_text(encoding="utf-8")))
            )


def messages(value: object) -> Iterator[str]:
    """Texts of the keys with which tasks tell people something."""
    if isinstance(value, list):
        for item in value:
            yield from messages(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key in ("fail_msg", "msg", "prompt") and isinstance(item, str):
                yield item
            else:
                yield from messages(item)


def options_of_modules() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "plugins" / "modules").glob("*.py"):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if (
                isinstance(node, ast.Assign)
                and getattr(node.targets[0], "id", "") == "DOCUMENTATION"
            ):
                found |= set(yaml.safe_load(ast.literal_eval(node.value)).get("options") or {})
    return found


def variables_of_roles() -> set[str]:
    found: set[str] = set()
    for path in (ROOT / "roles").glob("*/meta/argument_specs.yml"):
        for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"].values():
            found |= set(entry.get("options") or {})
    return found


def test_playbooks_that_are_named_exist():
    known = {path.stem for path in (ROOT / "playbooks").glob("*.yml")} | INVENTORY
    named = {(name, where) for where, text in texts() for name in PLAYBOOK.findall(text)}
    assert len({name for name, _where in named}) > 5
    assert {(name, where) for name, where in named if name not in known} == set()


@pytest.mark.parametrize("source", ["plugins", "errors"])
def test_variables_that_are_advised_exist(source):
    known = options_of_modules() | variables_of_roles() | ELSEWHERE
    if source == "plugins":
        named = {(name, where) for where, text in texts() for name in VARIABLE.findall(text)}
    else:
        document = (ROOT / "docs" / "errors.md").read_text(encoding="utf-8")
        named = {(name, "errors.md") for name in VARIABLE.findall(document)}
    assert named
    assert {(name, where) for name, where in named if name not in known} == set()
