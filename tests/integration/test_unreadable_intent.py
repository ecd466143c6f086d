"""A record of an attempt that nobody can read stops everything, and says how it is cleared."""

from __future__ import annotations

import re

import pytest

from support.console import sql
from support.intents import BACKUP, declare, withdraw
from support.outage import ANSWERS, codes

#: Each record with each operation: tests/unit/domain/outage/test_unreadable_intent.py.
RECORDS = [
    ("ops is on it", "failover"),
    ('{"target": "failback"}', "failback"),
    ('["failover"]', "mirror_failover"),
]


@pytest.fixture(scope="module")
def unreadable(built_lab):
    """(lab, what each operation said where nobody could read the record, the last status)."""
    lab = built_lab
    said = {}
    for record, playbook in RECORDS:
        if said:
            withdraw(lab)
        declare(lab, record)
        said[playbook] = lab.play(playbook, *ANSWERS, "-e", "failover_mode=planned")
    status = lab.play("status", "-e", "status_fail_when=findings[?code=='intent_unreadable']")
    return lab, said, status


def statement_that_clears(run):
    """As a refusal tells it."""
    told = re.search(
        r"USE master; (EXEC sys\.sp_dropextendedproperty @name = N'[^']*';)",
        run.failures()[0]["result"]["msg"],
    )
    return told[1]


@pytest.mark.parametrize("playbook", [playbook for _record, playbook in RECORDS])
def test_a_record_that_nobody_can_read_stops_the_operation(unreadable, playbook):
    _lab, said, _status = unreadable
    assert codes(said[playbook]) == ["intent_unreadable"], said[playbook].output[-2000:]
    assert statement_that_clears(said[playbook])


def test_the_status_tells_of_it(unreadable):
    _lab, _said, status = unreadable
    assert status.rc == 2
    assert "intent_unreadable" in status.output


def test_the_statement_that_is_told_clears_it(unreadable):
    lab, said, _status = unreadable
    sql(lab, BACKUP, statement_that_clears(said["mirror_failover"]))
    assert lab.play("failover", *ANSWERS, "-e", "failover_mode=planned", "--check").rc == 0
