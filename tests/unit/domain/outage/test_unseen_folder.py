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
    Listings,
    read_logs,
)

SHARE, FOLDER = r"\\fs\logs", r"D:\copy"
FACTS = {
    "server_name": "SQL-S1",
    "databases": {
        "mgc": {
            "redo_lsn": "100",
            "database_state": "RESTORING",
            "log_shipping_secondary": None,
        }
    },
}
SEEN, UNSEEN = [{"File is a Directory": 1}], [{"File is a Directory": 0}]


LISTED = [{"subdirectory": "old", "depth": 1, "file": 0}]
IS_A_FILE = [{"File Exists": 1, "File is a Directory": 0}]
NO_FILE = [{"File Exists": 0, "File is a Directory": 0}]


def logs(share: list[dict[str, t.Any]], folder: list[dict[str, t.Any]]) -> dict[str, t.Any]:
    found = Listings([], share, [], folder, [])
    return read_logs(Answers(), "mgc", SHARE, FOLDER, FACTS, found)


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


def empty(*answers: t.Any, **listed: t.Any) -> dict[str, t.Any]:
    """Both folders are there and show nothing, unless they list something; log shipping copied a
    file once, and ``answers`` say whether it is in each empty one.
    """
    mgc = {**FACTS["databases"]["mgc"], "log_shipping_secondary": COPIED_ONCE}
    facts = {**FACTS, "databases": {"mgc": mgc}}
    found = Listings(listed.get("share", []), SEEN, listed.get("folder", []), SEEN, [])
    return read_logs(Answers(list(answers)), "mgc", SHARE, FOLDER, facts, found)


COPIED_ONCE = {"last_copied_file": r"D:\copy\mgc_20150601080000.trn"}


def test_a_share_that_may_be_passed_through_and_not_listed_is_unseen_and_not_empty() -> None:
    found = empty(IS_A_FILE, NO_FILE)
    assert found["share"] is None
    assert "cannot see" in found["why"]
    assert found["copied"] == []


def test_a_copy_folder_that_may_not_be_listed_stops_the_chain_by_name() -> None:
    found = empty(IS_A_FILE, share=LISTED)
    assert found["share"] == []
    assert found["copied"][0]["path"] == FOLDER


def test_folders_from_which_the_last_file_was_cleaned_are_empty() -> None:
    assert empty(NO_FILE, NO_FILE) == {"share": [], "copied": [], "why": None}
