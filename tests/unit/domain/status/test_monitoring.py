"""What monitoring reads: metrics that Prometheus' own parser takes, and a line that a plugin of
Nagios ends with. Unknown is neither good nor 0.
"""

from __future__ import annotations

import math
import os
import pathlib
import re
import subprocess

import pytest
from prometheus_client.parser import text_string_to_metric_families

from ansible_collections.lync.persistent_chat.plugins.filter.status_check import status_check
from ansible_collections.lync.persistent_chat.plugins.filter.status_metrics import status_metrics
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.situation import (
    TABLE,
)
from dev.documents.status_page import document

SAMPLES = ("healthy", "outage", "failed_over", "split")
PLUGIN = pathlib.Path(__file__).parents[4] / "examples" / "monitoring" / "check_pchat.sh"
RULES = PLUGIN.parent / "prometheus_rules.yml"
LINE = re.compile(r"(OK|WARNING|CRITICAL|UNKNOWN) - ([^|\n]+?)(?: \| (.+))?")
FIGURE = re.compile(r"'(\w+)'=(U|\d+)(s?);(\d*);(\d*);0")


def samples_of(text):
    """Metric name -> its samples, as Prometheus reads them."""
    return {family.name: family.samples for family in text_string_to_metric_families(text)}


def value_of(text, name, **labels):
    (sample,) = [
        sample for sample in samples_of(text)[name] if labels.items() <= sample.labels.items()
    ]
    return sample.value


def figures_of(line):
    told = LINE.fullmatch(line)[3]
    found = {match[1]: match.groups()[1:] for match in FIGURE.finditer(told)}
    assert len(found) == len(told.split(" ")), told
    return found


def changed(name, **changes):
    seen = document(name)
    minutes = changes.pop("minutes", seen["failover_now"]["loss"]["minutes"])
    seen["failover_now"]["loss"]["minutes"] = minutes
    return {**seen, **changes}


@pytest.mark.parametrize("name", SAMPLES)
def test_prometheus_reads_all_of_it(name):
    seen = document(name)
    text = status_metrics(seen, written_at=1433160000.7)
    found = samples_of(text)
    assert text.endswith("\n")
    assert len(found) == text.count("# TYPE ") == text.count("# HELP ")
    assert all(samples for samples in found.values() if samples is not found["pchat_finding"])
    keys = [(s.name, *sorted(s.labels.items())) for each in found.values() for s in each]
    assert len(keys) == len(set(keys)), "a series stands there once"
    assert value_of(text, "pchat_situation", situation=seen["situation"]["name"]) == 1
    assert sum(s.value for s in found["pchat_situation"]) == 1
    assert {s.labels["situation"] for s in found["pchat_situation"]} == {row.name for row in TABLE}
    assert value_of(text, "pchat_written_timestamp_seconds") == 1433160000
    assert len(found["pchat_host_answers"]) == len(seen["hosts"])


def test_what_nobody_knows_is_not_a_number_and_what_is_known_is_in_seconds():
    assert math.isnan(value_of(status_metrics(changed("healthy", minutes=None)), LOSS))
    assert value_of(status_metrics(changed("healthy", minutes=7)), LOSS) == 420
    assert value_of(status_metrics(changed("healthy", minutes=0)), LOSS) == 0


LOSS = "pchat_failover_loss_seconds"


def test_odd_names_come_back_as_they_were():
    odd = 'a"b\\c\nd|e'
    seen = document("healthy")
    seen["hosts"][odd] = next(iter(seen["hosts"].values()))
    text = status_metrics(seen)
    assert odd in {sample.labels["host"] for sample in samples_of(text)["pchat_host_answers"]}


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"findings": [], "minutes": 5}, "OK"),
        ({"findings": [], "minutes": None}, "OK"),
        ({"findings": [], "minutes": 30}, "WARNING"),
        ({"findings": [], "minutes": 60}, "CRITICAL"),
        ({"findings": [{"urgency": "note", "code": "x", "text": "x"}], "minutes": 5}, "OK"),
        ({"findings": [{"urgency": "warning", "code": "x", "text": "x"}]}, "WARNING"),
        ({"findings": [{"urgency": "critical", "code": "x", "text": "x"}]}, "CRITICAL"),
    ],
)
def test_the_state_is_that_of_the_worst(changes, state):
    seen = changed("healthy", **changes)
    assert LINE.fullmatch(status_check(seen))[1] == state
    number = ["OK", "WARNING", "CRITICAL", "UNKNOWN"].index(state)
    assert value_of(status_metrics(seen), "pchat_check_state") == number


def test_when_nothing_can_be_concluded_it_is_unknown_unless_something_else_is_known_to_be_bad():
    nothing = {"urgency": "critical", "code": "situation", "text": "Unknown: nothing is known."}
    stopped = {"urgency": "critical", "code": "service_stopped", "text": "It does not run."}
    unknown = {"situation": {"name": "Unknown", "text": "nothing is known."}, "minutes": None}
    assert status_check(changed("healthy", **unknown, findings=[nothing])).startswith("UNKNOWN - ")
    both = changed("healthy", **unknown, findings=[nothing, stopped])
    assert status_check(both).startswith("CRITICAL - ")


def test_when_nobody_could_look_it_is_unknown_and_says_why():
    line = status_check({}, pool="chat.contoso.example", why="no |\nroute")
    assert line == "UNKNOWN - chat.contoso.example: nobody could look: no / route"
    text = status_metrics({}, pool="chat.contoso.example", written_at=5)
    assert value_of(text, "pchat_check_state") == 3
    assert set(samples_of(text)) == {"pchat_check_state", "pchat_written_timestamp_seconds"}


@pytest.mark.parametrize("name", SAMPLES)
def test_the_line_is_one_with_figures_that_a_plugin_may_print(name):
    seen = document(name)
    line = status_check(seen, loss_warning=10, loss_critical=20)
    found = figures_of(line)
    assert found["loss"][2:] == ("600", "1200")
    minutes = seen["failover_now"]["loss"]["minutes"]
    assert found["loss"][0] == ("U" if minutes is None else str(minutes * 60))
    assert found["unreachable"][0] == str(len(seen["unreachable"]))


def test_words_of_others_cannot_begin_the_figures_or_a_line():
    found = [{"urgency": "critical", "code": "x", "text": "job 'a|b'\nOK - \x1b[2J fine"}]
    line = status_check(changed("healthy", findings=found))
    assert figures_of(line)["critical"][0] == "1"
    assert "a/b' OK - \\x1b[2J fine" in line


@pytest.mark.parametrize(("state", "code"), [("OK", 0), ("WARNING", 1), ("CRITICAL", 2)])
def test_the_plugin_prints_the_line_and_ends_with_its_state(tmp_path, state, code):
    file = tmp_path / "pchat.check"
    file.write_text(f"{state} - chat: x | 'loss'=U;;;0\n", encoding="utf-8")
    done = plugin(file)
    assert (done.returncode, done.stdout) == (code, file.read_text(encoding="utf-8"))


def test_the_plugin_says_unknown_of_a_file_that_is_old_or_missing_or_says_nothing(tmp_path):
    file = tmp_path / "pchat.check"
    assert (plugin(file).returncode, plugin(file).stdout[:7]) == (3, "UNKNOWN")
    file.write_text("OK - chat: x | 'loss'=U;;;0\n", encoding="utf-8")
    os.utime(file, (1_000_000, 1_000_000))
    done = plugin(file)
    assert done.returncode == 3
    assert "is older than 30 minutes; it said: OK - chat: x" in done.stdout
    file.write_text("", encoding="utf-8")
    assert plugin(file).returncode == 3


def plugin(file):
    return subprocess.run(
        ["sh", str(PLUGIN), str(file), "30"],
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_the_rules_ask_for_metrics_that_there_are():
    text = RULES.read_text(encoding="utf-8")
    named = set(re.findall(r"\bpchat_\w+", text))
    assert named
    assert named <= set(samples_of(status_metrics(document("healthy"))))
