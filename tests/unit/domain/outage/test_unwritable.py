"""How long nobody can write: said beforehand, and measured."""

from __future__ import annotations

import pytest
from unit.domain.outage.estates import (
    AWAY,
    failed_over,
    healthy,
    planned,
    site_lost,
    with_copies,
    with_estate,
)

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.unwritable import (  # noqa: E501
    forecast,
    measured,
)


def said(e, target="failover", **options):
    return forecast(planned(e, target, **options).moves, e)


def did(*moves):
    """Moves that took ten seconds each, one after the other."""
    return [
        {
            "name": name,
            "host": "h",
            "database": "mgc",
            "began": f"2015-06-01T12:00:{10 * number:02}Z",
            "ended": f"2015-06-01T12:00:{10 * number + 10:02}Z",
        }
        for number, name in enumerate(moves)
    ]


# -- beforehand


def test_after_a_lost_site_clients_wait_until_servers_accept_them_and_not_for_the_mirror():
    text = said(site_lost(), move_cms=True)
    assert text.startswith("Nobody can write now, and until move")
    assert "(set_active_servers) is done" in text
    assert "mirror" not in text


def test_in_the_documented_order_they_wait_for_the_mirror_and_it_is_said():
    assert "the seeding of the mirror" in said(site_lost(), move_cms=True, order="documented")


def test_a_planned_switchover_says_from_which_move_on_nobody_can_write():
    text = said(healthy(), mode="planned")
    assert text.startswith("Nobody can write from move 2 (fence) on until move")
    assert "the tail of the log" in text


def test_a_failback_keeps_clients_out_for_the_tail_only_unless_the_documented_order_is_asked_for():
    assert "full backup" not in said(failed_over(), "failback")
    assert "the restore of that tail" in said(failed_over(), "failback")
    assert "a full backup" in said(failed_over(), "failback", order="documented")


def test_a_mirror_failover_says_that_the_change_of_roles_is_the_gap():
    assert "(switch_principal) changes the roles" in said(healthy(), "mirror_failover")


def test_where_service_is_not_touched_clients_can_write_all_the_time():
    e = with_copies(
        failed_over(),
        backup={"role": None, "mirroring": None},
        backup_mirror={"state": None, "role": None, "mirroring": None},
    )
    assert said(e) == "Clients can write all the time."


@pytest.mark.parametrize(
    ("e", "writable"),
    [
        (healthy(), True),
        (failed_over(), True),
        (site_lost(), False),
        (with_estate(healthy(), active=()), False),
        (with_estate(healthy(), active=None), False),
        (with_copies(failed_over(), backup={"closed_by": ("RESTRICTED_USER",)}), False),
        (with_copies(failed_over(), backup={"state": "RESTORING"}), False),
        (with_estate(failed_over(), pool_state="Normal", active=AWAY), False),
    ],
)
def test_clients_can_write_where_servers_accept_them_and_their_copy_is_open(e, writable):
    if e.pool_state == "Normal" and e.backup.online:
        e = with_copies(e, primary={"state": "RESTORING"}, mirror={"state": "RESTORING"})
    assert e.writable is writable


@pytest.mark.parametrize(
    ("measured_before", "told"),
    [
        ({}, "how long that takes is not known beforehand."),
        ({"log_mb": 300}, "The tail has 300 MB at most."),
        (
            {"log_mb": 300, "backup_mb_a_second": 40},
            "The tail has 300 MB at most: to save and to apply it would take about 15 s at the"
            " 40 MB a second of the last full backup.",
        ),
        (
            {"log_mb": 1, "backup_mb_a_second": 40},
            "The tail has 1 MB at most: to save and to apply it would take about 1 s at the"
            " 40 MB a second of the last full backup.",
        ),
        ({"log_mb": 300, "backup_mb_a_second": 0}, "The tail has 300 MB at most."),
    ],
)
def test_a_tail_that_was_measured_is_told_with_a_rate_only_where_a_backup_had_one(
    measured_before, told
):
    leaving = with_copies(healthy(), primary=measured_before)
    assert said(leaving, mode="planned").endswith(told)
    coming_home = with_copies(failed_over(), backup=measured_before)
    assert said(coming_home, "failback").endswith(told)


def test_where_no_tail_is_saved_no_size_of_one_is_told():
    lost = with_copies(site_lost(), backup={"log_mb": 300, "backup_mb_a_second": 40})
    assert "tail" not in said(lost, move_cms=True)


# -- measured


def test_a_switchover_is_measured_from_its_fence_to_the_servers_that_accept():
    found = measured(did("declare_intent", "fence", "back_up_tail", "set_active_servers"), True)
    assert found["seconds"] == 30
    assert found["began"] == "2015-06-01T12:00:10Z"
    assert "from fence to the end of set_active_servers" in found["sentence"]


def test_what_comes_after_service_does_not_count():
    done = did("fence", "set_active_servers", "mirror_backup", "clear_intent")
    assert measured(done, True)["seconds"] == 20


def test_where_nobody_could_write_before_the_first_move_counts_all_of_it():
    found = measured(did("declare_intent", "fence", "set_active_servers"), False)
    assert found["seconds"] == 30
    assert "first move of this run" in found["sentence"]


def test_a_change_of_roles_is_measured_by_itself_and_that_of_another_database_is_none():
    assert measured(did("switch_principal", "check_log_shipping"), True)["seconds"] == 10
    other = [{**move, "database": "mgccomp"} for move in did("switch_principal")]
    assert measured(other, True) is None


def test_a_list_of_servers_that_was_only_corrected_kept_nobody_out():
    assert measured(did("set_active_servers"), True) is None
    assert measured([], False) is None
