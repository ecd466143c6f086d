"""The runs that are kept, and the charts that are drawn from them."""

from __future__ import annotations

import json

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.status.page import (
    charts,
    history,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.status.page.made import (
    Limits,
)
from dev.documents.status_page import document

POOL = "chat.contoso.example"


def run(minute, **facts):
    return {
        "at": f"2015-06-01T10:{minute:02}:00Z",
        "pool": POOL,
        "situation": "Healthy",
        "backup_minutes": 5,
        "copy_minutes": 6,
        "restore_minutes": 7,
        "loss_minutes": 8,
        **facts,
    }


def test_a_run_is_one_line_and_the_oldest_go():
    text = ""
    for _turn in range(5):
        text = history.appended(text, document("healthy"), "", keep=3)
    assert len(text.splitlines()) == 3
    assert json.loads(text.splitlines()[0])["situation"] == "Healthy"


def test_lines_that_are_none_are_dropped_and_other_pools_as_well():
    text = "\n".join(
        [
            "{",
            "[]",
            json.dumps(run(1, pool="other.contoso.example")),
            json.dumps(run(2, copy_minutes=-1)),
            json.dumps(run(3)),
        ]
    )
    assert [r["at"] for r in history.entries(text, POOL)] == ["2015-06-01T10:03:00Z"]


def test_unknown_stays_unknown():
    seen = document("outage")
    seen["log_shipping"].update(copied_minutes_ago=None)
    seen["at"] = None
    line = json.loads(history.appended("", seen, "2015-06-01T10:00:00Z", 10))
    assert line["copy_minutes"] is None
    assert line["at"] == "2015-06-01T10:00:00Z"


def test_a_gap_is_not_bridged():
    runs = [run(0), run(10), run(20, copy_minutes=None), run(30), run(40)]
    chart = next(c for c in charts.charts(runs, Limits(), 15) if c["key"] == "copy_minutes")
    assert len(chart["lines"]) == 2
    assert (
        next(c for c in charts.charts(runs, Limits(), 15) if c["key"] == "backup_minutes")["lines"][
            0
        ].count(",")
        == 5
    )


def test_trouble_is_marked_where_it_was():
    runs = [run(0), run(10, situation="PrimaryLost"), run(20, situation="FailedOver"), run(30)]
    (band,) = charts.charts(runs, Limits(), 15)[0]["bands"]
    assert charts.LEFT < band["x"] < band["x"] + band["w"] < charts.RIGHT


def test_the_axis_holds_the_highest_value():
    assert [charts.nice(n) for n in (0, 10, 11, 61, 50000)] == [10, 10, 20, 120, 50000]
    assert "between 7 and 7 minutes" in charts.charts([run(0), run(5)], Limits(), 15)[2]["words"]
    assert charts.charts([], Limits(), 15) == []
