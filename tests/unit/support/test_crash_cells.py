"""What the crash campaign reads out of batches is what stands in them."""

from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.calls.tsql import (
    recovery,
    restore,
)
from crash.cells import Entry, out_of_order, place_of, position_of

POOL = "chat.contoso.example"
RECOVER = recovery.recover("mgc", "126", POOL, "0" * 32).text
APPLY = restore.restore_next_log("mgc", "\\\\fs\\logs\\mgc_1.trn", 1, "125").text


@pytest.mark.parametrize(("batch", "position"), [(RECOVER, 126), (APPLY, 125), ("SELECT 1", None)])
def test_the_position_of_a_guard_is_found(batch: str, position: int | None) -> None:
    assert position_of(batch) == position


def test_a_log_that_is_restored_behind_a_later_one_is_seen() -> None:
    later = written("sql", APPLY)
    earlier = written("sql", APPLY.replace("= 125)", "= 120)"))
    assert out_of_order([earlier, later]) == []
    assert out_of_order([later, earlier]) != []


def written(host: str, text: str) -> Entry:
    """A batch as the journal has it."""
    return {
        "number": 1,
        "host": host,
        "name": "Invoke-Sqlcmd",
        "parameters": {"Query": text},
        "write": True,
        "outcome": "ok",
        "notes": {},
    }


def test_a_write_is_known_again_in_another_run() -> None:
    place = place_of(written("sql", RECOVER))
    other = recovery.recover("mgc", "9876543", POOL, "f" * 32).text
    assert place.holds(written("sql", other))
    assert not place.holds(written("another", other))
    assert not place.holds(written("sql", APPLY))
