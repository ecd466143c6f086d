"""Invoke-Sqlcmd as it is reported to be: each of the SQL tools that a host may have, answers that
do not arrive, and what is made of them.

./run sqltools has all of the tools.
"""

from __future__ import annotations

import pytest

from dev.checks import sqltools
from support.outage import ANSWERS, announced, codes, covered, ledger

AGENT_STOPPED_FOR = "17m"


@pytest.fixture
def waiting(built_lab):
    """The backup instance's Agent stood still while the primary shipped on, and then the site was
    lost: eight messages, of which six are in a log backup on the share that nobody copied or
    applied.
    """
    built = built_lab
    built.chatlab("revert", "built")
    built.chatlab("clock", "advance", "20m")
    built.chatlab("fault", "add", "sql_agent", "host=sql-s1.contoso.example")
    built.chatlab("chat", "post", "6")
    built.chatlab("clock", "advance", AGENT_STOPPED_FOR)
    built.chatlab("chat", "post", "2")
    built.chatlab("fault", "add", "site", "site=north", "mode=down")
    return built


def writes(lab):
    return len(lab.chatlab("journal", "--writes"))


def lose(lab, pattern, what):
    return lab.chatlab(
        "fault",
        "add",
        "sql_batch",
        f"pattern={pattern}",
        f"loses={what}",
        "host=sql-s1.contoso.example",
    )["id"]


def test_what_is_on_the_share_is_applied_and_the_rest_announced(waiting):
    """The truth that the tests below are measured by."""
    run = waiting.play("failover", *ANSWERS)
    assert run.rc == 0, run.output[-3000:]
    found = ledger(waiting)
    assert set(found.lost) == covered(waiting, announced(run))
    assert (found.acknowledged, len(found.lost)) == (8, 2)


@pytest.mark.parametrize(
    "what",
    [
        "rows",
        pytest.param("answer", marks=pytest.mark.campaign),
        pytest.param("half", marks=pytest.mark.campaign),
        pytest.param("everything", marks=pytest.mark.campaign),
    ],
)
def test_a_log_whose_header_did_not_arrive_is_not_left_behind_as_useless(waiting, what):
    before = writes(waiting)
    lose(waiting, "RESTORE HEADERONLY", what)
    run = waiting.play("failover", *ANSWERS)
    found = ledger(waiting)
    if run.rc == 0:
        assert set(found.lost) == covered(waiting, announced(run))
        assert len(found.lost) == 2
    else:
        assert writes(waiting) == before
        assert codes(run) == ["chain_unreadable"]
        assert ".trn cannot be read" in " ".join(run.failures()[0]["result"]["msg"].split())


@pytest.mark.parametrize("what", ["everything", pytest.param("answer", marks=pytest.mark.campaign)])
def test_a_recovery_that_said_nothing_is_looked_at(waiting, what):
    """Whether it did nothing, or all of it: a green run means that the copy is in use."""
    fault = lose(waiting, "WITH RECOVERY", what)
    run = waiting.play("failover", *ANSWERS)
    copy = waiting.chatlab("state")["instances"]["sql-s1.contoso.example"]["databases"]["mgc"]
    if run.rc == 0:
        assert copy["serving"]
        assert set(ledger(waiting).lost) == covered(waiting, announced(run))
    else:
        assert "WITH RECOVERY" in run.output or "recover" in run.output
    waiting.chatlab("fault", "clear", fault)
    again = waiting.play("failover", *ANSWERS)
    assert again.rc == 0, again.output[-3000:]
    assert len(ledger(waiting).lost) == 2


@pytest.mark.campaign
@pytest.mark.parametrize("tools", [*sqltools.TOOLS, sqltools.TOGETHER])
def test_build_again_and_outage_on_each_of_the_tools(tools):
    with sqltools.on(tools) as lab:
        proof = sqltools.build_again_and_outage(lab)
    assert proof.again == 0
