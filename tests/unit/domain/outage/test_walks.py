"""A slice of the walks: fixed histories in which nothing may break, and for every safeguard one
that breaks when it is missing.

When the planner or the world changes, a history may no longer be the one that needs its safeguard;
others are found with

    ./run walks --ablate NAME --stop --from N
"""

from __future__ import annotations

import pytest

from model.ablations import ABLATIONS, switched_off
from model.walk import walk

#: Histories that break without the safeguard, and only then.
NEEDED = {
    "fence": (30, 231, 246, 280),
    "look": (1,),
    "intent": (8464,),
    "stamp and reach": (208, 239),
    "guards": (10997,),
    "unknown": (39, 44, 51, 75),
    "order": (26, 40, 45, 98),
    "fork": (650, 2809, 4617, 5911),
    "open": (70,),
    "stop and agreed": (2018,),
}
#: The same with dirt drawn in (./run walks --dirty).
NEEDED_IN_DIRT = {
    "history": (0, 1),
    "outlived": (107894,),
    "parted": (105970, 106434),
    "lineage": (300107, 313410),
    "mirror": (2574, 517571),
    "port": (88,),
    "read only": (99100007, 99100024),
    "roles": (96,),
}
#: Histories with dirt in which something once broke: a session that waits to be resumed on the way
#: home, a copy beyond the place where service was forced, an old copy online beside a stopped one,
#: a tail that is gone with the history of it, a coincidence of LSNs, a former mirror beside a
#: secondary whose history was cleaned, a secondary that was seeded again from before a failover,
#: service forced on a mirror whose partner had gone on without it, a log of another fork that
#: begins where the copy happens to stand, an empty one of a history that was left right there, one
#: that is not empty, a mirror beside a copy of which nobody tells what stopped it, a former mirror
#: on a history that nobody can place, a mirror that is the copy of the primary, a log
#: backup by which the loss was counted and that was not opened again once it was applied, one of
#: two tails that end at the same LSN, partners of the backup site that changed roles between a look
#: and the end of their session.
ONCE_BROKEN = (
    *(104493, 105970, 106434, 107894, 109941, 100000),
    *(100990, 102282, 111686, 116829, 117597, 121384, 122085),
    *(300107, 313410, 517571, 605637, 700266, 712936),
    *(933957, 934113, 943865, 948920, 967760, 975169),
    *(91040743, 92056536, 92066778, 97000337, 97009463),
)
#: Covered by another one, in whose walks nothing is lost without them: when the logs cannot be
#: applied as planned, the run ends, and when the next plan loses more, it is refused; what a
#: returned primary that was not silenced goes on writing is of another recovery fork; a backup of
#: another attempt to which the tail cannot be applied is not taken; while the list of active
#: servers is empty, nobody writes between a tail and the stop of its copy.
COVERED = {
    "agreed": "stop and agreed",
    "stop": "stop and agreed",
    "silence": "fork",
    "stamp": "stamp and reach",
    "tail": "fence",
}


@pytest.mark.parametrize("first", range(0, 600, 100))
def test_nothing_breaks(first):
    assert [
        (seed, found) for seed in range(first, first + 100) if (found := walk(seed).violation)
    ] == []


@pytest.mark.parametrize("name", NEEDED)
def test_a_missing_safeguard_is_noticed(name):
    assert [seed for seed in NEEDED[name] if walk(seed).violation] == []
    assert any(walk(seed, name).violation for seed in NEEDED[name])


@pytest.mark.parametrize("first", range(0, 300, 100))
def test_nothing_breaks_where_history_vanishes(first):
    assert [
        (seed, found)
        for seed in range(first, first + 100)
        if (found := walk(seed, dirty=True).violation)
    ] == []


@pytest.mark.parametrize("seed", ONCE_BROKEN)
def test_what_once_broke_holds(seed):
    assert walk(seed, dirty=True).violation == ""


@pytest.mark.parametrize("name", NEEDED_IN_DIRT)
def test_a_safeguard_against_dirt_is_noticed(name):
    assert [seed for seed in NEEDED_IN_DIRT[name] if walk(seed, dirty=True).violation] == []
    assert any(walk(seed, name, dirty=True).violation for seed in NEEDED_IN_DIRT[name])


@pytest.mark.parametrize("name", COVERED)
def test_either_of_two_safeguards_is_enough(name):
    assert {walk(seed, name).violation for seed in NEEDED[COVERED[name]]} == {""}


def test_every_safeguard_is_switched_off_once():
    assert {*NEEDED, *NEEDED_IN_DIRT, *COVERED} == set(ABLATIONS)


def test_a_walk_is_the_same_every_time():
    first, again = walk(11), walk(11)
    assert first.trace == again.trace
    assert first.moves > 0


def test_what_was_switched_off_is_on_again():
    before = walk(39).trace
    with switched_off("stamp"):
        pass
    assert walk(39).trace == before


def test_the_walks_do_what_they_are_for():
    """Otherwise nothing could break: there are failovers, failbacks, losses that were announced,
    and runs that died.
    """
    results = [walk(seed) for seed in range(60)]
    runs = sum((r.runs for r in results[1:]), results[0].runs)
    assert runs["failover done"] > 60
    assert runs["failback done"] > 60
    assert runs["mirror_failover done"] > 3
    assert runs["failover crashed"] > 3
    assert sum(len(r.losses) for r in results) > 5
    assert all(r.home and r.home[-1] == "failback" for r in results)
