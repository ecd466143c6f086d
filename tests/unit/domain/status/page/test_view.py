"""What a page says of each sample, in words and in states."""

from __future__ import annotations

import copy
import re

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.status.page import view
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.status.page.reading import (  # noqa: E501
    ORDER,
)
from dev.documents.status_page import document

SAMPLES = ("healthy", "outage", "failed_over", "split")
NOTHING = {"answers": False, "why": "no answer within 15 seconds"}


def tiles(seen):
    return {tile["label"]: (tile["value"], tile["state"]) for tile in view.view(seen)["tiles"]}


def states(value):
    """Every state that stands anywhere in it."""
    if isinstance(value, dict):
        return {v for k, v in value.items() if k == "state" and v != ""} | set().union(
            *(states(v) for v in value.values())
        )
    if isinstance(value, (list, tuple)):
        return set().union(*map(states, value)) if value else set()
    return {value.state} - {""} if hasattr(value, "state") else set()


@pytest.mark.parametrize("name", SAMPLES)
def test_every_state_is_one_of_five(name):
    assert states(view.view(document(name))) <= set(ORDER)


def test_a_healthy_pool_has_nothing_to_look_at():
    shown = view.view(document("healthy"))
    assert shown["findings"] == []
    assert shown["situation"] == {"state": "good", "word": "Healthy"}
    assert {state for _value, state in tiles(document("healthy")).values()} == {"good"}


def test_an_outage_says_the_loss_and_the_way_out():
    seen = document("outage")
    minutes = seen["failover_now"]["loss"]["minutes"]
    assert tiles(seen)["A failover now loses"] == (f"{minutes} min", "warn")
    # the central store is silent: unknown is not none
    assert tiles(seen)["Servers for clients"] == ("unknown", "unknown")
    plan = view.view(seen)["plan"]
    assert [m["number"] for m in plan["moves"]] == list(
        range(1, len(seen["failover_now"]["moves"]) + 1)
    )
    assert plan["moves"][plan["first_one_way"] - 1]["name"] == "Recover database"
    first = view.view(seen)["findings"]
    assert [f["urgency"] for f in first] == ["critical", "critical", "warning"]
    # eight silent hosts are one finding
    assert len(first[2]["more"]) == 8


def test_two_copies_are_said_on_every_level():
    seen = view.view(document("split"))
    assert seen["situation"]["state"] == "bad"
    assert seen["tiles"][0]["value"] == "not possible"
    assert not seen["plan"]["possible"]
    # of the pair that has a session
    assert tiles(document("split"))["Mirroring"] == ("synchronized", "good")
    online = [row for row in seen["databases"][0]["rows"] if row["word"] == "ONLINE twice"]
    assert [row["host"].partition(".")[0] for row in online] == ["sql-n1", "sql-s1"]
    assert all(
        "in service" not in t.text for d in seen["drawings"] for b in d["boxes"] for t in b.texts
    )


def test_the_site_in_service_is_the_one_whose_copy_is_used():
    for name, title in (("healthy", "Primary data centre"), ("failed_over", "Backup data centre")):
        panels = [b for b in view.view(document(name))["drawings"][0]["boxes"] if b.kind == "panel"]
        assert [
            b.texts[0].text for b in panels if any(t.text == "in service" for t in b.texts)
        ] == [title]


def test_when_nobody_answers_nothing_is_called_good():
    seen = copy.deepcopy(document("outage"))
    for host in seen["hosts"].values():
        host.update(NOTHING)
    for server in seen["servers"].values():
        server.update(answers=False, started=None)
    for database in seen["databases"].values():
        for each in database["copies"].values():
            each.update(
                answers=False,
                database_state=None,
                mirroring_role=None,
                mirroring_state=None,
                mirroring_witness=None,
            )
    seen["log_shipping"].update(
        linked=None,
        newest_applied_log=None,
        copied_minutes_ago=None,
        restored_minutes_ago=None,
        share_error="nobody can be asked",
    )
    seen.update(pool_state=None, active=None, at=None)
    shown = view.view(seen)
    assert {row["state"] for site in shown["sites"] for row in site["rows"]} == {"bad"}
    assert "good" not in {b.state for d in shown["drawings"] for b in d["boxes"]}


def test_a_log_that_is_late_is_said():
    seen = copy.deepcopy(document("healthy"))
    # three turns of 15 minutes missed
    seen["log_shipping"]["newest_applied_log"]["age_minutes"] = 46
    assert tiles(seen)["Log shipping"] == ("46 min ago", "warn")


def test_numbers_of_the_drawing_are_on_the_canvas():
    for name in SAMPLES:
        for drawing in view.view(document(name))["drawings"]:
            for box in drawing["boxes"]:
                assert box.x >= 0
                assert box.x + box.w <= drawing["width"]
                assert box.y + box.h <= drawing["height"]
            points = [
                float(n) for link in drawing["links"] for n in re.findall(r"[\d.]+", link.path)
            ]
            assert all(0 <= n <= max(drawing["width"], drawing["height"]) for n in points)


def test_machines_do_not_lie_on_each_other():
    for name in SAMPLES:
        for drawing in view.view(document(name))["drawings"]:
            boxes = [b for b in drawing["boxes"] if b.kind == "machine"]
            for n, a in enumerate(boxes):
                for b in boxes[n + 1 :]:
                    assert (
                        a.x + a.w <= b.x or b.x + b.w <= a.x or a.y + a.h <= b.y or b.y + b.h <= a.y
                    ), (a.texts[0].text, b.texts[0].text)


@pytest.mark.parametrize(
    "without", ["witness", "backup_mirror", "mirror", "witness backup_witness mirror backup_mirror"]
)
def test_smaller_estates_are_drawn_as_well(without):
    seen = copy.deepcopy(document("healthy"))
    for slot in without.split():
        seen["hosts"] = {n: h for n, h in seen["hosts"].items() if f"sql {slot}" not in h["what"]}
        for database in seen["databases"].values():
            database["copies"].pop(slot, None)
    drawn = view.view(seen)["drawings"]
    named = {t.text for d in drawn for b in d["boxes"] for t in b.texts}
    assert {"sql-n1", "sql-s1"} <= named
    assert ("sql-n3" in named) == ("witness" not in without.split())
    assert ("sql-s2" in named) == ("backup_mirror" not in without.split())
