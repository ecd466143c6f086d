"""Whether the log that is shipped can still reach the copy."""

from __future__ import annotations

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.outage.shipping import (
    broken,
    of_this_history,
)

from .estates import healthy, log, with_copies


def test_a_chain_that_joins_is_whole():
    assert broken(healthy()) is None
    assert broken(healthy(logs=(log(150, 200, "copied"), log(200, 260)))) is None


def test_a_later_log_backup_shows_the_gap():
    assert "from LSN 200 to 230 is missing" in str(broken(healthy(logs=(log(230, 260),))))


def test_an_empty_one_shows_it_as_well():
    """Nothing was written since somebody else took the log: what is shipped now holds nothing."""
    assert "from LSN 200 to 230 is missing" in str(
        broken(healthy(logs=(log(150, 200, "copied"), log(230, 230))))
    )


def test_before_that_the_primarys_own_history_tells():
    for path, end, whole in (
        ("NUL", 230, False),
        ("{7f1c}", 230, False),
        ("D:\\mgc.trn", 230, False),
        ("NUL", 200, True),
        ("\\\\fs\\logs\\mgc_20150601080000.trn", 230, True),
    ):
        found = broken(
            with_copies(healthy(), primary={"last_backup_path": path, "last_backup_end": end})
        )
        assert (found is None) is whole, path


def test_what_a_dead_copy_wrote_is_no_gap():
    dead = log(230, 260, first_fork="F7", last_fork="F7")
    assert broken(healthy(logs=(log(150, 200, "copied"), dead))) is None
    assert of_this_history([dead], "F0") == []


def test_what_led_to_the_present_history_belongs_to_it():
    before, across, later = (
        log(100, 150),
        log(150, 200, first_fork="F0", last_fork="F9", fork_point=160),
        log(165, 170),
    )
    assert of_this_history([before, across, later], "F9") == [before, across]
