"""The operating guide names what there is: every situation, and only playbooks, variables and
error codes that exist.
"""

from __future__ import annotations

import pathlib
import re
import textwrap

import pytest
from unit.domain.scriptdom import VERSIONS, syntax_errors

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage import situation

ROOT = pathlib.Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
ROLES = ("failover", "failback", "mirror_failover", "status", "salvage")


def test_every_situation_is_in_the_table_once_and_no_other():
    table = GUIDE.split("## Which situation is it?")[1].split("\n## ")[0]
    assert sorted(re.findall(r"^\| `([A-Za-z]+)` \|", table, re.MULTILINE)) == sorted(
        row[0] for row in situation.TABLE
    )


def test_playbooks_exist():
    named = set(re.findall(r"lync\.persistent_chat\.([a-z_]+)", GUIDE))
    assert named >= {"status", "failover", "failback", "mirror_failover", "drill"}
    callbacks = {path.stem for path in (ROOT / "plugins" / "callback").glob("*.py")}
    named -= callbacks
    assert {n for n in named if not (ROOT / "playbooks" / f"{n}.yml").exists()} == set()


def test_variables_exist():
    known = {"drill_confirm", "history_last", "history_pool"}
    for role in ROLES:
        known |= set(
            re.findall(
                r"^([a-z_]+):",
                (ROOT / "roles" / role / "defaults" / "main.yml").read_text(encoding="utf-8"),
                re.MULTILINE,
            )
        )
    named = set(
        re.findall(
            rf"\b((?:{'|'.join(ROLES)}|drill|history)_[a-z_]+)\b", GUIDE.split("## By hand")[0]
        )
    )
    codes = set(
        re.findall(
            r"^### `([a-z_]+)`",
            (ROOT / "docs" / "errors.md").read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    )
    assert named - known - codes - {"failover_now"} == set()


def test_refusals_are_documented_codes():
    documented = set(
        re.findall(
            r"^### `([a-z_]+)`",
            (ROOT / "docs" / "errors.md").read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    )
    table = GUIDE.split("### When it refuses")[1].split("\n## ")[0]
    first_cells = re.findall(r"^\| (`.*?`) \|", table, re.MULTILINE)
    named = {code for cell in first_cells for code in re.findall(r"`([a-z_]+)`", cell)}
    assert len(named) > 10
    assert named <= documented


def blocks(language):
    return [
        textwrap.dedent(body)
        for body in re.findall(rf"^ *```{language}\n(.*?)^ *```", GUIDE, re.DOTALL | re.MULTILINE)
    ]


@pytest.mark.parametrize("version", VERSIONS)
def test_the_statements_to_type_by_hand_parse(version):
    assert len(blocks("sql")) > 8
    assert {b: found for b in blocks("sql") if (found := syntax_errors(b, version))} == {}
