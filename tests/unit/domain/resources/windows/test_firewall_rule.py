"""A port is opened once, a rule that lets nobody in is enabled, and what is no rule is refused."""

from __future__ import annotations

import pytest
from unit.domain.answers import Answers, make

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.windows import (  # noqa: E501
    firewall_rule,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import Refused

NAME = "pchat-mirroring-5022"


def rule(**options):
    given = {"name": NAME, "port": 5022, **options}
    return make(firewall_rule.FirewallRule, firewall_rule.FIREWALL_RULE_SPEC, **given)


def steps(*found):
    resource = rule()
    return [step.name for step in resource.plan(resource.read(Answers([list(found)])))]


def test_what_is_there_already_is_left_alone():
    assert steps({"Enabled": "True", "Action": "Allow"}) == []


def test_a_rule_that_is_missing_is_made_for_the_addresses_that_may_connect():
    (step,) = rule(remote_addresses=["10.1.0.0/16"]).plan({"exists": False, "lets_in": False})
    (call,) = step.calls
    assert call.params["LocalPort"] == "5022"
    assert call.params["RemoteAddress"] == ["10.1.0.0/16"]
    assert call.params["Profile"] == "Domain"


@pytest.mark.parametrize("found", [("False", "Allow"), ("True", "Block")])
def test_a_rule_that_lets_nobody_in_is_enabled(found):
    enabled, action = found
    assert steps({"Enabled": enabled, "Action": action}) == ["enable_rule"]


@pytest.mark.parametrize(
    ("code", "options"),
    [
        ("bad_name", {"name": "pchat-*"}),
        ("bad_port", {"port": 70000}),
        ("bad_address", {"remote_addresses": ["sql-n2.contoso.example"]}),
    ],
)
def test_what_is_no_rule_is_refused(code, options):
    with pytest.raises(Refused) as refusal:
        rule(**options)
    assert refusal.value.code == code
