"""Nights are judged by what was acknowledged and printed: each fault of a run is seen."""

from __future__ import annotations

import pytest

from nights.night import Night
from support.labs import Run

POOL = "chat.contoso.example"
NOTHING = {"minutes": 0, "lsn": None}


class Lab:
    """What a run leaves: these messages are lost, all of them written to the primary pair."""

    def __init__(self, lost, *, loss=None, output=""):
        self._lost = []
        self._to_be_lost = lost
        self._loss = loss
        self._output = output

    def chatlab(self, *asked):
        if asked == ("chat", "verify"):
            pools = {POOL: {"lost": self._lost}}
            counts = {"acknowledged": 9, "present": 9 - len(self._lost), "refused": 0}
            return {**counts, "impossible": False, "pools": pools}
        if asked[:2] == ("chat", "list"):
            instance = "sql-n1.contoso.example"
            return [{"number": n, "lsn": str(n), "instance": instance} for n in range(1, 10)]
        return {}

    def play(self, *_asked, **_how):
        self._lost = self._to_be_lost
        plan = {"action": "lync.persistent_chat.dr_plan", "status": "ok", "result": {}}
        if self._loss is not None:
            plan["result"] = {"loss": self._loss}
        return Run(0, self._output, [plan])

    def add_fault(self, *_fault):
        return "1"


def problems(lab, *fault):
    night = Night(lab, 1)
    if fault:
        night.scene.break_(*fault)
    night._play("failover", ())
    return night.problems


DOWN = ("site", "site=north", "mode=down")


def test_what_was_announced_may_be_lost():
    assert problems(Lab([7, 8], loss={"minutes": 3, "lsn": "7"}), *DOWN) == []
    assert problems(Lab([]), *DOWN) == []


@pytest.mark.parametrize("loss", [None, NOTHING, {"minutes": 3, "lsn": "8"}])
def test_what_was_not_announced_may_not(loss):
    (problem,) = problems(Lab([7, 8], loss=loss), *DOWN)
    assert "lost [7" in problem
    assert "not announced" in problem


def test_nothing_may_be_lost_of_an_estate_that_is_whole():
    (problem,) = problems(Lab([7], loss={"minutes": 3, "lsn": "7"}))
    assert "whole" in problem


def test_what_others_had_lost_before_is_not_the_loss_of_a_run():
    lab = Lab([7])
    lab.play()
    assert problems(lab) == []


def test_a_message_is_lost_once():
    night = Night(Lab([7], loss=None), 1)
    night._play("failover", ())
    found = len(night.problems)
    night._play("status", ())
    assert len(night.problems) == found


@pytest.mark.parametrize("raw", ["Traceback (most recent", "KeyError: 'x'", "'y' is undefined"])
def test_a_fault_of_ours_may_not_be_an_answer(raw):
    (problem,) = problems(Lab([], output=f"fatal: {raw}"))
    assert raw.split()[0].rstrip(":") in problem or "undefined" in problem
