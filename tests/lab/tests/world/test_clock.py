"""The lab's clock: what is due on the way happens in order, and a month is soon over."""

from __future__ import annotations

import datetime as dt
import time

from pchat_lab.sqlserver.backups import history
from pchat_lab.sqlserver.log_shipping import jobs as log_shipping
from pchat_lab.world.clock import EPOCH, Clock
from pchat_lab.world.world import World


def test_timers_act_in_the_order_of_their_times_at_their_times():
    clock = Clock(running=False)
    seen: list[tuple[str, float]] = []

    def tick(name: str, every: float) -> None:
        seen.append((name, (clock.now() - EPOCH).total_seconds()))
        clock.after(every, lambda: tick(name, every))

    clock.after(3, lambda: tick("slow", 3))
    clock.after(2, lambda: tick("fast", 2))
    clock.advance(7)
    assert seen == [("fast", 2), ("slow", 3), ("fast", 4), ("slow", 6), ("fast", 6)]
    assert clock.now() == EPOCH + dt.timedelta(seconds=7)


def test_a_month_of_heartbeats_is_soon_over(estate: World) -> None:
    """Measured as work of this process alone, since other work may run beside it."""
    beats = []

    def beat() -> None:
        beats.append(estate.clock.now())
        estate.clock.after(10, beat)

    beat()
    started = time.process_time()
    estate.clock.advance(30 * 86400)
    assert len(beats) == 30 * 8640 + 1
    assert beats == sorted(beats)
    assert time.process_time() - started < 20


def test_history_that_was_never_written_is_not_searched(estate: World) -> None:
    """What a log backup costs does not grow with the thousands that were taken before it."""
    instance = next(iter(estate.machine("sql-n1").instances.values()))
    assert history._is_new(instance, "sets", "a")
    assert not history._is_new(instance, "sets", "a")
    assert history._is_new(instance, "media", "a")


def test_the_stamp_of_a_file_is_a_time_or_nothing() -> None:
    assert log_shipping.stamp("mgc_20150630080000.trn") == dt.datetime(2015, 6, 30, 8)
    assert [
        log_shipping.stamp(name)
        for name in (
            "mgc_20150631080000.trn",
            "mgc_20150630250000.trn",
            "mgc.trn",
            "mgc_2015063008000\u0660.trn",
        )
    ] == [None] * 4
