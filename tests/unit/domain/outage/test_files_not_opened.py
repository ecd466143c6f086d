"""Which log backups on a share are not opened again, however many lie there."""

from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage import (
    shipped_logs,
)

TAIL = f"mgc_{'a' * 32}-tail.trn"


def not_opened(redo, *files, gone=()):
    """``files``: (name, LSN at which it ends), in the order of their restores. ``gone``: names that
    are not there any more.
    """
    rows = [{"path": rf"D:\pchat-copy\{name}", "last_lsn": str(end)} for name, end in files]
    there = [name for name, _end in files if name not in gone]
    return sorted(shipped_logs._done(there, shipped_logs._ends(rows), redo))


def test_what_ends_before_the_position_is_not_opened_but_for_the_newest():
    """It tells until when the pool had not gone on elsewhere from the position."""
    files = [("one", 50), ("two", 98), ("three", 99), ("four", 120)]
    assert not_opened(100, *files) == ["one", "two"]
    assert not_opened(100, *files, gone=["three"]) == ["one"]


def test_where_nobody_writes_the_newest_that_ends_at_the_position_tells_all():
    """A weekend has two hundred empty log backups, a share kept for months ten thousand."""
    quiet = [(f"mgc_{number:014}.trn", 100) for number in range(10_000)]
    opened = {name for name, _end in quiet} - {*not_opened(100, *quiet)}
    assert opened == {quiet[-1][0]}


def test_where_the_newest_is_gone_the_newest_that_is_there_is_opened():
    """When the last log that was applied was begun is what the loss is counted from."""
    quiet = [("mgc_1.trn", 100), ("mgc_2.trn", 100), ("mgc_3.trn", 100)]
    assert not_opened(100, *quiet, gone=["mgc_3.trn"]) == ["mgc_1.trn"]


@pytest.mark.parametrize("redo", [100, None])
def test_a_tail_is_opened_wherever_it_ends(redo):
    assert not_opened(redo, (TAIL, 100), ("mgc_1.trn", 100), ("mgc_2.trn", 100)) == ["mgc_1.trn"]


def test_of_an_online_copy_the_newest_is_opened():
    assert not_opened(None, ("one", 50), ("two", 60)) == ["one"]


def test_where_nothing_was_restored_everything_is_opened():
    assert not_opened(100) == []
    assert not_opened(None) == []
