"""Logs in the order of their LSNs, each onto the position that the one before leaves."""

from __future__ import annotations

import pytest
from unit.domain.answers import Answers, make, names, refusal, texts

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.resources.sqlserver import (  # noqa: E501
    log_restore,
)

#: Longer than 64 bits, as real ones are.
BASE = 37000000012600000000000


def file(name, first, last, **more):
    return {
        "path": f"D:\\copy\\{name}.trn",
        "position": 1,
        "first_lsn": str(BASE + first),
        "last_lsn": str(BASE + last),
        "uuid": None,
        **more,
    }


def restoring(*files):
    return make(
        log_restore.LogRestore, log_restore.LOG_RESTORE_SPEC, database="mgc", files=list(files)
    )


def at(lsn, state="RESTORING", role=None):
    return {
        "database_state": state,
        "mirroring_role": role,
        "redo_lsn": None if lsn is None else str(BASE + lsn),
    }


def paths(steps):
    return [s.why.partition(" ")[0].rpartition("\\")[2] for s in steps]


def test_order_is_by_lsn_and_each_step_names_the_position_before_it():
    steps = restoring(file("c", 30, 40), file("a", 10, 20), file("b", 20, 30)).plan(at(15))
    assert names(steps) == ["restore_log"] * 3
    assert paths(steps) == ["a.trn", "b.trn", "c.trn"]
    assert [s.sets["redo_lsn"] for s in steps] == [str(BASE + n) for n in (20, 30, 40)]
    for step, before in zip(steps, (15, 20, 30), strict=True):
        assert f"END) = {BASE + before})" in texts([step])
        assert "NORECOVERY" in texts([step])
        assert not step.one_way


def test_what_is_applied_already_is_passed_over():
    assert restoring(file("a", 10, 20)).plan(at(20)) == []
    assert paths(restoring(file("a", 10, 20), file("b", 20, 30)).plan(at(20))) == ["b.trn"]
    assert paths(restoring(file("wide", 5, 40), file("inner", 20, 30)).plan(at(10))) == ["wide.trn"]
    assert restoring().plan(at(20)) == []


def test_the_position_in_the_file_is_used():
    assert "FILE = 3" in texts(restoring(file("a", 10, 20, position=3)).plan(at(10)))


@pytest.mark.parametrize("files", [[file("b", 21, 30)], [file("a", 10, 20), file("b", 21, 30)]])
def test_a_gap_is_refused_before_anything_is_applied(files):
    refused = refusal(lambda: restoring(*files).plan(at(20)))
    assert (refused.code, refused.details["redo_lsn"], refused.details["path"]) == (
        "chain_gap",
        str(BASE + 20),
        "D:\\copy\\b.trn",
    )
    assert f"begins at LSN {BASE + 21}, but mgc stands at {BASE + 20}" in str(refused)


@pytest.mark.parametrize(
    ("current", "told"),
    [
        (at(None, None), "absent"),
        (at(None, "ONLINE"), "ONLINE"),
        (at(10, role="MIRROR"), "RESTORING and mirrored"),
        (at(10, "RECOVERY_PENDING"), "RECOVERY_PENDING"),
        (at(None, "ONLINE", "PRINCIPAL"), "ONLINE and mirrored"),
    ],
)
def test_only_a_restoring_copy_takes_logs(current, told):
    refused = refusal(lambda: restoring(file("a", 10, 20)).plan(current))
    assert refused.code == "not_restoring"
    assert f"mgc is {told} here" in str(refused)


def test_an_online_copy_and_no_files_is_nothing_to_do():
    assert restoring().plan(at(None, "ONLINE")) == []
    assert refusal(lambda: restoring().plan(at(None, None))).code == "not_restoring"


def test_an_unknown_position():
    assert refusal(lambda: restoring(file("a", 10, 20)).plan(at(None))).code == "position_unknown"


@pytest.mark.parametrize(
    "wrong", [{"first_lsn": "x"}, {"last_lsn": "1 OR 1=1"}, {"first_lsn": ""}, {"last_lsn": "-1"}]
)
def test_lsns_are_numbers(wrong):
    assert refusal(lambda: restoring({**file("a", 10, 20), **wrong})).code == "bad_lsn"


def test_paths_are_absolute():
    assert refusal(lambda: restoring({**file("a", 10, 20), "path": "a.trn"})).code == "bad_path"


def test_reading():
    row = {
        "name": "MGC",
        "database_state": "RESTORING",
        "mirroring_role": None,
        "redo_lsn": "12",
        "more": 1,
    }
    assert restoring().read(Answers([[row]])) == {
        "database_state": "RESTORING",
        "mirroring_role": None,
        "redo_lsn": "12",
    }
    assert restoring().read(Answers([[]])) == {
        "database_state": None,
        "mirroring_role": None,
        "redo_lsn": None,
    }
