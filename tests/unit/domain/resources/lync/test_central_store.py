"""The central management store is moved only when it does not answer."""

from __future__ import annotations

import pytest
from unit.domain.answers import POOL, Answers, make, refusal, texts

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.lync import (
    central_store,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import (
    CmdletFailed,
    Unreachable,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import (
    LATER,
    READABLE,
)

LOST = {"answers": False, "master": None}


def store(**options):
    return make(
        central_store.CentralStore,
        central_store.CENTRAL_STORE_SPEC,
        **{"sql_server": "sql-fe-s1.contoso.example", **options},
    )


def test_a_store_that_answers_is_left_where_it_is():
    assert store().plan({"answers": True, "master": "fe-n1.contoso.example"}) == []


def test_a_lost_store_is_moved():
    (step,) = store(instance="rtc", timeout=50).plan(LOST)
    assert step.name == "fail_over_store"
    text = texts([step])
    assert "Invoke-CsManagementServerFailover" in text
    assert "sql-fe-s1.contoso.example" in text
    assert "rtc" in text
    assert step.settles.timeout == 50
    assert step.settles.holds({"answers": True, "master": "x"})
    assert not step.settles.holds(LOST)
    assert step.also == {}


def test_the_default_instance_is_not_named():
    assert "BackupSqlInstanceName" not in texts(store().plan(LOST))


def test_a_check_run_may_plan_on_the_pool_afterwards():
    (step,) = store(
        pool=POOL.upper(),
        identity="PersistentChatServer:chat",
        members=["B.x", "a.x"],
        pool_state="FailedOver",
    ).plan(LOST)
    pool = step.also[f"pool/{POOL}"]
    assert pool[READABLE] is True
    assert (pool["identity"], pool["pool_state"], pool["members"], pool["active"]) == (
        "PersistentChatServer:chat",
        "FailedOver",
        ["a.x", "b.x"],
        [LATER],
    )
    assert step.also[f"pool/{POOL} replication"][READABLE] is True


def test_what_a_check_run_cannot_know():
    pool = store(pool=POOL).plan(LOST)[0].also[f"pool/{POOL}"]
    assert (pool["identity"], pool["pool_state"]) == (LATER, "Normal")


def test_a_server_is_needed():
    assert refusal(lambda: store(sql_server="")).code == "bad_name"


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (
            [[{"ActiveMasterFqdn": "FE-N1.contoso.example"}]],
            {"answers": True, "master": "fe-n1.contoso.example"},
        ),
        ([[]], {"answers": True, "master": None}),
        (CmdletFailed("the store does not answer"), LOST),
    ],
)
def test_reading(answer, state):
    assert store().read(Answers(answer)) == state


def test_a_host_that_does_not_answer_says_nothing_of_the_store():
    with pytest.raises(Unreachable):
        store().read(Answers(Unreachable("it does not answer in time")))
