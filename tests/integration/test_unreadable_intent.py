"""A record of an attempt that nobody can read stops everything, and says how it is cleared."""

from __future__ import annotations

import re

import pytest

from support.console import sql
from support.intents import BACKUP, declare
from support.outage import ANSWERS, codes


@pytest.mark.parametrize(
    ("record", "playbooks"),
    [
        ("ops is on it", ["failover"]),
        ('{"target": "failback"}', ["failback"]),
        ('["failover"]', ["mirror_failover"]),
    ],
)
def test_a_record_that_nobody_can_read_is_told_with_the_statement_that_clears_it(
    built_lab, record, playbooks
):
    """Each record with each operation: tests/unit/domain/outage/test_unreadable_intent.py."""
    lab = built_lab
    declare(lab, record)
    for playbook in playbooks:
        run = lab.play(playbook, *ANSWERS, "-e", "failover_mode=planned")
        assert codes(run) == ["intent_unreadable"], run.output[-2000:]
    status = lab.play("status", "-e", "status_fail_when=findings[?code=='intent_unreadable']")
    assert status.rc == 2
    assert "intent_unreadable" in status.output
    statement = re.search(
        r"USE master; (EXEC sys\.sp_dropextendedproperty @name = N'[^']*';)",
        run.failures()[0]["result"]["msg"],
    )
    sql(lab, BACKUP, statement[1])
    assert lab.play("failover", *ANSWERS, "-e", "failover_mode=planned", "--check").rc == 0
