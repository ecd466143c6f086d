"""Chat servers whose clocks are apart from those of SQL Server: whether one has seen the mirror is
a matter of what came first, whatever its clock says.
"""

from __future__ import annotations

import pytest

from support.console import sql
from support.outage import ANSWERS

BEHIND, AHEAD = "chat-n1", "chat-n2"
MIRROR = "sql-n2"


def restarted(run):
    """The servers that a run restarted, by their short names."""
    return {
        host.partition(".")[0] for _task, host, step, _calls in run.steps() if "restart" in step
    }


@pytest.fixture(scope="module")
def apart(bare_lab):
    """A lab that was built while the clocks of two chat servers were half an hour off."""
    faults = [
        bare_lab.add_fault("clock", f"host={BEHIND}", "skew_seconds=-1800"),
        bare_lab.add_fault("clock", f"host={AHEAD}", "skew_seconds=1800"),
    ]
    built = bare_lab.play("site")
    assert built.rc == 0, built.output[-3000:]
    yield bare_lab
    for fault in faults:
        bare_lab.chatlab("fault", "clear", fault)


def settles(lab):
    """A run that restarts nothing, or only what began within the seconds of which nobody knows;
    the run behind it does nothing.
    """
    again = lab.play("site")
    assert again.rc == 0, again.output[-3000:]
    assert restarted(again) <= {BEHIND, AHEAD}
    assert lab.play("site").steps() == []


def test_a_server_whose_clock_is_behind_is_not_restarted_by_every_run(apart):
    settles(apart)


def test_a_server_whose_clock_is_ahead_is_restarted_after_its_mirror_was_made(apart):
    sql(apart, MIRROR, "ALTER DATABASE [mgc] SET PARTNER OFF; DROP DATABASE [mgc];")
    mended = apart.play("site")
    assert mended.rc == 0, mended.output[-3000:]
    assert {BEHIND, AHEAD, "chat-s1", "chat-s2"} <= restarted(mended)
    settles(apart)


@pytest.mark.campaign
def test_the_same_holds_for_what_an_outage_leaves(apart):
    """The copy of the primary site is mirrored anew on the way home."""
    for playbook in ("failover", "failback"):
        run = apart.play(playbook, *ANSWERS, "-e", "failover_mode=planned")
        assert run.rc == 0, run.output[-3000:]
    assert {BEHIND, AHEAD} <= restarted(run)
    assert apart.play("failback", *ANSWERS).changed == 0
