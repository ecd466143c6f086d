"""docs/inventory.md shows every group and variable, from what the code judges by; and what is
read of an inventory stands there.
"""

from __future__ import annotations

import pathlib
import re

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.estate import contract
from dev.documents import inventory_page

ROOT = pathlib.Path(__file__).parents[3]
READ_BY_PLUGINS = re.compile(r"(?:var|get)\(\s*(?:\w+, )?\"(pchat_\w+)\"|theirs\[\"(pchat_\w+)\"\]")
#: Options of roles, and what tasks hand on: begin with a name of the role, or are listed here.
WORD = re.compile(r"\b(pchat_[a-z_]+[a-z])\b")
OTHER_THINGS = {"pchat_logs", "pchat_seed", "pchat_sql"}


def known() -> set[str]:
    names = {variable.name for variable in contract.VARIABLES}
    names |= {group.name for group in contract.GROUPS}
    for variables in inventory_page.specs_of_roles().values():
        names |= set(variables)
    return names | contract.SET_BY_PLAYBOOKS | contract.MADE_BY_PLAYBOOKS


def test_its_tables_are_current():
    """python -m dev.documents.inventory_page writes them."""
    text = inventory_page.PAGE.read_text(encoding="utf-8")
    assert inventory_page.page(text) == text
    assert set(re.findall(r"<!-- table: (\w+) -->", text)) == set(inventory_page.TABLES)


def test_what_the_plugins_read_of_an_inventory_is_in_the_contract():
    read: set[str] = set()
    for path in (ROOT / "plugins").rglob("*.py"):
        for names in READ_BY_PLUGINS.findall(path.read_text(encoding="utf-8")):
            read |= set(filter(None, names))
    assert len(read) > 6
    assert read - known() == set()
    unread = {v.name for v in contract.VARIABLES} - read - {"pchat_compliance"}
    assert unread == set(), "a variable that nobody reads is none"


def test_what_roles_and_playbooks_read_of_an_inventory_is_in_the_contract():
    named: set[tuple[str, str]] = set()
    for folder in ("roles", "playbooks"):
        for path in (ROOT / folder).rglob("*.yml"):
            for name in WORD.findall(path.read_text(encoding="utf-8")):
                named.add((name, path.name))
    assert len(named) > 20
    told = known() | OTHER_THINGS
    assert {pair for pair in named if pair[0] not in told} == set()


@pytest.mark.parametrize("group", contract.GROUPS, ids=lambda group: group.name)
def test_every_group_is_told_of_with_its_limits(group):
    text = inventory_page.groups()
    assert f"| `{group.name}` | " in text
    assert group.most is None or group.least <= group.most
    assert bool(group.without) == (group.least > 0 and group.kind != contract.PLACE)
