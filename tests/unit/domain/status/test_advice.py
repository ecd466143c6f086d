"""What is advised is not refused by the playbook that it names, in any situation and whatever else
is wrong.
"""

from __future__ import annotations

import itertools
import pathlib

import pytest
import yaml
from unit.domain.outage.estates import (
    AWAY,
    GONE,
    HOME,
    failed_over,
    intent,
    names,
    options,
    site_lost,
    with_copies,
    with_estate,
)
from unit.domain.outage.situations import SITUATIONS

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.plan import unfold
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.situation import (
    TABLE,
    classify,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.status.advice import (
    WAYS,
    advice,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import PChatError

ROOT = pathlib.Path(__file__).parents[4]
#: As the roles hand their variables to dr_plan.
OPTION = {
    "failover_mode": "mode",
    "failover_override_intent": "override_intent",
    "failover_cms": "move_cms",
    "failback_override_intent": "override_intent",
    "failback_cms": "move_cms",
    "mirror_failover_to": "to",
}
#: What else may be wrong, on top of a situation.
TROUBLES = {
    "nothing": lambda e: e,
    "the primary's partner is gone": lambda e: with_copies(e, mirror=GONE),
    "the primary itself is gone": lambda e: with_copies(e, primary=GONE),
    "the primary site is gone": site_lost,
    "the backup's mirror is gone": lambda e: with_copies(e, backup_mirror=GONE),
    "the backup is gone": lambda e: with_copies(e, backup=GONE),
    "the central store is gone": lambda e: with_estate(e, store="local", store_why="no route"),
    "somebody fails over": lambda e: with_estate(e, intent=intent("failover", "c" * 32)),
    "somebody fails back": lambda e: with_estate(e, intent=intent("failback", "c" * 32)),
    "the share is gone": lambda e: with_estate(e, logs=(), logs_why="access is denied"),
    "a host is silent": lambda e: with_estate(e, unreachable=("chat-n1",)),
}


def carried_out(e, way):
    """As the playbook would be run: its variables, and defaults for everything else."""
    if way.playbook == "site":
        assert not e.unreachable
        assert e.store == "central"
        return
    said = {OPTION[name]: value for name, value in way.variables.items() if name in OPTION}
    unfold(e, options(way.playbook, **said))


def ways(e):
    return advice(e, classify(e).name, AWAY, HOME, "sql-s1.contoso.example")


@pytest.mark.parametrize(("situation", "trouble"), list(itertools.product(SITUATIONS, TROUBLES)))
def test_what_is_advised_is_not_refused(situation, trouble):
    e = TROUBLES[trouble](SITUATIONS[situation])
    for way in ways(e):
        if way.refused is None:
            carried_out(e, way)
        else:
            assert way.playbook == "site" or refusal(e, way) is not None


def refusal(e, way):
    try:
        carried_out(e, way)
    except PChatError as error:
        return str(error)
    return None


def test_every_situation_has_its_ways_and_most_of_them_lead_on():
    assert set(WAYS) == {name for name, _holds, _text in TABLE}
    leading = {
        classify(e).name for e in SITUATIONS.values() if any(way.refused is None for way in ways(e))
    }
    nothing_to_run = {name for name, rows in WAYS.items() if not rows}
    assert set(WAYS) - leading - nothing_to_run == {
        "MirrorRemedy",
        "PrimaryDown",
        "PrimaryUnseen",
    }, "force is never advised"


def test_while_the_primary_site_is_away_the_way_home_is_told_as_refused():
    away = with_copies(failed_over(), primary=GONE, mirror=GONE)
    (home,) = ways(away)
    assert (home.playbook, "does not answer" in home.refused) == ("failback", True)


def test_a_lost_central_store_is_part_of_the_command():
    (way,) = ways(site_lost())
    assert (
        way.as_dict()["command"]
        == "failover.yml -e failover_cms=true -e failover_cms_sql_server=sql-s1.contoso.example"
    )
    assert "fail_over_cms" in names(unfold(site_lost(), options("failover", move_cms=True)).moves)


def test_what_is_named_exists():
    for candidate in itertools.chain.from_iterable(itertools.chain.from_iterable(WAYS.values())):
        assert (ROOT / "playbooks" / f"{candidate.playbook}.yml").is_file()
        if candidate.variables:
            role = "log_shipping_primary" if candidate.playbook == "site" else candidate.playbook
            defaults = yaml.safe_load(
                (ROOT / "roles" / role / "defaults" / "main.yml").read_text(encoding="utf-8")
            )
            assert set(candidate.variables) <= set(defaults)
