"""Where the files of a restored database go."""

from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.sqlserver._places import (  # noqa: E501
    DatabaseFile,
    Here,
    default_folders,
    moves,
)

DATA = DatabaseFile("mgc_data", "ROWS", "D:\\Data\\mgc.mdf")
LOG = DatabaseFile("mgc_log", "LOG", "E:\\Log\\mgc.ldf")


def here(**facts):
    found = {
        "data": "F:\\Data",
        "log": "G:\\Log",
        "own": {},
        "taken": frozenset(),
        "folders": frozenset({"d:\\data", "e:\\log"}),
    }
    return Here(**{**found, **facts})


def test_files_stay_where_the_backup_has_them_if_they_can():
    assert moves([DATA, LOG], here(), {}) == {}


def test_a_missing_folder_is_replaced_by_the_instances_own():
    assert moves([DATA, LOG], here(folders=frozenset({"e:\\log"})), {}) == {
        "mgc_data": "F:\\Data\\mgc.mdf"
    }
    assert moves([DATA, LOG], here(folders=frozenset()), {})["mgc_log"] == "G:\\Log\\mgc.ldf"


def test_a_file_that_another_database_uses_is_left_alone():
    assert moves([DATA], here(taken=frozenset({"d:\\data\\mgc.mdf"})), {}) == {
        "mgc_data": "F:\\Data\\mgc.mdf"
    }


def test_the_copy_that_is_replaced_keeps_its_places():
    assert moves(
        [DATA, LOG], here(own={"mgc_data": "H:\\old\\mgc.mdf", "mgc_log": "E:\\LOG\\mgc.ldf"}), {}
    ) == {"mgc_data": "H:\\old\\mgc.mdf"}


def test_what_was_declared_wins_whatever_its_case():
    assert moves(
        [DATA, LOG], here(own={"mgc_data": "H:\\old\\mgc.mdf"}), {"MGC_Data": "I:\\x.mdf"}
    ) == {"mgc_data": "I:\\x.mdf"}


@pytest.mark.parametrize(
    "row",
    [
        {
            "data": "F:\\Data\\",
            "log": "G:\\Log\\",
            "master_data": "C:\\m\\master.mdf",
            "master_log": "C:\\m\\mastlog.ldf",
        },
    ],
)
def test_default_folders_are_the_instances(row):
    assert default_folders([row]) == ("F:\\Data", "G:\\Log")
    assert default_folders([{**row, "data": None, "log": None}]) == ("C:\\m", "C:\\m")
