"""A folder that SQL Server cannot see is not an empty one: xp_dirtree answers both with no rows."""

from __future__ import annotations

import typing as t

import pytest
from unit.domain.answers import Answers

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.chain import (
    LogBackup,
    follow,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.shipped_logs import (  # noqa: E501
    read_logs,
)

SHARE, FOLDER = r"\\fs\logs", r"D:\copy"
FACTS = {
    "server_name": "SQL-S1",
    "databases": {"mgc": {"redo_lsn": "100", "database_state": "RESTORING"}},
}
SEEN, UNSEEN = [{"File is a Directory": 1}], [{"File is a Directory": 0}]


def logs(share: list[dict[str, t.Any]], folder: list[dict[str, t.Any]]) -> dict[str, t.Any]:
    return read_logs(Answers([[], share, [], folder, []]), "mgc", SHARE, FOLDER, FACTS)


def test_two_folders_that_are_seen_and_empty_hold_no_logs() -> None:
    assert logs(SEEN, SEEN) == {"share": [], "copied": [], "why": None}


@pytest.mark.parametrize("share", [SEEN, UNSEEN], ids=["share seen", "share unseen"])
@pytest.mark.parametrize("folder", [UNSEEN, []], ids=["no directory", "no answer"])
def test_a_copy_folder_that_nobody_sees_stops_the_chain_by_name(
    share: t.Any, folder: t.Any
) -> None:
    found = logs(share, folder)
    assert (found["share"] is None) == (share is UNSEEN)
    chain = follow(100, None, None, [LogBackup(**backup) for backup in found["copied"]])
    assert chain.obstacle is not None
    assert (chain.obstacle.kind, chain.obstacle.path) == ("unreadable", FOLDER)
    assert "nobody knows whether the log goes on there" in chain.obstacle.text
