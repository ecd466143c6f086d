"""A log that nobody backs up, or that has no room, is told before nobody can write."""

from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.status.logs import (
    log_findings,
)


def found(failed_over=False, **changed):
    copy = {"host": "sql-n1", "database_state": "ONLINE", "log_shipped": True}
    space = {
        "log_reuse_wait": "LOG_BACKUP",
        "size_mb": 900,
        "log_used_mb": 400,
        "log_room_mb": 90000,
        "backup_mb_a_second": None,
    }
    for name, value in changed.items():
        (copy if name in copy else space)[name] = value
    databases = {"mgc": {"copies": {"primary": {**copy, "space": space}}, "principal": "primary"}}
    return list(log_findings(databases, failed_over))


def test_a_log_that_is_shipped_and_has_room_is_no_finding():
    assert found() == []


@pytest.mark.parametrize("failed_over", [False, True])
def test_a_log_that_nobody_backs_up_grows(failed_over):
    finding = found(failed_over, log_shipped=False)[0]
    assert (finding.urgency, finding.code) == ("warning", "log_grows")
    assert "400 MB are kept, 90000 MB are left" in finding.text
    assert ("brought home" in finding.text) is failed_over


def test_a_log_that_waits_for_nothing_is_backed_up_by_somebody():
    assert found(log_shipped=False, log_reuse_wait="NOTHING") == []


@pytest.mark.parametrize("room", [0, 199, 255])
def test_a_log_without_room_is_critical_whatever_it_waits_for(room):
    finding = found(log_reuse_wait="DATABASE_MIRRORING", log_room_mb=room)[0]
    assert (finding.urgency, finding.code) == ("critical", "log_full")
    assert "waits for DATABASE_MIRRORING" in finding.text


def test_half_of_what_it_keeps_is_room_enough_and_unknown_room_is_no_finding():
    assert found(log_used_mb=1000, log_room_mb=500) == []
    assert [finding.code for finding in found(log_used_mb=1000, log_room_mb=499)] == ["log_full"]
    assert found(log_room_mb=None) == []


def test_a_copy_that_is_not_in_use_is_not_judged():
    assert found(database_state="RESTORING", log_shipped=False, log_room_mb=0) == []
