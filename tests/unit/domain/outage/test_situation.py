"""Every situation has a name, and the first one that fits is told."""

from __future__ import annotations

import pytest
from unit.domain.outage.estates import (
    AWAY,
    GONE,
    failed_over,
    healthy,
    with_copies,
    with_estate,
)
from unit.domain.outage.situations import SITUATIONS

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.situation import (
    TABLE,
    classify,
)


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_situation_is_named(name):
    assert classify(SITUATIONS[name]).name == name.partition("_")[0]


def test_every_row_of_the_table_is_reached():
    assert {name.partition("_")[0] for name in SITUATIONS} == {
        name for name, _holds, _text in TABLE
    }


def test_a_mirror_that_lacks_what_was_shipped_is_no_remedy():
    behind = with_copies(
        healthy(), primary=GONE, mirror={"mirroring": "DISCONNECTED", "redo_lsn": 150}
    )
    assert classify(behind).name == "PrimaryDown"


def test_active_servers_of_the_backup_site_are_no_split():
    assert classify(with_estate(failed_over(), active=AWAY)).name == "FailedOver"
