"""The order of each operation is a list: printed in the guide, carried out by the role's steps, and
asked rule by rule.
"""

from __future__ import annotations

import itertools
import pathlib
import re

import pytest
from unit.domain.outage import golden, orders
from unit.domain.outage.estates import healthy, options
from unit.domain.outage.situations import SITUATIONS

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.documents import plan
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage import (
    effects,
    failback,
    failover,
    homecoming,
    rules,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.moves import Move
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.plan import NEXT
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import Refused

ROOT = pathlib.Path(__file__).parents[4]
STEPS = ROOT / "roles" / "outage" / "tasks" / "steps"
EVERY_RULE = {rule.name: rule for order in orders.ORDERS.values() for rule in order}
#: The end of an operation, which is no rule: the move is due when no rule has one.
AT_THE_END = "clear_intent"


def test_the_guide_prints_every_order_as_the_planner_has_it():
    shown = orders.shown_in(golden.GUIDE.read_text(encoding="utf-8"))
    assert shown == {name: orders.printed(order) for name, order in orders.ORDERS.items()}


def test_the_rules_call_for_exactly_the_moves_that_the_role_has_steps_for():
    called = {name for rule in EVERY_RULE.values() for name in rule.moves}
    assert called | {AT_THE_END} == {path.stem for path in STEPS.glob("*.yml")}
    assert called | {AT_THE_END} == set(effects.EFFECTS)


@pytest.mark.parametrize(
    "choice",
    [
        failover.ORDERS_AFTER_THE_DOOR,
        homecoming.ORDERS_OF_THE_WAY_HOME,
        failback.ORDERS_OF_REBUILDING,
    ],
)
def test_the_documented_order_has_the_same_rules(choice):
    service = choice["service"]
    documented = choice["documented"]
    assert sorted(rule.name for rule in service) == sorted(rule.name for rule in documented)
    assert service != documented


@pytest.mark.parametrize("order", orders.ORDERS)
def test_an_order_names_each_rule_once_and_each_says_something(order):
    names = [rule.name for rule in orders.ORDERS[order]]
    assert len(set(names)) == len(names)
    assert all(len(rule.says) > 20 for rule in orders.ORDERS[order])


def test_a_rule_calls_only_for_the_moves_that_it_names(monkeypatch):
    called = set()

    def watched(rule, estate, chosen):
        move = rule.decide(estate, chosen)
        if move is not None:
            called.add((rule.name, move.name))
        return move

    monkeypatch.setattr(rules.Rule, "__call__", watched)
    asked = [*golden.ASKED.values(), {"target": "mirror_failover", "to": "primary"}]
    for situation, said in itertools.product(SITUATIONS.values(), asked):
        try:
            now, chosen = situation, options(**said)
            while (move := NEXT[chosen.target](now, chosen)) is not None:
                now = effects.effect(now, move)
        except Refused:
            continue
    assert {(rule, move) for rule, move in called if move not in EVERY_RULE[rule].moves} == set()
    assert len(called) > 25


def test_a_rule_is_asked_only_when_those_before_it_have_nothing_to_do():
    asked = []

    def rule(name, move):
        def decide(estate, chosen):
            asked.append(name)
            return move

        return rules.Rule(name, (), "", decide)

    fence = Move(name="fence", why="")
    order = (rule("first", None), rule("second", fence), rule("third", fence))
    assert rules.first_of(order, healthy(), options()) is fence
    assert asked == ["first", "second"]
    assert rules.first_of(order[:1], healthy(), options()) is None


def test_what_the_steps_are_told_is_what_moves_can_carry():
    told = set()
    for path in STEPS.glob("*.yml"):
        told |= set(re.findall(r"\bargs\.([a-z_]+)", path.read_text(encoding="utf-8")))
    assert len(told) > 12
    assert told <= plan.MoveArgs.__optional_keys__
