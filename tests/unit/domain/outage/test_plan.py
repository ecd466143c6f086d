"""The plan as the unfolding of single moves: it ends, it can be resumed anywhere, it says what it
loses, and it keeps to what was agreed.
"""

from __future__ import annotations

import dataclasses
from unittest import mock

import pytest
from unit.domain.outage.estates import (
    AWAY,
    GONE,
    HOME,
    MINE,
    NOW,
    OTHERS,
    failed_over,
    healthy,
    intent,
    log,
    names,
    options,
    planned,
    site_lost,
    with_copies,
    with_estate,
)

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage import (
    dr_plan,
    effects,
    failover,
    moves,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.plan import (
    MOST_MOVES,
    NEXT,
    NoProgress,
    unfold,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import Refused
from model.document import document_of
from model.world import World

ALONE = {"role": None, "mirroring": None}
LOGS = (
    log(150, 200, "copied", "2015-06-01T11:50:00Z"),
    log(200, 220, "share", "2015-06-01T11:55:00Z"),
)
STARTS = {
    "failover": (site_lost(logs=LOGS), {"target": "failover", "move_cms": True}),
    "planned failover": (healthy(logs=LOGS), {"target": "failover", "mode": "planned"}),
    "failover with a loss": (
        site_lost(logs=(*LOGS, log(230, 240)), logs_why="gone"),
        {"target": "failover", "move_cms": True, "data_loss": "accept"},
    ),
    "failback": (failed_over(), {"target": "failback"}),
    "failback in the documented order": (
        failed_over(),
        {"target": "failback", "order": "documented"},
    ),
    "failback without the mirrors": (
        with_copies(failed_over(), mirror=GONE, backup_mirror=GONE),
        {"target": "failback"},
    ),
    "failback over two old copies": (
        with_copies(failed_over(), mirror={"state": "ONLINE"}),
        {"target": "failback"},
    ),
    "failover called off": (
        healthy(active=(), intent=intent("failover", OTHERS)),
        {"target": "failback", "override_intent": True},
    ),
    "mirror failover": (healthy(), {"target": "mirror_failover"}),
    "forced mirror failover": (
        with_copies(healthy(), primary=GONE, mirror={"mirroring": "DISCONNECTED"}),
        {"target": "mirror_failover", "force": True},
    ),
}


@pytest.mark.parametrize("start", STARTS)
def test_from_every_prefix_of_a_plan_the_rest_is_planned(start):
    estate, said = STARTS[start]
    whole = unfold(estate, options(**said)).moves
    assert whole
    now = estate
    for done, move in enumerate(whole):
        assert [m.key for m in unfold(now, options(**said)).moves] == [m.key for m in whole[done:]]
        now = effects.effect(now, move)
    assert unfold(now, options(**said)).moves == ()


@pytest.mark.parametrize("start", STARTS)
def test_a_plan_is_short(start):
    estate, said = STARTS[start]
    assert len(unfold(estate, options(**said)).moves) < MOST_MOVES / 2


def test_every_move_has_an_effect_and_changes_what_the_planner_sees():
    seen = set()
    for estate, said in STARTS.values():
        now = estate
        for move in unfold(estate, options(**said)).moves:
            after = effects.effect(now, move)
            assert after != now, move.name
            seen.add(move.name)
            now = after
    assert seen <= set(effects.EFFECTS)
    assert len(seen) > 20


def test_a_planner_that_goes_in_circles_is_stopped():
    with (
        mock.patch.dict(
            NEXT,
            failover=lambda _estate, _options: moves.Move(
                name="fence", why="again and again", host="fe-s1", args={"servers": []}
            ),
        ),
        pytest.raises(NoProgress) as caught,
    ):
        unfold(healthy(), options())
    assert "fence" in str(caught.value)


def test_the_first_door_of_a_plan_is_told():
    assert planned(healthy(), mode="planned").first_one_way.name == "back_up_tail"
    assert planned(healthy(), "failback").first_one_way is None


def test_a_plan_without_a_recovery_loses_nothing():
    loss = planned(failed_over(), "failback").loss
    assert (loss.minutes, loss.lsn) == (0, None)


def test_what_was_planned_on_the_way_is_not_planned_from_the_start_only():
    """The tail that the plan itself will take is restored by the same plan."""
    plan = planned(healthy(), mode="planned")
    tail = next(m for m in plan.moves if m.name == "restore_logs")
    assert [f["path"] for f in tail.args["files"]] == ["(the tail)"]


# -- the document and the promise


def said(document, **more):
    usual = {name: detail.get("default") for name, detail in dr_plan.DR_PLAN_SPEC.items()}
    return {
        **usual,
        "document": document,
        "target": "failover",
        "mode": "planned",
        "id": MINE,
        "operator": "ann",
        "active_failed_over": list(AWAY),
        "active_normal": list(HOME),
        **more,
    }


def test_a_round_ends_before_a_door_and_a_door_is_a_round():
    made = dr_plan.plan_of(said(document_of(World(1))))
    assert [m["name"] for m in made["round"]] == ["declare_intent", "fence", "unmirror"]
    door = moves.Move(name="back_up_tail", why="")
    rest = moves.Move(name="fence", why="")
    plan = unfold(healthy(), options(mode="planned"))
    assert dataclasses.replace(plan, moves=(door, rest)).round == (door,)
    assert dataclasses.replace(plan, moves=(rest,)).round == (rest,)


def test_what_lets_clients_in_follows_the_door_that_opens_their_copy_without_another_look():
    plan = planned(site_lost(), move_cms=True)
    following = plan.moves[-5:]
    opened = dataclasses.replace(plan, moves=following)
    assert names(opened.round) == ["recover_database", "set_pool_failed_over", "set_active_servers"]
    door = moves.Move(name="back_up_tail", why="")
    stopped = dataclasses.replace(plan, moves=(door, *following[1:]))
    assert names(stopped.round) == ["back_up_tail"]


def test_the_plan_is_told_line_by_line():
    lines = dr_plan.plan_of(said(document_of(World(1))))["lines"]
    assert lines[0].startswith("Healthy: ")
    assert any("[ONE-WAY]" in line and "back_up_tail on sql-n1" in line for line in lines)
    assert any(
        line.startswith("Data loss: Nothing is lost as long as sql-n1 answers") for line in lines
    )


def test_a_refusal_tells_what_was_seen():
    with pytest.raises(Refused) as caught:
        dr_plan.plan_of(said(document_of(World(1)), mode="disaster"))
    assert caught.value.code == "primary_alive"
    assert caught.value.details["situation"]["name"] == "Healthy"
    assert caught.value.details["lines"][-1].startswith("Refused: mgc is ONLINE on sql-n1")


def agreed(minutes=10, lsn="220", moved=("recover_database",)):
    return {
        "moves": [{"name": name, "host": "sql-s1"} for name in moved],
        "loss": {"minutes": minutes, "lsn": lsn, "sentence": "what was said before"},
    }


def plan_of_loss(minutes, lsn, *moved):
    estate = site_lost(
        store="central", active=(), logs=LOGS, intent=intent("failover", at="2015-06-01T11:58:00Z")
    )
    plan = unfold(estate, options())
    return dataclasses.replace(plan, loss=dataclasses.replace(plan.loss, minutes=minutes, lsn=lsn))


@pytest.mark.parametrize(("minutes", "lsn"), [(10, 220), (3, 220), (0, None), (10, 300)])
def test_what_is_not_worse_than_agreed_goes_on(minutes, lsn):
    dr_plan._as_agreed(plan_of_loss(minutes, lsn), agreed())


@pytest.mark.parametrize(
    ("minutes", "lsn", "promise"),
    [
        (11, 220, agreed()),
        (None, 220, agreed()),
        (10, 219, agreed()),
        (5, 219, agreed(None)),
        (10, 220, agreed(moved=("fence",))),
    ],
)
def test_what_is_worse_than_agreed_stops(minutes, lsn, promise):
    with pytest.raises(Refused) as caught:
        dr_plan._as_agreed(plan_of_loss(minutes, lsn), promise)
    assert caught.value.code == "plan_changed"


def test_an_unknown_loss_that_was_agreed_to_covers_any_minutes():
    dr_plan._as_agreed(plan_of_loss(500, 220), agreed(None))


def test_who_overrides_a_run_is_not_overridden_back():
    world = World(1)
    document = document_of(world)
    document["hosts"]["sql-s1"]["sql"]["intent"] = intent(
        "failback", OTHERS, operator="bob"
    ).as_dict()
    first = dr_plan.plan_of(said(document, override_intent=True))
    assert first["moves"][0]["name"] == "declare_intent"
    with pytest.raises(Refused) as caught:
        dr_plan.plan_of(
            said(
                document,
                override_intent=True,
                agreed={"moves": first["moves"], "loss": first["loss"]},
            )
        )
    assert caught.value.code == "intent_conflict"


def test_an_attempt_keeps_its_id():
    document = document_of(World(1))
    document["hosts"]["sql-s1"]["sql"]["intent"] = intent("failover", OTHERS).as_dict()
    assert dr_plan.plan_of(said(document, id=""))["id"] == OTHERS
    document["hosts"]["sql-s1"]["sql"]["intent"] = None
    assert len(dr_plan.plan_of(said(document, id=""))["id"]) == 32


def test_a_loss_is_counted_from_the_last_usable_log_to_the_fence():
    e = site_lost(
        store="central", active=(), logs=LOGS, intent=intent("failover", at="2015-06-01T11:58:00Z")
    )
    loss = planned(e).loss
    assert (loss.minutes, loss.lsn, loss.last_log_at) == (3, 220, "2015-06-01T11:55:00Z")
    assert planned(with_estate(e, intent=intent("failover", at=NOW))).loss.minutes == 5


def test_files_that_cannot_be_used_are_listed():
    e = site_lost(
        store="central",
        active=(),
        logs=(*LOGS, log(240, 250, at="2015-06-01T11:59:00Z")),
        intent=intent("failover"),
    )
    loss = planned(e, data_loss="accept").loss
    assert [p.rpartition("\\")[2] for p in loss.unusable] == ["mgc_20150601115900.trn"]
    assert "1 later file cannot be used" in loss.sentence


def test_next_move_alone_is_what_the_plan_begins_with():
    for estate, more in STARTS.values():
        o = options(**more)
        assert unfold(estate, o).moves[0] == NEXT[o.target](estate, o)
    assert (
        failover.next_move(with_copies(failed_over(), primary=GONE, mirror=GONE), options()) is None
    )
    assert names(planned(with_copies(failed_over(), primary=GONE, mirror=GONE)).moves) == []
