"""T-SQL has one clause a line in the source and is one line on the wire; values stay."""

from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.calls.tsql import (
    agent,
    mirroring,
    quote,
    restore,
    text,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._domain.fidelity import used
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import Refused

BATCHES = [(name, batch) for name, made in used.batches().items() for batch in made]


def test_lines_are_joined_with_one_blank_and_indentation_goes():
    assert text.one_line("\n    SELECT 1\n\n      AS one\n    ") == "SELECT 1 AS one"


def test_what_is_one_line_already_stays_as_it_is():
    line = "SELECT N'a  b'  AS [c  d]"
    assert text.one_line(line) == line


def test_blanks_in_names_and_literals_are_kept():
    assert "[a  b]" in mirroring.drop_endpoint("a  b").text
    assert "N'a  b'" in mirroring.drop_endpoint("a  b").text
    assert "N'nightly  copy'" in agent.start_job("nightly  copy").text
    assert "N'D:\\a  b\\ c.trn'" in restore.restore_log("mgc", "D:\\a  b\\ c.trn", 1).text


@pytest.mark.parametrize("broken", ["a\nb", "a\r\nb", "a\u2028b", "a\x0bb", "a\x85b"])
def test_no_value_brings_a_line_break_along(broken):
    for quoted in (quote.literal, quote.identifier):
        with pytest.raises(Refused):
            quoted(broken)


@pytest.mark.parametrize(("name", "batch"), BATCHES, ids=[name for name, _batch in BATCHES])
def test_no_batch_shows_how_it_was_written_in_the_source(name, batch):
    assert "\n" not in batch.text
    assert "  " not in batch.text
    assert "( " not in batch.text
    assert " )" not in batch.text


def test_a_like_pattern_matches_its_text_alone():
    assert quote.like("100%_[a]") == "100[%][_][[]a]"
