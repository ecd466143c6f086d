"""Which backups a copy is given: those that it does not have, by restoring them or by having been a
mirror.
"""

from __future__ import annotations

import pytest
from unit.domain.answers import make, names, refusal, texts

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.sqlserver.database_restore import (  # noqa: E501
    DATABASE_RESTORE_SPEC,
    DatabaseRestore,
)


def backup(number, kind, last):
    return {
        "path": f"\\\\fs\\share\\{number}.bak",
        "position": 1,
        "type": kind,
        "first_lsn": str(last - 100),
        "last_lsn": str(last),
        "uuid": f"u{number}",
    }


CHAIN = [backup(1, "full", 1000), backup(2, "log", 1100), backup(3, "log", 1200)]


def plan(**state):
    copy = {
        "database_state": "RESTORING",
        "mirroring_role": None,
        "sessions": 0,
        "is_log_shipping_secondary": False,
        "restored": ["u1"],
        "redo_lsn": "1000",
        "was_recovered": False,
    }
    return make(DatabaseRestore, DATABASE_RESTORE_SPEC, database="mgc", chain=CHAIN).plan(
        {**copy, **state}
    )


def test_a_copy_that_has_the_full_backup_gets_the_logs():
    steps = plan()
    assert names(steps) == ["restore_log", "restore_log"]
    assert "2.bak" in texts(steps[:1])


def test_logs_that_were_restored_are_not_given_again():
    assert names(plan(restored=["u1", "u2"], redo_lsn="1100")) == ["restore_log"]


@pytest.mark.parametrize(("redo", "given"), [("1100", 1), ("1150", 1), ("1200", 0), ("9000", 0)])
def test_a_former_mirror_is_given_only_what_it_was_not_sent(redo, given):
    """It came further without restoring anything; SQL Server refuses what it has (4326)."""
    steps = plan(redo_lsn=redo)
    assert names(steps) == ["restore_log"] * given
    assert "2.bak" not in texts(steps)


def test_a_copy_of_another_full_backup_is_not_judged_by_its_position():
    refused = refusal(lambda: plan(restored=["u0"], redo_lsn="9000"))
    assert refused.code == "would_overwrite"


def test_no_position_skips_nothing():
    assert names(plan(redo_lsn=None)) == ["restore_log", "restore_log"]
