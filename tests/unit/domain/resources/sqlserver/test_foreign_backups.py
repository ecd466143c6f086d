"""Which log backups are ours: those in the folder of log shipping, and those that log shipping
wrote where its folder was before.
"""

from __future__ import annotations

import pytest
from unit.domain.answers import make

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.sqlserver import (  # noqa: E501
    log_shipping_primary,
)

NEW, OLD = r"\\fs-s2.contoso.example\logs", r"\\fs-s1.contoso.example\pchat-logs"
PRIMARY = {"backup_directory": NEW}


def backup(path, started_at="2015-06-01T08:00:03Z", age=30):
    return {
        "name": "mgc",
        "type": "L",
        "copy_only": False,
        "path": path,
        "started_at": started_at,
        "age_minutes": age,
    }


def foreign(*backups):
    resource = make(
        log_shipping_primary.LogShippingPrimary,
        log_shipping_primary.LOG_SHIPPING_PRIMARY_SPEC,
        database="mgc",
        backup_share=NEW,
    )
    shipped = backup(f"{NEW}\\mgc_20150601070000.trn", "2015-06-01T07:00:00Z", 90)
    return resource._foreign(PRIMARY, [shipped, *backups], [])


@pytest.mark.parametrize(
    "path",
    [f"{OLD}\\mgc_20150601080000.trn", "D:\\old\\MGC_20150601080000.TRN", f"{NEW}\\anything.trn"],
)
def test_what_log_shipping_wrote_is_ours_wherever_its_share_was(path):
    assert foreign(backup(path)) == []


@pytest.mark.parametrize(
    "path",
    [
        f"{OLD}\\mgc_20150601100000.trn",  # local time, as other tools write it
        f"{OLD}\\mgc_20150631080000.trn",
        f"{OLD}\\mgc_backup_20150601080000.trn",
        f"{OLD}\\mgc_20150601080000.bak",
        "D:\\x.trn",
        "NUL",
    ],
)
def test_what_somebody_else_wrote_is_not(path):
    assert foreign(backup(path)) == [path]


def test_a_backup_whose_begin_nobody_knows_is_not_taken_for_ours():
    path = f"{OLD}\\mgc_20150601080000.trn"
    assert foreign(backup(path, started_at=None)) == [path]


def test_the_last_log_of_a_copy_that_we_stopped_is_ours_and_what_follows_is_another_copys_log():
    ended = backup(f"\\\\fs-s1\\pchat-seed\\mgc_{'a' * 32}-old.trn", age=20)
    seeding = backup("D:\\seed.trn", age=10)
    assert foreign(ended) == []
    assert foreign(ended, seeding) == []
    assert foreign(backup("D:\\x.trn", age=25), ended) == ["D:\\x.trn"]
