"""docs/deployment.md: what stands there can be typed, and what is unsure is said to be.

Its PowerShell is read by test_printed_calls.py, its links and names by test_documents.py; the
commands of the controller are run by tests/integration/test_newcomer.py and ./run newcomer.
"""

from __future__ import annotations

import pathlib
import re

import pytest
import yaml
from unit.domain.scriptdom import VERSIONS, syntax_errors

from support.newcomer import PAGE, blocks

TEXT = PAGE.read_text(encoding="utf-8")
ROOT = pathlib.Path(__file__).parents[3]
#: What the test of the page goes through, in this order.
CHAPTERS = ["install", "look", "assumed", "prepare", "build", "lost", "home"]


def fenced(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)


def test_every_command_of_the_collection_is_typed_by_the_test_of_the_page():
    written = [line for block in fenced("sh") for line in block.splitlines()]
    ours = [line for line in written if line.startswith("ansible")]
    typed = [line for chapter in CHAPTERS for line in blocks("newcomer")[chapter].splitlines()]
    assert len(ours) > 10
    assert ours == typed


def test_playbooks_change_nothing_before_they_were_tried_in_check_mode():
    typed = [line for chapter in CHAPTERS for line in blocks("newcomer")[chapter].splitlines()]
    for playbook in ("prepare", "site"):
        lines = [line for line in typed if f"lync.persistent_chat.{playbook}" in line]
        assert ["--check --diff" in line for line in lines] == [True, False]


@pytest.mark.parametrize("version", VERSIONS)
def test_statements_parse(version):
    assert len(fenced("sql")) > 3
    wrong = {block: found for block in fenced("sql") if (found := syntax_errors(block, version))}
    assert wrong == {}


def test_what_is_unsure_stands_in_fidelity():
    unsure = re.findall(r"\*\(unsure: `([a-z-]+)`\)\*", TEXT)
    fidelity = (ROOT / "docs" / "fidelity.md").read_text(encoding="utf-8")
    assert len(unsure) >= 3
    assert len(unsure) == TEXT.count("*(unsure:")
    assert [name for name in unsure if f"| `{name}` |" not in fidelity] == []


def test_the_inventory_is_a_strangers():
    told = yaml.safe_load(blocks("file")["hosts.yml"])["all"]["children"]
    variables = told["pool_woodgrove"]["vars"]
    assert "contoso" not in TEXT.lower()
    assert variables["pchat_compliance"] is False
    assert variables["mirror_seed_share"].endswith("$")
    assert variables["ansible_psrp_auth"] == "kerberos"
    sites = told["pool_woodgrove"]["children"].values()
    hosts = [host for site in sites for host in site["hosts"]]
    assert not any("." in host for host in hosts)
