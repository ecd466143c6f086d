"""A witness joins a session that is SYNCHRONIZED, or that comes to be so by itself."""

from __future__ import annotations

import pytest
from unit.domain.answers import make, names, refusal

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.sqlserver.mirroring import (  # noqa: E501
    MIRRORING_SPEC,
    Mirroring,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import LATER

PARTNER, WITNESS = "TCP://sql-n2.contoso.example:5022", "TCP://sql-n3.contoso.example:5022"


def session(state):
    return {
        "database_state": "ONLINE",
        "recovery_model": "FULL",
        "mirroring_role": "PRINCIPAL",
        "mirroring_state": state,
        "mirroring_partner": PARTNER,
        "mirroring_safety": "FULL",
        "mirroring_witness": None,
        "mirroring_witness_state": "UNKNOWN",
        "mirroring_timeout": 10,
    }


def mirroring(**options):
    return make(
        Mirroring,
        MIRRORING_SPEC,
        database="mgc",
        partner=PARTNER,
        witness=WITNESS,
        state="present",
        **options,
    )


def alone():
    """A copy without a session."""
    gone = dict.fromkeys((key for key in session("") if key.startswith("mirroring_")), None)
    return {**session(""), **gone}


@pytest.mark.parametrize("state", ["DISCONNECTED", "SYNCHRONIZING"])
def test_a_session_that_comes_back_by_itself_is_waited_for(state):
    steps = mirroring().plan(session(state))
    # the one step that a SYNCHRONIZED session takes as well
    assert names(steps) == ["set_witness"]
    assert f"The session is {state}; it is set as soon as" in steps[0].why
    connected, synchronized = steps[0].awaits
    assert connected.holds(session("SYNCHRONIZING"))
    assert not connected.holds(session("DISCONNECTED"))
    assert not synchronized.holds(session("SYNCHRONIZING"))
    assert synchronized.fails(session("SUSPENDED")) == "the session is SUSPENDED"


def test_a_synchronized_session_is_not():
    assert mirroring().plan(session("SYNCHRONIZED"))[0].awaits == ()


def test_a_suspended_session_gets_no_witness():
    refused = refusal(lambda: mirroring().plan(session("SUSPENDED")))
    assert refused.code == "not_synchronized"
    assert "it is SUSPENDED. Repair the session first." in str(refused)


def test_a_session_can_be_begun_without_a_wait_and_its_witness_is_then_another_task_s():
    (begun,) = mirroring(wait=False).plan(alone())
    assert (begun.name, begun.settles) == ("set_partner", None)
    assert begun.sets["mirroring_state"] == LATER
    later = mirroring().plan({**alone(), **begun.sets})
    assert names(later) == ["set_witness"]
    assert len(later[0].awaits) == 2
    assert later[0].sets["mirroring_state"] == "SYNCHRONIZED"


def test_who_does_not_wait_leaves_a_session_as_it_is():
    for state in ("SYNCHRONIZED", "SYNCHRONIZING", "SUSPENDED"):
        assert mirroring(wait=False).plan(session(state)) == []


@pytest.mark.parametrize("role", ["PRINCIPAL", "MIRROR"])
@pytest.mark.parametrize("expected", [None, "principal", "mirror"])
def test_a_session_is_removed_only_from_the_side_that_was_seen(role, expected):
    there = {**session("SYNCHRONIZED"), "mirroring_role": role}
    options = {"database": "mgc", "state": "absent", "expect_role": expected}
    asked = make(Mirroring, MIRRORING_SPEC, **options)
    if expected in (None, role.lower()):
        assert names(asked.plan(there)) == ["remove_session"]
    else:
        assert refusal(lambda: asked.plan(there)).code == "world_moved"
    assert asked.plan(alone()) == []
