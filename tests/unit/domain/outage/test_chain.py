"""Which logs a copy can still use: by LSN and fork, whatever the files are called."""

from __future__ import annotations

import pytest
from unit.domain.outage.estates import log

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.chain import (
    follow,
)


def reached(*backups, position=100, fork="F0", family="M"):
    return follow(position, fork, family, backups)


def test_logs_are_followed_by_lsn_and_not_by_name():
    chain = reached(log(130, 160, name="mgc_a.trn"), log(100, 130, name="mgc_z.trn"))
    assert [b.name for b in chain.apply] == ["mgc_z.trn", "mgc_a.trn"]
    assert (chain.reached, chain.fork, chain.obstacle) == (160, "F0", None)


def test_what_is_applied_already_is_left_out():
    chain = reached(log(50, 100), log(80, 120))
    assert (len(chain.apply), chain.reached) == (1, 120)


def test_nothing_to_apply_is_no_obstacle():
    assert reached(log(50, 100)).obstacle is None
    assert reached() == follow(100, "F0", "M", ())


def test_the_longest_of_overlapping_logs_is_taken():
    assert [b.last_lsn for b in reached(log(100, 110), log(90, 140), log(140, 150)).apply] == [
        140,
        150,
    ]


def test_of_equal_copies_the_local_one_is_taken():
    assert reached(log(100, 120, "share"), log(100, 120, "copied")).apply[0].place == "copied"


def test_a_damaged_copy_gives_way_to_a_whole_one():
    chain = reached(log(100, 120, "share"), log(100, 120, "copied", damaged=True))
    assert (chain.apply[0].place, chain.reached, chain.obstacle) == ("share", 120, None)


@pytest.mark.parametrize(
    ("backups", "kind", "names"),
    [
        ([log(110, 130)], "gap", "LSN 100 to 110 is missing"),
        ([log(100, 130, damaged=True)], "damaged", "LSN 100 to 130"),
        ([log(100, 130, first_fork="F9", last_fork="F9", server="sql-n1")], "fork", "sql-n1"),
        ([log(0, 0, error="3241")], "unreadable", "cannot be read"),
        (
            [log(0, 0, error="3241"), log(120, 130, at="2015-06-01T11:59:00Z")],
            "gap",
            "cannot be read",
        ),
    ],
)
def test_what_stops_the_chain_is_named(backups, kind, names):
    chain = reached(*backups)
    assert chain.apply == ()
    assert chain.obstacle is not None
    assert chain.obstacle.kind == kind
    assert names in chain.obstacle.text
    assert chain.obstacle.path in [b.path for b in backups]


def test_a_file_that_could_be_read_elsewhere_is_no_obstacle():
    assert reached(log(0, 0, "copied", error="3241"), log(100, 130, "share")).obstacle is None


def test_an_empty_backup_breaks_nothing():
    chain = reached(log(100, 100), log(100, 120))
    assert (chain.reached, chain.obstacle) == (120, None)


def test_another_databases_log_is_no_part_of_the_chain():
    chain = reached(log(100, 130, family="X"), log(100, 120))
    assert (chain.reached, chain.obstacle) == (120, None)


def test_a_fork_that_leaves_later_than_here_can_be_followed():
    chain = reached(log(90, 140, first_fork="F8", last_fork="F9", fork_point=110))
    assert (chain.reached, chain.fork) == (140, "F9")


def test_a_fork_that_left_before_here_cannot():
    obstacle = reached(log(90, 140, first_fork="F8", last_fork="F9", fork_point=95)).obstacle
    assert obstacle is not None
    assert obstacle.kind == "fork"


def test_a_fork_that_left_before_here_and_is_the_one_that_the_copy_stands_on_can_be_followed():
    """A full backup that was taken on it is older than the first log backup of it, which begins
    before the fork.
    """
    chain = reached(log(90, 140, first_fork="F8", last_fork="F9", fork_point=95), fork="F9")
    assert (chain.reached, chain.fork) == (140, "F9")


def test_the_chain_goes_on_through_a_change_of_forks():
    chain = reached(
        log(100, 120, last_fork="F1", fork_point=110),
        log(120, 140, first_fork="F1", last_fork="F1"),
        log(120, 150),
    )
    assert (chain.reached, chain.fork) == (140, "F1")


def test_an_unknown_fork_is_left_to_the_server():
    assert reached(log(100, 120, first_fork="F7", last_fork="F7"), fork=None).reached == 120


def test_a_log_of_an_unknown_fork_does_not_fit_where_the_copy_happens_to_stand():
    """It begins on F3, of which nobody tells where it left F0, and leaves that later."""
    spanning = log(100, 140, first_fork="F3", last_fork="F9", fork_point=120)
    chain = reached(spanning)
    assert chain.apply == ()
    assert chain.obstacle is not None
    assert chain.obstacle.kind == "fork"
    assert reached(spanning, fork="F3").reached == 140
