"""Options of log shipping that contradict each other, or that no time fits into."""

from __future__ import annotations

import pytest
from unit.domain.answers import make, refusal

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.sqlserver import (  # noqa: E501
    log_shipping_primary,
    log_shipping_secondary,
)

SHARE = r"\\fs\logs"


def primary(**options):
    return make(
        log_shipping_primary.LogShippingPrimary,
        log_shipping_primary.LOG_SHIPPING_PRIMARY_SPEC,
        state="present",
        database="mgc",
        backup_share=SHARE,
        **options,
    )


def secondary(**options):
    return make(
        log_shipping_secondary.LogShippingSecondary,
        log_shipping_secondary.LOG_SHIPPING_SECONDARY_SPEC,
        state="present",
        database="mgc",
        primary_server="SQL-N1",
        primary_database="mgc",
        source_directory=SHARE,
        destination_directory="D:\\copy",
        **options,
    )


@pytest.mark.parametrize("option", ["backup_threshold", "backup_retention", "interval"])
def test_nothing_is_zero_minutes_at_the_primary(option):
    assert refusal(lambda: primary(**{option: 0})).code == "bad_minutes"


def test_logs_may_be_restored_at_once_and_not_later_than_somebody_is_alerted():
    secondary(restore_delay=0)
    secondary(restore_delay=44, restore_threshold=45)
    refused = refusal(lambda: secondary(restore_delay=45, restore_threshold=45))
    assert refused.code == "contradiction"
    assert "14421" in str(refused)


def test_an_entry_whose_job_somebody_deleted_is_made_anew():
    ships = primary()
    current = {
        "database_state": "ONLINE",
        "recovery_model": "FULL",
        "agent_running": True,
        "foreign": [],
        "interval_schedules": [],
        "log_shipping_primary": ships._wanted(),
    }
    assert ships.plan(current) == []
    current["log_shipping_primary"]["backup_job"] = None
    assert [step.name for step in ships.plan(current)] == ["remove_primary", "add_primary"]
    current["database_state"] = "RESTORING"
    assert refusal(lambda: ships.plan(current)).code == "not_online"


@pytest.mark.parametrize("job", ["copy_job", "restore_job"])
def test_so_is_one_of_a_secondary(job):
    follows = secondary()
    current = {
        "database_state": "RESTORING",
        "agent_running": True,
        "schedules": {"copy": [], "restore": []},
        "log_shipping_secondary": follows._wanted(),
    }
    assert follows.plan(current) == []
    current["log_shipping_secondary"][job] = None
    assert [step.name for step in follows.plan(current)] == ["remove_secondary", "add_secondary"]
