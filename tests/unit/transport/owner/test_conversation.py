"""What becomes of runspaces that tasks use one after the other, at the same time, or half."""

from __future__ import annotations

import dataclasses
import threading

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import Unreachable
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.line import (
    Came,
    Lease,
    Limits,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.owner import holding
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.owner import (
    line as owned,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._transport.winrm_endpoint import (  # noqa: E501
    impatient,
)

from .conftest import ENDPOINT, errand


def test_one_task_after_the_other_uses_the_same_runspace(owner, host):
    for taken_up in (False, True, True):
        line = owner.line()
        assert line.send(errand()).ended == "r1"
        assert line.taken_up is taken_up
        line.leave()
    assert host.did == ["r1 Get-X"] * 3


def test_tasks_at_the_same_time_have_one_each_and_one_of_them_waits(owner, host):
    first, second = owner.line(), owner.line()
    assert [first.send(errand()).ended, second.send(errand()).ended] == ["r1", "r2"]
    first.leave()
    second.leave()
    assert host.did == ["r1 Get-X", "r2 Get-X", "r2 deleted"]
    assert owner.line().send(errand()).ended == "r1"


def test_another_account_has_a_runspace_of_its_own(owner):
    line = owner.line()
    line.send(errand())
    line.leave()
    other = dataclasses.replace(ENDPOINT, wsman={**ENDPOINT.wsman, "password": "other"})
    assert owner.line(lease=Lease(other)).send(errand()).ended == "r2"


def test_a_look_in_a_hurry_uses_the_runspace_that_waits(owner, host):
    line = owner.line()
    line.send(errand())
    line.leave()
    lease = Lease(impatient(ENDPOINT, 5), Limits(whole=75.0))
    assert owner.line(lease=lease).send(errand()).ended == "r1"
    assert host.runspaces[0].lease.endpoint.wsman["read_timeout"] == 10
    assert host.runspaces[0].lease.limits.whole == 75.0


def waits(owner):
    line = owner.line()
    line.send(errand())
    line.leave()


def test_a_read_that_finds_its_runspace_lost_is_sent_through_a_fresh_one(owner, host):
    waits(owner)
    host.lost = {"r1"}
    line = owner.line()
    assert line.send(errand()).ended == "r2"
    assert line.taken_up is False


def test_a_write_is_sent_when_a_trial_came_back(owner, host):
    waits(owner)
    host.lost = {"r1"}
    line = owner.line()
    assert line.send(errand("Set-X", changes=True)).ended == "r2"
    line.leave()
    second = owner.line()
    second.send(errand("Set-X", changes=True))
    assert host.did == [
        "r1 Get-X",
        "r1 forgotten",
        "r2 Write-Output pchat",
        "r2 Set-X",
        "r2 Write-Output pchat",
        "r2 Set-X",
    ]


def test_a_runspace_that_is_lost_after_it_has_answered_is_the_session_s_matter(owner, host):
    line = owner.line()
    line.send(errand())
    host.lost = {"r1"}
    for changes in (False, True):
        with pytest.raises(Unreachable, match="no such shell"):
            line.send(errand(changes=changes))
    line.forget()
    assert line.send(errand()).ended == "r2"


def test_silence_is_waited_for_once(owner, host):
    waits(owner)
    host.silent = {"r1"}
    with pytest.raises(Unreachable) as caught:
        owner.line().send(errand())
    assert caught.value.details["attempted_open"] is True
    assert [runspace.id for runspace in host.runspaces] == ["r1"]


def test_what_is_done_is_told_to_the_one_who_asked(owner):
    said = []
    owner.line(lease=Lease(ENDPOINT, log=said.append)).send(errand())
    assert said == ["r1 carried out Get-X"]


def test_a_runspace_of_which_nobody_knows_is_never_used_again(owner, host):
    line = owner.line()
    line.send(errand())
    line.abandon()
    owner.settled()
    assert host.did == ["r1 Get-X", "r1 abandoned"]
    assert owner.line().send(errand()).ended == "r2"


@pytest.mark.parametrize("whole_run", [False, True])
def test_a_worker_that_goes_in_the_middle_of_a_call_leaves_nothing_running(owner, host, whole_run):
    line = owner.line(Instead)
    asking = threading.Thread(target=_until_it_is_cut, args=(line,), daemon=True)
    asking.start()
    assert host.works.wait(10)
    if whole_run:
        owner.ending.set()
    else:
        line._connection.send("a worker that ended says nothing; this stands for its end")
    owner.settled()
    asking.join(10)
    host.ends.set()
    assert host.did == ["r1 Wait-X", "r1 abandoned"]


def _until_it_is_cut(line):
    with pytest.raises(Unreachable):
        line.send(errand("Wait-X", changes=True))


class Instead:
    """A line without an owner."""

    taken_up = False

    def __init__(self):
        self.sent = []

    def send(self, sent):
        self.sent.append(sent.call)
        return Came((), "instead")

    def leave(self):
        self.sent.append("left")


def test_a_call_that_was_under_way_when_the_owner_ended_is_unknown_and_is_not_sent_again(
    owner, host
):
    instead = Instead()
    line = owner.line(lambda: instead)
    line.send(errand())
    owner.ends_without_a_word()
    with pytest.raises(Unreachable, match=r"Set-X was under way on http://h:1/wsman, so nobody"):
        line.send(errand("Set-X", changes=True))
    assert instead.sent == []
    line.send(errand())
    line.leave()
    assert instead.sent == ["Get-X", "left"]


def test_an_owner_that_ended_before_anything_was_asked_is_done_without(owner):
    instead = Instead()
    connection = owner.connected()
    owner.ends_without_a_word()
    line = owned.OwnedLine(connection, Lease(ENDPOINT), lambda: instead)
    assert line.send(errand("Set-X", changes=True)).ended == "instead"


def test_a_worker_that_outlives_its_run_opens_no_runspace_of_its_own(owner, monkeypatch):
    instead = Instead()
    line = owner.line(lambda: instead)
    line.send(errand())
    monkeypatch.setattr(owned, "is_run_over", lambda: True)
    owner.ending.set()
    owner.settled()
    for _again in range(2):
        with pytest.raises(Unreachable, match="ansible-playbook has ended") as caught:
            line.send(errand())
        assert caught.value.details["attempted_open"] is True
    line.abandon()
    assert instead.sent == []


def test_runspaces_are_deleted_when_a_playbook_ends(owner, host):
    waits(owner)
    assert owned.closed(owner.connected(), Lease(ENDPOINT)) is True
    assert owned.closed(owner.connected(), Lease(ENDPOINT)) is False
    assert host.did[-1] == "r1 deleted"


@pytest.mark.parametrize(
    ("seconds", "expected"), [(10, "r1 Get-X"), (60, "r1 logged on again"), (200, "r1 forgotten")]
)
def test_what_waited_long_is_not_trusted(owner, host, monkeypatch, seconds, expected):
    waits(owner)
    now = holding.time.monotonic()
    clock = type("Clock", (), {"monotonic": staticmethod(lambda: now + seconds)})
    monkeypatch.setattr(holding, "time", clock)
    line = owner.line()
    line.send(errand())
    assert expected in host.did[1:]
    assert len(host.runspaces) == (2 if seconds > 180 else 1)


def test_what_its_host_has_deleted_is_held_no_longer(owner, host, monkeypatch):
    waits(owner)
    now = holding.time.monotonic()
    clock = type("Clock", (), {"monotonic": staticmethod(lambda: now + 200)})
    monkeypatch.setattr(holding, "time", clock)
    owner.holding.forget_old()
    assert host.did[-1] == "r1 forgotten"
    assert owner.holding.take_all() == []


def prepare(owner, name="Get-X"):
    """Begun, as a worker does it, which then goes on with something else."""
    connection = owner.connected()
    assert owned.prepared(connection, Lease(ENDPOINT), errand(name)) is True
    connection.close()


def test_a_runspace_is_prepared_while_nobody_waits(owner, host):
    prepare(owner)
    owner.settled()
    line = owner.line()
    assert line.send(errand("Get-Y")).ended == "r1"
    assert line.taken_up is True
    assert host.did == ["r1 Get-X", "r1 Get-Y"]


def test_a_task_waits_for_the_runspace_that_is_being_prepared(owner, host):
    prepare(owner, "Wait-X")
    assert host.works.wait(10)
    came = []
    line = owner.line()
    asking = threading.Thread(target=lambda: came.append(line.send(errand())), daemon=True)
    asking.start()
    asking.join(0.2)
    assert came == []
    host.ends.set()
    asking.join(10)
    assert [one.ended for one in came] == ["r1"]


def test_one_that_waits_already_is_not_prepared_again(owner, host):
    waits(owner)
    prepare(owner)
    owner.settled()
    assert host.did == ["r1 Get-X"]


def test_a_host_that_cannot_be_opened_is_not_asked_a_second_time(owner, host):
    host.refuses.set()
    prepare(owner)
    with pytest.raises(Unreachable, match="nobody is there"):
        owner.line().send(errand())
    owner.settled_first()
    assert len(host.runspaces) == 1
    host.refuses.clear()
    assert owner.line().send(errand()).ended == "r2"


def test_a_call_that_fails_while_a_runspace_is_prepared_is_the_next_task_s_matter(owner, host):
    host.lost = {"r1"}
    prepare(owner)
    owner.settled()
    assert host.did == ["r1 abandoned"]
    assert owner.line().send(errand()).ended == "r2"


def test_what_is_being_prepared_when_the_run_ends_is_deleted(owner, host):
    prepare(owner, "Wait-X")
    assert host.works.wait(10)
    owner.ending.set()
    owner.settled()
    assert host.did == ["r1 Wait-X", "r1 abandoned"]
