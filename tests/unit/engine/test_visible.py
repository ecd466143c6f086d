"""What hosts wrote is shown, never carried out."""

from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.visible import (
    all_visible,
    visible,
    visible_lines,
)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain text, äöü, Привет, 日本", "plain text, äöü, Привет, 日本"),
        ("\x1b[31mred\x1b[0m", "\\x1b[31mred\\x1b[0m"),
        ("one\r\ntwo\tthree", "one\\r\\ntwo\\tthree"),
        ("\x9b31m", "\\x9b31m"),
        ("safe\u202egnp.exe", "safe\\u202egnp.exe"),
        ("\u2066x\u2069\u200b\ufeff", "\\u2066x\\u2069\\u200b\\ufeff"),
        ("a\u2028b\u2029c\x85d", "a\\u2028b\\u2029c\\x85d"),
        ("half \ud800", "half \\ud800"),
        ("\x00\x07\x08\x7f", "\\x00\\x07\\x08\\x7f"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_characters_that_act_are_escaped_and_letters_of_all_languages_are_not(raw, shown):
    assert visible(raw) == shown
    assert visible(raw).isprintable()


def test_what_is_visible_stays_so():
    assert visible(visible("a\x1bb\nc")) == visible("a\x1bb\nc")


def test_line_breaks_of_ours_remain_in_a_text_of_several_lines():
    assert visible_lines("one\x1b\ntwo\r") == "one\\x1b\ntwo\\r"


def test_values_inside_lists_and_dicts_and_their_names():
    assert all_visible({"a\x1b": ["b\n", 1, None, ("c\u202e",)]}) == {
        "a\\x1b": ["b\\n", 1, None, ["c\\u202e"]]
    }
