"""Lines for a person who waits: at once, on a change, now and then, and never a flood."""

from __future__ import annotations

import pytest
from unit.engine.test_engine import Host, Room, Seconds

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.engine import converge
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import TimedOut
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import (
    Cmdlet,
    Settle,
    Step,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.progress import (
    Progress,
    span,
)


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59.6, "1 min"),
        (90, "90 s"),
        (600, "10 min"),
        (610, "10 min"),
        (3600, "1 h"),
        (21600, "6 h"),
        (5400, "90 min"),
    ],
)
def test_spans_read_as_people_say_them(seconds, text):
    assert span(seconds) == text


def told(waits, **options):
    lines = []
    progress = Progress(lines.append, 600, **options)
    for seconds, seen in waits:
        progress.waited(seconds, "waiting for rain", seen)
    return lines


def test_the_first_line_comes_at_once_and_the_next_after_half_a_minute():
    assert told([(second, "") for second in range(95)]) == [
        "waiting for rain (at most 10 min)",
        "waiting for rain (30 s of at most 10 min)",
        "waiting for rain (1 min of at most 10 min)",
        "waiting for rain (90 s of at most 10 min)",
    ]


def test_a_change_is_told_but_not_every_second():
    lines = told([(second, f"{second // 3} drops") for second in range(12)])
    assert lines == [
        "waiting for rain (at most 10 min; 0 drops)",
        "waiting for rain (5 s of at most 10 min; 1 drops)",
        "waiting for rain (10 s of at most 10 min; 3 drops)",
    ]


def test_with_patience_nothing_is_said_of_what_is_soon_over():
    assert told([(0, ""), (9, "")], after=10) == []
    assert told(
        [(0, ""), (12, "40 percent processed."), (20, "40 percent processed.")], after=10
    ) == ["waiting for rain (12 s so far, at most 10 min; 40 percent processed.)"]


def test_a_wait_says_what_for_how_long_and_how_far():
    lines, never = (
        [],
        Settle(
            "the room is warm", lambda s: False, timeout=60, seen=lambda s: f"it is {s['heat']}"
        ),
    )
    with pytest.raises(TimedOut):
        converge(
            Room(lamp="off", heat="warm", settle=never),
            Host(),
            check_mode=False,
            clock=Seconds(),
            tell=lines.append,
        )
    assert lines[0] == "waiting until the room is warm (at most 1 min; it is cold)"
    # at once, when it has got warm, and half a minute later
    assert len(lines) == 3
    assert lines[1].endswith("it is warm)")
    assert lines[2].endswith("it is warm)")


def test_nothing_is_said_where_nothing_is_waited_for():
    lines = []
    converge(Room(), Host(), check_mode=False, tell=lines.append)
    converge(
        Room(lamp="off", heat="warm", settle=Settle("x", lambda s: True)),
        Host(),
        check_mode=False,
        tell=lines.append,
    )
    assert lines == []


class Seeded(Room):
    def plan(self, current):
        return (
            [
                Step(
                    "seed",
                    "there is none",
                    {"lamp": "on"},
                    (Cmdlet("Set-Thing", {"To": "on"}),),
                    lasts=True,
                )
            ]
            if current["lamp"] != "on"
            else []
        )


def test_a_step_that_lasts_is_told_before_it_is_sent_and_not_in_check_mode():
    lines, host = [], Host()
    converge(Seeded(), host, check_mode=True, tell=lines.append, limit=21600)
    assert lines == []
    converge(
        Seeded(),
        host,
        check_mode=False,
        tell=lambda text: lines.append((text, list(host.sent))),
        limit=21600,
    )
    assert lines == [("seed: there is none (at most 6 h)", [])]
