"""Expressions of roles on which more rests than on most."""

from __future__ import annotations

import re

import jinja2
import pytest
import yaml

from support import labs


def oldest_seed(shipped):
    """Minutes that a seed of the secondary may be old. ``shipped``: the primary's log shipping."""
    file = labs.ROOT / "roles" / "log_shipping_secondary" / "tasks" / "database.yml"
    tasks = yaml.safe_load(file.read_text(encoding="utf-8"))
    name = "log_shipping_secondary_oldest_seed"
    (text,) = [task["vars"][name] for task in tasks if name in task.get("vars", {})]
    environment = jinja2.Environment(autoescape=False)
    environment.tests["truthy"] = bool
    return int(environment.from_string(text).render(log_shipping_secondary_shipped=shipped))


@pytest.mark.parametrize(
    ("shipped", "minutes"),
    [(None, 1440), ("", 1440), ({"backup_retention": 4320}, 1440), ({"backup_retention": 120}, 60)],
)
def test_a_seed_is_never_older_than_the_logs_that_it_needs(shipped, minutes):
    assert oldest_seed(shipped) == minutes


#: Filters of Ansible that make a set of their list: its order is another one in every run.
SHUFFLES = re.compile(r"\|\s*(intersect|difference|symmetric_difference|union)\b")


def yaml_of_ours():
    for tree in ("roles", "playbooks"):
        yield from sorted((labs.ROOT / tree).rglob("*.yml"))


def test_what_is_done_host_by_host_is_done_in_the_order_of_the_estate():
    """select('in', ...) and reject('in', ...) say the same and keep the order."""
    shuffled = []
    for file in yaml_of_ours():
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            if SHUFFLES.search(line):
                shuffled.append(f"{file.relative_to(labs.ROOT)}:{number}: {line.strip()}")
    assert not shuffled
