"""What a batch tells about itself is taken out of its rows, and decides how it went."""

from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import (
    Moved,
    SqlFailed,
    Unproven,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import Sql
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.proof import (
    error_numbers,
    judged,
)

BATCH = Sql("SELECT name FROM sys.databases")
END = {"pchat_end": 0}


def test_rows_with_their_end_are_the_batchs_own_rows() -> None:
    assert judged(BATCH, [{"name": "mgc"}, {"name": None}, END]) == [
        {"name": "mgc"},
        {"name": None},
    ]
    assert judged(BATCH, [END]) == []


@pytest.mark.parametrize("rows", [[], [{"name": "mgc"}]])
def test_without_its_end_nothing_is_known_not_even_that_there_are_no_rows(
    rows: list[dict[str, object]],
) -> None:
    with pytest.raises(Unproven, match="did not say that this batch came to its end") as caught:
        judged(BATCH, rows)
    assert caught.value.code == "unproven"


def test_the_number_in_the_row_of_the_end_is_an_error_though_none_arrived() -> None:
    with pytest.raises(SqlFailed, match="error 3013") as caught:
        judged(BATCH, [{"name": "mgc"}, {"pchat_end": 3013}])
    assert caught.value.details["errors"] == [3013]


def test_a_guard_that_fired_is_a_moved_world() -> None:
    with pytest.raises(Moved, match=r"since it was looked at: the job is gone\. Run again"):
        judged(BATCH, [{"pchat_moved": "the job is gone"}, END])


@pytest.mark.parametrize("number", [0, 14262])
def test_a_step_that_failed_is_named(number: int) -> None:
    with pytest.raises(SqlFailed, match="ended there: sp_add_schedule returned 1") as caught:
        judged(BATCH, [{"pchat_failed": "sp_add_schedule returned 1"}, {"pchat_end": number}])
    assert not isinstance(caught.value, Moved)
    assert caught.value.details["errors"] == ([number] if number else [])


def test_numbers_are_told_only_where_there_are_any() -> None:
    assert (
        error_numbers([{"name": 1}])
        == error_numbers([END])
        == error_numbers([{"pchat_end": None}])
        == []
    )
