"""A job of log shipping that somebody deleted: told by status, made anew by site.yml."""

from __future__ import annotations

import pytest

from support.console import sql
from support.outage import ANSWERS, told_by_status

ALL = (
    ("sql-n1", "LSBackup_mgc"),
    ("sql-s1", "LSCopy_SQL-N1_mgc"),
    ("sql-s1", "LSRestore_SQL-N1_mgc"),
)


def delete(lab, host, job):
    sql(lab, host, f"EXEC msdb.dbo.sp_delete_job @job_name = N'{job}'")


def situation(lab):
    document = told_by_status(lab.play("status", *ANSWERS))
    return document["situation"]["name"], {finding["code"] for finding in document["findings"]}


@pytest.mark.parametrize(
    "jobs",
    [
        ALL,
        pytest.param(ALL[:1], marks=pytest.mark.campaign),
        pytest.param(ALL[1:2], marks=pytest.mark.campaign),
        pytest.param(ALL[2:], marks=pytest.mark.campaign),
        pytest.param((("sql-n1", "LSBackup_mgccomp"),), marks=pytest.mark.campaign),
    ],
    ids=["all", "backup", "copy", "restore", "compliance"],
)
def test_what_is_not_shipped_is_not_healthy_and_is_shipped_again_by_a_build(built_lab, jobs):
    lab = built_lab
    lab.chatlab("revert", "built")
    for host, job in jobs:
        delete(lab, host, job)
    if jobs[0][1] != "LSBackup_mgccomp":
        name, codes = situation(lab)
        assert name == "Unlinked"
        assert "job_missing" in codes
    run = lab.play("site")
    assert run.rc == 0, run.output[-3000:]
    lab.chatlab("chat", "post", "2")
    lab.chatlab("clock", "advance", "50m")
    assert situation(lab)[0] == "Healthy"
    held = lab.chatlab("chat", "verify")["pools"]["chat.contoso.example"]["copies"]
    assert held["sql-s1.contoso.example"]["missing"] == 0
