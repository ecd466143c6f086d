"""A run that was told to leave something out is a whole, made of a playbook's parts, or refused."""

from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._action.whole_run import (
    Chosen,
    refusal,
)

PARTS = ("mirror", "log_shipping")


@pytest.mark.parametrize(
    "chosen",
    [
        Chosen(),
        Chosen(tags=("mirror",)),
        Chosen(tags=("mirror", "log_shipping")),
        Chosen(skipped=("mirror",)),
    ],
)
def test_a_whole_and_a_part_are_carried_out(chosen):
    assert refusal(chosen, PARTS) == ""


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (Chosen(tags=("mirrors",)), "--tags mirrors names no part of this playbook"),
        (Chosen(tags=("mirror", "untagged")), "--tags untagged"),
        (Chosen(skipped=("always",)), "Its parts are mirror, log_shipping"),
        (Chosen(tags=("mirror",), start="Ask"), "--start-at-task 'Ask'"),
        (Chosen(step=True), "--step"),
    ],
)
def test_what_leaves_out_something_else_is_refused(chosen, said):
    assert said in refusal(chosen, PARTS)


def test_a_playbook_without_parts_has_no_tags():
    assert "which is a whole" in refusal(Chosen(tags=("mirror",)), ())
    assert refusal(Chosen(), ()) == ""
