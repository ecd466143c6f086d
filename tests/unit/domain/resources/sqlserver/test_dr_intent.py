"""The record of who goes which way: created only if absent, replaced only when it is the named one,
cleared only by its own attempt.
"""

from __future__ import annotations

import json

import pytest
from unit.domain.answers import ATTEMPT, OTHER_ATTEMPT, POOL, Answers, make, names, refusal, texts

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.calls.tsql import (
    intent as intent_calls,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.sqlserver import (  # noqa: E501
    dr_intent,
)

THEIRS = {
    "target": "failback",
    "id": OTHER_ATTEMPT,
    "operator": "kim",
    "at": "2015-06-01T07:00:00Z",
}
MINE = {"target": "failover", "id": ATTEMPT, "operator": "ops", "at": "2015-06-01T08:00:00Z"}


def declared(there):
    return {"intent": there, "intent_why": None}


def record(**options):
    return make(dr_intent.DrIntent, dr_intent.DR_INTENT_SPEC, **{"pool": POOL, **MINE, **options})


def test_nothing_declared_is_declared():
    steps = record().plan(declared(None))
    assert names(steps) == ["declare_intent"]
    assert steps[0].sets == {"intent": MINE}
    assert "sp_addextendedproperty" in texts(steps)
    assert "NOT EXISTS" in texts(steps)


def test_the_same_attempt_is_nothing_to_do_whatever_its_time():
    assert record(at="2015-06-01T09:00:00Z").plan(declared(MINE)) == []


@pytest.mark.parametrize("replaces", [None, {}, {"id": ATTEMPT}, {"id": OTHER_ATTEMPT.upper()}])
def test_another_attempt_is_not_replaced_unless_it_is_the_named_one(replaces):
    refused = refusal(lambda: record(replaces=replaces).plan(declared(THEIRS)))
    assert (refused.code, refused.details["intent"]) == ("intent_conflict", THEIRS)
    assert "kim declared a failback of chat.contoso.example at 2015-06-01T07:00:00Z" in str(refused)


def test_the_named_one_is_replaced_and_the_batch_tests_the_whole_record():
    steps = record(replaces=THEIRS).plan(declared(THEIRS))
    assert names(steps) == ["declare_intent"]
    assert "sp_updateextendedproperty" in texts(steps)
    assert all(value in texts(steps) for value in (THEIRS["id"], THEIRS["at"], THEIRS["target"]))
    assert "It replaces the failback of kim" in steps[0].why


def test_what_was_to_be_replaced_is_gone_already():
    assert "sp_addextendedproperty" in texts(record(replaces=THEIRS).plan(declared(None)))


def test_clearing():
    steps = record(state="absent").plan(declared(MINE))
    assert (names(steps), steps[0].sets) == (["clear_intent"], {"intent": None})
    assert "sp_dropextendedproperty" in texts(steps)
    assert all(value in texts(steps) for value in (MINE["id"], MINE["at"], MINE["target"]))


@pytest.mark.parametrize("there", [None, THEIRS])
def test_what_is_not_ours_is_not_cleared(there):
    assert record(state="absent").plan(declared(there)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"target": None},
        {"id": None},
        {"id": "tonight"},
        {"id": ATTEMPT.upper()},
        {"id": ATTEMPT + "0"},
        {"id": ATTEMPT + "\n"},
    ],
)
def test_bad_declarations(wrong):
    assert refusal(lambda: record(**wrong)).code == "bad_intent"


def test_clearing_needs_no_target():
    assert record(target=None, state="absent").plan(declared(None)) == []


def test_a_pool_that_is_no_name():
    assert refusal(lambda: record(pool="chat'; DROP")).code == "bad_name"


@pytest.mark.parametrize(("rows", "found"), [([], None), ([{"value": json.dumps(THEIRS)}], THEIRS)])
def test_reading(rows, found):
    assert record().read(Answers([rows])) == declared(found)


def test_one_text_for_one_record():
    shuffled = dict(reversed(list(THEIRS.items()))) | {"more": "ignored"}
    assert intent_calls.intent_text(shuffled) == intent_calls.intent_text(THEIRS)
    assert "\n" not in intent_calls.intent_text({**THEIRS, "operator": "a\nb ü"})


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(dict(reversed(list(THEIRS.items())))),
        json.dumps({**THEIRS, "reason": "test", "phone": 112}, indent=2),
        json.dumps(THEIRS, separators=(",", ":")),
    ],
)
def test_a_record_that_another_hand_wrote_is_the_same_by_its_values(text):
    assert dr_intent.parse(text) == (THEIRS, None)
    found = record().read(Answers([[{"value": text}]]))
    assert names(record(replaces=THEIRS).plan(found)) == ["declare_intent"]


@pytest.mark.parametrize(
    "there",
    [
        {"target": "failback", "id": OTHER_ATTEMPT},
        {**THEIRS, "operator": None, "at": 7},
        {**THEIRS, "operator": "", "at": "now"},
    ],
)
def test_what_may_be_missing_is_empty(there):
    assert dr_intent.parse(json.dumps(there)) == ({**THEIRS, "operator": "", "at": ""}, None)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ops is on it",
        "null",
        "[]",
        "7",
        "[" * 5000,
        json.dumps({"id": ATTEMPT}),
        json.dumps({**THEIRS, "target": "both"}),
        json.dumps({**THEIRS, "id": None}),
        json.dumps({**THEIRS, "id": [ATTEMPT]}),
        None,
    ],
)
def test_what_is_no_record_is_refused_with_the_statement_that_clears_it(text):
    found = record().read(Answers([[{"value": text}]]))
    assert found["intent"] is None
    for state in ("present", "absent"):
        refused = refusal(lambda state=state: record(state=state).plan(found))
        assert refused.code == "intent_unreadable"
        assert (
            "EXEC sys.sp_dropextendedproperty @name = N'pchat_intent chat.contoso.example';"
            in str(refused)
        )
