"""What stands on a terminal at night, compared as text."""

from __future__ import annotations

import pytest
from unit.domain.terminal import runs

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.terminal.told import (
    Told,
    texts,
)


@pytest.mark.parametrize("told", runs.RUNS, ids=lambda told: told.__name__)
def test_a_run_reads_as_it_did(told):
    golden = runs.FOLDER / f"{told.__name__}.txt"
    assert told() == golden.read_text(encoding="utf-8")


def test_every_golden_text_is_of_a_run():
    assert {path.stem for path in runs.FOLDER.iterdir()} == {told.__name__ for told in runs.RUNS}


def test_moves_of_two_pools_say_of_which():
    run = runs.Teller()
    for host, pool in (("fe-1", "emea"), ("fe-2", "apac")):
        facts = {"ansible_facts": {"outage_so_far": {"done": []}}}
        run.task("Begin", facts, host=host)
        plan = {"target": "failover", "pool": pool, "moves": runs.MOVES, "lines": []}
        run.task("Decide", plan, host=host, action="dr_plan")
    run.task("Take it", {}, host="fe-2", move=runs.MOVES[0])
    assert run.lines[-1].text == "apac  1 of 3  fence on fe-s1.contoso.example"


def test_what_no_log_hides_is_never_said():
    text = runs.the_same_failure_of_many_hosts()
    assert "hunter2" not in text
    assert "hidden by no_log" in text


def test_a_second_operation_of_a_run_is_closed_before_the_third_begins():
    run = runs.Teller()
    run.begin(runs.MOVES)
    run.move(runs.MOVES[0], 1)
    run.begin(runs.MOVES[1:])
    text = run.text()
    assert "failover of chat.contoso.example: STOPPED after 1 of 3 moves" in text
    assert run.night is not None
    run.keep(run.night.begins(runs.COORDINATOR, runs.Begun("a", "b", "c", runs.MOVES[1])))
    assert run.lines[-1].text.startswith(" 1 of 2  recover_database")


def test_a_variable_that_debug_shows_is_shown_with_its_name():
    run = runs.Teller()
    result = {"selected": {"minutes": 7}, "_ansible_verbose_always": True}
    run.keep(run.night.ends_well(Told("fe-1", "Show", "", result, speaks=True)))
    assert run.text() == 'selected: {\n  "minutes": 7\n}\n'


def test_messages_of_every_shape_become_lines():
    assert texts(["a\nb", ["c"], 4]) == ["a", "b", "c", "4"]
