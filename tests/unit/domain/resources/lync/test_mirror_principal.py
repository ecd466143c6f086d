"""A switch waits for what comes by itself, and for nothing else."""

from __future__ import annotations

import pytest
from unit.domain.answers import make, names, refusal

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.lync.mirror_principal import (  # noqa: E501
    MIRROR_PRINCIPAL_SPEC,
    MirrorPrincipal,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import LATER


def sides(principal, *status):
    return {
        "principal": principal,
        "synchronized": "synchronized" in status,
        "status": sorted(status),
    }


def switch(**options):
    return make(
        MirrorPrincipal,
        MIRROR_PRINCIPAL_SPEC,
        **{"pool": "chat.contoso.example", "database": "mgc", "principal": "mirror", **options},
    )


def test_a_switch_is_over_when_the_partners_are_synchronized_again():
    (step,) = switch().plan(sides("primary", "synchronized"))
    assert step.awaits == ()
    assert step.settles.holds(sides("mirror", "synchronized"))
    assert not step.settles.holds(sides("mirror", "synchronizing"))


def test_who_does_not_wait_goes_on_when_the_new_principal_is_there():
    (step,) = switch(wait=False).plan(sides("primary", "synchronized"))
    assert step.settles.holds(sides("mirror", "synchronizing"))
    assert not step.settles.holds(sides("primary", "synchronized"))
    assert step.sets["synchronized"] == LATER
    assert not step.one_way


def test_partners_that_become_synchronized_by_themselves_are_waited_for_first():
    (step,) = switch().plan(sides("primary", "synchronizing"))
    (synchronized,) = step.awaits
    assert synchronized.holds(sides("primary", "synchronized"))
    assert not synchronized.holds(sides("primary", "synchronizing"))


@pytest.mark.parametrize("status", [("suspended",), ("disconnected",), ()])
def test_others_are_refused(status):
    refused = refusal(lambda: switch().plan(sides("primary", *status)))
    assert refused.code == "not_synchronized"


def test_a_forced_switch_waits_for_nothing():
    (step,) = switch(force=True).plan(sides("primary", "synchronizing"))
    assert (names([step]), step.one_way, step.awaits) == (["switch_principal"], True, ())
