"""What a build is told of copies for which it would stop: only of those that hold nothing of their
own; of any other one a person decides.
"""

from __future__ import annotations

import pytest
from unit.domain.outage.estates import healthy, log, with_copies, with_estate
from unit.domain.outage.situations import ALONE

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.copies import Copy
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.forks import Left
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.status import building
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.status.advice import (
    advice,
)

REPLACE = {"mirror_replace_existing": True}
RESUME = {"mirror_resume": True}


def left_over(**mirror):
    return with_copies(healthy(), primary=ALONE, mirror={**ALONE, **mirror})


def suspended(**mirror):
    session = {"mirroring": "SUSPENDED"}
    return with_copies(healthy(), primary=session, mirror={**session, **mirror})


def unshipped():
    never = {"ships": False, "ships_enabled": False}
    return with_copies(healthy(), primary=never, mirror=never, backup={"family": "X"})


def moved_on(e, at):
    """The primary's history left the mirror's fork there: it was restored, and put to work."""
    return with_estate(
        with_copies(e, primary={"fork": "F1"}), put_to_work="F1", put_to_work_left=Left("F0", at)
    )


def test_nothing_stands_against_a_build_of_a_healthy_estate():
    assert building.variables(healthy()) == {}
    assert building.refusal(healthy()) is None


@pytest.mark.parametrize(
    ("estate", "told"),
    [
        (left_over(), REPLACE),
        (moved_on(left_over(), at=210), REPLACE),
        (suspended(), RESUME),
    ],
    ids=["left over", "left over, of the history before", "suspended"],
)
def test_a_copy_all_of_which_the_principal_has_may_go(estate, told):
    assert building.variables(estate) == told
    assert building.refusal(estate) is None


@pytest.mark.parametrize(
    ("estate", "words"),
    [
        (moved_on(left_over(), at=209), "Keep its files"),
        (left_over(fork="F9"), "Keep its files"),
        (left_over(fork=None), "Keep its files"),
        (left_over(family="X"), "Keep its files"),
        (left_over(family=None), "Keep its files"),
        (moved_on(suspended(), at=210), "given up when it is resumed"),
        (suspended(fork=None), "given up when it is resumed"),
        (left_over(state="ONLINE"), "online on sql-n1 and on sql-n2"),
        (unshipped(), "comes from another database"),
    ],
    ids=[
        "it goes on behind the fork",
        "on an unknown fork",
        "without a fork",
        "of another database",
        "of nobody knows which",
        "suspended behind a forced service",
        "suspended, without a fork",
        "two are online",
        "the secondary is of another database",
    ],
)
def test_of_a_copy_that_may_hold_more_a_person_decides(estate, words):
    assert words in str(building.refusal(estate))


def test_a_mirror_that_goes_on_from_the_principals_history_is_not_overwritten():
    newer = with_estate(left_over(fork="F1"), put_to_work="F1", put_to_work_left=Left("F0", 100))
    assert "Keep its files" in str(building.refusal(newer))


def test_a_mirror_that_left_the_same_history_earlier_and_went_on_is_not_overwritten():
    """Its own log lies before the point where the primary's left, and is in no history of that."""
    apart = moved_on(left_over(fork="F9", redo_lsn=205), at=210)
    spanning = log(100, 150, first_fork="F0", last_fork="F9", fork_point=120)
    assert "Keep its files" in str(building.refusal(with_estate(apart, logs=(spanning,))))


def test_the_same_holds_of_the_compliance_database():
    def copy(slot, host, **facts):
        return Copy(slot, host, answers=True, fork="C", family="C", **facts)

    pair = {
        "primary": copy("primary", "sql-n1", state="ONLINE"),
        "mirror": copy("mirror", "sql-n2", state="RESTORING"),
    }
    assert building.variables(healthy(compliance=pair)) == REPLACE
    switched = {
        "primary": copy("primary", "sql-n1", state="RESTORING"),
        "mirror": copy("mirror", "sql-n2", state="ONLINE"),
    }
    told = building.refusal(healthy(compliance=switched))
    assert "mgccomp is in use on sql-n2, alone" in str(told)


def test_a_secondary_that_holds_what_the_primary_lacks_is_not_seeded_again():
    """The primary was restored from an older backup: its history left that of the others there."""
    followed = moved_on(healthy(), at=200)
    assert building.refusal(followed) is None
    rolled_back = moved_on(healthy(), at=199)
    told = str(building.refusal(rolled_back))
    assert "left it at LSN 199" in told
    assert "by hand" in told


def test_what_somebody_restored_on_the_backup_is_for_a_person():
    """Installed and never restored it holds nothing, and is replaced."""
    foreign = {"state": "ONLINE", "redo_lsn": None, "family": "X", "linked": False}
    restored = with_copies(healthy(), backup=foreign)
    assert "drop it by hand" in str(building.refusal(restored))
    assert building.refusal(with_copies(restored, backup={"restored_at": None})) is None


def test_what_waits_beside_a_database_that_is_shipped_is_not_the_pools():
    assert building.refusal(with_copies(healthy(), backup={"family": "X"})) is None


def test_a_pool_that_is_failed_over_without_a_copy_is_for_a_person():
    vanished = with_copies(healthy(pool_state="FailedOver"), backup={"state": None})
    assert "set it to Normal by hand" in str(building.refusal(vanished))


@pytest.mark.parametrize("slot", ["primary", "mirror"])
def test_a_log_that_somebody_else_backed_up_is_accepted_once_nobody_does_it_any_more(slot):
    taken = {"foreign_backups": ("C:\\Backup\\other.trn",)}
    accepts = {"log_shipping_primary_accept_foreign_log_backups": True}
    assert building.variables(with_copies(healthy(), **{slot: taken})) == accepts
    jobs = {**taken, "foreign_jobs": ("Nightly logs",)}
    going_on = with_copies(healthy(), **{slot: jobs})
    assert building.variables(going_on) == {}
    assert "sql-n" in building.refusal(going_on)
    assert "Nightly logs" in building.refusal(going_on)
    by_compliance = with_estate(healthy(), compliance={slot: Copy(slot, "sql-n1", **taken)})
    assert building.variables(by_compliance) == accepts


@pytest.mark.parametrize("setting", ["RESTRICTED_USER", "READ_ONLY", "AUTO_CLOSE"])
def test_a_build_does_not_open_what_somebody_closed(setting):
    closed = with_copies(healthy(), primary={"closed_by": (setting,)})
    assert f"mgc on sql-n1 is {setting}" in str(building.refusal(closed))
    compliance = Copy("primary", "sql-n1", answers=True, state="ONLINE", closed_by=(setting,))
    closed = with_estate(healthy(), compliance={"primary": compliance})
    assert f"mgccomp on sql-n1 is {setting}" in str(building.refusal(closed))


def test_status_shows_it_with_the_command():
    (way,) = advice(left_over(), "MirrorLost", (), ())
    assert way.as_dict()["command"] == "site.yml -e mirror_replace_existing=true"
