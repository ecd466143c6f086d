"""Files on the share that nobody of ours wrote: unknown is said, nothing breaks."""

from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.estate.time_zone import (
    Zone,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage import (
    shipped_logs,
)

HEADER = {
    "BackupType": 2,
    "FirstLSN": 100,
    "LastLSN": 200,
    "Position": 1,
    "BackupStartDate": "2015-06-01T10:00:00",
}


@pytest.mark.parametrize(
    ("name", "local", "begun"),
    [
        ("mgc_20150601080000.trn", None, "2015-06-01T08:00:00Z"),
        ("mgc_20150631080000.trn", "2015-06-01T10:00:00", None),
        ("mgc_99999999999999.trn", "2015-06-01T10:00:00", None),
        ("mgc_00000000000000.trn", "2015-06-01T10:00:00", None),
        ("mgc_seed.trn", "2015-06-01T10:00:00", "2015-06-01T08:00:00Z"),
        ("mgc_seed.trn", "0001-01-01T00:00:00", None),
        ("mgc_seed.trn", "yesterday", None),
        ("mgc_seed.trn", "", None),
        ("mgc_seed.trn", None, None),
    ],
)
def test_when_a_backup_was_begun_is_known_or_unknown(name, local, begun):
    assert shipped_logs.began(f"D:\\x\\{name}", local, Zone(120)) == begun


@pytest.mark.parametrize(
    "odd", [{"FirstLSN": None}, {"LastLSN": "many"}, {"Position": None}, {"ForkPointLSN": "x"}]
)
def test_a_header_that_makes_no_sense_is_one_that_was_not_read(odd):
    (found,) = shipped_logs._backups(
        "D:\\x\\mgc_20150601080000.trn", "share", [{**HEADER, **odd}], 0
    )
    assert found["error"].startswith("its header is none that we know")


def test_a_header_without_a_column_is_one_that_was_not_read():
    headless = {key: value for key, value in HEADER.items() if key != "LastLSN"}
    (found,) = shipped_logs._backups("D:\\x\\mgc_20150601080000.trn", "share", [headless], 0)
    assert "LastLSN" in found["error"]
