"""The one loop: read, plan, apply, settle, report."""

from __future__ import annotations

import pytest

from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.engine import converge
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.errors import (
    CmdletFailed,
    Moved,
    PChatError,
    Refused,
    SqlFailed,
    TimedOut,
    Unproven,
    Unreachable,
)
from ansible_collections.lync.persistent_chat.plugins.plugin_utils._engine.model import (
    LATER,
    Cmdlet,
    Resource,
    Settle,
    Sql,
    Step,
    agrees,
)


class Host:
    """A host with a lamp and a heater; `Set-Thing` changes them, `Set-Heater` takes a few reads to
    show.
    """

    def __init__(self, **state):
        self.state = {"lamp": "off", "heat": "cold", **state}
        self.sent, self.reads, self.pending, self.broken = [], 0, [], ()

    def read(self, *calls):
        self.reads += 1
        if self.pending and self.pending[0] <= self.reads:
            self.pending.pop(0)
            self.state["heat"] = "warm"
        return [[dict(self.state)]]

    def run(self, call):
        self.sent.append(call.name)
        if call.name in self.broken:
            raise CmdletFailed(f"{call.name} failed: no current")
        if call.name == "Set-Heater":
            self.pending.append(self.reads + 3)
        else:
            self.state["lamp"] = call.params["To"]
        return []


class Room(Resource):
    scope = "host/room"

    def __init__(self, lamp="on", heat="cold", settle=None, awaits=()):
        self.lamp, self.heat, self.settle, self.awaits = lamp, heat, settle, awaits

    def read(self, session):
        return session.read(Cmdlet("Get-Thing"))[0][0]

    def plan(self, current):
        if current["lamp"] == "burnt":
            raise Refused("the lamp is burnt; replace it first")
        steps = []
        if current["lamp"] != self.lamp:
            steps.append(
                Step(
                    "switch_lamp",
                    "it should shine",
                    {"lamp": self.lamp},
                    (Cmdlet("Set-Thing", {"To": self.lamp}),),
                )
            )
        if current["heat"] != self.heat:
            steps.append(
                Step(
                    "heat_room",
                    "it is cold",
                    {"heat": self.heat},
                    (Cmdlet("Set-Heater"),),
                    settles=self.settle,
                    awaits=self.awaits,
                    also={"Host/House": {"power": "used"}},
                )
            )
        return steps


class Seconds:
    """A clock that runs when somebody sleeps."""

    def __init__(self):
        self.passed = 0.0

    def now(self):
        return self.passed

    def sleep(self, seconds):
        self.passed += seconds


WARM = Settle("the room is warm", lambda s: s["heat"] == "warm", timeout=60)


def test_nothing_to_do_sends_nothing():
    host = Host(lamp="on")
    outcome = converge(Room(), host, check_mode=False)
    assert (outcome.steps, host.sent, outcome.before) == ((), [], outcome.after)


def test_a_step_is_sent_and_the_state_read_again():
    host = Host()
    outcome = converge(Room(), host, check_mode=False)
    assert host.sent == ["Set-Thing"]
    assert (outcome.before["lamp"], outcome.after["lamp"]) == ("off", "on")


def test_check_mode_sends_nothing_and_predicts_what_then_happens():
    predicted = converge(Room(heat="warm", settle=WARM), Host(), check_mode=True)
    host = Host()
    real = converge(Room(heat="warm", settle=WARM), host, check_mode=False, clock=Seconds())
    assert agrees(predicted.after, real.after)
    assert (
        [s.name for s in predicted.steps]
        == [s.name for s in real.steps]
        == ["switch_lamp", "heat_room"]
    )


def test_check_mode_plans_on_what_earlier_tasks_predicted():
    first = converge(Room(), Host(), check_mode=True)
    second = converge(Room(), Host(), check_mode=True, known=first.predictions)
    assert second.steps == ()
    assert second.assumed == ("lamp",)
    assert second.before["lamp"] == "on"


def test_a_real_run_never_plans_on_predictions():
    outcome = converge(Room(), Host(), check_mode=False, known={"host/room": {"lamp": "on"}})
    assert [s.name for s in outcome.steps] == ["switch_lamp"]


def test_predictions_reach_other_scopes_in_lower_case():
    outcome = converge(Room(heat="warm"), Host(), check_mode=True)
    assert outcome.predictions["host/house"] == {"power": "used"}


def test_refusals_come_in_check_mode_too():
    for check_mode in (True, False):
        with pytest.raises(Refused, match="burnt"):
            converge(Room(), Host(lamp="burnt"), check_mode=check_mode)


def test_a_failure_tells_done_failed_and_pending():
    host = Host()
    host.broken = ("Set-Heater",)
    with pytest.raises(CmdletFailed) as caught:
        converge(Room(heat="warm"), host, check_mode=False)
    assert caught.value.details["done"] == ["switch_lamp"]
    assert caught.value.details["failed_step"] == "heat_room"
    assert caught.value.details["pending"] == ["heat_room"]
    assert caught.value.details["before"]["lamp"] == "off"


def test_a_step_is_waited_for():
    clock = Seconds()
    outcome = converge(Room(heat="warm", settle=WARM), Host(), check_mode=False, clock=clock)
    assert outcome.after["heat"] == "warm"
    assert 0 < clock.passed < 60


def test_waiting_ends_with_the_last_state():
    never = Settle("the room is hot", lambda s: s["heat"] == "hot", timeout=5)
    with pytest.raises(TimedOut, match="did not come true within 5 s") as caught:
        converge(Room(heat="warm", settle=never), Host(), check_mode=False, clock=Seconds())
    assert caught.value.details["state"]["lamp"] == "on"
    assert caught.value.details["failed_step"] == "heat_room"


def test_waiting_stops_early_when_it_is_pointless():
    clock = Seconds()
    hopeless = Settle(
        "the room is warm", lambda s: False, timeout=600, fails=lambda s: "the heater is gone"
    )
    with pytest.raises(TimedOut, match="the heater is gone"):
        converge(Room(heat="warm", settle=hopeless), Host(), check_mode=False, clock=clock)
    assert clock.passed < 5


def test_what_a_step_awaits_is_waited_for_before_it_is_sent():
    host = Host(lamp="broken")
    shining = Settle("the lamp shines", lambda s: s["lamp"] == "on", timeout=5)
    converge(
        Room(heat="warm", settle=WARM, awaits=(shining,)), host, check_mode=False, clock=Seconds()
    )
    assert host.sent == ["Set-Thing", "Set-Heater"]
    dark = Host()
    dim = Settle("the lamp is dim", lambda s: s["lamp"] == "dim", timeout=5)
    with pytest.raises(
        TimedOut, match=r"heat_room was not sent: the lamp is dim did not come true within 5 s"
    ) as caught:
        converge(
            Room(heat="warm", settle=WARM, awaits=(shining, dim)),
            dark,
            check_mode=False,
            clock=Seconds(),
        )
    assert dark.sent == ["Set-Thing"]
    assert caught.value.details["pending"] == ["heat_room"]


class Unsure(Host):
    """A host whose answers to writes get lost, or come as errors; ``acts``: whether it did what it
    was asked.
    """

    def __init__(self, error, acts, **state):
        super().__init__(**state)
        self.error, self.acts, self.blind = error, acts, False

    def read(self, *calls):
        if self.blind and self.sent:
            raise Unreachable("it does not answer in time")
        return super().read(*calls)

    def run(self, call):
        if self.acts:
            super().run(call)
        else:
            self.sent.append(call.name)
        raise self.error


LOST = [Unproven("no end came"), SqlFailed("error 3013"), Moved("the world moved")]


@pytest.mark.parametrize("error", LOST, ids=lambda e: e.code)
def test_a_write_without_proof_is_looked_at_and_counts_when_the_state_is_as_predicted(error):
    told = []
    outcome = converge(Room(), Unsure(error, acts=True), check_mode=False, tell=told.append)
    assert [s.name for s in outcome.steps] == ["switch_lamp"]
    assert outcome.after["lamp"] == "on"
    assert told == [
        "switch_lamp counts as done, because the state is what it was to become. The call itself"
        f" said: {error}"
    ]


@pytest.mark.parametrize("error", LOST, ids=lambda e: e.code)
def test_a_write_without_proof_that_did_nothing_fails_with_what_was_seen(error):
    with pytest.raises(type(error)) as caught:
        converge(Room(), Unsure(error, acts=False), check_mode=False)
    assert caught.value is error
    assert caught.value.details["seen"]["lamp"] == "off"
    assert caught.value.details["pending"] == ["switch_lamp"]


def test_a_look_that_fails_itself_proves_nothing():
    host = Unsure(Unproven("no end came"), acts=True)
    host.blind = True
    with pytest.raises(Unproven) as caught:
        converge(Room(), host, check_mode=False)
    assert caught.value.details["seen"] is None
    assert caught.value.details["unseen_because"] == "it does not answer in time"


def test_a_failed_cmdlet_and_a_lost_connection_are_not_looked_at_again():
    for error in (CmdletFailed("no current"), Unreachable("it does not answer in time")):
        host = Unsure(error, acts=True)
        with pytest.raises(PChatError) as caught:
            converge(Room(), host, check_mode=False)
        assert caught.value is error
        assert host.reads == 1
        assert "seen" not in caught.value.details


def test_what_was_so_before_or_will_only_be_known_later_proves_nothing():
    class Vague(Room):
        def plan(self, current):
            return [
                Step(
                    "switch_lamp",
                    "again",
                    {"lamp": "on", "heat": LATER},
                    (Cmdlet("Set-Thing", {"To": "on"}),),
                )
            ]

    with pytest.raises(Unproven):
        converge(Vague(), Unsure(Unproven("no end came"), acts=True, lamp="on"), check_mode=False)


def test_one_prediction_that_did_not_come_true_is_enough_to_fail():
    class Twofold(Room):
        def plan(self, current):
            return [
                Step(
                    "switch_both",
                    "both",
                    {"lamp": "on", "heat": "warm"},
                    (Cmdlet("Set-Thing", {"To": "on"}),),
                )
            ]

    with pytest.raises(Unproven) as caught:
        converge(Twofold(), Unsure(Unproven("no end came"), acts=True), check_mode=False)
    assert caught.value.details["seen"] == {"lamp": "on", "heat": "cold"}


def test_a_door_that_somebody_passed_is_not_counted_as_ours():
    class Door(Room):
        def plan(self, current):
            return [
                Step(
                    "break_lamp",
                    "no way back",
                    {"lamp": "on"},
                    (Cmdlet("Set-Thing", {"To": "on"}),),
                    one_way=True,
                )
            ]

    with pytest.raises(Moved):
        converge(Door(), Unsure(Moved("another attempt"), acts=True), check_mode=False)
    assert (
        converge(Door(), Unsure(Unproven("no end came"), acts=True), check_mode=False).after["lamp"]
        == "on"
    )


def test_what_has_begun_without_proof_is_waited_for():
    class Slow(Room):
        def plan(self, current):
            return [
                Step(
                    "heat_room",
                    "cold",
                    {"lamp": "on", "heat": "warm"},
                    (Cmdlet("Set-Thing", {"To": "on"}),),
                    settles=WARM,
                )
            ]

    host = Unsure(Unproven("no end came"), acts=True)
    host.pending = [4]
    clock = Seconds()
    assert converge(Slow(), host, check_mode=False, clock=clock).after == {
        "lamp": "on",
        "heat": "warm",
    }
    assert clock.passed > 0
    idle = Unsure(Unproven("no end came"), acts=False)
    clock = Seconds()
    with pytest.raises(Unproven):
        converge(Slow(), idle, check_mode=False, clock=clock)
    assert clock.passed == 0


def test_the_steps_after_one_that_counts_as_done_are_taken():
    host = Unsure(Unproven("no end came"), acts=True)
    run = host.run

    def only_the_lamp_is_lost(call):
        if call.name == "Set-Heater":
            return Host.run(host, call)
        return run(call)

    host.run = only_the_lamp_is_lost
    outcome = converge(Room(heat="warm", settle=WARM), host, check_mode=False, clock=Seconds())
    assert host.sent == ["Set-Thing", "Set-Heater"]
    assert outcome.after["heat"] == "warm"


def test_calls_print_as_an_administrator_would_type_them():
    call = Cmdlet(
        "Set-CsThing",
        {
            "Identity": "it's",
            "Force": True,
            "Confirm": False,
            "List": ["a", "b"],
            "None": None,
            "Password": "x",
        },
        secret=frozenset({"Password"}),
    )
    assert (
        str(call)
        == "Set-CsThing -Identity 'it''s' -Force -Confirm:$false -List 'a', 'b' -None $null"
        " -Password '***'"
    )
    assert str(Sql("SELECT 1", "msdb")) == "USE [msdb]; SELECT 1; SELECT @@ERROR AS pchat_end;"


def test_later_agrees_with_anything_and_nothing_else_does():
    assert agrees({"a": [LATER, 1]}, {"a": ["x", 1]})
    assert not agrees({"a": 1}, {"a": 2})
    assert not agrees({"a": 1}, {"a": 1, "b": 2})


class Forgetful(Unsure):
    """Its answers to the first writes are lost."""

    def __init__(self, lost):
        super().__init__(Unproven("no end came"), acts=True)
        self.lost = lost
        self.sent = 0

    def run(self, call):
        self.sent += 1
        if self.sent <= self.lost:
            raise self.error
        return []


class Quiet(Room):
    """What its step leaves shows nowhere."""

    repeatable = True

    def plan(self, current):
        calls = (Cmdlet("Set-Thing", {"To": "on"}),)
        return [Step("note_it", "quietly", {}, calls, repeatable=self.repeatable)]


def test_a_step_that_shows_nowhere_is_sent_again_when_that_does_no_harm():
    told = []
    host = Forgetful(lost=1)
    converge(Quiet(), host, check_mode=False, tell=told.append)
    assert host.sent == 2
    assert told == ["note_it is sent again: no proof of it came, and it does no harm twice"]


@pytest.mark.parametrize(("repeatable", "sent"), [(True, 2), (False, 1)])
def test_it_is_sent_again_once_and_any_other_step_never(repeatable, sent):
    host = Forgetful(lost=9)
    resource = Quiet()
    resource.repeatable = repeatable
    with pytest.raises(Unproven):
        converge(resource, host, check_mode=False)
    assert host.sent == sent
