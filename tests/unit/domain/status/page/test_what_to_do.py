"""The page says what to do first, in words, and never paints as healthy what is none."""

from __future__ import annotations

import copy
import datetime as dt
import re

import pytest

from ansible_collections.lync.persistent_chat.plugins.filter.status_view import status_view
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.status.page import (
    charts,
    view,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.status.page.made import (
    Limits,
    Made,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.status.page.plain_words import (  # noqa: E501
    meaning,
)
from dev.documents.status_page import SUMMER, document, page, sample_history

FAILOVER = (
    "ansible-playbook -i hosts.yml lync.persistent_chat.failover -e failover_cms=true"
    " -e failover_cms_sql_server=sql-s1.contoso.example"
)
OLD = ("sql-n1.contoso.example", "sql-n2.contoso.example")


def local(at):
    return at.astimezone(SUMMER)


def test_the_command_to_paste_stands_before_everything_else():
    text = page(document("outage"))
    now = text.index("What to do now")
    assert now < text.index('class="tiles"') < text.index('id="findings"')
    commands = re.findall(r"<pre><code>(.*?)</code></pre>", text)
    assert commands == [f"{FAILOVER} --check", FAILOVER]


def test_words_stand_before_the_name_of_the_situation():
    seen = document("outage")
    banner = page(seen).partition('class="banner')[2]
    assert banner.index(seen["situation"]["text"]) < banner.index(seen["situation"]["name"])
    assert seen["situation"]["text"] in page(seen).partition("<title>")[2].partition("</title>")[0]


def test_findings_say_the_situation_in_words_as_well():
    seen = document("outage")
    texts = [finding["text"] for finding in view.view(seen)["findings"]]
    assert texts[0] == seen["situation"]["text"]


def test_logs_that_nobody_can_be_asked_for_are_not_green():
    shown = {tile["label"]: tile for tile in view.view(document("outage"))["tiles"]}
    assert shown["Log shipping"]["state"] == "warn"
    assert "nobody knows whether another log will come" in shown["Log shipping"]["note"]


def test_what_would_refuse_says_so_beside_its_command():
    seen = document("outage")
    seen["advice"][0]["refused"] = "The logs have a gap."
    (step,) = view.view(seen)["steps"]
    assert step["refused"] == "The logs have a gap."
    assert "It would refuse as things are:</b> The logs have a gap." in page(seen)


@pytest.mark.parametrize(
    ("name", "text", "command"),
    [("healthy", "Nothing has to be done.", ""), ("split", "No playbook leads out", "status")],
)
def test_where_no_playbook_leads_on_it_says_that(name, text, command):
    (step,) = view.view(document(name))["steps"]
    assert step["text"].startswith(text)
    assert step["command"].endswith(command)
    assert bool(step["command"]) == bool(command)


def test_a_command_keeps_what_a_shell_would_take_apart():
    made = Made(inventory=("my hosts; rm -rf x", "b.yml"))
    assert made.command("site", {"a": "it's", "b": True}) == (
        "ansible-playbook -i 'my hosts; rm -rf x' -i b.yml lync.persistent_chat.site"
        """ -e 'a=it'"'"'s' -e b=true"""
    )


@pytest.mark.parametrize(
    ("minutes", "state"), [(0, "warn"), (1, "warn"), (31, "warn"), (61, "bad"), (None, "warn")]
)
def test_what_an_outage_loses_is_never_green(minutes, state):
    seen = document("outage")
    seen["failover_now"]["loss"]["minutes"] = minutes
    assert view.view(seen)["tiles"][0]["state"] == state


@pytest.mark.parametrize(("minutes", "state"), [(0, "good"), (5, "good"), (6, "warn"), (9, "bad")])
def test_a_loss_is_judged_by_the_limits_that_were_given(minutes, state):
    seen = document("healthy")
    seen["failover_now"]["loss"]["minutes"] = minutes
    assert view.view(seen, limits=Limits(5, 8))["tiles"][0]["state"] == state


def failed_over_with_the_old_pair_back():
    """The old pair answers again, mirrored as it was left."""
    seen = copy.deepcopy(document("failed_over"))
    before = document("healthy")
    for name, host in seen["hosts"].items():
        if host["site"] == "primary":
            host.update(answers=True, why=None)
            if name in before["servers"]:
                seen["servers"][name].update(answers=True, started=True, active=False)
    for name, database in seen["databases"].items():
        for slot in ("primary", "mirror"):
            database["copies"][slot] = before["databases"][name]["copies"][slot]
    return seen


@pytest.mark.parametrize("pool_state", ["FailedOver", None])
def test_the_old_pair_is_never_painted_as_healthy_after_a_failover(pool_state):
    seen = failed_over_with_the_old_pair_back()
    seen["pool_state"] = pool_state
    shown = view.view(seen)
    rows = [
        (row["host"], row["state"])
        for database in shown["databases"]
        for row in database["rows"]
        if row["host"] in OLD
    ]
    assert len(rows) == 4
    assert [row for row in rows if row[1] == "good"] == []
    for drawing in shown["drawings"]:
        boxes = {box.full.partition(" ")[0]: box for box in drawing["boxes"]}
        assert {boxes[name].state for name in OLD} <= {"warn", "idle"}
        mirroring = [link for link in drawing["links"] if link.full.startswith("mirroring")]
        assert mirroring[0].state == "idle"


@pytest.mark.parametrize(
    ("at", "told"),
    [
        ("2015-06-01T08:05:09Z", "2015-06-01 08:05:09 UTC (10:05 CEST)"),
        ("2015-06-01T23:05:09Z", "2015-06-01 23:05:09 UTC (2015-06-02 01:05 CEST)"),
        ("since 2015-06-01T08:05Z.", "since 2015-06-01 08:05 UTC (10:05 CEST)."),
        ("2015-99-01T08:05Z", "2015-99-01 08:05 UTC"),
    ],
)
def test_a_time_is_told_in_utc_and_as_the_clocks_there_show_it(at, told):
    assert Made(local=local).timed({"a": [at]}) == {"a": [told]}


def test_where_the_clocks_show_utc_it_is_told_once():
    made = Made(local=lambda at: at.astimezone(dt.timezone.utc))  # noqa: UP017
    assert made.timed("2015-06-01T08:05Z") == "2015-06-01 08:05 UTC"
    assert "CEST" in page(document("outage"))


def test_charts_show_where_it_becomes_late_or_much():
    runs = [
        {
            "at": f"2015-06-01T10:{m}0:00Z",
            "pool": "",
            "situation": "Healthy",
            **dict.fromkeys(charts.TITLES, 7),
        }
        for m in (1, 2)
    ]
    drawn = {chart["key"]: chart for chart in charts.charts(runs, Limits(30, 60), 15)}
    assert [limit["text"] for limit in drawn["copy_minutes"]["limits"]] == ["45: late"]
    much = drawn["loss_minutes"]["limits"]
    assert [(limit["text"], limit["state"]) for limit in much] == [
        ("30: much", "warn"),
        ("60: too much", "bad"),
    ]
    for chart in drawn.values():
        for limit in chart["limits"]:
            assert charts.TOP <= limit["y"] <= charts.BOTTOM
            assert 13 <= limit["y_of_text"] <= charts.BOTTOM
    assert "0 above 45 minutes, which is late." in drawn["copy_minutes"]["words"]
    without = charts.charts(runs, Limits(), None)
    assert without[0]["limits"] == []
    assert 'class="limit s-bad"' in page(document("healthy"), sample_history(document("healthy")))


@pytest.mark.parametrize(
    ("why", "begins"),
    [
        ("Nobody answers on http://x:5985/wsman within 4 s: it does not answer in time", "No ans"),
        ("Could not read: its name does not resolve here, so", "Its name"),
        ("Could not read: it answers with HTTP status 401. Check", "It answers, and refuses"),
        ("Could not read: it answers with HTTP status 500.", "It answers with an error"),
        ("x the certificate is not trusted or TLS fails", "It answers, but its certificate"),
        ("ConnectionError: [Errno 111] Connection refused", "The machine is there"),
        ("ConnectionError: ('Connection aborted.', x)", "The connection broke"),
        ("the proxy does not let it through", "A proxy"),
        ("it answers, but not like WinRM (x)", "Something else"),
        ("nobody has ever seen this", ""),
        (None, ""),
    ],
)
def test_why_a_host_cannot_be_asked_is_told_in_plain_words(why, begins):
    assert meaning(why).startswith(begins)
    assert bool(meaning(why)) == bool(begins)


def test_the_words_of_the_host_stand_behind_the_plain_ones():
    text = page(document("outage")).partition('id="hosts"')[2]
    plain = text.index("The connection broke")
    assert plain < text.index("Connection aborted")


def test_a_page_says_which_controller_inventory_and_version_wrote_it():
    text = page(document("healthy"))
    by = "by lync.persistent_chat 1.0.0 on controller-s1, from hosts.yml"
    assert text.count(by) == 2
    told = status_view(document("healthy"), inventory=["/srv/hosts.yml"])["made_by"]
    assert re.fullmatch(
        r"lync\.persistent_chat \d+\.\d+\.\d+\S* on \S+, from /srv/hosts\.yml", told
    )
