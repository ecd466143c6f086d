"""The sample rulebook asks for what a status document holds."""

from __future__ import annotations

import pathlib
import re

import yaml

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.status import findings

ROOT = pathlib.Path(__file__).parents[3]
RULEBOOK = ROOT / "extensions" / "eda" / "rulebooks" / "status.yml"


def rules():
    return [
        rule
        for ruleset in yaml.safe_load(RULEBOOK.read_text(encoding="utf-8"))
        for rule in ruleset["rules"]
    ]


def test_it_starts_nothing_that_changes_an_estate():
    actions = [action for rule in rules() for action in rule.get("actions", [rule.get("action")])]
    assert {action["run_playbook"]["name"] for action in actions if "run_playbook" in action} == {
        "lync.persistent_chat.status"
    }


def test_what_it_compares_is_there():
    text = RULEBOOK.read_text(encoding="utf-8")
    assert re.findall(r'"urgency", "==", "(\w+)"', text) == [findings.ORDER[0]]
    source = (
        ROOT / "plugins" / "plugin_utils" / "_domain" / "status" / "pool_status.py"
    ).read_text(encoding="utf-8")
    names = set(re.findall(r"event\.payload\.(\w+)", text))
    assert names == {"pool", "situation", "findings", "failover_now"}
    assert all(f'"{name}"' in source or f"{name}=" in source for name in names)
