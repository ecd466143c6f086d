"""How recovery forks belong together, by the log backups that span the begin of one."""

from __future__ import annotations

import pytest
from unit.domain.outage.estates import log

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.forks import (
    Begun,
    Forks,
    UnknownLineage,
    fork_at,
)


def spans(first, last, left, begun, point):
    return log(first, last, first_fork=left, last_fork=begun, fork_point=point)


KNOWN = Forks.of([spans(100, 120, "F0", "F3", 110), spans(115, 140, "F3", "F9", 130)])


def test_the_path_to_a_fork_begins_with_the_oldest_that_is_known():
    assert KNOWN.path_to("F9") == ["F0", "F3", "F9"]
    assert KNOWN.path_to("F5") == ["F5"]


def test_two_histories_part_where_the_first_fork_of_the_other_one_began():
    assert KNOWN.parted("F0", "F9") == 110
    assert KNOWN.parted("F3", "F9") == 130


def test_a_history_does_not_part_from_one_of_which_it_is_the_continuation():
    assert KNOWN.parted("F9", "F0") is None
    assert KNOWN.parted("F9", "F9") is None


def test_forks_of_which_nobody_tells_how_they_belong_together_are_unknown():
    with pytest.raises(UnknownLineage):
        KNOWN.parted("F0", "F5")


def test_forks_are_related_where_one_history_holds_both_or_both_left_one():
    assert KNOWN.are_related("F3", "F9")
    assert KNOWN.are_related("F9", "F0")
    assert not KNOWN.are_related("F9", "F5")


def test_a_file_that_cannot_be_read_tells_nothing():
    assert Forks.of([log(1, 2, error="broken")]).begun == {}


def test_a_copy_in_use_tells_where_its_fork_began_and_the_log_that_ends_there_what_it_left():
    found = Forks.of([log(100, 150, last_fork="F0")], recovered=[Begun("F7", 150)])
    assert found.path_to("F7") == ["F0", "F7"]
    assert Forks.of([log(100, 151, last_fork="F0")], recovered=[Begun("F7", 150)]).begun == {}
    told = Forks.of([log(100, 151, last_fork="F0")], recovered=[Begun("F7", 120, "F0")])
    assert told.parted("F0", "F7") == 120


def test_a_log_backup_of_a_fork_that_was_left_before_it_ends_is_dead():
    assert KNOWN.is_dead(log(100, 120), "F9")
    assert not KNOWN.is_dead(log(100, 110), "F9")
    assert not KNOWN.is_dead(log(100, 120, first_fork="F5", last_fork="F5"), "F9")


def test_the_latest_forks_are_those_from_which_no_other_began():
    assert KNOWN.latest(["F0", "F3", "F9", "F5"]) == ["F5", "F9"]


def test_a_circle_in_what_headers_say_ends():
    mad = Forks.of([spans(1, 5, "A", "B", 2), spans(1, 5, "B", "A", 3)])
    assert mad.path_to("A") == ["B", "A"]


def test_the_fork_of_a_position_is_told_by_the_files_that_end_there_if_they_agree():
    ending = [log(100, 120), log(100, 120, place="copied")]
    assert fork_at(120, "M", ending) == "F0"
    assert fork_at(121, "M", ending) is None
    assert fork_at(120, "another family", ending) is None
    assert fork_at(120, "M", [*ending, log(90, 120, last_fork="F9")]) is None
