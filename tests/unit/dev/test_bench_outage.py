"""What the bench of an outage makes of what a chat client saw."""

from __future__ import annotations

from dev.bench import outage_costs


class Served(outage_costs.Client):
    """A client that was served at these seconds."""

    def __init__(self, *seconds):
        super().__init__(None)
        self._served = list(seconds)


def row(**facts):
    usual = {
        "kind": "Lync 2013",
        "operation": "failback",
        "seconds": 20.0,
        "served": 12.5,
        "gap": 3.25,
        "first_move": 2.0,
        "requests": 130,
        "bare_requests": 100,
        "bare_seconds": 5.0,
        "left": (0, 0),
    }
    return outage_costs.Row(**{**usual, **facts})


def test_after_a_lost_site_the_first_message_ends_the_gap_that_began_with_the_command():
    assert Served(12.0, 12.2, 12.4).gap(0.0, 13.0) == (12.0, 12.0)


def test_of_a_switchover_only_the_longest_pause_counts():
    length, ended = Served(0.2, 0.4, 5.4, 5.6).gap(0.0, 6.0)
    assert (round(length, 3), ended) == (5.0, 5.4)


def test_a_client_that_is_never_served_again_has_no_end_of_the_gap():
    assert Served(0.2).gap(0.0, 9.0) == (8.8, None)


def test_messages_before_the_command_and_after_its_end_do_not_count():
    assert Served(-5.0, 4.0, 11.0).gap(0.0, 6.0) == (4.0, 4.0)


def test_a_row_tells_how_many_times_the_requests_of_the_bare_program_it_took():
    cells = outage_costs.cells(row())
    assert "100 (1.3 x)" in cells
    assert "0 runspaces, 0 processes" in cells
    assert outage_costs.cells(row(served=None))[3] == "-"
